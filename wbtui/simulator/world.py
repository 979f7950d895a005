"""The state of the whole simulation, which its owner advances in time."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from wbtui.simulator.beebox import Beebox
from wbtui.simulator.flex import Flex
from wbtui.simulator.instant import Instant
from wbtui.simulator.media import Media, Uploads
from wbtui.simulator.operation import SimulatedOperation
from wbtui.simulator.plan import Plan
from wbtui.simulator.projects import Projects
from wbtui.simulator.queue import Pipeline, Queue, Workload
from wbtui.simulator.recorded_writes import RecordedWrites
from wbtui.simulator.sessions import HourlyAllowance, Sessions, SimulatedAccounts

TRANSLATOR_IDLE: Final = timedelta(minutes=30)


class Machine(Protocol):
    """A part of the world that changes at times known in advance."""

    def next_event(self) -> datetime | None:
        """Return when it changes next, or None if it does not."""

    def step(self, at: datetime) -> None:
        """Apply the change that is due at that time."""


class World:
    """The state of the three services, seeded by the plan; `now` must be aware.

    `advance` applies all events in order, so one long step and many short ones end in the same state.
    """

    def __init__(self, plan: Plan, now: datetime) -> None:
        self.plan = plan
        self.now = now
        self.born = now
        self.accounts = SimulatedAccounts.of(plan)
        self.writes = RecordedWrites()
        self.media = Media(plan)
        self.uploads = Uploads(plan)
        self.projects = Projects(plan, self.writes)
        self.queue = Queue(plan.slots)
        self.workload = Workload(plan, self.media)
        self.flex = Flex(plan, now)
        self.beebox = Beebox(plan, now)
        self.instant = Instant(plan, now)
        chance = plan.chance("translator tokens")
        self.sessions = Sessions(TRANSLATOR_IDLE, lambda: _guid(chance.getrandbits(128)), now)
        self.allowance = HourlyAllowance(plan.calls_per_hour, plan.other_calls_per_hour)
        self._populate()
        self.pipeline = Pipeline(plan, self.queue, self.workload, now)
        others = Pipeline(plan, self.queue, self.workload, now, foreign=True)
        self._machines: tuple[Machine, ...] = (
            self.queue,
            self.pipeline,
            others,
            self.flex,
            self.beebox,
            self.instant,
        )

    def advance(self, now: datetime) -> None:
        """Apply all events up to and including that time. An earlier time changes nothing."""
        while (due := self._first_due(now)) is not None:
            at, machine = due
            self.now = max(self.now, at)
            machine.step(at)
        self.now = max(self.now, now)

    def operation_ids(self) -> list[int]:
        """Return the ids of the announced operations, oldest first."""
        return [number for number, operation in self.queue.known().items() if not operation.foreign]

    def titles(self) -> Mapping[int, str]:
        """Return the descriptions of the announced operations, by id."""
        return {number: one.title for number, one in self.queue.known().items() if not one.foreign}

    def finish_times(self) -> Mapping[int, datetime]:
        """Return when each operation ended, by id; those that have not ended are left out."""
        known = self.queue.known().items()
        return {number: one.finished for number, one in known if one.finished is not None}

    def open_sessions(self, now: datetime) -> Mapping[str, int]:
        """Return how many sessions each service has open."""
        self.advance(now)
        return {
            "translator": self.sessions.count(now),
            "beebox": self.beebox.sessions.count(now),
            "instant": self.instant.sessions.count(now),
        }

    def calls_last_hour(self, now: datetime) -> int:
        """Return how many calls the Translator counted for the key in the last hour."""
        return self.allowance.used(now)

    @property
    def automatic_runs(self) -> int:
        """Return how many automatic runs the Beebox has ended."""
        return self.beebox.runs

    def truth(self, now: datetime) -> dict[str, Mapping[str, Any]]:
        """Return the true state of every item by wbtui's keys, in the wire's own terms.

        Operations: `status`, `partial`, `kind`, `position` (how many wait before it, or None), `finished`.
        Beebox: `status`, `statusc`, `uptodate`, `preliminary`. Instant: the record itself. Flex: one bool
        per metric, `segments`, `changed`. Times are aware datetimes.
        """
        self.advance(now)
        operations = {f"op:{number}": self._operation(number) for number in self.operation_ids()}
        return {**operations, **self.beebox.truth(), **self.instant.truth(self.now), **self.flex.truth()}

    def _operation(self, number: int) -> Mapping[str, Any]:
        operation = self.queue.known()[number]
        return {
            "status": operation.status,
            "partial": operation.partial,
            "kind": operation.kind.value,
            "position": self.queue.position(operation),
            "finished": operation.finished,
        }

    def _first_due(self, now: datetime) -> tuple[datetime, Machine] | None:
        first: tuple[datetime, Machine] | None = None
        for machine in self._machines:
            at = machine.next_event()
            if at is not None and at <= now and (first is None or at < first[0]):
                first = (at, machine)
        return first

    def _populate(self) -> None:
        """Fill the queue: some operations have ended, each slot executes one, the others wait."""
        total = self.plan.operations
        ended = round(total * self.plan.finished_share)
        chance = self.plan.chance("start")
        for place in range(total):
            ago = timedelta(minutes=4 * (total - place)) * chance.uniform(0.95, 1.0)
            operation = self.workload.usual(self.now - timedelta(seconds=0.05) * (total - place))
            if place < ended:
                operation.submitted = self.now - ago - operation.duration
                self.queue.record(operation, self.now - ago - operation.duration)
            elif place < ended + self.plan.slots:
                self.queue.adopt(operation, self.now - _elapsed(operation, chance.random()))
            else:
                self.queue.submit(operation, self.now)


def _elapsed(operation: SimulatedOperation, share: float) -> timedelta:
    return operation.duration * (share * 0.9)


def _guid(bits: int) -> str:
    return str(uuid.UUID(int=bits)).upper()
