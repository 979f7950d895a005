"""Who in the queue is looked at next: the one whose look promises the greatest gain for its price.

For each unfinished operation pacing keeps a belief: how likely it has finished, and for how long it would
then have been waiting to be seen. The belief comes from the operation's place in the queue, the speed at
which the queue has been moving, how long such operations take, and the time since its last look. The queue
is first-in first-out with a fixed number of slots (seeds, first page), so of those that wait only the oldest
few need a thought. Floors and the allowance are kept here and by `RateLimiter`; nothing here waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from wbtui.domain.model import ItemKey, State
from wbtui.scheduling.learned import Learnt
from wbtui.scheduling.look_cost import Stream, Work, price
from wbtui.scheduling.look_value import gap_at
from wbtui.scheduling.queue_estimate import QueueEstimator
from wbtui.scheduling.rate_limit import HOUR, RateLimiter
from wbtui.scheduling.unfinished import Order, Roster, UnfinishedEntry

UNKNOWN_GAP: Final = 60.0
"""The longest gap between two looks at one whose state is not understood: it begins with the floor."""
DOUBLINGS: Final = 10
BROKEN_SECONDS: Final = 3600.0
CHECK_LEAST: Final = 10.0
CHECK_SHARE: Final = 0.03
"""The share of the calls that goes into checking that the queue keeps its order."""
TURN_SHARE: Final = 0.8
"""The share of the calls that goes to the waiting ones in turn where the order is broken."""
EVEN_SHARE: Final = 0.9
TURN_HORIZON: Final = 1200.0
SPARE_FROM: Final = 0.9
SPARE_SHARE: Final = 0.3
"""What goes into such checks besides while the bucket is full: its calls would be lost."""
CHECK_FROM: Final = 3
"""Checks begin behind this place."""
MARGIN: Final = 0.001
"""Added to the floor, lest a rounded clock break it."""
WANTED_GAP: Final = 8.0
"""The least seconds between two looks at one that somebody waits for: he is told within 15 s of its end."""
WANTED_SHARE: Final = 0.1
"""The share of the calls left that may go to those that are waited for, all of them together."""
WANTED_FROM: Final = 1.5
"""How many times the doubt about its start one that is waited for is looked at before it should start."""
WANTED_MOST: Final = 8
"""Where more than so many are waited for, all are looked at as if none was: that finds them sooner."""
CANDIDATES: Final = 2
"""How many of the oldest waiting ones of each kind are weighed."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One unfinished operation as the program knows it; times are monotonic seconds."""

    key: ItemKey
    order: Order
    kind: str
    state: State
    looked_at: float | None
    """The last look of this or an earlier run; None before the first."""
    known_at: float
    """When the program came to know it."""
    waited_then: bool = False
    """True if it is known not to have started at `known_at`, since it was sent only then."""
    running_since: float | None = None
    again_at: float | None = None
    """When it is asked for again if the server does not know it yet, else None."""


@dataclass(frozen=True, slots=True)
class PlannedLook:
    """The next look and the earliest time for it."""

    key: ItemKey
    at: float


