"""Dialogs to read in; and a text shown plainly, to be marked by hand where copying does not work."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import ModalScreen

from wbtui.safetext import safe_lines
from wbtui.ui.line_view import LineView, ScrolledLines
from wbtui.ui.lines import Role, Span, ends, line

MOVES: tuple[BindingType, ...] = (
    Binding("ctrl+c", "app.quit", show=False),
    Binding("j,down", "move(1)", show=False),
    Binding("k,up", "move(-1)", show=False),
    Binding("g,home", "move(-10000)", show=False),
    Binding("G,end", "move(10000)", show=False),
    Binding("pagedown,space", "page(1)", show=False),
    Binding("pageup", "page(-1)", show=False),
    Binding("ctrl+d", "page(0.5)", show=False),
    Binding("ctrl+u", "page(-0.5)", show=False),
)
"""The keys by which lines are scrolled, as in the table."""

_LINE = 2000
"""Characters of a line that are shown."""


class ReadingScreen(ModalScreen[None], inherit_bindings=False):
    """Lines to read, scrolled by the keys of the table; a subclass says what is in them and around them."""

    BINDINGS: ClassVar[list[BindingType]] = [*MOVES]

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(classes="ascii" if ascii_only else "")

    @property
    def block(self) -> ScrolledLines:
        """Return the lines."""
        return self.query_one(ScrolledLines)

    def fill(self) -> None:
        """Put everything in its place; called once the size is known, and again at every other one."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Fill it once its size is known."""
        self.call_after_refresh(self.fill)

    def on_resize(self) -> None:
        """Fill it again in its new size."""
        self.call_after_refresh(self.fill)

    def action_close(self) -> None:
        """Go back to the table."""
        self.dismiss(None)

    def action_move(self, distance: int) -> None:
        """Scroll by lines."""
        self.block.move(distance)

    def action_page(self, pages: float) -> None:
        """Scroll by windows."""
        self.block.page(pages)


class TextScreen(ReadingScreen, inherit_bindings=False):
    """Shows lines without borders at their sides, from the left edge on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "close", show=False), *MOVES,
    ]  # fmt: skip

    def __init__(self, title: str, text: str, *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self._title = title
        self._text_lines = [line(each) for each in safe_lines(text, _LINE, 10_000)]

    def compose(self) -> ComposeResult:
        """Yield a head and the lines."""
        with Container(id="text-box"):
            yield LineView("text-head")
            yield ScrolledLines("text-lines")

    def fill(self) -> None:
        """Show the head and the lines."""
        head = self.query_one("#text-head", LineView)
        left, right = line(Span(self._title, Role.TITLE)), line(Span("esc back ", Role.QUIET))
        head.put([ends(left, right, head.size.width)])
        self.block.fill(self._text_lines)
