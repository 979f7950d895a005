"""Going on with a file that was cut off: byte ranges, and what must hold before two pieces are one file.

Source: RFC 9110, sections 8.8 (validators), 13.1.5 (If-Range), 14 (ranges) and 15.3.7 (206).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from wbtui.domain.ports import KeptPart

_SPAN: Final = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})", re.ASCII | re.IGNORECASE)
_STRONG_TAG: Final = re.compile(r'"[!#-~]{0,250}"', re.ASCII)
_DATE: Final = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT", re.ASCII)
_OLDER: Final = timedelta(seconds=1)
"""By so much a date of change must lie before the answer's own date; otherwise the file may have changed
twice in that second."""


def range_headers(kept: KeptPart) -> dict[str, str]:
    """Return the headers that ask for the rest of a file; of a file as it is, since a range is of that."""
    headers = {"Accept-Encoding": "identity"}
    if kept.size:
        headers |= {"Range": f"bytes={kept.size}-", "If-Range": kept.validator}
    return headers


def validator_of(headers: Mapping[str, str]) -> str:
    """Return what tells by If-Range that a file is still the same; empty if it cannot be gone on with.

    A weak tag cannot tell that, nor can a date where there is a tag.
    """
    if headers.get("content-encoding", "identity") not in {"", "identity"}:
        return ""
    if headers.get("accept-ranges", "").strip().lower() == "none":
        return ""
    tag = headers.get("etag")
    if tag is not None:
        return tag if _STRONG_TAG.fullmatch(tag) else ""
    text = headers.get("last-modified", "")
    changed, sent = _date(text), _date(headers.get("date", ""))
    return text if changed is not None and sent is not None and sent - changed >= _OLDER else ""


def span_of(headers: Mapping[str, str]) -> tuple[int, int, int] | None:
    """Return first and last byte and the whole length of a Content-Range, or None if it is of no use."""
    found = _SPAN.fullmatch(headers.get("content-range", "").strip())
    if found is None:
        return None
    first, last, total = map(int, found.groups())
    return (first, last, total) if first <= last < total else None


def is_rest_of(kept: KeptPart, headers: Mapping[str, str]) -> bool:
    """Return whether a 206 has what follows on this part, of the same file."""
    span = span_of(headers)
    if span is None or span[0] != kept.size or headers.get("content-encoding", "identity") != "identity":
        return False
    if kept.total is not None and span[2] != kept.total:
        return False
    if kept.validator.startswith('"'):
        return headers.get("etag") == kept.validator
    # the date need not be repeated
    return headers.get("last-modified", kept.validator) == kept.validator


def _date(text: str) -> datetime | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return parsedate_to_datetime(text).replace(tzinfo=UTC)
    except ValueError:
        return None
