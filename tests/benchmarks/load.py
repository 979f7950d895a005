"""A monitor under load: how long it holds the loop, how much of a core it takes, what it keeps in memory.

The simulated services run in the same process, so their share is measured and left out.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.fakes import FakeClock
from tests.world import InProcess, Stage, make_stage
from wbtui.domain.records import Tracked
from wbtui.simulator.api import Api
from wbtui.simulator.plan import Plan


@dataclass
class Meter:
    """Seconds of this thread on a processor: in all, and in the longest piece of work without a pause."""

    spent: float = 0.0
    longest: float = 0.0
    where: str = ""
    others: float = 0.0
    """What of the present piece belongs to the simulated services."""
    collected: float = 0.0
    """The longest round of the garbage collector, which is not counted above."""
    _round: float = 0.0

    @contextmanager
    def piece(self, name: Callable[[], str]) -> Iterator[None]:
        """Measure one piece of work of the loop."""
        before, self.others = time.thread_time(), 0.0
        try:
            yield
        finally:
            took = time.thread_time() - before - self.others
            self.spent += took
            if took > self.longest:
                self.longest, self.where = took, name()

    @contextmanager
    def left_out(self) -> Iterator[None]:
        """Leave out what the simulated services do."""
        before = time.thread_time()
        try:
            yield
        finally:
            self.others += time.thread_time() - before

    def round(self, phase: str, _info: object) -> None:
        """Take in that the collector begins or ends a round."""
        if phase == "start":
            self._round = time.thread_time()
            return
        took = time.thread_time() - self._round
        self.others += took
        self.collected = max(self.collected, took)

    def begin(self) -> None:
        """Start anew."""
        self.spent = self.longest = self.collected = 0.0
        self.where = ""


class Metered(InProcess):
    """Hands requests to the services, and leaves their work out of the figures."""

    def __init__(self, face: Api, clock: FakeClock, meter: Meter) -> None:
        super().__init__(face, clock)
        self.meter = meter

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)  # a socket would let others have their turn
        with self.meter.left_out():
            return await super().handle_async_request(request)


@contextmanager
def metered(meter: Meter) -> Iterator[None]:
    """Measure every callback that the loop runs."""
    handle: Any = asyncio.events.Handle
    plain = handle._run

    def run(self: Any) -> None:
        with meter.piece(lambda: repr(self)[:300]):
            plain(self)

    handle._run = run
    gc.collect()
    gc.freeze()
    gc.callbacks.append(meter.round)
    try:
        yield
    finally:
        gc.callbacks.remove(meter.round)
        handle._run = plain
        gc.unfreeze()


def stage_under(folder: Path, plan: Plan, meter: Meter) -> Stage:
    """Return a stage whose operations are all watched."""
    stage = make_stage(folder, plan)
    stage.transport = Metered(stage.face, stage.clock, meter)
    stage.store.track([Tracked(number) for number in stage.world.operation_ids()], stage.clock.now())
    return stage
