"""Decompression in pieces of bounded size, trailing bytes, and secrets in error bodies.

A small answer must neither expand without limit nor block the event loop.
"""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import Iterator, Mapping
from html.entities import codepoint2name
from typing import Final

import httpcore

from wbtui.domain.credentials import Secret
from wbtui.domain.errors import BadAnswer
from wbtui.wordbee.http_internals import has_read_beyond

PIECE = 256 * 1024
FREE = 64 * 1024 * 1024
"""Decompressed bytes that are always accepted; beyond them the ratio is limited."""
MOST_RATIO = 200
MOST = 8 * 1024 * 1024 * 1024
GZIP, RAW, ZLIB = 31, -15, 15


class Unpacking:
    """Decompresses one stream. `wbits` names the format as `zlib` does."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._stream = zlib.decompressobj(wbits)
        self._taken = 0
        self._given = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decompress some more bytes, in pieces of bounded size."""
        self._taken += len(data)
        while data:
            if self._stream.eof:
                data = self._next_member(data)
                continue
            piece = self._unpack(data)
            data = self._stream.unconsumed_tail or self._stream.unused_data
            self._given += len(piece)
            if self._given > min(MOST, max(FREE, MOST_RATIO * self._taken)):
                raise BadAnswer("the file unpacks to far more than any real one would: not taken")
            yield piece

    def end(self) -> bytes:
        """Return the last bytes; raises `BadAnswer` if the stream is incomplete."""
        last = self._stream.flush()
        if not self._stream.eof:
            raise BadAnswer("the packed file was cut off")
        return last

    def _unpack(self, data: bytes) -> bytes:
        try:
            return self._stream.decompress(data, PIECE)
        except zlib.error:
            pass
        raise BadAnswer("the packed file is damaged")

    def _next_member(self, data: bytes) -> bytes:
        """Continue with the next member of a gzip file. Any other bytes after the end are damage."""
        rest = data.lstrip(b"\0")
        if not rest:
            return b""
        if self._wbits != GZIP or not data.startswith(b"\x1f\x8b"):
            raise BadAnswer("the packed file is damaged: it goes on after its end")
        self._stream = zlib.decompressobj(GZIP)
        return data


def kind_of_packing(head: bytes, *, maybe_plain: bool) -> Unpacking | None:
    """Return the decompressor for a body that begins with these bytes, or None if it is not compressed.

    With `maybe_plain`, anything unrecognised counts as not compressed; without, it raises `BadAnswer`.
    Source: UserAPI/pages/709113: raw deflate by default; gzip is requested, and zlib occurs.
    """
    if head.startswith(b"\x1f\x8b"):
        return Unpacking(GZIP)
    for wbits in (RAW, ZLIB):
        if _fits(head, wbits):
            return Unpacking(wbits)
    if maybe_plain:
        return None
    raise BadAnswer("the file is packed in a way that wbtui does not know, or is no file")


def _fits(head: bytes, wbits: int) -> bool:
    trial = zlib.decompressobj(wbits)
    try:
        trial.decompress(head, PIECE)
    except zlib.error:
        return False
    return not trial.unused_data


def sent_packed(encoding: str, head: bytes) -> Unpacking | None:
    """Return the decompressor for this Content-Encoding, or None if it names none.

    `deflate` is zlib by the standard, and raw deflate on some servers. Raises `BadAnswer` for an encoding
    that was not requested.
    """
    match encoding.replace("identity", "").strip(" ,").lower():
        case "":
            return None
        case "gzip" | "x-gzip":
            return Unpacking(GZIP)
        case "deflate":
            return Unpacking(ZLIB if _fits(head, ZLIB) else RAW)
    raise BadAnswer("the answer is packed in a way that was not asked for")


PEEK_SECONDS = 0.001


async def drop_if_more_came(stream: object, connection: httpcore.AsyncNetworkStream | None) -> None:
    """Close the connection of a complete answer if more bytes followed it.

    Some proxies send an answer twice. The library notices bytes that are still in the socket, but neither
    those that it has read nor those that TLS buffers.
    """
    if connection is not None and (has_read_beyond(stream) or await _held_back(connection)):
        with contextlib.suppress(OSError):
            await connection.aclose()


async def _held_back(connection: httpcore.AsyncNetworkStream) -> bool:
    """Return whether there is anything to read, including the end of the stream."""
    try:
        await connection.read(1, timeout=PEEK_SECONDS)
    except httpcore.ReadTimeout:
        return False
    except httpcore.ReadError:
        return True
    return True


MASK: Final = b"********"
LONGEST: Final = 64 * 1024
"""Bytes kept of an answer that is redacted: no message quotes more."""
_SHORT: Final = 6
_JSON: Final = (b"{", b"[", b'"')
_BACKSLASH: Final = rb"(?:\\|%(?:25){0,4}5c)"
"""Each layer of JSON doubles backslashes, so a run of them matches a run of any length."""
_BLANK: Final = b"\xef\xbb\xbf \t\r\n"


def masked(status: int, body: bytes, *sources: Mapping[str, object] | None) -> bytes:
    """Redact the secrets among the values of these sources from a body.

    A successful JSON answer is returned unchanged: its texts are data, and no error message quotes it.
    """
    if not body:  # a cached pattern would keep each session's token in memory
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
    """Return a pattern that finds a text in JSON, addresses and HTML, also nested in each other."""
    pattern = b"".join(_spelling(char) for char in re.sub(r"\\+", r"\\", secret))
    if len(secret) < _SHORT:
        # A short password also occurs inside of common words; redacting these would spoil the message.
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
