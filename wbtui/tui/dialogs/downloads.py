"""All downloads on one screen: how far each is, where it lies, why it failed; x stops, d tries again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Final, Protocol

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from wbtui.domain.model import Download, DownloadState, ItemKey
from wbtui.tui.tabs.glyphs import ASCII, Drawing
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Line, Role, Span, cut, cut_middle, in_role, line, pad, width_of, wrap
from wbtui.tui.toolkit.screens import LEAVING, Dialog

ROWS: Final = 4
"""Lines that the strip takes at most, its title included."""
BAR: Final = 16
LINGER: Final = timedelta(minutes=1)
"""How long one that has ended stays in the strip."""
UNITS: Final = ("B", "KB", "MB", "GB")


def recent(transfers: Sequence[Download], now: datetime) -> list[Download]:
    """Return what has not ended, and what ended a moment ago."""
    return [each for each in transfers if each.ended_at is None or now - each.ended_at < LINGER]


def strip(transfers: Sequence[Download], width: int, drawing: Drawing) -> list[Line]:
    """Return the lines below the strip's title: of the transfers that matter most."""
    return [row(each, width, drawing) for each in in_order(transfers)[: ROWS - 1]]


def in_order(transfers: Sequence[Download]) -> list[Download]:
    """Return what runs first, then what failed, what waits, and the newest of what ended."""
    rank = {DownloadState.RUNNING: 0, DownloadState.FAILED: 1, DownloadState.WAITING: 2}
    newest_first = sorted(
        transfers, key=lambda each: each.ended_at.timestamp() if each.ended_at else 0.0, reverse=True
    )
    return sorted(newest_first, key=lambda each: rank.get(each.state, 3))


def title(transfers: Sequence[Download], before: int = 0) -> Line:
    """Return the strip's title: how all downloads of this run stand, and how many are not listed any more."""
    found = Counter(each.state for each in transfers)
    counts = [
        (found[state], word)
        for state, word in (
            (DownloadState.RUNNING, "running"),
            (DownloadState.WAITING, "waiting"),
            (DownloadState.FAILED, "failed"),
            (DownloadState.DONE, "done"),
            (DownloadState.KEPT, "kept"),
            (DownloadState.DOUBTFUL, "doubtful"),
            (DownloadState.STOPPED, "stopped"),
        )
    ]
    counts.append((before, "before these"))
    words = ", ".join(f"{count} {word}" for count, word in counts if count)
    return line(Span("Downloads", Role.HEAD), f"  {words}")


def row(transfer: Download, width: int, drawing: Drawing) -> Line:
    """Return one transfer: share or state, name, bytes and rate, or why it failed."""
    left = _left(transfer, drawing)
    right = _right(transfer, width, drawing)
    room = max(8, width - width_of(left) - cell_len(right) - 5)
    name = cut_middle(transfer.label, room, drawing.ellipsis)
    return (Span(" "), *left, Span("  "), Span(name), Span("  "), Span(right, _tone(transfer)))


def _left(transfer: Download, drawing: Drawing) -> Line:
    if transfer.state is not DownloadState.RUNNING:
        words = {DownloadState.DONE: "saved", DownloadState.KEPT: "kept"}
        return line(Span(f"{words.get(transfer.state, transfer.state.value):<8}", _tone(transfer)))
    if not transfer.size:
        return line(Span("  ? %   ", Role.LIVE))
    share = min(1.0, transfer.received / transfer.size)
    return (Span(f"{share:4.0%} "), *drawing.bar(share, BAR))


def _right(transfer: Download, width: int, drawing: Drawing) -> str:
    """Return what stands behind the name: half of the line at most for a path, which repeats much of it."""
    if transfer.state is DownloadState.RUNNING:
        of = f" of {size_words(transfer.size)}" if transfer.size else " so far"
        rate = f"  {size_words(transfer.rate)}/s" if transfer.rate else ""
        return cut(f"{size_words(transfer.received)}{of}{rate}", max(0, width - 24), drawing.ellipsis)
    if transfer.state is DownloadState.DONE:
        size = size_words(transfer.received)
        room = max(0, width // 2 - 2 - len(size))
        return f"{cut_middle(transfer.path, room, drawing.ellipsis)}  {size}"
    return cut(transfer.note, max(0, width - 36), drawing.ellipsis)


def _tone(transfer: Download) -> Role:
    tones = {
        DownloadState.FAILED: Role.BAD,
        DownloadState.DONE: Role.GOOD,
        DownloadState.KEPT: Role.WARN,
        DownloadState.DOUBTFUL: Role.WARN,
    }
    return tones.get(transfer.state, Role.QUIET)


def size_words(count: float) -> str:
    """Return bytes as a person reads them: "82 KB", "1.9 MB"."""
    unit = 0
    while count >= 1000 and unit < len(UNITS) - 1:
        count, unit = count / 1000, unit + 1
    return f"{count:.0f} {UNITS[unit]}" if count >= 10 or unit == 0 else f"{count:.1f} {UNITS[unit]}"


HINT = "x stops it   A stops all   d again   o its folder   esc"


class TransferWishes(Protocol):
    """What the screen asks for; each answer is words for its last line."""

    def stop(self, keys: list[ItemKey]) -> str:
        """Stop downloads that wait or are under way."""
        ...

    def again(self, key: ItemKey, *, other: bool) -> str:
        """Fetch an item once more."""
        ...

    async def take_folder(self, path: str) -> str:
        """Copy the folder of a file, whose path is below the download folder."""
        ...


class TransfersScreen(Dialog[None], inherit_bindings=False):
    """A list with a cursor that stays on its download; `tell` brings how far they are."""

    UNSEEN: ClassVar[frozenset[str]] = LEAVING | {"q", "0"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,0,enter,ctrl+c", "close", show=False),
        Binding("x", "stop", show=False),
        Binding("A", "stop_all", show=False),
        Binding("d", "again", show=False),
        Binding("o", "folder", show=False),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("ctrl+d", "page(0.5)", show=False),
        Binding("ctrl+u", "page(-0.5)", show=False),
        Binding("g,home", "move(-100000)", show=False),
        Binding("G,end", "move(100000)", show=False),
    ]

    def __init__(
        self,
        transfers: Sequence[Download],
        wishes: TransferWishes,
        folder: str,
        drawing: Drawing,
        before: int = 0,
    ) -> None:
        super().__init__(ascii_only=drawing is ASCII)
        self._wishes = wishes
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
        """Take in how far the downloads are now; the cursor stays on its own."""
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
            self._say("x: it has ended" if current.ended else f"x: {self._wishes.stop([current.key])}")

    def action_stop_all(self) -> None:
        """Stop everything that waits or is under way; nothing changes on a server."""
        self._say(f"A: {self._wishes.stop([each.key for each in self._all if not each.ended])}")

    def action_again(self) -> None:
        """Fetch the one under the cursor once more."""
        current = self._current
        if current is not None:
            self._say(f"d: {self._wishes.again(current.key, other=current.other)}")

    def action_folder(self) -> None:
        """Show and copy where the file lies."""
        current = self._current
        if current is not None:
            self.run_worker(self._taken(current.path), group="folder")

    async def _taken(self, path: str) -> None:
        self._say(f"o: {await self._wishes.take_folder(path)}")

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
