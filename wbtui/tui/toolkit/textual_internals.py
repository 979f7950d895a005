"""Every name of Textual that is private or undocumented, each with what happens where it is missing.

Textual may rename any of them without notice. Classes are looked up once, at import; attributes where they
are used. Where one is missing Textual's own behaviour takes its place, which costs bytes or a nicety and does
not end the program. `tests/tui/test_renamed.py` renames each of them in Textual and runs the program.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar

from rich.console import Console
from rich.control import Control
from textual import events
from textual.app import App
from textual.driver import Driver
from textual.geometry import Region
from textual.message import Message
from textual.screen import Screen

AppResult = TypeVar("AppResult")
Result = TypeVar("Result")

RENDERING_FAULTS: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What reading another Textual's internals may raise."""


class Missing:
    """Stands for a class that this Textual does not have."""


def found(module: str, name: str) -> Any:
    """Return a class of Textual, or `Missing` where there is none of this name."""
    try:
        return getattr(import_module(f"textual.{module}"), name, Missing)
    except ImportError:
        return Missing


if TYPE_CHECKING:
    from textual._compositor import ChopsUpdate, Compositor
    from textual._xterm_parser import XTermParser
    from textual.drivers.linux_driver import LinuxDriver
    from textual.messages import InBandWindowResize
else:
    ChopsUpdate = found("_compositor", "ChopsUpdate")
    Compositor = found("_compositor", "Compositor")
    XTermParser = found("_xterm_parser", "XTermParser")
    LinuxDriver = found("drivers.linux_driver", "LinuxDriver")
    InBandWindowResize = found("messages", "InBandWindowResize")

HAS_DRIVER: Final = not issubclass(LinuxDriver, Missing)

IGNORED_KEY: Final = "<ignore>"
"""The name of a key that Textual's parser wants to be ignored; `textual.keys.Keys.Ignore`."""


# Frames


