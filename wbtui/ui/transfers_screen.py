"""All downloads on one screen: how far each is, where it was saved, why it failed; `x` stops what runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from wbtui.deeds import Transfer
from wbtui.model import ItemKey
from wbtui.ui.glyphs import ASCII, Drawing
from wbtui.ui.line_view import ScrolledLines
from wbtui.ui.lines import Role, Span, line
from wbtui.ui.transfer_lines import in_order, row, title


class TransfersScreen(ModalScreen[str | None], inherit_bindings=False):
    """Returns what was done with `x`, or None; `tell` brings how far the downloads are."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,0,enter,ctrl+c", "close", show=False),
        Binding("x", "stop", show=False),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("pagedown,space,ctrl+d", "page(1)", show=False),
        Binding("pageup,ctrl+u", "page(-1)", show=False),
        Binding("g,home", "move(-100000)", show=False),
        Binding("G,end", "move(100000)", show=False),
    ]

    def __init__(
        self, transfers: Sequence[Transfer], stop: Callable[[list[ItemKey]], str], drawing: Drawing
    ) -> None:
        super().__init__(classes="ascii" if drawing is ASCII else "")
        self._transfers = transfers
        self._stop = stop
        self._drawing = drawing

    def compose(self) -> ComposeResult:
        """Yield the one block of lines; its title stays."""
        yield ScrolledLines("transfers-lines", fixed=2)

    def on_mount(self) -> None:
        """Fill it once its width is known."""
        self.call_after_refresh(self._fill)

    def on_resize(self) -> None:
        """Draw anew at the new width."""
        self.call_after_refresh(self._fill)

    def tell(self, transfers: Sequence[Transfer]) -> None:
        """Take in how far the downloads are now."""
        if transfers != self._transfers:
            self._transfers = transfers
            self._fill()

    def _fill(self) -> None:
        block = self.query_one(ScrolledLines)
        width = max(20, block.size.width)
        keys = line(Span("x stops what waits or runs   d on the item tries again   esc", Role.QUIET))
        rows = [row(each, width, self._drawing) for each in in_order(self._transfers)]
        block.fill([title(self._transfers), keys, *rows])

    def action_stop(self) -> None:
        """Stop everything that waits or is under way; nothing changes on a server."""
        self.dismiss(self._stop([each.key for each in self._transfers if not each.ended]))

    def action_close(self) -> None:
        """Go back to the table."""
        self.dismiss(None)

    def action_move(self, distance: int) -> None:
        """Scroll by lines."""
        self.query_one(ScrolledLines).move(distance)

    def action_page(self, pages: float) -> None:
        """Scroll by windows."""
        self.query_one(ScrolledLines).page(pages)
