"""Takes a request's secrets out of answers that may end in an error text: some servers quote the request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.entities import codepoint2name
from typing import Final

from wbtui.domain.credentials import Secret

MASK: Final = b"********"
LONGEST: Final = 64 * 1024
"""Bytes kept of an answer that is masked; nobody is shown more of it."""
_SHORT: Final = 6
_JSON: Final = (b"{", b"[", b'"')
_BACKSLASH: Final = rb"(?:\\|%(?:25){0,4}5c)"
"""Backslashes multiply with every layer of JSON, so that a run of them stands for one of any length."""
_BLANK: Final = b"\xef\xbb\xbf \t\r\n"


def masked(status: int, body: bytes, *sources: Mapping[str, object] | None) -> bytes:
    """Return a body without the secrets among the values of these sources.

    A good answer in JSON is returned as it is: its texts are data, and an error text never quotes it.
    """
    if not body:  # the pattern of each session's token would stay in memory
        return body
    if 200 <= status < 300 and body[:64].lstrip(_BLANK).startswith(_JSON):
        return body
    secrets = [
        value.reveal()
        for source in sources
        if source
        for value in source.values()
        if isinstance(value, Secret)
    ]
    for secret in filter(None, secrets):
        body = _spellings(secret).sub(MASK, body[:LONGEST])
    return body


def _spellings(secret: str) -> re.Pattern[bytes]:
    """Return what finds a text in JSON, addresses and HTML, also where one holds the other."""
    pattern = b"".join(_spelling(char) for char in re.sub(r"\\+", r"\\", secret))
    if len(secret) < _SHORT:
        # A short password also occurs inside of common words, which would only spoil the server's message.
        pattern = rb"(?<![0-9A-Za-z])" + pattern + rb"(?![0-9A-Za-z])"
    return re.compile(pattern, re.IGNORECASE)


def _spelling(char: str) -> bytes:
    raw = char.encode("utf-8", "surrogatepass")
    if char.isascii() and char.isalnum():
        return raw
    if char == "\\":
        return _BACKSLASH + b"{1,32}"
    units = char.encode("utf-16-be", "surrogatepass")
    in_json = (_BACKSLASH + b"{1,16}u%02x%02x" % (units[at], units[at + 1]) for at in range(0, len(units), 2))
    names = [b"#0*%d" % ord(char), b"#x0*%x" % ord(char)]
    if ord(char) in codepoint2name:
        names.append(codepoint2name[ord(char)].encode())
    forms = [
        re.escape(raw),
        b"".join(rb"%%(?:25){0,4}%02x" % byte for byte in raw),
        rb"&(?:amp;){0,4}(?:" + b"|".join(names) + rb");",
    ]
    if char == " ":
        forms.append(rb"\+")
    return b"(?:" + b"".join(in_json) + b"|" + _BACKSLASH + b"{0,16}(?:" + b"|".join(forms) + b"))"
