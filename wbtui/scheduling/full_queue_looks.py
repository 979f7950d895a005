"""Chooses looks by the balance of starts and ends, where the queue is full and calls suffice for it. Pure.

One look at the oldest waiting operation tells of all slots; only after it has started are those that execute
looked at one by one. The cost of a call is that at which the calls last until the queue is empty; what was
spent meanwhile corrects it.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import exp
from typing import Final

from wbtui.domain.model import ItemKey
from wbtui.scheduling.look_value import LONGEST, SHORTEST
from wbtui.scheduling.queue_estimate import QueueEstimator
from wbtui.scheduling.rate_limit import RateLimiter
from wbtui.scheduling.unfinished import UnfinishedEntry, UnfinishedList

LEAST_AHEAD: Final = 2
"""Operations that must wait. Fitted: with one, the rows with operations of others get worse."""
CALLS_PER_OPERATION: Final = 2.5
"""The calls that must be affordable for each operation. With fewer, each look at a waiting one is missing
where an end is to be found: fitted on 1000 short operations at once."""
MARGIN: Final = 1.4
"""How much longer than expected the calls must last. Fitted: the mean duration is underestimated at first."""
PROBED_FROM: Final = 3
"""Waiting operations from which the number of slots is found out at once, by looks at the oldest ones."""
SEARCH_LOOKS: Final = 1.5
"""Looks per end beside those that search for it: the one that finds the start, and half a one in vain."""
LEAST_SPARE: Final = 0.1
"""The share of the affordable calls that goes to the oldest waiting one at least. Bounds its gap."""
CORRECTION: Final = 0.05
"""How quickly the cost follows what is spent: by so much for each call that came at once."""
LATEST: Final = 5.0
"""Expected gaps that one pause counts for at most."""
MOST_SCALE: Final = 10.0
"""The most by which the cost is corrected, up or down. Fitted among 4, 10 and 50."""
FIRST_STEP, LAST_STEP = 0.5, 300.0
"""Where the moment of the next look is sought, in seconds from now."""
FINEST, FINENESS = 0.25, 0.03
"""How finely that is done: in seconds, and as a share of the time until then."""
LEAST_LEFT: Final = 1e-6


class FullQueueLooks:
    """Names the next look of a full queue."""

    def __init__(self, unfinished: UnfinishedList, estimator: QueueEstimator, floor: float) -> None:
        self._unfinished = unfinished
        self._estimator = estimator
        self._balance = estimator.balance
        self._floor = floor
        self._scale = 1.0
        self._affordable = 0.0
        """Calls per second while looks are chosen here, else 0."""
        self._requested_at = float("-inf")

    def record_request(self, now: float) -> None:
        """Record a call: the cost rises after calls in quick succession, and falls after pauses."""
        if self._affordable:
            gaps = min(LATEST, (now - self._requested_at) * self._affordable)
            scale = self._scale * exp(CORRECTION * (1.0 - gaps))
            self._scale = min(MOST_SCALE, max(1.0 / MOST_SCALE, scale))
        self._requested_at = now

    def full_queue_look(
        self, now: float, limiter: RateLimiter, arrivals: float
    ) -> tuple[ItemKey, float] | None:
        """Return the next look and its time; None where the queue is not full, or calls do not suffice.

        `arrivals` are the operations that keep coming, per second.
        """
        cost = self._cost(now, limiter, arrivals)
        if cost is None:
            self._affordable = 0.0
            return None
        if not self._balance.slots:
            return self._probe(now)
        return self._by_value(cost * self._scale, now)

    def _cost(self, now: float, limiter: RateLimiter, arrivals: float) -> float | None:
        """Return the cost of a call in seconds of unseen ends, before it is corrected."""
        balance, learned = self._balance, self._estimator.learned
        ahead = len(self._unfinished.waiting) - len(balance.foretold)
        if ahead < LEAST_AHEAD or not balance.is_usable(now):
            return None
        oldest = self._unfinished.waiting[len(balance.foretold)]
        if self._unfinished.entries[ItemKey(oldest[1])].bare:
            return None
        mean, slots = learned.usual_mean, balance.slots or max(1, len(balance.members))
        lasts = ahead * mean / slots + 2.0 * mean
        horizon = LONGEST if arrivals > 0 else min(LONGEST, max(SHORTEST, MARGIN * lasts))
        self._affordable = limiter.affordable(now, horizon)
        spare = self._affordable - slots / mean * (SEARCH_LOOKS + slots / 2.0)
        needed = CALLS_PER_OPERATION * (len(self._unfinished.entries) + arrivals * horizon)
        if spare <= 0.0 or self._affordable * min(lasts, horizon) < needed:
            return None
        gap = max(self._floor, 1.0 / max(spare, LEAST_SPARE * self._affordable))
        return slots * gap * gap / (2.0 * mean)

    def _probe(self, now: float) -> tuple[ItemKey, float] | None:
        """Return a look at the oldest waiting one, until one still waits: then the slots are counted."""
        if not self._balance.members or len(self._unfinished.waiting) < PROBED_FROM:
            return None
        entry = next(self._unfinished.all_waiting())
        if not entry.unseen:
            return None
        return entry.key, max(now, max(self._estimator.requested_at(entry), entry.since) + self._floor)

    def _by_value(self, cost: float, now: float) -> tuple[ItemKey, float]:
        """Return the look with the greatest value as soon as one pays."""
        value, best = self._best(now)
        if value >= cost and best is not None:
            return best, now
        low, high = 0.0, FIRST_STEP
        while high < LAST_STEP and self._best(now + high)[0] < cost:
            low, high = high, high * 2.0
        while high - low > max(FINEST, FINENESS * low):
            middle = (low + high) / 2.0
            low, high = (middle, high) if self._best(now + middle)[0] < cost else (low, middle)
        found = self._best(now + high)[1]
        return found or next(iter(self._unfinished.entries)), now + high

    def _best(self, at: float) -> tuple[float, ItemKey | None]:
        """Return the greatest value of a look at that time that the floor allows, and at which operation."""
        best, found = -1.0, None
        for entry, value in self._values(at):
            if value > best and self._estimator.requested_at(entry) + self._floor <= at:
                best, found = value, entry.key
        return best, found

    def _values(self, at: float) -> Iterator[tuple[UnfinishedEntry, float]]:
        """Yield the value of a look at each member, and at the oldest one that may still wait."""
        entries, known = self._unfinished.entries, self._balance.at(at)
        for key, (ended, unseen) in known.endings.items():
            yield entries[key], unseen / max(LEAST_LEFT, 1.0 - ended)
        first = len(self._balance.foretold)
        for order in self._unfinished.waiting[first : first + 1]:
            entry = entries[ItemKey(order[1])]
            own = self._estimator.start_estimate(entry).finish_at(at).look_value
            yield entry, max(own, known.revealed / max(LEAST_LEFT, 1.0 - known.started))
