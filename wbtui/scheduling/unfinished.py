"""The unfinished operations of one account: those that wait, in order of arrival, and those that execute."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import field

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ItemKey, State

Order = tuple[int, str]
"""Sorts operations as they came: request id, then key (`domain.merge.by_arrival`)."""


@dataclass(slots=True)
class UnfinishedEntry:
    """One unfinished operation; all times are monotonic seconds."""

    key: ItemKey
    order: Order
    kind: str
    state: State
    looked_at: float | None
    """The last look of this or an earlier run; None before the first."""
    since: float
    """When it was last known not to have started, or if `bare` when it became known."""
    bare: bool = False
    """True if nothing is known of it but its id: it may have finished long ago."""
    unseen: bool = True
    """True until this run's first look: a slot may have been free for it at once."""
    started: float | None = None
    """When it is estimated to have started, once it was seen executing."""
    again_at: float | None = None
    """When one that the server does not know yet is asked for again."""
    unknown_answers: int = 0
    """Answers in a row without a state that is known."""


@dataclass(slots=True)
class UnfinishedList:
    """Keeps the waiting operations in order, also per kind, in O(log n) comparisons per change."""

    entries: dict[ItemKey, UnfinishedEntry] = field(default_factory=dict)
    running: dict[ItemKey, UnfinishedEntry] = field(default_factory=dict)
    unknown: dict[ItemKey, UnfinishedEntry] = field(default_factory=dict)
    """Those whose state the server named by a word that is not known."""
    waiting: list[Order] = field(default_factory=list)
    """Those not yet seen started."""
    by_kind: dict[str, list[Order]] = field(default_factory=dict)

    def add(self, entry: UnfinishedEntry) -> None:
        """Add an operation, or replace its entry."""
        self.remove(entry.key)
        self.entries[entry.key] = entry
        if entry.state is State.RUNNING:
            self.running[entry.key] = entry
        elif entry.state is State.WAITING:
            insort(self.waiting, entry.order)
            insort(self.by_kind.setdefault(entry.kind, []), entry.order)
        else:
            self.unknown[entry.key] = entry

    def remove(self, key: ItemKey) -> None:
        """Remove an operation, if it is there."""
        entry = self.entries.pop(key, None)
        self.running.pop(key, None)
        self.unknown.pop(key, None)
        if entry is not None and entry.state is State.WAITING:
            _delete(self.waiting, entry.order)
            kind = self.by_kind[entry.kind]
            _delete(kind, entry.order)
            if not kind:
                del self.by_kind[entry.kind]

    def place(self, order: Order) -> int:
        """Return the place among those not yet seen started, 1 for the oldest."""
        return bisect_left(self.waiting, order) + 1

    def oldest(self, count: int) -> Iterator[UnfinishedEntry]:
        """Return the oldest few of each kind that have not been seen started."""
        for kind in self.by_kind.values():
            for order in kind[:count]:
                yield self.entries[ItemKey(order[1])]

    def all_waiting(self) -> Iterator[UnfinishedEntry]:
        """Return all that have not been seen started, oldest first."""
        return (self.entries[ItemKey(order[1])] for order in self.waiting)


def _delete(orders: list[Order], order: Order) -> None:
    del orders[bisect_left(orders, order)]
