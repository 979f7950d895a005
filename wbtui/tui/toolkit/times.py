"""Times in words: clock times in the user's zone, and ages at the time of the snapshot."""

from __future__ import annotations

from datetime import datetime, tzinfo
from enum import StrEnum

from wbtui.domain.model import When, span_words


class TimeFormat(StrEnum):
    """How times are shown in the table."""

    AGE = "age"
    LOCAL = "local time"
    UTC = "UTC"


MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def age(seconds: float) -> str:
    """Return an age in its largest unit: "now" below a minute, then minutes, hours (to 48), days."""
    if seconds < MINUTE:
        return "now"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min"
    if seconds < 2 * DAY:
        return f"{int(seconds // HOUR)} h"
    return f"{int(seconds // DAY)} d"


def age_of(when: When, at: datetime) -> str:
    """Return the age of a time; a date without a zone is returned unchanged."""
    if isinstance(when, datetime):
        return age((at - when).total_seconds())
    return when or ""


def seconds_since(when: When, at: datetime) -> float | None:
    """Return how long ago it was; None for an unknown date or one without a zone."""
    return (at - when).total_seconds() if isinstance(when, datetime) else None


def moment(when: datetime, zone: tzinfo | None) -> str:
    """Return `03-01 14:31 +01:00`: date, time and offset in a table's cell."""
    local = when.astimezone(zone)
    offset = f"{local:%z}"
    return f"{local:%m-%d %H:%M} {offset[:3]}:{offset[3:5]}"


def minutes_old(minutes: float | None, seen_at: datetime | None, at: datetime) -> float | None:
    """Return the present age in seconds, of an age in minutes at the time of the reading."""
    if minutes is None:
        return None
    since = (at - seen_at).total_seconds() if seen_at is not None else 0.0
    return minutes * MINUTE + max(0.0, since)


def clock(moment: datetime | None, zone: tzinfo | None) -> str:
    """Return `14:31:55` in the zone (None: the machine's), or an empty text."""
    return "" if moment is None else f"{moment.astimezone(zone):%H:%M:%S}"


def short_clock(moment: datetime | None, zone: tzinfo | None) -> str:
    """Return `14:31` in the zone, or an empty text."""
    return "" if moment is None else f"{moment.astimezone(zone):%H:%M}"


def date(when: When, zone: tzinfo | None) -> str:
    """Return `2026-03-01 11:32 +01:00`, or the text unchanged."""
    if not isinstance(when, datetime):
        return when or ""
    local = when.astimezone(zone)
    offset = f"{local:%z}"
    return f"{local:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:5]}"


def full(moment: datetime, at: datetime, zone: tzinfo | None) -> str:
    """Return the clock time with its offset, and the date too if that is another day."""
    local = moment.astimezone(zone)
    if local.date() != at.astimezone(zone).date():
        return date(moment, zone)
    offset = f"{local:%z}"
    return f"{local:%H:%M:%S} {offset[:3]}:{offset[3:5]}"


def near(moment: datetime, at: datetime, zone: tzinfo | None) -> str:
    """Return the clock time, with the date before it if that is another day."""
    local = moment.astimezone(zone)
    if local.date() == at.astimezone(zone).date():
        return f"{local:%H:%M:%S}"
    return f"{local:%m-%d %H:%M}"


window = span_words
