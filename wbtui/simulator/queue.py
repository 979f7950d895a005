"""The Translator's queue: first in, first out, with a fixed number of slots."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime

from wbtui.simulator.operation import Operation


class Queue:
    """All operations the Translator knows; it starts them in the order in which they came."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._known: dict[int, Operation] = {}
        self._waiting: deque[Operation] = deque()
        self._executing: list[Operation] = []

    def submit(self, operation: Operation, now: datetime) -> None:
        """Insert an operation at the end, and start it if a slot is free."""
        self._known[operation.request_id] = operation
        self._waiting.append(operation)
        self._fill(now)

    def adopt(self, operation: Operation, started: datetime) -> None:
        """Insert an operation that was started before the world began; it ends when `next_event` says."""
        self._known[operation.request_id] = operation
        operation.start(started)
        self._executing.append(operation)

    def record(self, operation: Operation, started: datetime) -> None:
        """Insert an operation that has ended already."""
        self._known[operation.request_id] = operation
        operation.start(started)
        operation.finish()

    def next_event(self) -> datetime | None:
        """Return when the next operation ends, or None if none executes."""
        return min((end for op in self._executing if (end := op.ends) is not None), default=None)

    def step(self, at: datetime) -> None:
        """End the operations whose time has come, and give their slots to those that wait."""
        for operation in sorted(self._executing, key=lambda op: op.request_id):
            if operation.ends == at:
                self._executing.remove(operation)
                operation.finish()
        self._fill(at)

    def get(self, request_id: int) -> Operation | None:
        """Return an operation by its id, or None."""
        return self._known.get(request_id)

    def known(self) -> Mapping[int, Operation]:
        """Return all operations by id, oldest first."""
        return self._known

    def position(self, operation: Operation) -> int | None:
        """Return how many wait before this one, or None if it does not wait."""
        return self._waiting.index(operation) if operation.status == "Waiting" else None

    def _fill(self, at: datetime) -> None:
        while self._waiting and len(self._executing) < self._slots:
            operation = self._waiting.popleft()
            operation.start(at)
            self._executing.append(operation)
