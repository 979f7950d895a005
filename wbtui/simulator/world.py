"""The state of the whole simulation, which its owner advances in time; the Translator's queue in it."""

from __future__ import annotations

import random
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from wbtui.simulator.beebox import Beebox
from wbtui.simulator.flex import Flex
from wbtui.simulator.instant import Instant
from wbtui.simulator.media import Media, MediaFile, Uploads, archive, xliff
from wbtui.simulator.operation import Ending, OperationKind, Result, SimulatedOperation, first_envelope
from wbtui.simulator.plan import Plan
from wbtui.simulator.projects import Projects
from wbtui.simulator.recorded_writes import RecordedWrites
from wbtui.simulator.sample_names import FILE_ERRORS, OPERATION_ERRORS, SOURCE, base_name, file_names, targets
from wbtui.simulator.sessions import HourlyAllowance, Sessions, SimulatedAccounts

Work = tuple[str, Callable[[datetime], Result]]
"""The description of an operation by its submitter, and the function that creates its result."""

FIRST_ID: Final = 5001

LENGTHS: Final = {
    OperationKind.EXPORT: 1.0,
    OperationKind.UPLOAD: 1.2,
    OperationKind.ZIP: 0.65,
    OperationKind.FLEX: 0.2,
    OperationKind.PULL: 0.3,
}
"""Mean duration by kind, as a multiple of the plan's; 1 over the usual mix."""
USUAL: Final = (OperationKind.EXPORT, OperationKind.UPLOAD, OperationKind.ZIP)
WEIGHTS: Final = (0.45, 0.35, 0.2)


@dataclass(frozen=True, slots=True)
class Order:
    """Identifies an operation to create."""

    request_id: int
    at: datetime
    foreign: bool = False


class Workload:
    """Creates operations. Each depends on the seed and its id alone."""

    def __init__(self, plan: Plan, media: Media) -> None:
        self._plan = plan
        self._media = media
        self._next = FIRST_ID
        self._names = file_names(200, plan.chance("project files"))

    def usual(self, now: datetime, *, foreign: bool = False) -> SimulatedOperation:
        """Create an export, an upload or an order archive."""
        order = Order(self._number(), now, foreign)
        chance = self._plan.chance(f"operation/{order.request_id}")
        kind = chance.choices(USUAL, WEIGHTS)[0]
        ending = self._ending(kind, chance, self._plan.failed_share)
        work = {
            OperationKind.EXPORT: self._export,
            OperationKind.UPLOAD: self._upload,
            OperationKind.ZIP: self._zip,
        }[kind]
        title, make = work(order.request_id, chance)
        operation = self._make(order, kind, ending, chance, make)
        operation.title = title
        return operation

    def call(
        self, kind: OperationKind, now: datetime, answer: Callable[[datetime, int], Result]
    ) -> SimulatedOperation:
        """Create the operation of an API call.

        `answer` returns its `custom` node at the end, from time and id.
        """
        order = Order(self._number(), now)
        chance = self._plan.chance(f"operation/{order.request_id}")
        flex = kind in {OperationKind.FLEX, OperationKind.PULL}
        share = self._plan.flex_failed_share if flex else self._plan.failed_share
        ending = self._ending(kind, chance, share)
        return self._make(order, kind, ending, chance, lambda at: answer(at, order.request_id))

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _make(
        self,
        order: Order,
        kind: OperationKind,
        ending: Ending,
        chance: random.Random,
        make: Callable[[datetime], Result],
    ) -> SimulatedOperation:
        seconds = chance.expovariate(1 / (self._plan.operation_seconds * LENGTHS[kind]))
        return SimulatedOperation(
            request_id=order.request_id,
            kind=kind,
            submitted=order.at,
            duration=self._plan.work(max(0.2, seconds)),
            ending=ending,
            make=make,
            units=chance.randint(3, 400),
            foreign=order.foreign,
        )

    def _ending(self, kind: OperationKind, chance: random.Random, share: float) -> Ending:
        failed, silent, zero = chance.random(), chance.random(), chance.random()
        zero_id = zero < self._plan.zero_id_share
        if failed >= share:
            return Ending(zero_id=zero_id)
        error = chance.choice(OPERATION_ERRORS)
        if silent < self._plan.null_info_share:
            return Ending(
                True, error, "null" if silent < self._plan.null_info_share / 2 else "absent", zero_id
            )
        if kind is OperationKind.ZIP:
            return Ending(True, "The order has more than 2000 files.", "text", zero_id)
        return Ending(True, error, "info", zero_id)

    def _target(self, chance: random.Random) -> str:
        return chance.choice(targets(self._plan.locales))

    def _export(self, owner: int, chance: random.Random) -> Work:
        target, segments = self._target(chance), chance.randint(1, 900)
        order = f"wm-{chance.randint(1000, 1400)}"
        name = f"export_{order}_{SOURCE}_{target}.xlf"

        def make(_at: datetime) -> Result:
            texts = [f"Segment {number} & more" for number in range(1, segments + 1)]
            file = MediaFile(name, "application/x-xliff+xml", xliff(SOURCE, target, texts))
            return {"fileref": self._media.add(owner, file), "filename": name, "segments": segments}

        return f"{order} {SOURCE} > {target}", make

    def _zip(self, owner: int, chance: random.Random) -> Work:
        names = chance.sample(self._names, chance.randint(1, 12))
        target, order = self._target(chance), chance.randint(300, 900)

        def make(at: datetime) -> Result:
            files = {f"{target}/{name}".replace("\\", "/"): f"[{target}] {name}\n".encode() for name in names}
            file = MediaFile(f"Bestellung {order} – {target}.zip", "application/zip", archive(files, at))
            return {"filetoken": self._media.add(owner, file), "count": len(files)}

        return f"order {order} {target}", make

    def _upload(self, _owner: int, chance: random.Random) -> Work:
        names = chance.sample(self._names, chance.randint(1, 6))
        partial = chance.random() < self._plan.partial_share
        bad = set(chance.sample(names, chance.randint(1, len(names)))) if partial else set()
        did, error = chance.randint(5000, 290000), chance.choice(FILE_ERRORS)
        files = [_file(name, error if name in bad else None, did + n) for n, name in enumerate(names)]
        request = {
            "files": [{"token": f"{chance.getrandbits(80):020x}", "name": name} for name in names],
            "src": SOURCE,
            "trgs": [self._target(chance)],
            "projectId": 165,
            "resourceId": 220,
        }
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return f"{base_name(names[0])}{more}", lambda _at: {"files": files, "request": request}


