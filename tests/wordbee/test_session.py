"""Sessions are closed in time, even where servers hang."""

from __future__ import annotations

import asyncio

import pytest

from tests.slowness import patience
from wbtui.domain.credentials import Secret
from wbtui.domain.errors import NoConnection, SessionExpired
from wbtui.domain.tasks import finish_despite_cancel
from wbtui.wordbee.session import TokenSession


async def hang(_token: Secret | None = None) -> None:
    await asyncio.Event().wait()


async def connect() -> Secret:
    return Secret("tok")


async def test_closing_a_session_that_hangs_ends_in_time() -> None:
    session = TokenSession(connect, hang, closing_seconds=0.05)
    await session.open()
    async with asyncio.timeout(patience(10)):
        await session.close()


async def test_a_log_in_that_hangs_is_abandoned_in_time() -> None:
    ended = asyncio.Event()

    async def hanging() -> Secret:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return Secret("never")

    session = TokenSession(hanging, hang, closing_seconds=0.05)
    task = asyncio.create_task(session.open())
    await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(patience(10)):
        with pytest.raises(asyncio.CancelledError):
            await task
        await ended.wait()


async def test_a_session_that_was_never_open_gives_nothing_back() -> None:
    given: list[Secret] = []

    async def disconnect(token: Secret) -> None:
        given.append(token)

    session = TokenSession(connect, disconnect)
    await session.close()
    assert given == []
    await session.open()
    await session.close()
    await session.close()
    assert given == [Secret("tok")]


async def test_a_closed_session_opens_again_when_asked() -> None:
    async def ask(token: Secret) -> str:
        return token.reveal()

    assert await TokenSession(connect, hang).call(ask) == "tok"


async def test_what_the_work_raises_comes_out_where_nobody_cancelled() -> None:
    async def fail() -> None:
        raise NoConnection("gone")

    with pytest.raises(NoConnection):
        await finish_despite_cancel(fail())


async def test_calls_that_meet_the_same_end_share_one_new_session_and_none_is_left_open() -> None:
    living: set[str] = set()
    opened: list[str] = []
    late = asyncio.Event()

    async def log_in() -> Secret:
        await asyncio.sleep(0)
        opened.append(f"t{len(opened)}")
        living.add(opened[-1])
        return Secret(opened[-1])

    async def log_out(token: Secret) -> None:
        living.discard(token.reveal())

    async def quick(token: Secret) -> str:
        if token.reveal() not in living:
            raise SessionExpired("LOGGEDOUT")
        return token.reveal()

    async def slow(token: Secret) -> str:
        if token.reveal() == "t0":
            await late.wait()  # it is told of the end only after the other has a new session
        return await quick(token)

    session = TokenSession(log_in, log_out)
    await session.open()
    living.clear()
    waiting = asyncio.create_task(session.call(slow))
    found = await asyncio.gather(session.call(quick), session.call(quick))
    late.set()
    assert [*found, await waiting] == ["t1", "t1", "t1"]
    await session.close()
    assert opened == ["t0", "t1"]
    assert living == set()
