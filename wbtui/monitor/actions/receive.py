"""One file from the wire to the disk: checked while it comes, and stored only if it is what it should be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final, TypeVar

from wbtui.domain.errors import BadAnswer, NoConnection
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.ports import Arriving
from wbtui.files.doubtful import ERROR_SIZE, ReceivedFile, may_be_page
from wbtui.files.saving import Folder, Saved, Saving, Written

TOGETHER: Final = 1024 * 1024
"""Bytes that are written at once: each time costs a thread's turn."""
SYNCED_EVERY: Final = 32 * 1024 * 1024
"""Bytes that a killed process loses at most of a file that can be gone on with."""
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

    def saving(self, known: Written | None = None) -> AbstractContextManager[Saving]:
        """Give the file to write to; while it is held, another download of the same file waits."""
        return self.folder.saving(self.path, replace=self.replace, aside=self.aside, known=known)


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
    kept: Callable[[Written], None] = lambda _: None,
    most: int = LARGEST,
) -> Received:
    """Store an answer in a file that is held; `judge` returns a doubt about it, or raises `BadAnswer`.

    What came before a cut, or a cancellation, stays as a part if it can be gone on with, and `kept` is told;
    now and then also on the way. Raises `BadAnswer` for a wrong length or more than `most` bytes,
    `SaveError` for what the disk refuses, and what the gateway raises.
    """
    filling = _Filling(arriving, saving, progress, kept, most)
    try:
        await filling.fill()
    except (NoConnection, asyncio.CancelledError):
        await filling.keep()
        raise
    rest = filling.taken()
    return await in_thread(lambda: _finished(arriving, saving, rest, judge))


def _finished(
    arriving: Arriving, saving: Saving, rest: bytes, judge: Callable[[ReceivedFile], str]
) -> Received:
    saving.write(rest)
    if arriving.unpack is not None:
        saving.unpack(arriving.unpack)
    came = ReceivedFile(
        saving.beginning(ERROR_SIZE), saving.size, media_type=arriving.media_type, named=bool(arriving.name)
    )
    if may_be_page(came):
        came = replace(came, digest=saving.digest())
    doubt = judge(came)
    return Received(saving.finish(doubtful=bool(doubt)), doubt)


class _Filling:
    """Writes what comes into a part."""

    def __init__(
        self,
        arriving: Arriving,
        saving: Saving,
        progress: Progress,
        kept: Callable[[Written], None],
        most: int,
    ) -> None:
        self._arriving = arriving
        self._saving = saving
        self._progress = progress
        self._kept = kept
        self._most = most
        self._waiting: list[bytes] = []
        self._sync_at = TOGETHER

    async def fill(self) -> None:
        """Write all that comes."""
        arriving, saving = self._arriving, self._saving
        saving.stay(stays=False)
        if arriving.start != saving.size:
            await in_thread(saving.begin)
        received, held = arriving.start, 0
        self._sync_at += received
        self._progress(received, arriving.size)
        async for chunk in arriving.chunks:
            self._waiting.append(chunk)
            held += len(chunk)
            received += len(chunk)
            if received > self._most:
                raise BadAnswer(f"the file is larger than {self._most // 1024**2} MiB: not stored")
            if held >= TOGETHER:
                held = 0
                await self._write()
            self._progress(received, arriving.size)
        if arriving.size is not None and received != arriving.size:
            words = f"{received} of {arriving.size} bytes came"
            cut = received < arriving.size and arriving.validator
            raise NoConnection(words) if cut else BadAnswer(f"{words}: not stored")

    def taken(self) -> bytes:
        """Return what has come and is not written yet, and leave it to the caller."""
        whole, self._waiting = b"".join(self._waiting), []
        return whole

    async def _write(self) -> None:
        whole = self.taken()
        if whole:
            await in_thread(lambda: self._saving.write(whole))
        if self._saving.size >= self._sync_at and self._arriving.validator:
            self._sync_at = self._saving.size + SYNCED_EVERY
            self._kept(await in_thread(self._saving.sync))

    async def keep(self) -> None:
        """Let what has come stay, if it can be gone on with."""
        if self._arriving.validator:
            self._sync_at = 1
            await self._write()
            if self._saving.size:
                self._saving.stay()


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
