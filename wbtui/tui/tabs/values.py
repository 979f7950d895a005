"""What the items say, in words and figures: shared by the table's cells and the details."""

from __future__ import annotations

from datetime import datetime

from wbtui.domain.model import BeeboxFile, Forecast, InstantRequest, Operation, State, When
from wbtui.tui.tabs.column import Context
from wbtui.tui.toolkit import times


def figure(number: int | None) -> str:
    """Return a number with its thousands set apart: `4 011`; nothing for None."""
    return "" if number is None else f"{number:,}".replace(",", " ")


def ordinal(place: int) -> str:
    """Return `1st`, `2nd`, `3rd`, `11th`."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if 10 <= place % 100 <= 20 else endings.get(place % 10, "th")
    return f"{place}{ending}"


def moment(when: When) -> float:
    """Return what a date is sorted by; text and None come first."""
    return when.timestamp() if isinstance(when, datetime) else 0.0


def operation_since(item: Operation) -> datetime | None:
    """Return since when the operation has been in its state, as far as wbtui knows."""
    if item.state is State.RUNNING:
        return item.started_at or item.changed_at
    if item.state is State.WAITING:
        return item.submitted_at or item.tracked_at
    return item.finished_at or item.changed_at or item.seen_at


def expected(forecast: Forecast, context: Context) -> str:
    """Return when it is expected to finish: `14:20 ± 4 min`, or `usually 2 min` where only that is known."""
    if forecast.expected_at is not None and forecast.expected_at > context.at:
        off = "" if forecast.plus_minus is None else f" {context.drawing.about} {_span(forecast.plus_minus)}"
        return f"{times.short_clock(forecast.expected_at, context.zone)}{off}"
    if forecast.usual_seconds is None:
        return ""
    return f"usually {_span(forecast.usual_seconds)}"


def running_for(item: Operation, forecast: Forecast | None, at: datetime) -> str:
    """Return `running 12 min, usually 2 min` of one that runs, as far as it is known."""
    if item.state is not State.RUNNING or item.started_at is None:
        return ""
    usual = "" if forecast is None or forecast.usual_seconds is None else forecast.usual_seconds
    running = f"running {_span((at - item.started_at).total_seconds())}"
    return running if usual == "" else f"{running}, usually {_span(float(usual))}"


def _span(seconds: float) -> str:
    """Return a span of time: seconds below a minute, then as an age."""
    return f"{max(0, round(seconds))} s" if seconds < times.MINUTE else times.age(seconds)


def project(row: Operation) -> str:
    """Return the id of the project that an operation works on, if its answer names one."""
    return str(row.reading.project_id or "")


def operation_result(item: Operation) -> str:
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
        return ", ".join(f"{figure(number)} {name}" for name, number in reading.counts.items())
    if reading.files:
        return f"{len(reading.files)} file{'' if len(reading.files) == 1 else 's'}{more}"
    return ""


def beebox_message(item: BeeboxFile) -> str:
    """Return the file's error, or its information."""
    return item.error or item.info


def beebox_age(item: BeeboxFile, at: datetime) -> float | None:
    """Return the seconds since the deliverable was made, else since the source was saved."""
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


def machine_share(item: InstantRequest) -> float | None:
    """Return the share of words from machine translation, 0 to 1; None until the server counted."""
    if item.words_machine is None or item.words_memory is None:
        return None
    both = item.words_machine + item.words_memory
    return item.words_machine / both if both > 0 else None


def purge_days(item: InstantRequest, context: Context) -> int | None:
    """Return in how many days the request is deleted; None if it is not known when it was sent."""
    if not isinstance(item.sent_at, datetime):
        return None
    return max(0, context.purge_days - (context.at - item.sent_at).days)


def label_of(item: Operation) -> str:
    """Return what an operation was named, and which attempt it is unless it is the first."""
    return f"{item.label} (attempt {item.attempt})".lstrip() if item.attempt > 1 else item.label
