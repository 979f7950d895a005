"""The Textual application: takes snapshots, shows the main screen, reports a crash without secrets."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from typing import Any, ClassVar, Literal

from rich.console import Console
from rich.segment import Segment, Segments
from textual import events
from textual.binding import BindingType
from textual.filter import LineFilter

from wbtui.config.values import ConfirmQuit, UiSettings
from wbtui.desktop.clipboard import Clipboard, place_of
from wbtui.desktop.colours import few_colours
from wbtui.domain.clock import Clock
from wbtui.domain.commands import MonitorCommands, Note
from wbtui.domain.setup import Accounts
from wbtui.domain.snapshot import Alert, Event, Level, Snapshot
from wbtui.tui.actions import action, remapped
from wbtui.tui.chrome import Banner
from wbtui.tui.controllers.requests import Intents, without_sessions
from wbtui.tui.dialogs import factory
from wbtui.tui.main_screen import MainScreen
from wbtui.tui.tabs.glyphs import ASCII, drawing
from wbtui.tui.terminal_window import TerminalWindow
from wbtui.tui.toolkit.input_app import InputApp
from wbtui.tui.toolkit.messages import SnapshotArrived
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.toolkit.steps import settled
from wbtui.tui.toolkit.terminal_driver import DRIVER, stop_process, write_to_terminal
from wbtui.tui.toolkit.terminal_input import PasteRefused, code_words, layout_words, of_another_layout
from wbtui.tui.toolkit.textual_internals import replace_screen, time_of
from wbtui.tui.toolkit.themes import Colourless, ascii_only, defaults, looks, own_themes
from wbtui.tui.view_model import ScreenOptions
from wbtui.tui.view_state import Recall, Remember, ViewMemory


class WbtuiApp(InputApp[None], inherit_bindings=False):
    """The screen of one profile; `show` gives it what to draw, `attach` who carries out commands.

    `reread` reads the settings again for `:reload`, and raises `WbtuiError`; None: there is no file. `zone`
    None: the machine's. `environ` None: the process's.
    """

    CSS_PATH = "wbtui.tcss"
    TITLE = "wbtui"
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE = False
    _to_shell: asyncio.Task[None] | None = None
    _beginning: asyncio.Task[None] | None = None
    _told_of_keys = ""
    """The kind of advice on unusable keys that was shown last; empty after a usable key."""
    ALLOW_SELECT = False

    def __init__(
        self,
        banner: Banner,
        clock: Clock,
        *,
        settings: UiSettings | None = None,
        reread: Callable[[], UiSettings] | None = None,
        ascii: bool = False,
        zone: tzinfo | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        settings = settings or UiSettings()
        self._reread = reread
        self._environ = os.environ if environ is None else environ
        chosen = looks(settings.theme, self._environ)
        super().__init__(driver_class=DRIVER, ansi_color=chosen.ansi or None)
        if few := few_colours(self._environ):
            self.console = Console(color_system=few, file=io.StringIO(), force_terminal=True, safe_box=False)
        for own in own_themes():
            self.register_theme(own)
        self.begin_theme(chosen.theme if chosen.theme in self.available_themes else "textual-dark")
        self._colourless = Colourless() if chosen.colourless else None
        self.animation_level: Literal["none", "basic", "full"] = "none"
        self.clock = clock
        self._intents = Intents()
        self._first_frame: Callable[[], None] | None = None
        self._last_typed = clock.monotonic()
        keyed = remapped(settings.keys)
        self.key_problems = keyed.problems
        """What is wrong with `[ui.keys]`, in words."""
        self.accounts: Accounts | None = None
        """The profiles and their log-ins; None until the services are open, and in the demo."""
        self.announce: Callable[[str, str, Sequence[Alert]], None] | None = None
        """Runs `on_done` for a profile's items that are done; None: it is not run."""
        drawn = drawing(ascii or ascii_only(self._environ))
        options = ScreenOptions(banner, drawn, settings, zone, keyed.actions)
        self.window = TerminalWindow(partial(write_to_terminal, self), self._environ)
        """The terminal's window, beside its cells."""
        clipboard = Clipboard(place_of(self._environ), partial(write_to_terminal, self))
        self._main = MainScreen(options, self._intents, clipboard)
        if keyed.problems:
            self._main.say(keyed.problems[0], failed=True)

    def get_default_screen(self) -> MainScreen:
        """Return the main screen."""
        return self._main

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what each line passes before it is sent."""
        return [*super().get_line_filters(), *filter(None, (self._colourless,))]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the defaults of wbtui's own theme variables, for Textual's themes."""
        return defaults(self.current_theme)

    def on_first_frame(self, then: Callable[[], None]) -> None:
        """Call `then` once the first frame has been drawn; nothing slow belongs before it."""
        self._first_frame = then

    def on_ready(self) -> None:
        """Schedule what follows the first frame."""
        settled()
        self._beginning = asyncio.create_task(self._begin(), name="first frame")

    async def _begin(self) -> None:
        """Call what waits for the first frame, then handle what was typed before it."""
        await self._main.first_frame()
        if self._first_frame is not None and not self.ending:
            self._first_frame()
        self.begin_input(self._main)

    def on_resize(self, event: events.Resize) -> None:
        """Repaint if this size is drawn already: the terminal had another meanwhile, and lost cells."""
        if event.size == self.screen.size:
            self.refresh()

    def turn_to(self, banner: Banner) -> None:
        """Replace the main screen by that of another profile; nothing of the one before is left."""
        if self.ending:
            return
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self._main.model.keep()
        options = replace(self._options, banner=banner)
        self.accounts = None
        self._intents = Intents()
        old, self._main = self._main, MainScreen(options, self._intents, self._main.clipboard)
        replace_screen(self, old, self._main)

    def attach(self, monitor: MonitorCommands) -> None:
        """Set who carries out commands, once the services are open."""
        self._intents.monitor = monitor

    def show(self, snapshot: Snapshot) -> None:
        """Draw this snapshot as soon as possible; of several waiting ones only the newest is drawn."""
        self._intents.take(snapshot)
        if self._main.is_attached:
            self._main.post_message(SnapshotArrived(snapshot))

    def recollect(self, recall: Recall, remember: Remember) -> None:
        """Restore how every tab was looked at the last time, and keep that from now on.

        `recall` and `remember` are those of the profile's store. Without the setting `remember_view` this is
        only about which events were read.
        """
        self._main.restore_views(ViewMemory(recall, remember, views=self._settings.remember_view))

    async def on_event(self, event: events.Event) -> None:
        """Record when the last key was pressed, and make long work yield to it."""
        self._main.chunk_runner.typed = True
        if isinstance(event, events.Key):
            self._last_typed = self.clock.monotonic()
            if not of_another_layout(event.key, event.character):
                self._told_of_keys = ""
            if self.screen_stack and self.screen is self._main:
                self._main.pressed(time_of(event))
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """Advise on a key that nothing handles, where the keyboard layout has none of wbtui's keys."""
        if sign := of_another_layout(event.key, event.character):
            self._tell_of_keys(lambda help_key: layout_words(sign, help_key))

    def on_unknown_key(self) -> None:
        """Advise on a key that the terminal sends as an unknown code."""
        self._tell_of_keys(code_words)

    @property
    def _options(self) -> ScreenOptions:
        return self._main.model.options

    @property
    def _settings(self) -> UiSettings:
        return self._options.settings

    def _tell_of_keys(self, advice: Callable[[str], str]) -> None:
        """Show advice on keys, made with the key of the help, unless the same kind was shown last."""
        words = advice(action("app.help", self._options.actions).key)
        kind = words.partition(":")[2] or words
        if kind == self._told_of_keys:
            return
        self._told_of_keys = kind
        self.say_in_front(words)

    def on_paste_refused(self, refused: PasteRefused) -> None:
        """Show why nothing was pasted, in the place where it would have gone."""
        if isinstance(self.focused, Prompt):
            self.focused.refuse(refused.why)
        else:
            self.say(refused.why)

    # What controllers ask: see AppApi

    def idle_seconds(self) -> float:
        """Return the seconds since the last key."""
        return self.clock.monotonic() - self._last_typed

    def take_theme(self, name: str) -> str:
        """Switch to a theme; return the names of all themes if there is none of that name."""
        chosen = looks(name, self._environ)
        if not name or chosen.theme not in self.available_themes:
            own = ", ".join(("auto", "dark", "light", "ansi"))
            return f"{own}, {', '.join(sorted(self.available_themes))}"
        self.ansi_color = chosen.ansi
        self.theme = chosen.theme
        return ""

    def ring(self, alerts: Sequence[Alert]) -> None:
        """Report items that are done: by the terminal's bell and notification, and by `on_done`."""
        settings, profile = self._settings, self._options.banner.profile
        if settings.bell:
            self.window.notify(profile, alerts)
        if settings.on_done.strip() and self.announce is not None:
            self.announce(settings.on_done, profile, alerts)

    def take_bell(self, on: bool) -> None:
        """Switch the bell and notification on or off; `on_done` is run all the same."""
        settings = replace(self._settings, bell=on)
        self._main.model.options = replace(self._options, settings=settings)

    def warn(self, text: str) -> None:
        """Show a warning that is not about a service, and write it into Activity."""
        self._intents.do(Note(Event(self.clock.now(), Level.WARNING, "wbtui", text)))
        self.say(text, failed=True)

    def reload(self) -> str:
        """Read the configuration again and return what was done; raises `WbtuiError`."""
        if self._reread is None:
            return "There is no configuration to read again."
        old, new = self._settings, self._reread()
        keyed = remapped(new.keys)
        self.key_problems = keyed.problems
        self._main.apply_options(replace(self._options, actions=keyed.actions, settings=new))
        if new.theme != old.theme:
            self.take_theme(new.theme)
        renewed = self.accounts is not None and self.accounts.renew()
        what = "looks, keys and services" if renewed else "looks and keys"
        return keyed.problems[0] if keyed.problems else f"The configuration was read again: {what}."

    def quit(self) -> None:
        """Quit; ask first where the setting `confirm_quit` says so."""
        snapshot = self._intents.snapshot
        loading = sum(not each.ended for each in snapshot.transfers) if snapshot is not None else 0
        asks = self._settings.confirm_quit
        if asks is ConfirmQuit.NEVER or (asks is ConfirmQuit.DOWNLOADS and not loading):
            self.exit()
            return
        ascii_only = self._options.drawing is ASCII
        said = ["All sessions are closed."]
        if loading:
            files = "1 download is" if loading == 1 else f"{loading} downloads are"
            said.insert(0, f"{files} not finished: what came so far is not kept.")
        asked = factory.ask_whether("Quit wbtui", tuple(said), "Yes, quit", ascii_only=ascii_only)
        self.push_screen(asked, lambda yes: self.exit() if yes else None)

    def to_shell(self) -> None:
        """Close all sessions and stop the process until the shell continues it."""
        if self._to_shell is None or self._to_shell.done():
            stopping = without_sessions(self._intents, lambda: not self.ending and stop_process(self))
            self._to_shell = asyncio.create_task(stopping, name="to the shell")

    def exit(self, *arguments: Any, **more: Any) -> None:
        """Restore the terminal's title, store the views of the tabs, and end; only the first call counts."""
        if self.ending:
            return
        self.ending = True
        self._main.model.keep()
        self.window.restore_title()
        super().exit(*arguments, **more)

    def say(self, text: str, *, failed: bool = False) -> None:
        """Put words into the message line."""
        self._main.say(text, failed=failed)

    def report_error(self) -> None:
        """End after an unexpected error; Textual's own report prints local variables, this one does not."""
        from rich.traceback import Traceback  # noqa: PLC0415 - brings the lexers along: a tenth of the start

        self.bell()
        report = Traceback(show_locals=False, width=None)
        segments = self.console.render(report, self.console.options)
        self.panic(Segments(Segment.strip_styles(segments) if self._colourless else segments))
