"""Dialogs to read in; and a text shown plainly, to be marked by hand where copying does not work."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from wbtui.domain.sanitize import safe_lines
from wbtui.tui.toolkit.line_view import LineView, ScrolledLines
from wbtui.tui.toolkit.lines import Role, Span, ends, line
from wbtui.tui.toolkit.screens import Dialog

MOVES: tuple[BindingType, ...] = (
    Binding("j,down", "move(1)", show=False),
    Binding("k,up", "move(-1)", show=False),
    Binding("g,home", "move(-100000)", show=False),
    Binding("G,end", "move(100000)", show=False),
    Binding("pagedown,space", "page(1)", show=False),
    Binding("pageup", "page(-1)", show=False),
    Binding("ctrl+d", "page(0.5)", show=False),
    Binding("ctrl+u", "page(-0.5)", show=False),
)
"""The keys by which lines are scrolled, as in the table."""

QUITTING: BindingType = Binding("ctrl+c", "app.quit", show=False)

_LINE = 2000
"""Characters of a line that are shown."""


class ReadingScreen(Dialog[None], inherit_bindings=False):
    """Lines to read, scrolled by the keys of the table; a subclass says what is in them and around them."""

    BINDINGS: ClassVar[list[BindingType]] = [QUITTING, *MOVES]

    block: ScrolledLines
    """The lines; made by the subclass."""

    def takes_unseen(self, event: events.Key | events.Paste) -> bool:
        """Take every key: nothing is asked here."""
        return isinstance(event, events.Key)

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
        Binding("escape,q,enter", "close", show=False), QUITTING, *MOVES,
    ]  # fmt: skip

    def __init__(self, title: str, text: str, *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self._title = title
        self._text_lines = [line(each) for each in safe_lines(text, _LINE, 10_000)]
        self._head = LineView("text-head")
        self.block = ScrolledLines("text-lines")

    def compose(self) -> ComposeResult:
        """Yield a head and the lines."""
        with Container(id="text-box"):
            yield self._head
            yield self.block

    def draw(self) -> None:
        """Show the head and the lines."""
        left, right = line(Span(self._title, Role.TITLE)), line(Span("esc back ", Role.QUIET))
        self._head.put([ends(left, right, self._head.size.width)])
        self.block.fill(self._text_lines)
