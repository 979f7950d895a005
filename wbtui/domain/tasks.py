"""Work that has to come to its end although whoever waits for it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def all_ended(*works: Awaitable[Result]) -> list[Result]:
    """Run these side by side and return their results when all have ended.

    Where this is cancelled, each is, and has closed what it opened when this ends: `asyncio.gather` would end
    with the first. The first error is raised when all have ended.
    """
    ends = await asyncio.gather(*works, return_exceptions=True)
    results = list[Result]()
    for end in ends:
        if isinstance(end, BaseException):
            raise end
        results.append(end)
    return results


async def finish_despite_cancel(work: Coroutine[Any, Any, None]) -> None:
    """Run `work`, which must be bounded, to its end although this task is being cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    if not cancelled:
        await task
    elif task.cancelled() or task.exception() is None:  # an error would hide that this was cancelled
        raise asyncio.CancelledError
    else:
        raise asyncio.CancelledError from task.exception()
