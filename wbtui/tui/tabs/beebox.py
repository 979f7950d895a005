"""The tab Beebox: what is shown of the files of a Beebox project, each in its languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final

from wbtui.domain.model import BeeboxFile, ItemKey, Service, State
from wbtui.domain.snapshot import Snapshot
from wbtui.tui.tabs import filter_language as filters
from wbtui.tui.tabs.column import Column, Context, by_name, figure, figures, name_of, text_cell, words_of
from wbtui.tui.tabs.detail_fields import DetailField, ago, date_field, read_field
from wbtui.tui.tabs.row import folder_of
from wbtui.tui.tabs.state import RANK, state_column, state_detail, state_field
from wbtui.tui.tabs.tab_spec import Grouping, TabSpec, ViewMode
from wbtui.tui.toolkit import times
from wbtui.tui.toolkit.lines import Line, Role, Span

# What a file says

_path = attrgetter("path")
_locale = attrgetter("locale")


def _message(row: BeeboxFile) -> str:
    return row.error or row.info


def _age(item: BeeboxFile, context: Context) -> float | None:
    """Return the seconds since the deliverable was made, else since the source was saved."""
    at = context.at
    made = times.minutes_old(item.made_age, item.seen_at, at)
    if made is None and isinstance(item.made_at, datetime):
        made = (at - item.made_at).total_seconds()
    if made is not None and item.state is State.READY:
        return made
    source = times.minutes_old(item.source_age, item.seen_at, at)
    if source is not None:
        return source
    known = item.source_at if isinstance(item.source_at, datetime) else item.changed_at
    return None if known is None else (at - known).total_seconds()


# Columns


def _order(row: BeeboxFile, context: Context) -> tuple[float, float, str, str]:
    age = _age(row, context)
    return RANK[row.state], age if age is not None else 1e12, row.path, row.locale


def _age_cell(row: BeeboxFile, context: Context, width: int) -> Line:
    return text_cell(context.ago(_age(row, context)), context, width)


def _message_cell(row: BeeboxFile, context: Context, width: int) -> Line:
    return text_cell(_message(row), context, width, Role.BAD if row.error else Role.PLAIN)


_COLUMNS: Final = (
    state_column(_order, 14),
    Column("file", "File", name_of(_path), by_name(_path), 24, 64, fixed=True, ample=36),
    Column("locale", "Locale", words_of(_locale), by_name(_locale), 7, priority=1),
    Column("words", "Words", words_of(lambda row: figure(row.words)), lambda row, _: row.words or 0, 7,
           priority=4, right=True, newest_first=True),
    Column("changed", "Changed", _age_cell, lambda row, context: _age(row, context) or 0.0, 7,
           priority=3, right=True, moment=True),
    Column("message", "Message", _message_cell, by_name(_message), 16, 48, priority=5),
)  # fmt: skip

_FILTER_FIELDS: Final = (
    state_field(lambda row: (row.status_name, "" if row.status is None else str(row.status))),
    filters.text_field("file", _path, "path"),
    filters.word_field("locale", _locale),
    filters.number_field("words", lambda row: row.words),
    filters.age_field("changed", _age),
    filters.text_field("message", _message),
)


# Details


def _details(row: BeeboxFile, context: Context, _: int) -> list[DetailField]:
    status = "" if row.status is None else f" ({row.status} {row.status_name})".replace(" )", ")")
    size = figures((row.words, "words"), (row.segments, "segments"))
    return [
        DetailField("File", row.path, Role.STRONG),
        DetailField("Locale", f"{row.locale}  {row.locale_name}".rstrip()),
        state_detail(row, Span(status, Role.QUIET)),
        DetailField("Asked", _asked(row, context), Role.WARN, brief=True),
        DetailField("Message", row.error, Role.BAD, brief=True),
        DetailField("Info", row.info),
        DetailField("Words", size, brief=True),
        _aged("Source", row.source_at, row.source_age, row, context),
        _aged("Output", row.made_at, row.made_age, row, context),
        date_field("Preliminary", row.preliminary_at, context),
        read_field(row, context),
    ]


def _asked(row: BeeboxFile, context: Context) -> str:
    """Return what was asked of the Beebox and when, while it has said nothing new since."""
    if row.asked is None:
        return ""
    return f"{row.asked.value} asked {times.short_clock(row.asked_at, context.zone)}: waiting for the Beebox"


def _aged(name: str, when: object, minutes: float | None, row: BeeboxFile, context: Context) -> DetailField:
    """Return a date whose age the server gave in minutes."""
    seconds = times.minutes_old(minutes, row.seen_at, context.at)
    if seconds is None:
        return date_field(name, when, context)
    date = when if isinstance(when, str) else ""
    return DetailField(name, f"{ago(times.age(seconds))}  {date}".rstrip())


def _empty(snapshot: Snapshot, context: Context) -> list[str]:
    health = snapshot.health.get(Service.BEEBOX)
    asked = "" if health is None else times.clock(health.read_at, context.zone)
    return ["The Beebox lists no files in this project." + (f" Asked {asked}." if asked else "")]


# Its languages


def _group_key(item: BeeboxFile) -> ItemKey:
    return ItemKey(f"file:{item.wire_path or item.path}")


def _group_name(item: BeeboxFile) -> tuple[str, str]:
    folder, separator, name = item.path.rpartition("\\")
    return folder + separator, name


def _group_head(_: BeeboxFile, folder: str, name: str) -> Sequence[DetailField]:
    return (DetailField("File", folder + name, Role.STRONG),)


BEEBOX: Final = TabSpec(
    id="beebox",
    short="Bee",
    service=Service.BEEBOX,
    columns=_COLUMNS,
    filter_fields=_FILTER_FIELDS,
    details=_details,
    title=lambda row: f"{row.path}  {row.locale}",
    empty=_empty,
    group_noun="files",
    modes=(ViewMode.MATRIX, ViewMode.LIST),
    grouping=Grouping(
        key=_group_key,
        name=_group_name,
        head=_group_head,
        size=attrgetter("words"),
        look=attrgetter("state", "status", "asked"),
        noun="File",
        size_noun="words",
        complete="ready",
        foldered=True,
        error=attrgetter("error"),
        one_source=True,
    ),
    folder=lambda item: folder_of(item.path),
    totals=True,
    unit=_path,
    nothing_new="nothing was made since the last time",
)
