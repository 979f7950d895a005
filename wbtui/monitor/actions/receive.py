"""One file from the wire to the disk: checked while it comes, and stored only if it is what it should be."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, TypeVar

from wbtui.domain.errors import BadAnswer
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.ports import Arriving
from wbtui.files.doubtful import ERROR_SIZE, ReceivedFile
from wbtui.files.saving import Folder, Saved, Saving

TOGETHER: Final = 256 * 1024
"""Bytes that are written at once."""
LARGEST: Final = 8 * 1024**3
"""Bytes of a file; what goes on is no translation but a stream without an end."""

Progress = Callable[[int, int | None], None]
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a file goes below a folder, and what happens to one that lies there (`Folder.saving`)."""

    folder: Folder
    path: tuple[str, ...]
    replace: bool = False
    aside: str = ""

    def saving(self) -> AbstractContextManager[Saving]:
        """Give the file to write to; while it is held, another download of the same file waits."""
        return self.folder.saving(self.path, replace=self.replace, aside=self.aside)


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is whole, and why it may not be what was asked for, or an empty text."""

    saved: Saved
    doubt: str = ""


async def receive(
    arriving: Arriving,
    saving: Saving,
    progress: Progress,
    judge: Callable[[ReceivedFile], str],
    *,
    most: int = LARGEST,
) -> Received:
    """Store an answer in a file that is held; `judge` returns a doubt about it, or raises `BadAnswer`.

    Raises `BadAnswer` for a wrong length or more than `most` bytes, `SaveError` for what the disk refuses,
    and what the gateway raises; then nothing is left of it.
    """
    digest = hashlib.sha256()
    await _fill(saving, arriving, progress, most, digest.update)
    if arriving.size is not None and saving.size != arriving.size:
        raise BadAnswer(f"{saving.size} of {arriving.size} bytes came: not stored")
    beginning = await in_thread(lambda: saving.beginning(ERROR_SIZE))
    named = bool(arriving.name)
    came = ReceivedFile(beginning, saving.size, digest.hexdigest(), arriving.media_type, named)
    doubt = await in_thread(lambda: judge(came))
    return Received(await in_thread(lambda: saving.finish(doubtful=bool(doubt))), doubt)


async def _fill(
    saving: Saving, arriving: Arriving, progress: Progress, most: int, seen: Callable[[bytes], None]
) -> None:
    waiting = bytearray()
    received = 0
    progress(0, arriving.size)
    async for chunk in arriving.chunks:
        waiting += chunk
        received += len(chunk)
        if received > most:
            raise BadAnswer(f"the file is larger than {most // 1024**2} MiB: not stored")
        progress(received, arriving.size)
        if len(waiting) >= TOGETHER:
            whole, waiting = bytes(waiting), bytearray()
            await in_thread(lambda: _write(saving, whole, seen))  # noqa: B023 - done before the next turn
    rest = bytes(waiting)
    await in_thread(lambda: _write(saving, rest, seen))


def _write(saving: Saving, data: bytes, seen: Callable[[bytes], None]) -> None:
    seen(data)
    saving.write(data)


async def in_thread(work: Callable[[], _Result]) -> _Result:
    """Run something that blocks beside the event loop; a cancellation waits for its end.

    What it works on is closed afterwards, and must not be while the thread still writes.
    """
    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait({future})
        raise
