"""Widgets that show lines and repaint only the cells that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, TypeVar, cast

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.tui.toolkit.lines import Line, Role, changes, following, hits, lit, merged, pad
from wbtui.tui.toolkit.messages import Handled
from wbtui.tui.toolkit.textual_internals import FrameApp

AppResult = TypeVar("AppResult")


class LineApp(FrameApp[AppResult], inherit_bindings=False):
    """An application that computes the style of each role once.

    It is the same in all widgets; computed for each of them it took a third of the first frame.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"role--{role}" for role in Role}
    _looks: Mapping[Role, Style] | None = None

    @property
    def looks_of(self) -> Mapping[Role, Style]:
        """Return what each role adds to the style of a widget."""
        if self._looks is None:
            styles = self.get_component_styles
            self._looks = {role: styles(f"role--{role}").partial_rich_style for role in Role}
        return self._looks

    def notify_style_update(self) -> None:
        """Forget the computed styles: another theme has others."""
        self._looks = None
        super().notify_style_update()


class LineView(Widget):
    """A block of lines, one per line of the screen; `put` replaces them. Its app must be a `LineApp`."""

    def __init__(self, id: str, *, can_focus: bool = False) -> None:
        super().__init__(id=id)
        self.can_focus = can_focus
        self._lines: tuple[Line, ...] = ()
        self._looks: dict[Role, Style] = {}

    def notify_style_update(self) -> None:
        """Forget the computed styles: another theme has others."""
        self._looks = {}
        super().notify_style_update()

    async def handle_key(self, event: events.Key) -> bool:  # noqa: ARG002 - Textual's
        """Do nothing: Textual would look for an attribute that is called like the key."""
        return False

    def on_handled(self, handled: Handled) -> None:
        """Queue the message again, behind the messages that the key has caused."""
        handled.go_on(self)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Return what is shown."""
        return self._lines

    def put(self, lines: Sequence[Line]) -> None:
        """Show these lines from the top; cells that stay the same are not repainted."""
        old, new = self._lines, tuple(merged(each) for each in lines)
        self._lines = new
        width, height = self.size
        regions = [
            Region(patch.x, y, patch.width, 1)
            for y in range(min(height, max(len(old), len(new))))
            for patch in changes(_at(old, y), _at(new, y), width)
        ]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """Return one line as Textual's `Strip`."""
        width = self.size.width
        spans = merged(pad(_at(self._lines, y), width))
        return Strip([Segment(text, self._style(role)) for text, role in spans], width)

    def _style(self, role: Role) -> Style:
        found = self._looks.get(role)
        if found is None:
            added = cast("LineApp[object]", self.app).looks_of[role]
            found = self._looks[role] = self.rich_style + added
        return found


def _at(lines: Sequence[Line], y: int) -> Line:
    return lines[y] if y < len(lines) else ()


class ScrolledLines(LineView):
    """Scrollable lines, below any number of fixed ones."""

    def __init__(self, id: str, *, fixed: int = 0, can_focus: bool = True) -> None:
        super().__init__(id, can_focus=can_focus)
        self._fixed = fixed
        self._all: Sequence[Line] = ()
        self.top = 0
        """The index of the first scrollable line that is shown."""
        self.needle = ""
        """What is searched for; empty: nothing."""
        self._hit = -1

    def fill(self, lines: Sequence[Line], *, rewind: bool = False) -> None:
        """Replace all lines; keep the scroll position unless `rewind`."""
        self._all = lines
        if rewind:
            self.top = 0
            self._hit = -1
        self._window()

    def move(self, distance: int) -> None:
        """Scroll by so many lines."""
        self.top += distance
        self._window()

    def find(self, needle: str) -> None:
        """Highlight every occurrence of a text, and scroll to the first one."""
        self.needle = needle
        self._hit = -1
        if not self.step_to_hit(1):
            self._window()

    def count_hits(self) -> int:
        """Return how many lines have the text that is searched for."""
        return len(hits(self._all, self.needle))

    def step_to_hit(self, step: int) -> bool:
        """Scroll to the next line with the text, or the previous one with -1; return False if none has it."""
        number = following(hits(self._all, self.needle), self._hit, step)
        if number is None:
            return False
        self._hit = number
        place = number - self._fixed
        if not self.top <= place < self.top + self._room:
            self.top = place - self._room // 2
        self._window()
        return True

    def page(self, pages: float) -> None:
        """Scroll by so many windows."""
        self.move(int(self._room * pages))

    def sideways(self, distance: int) -> None:
        """Do nothing: lines are wrapped to the width."""

    @property
    def _room(self) -> int:
        return max(1, self.size.height - self._fixed)

    def _window(self) -> None:
        self.top = max(0, min(self.top, len(self._all) - self._fixed - self._room))
        start = self._fixed + self.top
        shown = [*self._all[: self._fixed], *self._all[start : start + self._room]]
        self.put([lit(each, self.needle) for each in shown] if self.needle else shown)

    def on_resize(self) -> None:
        """Show as many lines as there is room for now."""
        self._window()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll three lines down."""
        event.stop()
        self.move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll three lines up."""
        event.stop()
        self.move(-3)


class TabBar(LineView):
    """The line of tabs."""

    @dataclass
    class Clicked(Message):
        """The user clicked at this cell of the bar."""

        x: int

    def on_click(self, event: events.Click) -> None:
        """Post the column of the click."""
        self.post_message(self.Clicked(event.x))
