"""Requests and replies as values, so that the services can be used without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Request:
    """A request: decoded path, query with all values by name, headers by lower-case name."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def value(self, name: str) -> str | None:
        """Return the first value of a query parameter, letter case aside, or None if it is missing."""
        for known, values in self.query.items():
            if known.lower() == name.lower():
                return next(iter(values), "")
        return None

    def text(self) -> str:
        """Return path and query as one line, as the framework's 404 repeats them."""
        query = urlencode(
            [(name, value) for name, values in self.query.items() for value in values], errors="replace"
        )
        return f"{self.path}?{query}" if query else self.path

    def json(self) -> object:
        """Return the JSON body; raises ValueError if it is invalid or declared as another type."""
        if "json" not in self.headers.get("content-type", "").lower():
            raise ValueError("The content type is not application/json.")
        return parsed(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: status, headers but Content-Length, and body."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    patience: float = 0.0
    """Seconds that the service would wait before it sends this reply."""
    changed: datetime | None = None
    """When the file that this is was last changed; None for anything else."""


class RefusedReply(Exception):
    """A refusal; carries the reply to send."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def parsed(text: str | bytes) -> Any:
    """Return a JSON value; raises ValueError if the text is invalid or nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("The JSON is nested too deeply.") from None


def json_reply(value: Any, status: int = 200) -> Reply:
    """Return a reply with a JSON body."""
    # a lone surrogate that a client sent is returned as the same escape
    body = json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace")
    return Reply(status, (("Content-Type", "application/json; charset=utf-8"),), body)


def text_reply(text: str) -> Reply:
    """Return a reply with a plain-text body."""
    return Reply(200, (("Content-Type", "text/plain; charset=utf-8"),), text.encode())


def bytes_reply(content: bytes, changed: datetime, *headers: tuple[str, str]) -> Reply:
    """Return a reply with a file, of no particular type unless a header says so."""
    typed = any(name == "Content-Type" for name, _ in headers)
    extra = () if typed else (("Content-Type", "application/octet-stream"),)
    return Reply(200, (*extra, *headers), content, changed=changed)


def not_found(request: Request) -> Reply:
    """Return the web framework's 404: wrong method, wrong or missing parameter name.

    Like the real framework it repeats the whole address, credentials included.
    """
    return json_reply(
        {
            "Message": f"No HTTP resource was found that matches the request URI '{request.text()}'.",
            "MessageDetail": "No action was found on the controller that matches the request.",
        },
        404,
    )


def need(request: Request, *names: str) -> list[str]:
    """Return mandatory query parameters; raises RefusedReply with the framework's 404 if one is missing."""
    values = [request.value(name) for name in names]
    if None in values:
        raise RefusedReply(not_found(request))
    return [value for value in values if value is not None]


def whole_number(text: object, least: int, default: int | None = None) -> int:
    """Return a number of at least `least`, or `default` if there is none; raises ValueError."""
    if default is not None and (text is None or text == ""):
        return default
    if isinstance(text, bool) or not isinstance(text, int | str):
        raise ValueError("not a whole number")
    number = int(text)
    if number < least:
        raise ValueError("too small")
    return number


NEVER: Final = "0001-01-01T00:00:00"
"""The smallest date of .NET, which means no date. Source: Beebox pages, segment JSON."""


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
    """Return an ISO 8601 date as a datetime, or None if it is invalid or lacks a zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def minutes(since: datetime, now: datetime) -> int:
    """Return whole minutes between two times."""
    return int((now - since).total_seconds() // 60)
