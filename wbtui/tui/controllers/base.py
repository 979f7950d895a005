"""What the rooms of the keys may ask of the screen: the seam that keeps them apart from it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from textual.app import App
from textual.timer import Timer

from wbtui.desktop.clipboard import Clipboard
from wbtui.tui.controllers.program import Program
from wbtui.tui.controllers.requests import Intents
from wbtui.tui.details_pane import DetailsPane
from wbtui.tui.dialogs.factory import Question
from wbtui.tui.status_table import StatusTable
from wbtui.tui.tabs.base import Tab
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.view_model import ViewModel


class Stage(Protocol):
    """The screen, as far as a room is concerned."""

    model: ViewModel
    intents: Intents
    clipboard: Clipboard

    @property
    def app(self) -> App[object]:
        """Return the application, which shows dialogs."""
        ...

    @property
    def program(self) -> Program:
        """Return the application, for what concerns all of it."""
        ...

    @property
    def table(self) -> StatusTable:
        """Return the table."""
        ...

    @property
    def details(self) -> DetailsPane:
        """Return the pane of details."""
        ...

    @property
    def field(self) -> Prompt:
        """Return the field in the status line."""
        ...

    @property
    def in_details(self) -> bool:
        """Tell whether the keys are those of the details."""
        ...

    def say(self, text: str, *, failed: bool = False) -> None:
        """Put words into the message line; those of a failure stay until a key was pressed in their sight."""
        ...

    def changed(self, said: str, *, failed: bool = False) -> None:
        """Show another choice or order of rows, with words for the message line."""
        ...

    def lay_out(self) -> None:
        """Give each part its place and size, then draw."""
        ...

    def do(self, id: str) -> None:
        """Do what an action is for, or say why it cannot act now."""
        ...

    def show_tab(self, tab: Tab) -> None:
        """Turn to a tab."""
        ...

    def show_field(self, shown: bool, *, to_details: bool = False) -> None:
        """Put the field in the place of the status line, or take it away again."""
        ...

    def ask(self, question: Question, then: Callable[[str], None]) -> None:
        """Ask for a line of text, and do something with it unless the dialog is left."""
        ...

    async def in_front(self) -> None:
        """Wait until no dialog is open and nothing is being typed."""
        ...

    def focus_details(self, focus: bool) -> None:
        """Give the keys to the details, or to the table."""
        ...

    def run_worker(self, work: Coroutine[Any, Any, None], *, group: str) -> object:
        """Have something done beside the screen."""
        ...

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Have something done in so many seconds."""
        ...
