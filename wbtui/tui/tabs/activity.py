"""The tab Activity: what is shown of the events that wbtui wrote down."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import Final

from wbtui.domain.snapshot import Event, Level
from wbtui.tui.tabs import filter_language as filters
from wbtui.tui.tabs.column import Column, Context, by_name, text_cell, timestamp, words_of
from wbtui.tui.tabs.detail_fields import DetailField
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit import times
from wbtui.tui.toolkit.lines import Line, Role, Span

_LEVELS: Final = {Level.ERROR: ("! error", Role.BAD), Level.WARNING: ("! warning", Role.WARN)}
_source = attrgetter("source")
_text = attrgetter("text")


def _level_cell(row: Event, _: Context, width: int) -> Line:
    text, role = _LEVELS.get(row.level, (f"  {row.level}", Role.PLAIN))
    return (Span(text[:width], role),)


def _time_cell(row: Event, context: Context, width: int) -> Line:
    moment = row.until or row.at
    if context.times is times.TimeFormat.AGE:
        return text_cell(times.near(moment, context.at, context.zone), context, width)
    return text_cell(times.moment(moment, context.zone), context, width)


def _count_cell(row: Event, _: Context, width: int) -> Line:
    return (Span(str(row.count)[:width]),) if row.count > 1 else ()


_COLUMNS: Final = (
    Column("time", "Time", _time_cell, lambda row, _: (timestamp(row.until or row.at), row.id), 11,
           fixed=True, newest_first=True, moment=True),
    Column("level", "Level", _level_cell, lambda row, _: tuple(Level).index(row.level), 9, priority=2,
           newest_first=True),
    Column("source", "Source", words_of(_source), by_name(_source), 10, priority=3),
    Column("text", "What happened", words_of(_text), by_name(_text), 36, 400),
    Column("count", "Count", _count_cell, lambda row, _: row.count, 5, priority=4, right=True,
           newest_first=True),
)  # fmt: skip

_FILTER_FIELDS: Final = (
    filters.age_field("time", lambda row, context: times.seconds_since(row.until or row.at, context.at)),
    replace(filters.word_field("level", lambda row: row.level), known=tuple(map(str, Level))),
    filters.word_field("source", _source),
    filters.text_field("text", _text),
    filters.number_field("count", lambda row: row.count),
    filters.word_field("about", lambda row: row.key or ""),
)


def _details(row: Event, context: Context, _: int) -> list[DetailField]:
    repeated = f"{row.count} times, last {times.clock(row.until, context.zone)}" if row.count > 1 else ""
    return [
        DetailField("Time", times.date(row.at, context.zone)),
        DetailField("Level", str(row.level)),
        DetailField("Source", row.source),
        DetailField("Counted", repeated),
        DetailField("About", row.key or ""),
        DetailField("Text", row.text),
    ]


ACTIVITY: Final = TabSpec(
    id="activity",
    short="Act",
    service=None,
    columns=_COLUMNS,
    filter_fields=_FILTER_FIELDS,
    details=_details,
    title=_source,
    empty=lambda *_: ["Nothing yet."],
    is_problem=lambda row: row.level is not Level.INFO,
    noun="events",
)
