"""What each look asks of all operations, kept up to date: a look costs what it changed, not what is there."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Final

from wbtui.domain.merge import by_arrival
from wbtui.domain.model import ItemKey, Operation, State
from wbtui.domain.queue_places import Order, QueuePlaces

CHANGES_KEPT: Final = 10_000


class OperationsIndex:
    """The operations that wait and those that execute, and which have changed."""

    def __init__(self) -> None:
        self._waiting: list[Order] = []
        self._places: QueuePlaces | None = QueuePlaces()
        self.running: dict[ItemKey, None] = {}
        """Those that execute; to be read, not written."""
        self._changed: deque[ItemKey] = deque(maxlen=CHANGES_KEPT)
        self.changes = 0
        """How many changes there have been."""

    def rebuild(self, operations: Iterable[Operation]) -> None:
        """Begin anew with these operations; whoever follows the changes has to look at all of them."""
        known = list(operations)
        self._waiting = sorted(by_arrival(o) for o in known if o.state is State.WAITING)
        self._places = None
        self.running = {o.key: None for o in known if o.state is State.RUNNING}
        self.changes += CHANGES_KEPT + 1

    def replace(self, old: Operation | None, new: Operation | None) -> None:
        """Put an operation in the place of another of the same key; None where there is none."""
        either = old or new
        if either is not None:
            self._changed.append(either.key)
            self.changes += 1
        if old is not None and old.state is State.WAITING:
            if new is not None and new.state is State.WAITING:
                return
            del self._waiting[bisect_left(self._waiting, by_arrival(old))]
            self._places = None
        if old is not None:
            self.running.pop(old.key, None)
        if new is not None and new.state is State.WAITING:
            insort(self._waiting, by_arrival(new))
            self._places = None
        if new is not None and new.state is State.RUNNING:
            self.running[new.key] = None

    def changed_since(self, changes: int) -> set[ItemKey] | None:
        """Return what changed after so many changes; None where that is not known any more."""
        count = self.changes - changes
        if count > len(self._changed):
            return None
        return set(islice(reversed(self._changed), count))

    def places(self) -> QueuePlaces:
        """Return the places of those that wait, the same value for as long as the same ones wait."""
        if self._places is None:
            self._places = QueuePlaces(tuple(self._waiting))
        return self._places
