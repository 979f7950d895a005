"""Fakes for time: the one thing, beside faults, that tests do not take from the real world."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.untraced import untraced

LONG = 60.0
"""Seconds of fake time."""

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class OneThread(ThreadPoolExecutor):
    """Does all work in threads, one piece after the other, and knows whether any was handed in."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self.used = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.used = True
        return super().submit(fn, *args, **kwargs)

    async def idle(self) -> None:
        """Wait until all that was handed in is done, and its results are on their way to the loop."""
        self.used = False
        await asyncio.wrap_future(super().submit(int))


@dataclass(eq=False)
class Sleeper:
    at: float
    done: asyncio.Future[bool]


@dataclass
class FakeClock:
    """A clock that stands still until a test moves it.

    `busy` tells whether something is under way that needs real time (a request on a socket): the clock then
    does not move. `run_for` and `run_until` let tasks settle, then jump to the next sleeper's time.
    """

    start: datetime = NOON
    busy: Callable[[], bool] = lambda: False
    elapsed: float = 0.0
    skew: float = 0.0
    sleepers: list[Sleeper] = field(default_factory=list)
    threads: OneThread | None = None

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed + self.skew)

    def monotonic(self) -> float:
        return 1000.0 + self.elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        await self._until(self.elapsed + seconds)

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        if event.is_set():
            return True
        if seconds is not None and seconds <= 0:
            await asyncio.sleep(0)
            return event.is_set()
        if seconds is None:
            await event.wait()
            return True
        sleeper = Sleeper(self.elapsed + seconds, asyncio.get_running_loop().create_future())
        self.sleepers.append(sleeper)
        waiter: asyncio.Future[bool] = asyncio.ensure_future(event.wait())
        try:
            either: set[asyncio.Future[bool]] = {waiter, sleeper.done}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            return event.is_set()
        finally:
            waiter.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiter
            self._forget(sleeper)

    async def _until(self, at: float) -> None:
        sleeper = Sleeper(at, asyncio.get_running_loop().create_future())
        self.sleepers.append(sleeper)
        try:
            await sleeper.done
        finally:
            self._forget(sleeper)

    def _forget(self, sleeper: Sleeper) -> None:
        if sleeper in self.sleepers:
            self.sleepers.remove(sleeper)

    async def settle(self) -> None:
        """Let every task run until it waits for time, or for nothing that is under way."""
        threads = self._one_thread()
        await self._turns()
        while threads.used:
            await threads.idle()
            await self._turns()
        while self.busy():
            await asyncio.sleep(0.0005)
            await self._turns()

    async def _turns(self) -> None:
        """Give the loop turns until nothing but this is ready to run in it."""
        ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        while ready:  # noqa: ASYNC110 -- there is no event for "nothing is ready to run"
            await asyncio.sleep(0)

    def _one_thread(self) -> OneThread:
        """Have all work in threads done by one, before any is handed in."""
        if self.threads is None:
            self.threads = OneThread()
            asyncio.get_running_loop().set_default_executor(self.threads)
        return self.threads

    async def run_for(self, seconds: float) -> None:
        """Move the clock on by that much, stopping at each sleeper's time on the way.

        Long spans repeat what short ones do: they go without coverage, whose tracer takes longer than they.
        """
        with untraced() if seconds > LONG else contextlib.nullcontext():
            await self._run_for(seconds)

    async def _run_for(self, seconds: float) -> None:
        end = self.elapsed + seconds
        while True:
            await self.settle()
            due = min((s.at for s in self.sleepers), default=end)
            if due > end:
                break
            self._wake(max(due, self.elapsed))
            if due == end and not any(s.at <= end for s in self.sleepers):
                break
        self.elapsed = max(self.elapsed, end)
        await self.settle()

    async def run_until(self, ready: Callable[[], bool], limit: float = 3600.0) -> None:
        """Move the clock on until the condition holds; fails after `limit` seconds of fake time.

        Like long spans it goes without coverage: mostly it is the way to where a test begins.
        """
        with untraced():
            await self._run_until(ready, limit)

    async def _run_until(self, ready: Callable[[], bool], limit: float) -> None:
        end = self.elapsed + limit
        await self.settle()
        while not ready():
            due = min((s.at for s in self.sleepers), default=end)
            assert due < end, f"not reached within {limit} s"
            self._wake(due)
            await self.settle()

    def _wake(self, at: float) -> None:
        self.elapsed = at
        for sleeper in list(self.sleepers):
            if sleeper.at <= at and not sleeper.done.done():
                sleeper.done.set_result(True)
                self.sleepers.remove(sleeper)
