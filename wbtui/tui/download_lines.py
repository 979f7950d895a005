"""The Downloads strip: what runs, waits and ended; a share only where the size is known. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from rich.cells import cell_len

from wbtui.domain.snapshot import Download, DownloadState
from wbtui.tui.tabs.glyphs import Drawing
from wbtui.tui.toolkit.lines import Line, Role, Span, cut, cut_middle, line, width_of

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
