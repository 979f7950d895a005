"""What is believed of each unfinished operation, and how answers teach: durations, speed, slots."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from math import exp, sqrt
from typing import Final

from wbtui.domain.model import FINISHED, ItemKey, State
from wbtui.scheduling.learned import TOLD_FROM, Learnt, expected_share
from wbtui.scheduling.look_value import NOTHING, FinishEstimate, StartEstimate, below, either, of_running
from wbtui.scheduling.queue_front import Front
from wbtui.scheduling.unfinished import Order, Roster, UnfinishedEntry

NEVER: Final = float("-inf")
FINISHED_UNSEEN: Final = 0.3
"""How likely a bare id that was tracked had finished before."""
AGE_WEIGHT: Final = 6.0
"""How slowly an operation that outlasts its kind's mean is taken to be a long one."""
SLOTS_MEMORY: Final = 20.0
SLOWEST_SHARE: Final = 0.03
KEPT: Final = 100


class QueueEstimator:
    """Beliefs about the operations of a roster."""

    def __init__(self, roster: Roster, learnt: Learnt, now: float) -> None:
        self._roster = roster
        self.learnt = learnt
        self.front = Front(learnt.speed, learnt.speed_variance, now)
        self.asked: dict[ItemKey, float] = {}
        self._waits: list[tuple[Order, float]] = []
        self._begun: list[tuple[Order, float]] = []
        """When the queue was first believed empty up to an operation."""
        self._passed: Order | None = None
        self._now = now
        self._alive = 0.0
        self.pace = learnt.speed

    def lessons(self) -> Learnt:
        """Return what has been learnt, as a value to keep."""
        return replace(self.learnt, speed=self.front.speed, speed_variance=self.front.speed_variance)

    def join(self, entry: UnfinishedEntry, now: float) -> None:
        """Take an operation in, or anew with another state."""
        self.advance(now)
        self.leave(entry.key, now)
        self._roster.add(entry)
        ahead = entry.state is State.WAITING and self._roster.place(entry.order) <= self.front.at
        if ahead and self._roster.waiting[-1] != entry.order:
            self.front.joined()

    def leave(self, key: ItemKey, now: float) -> None:
        """Forget an operation."""
        entry = self._roster.entries.get(key)
        if entry is None:
            return
        self.advance(now)
        if entry.state is State.WAITING and self._roster.place(entry.order) <= self.front.at:
            self.front.left()
        self._roster.remove(key)
        self.asked.pop(key, None)

    def advance(self, now: float) -> None:
        """Let the queue move on in the mind.

        Those seen executing give up their slots at their own pace; slots of which nothing is known move
        with the learnt speed.
        """
        alive = pace = 0.0
        for entry in self._roster.running.values():
            mean = self.remaining(entry)
            lives = 1.0 - of_running(now - self.seen_at(entry), mean).finished
            alive += lives
            pace += lives / mean
        unknown = max(0.0, 1.0 - alive / self.learnt.slots)
        self.pace = pace + unknown * self.front.speed
        self._alive, self._now = alive, now
        idle = max(0.0, self.learnt.slots - alive)
        self.front.slowest = SLOWEST_SHARE * self.learnt.slots / self.learnt.usual_mean
        self.front.advance(now, len(self._roster.waiting), idle, pace, unknown)
        self._note_empty(now)

    def _note_empty(self, now: float) -> None:
        """Remember when all that were there had started, as far as is believed."""
        waiting, begun = self._roster.waiting, self._begun
        if not waiting:
            begun.clear()
        elif self.front.at >= len(waiting) and (not begun or begun[-1][0] < waiting[-1]):
            begun.append((waiting[-1], now))
            if len(begun) > KEPT:
                del begun[: bisect_left(begun, waiting[0], key=lambda entry: entry[0])]

    # -- what is believed -------------------------------------------------------------------------------

    def asked_at(self, entry: UnfinishedEntry) -> float:
        """Return when the server was last asked for it, by this or an earlier run."""
        return max(
            self.asked.get(entry.key, NEVER), entry.looked_at if entry.looked_at is not None else NEVER
        )

    def seen_at(self, entry: UnfinishedEntry) -> float:
        """Return when the server last answered for it."""
        return entry.looked_at if entry.looked_at is not None else entry.since

    def remaining(self, entry: UnfinishedEntry) -> float:
        """Return the seconds an executing one is expected to go on from its last look.

        One that outlasts its kind is more and more taken for a long one.
        """
        age = 0.0 if entry.started is None else max(0.0, self.seen_at(entry) - entry.started)
        return (AGE_WEIGHT * self.learnt.mean(entry.kind) + age) / (AGE_WEIGHT + 1.0)

    def remaining_in_disorder(self, entry: UnfinishedEntry) -> float:
        """Return the seconds until a waiting one is expected to finish where the order tells nothing."""
        mean = self.learnt.mean(entry.kind)
        return mean + len(self._roster.waiting) * mean / max(1.0, self.learnt.slots)

    def of(self, entry: UnfinishedEntry, now: float, *, in_order: bool) -> FinishEstimate:
        """Return what is believed of one operation."""
        if entry.state is State.RUNNING:
            return self._running(entry, now)
        if entry.state is not State.WAITING:
            return NOTHING
        if in_order:
            return self.outlook(entry).at(now)
        since = entry.since if entry.looked_at is None else entry.looked_at
        known = of_running(now - since, self.remaining_in_disorder(entry))
        return either(FINISHED_UNSEEN, now - since, known) if entry.fresh else known

    def _running(self, entry: UnfinishedEntry, now: float) -> FinishEstimate:
        return of_running(now - self.seen_at(entry), self.remaining(entry))

    def outlook(self, entry: UnfinishedEntry) -> StartEstimate:
        """Return what is expected of a waiting operation by its place in the queue."""
        implied = self._waited_at(entry.order)
        start, spread = self._start(entry)
        return StartEstimate(
            since=max(entry.since, implied),
            start=start,
            spread=spread,
            mean=self.learnt.mean(entry.kind),
            seen=not entry.arrived or implied >= entry.since,
            before=FINISHED_UNSEEN if entry.fresh and implied < entry.since else 0.0,
        )

    def _start(self, entry: UnfinishedEntry) -> tuple[float, float]:
        """Return when a waiting one is expected to start, and the spread."""
        front = self.front
        ahead = self._roster.place(entry.order) - 0.5 - front.at
        near = min(ahead, 1.0)
        spread = sqrt(front.variance + abs(ahead))
        start = self._now + near / self.pace + (ahead - near) / front.speed
        found = bisect_left(self._begun, entry.order, key=lambda begun: begun[0])
        if found < len(self._begun):
            start = min(start, self._begun[found][1])
        return start, spread / (self.pace if ahead <= 1.0 else front.speed)

    def _waited_at(self, order: Order) -> float:
        """Return when an operation was last known to wait since one before it waited."""
        found = bisect_right(self._waits, order, key=lambda wait: wait[0])
        return self._waits[found - 1][1] if found else NEVER

    def executing(self) -> float:
        """Return how many are believed to execute now, at least one."""
        begun = min(float(len(self._roster.waiting)), max(0.0, self.front.at - 0.5))
        room = max(0.0, max(self.learnt.slots, self.front.speed * self.mean_to_come()) - self._alive)
        return max(1.0, self._alive + min(begun, room))

    def mean_to_come(self) -> float:
        """Return how many seconds operations last on average, counted by their ends."""
        return self.learnt.usual_mean

    def expected_finish(self, entry: UnfinishedEntry) -> tuple[float, float] | None:
        """Return the seconds until a waiting one is expected to finish, and give or take how many."""
        if self.learnt.all_kinds.ends < TOLD_FROM:
            return None
        front, mean = self.front, self.learnt.mean(entry.kind)
        ahead = max(0.0, self._roster.place(entry.order) - 0.5 - front.at)
        begins = ahead / front.speed
        doubt = (front.variance + ahead + begins**2 * front.speed_variance) / front.speed**2
        return begins + mean, sqrt(doubt + mean**2)

    # -- what answers teach -----------------------------------------------------------------------------

    def answer(self, entry: UnfinishedEntry, state: State, now: float, *, in_order: bool) -> bool:
        """Learn from an answer and note it; return True if it proves the order broken."""
        self.advance(now)
        broken = False
        if entry.state is State.RUNNING:
            self._learn_running(entry, state, now)
        elif entry.state is State.WAITING:
            broken = self._overtaken(entry, state)
            if in_order:
                self._learn_waiting(entry, state, now)
        self._note(entry, state, now)
        return broken

    def _overtaken(self, entry: UnfinishedEntry, state: State) -> bool:
        """Return whether one still waits that was passed by one seen started since this was last so.

        Else one that never starts would count for ever, though all behind it keep their order.
        """
        if state is State.WAITING:
            passed = self._passed is not None and entry.order < self._passed
            self._passed = None if passed else self._passed
            return passed
        self._passed = max(self._passed or entry.order, entry.order)
        return False

    def _note(self, entry: UnfinishedEntry, state: State, now: float) -> None:
        """Put the operation where the answer says it belongs."""
        started = entry.started
        if state is State.RUNNING and started is None:
            started = min(now, max(self._start(entry)[0], self._known_waiting(entry)))
        passed = entry.state is State.WAITING and state is not State.WAITING
        if passed:
            self.front.left()
        if state in FINISHED:
            self._roster.remove(entry.key)
            self.asked.pop(entry.key, None)
            return
        self._roster.add(
            replace(
                entry,
                state=state,
                looked_at=now,
                since=now,
                fresh=False,
                arrived=False,
                started=started,
                again_at=None,
                puzzles=entry.puzzles + 1 if entry.state is state is State.UNKNOWN else 0,
            )
        )

    def _known_waiting(self, entry: UnfinishedEntry) -> float:
        return max(entry.since, self._waited_at(entry.order))

    def _learn_running(self, entry: UnfinishedEntry, state: State, now: float) -> None:
        gap = now - self.seen_at(entry)
        mean = self.remaining(entry)
        expected = of_running(gap, mean).finished
        if state in FINISHED:
            self._lasted(entry.kind, 1.0, expected_share(gap, mean))
            self.front.ended(expected, finished=True)
        elif state is State.RUNNING:
            self._lasted(entry.kind, 0.0, gap)
            self.front.ended(expected, finished=False)

    def _learn_waiting(self, entry: UnfinishedEntry, state: State, now: float) -> None:
        place = self._roster.place(entry.order)
        if state is State.WAITING:
            self._learn_still_waiting(entry, place, now)
            return
        if entry.fresh and self._waited_at(entry.order) < entry.since:
            self.front.at = max(self.front.at, float(place))
            return
        belief = self.outlook(entry).at(now)
        begun = max(belief.finished, below((self.front.at - place + 0.5) / sqrt(self.front.variance)))
        expected = min(1.0, belief.finished / begun) if begun > 0 else 0.0
        gap = max(1.0, now - max(self._start(entry)[0], self._known_waiting(entry)))
        self.front.started(place)
        if state in FINISHED:
            self._lasted(entry.kind, 1.0, expected_share(gap, self.learnt.mean(entry.kind)))
            self.front.ended(expected, finished=True)
        elif state is State.RUNNING:
            self._lasted(entry.kind, 0.0, gap)
            self.front.ended(expected, finished=False)

    def _learn_still_waiting(self, entry: UnfinishedEntry, place: int, now: float) -> None:
        self.front.waits(place)
        del self._begun[bisect_left(self._begun, entry.order, key=lambda begun: begun[0]) :]
        while self._waits and self._waits[-1][0] >= entry.order:
            self._waits.pop()
        self._waits.append((entry.order, now))
        if len(self._waits) > 2 * KEPT:
            del self._waits[:KEPT]
        if place <= 2:
            seen = self.learnt.slots_seen
            sample = max(0.3, self._alive + (place - 1) * exp(-1.0))
            slots = self.learnt.slots + (sample - self.learnt.slots) / (seen + 1.0)
            self.learnt = replace(self.learnt, slots=slots, slots_seen=min(SLOTS_MEMORY, seen + 1.0))

    def _lasted(self, kind: str, ends: float, seconds: float) -> None:
        learnt = self.learnt
        own = learnt.kinds.get(kind)
        kinds = dict(learnt.kinds)
        kinds[kind] = (own if own is not None else type(learnt.all_kinds)()).plus(ends, seconds)
        self.learnt = replace(learnt, all_kinds=learnt.all_kinds.plus(ends, seconds), kinds=kinds)
