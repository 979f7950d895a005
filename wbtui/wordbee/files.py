"""Bodies of files: downloads, decompressed where the service compresses them, and uploads.

Source: media/get/{token} (headers), UserAPI/pages/709113 (compression of the content).
"""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import unquote

from wbtui.domain.clock import Clock
from wbtui.domain.errors import BadAnswer, NoConnection, SourceError
from wbtui.domain.ports import CUT_RESTS, Arriving, KeptPart
from wbtui.files.user_files import named, open_file, reading
from wbtui.wordbee.http import MIB, PARTIAL, Incoming, Outgoing
from wbtui.wordbee.http_ranges import span_of, validator_of
from wbtui.wordbee.http_safety import Unpacking, kind_of_packing

DETECTION_BYTES = 64 * 1024
"""Bytes from which the kind of compression is recognised. Far more than a header needs, so one piece is
enough."""
_ENCODED_NAME = re.compile(r";\s*filename\*", re.IGNORECASE)
_PLAIN_NAME = re.compile(r';\s*filename\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.IGNORECASE)
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bq]\?[^?]*\?=", re.IGNORECASE)
_PERCENT = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)


def as_file(incoming: Incoming) -> Arriving:
    """Return an answer's body as a file. Its size is known only if the transport did not compress it."""
    span = span_of(incoming.headers) if incoming.status == PARTIAL else None
    return Arriving(
        chunks=incoming.chunks,
        size=span[2] if span else _size(incoming),
        start=span[0] if span else 0,
        validator=validator_of(incoming.headers),
        name=_name(incoming.headers.get("content-disposition", "")),
        media_type=incoming.headers.get("content-type", "").split(";")[0].strip().lower(),
    )


def as_packed_file(incoming: Incoming) -> Arriving:
    """Return a file that the service compresses itself: gzip, raw deflate or zlib, recognised by its bytes.

    The transport may have decompressed it already: if the headers say so, an uncompressed body is accepted.
    """
    by_transport = bool(_encoding(incoming))
    return replace(as_file(incoming), unpack=partial(decompressed, maybe_plain=by_transport))


def decompressed(chunks: Iterable[bytes], *, maybe_plain: bool) -> Iterator[bytes]:
    """Decompress the chunks; raises `BadAnswer` if they are damaged, cut off, or a decompression bomb."""
    head = bytearray()
    unpacking: Unpacking | None = None
    plain = False
    for chunk in chunks:
        if unpacking is None and not plain:
            head += chunk
            if len(head) < DETECTION_BYTES:
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


async def read_whole(
    opened: Callable[[KeptPart | None], AbstractAsyncContextManager[Arriving]],
    host: str,
    clock: Clock,
    *,
    most: int,
    seconds: float,
) -> bytes:
    """Return a file of at most `most` bytes, each try within `seconds`.

    One that is cut off is tried again, and goes on where it was, if the server allows that.
    """
    body = bytearray()
    kept: KeptPart | None = None
    for rest in (*CUT_RESTS, None):
        failure = NoConnection(f"{host} did not answer within {seconds:g} s")
        try:
            async with asyncio.timeout(seconds), opened(kept) as arriving:
                del body[arriving.start :]
                kept = KeptPart(total=arriving.size, validator=arriving.validator)
                await _fill(body, arriving.chunks, most)
                return bytes(body)
        except TimeoutError:
            pass
        except NoConnection as error:
            failure = error
        if rest is None or kept is None or not body:
            break
        kept = replace(kept, size=len(body) if kept.validator else 0)
        await clock.sleep(rest)
    raise failure


async def _fill(body: bytearray, chunks: AsyncIterator[bytes], most: int) -> None:
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            raise BadAnswer(f"the answer is larger than {most // MIB} MiB")


def _size(incoming: Incoming) -> int | None:
    text = incoming.headers.get("content-length", "")
    return int(text) if _LENGTH.fullmatch(text) and not _encoding(incoming) else None


def _encoding(incoming: Incoming) -> str:
    return incoming.headers.get("content-encoding", "").replace("identity", "").strip()


