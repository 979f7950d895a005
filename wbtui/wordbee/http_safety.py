"""Packed bytes unpacked in pieces of bounded size: a small answer must neither swell nor hold the loop up."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from wbtui.domain.errors import BadAnswer

PIECE = 256 * 1024
FREE = 64 * 1024 * 1024
"""Unpacked bytes that are always taken; beyond them the ratio counts."""
MOST_RATIO = 200
MOST = 8 * 1024 * 1024 * 1024
GZIP, RAW, ZLIB = 31, -15, 15


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
        if self._wbits != GZIP or not data.startswith(b"\x1f\x8b"):
            raise BadAnswer("the packed file is damaged: it goes on after its end")
        self._stream = zlib.decompressobj(GZIP)
        return data


def kind_of_packing(head: bytes, *, maybe_plain: bool) -> Unpacking | None:
    """Return how to unpack what begins with these bytes; None for what is not packed.

    With `maybe_plain` all else counts as not packed; without, it raises `BadAnswer`.
    Source: UserAPI/pages/709113: raw deflate by default; gzip is asked for, and zlib occurs.
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
    """Return how to unpack a body with this Content-Encoding; None if it names nothing that is undone.

    `deflate` is zlib by the standard, and raw deflate from some servers. Raises `BadAnswer` for what was not
    asked for.
    """
    match encoding.replace("identity", "").strip(" ,").lower():
        case "":
            return None
        case "gzip" | "x-gzip":
            return Unpacking(GZIP)
        case "deflate":
            return Unpacking(ZLIB if _fits(head, ZLIB) else RAW)
    raise BadAnswer("the answer is packed in a way that was not asked for")