class SpanUpdate(ChopsUpdate):
    """The changed spans of a frame, each sent from its first changed cell to its last."""

    def render_segments(self, console: Console) -> str:
        """Return the text and codes for the terminal: Textual's own where its spans are others."""
        try:
            return self._spans_alone(console)
        except RENDERING_FAULTS:
            return super().render_segments(console)

    def _spans_alone(self, console: Console) -> str:
        sent: list[str] = []
        for y, first, last in self.spans:
            for end, (start, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                left, right = max(start, first), min(end, last)
                if strip is not None and left < right:
                    sent.append(Control.move_to(left, y).segment.text)
                    sent.append(strip.crop(left - start, right - start).render(console))
        return "".join(sent)


class SpanCompositor(Compositor):
    """Composes frames as Textual does, and sends partial ones cell by cell."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return what has changed since the last frame, if anything has."""
        update = super().render_partial_update()
        try:
            return None if update is None else SpanUpdate(update.chops, update.spans, update.chop_ends)
        except RENDERING_FAULTS:
            return update


class FrameScreen(Screen[Result], inherit_bindings=False):
    """A screen of which only those cells are sent that have changed.

    Without Textual's private names more is sent: whole parts, or the whole screen behind a dialog.
    """

    SENDS_SPANS: ClassVar[bool] = False
    """Whether it fills the terminal, and sends what has changed cell by cell."""
    paints = True
    """Whether frames are sent; one that is filled once its size is known begins without."""

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name, id, classes)
        self._first_frame = asyncio.Event()
        if self.SENDS_SPANS and type(getattr(self, "_compositor", None)) is Compositor:
            self._compositor = SpanCompositor()

    def start_painting(self) -> None:
        """Send frames from now on: the first one when all parts have their sizes."""
        if not self.paints:
            self.call_after_refresh(self._send_first_frame)

    def _send_first_frame(self) -> None:
        if not self.paints:
            self.paints = True
            self.refresh()
            self.call_after_refresh(self._first_frame.set)

    async def first_frame(self) -> None:
        """Wait until the first frame of a screen that began without has been sent."""
        await self._first_frame.wait()

    def _screen_resized(self, *_: Any) -> None:
        """Lay it out for the present size, whichever this event has.

        Textual (8.2) lets a screen send its new size to itself: two sizes on their way would follow each
        other for ever, each laid out and sent again, and no key would be looked at any more. One that was
        smaller for a moment has lost cells: it is painted again, though no part changes its place.
        """
        painted = getattr(getattr(self, "_compositor", None), "size", None)
        super()._screen_resized(self.app.size)
        if painted == self.app.size:
            self.refresh()

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Paint everything again, or only these regions, together with the parts that have changed.

        With regions Textual (8.2) forgets the parts that wait to be painted: those of a dialog, whenever the
        screen below it changes in the same moment.
        """
        set_dirty, widgets = getattr(self, "_set_dirty", None), getattr(self, "_dirty_widgets", None)
        if not self.paints and not layout and not recompose:
            return self  # the first frame has all of it
        if not regions or layout or recompose or not self.is_mounted or set_dirty is None or widgets is None:
            return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        set_dirty(*regions)
        widgets.add(self)
        self.check_idle()
        return self

    def _compositor_refresh(self, *given: Any) -> None:
        """Draw; behind a dialog what changed only, where Textual (8.2) draws everything."""
        dirty = getattr(getattr(self, "_compositor", None), "_dirty_regions", None)
        widgets = getattr(self, "_dirty_widgets", None)
        if not self.paints and widgets is not None:
            widgets.clear()
            return
        if not self.SENDS_SPANS or self is self.app.screen or dirty is None or widgets is None:
            super()._compositor_refresh(*given)
            return
        regions = tuple(dirty)
        dirty.clear()
        widgets.clear()
        if regions and self.is_current:
            self.app.screen.refresh(*regions)


class SilentConsole(Console):
    """A console that says of an error only that there was one."""

    def print(self, *_: object, **__: Any) -> None:
        """Print one sentence."""
        super().print("wbtui ended after an unexpected error.")


class FrameApp(App[AppResult], inherit_bindings=False):
    """An application that is told when a frame is sent, and that reports an unexpected error itself."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._css_variables: dict[str, str] | None = None
        """Those with which the style sheet was parsed, until they are applied for the first time."""
        if not hasattr(App, "_fatal_error"):  # Textual's own report prints local variables, such as secrets
            self.error_console = SilentConsole(stderr=True)

    def refresh_css(self, animate: bool = True) -> None:
        """Apply the theme to all styles; at the start they have just been parsed with it."""
        if self._css_variables is None or self._css_variables != self.get_css_variables():
            super().refresh_css(animate)
        self._css_variables = None

    def begin_theme(self, name: str) -> None:
        """Set the theme before the application runs, so that the styles are parsed once."""
        self.theme = name
        self._css_variables = self.get_css_variables()
        self.stylesheet.set_variables(self._css_variables)

    def before_frame(self, screen: Screen[Any]) -> None:
        """Note that a frame of this screen is sent now; without `_display` this is never called."""

    def report_error(self) -> None:
        """End with a report of the unexpected error that is being handled."""

    def _display(self, screen: Screen[Any], *frame: Any) -> None:
        """Tell of a frame, then send it: a quick hand may answer to it before this returns."""
        if frame and frame[0] is not None:
            self.before_frame(screen)
        super()._display(screen, *frame)

    def _fatal_error(self, *_: Any) -> None:
        self.report_error()

    async def _on_key(self, event: events.Key) -> None:
        """Do what a key is bound to; Textual would look for an attribute that is called like it, too."""
        if hasattr(App, "_check_bindings"):
            event.prevent_default()
            await self._check_bindings(event.key)


def driver_of(app: App[Any]) -> Driver | None:
    """Return what writes to the terminal; None before the start, and where Textual does not show it."""
    driver = getattr(app, "_driver", None)
    return driver if isinstance(driver, Driver) else None


def replace_screen(app: App[Any], old: Screen[Any], new: Screen[Any]) -> None:
    """Show another screen in the place of the one in front; above it, where Textual cannot replace it.

    Textual (8.2) gives its first screen no callback for a result, and takes one away when it is replaced.
    """
    callbacks, push = (getattr(old, name, None) for name in ("_result_callbacks", "_push_result_callback"))
    if callbacks is None or push is None:
        app.push_screen(new)
        return
    if not callbacks:
        push(old, None)
    app.switch_screen(new)


