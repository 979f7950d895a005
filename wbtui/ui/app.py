"""The Textual application: takes snapshots, shows the main screen, reports a crash without secrets."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import ClassVar, Literal

from rich.segment import Segment, Segments
from textual.app import App
from textual.binding import BindingType
from textual.driver import Driver

from wbtui.clock import Clock
from wbtui.model import Snapshot
from wbtui.ports import Wishes
from wbtui.ui.bars import Banner
from wbtui.ui.glyphs import drawing
from wbtui.ui.intents import Intents
from wbtui.ui.main_screen import MainScreen
from wbtui.ui.messages import SnapshotArrived
from wbtui.ui.terminal import TerminalDriver
from wbtui.ui.themes import Colourless, defaults, looks, own_themes
from wbtui.ui.view_model import Manner


class WbtuiApp(App[None], inherit_bindings=False):
    """The screen of one profile; `show` gives it what to draw, `attach` whom to ask.

    `seen` is called with the id of the newest event once Activity has been looked at, and `seen_event` is
    the one of the last time. `zone` None: the machine's. `environ` None: the process's.
    """

    CSS_PATH = "wbtui.tcss"
    TITLE = "wbtui"
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False

    def __init__(
        self,
        wishes: Wishes | None = None,
        *,
        profile: str,
        clock: Clock,
        demo: bool = False,
        read_only: bool = False,
        theme: str = "auto",
        ascii: bool = False,
        seen: Callable[[int], None] | None = None,
        seen_event: int = 0,
        zone: tzinfo | None = None,
        environ: Mapping[str, str] | None = None,
        driver_class: type[Driver] | None = None,
    ) -> None:
        chosen = looks(theme, os.environ if environ is None else environ)
        super().__init__(driver_class=driver_class or TerminalDriver, ansi_color=chosen.ansi or None)
        for own in own_themes():
            self.register_theme(own)
        self.theme = chosen.theme if chosen.theme in self.available_themes else "textual-dark"
        self._plain = chosen.colourless
        if self._plain:
            self._filters.append(Colourless())
        self.animation_level: Literal["none", "basic", "full"] = "none"
        self.clock = clock
        self._intents = Intents()
        self._intents.wishes = wishes
        self._first_frame: Callable[[], None] | None = None
        banner = Banner(profile, demo, read_only)
        self._main = MainScreen(Manner(banner, drawing(ascii), zone, seen, seen_event), self._intents)

    def get_default_screen(self) -> MainScreen:
        """Return the one screen that stays."""
        return self._main

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return wbtui's variables for themes that are not its own."""
        return defaults(self.current_theme)

    def on_first_frame(self, then: Callable[[], None]) -> None:
        """Have something called once the first frame has been drawn; nothing slow belongs before it."""
        self._first_frame = then

    def on_ready(self) -> None:
        """Tell whoever waits for it that the first frame is there."""
        if self._first_frame is not None:
            self.call_after_refresh(self._first_frame)

    def attach(self, wishes: Wishes) -> None:
        """Tell the screen whom to ask, once the services are open."""
        self._intents.wishes = wishes

    def show(self, snapshot: Snapshot) -> None:
        """Draw this snapshot as soon as possible; of several waiting ones only the newest is drawn."""
        self._intents.take(snapshot)
        if self._main.is_attached:
            self._main.post_message(SnapshotArrived(snapshot))

    def say(self, text: str) -> None:
        """Put words into the message line."""
        self._main.say(text)

    def _fatal_error(self) -> None:
        """End after an unexpected error; Textual's own report prints local variables, this one does not."""
        from rich.traceback import Traceback  # noqa: PLC0415 - brings the lexers along: a tenth of the start

        self.bell()
        report = Traceback(show_locals=False, width=None)
        segments = self.console.render(report, self.console.options)
        self._exit_renderables.append(Segments(Segment.strip_styles(segments) if self._plain else segments))
        self._close_messages_no_wait()
