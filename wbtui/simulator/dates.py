"""The forms in which the vendor's pages write dates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

NEVER: Final = "0001-01-01T00:00:00"
"""The .NET minimum, which stands for no date at all (beebox page, segment JSON)."""


def iso(at: datetime, digits: int = 0, zone: str = "Z") -> str:
    """Return ISO 8601 with that many digits of a second (0 to 7), in UTC and with that zone mark."""
    utc = at.astimezone(UTC)
    fraction = f"{utc.microsecond:06d}1"[:digits]
    point = "." if digits else ""
    return f"{utc:%Y-%m-%dT%H:%M:%S}{point}{fraction}{zone}"


def beebox_form(at: datetime, form: int) -> str:
    """Return a date in one of the forms seen on Beebox pages: 7 digits, none, no zone, no seconds, offset."""
    match form % 5:
        case 0:
            return iso(at, 7)
        case 1:
            return iso(at)
        case 2:
            return iso(at, 3, zone="")
        case 3:
            return iso(at, 7, zone="+00:00")
        case _:
            return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}Z"


def parse_zoned(text: str) -> datetime | None:
    """Return an ISO 8601 date as a datetime, or None if it is none or lacks its zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def minutes(since: datetime, now: datetime) -> int:
    """Return whole minutes between two times."""
    return int((now - since).total_seconds() // 60)
