"""Files as they come in: their size and name where the server says them, and unpacked where it packs them.

Source: translator-api2.md 4.1 (headers), instant-translation.md (content-level compression).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from urllib.parse import unquote

from wbtui.domain.ports_acting import Arriving
from wbtui.wordbee.http import Incoming
from wbtui.wordbee.http_safety import Unpacking, kind_of_packing

ENOUGH = 64 * 1024
"""Packed bytes from which the kind of packing is told."""
_ENCODED_NAME = re.compile(r";\s*filename\*", re.IGNORECASE)
_PLAIN_NAME = re.compile(r';\s*filename\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.IGNORECASE)
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bq]\?[^?]*\?=", re.IGNORECASE)
_PERCENT = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)


def as_file(incoming: Incoming) -> Arriving:
    """Return an answer's body as a file; its size counts only if the transport did not pack it."""
    return Arriving(
        chunks=incoming.chunks,
        size=_size(incoming),
        name=_name(incoming.headers.get("content-disposition", "")),
        media_type=incoming.headers.get("content-type", "").split(";")[0].strip().lower(),
    )


def as_packed_file(incoming: Incoming) -> Arriving:
    """Return a file that the service packs itself: gzip, raw deflate or zlib, told by its bytes.

    The transport may have unpacked it already, so what is not packed is taken as it is if the headers say so.
    """
    unpacked_before = bool(_encoding(incoming))
    return Arriving(
        chunks=unpacked(incoming.chunks, maybe_plain=unpacked_before),
        name=_name(incoming.headers.get("content-disposition", "")),
        media_type=incoming.headers.get("content-type", "").split(";")[0].strip().lower(),
    )


async def unpacked(chunks: AsyncIterator[bytes], *, maybe_plain: bool) -> AsyncIterator[bytes]:
    """Unpack while the bytes come in; raises `BadAnswer` for what is damaged, cut off, or a bomb."""
    head = bytearray()
    unpacking: Unpacking | None = None
    plain = False
    async for chunk in chunks:
        if unpacking is None and not plain:
            head += chunk
            if len(head) < ENOUGH:
                continue
            chunk, head = bytes(head), bytearray()  # noqa: PLW2901 - the first bytes go in together
            unpacking = kind_of_packing(chunk, maybe_plain=maybe_plain)
            plain = unpacking is None
        for piece in unpacking.feed(chunk) if unpacking else (chunk,):
            yield piece
    if head:
        unpacking = kind_of_packing(bytes(head), maybe_plain=maybe_plain)
        for piece in unpacking.feed(bytes(head)) if unpacking else (bytes(head),):
            yield piece
    if unpacking is not None:
        yield unpacking.end()


def _size(incoming: Incoming) -> int | None:
    text = incoming.headers.get("content-length", "")
    return int(text) if _LENGTH.fullmatch(text) and not _encoding(incoming) else None


def _encoding(incoming: Incoming) -> str:
    return incoming.headers.get("content-encoding", "").replace("identity", "").strip()


def _name(disposition: str) -> str:
    """Return the name in a `Content-Disposition`, in whichever way it is encoded.

    Besides RFC 6266 that is what the .NET Framework sends: an encoded word, or the name percent-encoded.
    """
    if not disposition:
        return ""
    header = Message()
    line = disposition.replace("\r", "").replace("\n", "")
    encoded = _ENCODED_NAME.search(line) is not None
    # where both are there, the encoded one is meant, and the plain one is for those who cannot read it
    header["Content-Disposition"] = _PLAIN_NAME.sub("", line) if encoded else line
    name = header.get_filename("")
    return name if encoded else _percent_decoded(_words_decoded(name))


def _words_decoded(name: str) -> str:
    if not _ENCODED_WORD.search(name):
        return name
    try:
        return str(make_header(decode_header(name)))
    except (HeaderParseError, LookupError, ValueError):
        return name


def _percent_decoded(name: str) -> str:
    if not name.isascii() or not _PERCENT.search(name):
        return name
    try:
        return unquote(name, errors="strict")
    except UnicodeDecodeError:
        return name
