"""Running a command's coroutine so that every session is closed at the end, whichever signal ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from wbtui.domain.signals import ending


def run_to_end(work: Coroutine[Any, Any, int]) -> int:
    """Return the exit code of `work`; signals such as SIGTERM cancel it, and give 128 and their number.

    Ctrl+C cancels it as well and is raised as `KeyboardInterrupt` when `work` has ended.
    """
    return asyncio.run(_guarded(work))


async def _guarded(work: Coroutine[Any, Any, int]) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    ended_by: list[int] = []

    def end(number: int) -> None:
        ended_by.append(number)
        task.cancel()

    numbers = ending()
    for number in numbers:
        loop.add_signal_handler(number, end, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not ended_by:
            raise
        return 128 + ended_by[0]
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
