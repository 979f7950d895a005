"""A script that asks often, a screen and a `wait` beside each other, each with a store of its own.

The simulated services have 60 open operations in 4 slots, of 120 s each, and allow 500 calls an hour.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise

import pytest

from tests.scheduling.simulation import busiest
from tests.world import Stage
from wbtui.app.services import connected
from wbtui.app.sharing import ProfileWatcher, WatchOptions
from wbtui.app.stored_state import make_state
from wbtui.cli.wait import Waiting
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import Item, ItemKey, Service
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import HealthWord, Snapshot
from wbtui.store import SqliteStore, open_store
from wbtui.store.lock import PollerLock

CALLS = 500
LASTS = 1800.0
EVERY = 30.0
MakeStage = Callable[..., Stage]


@dataclass
class Beside:
    """What runs at the same time on one state file, and what came of it."""

    stage: Stage
    number: int
    """The operation that is waited for."""
    told_at: datetime | None = None
    shown: list[Snapshot] = field(default_factory=list)
    readings: int = 0
    stores: list[SqliteStore] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stage.clock.busy = self._written

    def _written(self) -> bool:
        """Wait until all is on disk, which takes real time while the clock stands still; nothing is left."""
        for store in self.stores:
            store.flush()
        return False

    @contextmanager
    def store(self) -> Iterator[SqliteStore]:
        """Open the state file as another process does."""
        with closing(open_store(self.stage.path)) as store:
            self.stores.append(store)
            yield store
            self.stores.remove(store)

    @property
    def key(self) -> ItemKey:
        return operation_key(self.number)

    def delay(self) -> float:
        """Return the seconds from the operation's end until `wait` told of it."""
        assert self.told_at is not None, "nothing was told"
        return (self.told_at - self.stage.world.finish_times()[self.number]).total_seconds()

    def counted(self) -> list[float]:
        """Return when the calls were made that count against the allowance."""
        return [
            entry.at.timestamp()
            for entry in self.stage.log("translator")
            if not entry.path.endswith("auth/token")
        ]

    @asynccontextmanager
    async def screen(self) -> AsyncIterator[None]:
        """Run what a screen runs: it claims the profile."""
        async with self._shared(self.shown.append, claims=True):
            yield

    @asynccontextmanager
    async def wait(self) -> AsyncIterator[None]:
        """Run what `wbtui wait KEY` runs."""
        waiting = Waiting([self.key], self.stage.clock, fail_fast=False, appear=False)
        waiting.tell = self._told

        def publish(snapshot: Snapshot) -> None:
            waiting.publish(snapshot, shared[0])

        shared: list[ProfileWatcher] = []
        services = frozenset({Service.OPERATIONS})
        async with self._shared(publish, claims=False, services=services, named=[self.key], made=shared):
            yield

    def _told(self, item: Item) -> None:
        assert item.key == self.key
        self.told_at = self.stage.clock.now()

    @asynccontextmanager
    async def _shared(
        self,
        publish: Callable[[Snapshot], None],
        *,
        claims: bool,
        services: frozenset[Service] | None = None,
        named: list[ItemKey] | None = None,
        made: list[ProfileWatcher] | None = None,
    ) -> AsyncIterator[None]:
        stage = self.stage
        with self.store() as store:
            shared = ProfileWatcher(
                stage.profile,
                store,
                stage.environment(),
                PollerLock(stage.path),
                publish,
                options=WatchOptions(services, claims, frozenset(named or ())),
            )
            (made if made is not None else []).append(shared)
            task = asyncio.create_task(shared.run())
            try:
                await stage.clock.settle()
                yield
            finally:
                task.cancel()
                await asyncio.wait({task})
                assert task.cancelled()

    async def script(self) -> None:
        """Take the single reading of `wbtui status` again and again."""
        stage = self.stage
        while True:
            with self.store() as store:
                state = make_state(stage.profile, store, stage.clock, lambda _: None)
                profile_services = await connected(state, store, stage.environment(), stage.profile)
                await profile_services.once().read(wait=0.0)
                await profile_services.close()
            self.readings += 1
            await stage.clock.sleep(EVERY)


async def beside(stage: Stage, *, screen: bool, place: int) -> Beside:
    """Let them run beside each other for half an hour."""
    numbers = stage.world.operation_ids()
    stage.store.track([Tracked(number) for number in numbers], stage.clock.now())
    stage.store.flush()
    both = Beside(stage, numbers[place])
    async with AsyncExitStack() as stack:
        if screen:
            await stack.enter_async_context(both.screen())
        await stack.enter_async_context(both.wait())
        script = asyncio.create_task(both.script())
        await stage.clock.run_for(LASTS)
        script.cancel()
        await asyncio.wait({script})
    return both


def stage_of(make: MakeStage, seed: int) -> Stage:
    stage = make(
        operations=60, slots=4, operation_seconds=120.0, finished_share=0.0, calls_per_hour=CALLS, seed=seed
    )
    translator = stage.profile.translator
    assert translator is not None
    translator = replace(translator, calls_per_hour=CALLS)
    stage.profile = replace(stage.profile, translator=translator, beebox=None, instant=None)
    return stage


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "screen"), [(1, True), (3, True), (2, False)])
async def test_a_script_a_screen_and_a_wait_leave_each_other_what_they_need(
    stage_for: MakeStage, seed: int, screen: bool, record_property: Callable[[str, object], None]
) -> None:
    stage = stage_of(stage_for, seed)
    both = await beside(stage, screen=screen, place=8 + 8 * seed)
    looks = stage.log("translator", "trm/status")
    refused = [e for e in stage.log("translator") if e.status == 429]
    gaps = [(b.at - a.at).total_seconds() for a, b in pairwise(looks)]
    record_property("delay", both.delay())
    record_property("calls", len(both.counted()))
    record_property("longest gap between looks", max(gaps))
    assert both.readings >= 0.9 * LASTS / EVERY
    assert both.delay() <= 15.0
    assert busiest(both.counted()) <= CALLS
    assert not refused
    assert max(gaps) <= 90.0, "the looks of the screen go on"
    by_id: dict[str, list[datetime]] = {}
    for look in looks:
        by_id.setdefault(look.query["requestid"], []).append(look.at)
    closest = min((b - a).total_seconds() for at in by_id.values() for a, b in pairwise(at))
    if screen:
        assert closest >= 5.0
        words = Counter(s.health[Service.OPERATIONS].word for s in both.shown)
        assert words[HealthWord.OK] > 0.9 * sum(words.values())
