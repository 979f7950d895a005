"""The tab Instant: what is shown of the requests of Instant Translation."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Final

from wbtui.domain.model import InstantRequest, Service
from wbtui.domain.snapshot import Snapshot
from wbtui.tui.tabs import filter_language as filters
from wbtui.tui.tabs.column import (
    Column,
    Context,
    by_name,
    figure,
    figures,
    name_of,
    text_cell,
    timestamp,
    words_of,
)
from wbtui.tui.tabs.detail_fields import LABEL, DetailField, date_field, read_field
from wbtui.tui.tabs.state import RANK, state_column, state_detail, state_field
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit import times
from wbtui.tui.toolkit.lines import Line, Role, Span

# What a request says

_name = attrgetter("name")


def _machine_share(item: InstantRequest) -> float | None:
    """Return the share of words from machine translation, 0 to 1; None until the server counted."""
    if item.words_machine is None or item.words_memory is None:
        return None
    both = item.words_machine + item.words_memory
    return item.words_machine / both if both > 0 else None


def _days_left(item: InstantRequest, context: Context) -> int | None:
    """Return in how many days the request is deleted; None if it is not known when it was sent."""
    if not isinstance(item.sent_at, datetime):
        return None
    return max(0, context.purge_days - (context.at - item.sent_at).days)


# Columns


def _order(row: InstantRequest, _: Context) -> tuple[float, float, int]:
    return RANK[row.state], -timestamp(row.sent_at), -row.request_id


def _languages_cell(row: InstantRequest, context: Context, width: int) -> Line:
    return text_cell(f"{row.source} {context.drawing.arrow} {row.target}", context, width)


def _sent_cell(row: InstantRequest, context: Context, width: int) -> Line:
    return text_cell(context.since(row.sent_at), context, width)


def _split_cell(row: InstantRequest, context: Context, width: int) -> Line:
    share = _machine_share(row)
    return () if share is None else context.drawing.split(share, width)


def _post_edit_cell(row: InstantRequest, context: Context, width: int) -> Line:
    if row.post_edit_ready:
        return (Span("+ Ready", Role.GOOD),)
    return text_cell(row.post_edit or "", context, width)


def _purge_cell(row: InstantRequest, context: Context, _: int) -> Line:
    days = _days_left(row, context)
    if days is None:
        return ()
    return (Span(f"in {days} d", Role.WARN if days <= 3 else Role.PLAIN),)


_COLUMNS: Final = (
    state_column(_order, 13),
    Column("file", "File", name_of(_name), by_name(_name), 15, 56, fixed=True, ample=24),
    Column("languages", "Languages", _languages_cell, lambda row, _: (row.source, row.target), 11,
           priority=1),
    Column("words", "Words", words_of(lambda row: figure(row.words)), lambda row, _: row.words or 0, 6,
           priority=3, right=True, newest_first=True),
    Column("split", "MT/memory", _split_cell, lambda row, _: _machine_share(row) or 0.0, 10, priority=4,
           newest_first=True),
    Column("sent", "Sent", _sent_cell, lambda row, _: timestamp(row.sent_at), 6, 16, priority=2, right=True,
           newest_first=True, moment=True),
    Column("post", "Post edit", _post_edit_cell, by_name(lambda row: row.post_edit or ""), 12, 20,
           priority=5),
    Column("purge", "Purged", _purge_cell, lambda row, context: _days_left(row, context) or 0, 7, priority=6,
           right=True),
)  # fmt: skip

_FILTER_FIELDS: Final = (
    state_field(),
    filters.id_field("id", lambda row: str(row.request_id)),
    filters.text_field("file", _name, "name"),
    filters.word_field("source", lambda row: row.source),
    filters.word_field("target", lambda row: row.target, "locale"),
    filters.number_field("words", lambda row: row.words),
    filters.age_field("sent", lambda row, context: times.seconds_since(row.sent_at, context.at)),
    filters.text_field("post", lambda row: row.post_edit or ""),
)


# Details


def _details(row: InstantRequest, context: Context, width: int) -> list[DetailField]:
    days = _days_left(row, context)
    titles = f"{row.source_title or row.source} {context.drawing.arrow} {row.target_title or row.target}"
    size = figures((row.words, "words"), (row.segments, "segments"), (row.characters, "characters"))
    memory = figures(
        (row.words_identical, "identical"), (row.words_context, "in context"), (row.words_fuzzy, "fuzzy")
    )
    edited = row.post_edit or ("ready" if row.post_edit_ready else "")
    return [
        DetailField("File", row.name, Role.STRONG),
        DetailField("Id", str(row.request_id)),
        DetailField("Languages", titles),
        state_detail(row),
        DetailField("Status", row.status, brief=True),
        DetailField("Words", size, brief=True),
        _shares(row, context, width),
        DetailField("Memory", memory),
        DetailField("Post edit", edited, brief=True, named=True),
        DetailField("Order", row.post_edit_order),
        DetailField("Web page", row.post_edit_url),
        date_field("Sent", row.sent_at, context),
        DetailField("Purged", "" if days is None else f"in {days} days"),
        read_field(row, context),
    ]


def _shares(row: InstantRequest, context: Context, width: int) -> DetailField:
    share = _machine_share(row)
    if share is None:
        return DetailField("Split")
    percent = round(share * 100)
    bar = context.drawing.split(share, max(6, min(16, width - LABEL - 24)))
    return DetailField("Split", line=(*bar, Span(f"  MT {percent} %, memory {100 - percent} %")))


def _empty(snapshot: Snapshot, _: Context) -> list[str]:
    days = "1 day" if snapshot.purge_days == 1 else f"{snapshot.purge_days} days"
    return ["No requests of this user.", f"Requests are purged after {days} (purge_days)."]


INSTANT: Final = TabSpec(
    id="instant",
    short="Inst",
    service=Service.INSTANT,
    columns=_COLUMNS,
    filter_fields=_FILTER_FIELDS,
    details=_details,
    empty=_empty,
    result_noun="translation",
    number=lambda row: row.request_id,
    web=lambda row: row.post_edit_url,
)
