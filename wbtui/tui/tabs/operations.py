"""The tab Operations: what is shown of the operations of the Translator API that are watched."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from wbtui.domain.model import Operation, Service, State
from wbtui.domain.notices import file_words, replaced_words
from wbtui.domain.snapshot import Forecast, Snapshot
from wbtui.tui.tabs import filter_language as filters
from wbtui.tui.tabs.column import (
    Column,
    Context,
    by_name,
    figure,
    name_cell,
    name_of,
    ordinal,
    text_cell,
    timestamp,
    words_of,
)
from wbtui.tui.tabs.detail_fields import DetailField, date_field, heading
from wbtui.tui.tabs.state import RANK, state_column, state_detail, state_field
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit import times
from wbtui.tui.toolkit.lines import Line, Role, Span, cut, line, wrap

_RUNNING_FIRST: Final = {**RANK, State.RUNNING: RANK[State.READY] - 0.5}
"""Few operations run at once, and they are what one watches; running Beebox files can be thousands."""


# What an operation says


def label_of(item: Operation) -> str:
    """Return the label of an operation, and which attempt it is unless it is the first."""
    return f"{item.label} (attempt {item.attempt})".lstrip() if item.attempt > 1 else item.label


def since(item: Operation) -> datetime | None:
    """Return since when the operation has been in its state, as far as wbtui knows."""
    if item.state is State.RUNNING:
        return item.started_at or item.changed_at
    if item.state is State.WAITING:
        return item.submitted_at or item.tracked_at
    return item.finished_at or item.changed_at or item.seen_at


def result(item: Operation) -> str:
    """Return what came of the operation, in a few words."""
    reading = item.reading
    failed = sum(1 for file in reading.files if not file.success)
    replaced = sum(file.replaced for file in reading.files)
    more = f", {replaced} replaced" if replaced else ""
    if failed:
        return f"{failed} of {len(reading.files)} files failed{more}"
    if item.state is State.FAILED:
        return reading.status_info or reading.status_text
    if reading.file_name:
        return reading.file_name
    if reading.counts:
        return _counts(item)
    if reading.files:
        return f"{len(reading.files)} file{'' if len(reading.files) == 1 else 's'}{more}"
    return ""


def _counts(item: Operation) -> str:
    return ", ".join(f"{figure(number)} {noun}" for noun, number in item.reading.counts.items())


def _id(row: Operation) -> str:
    return str(row.request_id or "")


def _project(row: Operation) -> str:
    return str(row.reading.project_id or "")


def _span(seconds: float) -> str:
    """Return a span of time: seconds below a minute, then as an age."""
    return f"{max(0, round(seconds))} s" if seconds < times.MINUTE else times.age(seconds)


def _expected(forecast: Forecast, context: Context) -> str:
    """Return when it is expected to finish: `14:20 ± 4 min`, or `usually 2 min` where only that is known."""
    if forecast.expected_at is not None and forecast.expected_at > context.at:
        off = "" if forecast.plus_minus is None else f" {context.drawing.about} {_span(forecast.plus_minus)}"
        return f"{times.short_clock(forecast.expected_at, context.zone)}{off}"
    return "" if forecast.usual_seconds is None else f"usually {_span(forecast.usual_seconds)}"


# Columns


def _order(row: Operation, context: Context) -> tuple[float, float, float]:
    return _RUNNING_FIRST[row.state], context.places.get(row.key, 0), -timestamp(since(row))


def _since_cell(row: Operation, context: Context, width: int) -> Line:
    return text_cell(context.since(since(row)), context, width)


def _expected_cell(row: Operation, context: Context, width: int) -> Line:
    """Return when it is expected to finish; of one that runs over time, how long such ones take."""
    forecast = context.forecasts.get(row.key)
    return () if forecast is None else text_cell(_expected(forecast, context), context, width)


def _expected_order(row: Operation, context: Context) -> float:
    forecast = context.forecasts.get(row.key)
    return timestamp(forecast.expected_at) if forecast and forecast.expected_at else float("inf")


def _place_cell(row: Operation, context: Context, _: int) -> Line:
    place = context.places.get(row.key)
    return () if place is None else (Span(ordinal(place)),)


def _result_cell(row: Operation, context: Context, width: int) -> Line:
    text = result(row)
    if text == row.reading.file_name:
        return name_cell(text, context, width)
    return text_cell(text, context, width, Role.WARN if row.state is State.PARTIAL else Role.PLAIN)


_COLUMNS: Final = (
    state_column(_order, 15),
    Column("id", "Id", words_of(_id), lambda row, _: row.request_id, 6, priority=4, right=True),
    Column("kind", "Kind", words_of(lambda row: row.kind), by_name(lambda row: row.kind), 10, priority=6),
    Column("label", "Label", name_of(label_of), by_name(lambda row: row.label), 18, 40, fixed=True, ample=21),
    Column("text", "Status text", words_of(lambda row: row.reading.status_text),
           by_name(lambda row: row.reading.status_text), 14, 30, priority=8),
    Column("since", "Since", _since_cell, lambda row, _: timestamp(since(row)), 6, priority=2, right=True,
           newest_first=True, moment=True),
    Column("place", "Queue", _place_cell, lambda row, context: context.places.get(row.key, 1 << 30), 5,
           priority=3, right=True, empty=lambda context: not context.places),
    Column("expected", "Expected", _expected_cell, _expected_order, 14, 22, priority=5,
           empty=lambda context: not context.forecasts),
    Column("looks", "Looks", words_of(lambda row: str(row.looks)), lambda row, _: row.looks, 5,
           priority=9, right=True, newest_first=True),
    Column("project", "Project", words_of(_project), lambda row, _: row.reading.project_id or 0, 7,
           priority=10, right=True),
    Column("result", "Result", _result_cell, by_name(result), 19, 40, priority=7),
)  # fmt: skip

_FILTER_FIELDS: Final = (
    state_field(lambda row: (row.reading.status,)),
    filters.id_field("id", lambda row: str(row.request_id or row.key)),
    filters.word_field("kind", lambda row: row.kind),
    filters.text_field("label", label_of),
    filters.text_field("text", lambda row: row.reading.status_text),
    filters.age_field("since", lambda row, context: times.seconds_since(since(row), context.at)),
    filters.FilterField("place", filters.ValueKind.NUMBER, others=("queue",),
                        figure=lambda row, context: context.places.get(row.key)),
    filters.number_field("looks", lambda row: row.looks),
    filters.word_field("project", _project),
    filters.text_field("result", result),
)  # fmt: skip


# Details


def _details(row: Operation, context: Context, _: int) -> list[DetailField]:
    reading = row.reading
    forerunner = f"attempt {row.attempt}, after {row.forerunner}" if row.forerunner else ""
    status = " - ".join(part for part in (reading.status, reading.status_text) if part)
    said = result(row)
    queue = _queue(row, context)
    return [
        DetailField("Label", row.label, Role.STRONG),
        DetailField("Id", str(row.request_id or "none: it was finished at once")),
        DetailField("Kind", row.kind),
        DetailField("Project", _project(row)),
        state_detail(row),
        DetailField("Status", status, brief=True),
        DetailField("Message", reading.status_info, brief=True),
        DetailField("Replaced", replaced_words(row), Role.WARN),
        DetailField("Queue", queue, brief=True, named=not queue.startswith("running")),
        DetailField("Result", "" if said == reading.status_info else said, brief=True),
        DetailField("Counted", _counts(row)),
        date_field("Sent", row.submitted_at or row.tracked_at, context),
        date_field("Started", row.started_at, context),
        date_field("Finished", row.finished_at, context),
        DetailField("Looked", _looked(row, context)),
        DetailField("Request", _request(row)),
        DetailField("Attempt", forerunner),
    ]


def _request(row: Operation) -> str:
    return "" if row.request is None else f"{row.request.method} {row.request.path}"


def _looked(row: Operation, context: Context) -> str:
    return f"at {times.short_clock(row.seen_at, context.zone)}" if row.looks else ""


def _queue(row: Operation, context: Context) -> str:
    """Return `3rd to start, about 14:20 ± 4 min` or `running 12 min, usually 2 min`, if that is known."""
    place, forecast = context.places.get(row.key), context.forecasts.get(row.key)
    parts = ["" if place is None else f"{ordinal(place)} to start"]
    parts.append(_running(row, forecast, context.at))
    if forecast is not None and forecast.expected_at is not None and forecast.expected_at > context.at:
        parts.append(f"about {_expected(forecast, context)}")
    elif forecast is not None and place is not None:
        parts.append(_expected(forecast, context))
    return ", ".join(part for part in parts if part)


def _running(item: Operation, forecast: Forecast | None, at: datetime) -> str:
    """Return `running 12 min, usually 2 min` of one that runs, as far as it is known."""
    if item.state is not State.RUNNING or item.started_at is None:
        return ""
    running = f"running {_span((at - item.started_at).total_seconds())}"
    if forecast is None or forecast.usual_seconds is None:
        return running
    return f"{running}, usually {_span(forecast.usual_seconds)}"


def _files(row: Operation, context: Context, width: int) -> list[Line]:
    """Return what became of each file of an upload."""
    if not row.reading.files:
        return []
    lines = heading("Files")
    for file in row.reading.files:
        glyph, role = ("+", Role.GOOD) if file.success else ("!", Role.BAD)
        lines.append(line(Span(f"  {glyph} ", role), cut(file.name, width - 4, context.drawing.ellipsis)))
        lines += [line(Span(f"    {piece}", role)) for piece in wrap(file.error, width - 4)]
        known = Role.WARN if file.replaced else Role.QUIET
        lines += [line(Span(f"    {piece}", known)) for piece in wrap(file_words(file), width - 4)]
    return lines


def _empty(_: Snapshot, __: Context) -> list[str]:
    return [
        "No operation is watched.",
        "`wbtui track ID` adds one, and `wbtui track -` takes Wordbee's answers from a pipe.",
        "The API offers no proven list of running operations; Wordbee's own log is under "
        "Settings > Activity > User operations (administrators).",
    ]


OPERATIONS: Final = TabSpec(
    id="operations",
    short="Ops",
    service=Service.OPERATIONS,
    columns=_COLUMNS,
    filter_fields=_FILTER_FIELDS,
    details=_details,
    sections=_files,
    empty=_empty,
    watched=True,
    state_words=_request,
    sent_noun="operation",
    result_noun="result",
    number=lambda row: row.request_id,
)
