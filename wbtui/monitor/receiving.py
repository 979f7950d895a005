"""One file from the wire to the disk: checked while it comes, and stored only if it is what it should be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import PurePath
from typing import Final, TypeVar

from wbtui.downloads import Folder, Saved, Saving
from wbtui.errors import BadAnswer
from wbtui.ports_acting import Arriving

TOGETHER: Final = 256 * 1024
"""Bytes that are written at once."""
LARGEST: Final = 8 * 1024**3
"""Bytes of a file; what goes on is no translation but a stream without an end."""
ERROR_SIZE: Final = 64 * 1024
"""No error body is larger than this."""
_PAGE_BEGINS: Final = (b"<!doctype html", b"<html")
_PAGE_ENDINGS: Final = frozenset({".html", ".htm", ".xhtml", ".aspx", ".jsp", ".php", ".hbs"})
_OF_ERRORS: Final = frozenset({"title", "message"})

Progress = Callable[[int, int | None], None]
_Result = TypeVar("_Result")


async def receive(
    arriving: Arriving,
    folder: Folder,
    path: tuple[str, ...],
    progress: Progress,
    *,
    replace: bool,
    most: int = LARGEST,
) -> Saved:
    """Store the file of an open answer under a path.

    Raises `BadAnswer` for an error page, an empty file, a wrong length or more than `most` bytes, `SaveError`
    for what the disk refuses, and what the gateway raises; then nothing is left of it.
    """
    with folder.saving(path, replace=replace) as saving:
        await _fill(saving, arriving, progress, most)
        await in_thread(lambda: check(saving, arriving.size, PurePath(path[-1]).suffix.lower()))
        return await in_thread(saving.finish)


async def _fill(saving: Saving, arriving: Arriving, progress: Progress, most: int) -> None:
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
            await in_thread(lambda: saving.write(whole))  # noqa: B023 - done before the next turn
    rest = bytes(waiting)
    await in_thread(lambda: saving.write(rest))


def check(saving: Saving, size: int | None, ending: str) -> None:
    """Raise `BadAnswer` unless what was written can be the file that was asked for."""
    if size is not None and saving.size != size:
        raise BadAnswer(f"{saving.size} of {size} bytes came: not stored")
    if saving.size == 0:
        raise BadAnswer("the server sent an empty file (0 bytes): not stored")
    beginning = saving.beginning(ERROR_SIZE)
    if ending not in _PAGE_ENDINGS and beginning.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(
        _PAGE_BEGINS
    ):
        raise BadAnswer("the server sent a web page in the place of the file: not stored")
    if saving.size < ERROR_SIZE and is_error(beginning):
        raise BadAnswer("the server sent an error message in the place of the file: not stored")


def is_error(body: bytes) -> bool:
    """Tell whether these bytes are the JSON error of one of the three APIs."""
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    members = {name.lower(): member for name, member in value.items()}
    if members.get("failed") is True and "message" in members:
        return True
    if members.keys() == {"message", "messagedetail"}:
        return True
    error = members.get("error")
    # a translated file may have a text named "error", but not these members and no others
    return (
        isinstance(error, dict) and members.keys() <= {"error", "reason"} and bool(error.keys() & _OF_ERRORS)
    )


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
