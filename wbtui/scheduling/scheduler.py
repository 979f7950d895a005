"""Names the operation to look at next: the one whose look has the greatest value for its cost.

Each unfinished operation has an estimate: how likely it has finished, and for how long its end is then
unseen. It comes from the place in the queue, the speed at which the queue has been moving, how long such
operations execute, and the time since the last look. The queue is first-in first-out with a fixed number of
slots (help.wordbee.com/api2/asynchronous-operations), so of those that wait only the oldest few are weighed.
The floor between two looks at one operation is kept here, the allowance by `RateLimiter`; nothing here waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ItemKey, State
from wbtui.scheduling.full_queue_looks import FullQueueLooks
from wbtui.scheduling.learned import LearnedQueue
from wbtui.scheduling.look_value import ArrivalRate, PendingWork, gap_for_cost, look_cost
from wbtui.scheduling.queue_estimate import QueueEstimator
from wbtui.scheduling.rate_limit import HOUR, RateLimiter
from wbtui.scheduling.unfinished import Order, UnfinishedEntry, UnfinishedList

UNKNOWN_GAP: Final = 60.0
"""The longest gap between two looks at one whose state is not understood: it begins with the floor and
doubles. Not fitted: as often as the lists of the other services."""
DOUBLINGS: Final = 10
"""Doublings that are computed at most. Bounds the power."""
BROKEN_SECONDS: Final = 3600.0
"""How long looks do not rely on the order after an overtaking. Not fitted: in a queue without order, looks
meet the next overtaking within the hour, and each one starts the hour again."""
CHECK_LEAST: Final = 10.0
"""The least seconds between two checks of the order. Lowered from 60 s so that a full bucket loses no
calls."""
CHECK_SHARE: Final = 0.03
"""The share of the affordable calls that checks of the order use. Not fitted: small beside what a look
costs."""
CHECK_FROM: Final = 3
"""Checks look behind this place: those before it are looked at anyway."""
CHECK_STRIDE: Final = 7919
"""A prime: successive checks spread over the whole queue, whatever its length."""
SPARE_FROM: Final = 0.9
"""The fullness of the bucket from which checks use more calls: these would be lost."""
SPARE_SHARE: Final = 0.3
"""The share of the affordable calls that checks use in addition while the bucket is full."""
TURN_SHARE: Final = 0.8
"""The share of the affordable calls that goes to the waiting ones in turn where the order is broken. The
others are left for those that execute."""
EVEN_SHARE: Final = 0.9
"""The same at least, as a share of the allowance spread evenly over an hour."""
TURN_HORIZON: Final = 1200.0
"""Seconds over which the calls for checks and for looks in turn are spread."""
MARGIN: Final = 0.001
"""Seconds that are added to the floor, so that a rounded clock does not break it."""
WANTED_GAP: Final = 8.0
"""The least seconds between two looks at one that somebody waits for: its end is seen within 15 s, answer and
waiting for the loop included."""
WANTED_SHARE: Final = 0.1
"""The share of the calls left that goes to those that somebody waits for, all of them together. Not
fitted: the others keep nearly all calls."""
WANTED_FROM: Final = 1.5
"""One that somebody waits for is looked at from so many standard deviations before its expected start on:
93 % start after that."""
WANTED_MOST: Final = 8
"""Where more than so many are waited for, all are looked at as if none was, which finds them sooner."""
CANDIDATES: Final = 2
"""How many of the oldest waiting ones of each kind are weighed. Kinds differ in their durations, so the
oldest of a short kind may have more value than an older one of a long kind."""


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

    def __init__(self, floor: float, learned: LearnedQueue, now: float) -> None:
        self._floor = floor + MARGIN
        self._unfinished = UnfinishedList()
        self._estimator = QueueEstimator(self._unfinished, learned, now)
        self._full_queue = FullQueueLooks(self._unfinished, self._estimator, self._floor)
        self._arrivals = ArrivalRate()
        self._broken_until = float("-inf")
        self._checked_at = now
        self._turned_at = now
        self._checks_made = 0

    @property
    def learned(self) -> LearnedQueue:
        """Return what has been learned so far."""
        return self._estimator.learned

    def in_order(self, now: float) -> bool:
        """Return whether looks rely on the order of the queue."""
        return now >= self._broken_until

    def follow(self, watched: Watched, now: float) -> None:
        """Add an operation, or replace what is known of it, without a look; O(log n)."""
        if watched.key not in self._unfinished.entries:
            self._arrivals.add(now)
        looked = watched.looked_at
        self._estimator.add(
            UnfinishedEntry(
                key=watched.key,
                order=watched.order,
                kind=watched.kind,
                state=watched.state,
                looked_at=looked,
                since=looked if looked is not None else watched.known_at,
                bare=looked is None and not watched.waited_then,
                started=watched.running_since,
                again_at=watched.again_at,
            ),
            now,
        )

    def drop(self, key: ItemKey, now: float) -> None:
        """Remove an operation that is watched no more."""
        self._estimator.remove(key, now)

    def record_request(self, key: ItemKey, now: float) -> None:
        """Record that a look begins. Without an answer the floor holds all the same."""
        entry = self._unfinished.entries.get(key)
        if entry is None:
            return
        self._estimator.requested[key] = now
        self._full_queue.record_request(now)
        if entry.state is not State.WAITING:
            return
        self._turned_at = now
        if self._unfinished.place(entry.order) > CHECK_FROM:
            self._checked_at = now
            self._checks_made += 1

    def record_answer(self, key: ItemKey, state: State, now: float) -> bool:
        """Learn from an answer; return True if it is news that the queue does not keep its order.

        An older operation that still waits after a younger one was seen started proves that. For an hour
        after each such answer the waiting ones are looked at in turn.
        """
        entry = self._unfinished.entries.get(key)
        if entry is None:
            return False
        in_order = self.in_order(now)
        broken = self._estimator.record_answer(entry, state, now, in_order=in_order)
        if broken:
            self._broken_until = now + BROKEN_SECONDS
        return broken and in_order

    def next_look(self, now: float, limiter: RateLimiter) -> PlannedLook | None:
        """Return the next look and its time, before the limiter's own waits; None if nothing is unfinished.

        Of the looks that pay now, the one with the greatest value; otherwise the one that pays first.
        """
        if not self._unfinished.entries:
            return None
        self._estimator.advance(now)
        full_queue = self._full_queue_look(now, limiter)
        cost = look_cost(self._pending_work(now), limiter, now)
        best: PlannedLook | None = None
        best_value = -1.0
        candidates = self._others(now, limiter) if full_queue else self._candidates(now, cost, limiter)
        for entry, at in candidates:
            if at <= now:
                estimate = self._estimator.finish_estimate(entry, now, in_order=self.in_order(now))
                if estimate.look_value > best_value:
                    best, best_value = PlannedLook(entry.key, now), estimate.look_value
            elif best_value < 0 and (best is None or at < best.at):
                best = PlannedLook(entry.key, at)
        if full_queue is None or (best is not None and best.at < full_queue.at):
            return best
        return full_queue

    def _full_queue_look(self, now: float, limiter: RateLimiter) -> PlannedLook | None:
        if not self.in_order(now):
            return None
        found = self._full_queue.full_queue_look(now, limiter, self._arrivals.per_second(now))
        return None if found is None else PlannedLook(*found)

    def wanted_look(
        self, now: float, limiter: RateLimiter, wanted: Collection[ItemKey]
    ) -> PlannedLook | None:
        """Return the next look at those that somebody waits for, None if none is planned.

        Its time is before the limiter's own waits. It uses the reserve too, and spreads its calls over the
        time that lies ahead. One that cannot have started yet, or is not known yet, is left to `next_look`.
        """
        found = [self._unfinished.entries[key] for key in wanted if key in self._unfinished.entries]
        if not found or len(found) > WANTED_MOST:
            return None
        self._estimator.advance(now)
        ahead = sum(self._seconds_ahead(entry, now) for entry in found)
        gap = max(self._floor, WANTED_GAP, ahead / max(1.0, WANTED_SHARE * limiter.left(now)))
        looks = (self._wanted_at(entry, gap, now) for entry in found)
        return min((look for look in looks if look is not None), key=lambda look: look.at, default=None)

    def _seconds_ahead(self, entry: UnfinishedEntry, now: float) -> float:
        """Return for how long an operation is expected to be looked at often."""
        if entry.state is State.RUNNING:
            return self._estimator.remaining(entry)
        if not self.in_order(now):
            return self._estimator.remaining_in_disorder(entry)
        start = self._estimator.start_estimate(entry)
        return start.mean + WANTED_FROM * start.deviation

    def _wanted_at(self, entry: UnfinishedEntry, gap: float, now: float) -> PlannedLook | None:
        if entry.state is not State.RUNNING and entry.state is not State.WAITING:
            return None
        at = self._estimator.requested_at(entry) + gap
        if entry.state is State.WAITING and self.in_order(now):
            start = self._estimator.start_estimate(entry)
            at = max(at, start.start - WANTED_FROM * start.deviation)
        return PlannedLook(entry.key, at)

    def _candidates(
        self, now: float, cost: float, limiter: RateLimiter
    ) -> Iterator[tuple[UnfinishedEntry, float]]:
        """Yield the operations that are weighed, each with the time from which a look at it pays."""
        estimator, floor = self._estimator, self._floor
        for entry in self._unfinished.running.values():
            gap = max(floor, gap_for_cost(cost, estimator.remaining(entry)))
            yield entry, max(estimator.answered_at(entry) + gap, estimator.requested_at(entry) + floor)
        yield from self._others(now, limiter)
        if self.in_order(now):
            for entry in self._unfinished.oldest(CANDIDATES):
                pays_at = estimator.start_estimate(entry).pays_at(cost, now)
                yield entry, max(pays_at, estimator.requested_at(entry) + floor)
        elif self._unfinished.waiting:
            entry = min(self._unfinished.all_waiting(), key=estimator.requested_at)
            even = EVEN_SHARE * limiter.ceiling / HOUR
            rate = max(TURN_SHARE * limiter.affordable(now, TURN_HORIZON), even)
            yield entry, max(estimator.requested_at(entry) + floor, self._turned_at + 1.0 / rate)

    def _others(self, now: float, limiter: RateLimiter) -> Iterator[tuple[UnfinishedEntry, float]]:
        """Yield those whose state is not understood, and in order the next check of the order."""
        floor = self._floor
        for entry in self._unfinished.unknown.values():
            requested_at = self._estimator.requested_at(entry)
            gap = min(UNKNOWN_GAP, floor * 2 ** min(DOUBLINGS, entry.unknown_answers))
            at = requested_at + gap if entry.again_at is None else entry.again_at
            yield entry, max(at, requested_at + floor)
        if self.in_order(now):
            yield from self._order_checks(now, limiter)

    def _order_checks(self, now: float, limiter: RateLimiter) -> Iterator[tuple[UnfinishedEntry, float]]:
        """Yield one waiting operation behind the oldest, whose answer shows whether the order holds."""
        behind = len(self._unfinished.waiting) - CHECK_FROM
        if behind <= 0:
            return
        order = self._unfinished.waiting[CHECK_FROM + self._checks_made * CHECK_STRIDE % behind]
        entry = self._unfinished.entries[ItemKey(order[1])]
        full = max(0.0, limiter.fullness(now) - SPARE_FROM) / (1.0 - SPARE_FROM)
        share = CHECK_SHARE + full * SPARE_SHARE
        gap = max(CHECK_LEAST, 1.0 / (share * limiter.affordable(now, TURN_HORIZON)))
        yield entry, max(self._checked_at + gap, self._estimator.requested_at(entry) + self._floor)

    def _pending_work(self, now: float) -> PendingWork:
        front = self._estimator.front
        return PendingWork(
            unfinished=len(self._unfinished.entries),
            mean=self._estimator.learned.usual_mean,
            speed=front.speed,
            waiting=max(0.0, len(self._unfinished.waiting) - front.at),
            arrivals=self._arrivals.per_second(now),
        )

    def usual_seconds(self, kind: str) -> float | None:
        """Return how long operations of a kind usually execute; None before a few of its ends were seen."""
        return self._estimator.learned.usual_seconds(kind)

    def expected_finish(self, key: ItemKey, now: float) -> tuple[float, float] | None:
        """Return the seconds until a waiting operation is expected to finish, and their standard deviation.

        None if it does not wait, or where too little has been seen to say.
        """
        entry = self._unfinished.entries.get(key)
        if entry is None or entry.state is not State.WAITING or not self.in_order(now):
            return None
        self._estimator.advance(now)
        return self._estimator.expected_finish(entry)

    def expected_finishes(self, now: float, count: int) -> dict[ItemKey, tuple[float, float]]:
        """Return `expected_finish` of the `count` oldest waiting ones, where it is known."""
        if not self.in_order(now):
            return {}
        self._estimator.advance(now)
        oldest = islice(self._unfinished.all_waiting(), count)
        finishes = ((entry.key, self._estimator.expected_finish(entry)) for entry in oldest)
        return {key: finish for key, finish in finishes if finish is not None}
