"""The unfinished operations as pacing knows them: who waits, in order of arrival, and who executes."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field

from wbtui.domain.model import ItemKey, State

Order = tuple[int, str]
"""Sorts operations as they came: request id, then key (`rules.queue.by_arrival`)."""


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
    """When it was last known not to have started, or if `fresh` when we came to know it."""
    fresh: bool = False
    """True if nothing is known of it but its id: it may have finished long ago."""
    arrived: bool = True
    """True until this run's first look: a slot may have been free for it at once."""
    started: float | None = None
    """When it is thought to have started, once it was seen executing."""
    again_at: float | None = None
    """When one that the server does not know yet is asked for again."""
    puzzles: int = 0
    """Answers in a row without a state that is known."""


@dataclass(slots=True)
class Roster:
    """Keeps the order of those not yet seen started, also per kind; costs O(log n) per change."""

    entries: dict[ItemKey, UnfinishedEntry] = field(default_factory=dict)
    running: dict[ItemKey, UnfinishedEntry] = field(default_factory=dict)
    strange: dict[ItemKey, UnfinishedEntry] = field(default_factory=dict)
    """Those whose state the server put in words that are not known."""
    waiting: list[Order] = field(default_factory=list)
    by_kind: dict[str, list[Order]] = field(default_factory=dict)

    def add(self, entry: UnfinishedEntry) -> None:
        """Take one in, or put it where its state belongs."""
        self.remove(entry.key)
        self.entries[entry.key] = entry
        if entry.state is State.RUNNING:
            self.running[entry.key] = entry
        elif entry.state is State.WAITING:
            insort(self.waiting, entry.order)
            insort(self.by_kind.setdefault(entry.kind, []), entry.order)
        else:
            self.strange[entry.key] = entry

    def remove(self, key: ItemKey) -> None:
        """Forget one; nothing happens if it is not known."""
        entry = self.entries.pop(key, None)
        self.running.pop(key, None)
        self.strange.pop(key, None)
        if entry is not None and entry.state is State.WAITING:
            _take(self.waiting, entry.order)
            kind = self.by_kind[entry.kind]
            _take(kind, entry.order)
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


def _take(orders: list[Order], order: Order) -> None:
    del orders[bisect_left(orders, order)]
