"""One soak: simulated hours of faults in every service, user actions, restarts and kills, then a calm period.

In the calm period there are no faults, and what is shown has to become the state of the services. Requests
that a fault duplicated are announced to no client, so their operations are left out of the comparison.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

from tests.faults.fault_plan import drawn
from tests.faults.kinds import Fault
from tests.soak.faulty_transport import SOAKED, FaultyTransport, Sent
from tests.soak.sockets import SERVED, Served, Wire
from tests.soak.truth import differences, lost
from tests.soak.user import Person
from tests.world import Stage, make_stage, profile_of
from wbtui.app.services import ProfileServices, connected
from wbtui.app.stored_state import make_state
from wbtui.domain.commands import Refresh
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import ItemKey
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import HealthWord, Snapshot
from wbtui.monitor.loop import Monitor
from wbtui.simulator.api import Service
from wbtui.simulator.plan import Plan
from wbtui.store import open_store

CALM: Final = 45 * 60.0
"""Longer than three full passes over the Beebox, two rounds of Flex, and the longest session lives."""
LOOKED_BACK: Final = 420.0
"""What is shown may be as old as the floors allow: a file in error is asked for every five minutes."""
LEFT_BY_KILLS: Final = 16 * 60.0
"""How long a session of a program that was killed, or ended on a dead line, lives on at the server."""
STEP: Final = 15.0
CALLS: Final = 500
FLOOR: Final = 5.0
FAULTS_PER_HOUR: Final = 5.0
SERVED_PER_HOUR: Final = 30.0
SOON: Final = 20 * 60.0
"""The calm of a short soak: two full passes over the Beebox, and one round of Flex."""
ENDS: Final = 40.0
"""The longest that the end of a run may take on a line that delays every answer."""


@dataclass(frozen=True)
class SoakVerdict:
    """The result of a soak. It passed if there are no problems."""

    seed: int
    problems: tuple[str, ...]
    sent: int
    faults: int
    acts: int
    runs: int
    items: int

    def line(self) -> str:
        """Return the figures in one line, and a line for each problem."""
        head = (
            f"seed {self.seed}: {self.sent} calls, {self.faults} met a fault, {self.acts} acts,"
            f" {self.runs} runs, {self.items} items, {len(self.problems)} problems"
        )
        return "\n  ".join([head, *self.problems[:20]])


class Latest(list[Snapshot]):
    """Keeps the last snapshot only."""

    def append(self, snapshot: Snapshot) -> None:
        self[:] = [snapshot]


@dataclass
class Soak:
    """One soak; `seconds` is the whole time, the calm period included."""

    seed: int
    seconds: float
    folder: Path
    calm: float = CALM
    sockets: bool = False
    stage: Stage = field(init=False)
    transport: FaultyTransport | Wire = field(init=False)
    met: list[tuple[Service, Fault]] = field(init=False)
    served: Served | None = None
    told: set[ItemKey] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        plan = Plan(
            seed=self.seed,
            files=10,
            locales=3,
            operations=12,
            requests=12,
            components=12,
            slots=chance.randint(1, 4),
            pipeline_seconds=chance.choice((60.0, 200.0)),
            foreign_seconds=chance.choice((0.0, 120.0)),
            request_seconds=400.0,
            edit_seconds=120.0,
            dialect=chance.choice(("current", "older")),
            deleted_records=chance.choice(("cancelled", "vanish")),
            quick_calls_share=0.1,
        )
        self.stage = make_stage(self.folder, plan)
        self.stage.seen = Latest()
        self._raise_storm()
        self._limit_calls()
        self._chance = chance
        self._person = Person(self.seed, self.folder)

    def _raise_storm(self) -> None:
        stage, stormy = self.stage, self.seconds - self.calm
        faults, often = (SERVED, SERVED_PER_HOUR) if self.sockets else (SOAKED, FAULTS_PER_HOUR)
        plan = drawn(self.seed, stormy, per_hour=often, faults=faults)
        if not self.sockets:
            self.transport = stage.transport = FaultyTransport(stage.api, stage.clock, plan)
            self.met = self.transport.met
            return
        self.served = Served(stage.api, stage.clock, plan)
        self.transport = Wire(stage.clock, self.served.urls)
        stage.clock.busy = self.transport.busy
        stage.profile = profile_of(
            stage.world, self.folder, urls={str(name): url for name, url in self.served.urls.items()}
        )
        self.met = self.served.met

    def _limit_calls(self) -> None:
        profile = self.stage.profile
        assert profile.translator is not None
        assert profile.instant is not None
        self.stage.profile = replace(
            profile,
            translator=replace(profile.translator, calls_per_hour=CALLS),
            instant=replace(profile.instant, list_minutes=5),
        )

    # -- the course of it -------------------------------------------------------------------------------

    async def run(self) -> SoakVerdict:
        """Run the soak and return its result."""
        clock = self.stage.clock
        self._tell(self.stage.world.operation_ids())
        stormy = self.seconds - self.calm
        while clock.elapsed < stormy:
            kill = self._chance.random() < 0.4
            until = min(stormy, clock.elapsed + self._chance.uniform(1200.0, 5400.0))
            await self._one_run(until, kill=kill and until < stormy)
        shown = await self._calm_run()
        self._judge_calls()
        self._judge_end()
        self.stage.store.close()
        if self.served is not None:
            self.served.stop()
        return SoakVerdict(
            self.seed,
            tuple(self.problems),
            len(self.transport.record.sent),
            len(self.met),
            self._person.acts,
            self.transport.record.run,
            len(shown.operations) + len(shown.beebox) + len(shown.instant) + len(shown.flex),
        )

    async def _one_run(self, until: float, *, kill: bool) -> None:
        profile_services, monitor, task = await self._begin()
        clock = self.stage.clock
        while clock.elapsed < until and not task.done():
            await self._live(min(until, clock.elapsed + self._person.gap()), task)
            if clock.elapsed < until and not task.done():
                self._person.act(monitor, self.stage.latest)
        await (self._kill(profile_services, task) if kill else self._end(profile_services, task))

    async def _live(self, until: float, task: asyncio.Task[None]) -> None:
        """Let time pass. Operations that the pipeline submits are tracked as by `wbtui track`."""
        clock = self.stage.clock
        while clock.elapsed < until and not task.done():
            await clock.run_for(min(60.0, until - clock.elapsed))
            fresh = [envelope["trm"]["requestid"] for envelope in self.stage.world.pipeline.take()]
            self._tell(number for number in fresh if number)
            self.problems += lost(self.stage.latest, self.stage.world.truth(clock.now()))

    def _tell(self, numbers: Iterator[int] | list[int]) -> None:
        found = list(numbers)
        if not found:
            return
        other = open_store(self.stage.store.path)
        other.track([Tracked(number) for number in found], self.stage.clock.now())
        other.close()
        self.told.update(operation_key(number) for number in found)

    async def _calm_run(self) -> Snapshot:
        """Watch without faults until the end; what is shown then has to be true."""
        stage, clock = self.stage, self.stage.clock
        profile_services, monitor, task = await self._begin()
        monitor.do(Refresh())
        await clock.run_for(max(0.0, self.seconds - clock.elapsed - LOOKED_BACK))
        samples = []
        while clock.elapsed < self.seconds:
            await clock.run_for(STEP)
            samples.append(stage.world.truth(clock.now()))
            count = stage.world.open_sessions(clock.now())["beebox"]
            if count > 0 and clock.elapsed >= self.seconds - self.calm + LEFT_BY_KILLS:
                self.problems.append(f"{count} Beebox sessions are open between two rounds")
        shown = stage.latest
        told = self.told - self._person.forgotten
        self.problems += differences(shown, samples, told)
        bad = [f"{s}: {h.word} {h.message}" for s, h in shown.health.items() if h.word is not HealthWord.OK]
        self.problems += [each for each in bad if "BUSY" not in each]
        await self._end(profile_services, task)
        return shown

    async def _begin(self) -> tuple[ProfileServices, Monitor, asyncio.Task[None]]:
        self.transport.record.run += 1
        profile_services = await self._house()
        monitor = profile_services.monitor()
        task = asyncio.create_task(monitor.run())
        await self.stage.clock.settle()
        return profile_services, monitor, task

    async def _house(self) -> ProfileServices:
        stage = self.stage
        environment = replace(stage.environment(), transport=self.transport)
        state = make_state(stage.profile, stage.store, stage.clock, stage.seen.append)
        return await connected(state, stage.store, environment, stage.profile)

    async def _end(self, profile_services: ProfileServices, task: asyncio.Task[None]) -> None:
        """Quit; whatever the line does, this takes no longer than its time limits."""
        task.cancel()
        await self.stage.clock.run_until(task.done, limit=ENDS)
        await profile_services.close()
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error

    async def _kill(self, profile_services: ProfileServices, task: asyncio.Task[None]) -> None:
        """End the program as kill -9 does: what was committed is there, and no more is sent."""
        stage = self.stage
        folder = self.folder / f"run {self.transport.record.run}"
        folder.mkdir()
        with (
            closing(sqlite3.connect(stage.store.path)) as old,
            closing(sqlite3.connect(folder / stage.path.name)) as new,
        ):
            old.backup(new)
        self.transport.cut = True
        await self._end(profile_services, task)
        stage.store.close()
        self.transport.cut = False
        stage.store = open_store(folder / stage.path.name)

    # -- the verdict ------------------------------------------------------------------------------------

    def _judge_calls(self) -> None:
        sent = self.transport.record.sent
        counted = [each.at for each in sent if each.service == "translator" and "auth/token" not in each.path]
        first = 0
        for last, at in enumerate(counted):
            while counted[first] <= at - 3600.0:
                first += 1
            if last - first + 1 > CALLS:
                self.problems.append(f"{last - first + 1} calls in the hour before second {at:.0f}")
                break
        looks: dict[str, list[Sent]] = defaultdict(list)
        for each in sent:
            if each.path.endswith("trm/status"):
                looks[each.id].append(each)
        for number, taken in looks.items():
            self.problems += [
                f"op:{number} was looked at twice within {after.at - before.at:.9f} s at {after.at:.0f}"
                for before, after in pairwise(taken)
                if after.at - before.at < FLOOR and not _log_in_again(before)
            ]

    def _judge_end(self) -> None:
        left = self.stage.world.open_sessions(self.stage.clock.now())
        self.problems += [f"{count} sessions of {name} are open" for name, count in left.items() if count]


def _log_in_again(before: Sent) -> bool:
    """Return whether the look failed since the session had ended, so that it is taken again at once."""
    return before.status in {400, 401}


async def soak(seed: int, hours: float, folder: Path) -> SoakVerdict:
    """Play one soak of so many simulated hours, in one process."""
    return await Soak(seed, hours * 3600.0, folder).run()


async def soak_over_http(seed: int, minutes: float, folder: Path) -> SoakVerdict:
    """Play one soak of so many simulated minutes over real HTTP."""
    return await Soak(seed, minutes * 60.0, folder, calm=SOON, sockets=True).run()
