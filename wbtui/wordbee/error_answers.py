"""Translates unsuccessful answers into wbtui's errors. Pure, with one function per API.

The three services shape their errors differently, and proxies may send anything. The message is the server's
own where it has one, sanitized and without addresses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wbtui.domain.errors import (
    AllowanceUsed,
    BadAnswer,
    Busy,
    LoginRefused,
    NoConnection,
    NotAllowed,
    NotTheService,
    Rejected,
    ServerFault,
    ServiceError,
    SessionExpired,
    Unknown,
)
from wbtui.domain.sanitize import sanitize
from wbtui.wordbee.wire import JsonNode, glimpse, load

if TYPE_CHECKING:
    from wbtui.wordbee.response import Response

CHECK_URL = "Check the URL of this service."
CHECK_LOGIN = "Check the credentials; nothing more is tried with them by itself."
LONGEST_WAIT = 3600.0
"""The most seconds of a Retry-After that are respected: the period of the allowance."""

_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_PASSED_ON = re.compile(r"\b(token|pwd|password|key|login)=[^\s&]+", re.IGNORECASE)
_ALLOWED = re.compile(r"Maximum allowed (\d{1,9}) per (\d{1,3}):(\d{2}):(\d{2})", re.ASCII | re.IGNORECASE)
_ID = re.compile(r'"id"\s*:\s*"([A-Za-z_]{1,60})"')
_GLIMPSE = 4000
_SECONDS = re.compile(r"\d{1,6}(\.\d{1,3})?", re.ASCII)
_GONE = frozenset({404, 410})
_PASSING = frozenset({408, 425})


def translator_fault(answer: Response, now: datetime, *, asks_item: bool = False) -> ServiceError:
    """Return the error of a Translator API 2 answer.

    With `asks_item`, a refusal in the API's own shape means that it does not know the item asked for.
    Source: error-handling-and-code, authentication.
    """
    body = _error_body(answer)
    error = body.get("error")
    message = refusal_words(body)
    words = message or _status_words(answer, body)
    if answer.status == 401 or (answer.status in {400, 403} and _is_session_over(body)):
        return SessionExpired(words)
    if answer.status in {400, 403} and "invalid private key" in error.get("title").raw().lower():
        return LoginRefused(words, advice=CHECK_LOGIN)
    if asks_item and message and answer.status in {400, *_GONE}:
        return Unknown(words, status=answer.status)
    return _by_status(answer, body, message, now)


def refusal_words(body: JsonNode) -> str:
    """Return the message of a Translator API 2 error, or an empty text. Source: error-handling-and-code."""
    error = body.get("error")
    return _first(
        body.get("reason"),
        error.get("title"),
        error.get("message"),
        error.get("details"),
        *[child.get("title") for child in error.get("messages").items()[:1]],
        error,
    )


def beebox_fault(answer: Response, now: datetime, *, connecting: bool = False) -> ServiceError:
    """Return the error of a Beebox answer. On connect, any refusal but BUSY refuses the log-in.

    Source: beebox error-handling, api-connect.
    """
    body = _error_body(answer)
    message = _first(body.get("message"))
    error_id = _error_id(answer, body)
    if error_id == "BUSY":
        return Busy(message or "the Beebox runs its automatic operations")
    if error_id == "LOGGEDOUT" and not connecting:
        return SessionExpired(message or "the session has ended")
    return _session_fault(answer, body, message, now, connecting=connecting)


def instant_fault(answer: Response, now: datetime, *, connecting: bool = False) -> ServiceError:
    """Return the error of a User API answer, by its stable identifier if there is one.

    Source: UserAPI/pages/709137 Error IDs.
    """
    body = _error_body(answer)
    message = _first(body.get("message"))
    error_id = _error_id(answer, body)
    if error_id.startswith("LOGIN_"):
        return LoginRefused(message or error_id, advice=CHECK_LOGIN)
    if error_id == "NOT_AUTHORISED":
        return NotAllowed(message or "this user has no right to the function")
    if error_id == "SESSION_EXPIRED" and not connecting:
        return SessionExpired(message or "the session has ended")
    return _session_fault(answer, body, message, now, connecting=connecting)


def proxy_wants_credentials(variable: str) -> NoConnection:
    """Return the error of a 407: the proxy named in this environment variable requires a log-in."""
    return NoConnection(
        "the proxy on the way asks for credentials of its own",
        advice=f"Put them into the proxy's address in {variable}, as user:password@host:port.",
        unsent=True,
    )


def refused_by_login(fault: ServiceError) -> ServiceError:
    """Return the error of a failed log-in: refused credentials, unless the fault may pass by itself."""
    if isinstance(fault, SessionExpired | NotAllowed) or (
        isinstance(fault, Rejected) and fault.status in {400, 401, 403}
    ):
        return LoginRefused(fault.message, advice=CHECK_LOGIN)
    if isinstance(fault, Unknown):
        return BadAnswer(f"there is no log-in at this address: {fault.message}", advice=CHECK_URL)
    return fault


def _session_fault(
    answer: Response, body: JsonNode, message: str, now: datetime, *, connecting: bool
) -> ServiceError:
    fault = _by_status(answer, body, message, now)
    return refused_by_login(fault) if connecting else fault


def _by_status(answer: Response, body: JsonNode, message: str, now: datetime) -> ServiceError:
    status = answer.status
    words = message or _status_words(answer, body)
    if 300 <= status < 400:
        return _redirection(answer)
    if status == 429:
        return _allowance(answer, words, now)
    if status >= 500 or status in _PASSING or status < 200:
        return ServerFault(words, status=status, retry_after=retry_after(answer.headers, now))
    if status == 407:
        return proxy_wants_credentials("HTTP_PROXY, HTTPS_PROXY or ALL_PROXY")
    if status == 403 and answer.body.strip() and not body.is_object:
        # None of the APIs refuses like this. A firewall does, and it may let the next call through.
        return NotTheService(words)
    if status in {401, 403}:
        return NotAllowed(words)
    if status in _GONE and not _is_unknown_call(answer, body):
        return Unknown(words, error_id=_error_id(answer, body), status=status)
    if (status == 400 and answer.body.strip() and not body.is_object) or status in {404, 410}:
        return BadAnswer(words, advice=CHECK_URL)
    return Rejected(words, error_id=_error_id(answer, body), status=status)


def _is_unknown_call(answer: Response, body: JsonNode) -> bool:
    """Return whether a 404 means an unknown call (a web page, the framework's shape), not an item."""
    if not body.is_object:
        return bool(answer.body.strip())
    return not body.get("messagedetail").missing or "no http resource" in body.get("message").raw().lower()


def _is_session_over(body: JsonNode) -> bool:
    title = body.get("error").get("title").raw().lower()
    return "token invalid or expired" in title or "not authenticated" in body.get("reason").raw().lower()


def _redirection(answer: Response) -> ServiceError:
    try:
        place = urlsplit(answer.headers.get("location", ""))
        where = f"{place.hostname} ({place.scheme})" if place.hostname else "another address"
    except ValueError:
        where = "another address"
    return BadAnswer(f"the service points to {sanitize(where, 120)}, which is not followed", advice=CHECK_URL)


def _allowance(answer: Response, words: str, now: datetime) -> AllowanceUsed:
    found = _ALLOWED.search(words)
    seconds = int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4]) if found else 0
    return AllowanceUsed(
        words,
        limit=int(found[1]) if found and seconds else None,
        per_seconds=seconds or None,
        retry_after=retry_after(answer.headers, now),
    )


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds of Retry-After, at most an hour, or None without one.

    A date counts relative to the answer's own date if it has one, so that a wrong clock on either side does
    not matter.
    """
    text = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_WAIT)
    until = _date(text)
    if until is None:
        return None
    seconds = (until - (_date(headers.get("date", "")) or now)).total_seconds()
    return min(max(0.0, seconds), LONGEST_WAIT)


def _date(text: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(text.strip())
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _error_body(answer: Response) -> JsonNode:
    try:
        return load(answer.body)
    except BadAnswer:
        return JsonNode(None)


def _first(*candidates: JsonNode) -> str:
    for candidate in candidates:
        words = _without_addresses(candidate.text())
        if words:
            return words
    return ""


def _without_addresses(text: str) -> str:
    return _PASSED_ON.sub(r"\1=…", _ADDRESS.sub("(address)", text)).strip()


def _error_id(answer: Response, body: JsonNode) -> str:
    """Return the error's stable identifier, even from a body that is not quite JSON."""
    if body.missing:
        found = _ID.search(answer.body[:_GLIMPSE].decode("utf-8", "replace"))
        return found[1].upper() if found else ""
    return sanitize(body.get("id").raw().upper(), 60)


def _status_words(answer: Response, body: JsonNode) -> str:
    """Return the status line and, if the body is not JSON, its first words."""
    try:
        line = f"HTTP {answer.status} {HTTPStatus(answer.status).phrase}"
    except ValueError:
        line = f"HTTP {answer.status}"
    raw = body.raw() if not body.missing else answer.body[:_GLIMPSE].decode("utf-8", "replace")
    shown = _without_addresses(glimpse(raw))
    return f"{line}: {shown}" if shown else line
