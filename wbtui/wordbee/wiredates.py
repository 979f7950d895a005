"""Dates as the services write them: any number of fraction digits, with or without seconds and zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from wbtui.domain.model import When
from wbtui.domain.sanitize import safe

_DATE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})[Tt ]"
    r"(?P<hour>\d{2}):(?P<minute>\d{2})(:(?P<second>\d{2})(\.(?P<fraction>\d+))?)?"
    r" ?(?P<zone>[Zz]|[+-]\d{2}(:?\d{2})?)?",
    re.ASCII,
)
_LONGEST = 64


def read_date(value: object, *, utc: bool = False) -> When:
    """Return an aware UTC time; the text as it came where it has no zone or is no date; None for none.

    The year 1 is .NET's way of saying never. With `utc` a date without a zone is taken as UTC, for the
    services that promise it. Source: bb/pages/364760 and callbacks of the Beebox, error page of API 2.
    """
    if not isinstance(value, str) or not value.strip() or value.strip().startswith("0001-01-01"):
        return None
    text = value.strip()
    match = _DATE.fullmatch(text) if len(text) <= _LONGEST else None
    zone = _zone(match["zone"], utc=utc) if match else None
    if match is None or zone is None:
        return safe(text, _LONGEST)
    try:
        return _moment(match, zone)
    except (ValueError, OverflowError):
        return safe(text, _LONGEST)


def write_date(moment: datetime) -> str:
    """Return an aware time as the services want it: ISO 8601 in UTC, whole seconds, with Z."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _zone(text: str | None, *, utc: bool) -> timezone | None:
    if text is None:
        return UTC if utc else None
    if text in {"Z", "z"}:
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset >= timedelta(days=1):
        return None
    return timezone(-offset if text[0] == "-" else offset)


def _moment(match: re.Match[str], zone: timezone) -> datetime:
    whole = [int(match[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")]
    microsecond = int((match["fraction"] or "").ljust(6, "0")[:6])
    moment = datetime(whole[0], whole[1], whole[2], whole[3], whole[4], whole[5], microsecond, zone)
    return moment.astimezone(UTC)