def _name(disposition: str) -> str:
    """Return the name in a `Content-Disposition`.

    Besides RFC 6266 it may be encoded as the .NET Framework does: an encoded word, or percent-encoded.
    """
    if not disposition:
        return ""
    header = Message()
    line = disposition.replace("\r", "").replace("\n", "")
    encoded = _ENCODED_NAME.search(line) is not None
    # where both are present, the plain one is for clients that cannot read the encoded one
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


STREAM = "Stream"
"""The content type that the Beebox and the User API document for raw bodies."""
PIECE = 256 * 1024
SLOWEST_SENDING = 32 * 1024
"""Bytes per second below which an upload counts as stuck. Not measured."""
_IN_MEMORY = 8 * 1024 * 1024

_Result = TypeVar("_Result")


def seconds_for(length: int) -> float:
    """Return the seconds that sending so many bytes and the answer may take."""
    return 60.0 + length / SLOWEST_SENDING


def bytes_body(data: bytes, media_type: str = STREAM) -> Outgoing:
    """Return a body of these bytes."""

    async def chunks() -> AsyncIterator[bytes]:
        yield data

    return Outgoing(len(data), chunks, media_type)


async def file_body(path: Path, media_type: str = STREAM) -> Outgoing:
    """Return a local file as a body; raises `SourceError` if it cannot be read."""
    length = await _reading(path, lambda: _length(path))
    return Outgoing(length, lambda: _chunks(path, length), media_type)


async def multipart_body(path: Path, name: str) -> Outgoing:
    """Return a local file as the only part of a form, named `file`. Source: media/upload."""
    length = await _reading(path, lambda: _length(path))
    boundary = uuid.uuid4().hex
    shown = name.replace("\\", "/").rpartition("/")[2].replace('"', "%22").replace("\r", "").replace("\n", "")
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{shown}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode("utf-8", "replace")
    tail = f"\r\n--{boundary}--\r\n".encode()

    async def chunks() -> AsyncIterator[bytes]:
        yield head
        async for chunk in _chunks(path, length):
            yield chunk
        yield tail

    return Outgoing(len(head) + length + len(tail), chunks, f"multipart/form-data; boundary={boundary}")


@asynccontextmanager
async def packed_body(path: Path) -> AsyncIterator[Outgoing]:
    """Yield a local file compressed by gzip, in memory or, if it is large, in a temporary file."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as packed:
        length = await _reading(path, lambda: _pack(path, packed))

        async def chunks() -> AsyncIterator[bytes]:
            packed.seek(0)
            while chunk := await asyncio.to_thread(packed.read, PIECE):
                yield chunk

        yield Outgoing(length, chunks, STREAM)


async def _chunks(path: Path, length: int) -> AsyncIterator[bytes]:
    opened = await _reading(path, lambda: open_file(path))
    try:
        left = length
        while left:
            chunk = await _reading(path, partial(opened.read, min(PIECE, left)))
            if not chunk:
                raise _changed(path)
            left -= len(chunk)
            yield chunk
        if await _reading(path, partial(opened.read, 1)):
            raise _changed(path)
    finally:
        opened.close()


async def _reading(path: Path, work: Callable[[], _Result]) -> _Result:
    with reading(path):
        return await asyncio.to_thread(work)


def _length(path: Path) -> int:
    with open_file(path) as opened:
        return os.fstat(opened.fileno()).st_size


def _pack(path: Path, target: tempfile.SpooledTemporaryFile[bytes]) -> int:
    with open_file(path) as source, _packing(target) as packing:
        shutil.copyfileobj(source, packing, PIECE)
    return target.tell()


def _packing(target: tempfile.SpooledTemporaryFile[bytes]) -> BinaryIO:
    # without a name and a time, the same file always gives the same bytes
    return gzip.GzipFile(filename="", mode="wb", fileobj=target, mtime=0)  # type: ignore[return-value]


def _changed(path: Path) -> SourceError:
    return SourceError(f"{named(path)}: changed while it was being sent")