class Scheduler:
    """Follows one account's unfinished operations, learns from each answer, and names the next look."""

    def __init__(self, floor: float, learnt: Learnt, now: float) -> None:
        self._floor = floor + MARGIN
        self._roster = Roster()
        self._belief = QueueEstimator(self._roster, learnt, now)
        self._stream = Stream()
        self._broken_until = float("-inf")
        self._checked_at = now
        self._turned_at = now
        self._check = 0

    @property
    def learnt(self) -> Learnt:
        """Return what has been learnt so far."""
        return self._belief.lessons()

    @property
    def keys(self) -> frozenset[ItemKey]:
        """Return the operations that are followed."""
        return frozenset(self._roster.entries)

    def in_order(self, now: float) -> bool:
        """Return whether looks rely on the order of the queue."""
        return now >= self._broken_until

    def follow(self, watched: Watched, now: float) -> None:
        """Take in an operation, or what was told of it otherwise than by a look; O(log n)."""
        if watched.key not in self._roster.entries:
            self._stream.arrived(now)
        looked = watched.looked_at
        since = looked if looked is not None else watched.known_at
        self._belief.join(
            UnfinishedEntry(
                key=watched.key,
                order=watched.order,
                kind=watched.kind,
                state=watched.state,
                looked_at=looked,
                since=since,
                fresh=looked is None and not watched.waited_then,
                started=watched.running_since,
                again_at=watched.again_at,
            ),
            now,
        )

    def drop(self, key: ItemKey, now: float) -> None:
        """Forget an operation that is watched no more."""
        self._belief.leave(key, now)

    def asked(self, key: ItemKey, now: float) -> None:
        """Take in that a look begins; without an answer the floor holds all the same."""
        entry = self._roster.entries.get(key)
        if entry is None:
            return
        self._belief.asked[key] = now
        if entry.state is not State.WAITING:
            return
        self._turned_at = now
        if self._roster.place(entry.order) > CHECK_FROM:
            self._checked_at = now
            self._check += 1

    def seen(self, key: ItemKey, state: State, now: float) -> bool:
        """Learn from an answer; return True if it is news that the queue does not keep its order.

        An older operation that still waits after one behind it was seen started proves that. Each such answer
        lets the looks go in turn for an hour more.
        """
        entry = self._roster.entries.get(key)
        if entry is None:
            return False
        in_order = self.in_order(now)
        broken = self._belief.answer(entry, state, now, in_order=in_order)
        if broken:
            self._broken_until = now + BROKEN_SECONDS
        return broken and in_order

    def next_look(self, now: float, budget: RateLimiter) -> PlannedLook | None:
        """Return whom to look at next and when, the allowance apart; None if nothing is unfinished."""
        if not self._roster.entries:
            return None
        self._belief.advance(now)
        cost = price(self._work(now), budget, now)
        best: PlannedLook | None = None
        worth = -1.0
        for entry, at in self._plans(now, cost, budget):
            if at <= now:
                gain = self._belief.of(entry, now, in_order=self.in_order(now)).worth
                if gain > worth:
                    best, worth = PlannedLook(entry.key, now), gain
            elif worth < 0 and (best is None or at < best.at):
                best = PlannedLook(entry.key, at)
        return best

    def wanted_look(self, now: float, budget: RateLimiter, wanted: Collection[ItemKey]) -> PlannedLook | None:
        """Return the next look at those that somebody waits for, the allowance apart; None if none is near.

        It takes its calls from the reserve, too, and spreads them over the work that lies ahead. One that
        cannot have started yet, or is not known yet, is left to `next_look`.
        """
        entries = [self._roster.entries[key] for key in wanted if key in self._roster.entries]
        if not entries or len(entries) > WANTED_MOST:
            return None
        self._belief.advance(now)
        ahead = sum(self._seconds_ahead(entry, now) for entry in entries)
        gap = max(self._floor, WANTED_GAP, ahead / max(1.0, WANTED_SHARE * budget.left(now)))
        looks = (self._wanted_at(entry, gap, now) for entry in entries)
        return min((look for look in looks if look is not None), key=lambda look: look.at, default=None)

    def _seconds_ahead(self, entry: UnfinishedEntry, now: float) -> float:
        """Return for how long an operation is going to be looked at often."""
        if entry.state is State.RUNNING:
            return self._belief.remaining(entry)
        if not self.in_order(now):
            return self._belief.remaining_in_disorder(entry)
        outlook = self._belief.outlook(entry)
        return outlook.mean + WANTED_FROM * outlook.spread

    def _wanted_at(self, entry: UnfinishedEntry, gap: float, now: float) -> PlannedLook | None:
        if entry.state is not State.RUNNING and entry.state is not State.WAITING:
            return None
        at = self._belief.asked_at(entry) + gap
        if entry.state is State.WAITING and self.in_order(now):
            outlook = self._belief.outlook(entry)
            at = max(at, outlook.start - WANTED_FROM * outlook.spread)
        return PlannedLook(entry.key, at)

    def _plans(self, now: float, cost: float, budget: RateLimiter) -> Iterator[tuple[UnfinishedEntry, float]]:
        """Yield those worth a thought, each with the time from which a look at it pays."""
        belief, floor = self._belief, self._floor
        for entry in self._roster.running.values():
            gap = max(floor, gap_at(cost, belief.remaining(entry)))
            yield entry, max(belief.seen_at(entry) + gap, belief.asked_at(entry) + floor)
        for entry in self._roster.strange.values():
            gap = min(UNKNOWN_GAP, floor * 2 ** min(DOUBLINGS, entry.puzzles))
            planned = belief.asked_at(entry) + gap if entry.again_at is None else entry.again_at
            yield entry, max(planned, belief.asked_at(entry) + floor)
        if self.in_order(now):
            for entry in self._roster.oldest(CANDIDATES):
                yield entry, max(belief.outlook(entry).pays_at(cost, now), belief.asked_at(entry) + floor)
            yield from self._checks(now, budget)
        elif self._roster.waiting:
            entry = min(self._roster.all_waiting(), key=belief.asked_at)
            rate = max(TURN_SHARE * budget.affordable(now, TURN_HORIZON), EVEN_SHARE * budget.ceiling / HOUR)
            yield entry, max(belief.asked_at(entry) + floor, self._turned_at + 1.0 / rate)

    def _checks(self, now: float, budget: RateLimiter) -> Iterator[tuple[UnfinishedEntry, float]]:
        """Yield one from the depth of the queue now and then, to see whether the order holds."""
        behind = len(self._roster.waiting) - CHECK_FROM
        if behind <= 0:
            return
        order = self._roster.waiting[CHECK_FROM + self._check * 7919 % behind]
        entry = self._roster.entries[ItemKey(order[1])]
        full = max(0.0, budget.fullness(now) - SPARE_FROM) / (1.0 - SPARE_FROM)
        share = CHECK_SHARE + full * SPARE_SHARE
        gap = max(CHECK_LEAST, 1.0 / (share * budget.affordable(now, TURN_HORIZON)))
        yield entry, max(self._checked_at + gap, self._belief.asked_at(entry) + self._floor)

    def _work(self, now: float) -> Work:
        front = self._belief.front
        return Work(
            unfinished=len(self._roster.entries),
            mean=self._belief.mean_to_come(),
            speed=front.speed,
            executing=self._belief.executing(),
            waiting=max(0.0, len(self._roster.waiting) - front.at),
            arrivals=self._stream.rate(now),
        )

    def usual_seconds(self, kind: str) -> float | None:
        """Return how long operations of a kind usually execute; None until a few ends were seen."""
        return self._belief.learnt.usual_seconds(kind)

    def expected_finish(self, key: ItemKey, now: float) -> tuple[float, float] | None:
        """Return in how many seconds a waiting operation is expected to finish, and give or take how many.

        None if it does not wait, or where too little has been seen to say.
        """
        entry = self._roster.entries.get(key)
        if entry is None or entry.state is not State.WAITING or not self.in_order(now):
            return None
        self._belief.advance(now)
        return self._belief.expected_finish(entry)

    def expected_finishes(self, now: float, count: int) -> dict[ItemKey, tuple[float, float]]:
        """Return `expected_finish` of the `count` oldest waiting ones of which it can be told."""
        if not self.in_order(now):
            return {}
        self._belief.advance(now)
        told = ((e.key, self._belief.expected_finish(e)) for e in islice(self._roster.all_waiting(), count))
        return {key: finish for key, finish in told if finish is not None}
