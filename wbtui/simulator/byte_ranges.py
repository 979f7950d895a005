"""Parts of files, as a usual web server gives them. Source: RFC 9110, sections 8.8, 13.1.5, 14 and 15.

No page of Wordbee says whether its servers do; the plan decides it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from wbtui.simulator.http_messages import Reply, Request
from wbtui.simulator.plan import ByteRanges

_RANGE: Final = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))", re.ASCII | re.IGNORECASE)


def ranged(kind: ByteRanges, request: Request, reply: Reply, now: datetime) -> Reply:
    """Return what is answered in the place of a whole file.

    With the kind `etag` a file has a strong entity tag, with `date` the date of its last change.
    """
    if kind == "none" or reply.changed is None or request.method != "GET":
        return reply
    validator = f'"{hashlib.sha256(reply.body).hexdigest()[:32]}"' if kind == "etag" else _date(reply.changed)
    name = "ETag" if kind == "etag" else "Last-Modified"
    headers = (*reply.headers, ("Accept-Ranges", "bytes"), ("Date", _date(now)), (name, validator))
    whole = replace(reply, headers=headers)
    span = _span(request.headers.get("range", ""), len(reply.body))
    if span is None or request.headers.get("if-range", validator) != validator:
        return whole
    if not span:
        return Reply(416, (*headers, ("Content-Range", f"bytes */{len(reply.body)}")))
    part = reply.body[span.start : span.stop]
    told = ("Content-Range", f"bytes {span.start}-{span.stop - 1}/{len(reply.body)}")
    return replace(reply, status=206, headers=(*headers, told), body=part)


def _span(text: str, length: int) -> range | None:
    """Return the bytes that a Range names, none of them if it lies outside; None if it is to be ignored.

    Several ranges at once are ignored, as a server may.
    """
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        return range(max(0, length - int(suffix)), length)
    if last and int(last) < int(first):
        return None
    return range(min(int(first), length), min(length, int(last) + 1) if last else length)


def _date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)
