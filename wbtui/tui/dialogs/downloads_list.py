"""All downloads on one screen: how far each is, where it lies, why it failed; x stops, d tries again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from wbtui.domain.model import ItemKey
from wbtui.domain.snapshot import Download
from wbtui.tui.dialogs.text import MOVES
from wbtui.tui.download_lines import in_order, row, title
from wbtui.tui.tabs.glyphs import ASCII, Drawing
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Line, Role, Span, cut, cut_middle, in_role, line, pad, wrap
from wbtui.tui.toolkit.screens import LEAVING, Dialog

HINT = "x stops it   A stops all   d again   o its folder   esc"


class DownloadCommands(Protocol):
    """What the screen asks for; each answer is words for its last line."""

    def stop(self, keys: list[ItemKey]) -> str:
        """Stop downloads that wait or are under way."""

    def again(self, key: ItemKey, *, other: bool) -> str:
        """Fetch an item once more."""

    async def take_folder(self, path: str) -> str:
        """Copy the folder of a file, whose path is below the download folder."""


class DownloadsScreen(Dialog[None], inherit_bindings=False):
    """A list with a cursor that stays on its download; `tell` brings how far they are."""

    UNSEEN: ClassVar[frozenset[str]] = LEAVING | {"q", "0"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,0,enter,ctrl+c", "close", show=False),
        Binding("x", "stop", show=False),
        Binding("A", "stop_all", show=False),
        Binding("d", "again", show=False),
        Binding("o", "folder", show=False),
        *MOVES,
    ]

    def __init__(
        self,
        transfers: Sequence[Download],
        commands: DownloadCommands,
        folder: str,
        drawing: Drawing,
        before: int = 0,
    ) -> None:
        super().__init__(ascii_only=drawing is ASCII)
        self._commands = commands
        self._folder = folder
        self._drawing = drawing
        self._transfers = in_order(transfers)
        self._all = transfers
        self._before = before
        """How many downloads of this run are not listed any more."""
        self._place = 0
        self._top = 0
        self._said = ""
        self._head = LineView("transfers-head")
        self._list = LineView("transfers-list")
        self._foot = LineView("transfers-foot")

    def compose(self) -> ComposeResult:
        """Yield head, list, and two lines on the one under the cursor."""
        with Container(id="transfers-box"):
            yield self._head
            yield self._list
            yield self._foot

    def tell(self, transfers: Sequence[Download], before: int = 0) -> None:
        """Show how far the downloads are now; the cursor stays on its download."""
        self._before = before
        if transfers == self._all:
            return
        held = self._transfers[self._place] if self._transfers else None
        self._all, self._transfers = transfers, in_order(transfers)
        if held is not None:
            keys = [(each.key, each.other) for each in self._transfers]
            here = (held.key, held.other)
            self._place = keys.index(here) if here in keys else min(self._place, len(keys) - 1)
        self.draw()

    def draw(self) -> None:
        """Draw the window of the list that the cursor is in."""
        width, height = self._list.size
        if height < 1:
            return
        self._top = max(0, min(self._top, len(self._transfers) - height))
        self._top = min(max(self._top, self._place - height + 1), self._place)
        hint = cut(HINT, width, self._drawing.ellipsis)
        self._head.put([title(self._all, self._before), line(Span(hint, Role.QUIET))])
        window = self._transfers[self._top : self._top + height]
        self._list.put(
            [self._row(each, width, self._top + y == self._place) for y, each in enumerate(window)]
        )
        self._foot.put(self._foot_lines(width))

    def _row(self, transfer: Download, width: int, current: bool) -> Line:
        drawn = pad(row(transfer, width, self._drawing), width)
        return in_role(drawn, Role.CURSOR) if current else drawn

    def _foot_lines(self, width: int) -> list[Line]:
        current = self._current
        where = f"{self._folder}/{current.path}" if current is not None and current.path else self._folder
        note = current.note if current is not None else ""
        said = wrap(self._said or note, width)
        first = line(Span(cut_middle(where, width, self._drawing.ellipsis), Role.QUIET))
        return [first, *(line(Span(piece)) for piece in said[:2])]

    @property
    def _current(self) -> Download | None:
        return self._transfers[self._place] if self._transfers else None

    def _say(self, said: str) -> None:
        self._said = said
        self.draw()

    def action_stop(self) -> None:
        """Stop the one under the cursor; nothing changes on a server."""
        current = self._current
        if current is not None:
            self._say("x: it has ended" if current.ended else f"x: {self._commands.stop([current.key])}")

    def action_stop_all(self) -> None:
        """Stop everything that waits or is under way; nothing changes on a server."""
        self._say(f"A: {self._commands.stop([each.key for each in self._all if not each.ended])}")

    def action_again(self) -> None:
        """Fetch the one under the cursor once more."""
        current = self._current
        if current is not None:
            self._say(f"d: {self._commands.again(current.key, other=current.other)}")

    def action_folder(self) -> None:
        """Show and copy where the file lies."""
        current = self._current
        if current is not None:
            self.run_worker(self._taken(current.path), group="folder")

    async def _taken(self, path: str) -> None:
        self._say(f"o: {await self._commands.take_folder(path)}")

    def action_close(self) -> None:
        """Go back to the table."""
        self.dismiss(None)

    def action_move(self, distance: int) -> None:
        """Move the cursor."""
        self._place = max(0, min(len(self._transfers) - 1, self._place + distance))
        self._said = ""
        self.draw()

    def action_page(self, pages: float) -> None:
        """Move the cursor by windows."""
        self.action_move(int(self._list.size.height * pages))
