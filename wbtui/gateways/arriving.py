"""Files as they come in: their size and name where the server says them, and unpacked where it packs them.

Source: translator-api2.md 4.1 (headers), instant-translation.md (content-level compression).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email.message import Message

from wbtui.gateways._http import Incoming
from wbtui.gateways._unpacking import Unpacking, kind_of_packing
from wbtui.ports_acting import Arriving

ENOUGH = 64 * 1024
"""Packed bytes from which the kind of packing is told."""
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
    if not disposition:
        return ""
    header = Message()
    header["Content-Disposition"] = disposition.replace("\r", "").replace("\n", "")
    return header.get_filename("")