def time_of(message: Message) -> float:
    """Return when a message was made, in seconds on the clock of all messages; 0 where Textual does not tell.

    All times are the same then, so that every key counts as pressed in sight of what it acts on.
    """
    return getattr(message, "time", 0.0)


# The terminal


def tells_size(message: Message) -> bool:
    """Return whether a terminal says by this that it reports its size by itself."""
    return isinstance(message, InBandWindowResize) and message.supported


class BaseDriver(LinuxDriver):
    """Textual's driver with the terminal's size from `terminal_size`, and a reader that can be replaced.

    Where `run_input_thread` is missing Textual reads by itself; without `_get_terminal_size` the first size
    is not checked; without `process_message` a terminal that reports its size is asked for it, too.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        # without a size the app would measure the terminal by itself before the first frame
        super().__init__(app, debug=debug, mouse=mouse, size=size or self.terminal_size())
        self._reading_ends = threading.Event()
        self.shown = app
        self.sized_in_band = False
        """Whether the terminal reports its size by itself."""

    def terminal_size(self) -> tuple[int, int]:
        """Return columns and lines."""
        raise NotImplementedError

    def _get_terminal_size(self) -> tuple[int, int]:
        return self.terminal_size()

    def disable_input(self) -> None:
        """Stop reading."""
        self._reading_ends.set()
        super().disable_input()
        self._reading_ends.clear()

    def wait_for_end_of_reading(self, seconds: float = 0.0) -> bool:
        """Return whether reading is to stop, now or within so many seconds."""
        told = getattr(self, "exit_event", self._reading_ends)
        return self._reading_ends.is_set() or bool(told.wait(seconds))

    def process_message(self, message: Message) -> None:
        """Pass on what was read, and remember whether the terminal reports its size."""
        self.sized_in_band = self.sized_in_band or tells_size(message)
        if hasattr(LinuxDriver, "process_message"):
            super().process_message(message)
        else:
            self.shown.post_message(message)


class KeyParser(XTermParser):
    """Textual's parser, which takes what it cannot read for nothing."""

    @property
    def at_rest(self) -> bool:
        """Return whether it waits for no further character of a sequence."""
        return self._awaiting.timeout is None

    def settle(self) -> Iterable[Message]:
        """Take what came of a sequence for the whole of it."""
        self._timeout_time = 0.0
        return self.tick()

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        """Return the keys of a sequence; one whose codes are no characters is a key to be ignored."""
        try:
            keys = list(super()._sequence_to_key_events(sequence, alt))
        except (ValueError, OverflowError):
            return [events.Key(IGNORED_KEY, sequence)]
        return [key for key in keys if not _is_half(key.character)]

    def parse_mouse_code(self, code: str) -> Message | None:
        """Return what the mouse did; nothing if its place cannot be worked out."""
        try:
            return super().parse_mouse_code(code)
        except ArithmeticError:
            return None

    def keys_of(self, sequence: str) -> Iterable[events.Key]:
        """Return the keys of a whole sequence, also of one that is too long for `feed`."""
        return (key for key in self._sequence_to_key_events(sequence) if key.key != IGNORED_KEY)


def _is_half(character: str | None) -> bool:
    """Return whether it is half of a surrogate pair: no character, and nothing can write it."""
    return character is not None and len(character) == 1 and 0xD800 <= ord(character) <= 0xDFFF


def parser_works() -> bool:
    """Return whether `KeyParser` reads keys as `terminal_input.py` needs it; else Textual reads by itself."""
    try:
        parser = KeyParser()
        known = [key.key for key in (*parser.keys_of("\x1b[A"), *parser.keys_of("\x1b[1114112;5u"))]
        waits = (parser.at_rest, *parser.feed("\x1b"), parser.at_rest)
        settled = [getattr(each, "key", "") for each in parser.settle()]
    except RENDERING_FAULTS:
        return False
    return known == ["up"] and waits == (True, False) and settled == ["escape"] and parser.at_rest
