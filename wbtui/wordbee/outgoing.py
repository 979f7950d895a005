"""Local files as bodies of requests: read beside the event loop, and exactly as long as was announced."""

from __future__ import annotations

import asyncio
import gzip
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from wbtui.domain.errors import SourceError
from wbtui.files.user_files import named, open_file, reading
from wbtui.wordbee.http import Outgoing

STREAM = "Stream"
"""The content type that the Beebox and the User API document for raw bodies."""
PIECE = 256 * 1024
SLOWEST = 32 * 1024
"""Bytes per second below which sending counts as stuck."""
_IN_MEMORY = 8 * 1024 * 1024

_Result = TypeVar("_Result")


def seconds_for(length: int) -> float:
    """Return how long sending so many bytes, and the answer to them, may take."""
    return 60.0 + length / SLOWEST


def bytes_body(data: bytes, media_type: str = STREAM) -> Outgoing:
    """Return a body of bytes at hand."""

    async def chunks() -> AsyncIterator[bytes]:
        yield data

    return Outgoing(len(data), chunks, media_type)


async def file_body(path: Path, media_type: str = STREAM) -> Outgoing:
    """Return a local file as a body; raises `SourceError` if it cannot be read."""
    length = await _reading(path, lambda: _length(path))
    return Outgoing(length, lambda: _chunks(path, length), media_type)


async def multipart_body(path: Path, name: str) -> Outgoing:
    """Return a local file as the one part of a form, named `file`. Source: media/upload."""
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
    """Give a local file as gzip; what does not fit into memory is packed into a temporary file."""
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
    # without a name and a time inside, the same file packs to the same bytes
    return gzip.GzipFile(filename="", mode="wb", fileobj=target, mtime=0)  # type: ignore[return-value]


def _changed(path: Path) -> SourceError:
    return SourceError(f"{named(path)}: changed while it was being sent")
