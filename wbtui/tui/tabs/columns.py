"""The columns of each tab (screen layout of the design, by priority), and the order rows first come in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from wbtui.domain.model import BeeboxFile, Event, FlexComponent, InstantRequest, Level, Operation, State
from wbtui.tui.tabs import values
from wbtui.tui.tabs.base import Tab
from wbtui.tui.tabs.column import Column, Context
from wbtui.tui.tabs.glyphs import sign
from wbtui.tui.toolkit import times
from wbtui.tui.toolkit.folding import folded
from wbtui.tui.toolkit.lines import Line, Role, Span, cut, cut_middle

NARROW = 52
"""Below this width of the table the state is its glyph alone."""

_URGENCY = (
    State.FAILED, State.PARTIAL, State.UNKNOWN, State.READY, State.RUNNING,
    State.WAITING, State.DONE, State.CANCELLED, State.REMOVED,
)  # fmt: skip
RANK = {state: rank for rank, state in enumerate(_URGENCY)}
_RUNNING_FIRST = {**RANK, State.RUNNING: RANK[State.READY] - 0.5}
"""Few operations run at once, and they are what one watches; running Beebox files can be thousands."""

_LEVELS = {Level.ERROR: ("! error", Role.BAD), Level.WARNING: ("! warning", Role.WARN)}


def _text(text: str, context: Context, width: int, role: Role = Role.PLAIN) -> Line:
    return (Span(cut(text, width, context.drawing.ellipsis), role),)


def _words(get: Callable[[Any], str], role: Role = Role.PLAIN) -> Callable[[Any, Context, int], Line]:
    return lambda row, context, width: _text(get(row), context, width, role)


def _named(get: Callable[[Any], str]) -> Callable[[Any, Context, int], Line]:
    """Return a cell for a name: cut in the middle, since folder and ending both carry meaning."""
    return lambda row, context, width: (Span(cut_middle(get(row), width, context.drawing.ellipsis)),)


def _state(row: Any, _: Context, width: int) -> Line:
    found = sign(row)
    return (Span(found.glyph if width < 4 else cut(found.span.text, width), found.role),)


def _name_order(get: Callable[[Any], str]) -> Callable[[Any, Context], Any]:
    return lambda row, _: folded(get(row))


# Operations


def _operation_order(row: Operation, context: Context) -> tuple[float, float, float]:
    place = context.places.get(row.key, 0)
    return _RUNNING_FIRST[row.state], place, -values.moment(values.operation_since(row))


def _operation_since(row: Operation, context: Context, width: int) -> Line:
    return _text(context.since(values.operation_since(row)), context, width)


def _expected(row: Operation, context: Context, width: int) -> Line:
    """Return when it is expected to finish; of one that runs over time, how long such ones take."""
    forecast = context.forecasts.get(row.key)
    return () if forecast is None else _text(values.expected(forecast, context), context, width)


def _expected_order(row: Operation, context: Context) -> float:
    forecast = context.forecasts.get(row.key)
    return values.moment(forecast.expected_at) if forecast and forecast.expected_at else float("inf")


def _place(row: Operation, context: Context, _: int) -> Line:
    place = context.places.get(row.key)
    return () if place is None else (Span(values.ordinal(place)),)


def _operation_result(row: Operation, context: Context, width: int) -> Line:
    text = values.operation_result(row)
    if text == row.reading.file_name:
        return (Span(cut_middle(text, width, context.drawing.ellipsis)),)
    return _text(text, context, width, Role.WARN if row.state is State.PARTIAL else Role.PLAIN)


_OPERATIONS = (
    Column("state", "State", _state, _operation_order, 15, fixed=True),
    Column("id", "Id", _words(lambda row: str(row.request_id or "")),
           lambda row, _: row.request_id, 6, priority=4, right=True),
    Column("kind", "Kind", _words(lambda row: row.kind), _name_order(lambda row: row.kind), 10,
           priority=6),
    Column("label", "Label", _named(values.label_of), _name_order(lambda row: row.label), 18, 40,
           fixed=True, ample=21),
    Column("text", "Status text", _words(lambda row: row.reading.status_text),
           _name_order(lambda row: row.reading.status_text), 14, 30, priority=8),
    Column("since", "Since", _operation_since,
           lambda row, _: values.moment(values.operation_since(row)), 6, priority=2, right=True,
           newest_first=True),
    Column("place", "Queue", _place, lambda row, context: context.places.get(row.key, 1 << 30), 5,
           priority=3, right=True),
    Column("expected", "Expected", _expected, _expected_order, 14, 22, priority=5),
    Column("looks", "Looks", _words(lambda row: str(row.looks)), lambda row, _: row.looks, 5,
           priority=9, right=True, newest_first=True),
    Column("project", "Project", _words(values.project),
           lambda row, _: row.reading.project_id or 0, 7, priority=10, right=True),
    Column("result", "Result", _operation_result, _name_order(values.operation_result), 19, 40, priority=7),
)  # fmt: skip


# Beebox


def _beebox_order(row: BeeboxFile, context: Context) -> tuple[float, float, str, str]:
    age = values.beebox_age(row, context.at)
    return RANK[row.state], age if age is not None else 1e12, row.path, row.locale


def _beebox_age(row: BeeboxFile, context: Context, width: int) -> Line:
    return _text(context.ago(values.beebox_age(row, context.at)), context, width)


def _beebox_message(row: BeeboxFile, context: Context, width: int) -> Line:
    return _text(values.beebox_message(row), context, width, Role.BAD if row.error else Role.PLAIN)


_BEEBOX = (
    Column("state", "State", _state, _beebox_order, 14, fixed=True),
    Column("file", "File", _named(lambda row: row.path), _name_order(lambda row: row.path), 24, 64,
           fixed=True, ample=36),
    Column("locale", "Locale", _words(lambda row: row.locale), _name_order(lambda row: row.locale), 7,
           priority=1),
    Column("words", "Words", _words(lambda row: values.figure(row.words)),
           lambda row, _: row.words or 0, 7, priority=4, right=True, newest_first=True),
    Column("changed", "Changed", _beebox_age,
           lambda row, context: values.beebox_age(row, context.at) or 0.0, 7, priority=3, right=True),
    Column("message", "Message", _beebox_message, _name_order(values.beebox_message), 16, 48, priority=5),
)  # fmt: skip


# Instant


def _instant_order(row: InstantRequest, _: Context) -> tuple[float, float, int]:
    return RANK[row.state], -values.moment(row.sent_at), -row.request_id


def _languages(row: InstantRequest, context: Context, width: int) -> Line:
    return _text(f"{row.source} {context.drawing.arrow} {row.target}", context, width)


def _sent(row: InstantRequest, context: Context, width: int) -> Line:
    return _text(context.since(row.sent_at), context, width)


def _split(row: InstantRequest, context: Context, width: int) -> Line:
    share = values.machine_share(row)
    return () if share is None else context.drawing.split(share, width)


def _post_edit(row: InstantRequest, context: Context, width: int) -> Line:
    if row.post_edit_ready:
        return (Span("+ Ready", Role.GOOD),)
    return _text(row.post_edit or "", context, width)


def _purge(row: InstantRequest, context: Context, _: int) -> Line:
    days = values.purge_days(row, context)
    if days is None:
        return ()
    return (Span(f"in {days} d", Role.WARN if days <= 3 else Role.PLAIN),)


_INSTANT = (
    Column("state", "State", _state, _instant_order, 13, fixed=True),
    Column("file", "File", _named(lambda row: row.name), _name_order(lambda row: row.name), 15, 56,
           fixed=True, ample=24),
    Column("languages", "Languages", _languages,
           lambda row, _: (row.source, row.target), 11, priority=1),
    Column("words", "Words", _words(lambda row: values.figure(row.words)),
           lambda row, _: row.words or 0, 6, priority=3, right=True, newest_first=True),
    Column("split", "MT/memory", _split,
           lambda row, _: values.machine_share(row) or 0.0, 10, priority=4, newest_first=True),
    Column("sent", "Sent", _sent,
           lambda row, _: values.moment(row.sent_at), 6, 16, priority=2, right=True, newest_first=True),
    Column("post", "Post edit", _post_edit, _name_order(lambda row: row.post_edit or ""), 12, 20,
           priority=5),
    Column("purge", "Purged", _purge,
           lambda row, context: values.purge_days(row, context) or 0, 7, priority=6, right=True),
)  # fmt: skip


# Flex


def _flex_order(row: FlexComponent, _: Context) -> tuple[float, str, str, str]:
    return RANK[row.state], row.document, folded(row.component), row.locale


def _matching(row: FlexComponent) -> str:
    return "" if row.matching is None else values.figure(row.matching)


_FLEX = (
    Column("state", "State", _state, _flex_order, 10, fixed=True),
    Column("component", "Component", _named(lambda row: row.component),
           _name_order(lambda row: row.component), 16, 56, fixed=True),
    Column("locale", "Locale", _words(lambda row: row.locale), _name_order(lambda row: row.locale), 7,
           priority=1),
    Column("segments", "Segments", _words(lambda row: values.figure(row.segments)),
           lambda row, _: row.segments or 0, 8, priority=3, right=True, newest_first=True),
    Column("matching", "Matching", _words(_matching), lambda row, _: row.matching or 0, 8, priority=4,
           right=True, newest_first=True),
    Column("document", "Document", _words(lambda row: row.document), _name_order(lambda row: row.document), 8,
           12, priority=2),
)  # fmt: skip


# Activity


def _level(row: Event, _: Context, width: int) -> Line:
    text, role = _LEVELS.get(row.level, (f"  {row.level}", Role.PLAIN))
    return (Span(text[:width], role),)


def _event_time(row: Event, context: Context, width: int) -> Line:
    moment = row.until or row.at
    if context.times is times.TimeFormat.AGE:
        return _text(times.near(moment, context.at, context.zone), context, width)
    return _text(times.moment(moment, context.zone), context, width)


def _event_count(row: Event, _: Context, width: int) -> Line:
    return (Span(str(row.count)[:width]),) if row.count > 1 else ()


_ACTIVITY = (
    Column("time", "Time", _event_time, lambda row, _: (values.moment(row.until or row.at), row.id), 11,
           fixed=True, newest_first=True),
    Column("level", "Level", _level, lambda row, _: tuple(Level).index(row.level), 9, priority=2,
           newest_first=True),
    Column("source", "Source", _words(lambda row: row.source), _name_order(lambda row: row.source), 10,
           priority=3),
    Column("text", "What happened", _words(lambda row: row.text), _name_order(lambda row: row.text), 36, 400),
    Column("count", "Count", _event_count, lambda row, _: row.count, 5, priority=4, right=True,
           newest_first=True),
)  # fmt: skip

_ALL = {
    Tab.OPERATIONS: _OPERATIONS,
    Tab.BEEBOX: _BEEBOX,
    Tab.INSTANT: _INSTANT,
    Tab.FLEX: _FLEX,
    Tab.ACTIVITY: _ACTIVITY,
}


MOMENTS = frozenset({"since", "changed", "sent", "time"})
"""The columns that show a moment."""

MOMENT = 18
"""Cells of a moment with its date and offset."""

WIDE = 14
"""Cells of a name where more columns are wanted than names need."""


def columns_of(
    tab: Tab, width: int, form: times.TimeFormat = times.TimeFormat.AGE, *, wide: bool = False
) -> tuple[Column, ...]:
    """Return the columns of a tab for a table of that width; where it is narrow the state is its glyph.

    `form` is how moments are shown, and with `wide` names give way so that more columns have room.
    """
    columns = _ALL[tab]
    if form is not times.TimeFormat.AGE:
        columns = tuple(replace(each, width=MOMENT) if each.id in MOMENTS else each for each in columns)
    if wide:
        columns = tuple(
            replace(each, width=min(each.width, WIDE), ample=0) if each.most else each for each in columns
        )
    if width >= NARROW or columns[0].id != "state":
        return columns
    return (replace(columns[0], head="", width=1), *columns[1:])


def told(columns: tuple[Column, ...], context: Context) -> tuple[Column, ...]:
    """Return the columns without those of the queue while nothing waits or nothing is known of its end."""
    empty = {"place"} if not context.places else set()
    empty |= {"expected"} if not context.forecasts else set()
    return tuple(each for each in columns if each.id not in empty)


def column(tab: Tab, id: str) -> Column:
    """Return a tab's column by its id; raises StopIteration for one that there is not."""
    return next(column for column in _ALL[tab] if column.id == id)
