"""The faults between a service and its client, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

FOREVER: Final = 10**12
"""The size of an endless answer."""
HUGE_BYTES: Final = 40 * 1024 * 1024
"""More bytes than any call accepts in one piece, except for media."""


class Kind(StrEnum):
    """The kinds of faults; `applied` implements each."""

    REFUSED = "connection refused"
    HANGS = "never answers"
    DELAY = "answers late"
    DRIP = "answers byte by byte"
    CUT_HEAD = "hangs up without an answer"
    CUT = "hangs up in the middle of a body"
    GARBLE = "damaged bytes"
    NOT_HTTP = "another protocol"
    TWICE_ASKED = "request delivered twice"
    TWICE_ANSWERED = "answer sent twice"
    TWICE_LISTED = "every record twice"
    STATUS = "any status"
    HTML = "a web page instead"
    EMPTY = "empty body"
    HUGE = "huge body"
    ENDLESS = "endless body"
    ENDLESS_HEAD = "endless headers"
    WRONG_TYPES = "wrong types"
    MISSING = "missing fields"
    BAD_UTF8 = "invalid UTF-8"
    DEEP = "nested too deeply"
    BIG_NUMBER = "a number of ten thousand digits"
    BOMB = "a packed body that swells"
    BAD_PACKING = "says packed, is not"
    REDIRECT = "points to another host"
    THROTTLED = "allowance used up"
    WRONG_DATE = "the server's date is wrong"
    EXPIRED = "certificate expired"
    UNTRUSTED = "certificate of an unknown authority"
    MISNAMED = "certificate of another host"


SESSIONS: Final = ("/connect", "/disconnect", "/auth/token")
TLS: Final = frozenset({Kind.EXPIRED, Kind.UNTRUSTED, Kind.MISNAMED})
"""Faults before the first byte of HTTP."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. The kind decides which fields count. Equal values change equal answers equally.

    `seconds`: how late, or between two bytes, or how far off a date. `size`: bytes of the body that still
    come (CUT), that are damaged (GARBLE), or that are added (HUGE, ENDLESS). `status`, `headers`, `body`:
    what is answered (STATUS, HTML, REDIRECT, THROTTLED). `lost`: the request never reaches the service.
    `spared`: endings of paths that are not affected. `seed` decides what is damaged.
    """

    kind: Kind
    seconds: float = 0.0
    size: int = 0
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    lost: bool = False
    spared: tuple[str, ...] = ()
    seed: int = 0

    def hits(self, path: str) -> bool:
        """Return whether the fault affects a request to this path."""
        return not path.endswith(self.spared)

    def after_log_in(self) -> Fault:
        """Return the same fault, limited to requests between log-in and log-out."""
        return replace(self, spared=SESSIONS)


PAGE: Final = (
    b"<!DOCTYPE html><html><head><title>Sign in to the hotel</title></head><body>Hello</body></html>"
)
GATEWAY: Final = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
ELSEWHERE: Final = "https://collector.example/api?from=here"


def throttled(text: str = "", **headers: str) -> Fault:
    """Return a 429 with these words and headers."""
    body = b'{"error": {"message": "%s"}}' % text.encode() if text else b""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Fault(Kind.THROTTLED, status=429, headers=named, body=body, lost=True)


def answering(status: int, body: bytes = b"", media_type: str = "text/html") -> Fault:
    """Return an answer of a proxy instead of the service."""
    return Fault(Kind.STATUS, status=status, headers=(("Content-Type", media_type),), body=body, lost=True)


FAULTS: Final = MappingProxyType(
    {
        "refused": Fault(Kind.REFUSED, lost=True),
        "hangs": Fault(Kind.HANGS, lost=True),
        "hangs after the work": Fault(Kind.HANGS),
        "late": Fault(Kind.DELAY, seconds=8.0),
        "drip": Fault(Kind.DRIP, seconds=1.0),
        "hung up": Fault(Kind.CUT_HEAD, lost=True),
        "hung up after the work": Fault(Kind.CUT_HEAD),
        "cut": Fault(Kind.CUT, size=3),
        "garbled": Fault(Kind.GARBLE, size=8),
        "not http": Fault(Kind.NOT_HTTP, lost=True),
        "asked twice": Fault(Kind.TWICE_ASKED),
        "answered twice": Fault(Kind.TWICE_ANSWERED),
        "listed twice": Fault(Kind.TWICE_LISTED),
        "500": answering(500, b'{"error": {"title": "Boom"}}', "application/json"),
        "502 page": answering(502, GATEWAY),
        "503 empty": answering(503),
        "503 for a while": replace(answering(503), headers=(("Retry-After", "90"),)),
        "408": answering(408),
        "404 page": answering(404, b"<title>404 - File not found</title>"),
        "403 page": answering(403, b"<title>Forbidden by the firewall</title>"),
        "407": answering(407),
        "418": answering(418, b"short and stout", "text/plain"),
        "599": answering(599),
        "204": answering(204),
        "html": Fault(Kind.HTML, body=PAGE, lost=True),
        "empty": Fault(Kind.EMPTY),
        "huge": Fault(Kind.HUGE, size=HUGE_BYTES),
        "endless": Fault(Kind.ENDLESS, size=FOREVER),
        "endless head": Fault(Kind.ENDLESS_HEAD, size=FOREVER),
        "wrong types": Fault(Kind.WRONG_TYPES),
        "missing fields": Fault(Kind.MISSING),
        "invalid utf-8": Fault(Kind.BAD_UTF8),
        "deep": Fault(Kind.DEEP),
        "big number": Fault(Kind.BIG_NUMBER),
        "bomb": Fault(Kind.BOMB, size=HUGE_BYTES),
        "bad packing": Fault(Kind.BAD_PACKING),
        "redirect": Fault(Kind.REDIRECT, status=302, headers=(("Location", ELSEWHERE),), lost=True),
        "redirect that keeps the method": Fault(
            Kind.REDIRECT, status=307, headers=(("Location", ELSEWHERE),), lost=True
        ),
        "429": throttled(),
        "429 with a figure": throttled("Requests throttled. Maximum allowed 200 per 01:00:00."),
        "429 for seconds": throttled("Slow down", Retry_After="90"),
        "429 until a date": throttled("Slow down", Retry_After="Sun, 01 Mar 2026 12:05:00 GMT"),
        "429 for ever": throttled("Slow down", Retry_After="999999"),
        "429 nonsense": throttled("Maximum allowed 0 per 00:00:00", Retry_After="soon"),
        "date ahead": Fault(Kind.WRONG_DATE, seconds=86_400.0),
        "date behind": Fault(Kind.WRONG_DATE, seconds=-86_400.0 * 3650),
        "expired": Fault(Kind.EXPIRED, lost=True),
        "unknown authority": Fault(Kind.UNTRUSTED, lost=True),
        "other name": Fault(Kind.MISNAMED, lost=True),
    }
)
"""Every kind at least once, by its name in tests."""
