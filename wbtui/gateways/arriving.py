"""Files as they come in: their size and name where the server says them, and unpacked where it packs them.

Source: translator-api2.md 4.1 (headers), instant-translation.md (content-level compression).
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator
from email.message import Message

from wbtui.errors import BadAnswer
from wbtui.gateways._http import MIB, Incoming
from wbtui.ports_acting import Arriving

ENOUGH = 64 * 1024
"""Packed bytes from which the kind of packing is told."""
PIECE = 256 * 1024
FREE = 64 * MIB
"""Unpacked bytes that are always taken; beyond them the ratio counts."""
MOST_RATIO = 200
MOST = 8 * 1024 * MIB
_GZIP, _RAW, _ZLIB = 31, -15, 15


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


class Unpacking:
    """Unpacks one stream; `wbits` names the format as `zlib` does."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._stream = zlib.decompressobj(wbits)
        self._taken = 0
        self._given = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what some more packed bytes unpack to, in pieces of bounded size."""
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
        """Return the last bytes; raises `BadAnswer` if the packed stream has not come to its end."""
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
        """Go on with the next member of a gzip file; anything else after the end is damage."""
        rest = data.lstrip(b"\0")
        if not rest:
            return b""
        if self._wbits != _GZIP or not data.startswith(b"\x1f\x8b"):
            raise BadAnswer("the packed file is damaged: it goes on after its end")
        self._stream = zlib.decompressobj(_GZIP)
        return data


def kind_of_packing(head: bytes, *, maybe_plain: bool) -> Unpacking | None:
    """Return how to unpack what begins with these bytes; None for what is not packed.

    Source: UserAPI/pages/709113: raw deflate by default; gzip is asked for, and zlib occurs.
    """
    if head.startswith(b"\x1f\x8b"):
        return Unpacking(_GZIP)
    for wbits in (_RAW, _ZLIB):
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


def _size(incoming: Incoming) -> int | None:
    text = incoming.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdecimal() and not _encoding(incoming) else None


def _encoding(incoming: Incoming) -> str:
    return incoming.headers.get("content-encoding", "").replace("identity", "").strip()


def _name(disposition: str) -> str:
    if not disposition:
        return ""
    header = Message()
    header["Content-Disposition"] = disposition.replace("\r", "").replace("\n", "")
    return header.get_filename("")
