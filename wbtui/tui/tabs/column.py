"""What a column is, the cells that tabs share, and which columns fit: dropped by priority, or scrolled to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Any

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ItemKey, When
from wbtui.domain.read_times import ReadTimes
from wbtui.domain.snapshot import Forecast
from wbtui.tui.tabs.glyphs import UNICODE, Drawing
from wbtui.tui.tabs.row import Row
from wbtui.tui.toolkit.folding import folded
from wbtui.tui.toolkit.lines import Line, Role, Span, cut, cut_middle, pad, width_of
from wbtui.tui.toolkit.times import TimeFormat, age_of, moment


def figure(number: int | None) -> str:
    """Return a number with its thousands set apart: `4 011`; nothing for None."""
    return "" if number is None else f"{number:,}".replace(",", " ")


def figures(*counted: tuple[int | None, str]) -> str:
    """Return numbers with their nouns, without those that are not known: `12 words, 3 segments`."""
    return ", ".join(f"{figure(number)} {noun}" for number, noun in counted if number is not None)


def ordinal(place: int) -> str:
    """Return `1st`, `2nd`, `3rd`, `11th`."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if 10 <= place % 100 <= 20 else endings.get(place % 10, "th")
    return f"{place}{ending}"


def timestamp(when: When) -> float:
    """Return the number that a date is sorted by; text and None come first."""
    return when.timestamp() if isinstance(when, datetime) else 0.0


GAP = 2
EXTRA = 5
"""Columns from this priority on are worth less than whole names."""

GUTTER = 2
"""Cells before the first column: cursor sign and mark."""

NARROW = 52
"""Below this width of the table the state is its glyph alone."""

MOMENT = 18
"""Cells of a moment with its date and offset."""

WIDE = 14
"""Cells of a name where more columns are wanted than names need."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a cell is drawn with besides its row: the snapshot's time and places, never a clock of its own."""

    at: datetime
    zone: tzinfo | None = None
    places: Mapping[ItemKey, int] = field(default_factory=lambda: MappingProxyType({}))
    drawing: Drawing = UNICODE
    times: TimeFormat = TimeFormat.AGE
    forecasts: Mapping[ItemKey, Forecast] = field(default_factory=lambda: MappingProxyType({}))
    purge_days: int = 30
    """After how many days the platform deletes Instant Translation requests."""
    read_times: ReadTimes = field(default_factory=ReadTimes)

    def since(self, when: When) -> str:
        """Return a moment as the table shows it now: its age, or its time; text is shown as it came."""
        if not isinstance(when, datetime) or self.times is TimeFormat.AGE:
            return age_of(when, self.at)
        return moment(when, self.zone)

    def ago(self, seconds: float | None) -> str:
        """Return the moment so many seconds before the snapshot as the table shows it now."""
        return "" if seconds is None else self.since(self.at - timedelta(seconds=seconds))


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; widths in cells."""

    id: str
    head: str
    cell: Callable[[Any, Context, int], Line]
    """(row, context, width) -> the cell's spans, at most `width` cells."""
    order: Callable[[Any, Context], Any]
    """(row, context) -> what rows are sorted by."""
    width: int
    most: int = 0
    """If greater than `width`: the column takes what is left, up to this."""
    priority: int = 0
    """Columns with the highest number are dropped first; 0 stays."""
    fixed: bool = False
    """Stays when the table is scrolled sideways."""
    right: bool = False
    newest_first: bool = False
    """Sorted downwards when it is first chosen: dates and figures."""
    ample: int = 0
    """Cells that it has before columns of priority `EXTRA` and more come in; 0: its width."""
    moment: bool = False
    """Whether it shows a moment, which needs more room as a date than as an age."""
    empty: Callable[[Context], bool] = lambda _: False
    """(context) -> whether it says nothing of any row at present, so that it is left out."""


def text_cell(text: str, context: Context, width: int, role: Role = Role.PLAIN) -> Line:
    """Return a text, cut at its end."""
    return (Span(cut(text, width, context.drawing.ellipsis), role),)


def name_cell(text: str, context: Context, width: int) -> Line:
    """Return a name, cut in the middle: folder and ending both carry meaning."""
    return (Span(cut_middle(text, width, context.drawing.ellipsis)),)


def words_of(get: Callable[[Any], str]) -> Callable[[Any, Context, int], Line]:
    """Return the cell function of a plain text."""
    return lambda row, context, width: text_cell(get(row), context, width)


def name_of(get: Callable[[Any], str]) -> Callable[[Any, Context, int], Line]:
    """Return the cell function of a name."""
    return lambda row, context, width: name_cell(get(row), context, width)


