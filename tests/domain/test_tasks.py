"""Work that comes to its end although whoever waits for it is cancelled."""

from __future__ import annotations

import asyncio

import pytest

from wbtui.domain.tasks import all_ended, finish_despite_cancel


async def test_a_cancelled_wait_for_several_ends_when_all_have_closed_what_they_opened() -> None:
    may_close, closed = asyncio.Event(), list[str]()

    async def quick() -> None:
        await asyncio.Event().wait()

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await may_close.wait()
            closed.append("slow")

    task = asyncio.ensure_future(all_ended(quick(), slow()))
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done()
    may_close.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed == ["slow"]


async def test_the_first_error_is_raised_when_all_have_ended() -> None:
    ended = list[int]()

    async def end(number: int) -> int:
        for _ in range(number):
            await asyncio.sleep(0)
        ended.append(number)
        if number == 1:
            raise ValueError("one")
        return number

    with pytest.raises(ValueError, match="one"):
        await all_ended(end(1), end(3))
    assert ended == [1, 3]
    assert await all_ended(end(2), end(0)) == [2, 0]


async def test_an_error_of_what_was_seen_through_does_not_hide_that_it_was_cancelled() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise ValueError("too late")

    task = asyncio.ensure_future(finish_despite_cancel(work()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
