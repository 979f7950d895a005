"""Who submits operations: the simulated pipeline, which hands out its envelopes, and silent others."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from wbtui.simulator.operation import first_envelope
from wbtui.simulator.plan import Plan
from wbtui.simulator.queue import Queue
from wbtui.simulator.workload import Workload


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
        """Return when the next operation is submitted, or None if the pipeline rests."""
        return self._next if self._gap else None

    def step(self, at: datetime) -> None:
        """Submit one operation; some end at once and never have an id of their own."""
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