def _file(name: str, error: str | None, did: int) -> dict[str, object]:
    domain = base_name(name).rpartition(".")[2].upper()
    return {
        "name": name.replace("\\", "/"),
        "format": {"formatId": 71, "formatName": "Default", "formatDomain": domain},
        "exists": did % 7 == 0,
        "success": error is None,
        "error": error,
        "did": did if error is None else None,
        "segments": 1 + did % 97 if error is None else None,
    }


class Queue:
    """All operations of the Translator. It starts them in order of insertion."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._known: dict[int, SimulatedOperation] = {}
        self._waiting: deque[SimulatedOperation] = deque()
        self._executing: list[SimulatedOperation] = []

    def submit(self, operation: SimulatedOperation, now: datetime) -> None:
        """Insert an operation at the end, and start it if a slot is free."""
        self._known[operation.request_id] = operation
        self._waiting.append(operation)
        self._fill(now)

    def adopt(self, operation: SimulatedOperation, started: datetime) -> None:
        """Insert an operation of the initial state that executes; it ends when `next_event` says."""
        self._known[operation.request_id] = operation
        operation.start(started)
        self._executing.append(operation)

    def record(self, operation: SimulatedOperation, started: datetime) -> None:
        """Insert an operation that has ended already."""
        self._known[operation.request_id] = operation
        operation.start(started)
        operation.finish()

    def next_event(self) -> datetime | None:
        """Return when the next operation ends, or None if none executes."""
        return min((end for op in self._executing if (end := op.ends) is not None), default=None)

    def step(self, at: datetime) -> None:
        """End the operations that are due, and give their slots to waiting ones."""
        for operation in sorted(self._executing, key=lambda op: op.request_id):
            if operation.ends == at:
                self._executing.remove(operation)
                operation.finish()
        self._fill(at)

    def get(self, request_id: int) -> SimulatedOperation | None:
        """Return an operation by its id, or None."""
        return self._known.get(request_id)

    def known(self) -> Mapping[int, SimulatedOperation]:
        """Return all operations by id, oldest first."""
        return self._known

    def position(self, operation: SimulatedOperation) -> int | None:
        """Return how many wait before this one, or None if it does not wait."""
        return self._waiting.index(operation) if operation.status == "Waiting" else None

    def _fill(self, at: datetime) -> None:
        while self._waiting and len(self._executing) < self._slots:
            operation = self._waiting.popleft()
            operation.start(at)
            self._executing.append(operation)


class Pipeline:
    """Submits an operation about every so many seconds."""

    def __init__(
        self, plan: Plan, queue: Queue, workload: Workload, now: datetime, *, foreign: bool = False
    ) -> None:
        self._plan = plan
        self._queue = queue
        self._workload = workload
        self._foreign = foreign
        self._gap = plan.foreign_seconds if foreign else plan.pipeline_seconds
        self._chance = plan.chance("others" if foreign else "pipeline")
        self._next = self._after(now)
        self._envelopes: list[dict[str, Any]] = []

    def next_event(self) -> datetime | None:
        """Return when the next operation is submitted, or None if the pipeline submits none."""
        return self._next if self._gap else None

    def step(self, at: datetime) -> None:
        """Submit one operation. Some end at once and never have an id."""
        operation = self._workload.usual(at, foreign=self._foreign)
        if self._chance.random() < self._plan.quick_share:
            operation.duration = timedelta(microseconds=1)
            operation.start(at)
            operation.finish()
            answer = first_envelope(operation, at, self._plan.dialect)
            answer["trm"]["requestid"] = 0
        else:
            self._queue.submit(operation, at)
            answer = first_envelope(operation, at, self._plan.dialect)
        if not self._foreign:
            self._envelopes.append(answer)
        self._next = self._after(at)

    def take(self) -> list[dict[str, Any]]:
        """Return the envelopes of what was submitted since the last call, oldest first."""
        taken, self._envelopes = self._envelopes, []
        return taken

    def _after(self, at: datetime) -> datetime:
        return at + timedelta(seconds=max(0.05, self._gap * self._chance.uniform(0.6, 1.4)))


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
