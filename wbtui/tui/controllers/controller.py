"""What controllers may ask of the screen without knowing it, and which part of it has the keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from textual.app import App
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from wbtui.desktop.clipboard import Clipboard
from wbtui.domain.clock import Clock
from wbtui.domain.setup import Accounts
from wbtui.domain.snapshot import Alert
from wbtui.tui.controllers.requests import Intents
from wbtui.tui.details_pane import DetailsPane
from wbtui.tui.status_table import StatusTable
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.terminal_window import TerminalWindow
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.view_model import ViewModel


class Panes:
    """Moves the focus between the parts that can have it, and tells when no question is open."""

    def __init__(self, screen: Screen[None], table: Widget, details: Widget, field: Widget) -> None:
        self._screen = screen
        self._table, self._details, self._field = table, details, field
        self._front = asyncio.Event()

    @property
    def in_details(self) -> bool:
        """Return whether the keys are those of the details."""
        return self._screen.focused is self._details

    @property
    def in_field(self) -> bool:
        """Return whether what is typed goes into the field."""
        return self._screen.focused is self._field

    def focus_details(self, focus: bool) -> None:
        """Give the keys to the details, or to the table."""
        self._screen.set_focus(self._details if focus else self._table)

    def focus_field(self) -> None:
        """Give the keys to the field."""
        self._screen.set_focus(self._field)

    def restore(self, *, typing: bool) -> None:
        """Give the keys back to a part that had no place on a smaller terminal."""
        if self._screen.focused is None and self._screen.app.app_focus:
            self._screen.set_focus(self._field if typing else self._table)

    async def in_front(self) -> None:
        """Wait until no dialog is open and nothing is typed: a question must not take keys of these."""
        while self._screen.app.screen is not self._screen or self.in_field:
            self._front.clear()
            await self._front.wait()

    def came_to_front(self) -> None:
        """Go on with what waits for the end of a dialog or of typing."""
        self._front.set()


class AppApi(Protocol):
    """The application, as far as a controller is concerned."""

    clock: Clock
    window: TerminalWindow

    @property
    def accounts(self) -> Accounts | None:
        """Return who knows profiles and secrets; None until the services are open, and in the demo."""

    def take_theme(self, name: str) -> str:
        """Take a theme; return nothing, or the names of those that there are."""

    def reload(self) -> str:
        """Read the configuration again and return what was done; raises `WbtuiError`."""

    def say(self, text: str, *, failed: bool = False) -> None:
        """Put words into the message line of the screen that is shown; see `Controller.say`."""

    def idle_seconds(self) -> float:
        """Return the seconds since the last key."""

    def ring(self, alerts: Sequence[Alert]) -> None:
        """Tell the user by bell, notification and command that these items are done."""

    def take_bell(self, on: bool) -> None:
        """Let the terminal ring from now on, or not; the command is run all the same."""

    def to_shell(self) -> None:
        """Close all sessions and stop the process, until the shell lets it go on."""

    def quit(self) -> None:
        """Quit, or ask first where that is wished for."""


class Controller(Protocol):
    """The screen, as far as a controller is concerned."""

    model: ViewModel
    intents: Intents
    clipboard: Clipboard
    panes: Panes

    @property
    def app(self) -> App[object]:
        """Return the application, which shows dialogs."""

    @property
    def program(self) -> AppApi:
        """Return the application, for what concerns all of it."""

    @property
    def table(self) -> StatusTable:
        """Return the table."""

    @property
    def details(self) -> DetailsPane:
        """Return the pane of details."""

    @property
    def field(self) -> Prompt:
        """Return the field in the status line."""

    def say(self, text: str, *, failed: bool = False) -> None:
        """Put words into the message line; those of a failure stay until a key was pressed in their sight."""

    def changed(self, said: str, *, failed: bool = False) -> None:
        """Show another choice or order of rows, with words for the message line."""

    def lay_out(self) -> None:
        """Give each part its place and size, then draw."""

    def refresh(self) -> object:
        """Paint the whole screen again."""

    def do(self, id: str) -> None:
        """Do what an action is for, or say why it cannot act now."""

    def show_tab(self, tab: TabSpec) -> None:
        """Turn to a tab."""

    def run_worker(self, work: Coroutine[Any, Any, None], *, group: str) -> object:
        """Have something done beside the screen."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Have something done in so many seconds."""