def by_name(get: Callable[[Any], str]) -> Callable[[Any, Context], Any]:
    """Return the order of a text, upper and lower case alike."""
    return lambda row, _: folded(get(row))


def adapted(columns: Sequence[Column], width: int, times: TimeFormat, *, wide: bool) -> tuple[Column, ...]:
    """Return the columns for a table of that width; where it is narrow the state is its glyph alone.

    With `wide` names give way so that more columns have room.
    """
    if times is not TimeFormat.AGE:
        columns = [replace(each, width=MOMENT) if each.moment else each for each in columns]
    if wide:
        columns = [
            replace(each, width=min(each.width, WIDE), ample=0) if each.most else each for each in columns
        ]
    if width >= NARROW or columns[0].id != "state":
        return tuple(columns)
    return (replace(columns[0], head="", width=1), *columns[1:])


@dataclass(frozen=True, slots=True)
class Placed:
    """A column with the width it got."""

    column: Column
    width: int


def fit(columns: Sequence[Column], width: int, skip: int = 0) -> tuple[Placed, ...]:
    """Choose the columns for a table of `width` cells, and share out what is left.

    With `skip` the columns come in their order, from the movable one of that number on (1 is the first), so
    that each can be reached however narrow the terminal is.
    """
    chosen = _scrolled(columns, width, skip) if skip else _by_priority(columns, width)
    return _shared(chosen, width)


def _needed(columns: Sequence[Column], *, ample: bool = False) -> int:
    widths = (max(column.ample, column.width) if ample else column.width for column in columns)
    return GUTTER + sum(widths) + GAP * (len(columns) - 1)


def _by_priority(columns: Sequence[Column], width: int) -> list[Column]:
    chosen = list(columns)
    while any(column.priority for column in chosen):
        last = max(chosen, key=lambda column: column.priority)
        if _needed(chosen, ample=last.priority >= EXTRA) <= width:
            break
        chosen.remove(last)
    return chosen


def _scrolled(columns: Sequence[Column], width: int, skip: int) -> list[Column]:
    """Return the fixed columns and what fits of the others, at least one: the fixed ones give way for it."""
    fixed = [column for column in columns if column.fixed]
    movable = [column for column in columns if not column.fixed][skip - 1 :]
    chosen = [*fixed, *movable[:1]]
    for column in movable[1:]:
        if _needed([*chosen, column]) > width:
            break
        chosen.append(column)
    return chosen


def last_skip(columns: Sequence[Column]) -> int:
    """Return how far a table can be scrolled sideways: to its last column."""
    return sum(1 for column in columns if not column.fixed)


def _shared(chosen: Sequence[Column], width: int) -> tuple[Placed, ...]:
    """Give elastic columns what is left, one cell each in turn: until it is ample, then up to their most."""
    widths = [column.width for column in chosen]
    spare = width - _needed(chosen)
    for limits in ([column.ample for column in chosen], [column.most for column in chosen]):
        while spare > 0 and (growing := [i for i, limit in enumerate(limits) if widths[i] < limit]):
            for index in growing[:spare]:
                widths[index] += 1
            spare -= len(growing[:spare])
    if spare < 0 and chosen:
        widest = max(range(len(chosen)), key=lambda i: widths[i])
        widths[widest] = max(1, widths[widest] + spare)
    return tuple(Placed(column, size) for column, size in zip(chosen, widths, strict=True))


def head_line(placed: Sequence[Placed], sorted_by: str, reverse: bool) -> Line:
    """Return the line of column heads; the sorted one carries `v` (down) or `^` (up)."""
    spans: list[Span] = [Span(" " * GUTTER)]
    for index, (column, width) in enumerate((p.column, p.width) for p in placed):
        head = column.head
        if column.id == sorted_by:
            sign = "^" if reverse else "v"
            head = f"{head[: max(0, width - 2)]} {sign}"
        head = head[:width]
        text = head.rjust(width) if column.right else head.ljust(width)
        spans.append(Span((" " * GAP if index else "") + text))
    return tuple(spans)


def row_line(row: Row, placed: Sequence[Placed], context: Context, gutter: str = "  ") -> Line:
    """Return the row's cells as one line."""
    spans: list[Span] = [Span(gutter)]
    for index, (column, width) in enumerate((p.column, p.width) for p in placed):
        if index:
            spans.append(Span(" " * GAP))
        cell = column.cell(row, context, width)
        if width_of(cell) != width:
            cell = pad(cell, width, right=column.right)
        spans.extend(cell)
    return tuple(spans)


def gutter_of(*, cursor: bool, marked: bool) -> str:
    """Return the two cells before a row: `>` the cursor, `*` a mark."""
    return (">" if cursor else " ") + ("*" if marked else " ")
