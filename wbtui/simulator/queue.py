"""The Translator's queue: first in, first out, with a fixed number of slots."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from wbtui.simulator.operation import SimulatedOperation, first_envelope
from wbtui.simulator.plan import Plan
from wbtui.simulator.workload import Workload


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
