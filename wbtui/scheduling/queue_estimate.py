"""Estimates the start and the finish of each unfinished operation, and learns from the answers.

The constants were fitted by hand on the scenarios of `tests/scheduling` unless they say otherwise.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from itertools import islice
from math import exp, sqrt
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import FINISHED, ItemKey, State
from wbtui.scheduling.learned import SHOWN_FROM, Durations, LearnedQueue, mean_when_ended
from wbtui.scheduling.look_value import (
    UNFINISHED,
    FinishEstimate,
    StartEstimate,
    estimate_running,
    mixed,
    normal_below,
    normal_density,
)
from wbtui.scheduling.slot_balance import SlotBalance
from wbtui.scheduling.unfinished import Order, UnfinishedEntry, UnfinishedList

EDGE: Final = 0.5
"""Between two places: the front is past place k once `at` exceeds k - 0.5."""
LEAST_VARIANCE: Final = 0.05
"""The least variance of the place, so that new answers always count."""
MOST_VARIANCE: Final = 1e4
"""The most variance of the place: 100 places either way is as good as not knowing. Bounds the arithmetic."""
EMPTY_VARIANCE: Final = 1.0
"""The most variance while the front stands at the end of the queue: the end is known to within a place."""
FASTEST: Final = 10.0
"""The highest speed that is estimated: ten starts per second are more than looks can follow."""
LEAST_DEVIATION: Final = 0.05
"""The least standard deviation of the speed, as a share of it."""
DRIFT: Final = 0.3
"""The share of itself by which the speed may change unseen in `DRIFT_SECONDS`."""
DRIFT_SECONDS: Final = 1200.0
COUNTED: Final = 20.0
"""Starts over which the speed is averaged where each is followed."""
FARTHEST: Final = 5.0
"""Standard deviations past which an answer moves the front straight to the edge: beyond them the formula for
the truncated normal divides by nearly zero."""
LEAST_SHRINK: Final = 0.2
"""The share of the variance that at least remains after one answer. Not fitted by itself: one answer shall
not make the estimate certain."""
LEAST_TAIL: Final = 1e-9
"""The least tail of the normal distribution that is divided by."""


@dataclass(slots=True)
class QueueFront:
    """How many of the operations not yet seen started have started; `at` is a place, 1 for the oldest.

    The queue is first-in first-out, so one number describes all of it. It advances with the learned speed,
    steps forward when an end is seen (an end frees a slot), and is corrected by every answer: "waiting" at
    place k says that fewer than k have started, any other answer that at least k have. Place and speed are
    normal with a covariance, updated like a Kalman filter.
    """

    speed: float
    """Starts per second while some wait."""
    speed_variance: float
    now: float
    at: float = EDGE
    variance: float = 1.0
    slowest: float = 1e-4
    """The lowest speed that is estimated. `QueueEstimator` sets it before each advance."""
    counted: float = 0.0
    """Seconds over which starts were followed one by one."""
    covariance: float = 0.0
    """The covariance of place and speed."""

    def advance(self, now: float, waiting: int, idle: float, known: float, unknown: float) -> None:
        """Advance the front to `now`.

        `waiting` operations have not been seen started, `idle` slots are estimated free, `known` is the rate
        of ends of those seen executing, `unknown` the share of the slots about which nothing is known.
        """
        seconds = now - self.now
        if seconds <= 0:
            return
        self.now = now
        end = max(float(waiting), idle)
        if waiting and self.at < end:
            self._drift(seconds, known, unknown)
        if self.at > end:
            self.at, self.covariance = end, 0.0
            self.variance = min(self.variance, EMPTY_VARIANCE)

    def _drift(self, seconds: float, known: float, unknown: float) -> None:
        rate = known + unknown * self.speed
        unseen_seconds = unknown * seconds
        self._average_speed(rate * seconds, seconds, 1.0 - unknown)
        self.at += rate * seconds
        from_speed = 2.0 * self.covariance * unseen_seconds + self.speed_variance * unseen_seconds**2
        grown = from_speed + rate * seconds
        self.variance = min(MOST_VARIANCE, max(LEAST_VARIANCE, self.variance + grown))
        self.covariance += self.speed_variance * unseen_seconds
        self.speed_variance += (DRIFT * self.speed) ** 2 * seconds / DRIFT_SECONDS

    def _average_speed(self, starts: float, seconds: float, share: float) -> None:
        """Average the speed with starts of which that share was followed one by one."""
        self.counted += share * seconds
        self.speed += share * (starts - self.speed * seconds) / max(self.counted, 1.0 / self.speed)
        self.speed = min(FASTEST, max(self.slowest, self.speed))
        self.counted = min(self.counted, COUNTED / self.speed)

    def observe_started(self, place: int) -> None:
        """Record that the operation at this place has started."""
        edge = place - EDGE
        deviation = sqrt(self.variance)
        z = (edge - self.at) / deviation
        if z > FARTHEST:
            self._move(edge + LEAST_VARIANCE - self.at, LEAST_SHRINK)
            return
        pull = normal_density(z) / max(LEAST_TAIL, 1.0 - normal_below(z))
        self._move(deviation * pull, max(0.0, 1.0 - pull * (pull - z)))

    def observe_waiting(self, place: int) -> None:
        """Record that the operation at this place still waits."""
        edge = place - EDGE
        deviation = sqrt(self.variance)
        z = (edge - self.at) / deviation
        if z < -FARTHEST:
            self._move(edge - LEAST_VARIANCE - self.at, LEAST_SHRINK)
            return
        pull = normal_density(z) / max(LEAST_TAIL, normal_below(z))
        self._move(-deviation * pull, max(0.0, 1.0 - pull * (pull + z)))

    def observe_finish(self, expected: float, *, finished: bool) -> None:
        """Record an answer for an operation that had finished with probability `expected`.

        An end frees a slot, so an unexpected one moves the front forward, a missing one back.
        """
        step = 1.0 - expected if finished else -expected
        uncertainty = expected * (1.0 - expected)
        self._move(step, max(LEAST_SHRINK, 1.0 - uncertainty / self.variance))
        self.at = max(0.0, self.at)

    def remove_started(self) -> None:
        """Shift the places: the list lost one that had started."""
        self.at = max(0.0, self.at - 1.0)

    def insert_started(self) -> None:
        """Shift the places: the list got one before others that have started, so it has started too."""
        self.at += 1.0

    def _move(self, step: float, shrink: float) -> None:
        """Move the place by `step`, shrink its variance, and correct the speed by their covariance."""
        gain = self.covariance / self.variance
        change = gain * step
        speed = self.speed + change if change > 0 else self.speed * exp(max(-1.0, change / self.speed))
        self.speed = min(FASTEST, max(self.slowest, speed))
        self.speed_variance = max(
            (LEAST_DEVIATION * self.speed) ** 2, self.speed_variance - gain * self.covariance * (1.0 - shrink)
        )
        self.covariance *= shrink
        self.at += step
        self.variance = max(LEAST_VARIANCE, self.variance * shrink)


NEVER: Final = float("-inf")
FINISHED_BEFORE: Final = 0.3
"""The probability that an operation of which only the id is known had finished before it became known."""
AGE_WEIGHT: Final = 6.0
"""How many times the mean duration of its kind counts beside the age of an executing operation. A lower
weight takes one that outlasts its kind for a long one sooner."""
SLOTS_MEMORY: Final = 20.0
"""Samples that the number of slots is averaged over. Not fitted."""
LEAST_SLOTS: Final = 0.3
"""The least number of slots that one sample counts for. Not fitted."""
SAMPLED_PLACES: Final = 2
"""The slots are sampled when one of so many oldest operations still waits: then all slots are taken."""
STARTED_MEANWHILE: Final = exp(-1.0)
"""The share of the operations in front of such a sample that are taken to execute. Not fitted."""
SLOWEST_SHARE: Final = 0.03
"""The lowest speed that is estimated, as a share of the speed at which the learned slots would work."""
KEPT: Final = 100
"""Marks that are kept, of an empty queue and of those that wait. Old ones tell least. Bounds the memory."""


class QueueEstimator:
    """Estimates the finish and the start of each operation of a list, and learns from the answers."""

    def __init__(self, unfinished: UnfinishedList, learned: LearnedQueue, now: float) -> None:
        self._unfinished = unfinished
        self._learned = learned
        self.front = QueueFront(learned.speed, learned.speed_variance, now)
        self.requested: dict[ItemKey, float] = {}
        """When the server was last asked for an operation in this run."""
        self._waits: list[tuple[Order, float]] = []
        """When an operation was last seen waiting, in order of the queue and of time."""
        self._emptied: list[tuple[Order, float]] = []
        """When the queue was first estimated empty up to an operation."""
        self._passed: Order | None = None
        """The youngest operation seen started since one before it was seen waiting."""
        self.balance = SlotBalance()
        self._now = now
        self._alive = 0.0
        """How many of those seen executing are estimated to execute still."""
        self._rate = learned.speed
        """Starts per second at the front now."""

    @property
    def learned(self) -> LearnedQueue:
        """Return what has been learned, as a value to keep."""
        return replace(self._learned, speed=self.front.speed, speed_variance=self.front.speed_variance)

    def add(self, entry: UnfinishedEntry, now: float) -> None:
        """Add an operation, or replace its entry."""
        self.advance(now)
        self.remove(entry.key, now)
        self._unfinished.add(entry)
        started = entry.state is State.WAITING and self._unfinished.place(entry.order) <= self.front.at
        if started and self._unfinished.waiting[-1] != entry.order:
            self.front.insert_started()
        if entry.state is State.RUNNING:
            self.balance.observe_executing(entry.key, self.remaining(entry), self.answered_at(entry))
        elif entry.state is State.WAITING and not entry.bare:
            place = self._unfinished.place(entry.order)
            self.balance.add_waiting(entry.key, place, self._learned.mean(entry.kind), now)

    def remove(self, key: ItemKey, now: float) -> None:
        """Remove an operation, if it is there."""
        entry = self._unfinished.entries.get(key)
        if entry is None:
            return
        self.advance(now)
        if entry.state is State.WAITING and self._unfinished.place(entry.order) <= self.front.at:
            self.front.remove_started()
        self._unfinished.remove(key)
        self.requested.pop(key, None)
        self.balance.remove(key)

    def advance(self, now: float) -> None:
        """Advance the estimated queue to `now`.

        Those seen executing free their slots at the rates of their own durations; slots about which nothing
        is known free themselves at the learned speed.
        """
        alive = rate = 0.0
        for entry in self._unfinished.running.values():
            mean = self.remaining(entry)
            executing = 1.0 - estimate_running(now - self.answered_at(entry), mean).finished
            alive += executing
            rate += executing / mean
        unknown = max(0.0, 1.0 - alive / self._learned.slots)
        self._rate = rate + unknown * self.front.speed
        self._alive, self._now = alive, now
        idle = max(0.0, self._learned.slots - alive)
        self.front.slowest = SLOWEST_SHARE * self._learned.slots / self._learned.usual_mean
        self.front.advance(now, len(self._unfinished.waiting), idle, rate, unknown)
        self._mark_emptied(now)

    def _mark_emptied(self, now: float) -> None:
        """Record when all that wait are estimated to have started."""
        waiting, emptied = self._unfinished.waiting, self._emptied
        if not waiting:
            emptied.clear()
        elif self.front.at >= len(waiting) and (not emptied or emptied[-1][0] < waiting[-1]):
            emptied.append((waiting[-1], now))
            if len(emptied) > KEPT:
                del emptied[: bisect_left(emptied, waiting[0], key=_order)]

    # -- estimates --------------------------------------------------------------------------------------

    def requested_at(self, entry: UnfinishedEntry) -> float:
        """Return when the server was last asked for it, by this or an earlier run."""
        looked = NEVER if entry.looked_at is None else entry.looked_at
        return max(self.requested.get(entry.key, NEVER), looked)

    def answered_at(self, entry: UnfinishedEntry) -> float:
        """Return when the server last answered for it, or since when it is known."""
        return entry.looked_at if entry.looked_at is not None else entry.since

    def remaining(self, entry: UnfinishedEntry) -> float:
        """Return the seconds an executing one is expected to go on from its last look.

        The longer it has outlasted its kind, the longer the rest is expected to be.
        """
        age = 0.0 if entry.started is None else max(0.0, self.answered_at(entry) - entry.started)
        return (AGE_WEIGHT * self._learned.mean(entry.kind) + age) / (AGE_WEIGHT + 1.0)

    def remaining_in_disorder(self, entry: UnfinishedEntry) -> float:
        """Return the seconds until a waiting one is expected to finish where the order tells nothing."""
        mean = self._learned.mean(entry.kind)
        return mean + len(self._unfinished.waiting) * mean / max(1.0, self._learned.slots)

    def finish_estimate(self, entry: UnfinishedEntry, now: float, *, in_order: bool) -> FinishEstimate:
        """Return the estimate of the finish of one operation."""
        if entry.state is State.RUNNING:
            return estimate_running(now - self.answered_at(entry), self.remaining(entry))
        if entry.state is not State.WAITING:
            return UNFINISHED
        if in_order:
            return self.start_estimate(entry).finish_at(now)
        elapsed = now - self.answered_at(entry)
        estimate = estimate_running(elapsed, self.remaining_in_disorder(entry))
        return mixed(FINISHED_BEFORE, elapsed, estimate) if entry.bare else estimate

    def start_estimate(self, entry: UnfinishedEntry) -> StartEstimate:
        """Return the estimate of the start of a waiting operation, by its place in the queue."""
        implied = self._waited_at(entry.order)
        start, deviation = self._start(entry)
        return StartEstimate(
            since=max(entry.since, implied),
            start=start,
            deviation=deviation,
            mean=self._learned.mean(entry.kind),
            seen_waiting=not entry.unseen or implied >= entry.since,
            finished_before=FINISHED_BEFORE if entry.bare and implied < entry.since else 0.0,
        )

    def _start(self, entry: UnfinishedEntry) -> tuple[float, float]:
        """Return when a waiting one is expected to start, and the standard deviation.

        The next place is reached at the present rate, those behind it at the learned speed.
        """
        front = self.front
        ahead = self._unfinished.place(entry.order) - EDGE - front.at
        near = min(ahead, 1.0)
        places = sqrt(front.variance + abs(ahead))
        start = self._now + near / self._rate + (ahead - near) / front.speed
        found = bisect_left(self._emptied, entry.order, key=_order)
        if found < len(self._emptied):
            start = min(start, self._emptied[found][1])
        return start, places / (self._rate if ahead <= 1.0 else front.speed)

    def _waited_at(self, order: Order) -> float:
        """Return when an operation was last known to wait because one before it was seen waiting."""
        found = bisect_right(self._waits, order, key=_order)
        return self._waits[found - 1][1] if found else NEVER

    def expected_finish(self, entry: UnfinishedEntry) -> tuple[float, float] | None:
        """Return the seconds until a waiting one is expected to finish, and their standard deviation."""
        if self._learned.all_kinds.ends < SHOWN_FROM:
            return None
        front, mean = self.front, self._learned.mean(entry.kind)
        ahead = max(0.0, self._unfinished.place(entry.order) - EDGE - front.at)
        start = ahead / front.speed
        variance = (front.variance + ahead + start**2 * front.speed_variance) / front.speed**2
        return start + mean, sqrt(variance + mean**2)

    # -- learning from answers --------------------------------------------------------------------------

    def record_answer(self, entry: UnfinishedEntry, state: State, now: float, *, in_order: bool) -> bool:
        """Learn from an answer and store its state; return whether it proves that the order is broken."""
        self.advance(now)
        broken = False
        if entry.state is State.RUNNING:
            self._learn_from_running(entry, state, now)
        elif entry.state is State.WAITING:
            broken = self._is_overtaken(entry, state)
            if in_order:
                self._learn_from_waiting(entry, state, now)
        place = self._unfinished.place(entry.order)
        self._store_state(entry, state, now)
        if in_order and not broken:
            self._balance_answer(entry, state, place, now)
        else:
            self.balance.contradict(now)
        return broken

    def _balance_answer(self, entry: UnfinishedEntry, state: State, place: int, now: float) -> None:
        """Have the balance of starts and ends follow an answer; `place` is where a waiting one was."""
        balance, mean = self.balance, self._learned.mean(entry.kind)
        if entry.state is State.WAITING and state is State.WAITING:
            balance.observe_waiting(place, now)
            return
        if entry.state is State.WAITING and state is not State.UNKNOWN:
            balance.observe_started(entry.key, place, mean, now)
        if state is State.RUNNING:
            left = self.remaining(self._unfinished.entries[entry.key])
            balance.observe_executing(entry.key, left, now)
        elif state in FINISHED:
            oldest = islice(self._unfinished.all_waiting(), len(balance.foretold) + 1)
            waiting = [(each.key, self._learned.mean(each.kind)) for each in oldest]
            balance.observe_ended(entry.key, waiting, now)
        else:
            balance.remove(entry.key)

    def _is_overtaken(self, entry: UnfinishedEntry, state: State) -> bool:
        """Return whether an operation still waits although a younger one was seen started.

        Each overtaking counts once: otherwise an operation that never starts would count for ever, though all
        behind it keep their order.
        """
        if state is State.WAITING:
            overtaken = self._passed is not None and entry.order < self._passed
            self._passed = None if overtaken else self._passed
            return overtaken
        self._passed = max(self._passed or entry.order, entry.order)
        return False

    def _store_state(self, entry: UnfinishedEntry, state: State, now: float) -> None:
        """Store the state that an answer named."""
        started = entry.started
        if state is State.RUNNING and started is None:
            started = min(now, max(self._start(entry)[0], self._known_waiting(entry)))
        if entry.state is State.WAITING and state is not State.WAITING:
            self.front.remove_started()
        if state in FINISHED:
            self._unfinished.remove(entry.key)
            self.requested.pop(entry.key, None)
            return
        self._unfinished.add(
            replace(
                entry,
                state=state,
                looked_at=now,
                since=now,
                bare=False,
                unseen=False,
                started=started,
                again_at=None,
                unknown_answers=entry.unknown_answers + 1 if entry.state is state is State.UNKNOWN else 0,
            )
        )

    def _known_waiting(self, entry: UnfinishedEntry) -> float:
        return max(entry.since, self._waited_at(entry.order))

    def _learn_from_running(self, entry: UnfinishedEntry, state: State, now: float) -> None:
        gap = now - self.answered_at(entry)
        mean = self.remaining(entry)
        self._learn_duration(entry.kind, state, gap, mean, estimate_running(gap, mean).finished)

    def _learn_from_waiting(self, entry: UnfinishedEntry, state: State, now: float) -> None:
        place = self._unfinished.place(entry.order)
        if state is State.WAITING:
            self._learn_still_waiting(entry, place, now)
            return
        if entry.bare and self._waited_at(entry.order) < entry.since:
            self.front.at = max(self.front.at, float(place))
            return
        finished = self.start_estimate(entry).finish_at(now).finished
        by_front = normal_below((self.front.at - place + EDGE) / sqrt(self.front.variance))
        started = max(finished, by_front)
        expected = min(1.0, finished / started) if started > 0 else 0.0
        gap = max(1.0, now - max(self._start(entry)[0], self._known_waiting(entry)))
        self.front.observe_started(place)
        self._learn_duration(entry.kind, state, gap, self._learned.mean(entry.kind), expected)

    def _learn_still_waiting(self, entry: UnfinishedEntry, place: int, now: float) -> None:
        self.front.observe_waiting(place)
        del self._emptied[bisect_left(self._emptied, entry.order, key=_order) :]
        while self._waits and self._waits[-1][0] >= entry.order:
            self._waits.pop()
        self._waits.append((entry.order, now))
        if len(self._waits) > 2 * KEPT:
            del self._waits[:KEPT]
        if place <= SAMPLED_PLACES:
            self._sample_slots(place)

    def _sample_slots(self, place: int) -> None:
        seen = self._learned.slots_seen
        sample = max(LEAST_SLOTS, self._alive + (place - 1) * STARTED_MEANWHILE)
        slots = self._learned.slots + (sample - self._learned.slots) / (seen + 1.0)
        self._learned = replace(self._learned, slots=slots, slots_seen=min(SLOTS_MEMORY, seen + 1.0))

    def _learn_duration(self, kind: str, state: State, gap: float, mean: float, expected: float) -> None:
        """Learn from an answer for one executing in the gap, finished with probability `expected`."""
        if state in FINISHED:
            ends, seconds = 1.0, mean_when_ended(gap, mean)
        elif state is State.RUNNING:
            ends, seconds = 0.0, gap
        else:
            return
        learned = self._learned
        kinds = {**learned.kinds, kind: learned.kinds.get(kind, Durations()).plus(ends, seconds)}
        self._learned = replace(learned, all_kinds=learned.all_kinds.plus(ends, seconds), kinds=kinds)
        self.front.observe_finish(expected, finished=state in FINISHED)


def _order(mark: tuple[Order, float]) -> Order:
    return mark[0]
