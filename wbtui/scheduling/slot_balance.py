"""Counts starts against ends in a first-in first-out queue whose slots no operations of others share. Pure.

While the oldest waiting operation waits, no slot has been free. So a look that finds it waiting shows that
none of those that execute has ended since, and one that finds it started shows that one of them has. An end
that is seen shows the same of the oldest waiting one: it has started.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from math import exp
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ItemKey

SHARED_SECONDS: Final = 3600.0
"""How long the balance is not used after an answer that contradicts it. Not fitted: as for a broken order."""
START_DELAY: Final = 10.0
"""Seconds within which a free slot may be given away. An answer that comes sooner contradicts nothing."""
EXACT_UP_TO: Final = 12
"""Members up to which the probability of each is computed exactly where several ends are known."""
TINY: Final = 1e-9
MOST_TURNS: Final = 30.0
"""Mean durations after which an operation has ended for sure. Bounds the exponential."""
LEAST_LOG, MOST_LOG, HALVINGS = -30.0, 30.0, 40
"""Where the factor of `given_count` is sought, and how finely: to 1e-10."""


@dataclass(slots=True)
class Member:
    """An operation that holds a slot, or has ended unseen; times are monotonic seconds."""

    mean: float
    """The seconds for which it is expected to go on from `alive_at`."""
    alive_at: float
    """When it was last known to execute, unless it had ended by then."""
    ended: float = 0.0
    """The probability that it had ended by `alive_at`."""
    ended_at: float = 0.0
    """When it ended on average, if it had."""

    def ending(self, now: float) -> tuple[float, float]:
        """Return the probability that it has ended, and the expected seconds since then (0 if it has not)."""
        gap = max(0.0, now - self.alive_at)
        share = 1.0 - exp(-min(MOST_TURNS, gap / self.mean))
        unseen = gap - self.mean * share
        left = 1.0 - self.ended
        return self.ended + left * share, self.ended * (now - self.ended_at) + left * unseen


@dataclass(frozen=True, slots=True)
class Balance:
    """What is known at one moment."""

    endings: dict[ItemKey, tuple[float, float]]
    """`Member.ending` of each member, given the ends that must have happened."""
    started: float
    """The probability that the oldest waiting operation that is not foretold has started."""
    revealed: float
    """The seconds of unseen ends that seeing it started would tell of."""


@dataclass(slots=True)
class SlotBalance:
    """Knows which operations hold the slots; of use once `slots` is known."""

    members: dict[ItemKey, Member] = field(default_factory=dict)
    """Those seen executing whose end was not seen, and the foretold."""
    foretold: dict[ItemKey, float] = field(default_factory=dict)
    """Those that must have started but were not seen started, oldest first; and since when that is known."""
    unseen_ends: int = 0
    """Ends that must have happened, since starts were seen."""
    slots: int = 0
    """How many operations execute at once; 0 while unknown."""
    _shared_until: float = float("-inf")
    _raised_at: float = float("-inf")

    def is_usable(self, now: float) -> bool:
        """Return whether no answer has contradicted the balance lately."""
        return now >= self._shared_until

    def reset(self) -> None:
        """Forget the number of slots, and what was concluded from it."""
        self.slots = self.unseen_ends = 0
        for key in self.foretold:
            self.members.pop(key, None)
        self.foretold.clear()

    def contradict(self, now: float) -> None:
        """Record that an answer contradicts the balance: others share the slots, or the order is broken."""
        self._shared_until = now + SHARED_SECONDS
        self.reset()

    def remove(self, key: ItemKey) -> None:
        """Remove an operation that is followed no more."""
        if self.members.pop(key, None) is not None:
            self.reset()

    # -- answers ----------------------------------------------------------------------------------------

    def add_waiting(self, key: ItemKey, place: int, mean: float, now: float) -> None:
        """Record a new operation that waits, at this place (1 for the oldest); a free slot takes it."""
        if len(self.members) < self.slots and place == len(self.foretold) + 1:
            self._foretell(key, mean, now, now)

    def observe_waiting(self, place: int, now: float) -> None:
        """Record that the operation at this place still waits."""
        if place <= len(self.foretold):
            if now - list(self.foretold.values())[place - 1] > START_DELAY:
                self.contradict(now)
        elif place == len(self.foretold) + 1 and self.members:
            self.slots = self.slots or len(self.members)
            self._settle_at(now)

    def _settle_at(self, now: float) -> None:
        """Conclude that exactly `unseen_ends` of the members have ended by now."""
        self.slots = max(1, len(self.members) - self.unseen_ends)
        endings = [member.ending(now) for member in self.members.values()]
        shares = given_count([share for share, _ in endings], self.unseen_ends)
        for member, (before, unseen), share in zip(self.members.values(), endings, shares, strict=True):
            member.ended_at = now - unseen / max(TINY, before)
            member.ended, member.alive_at = share, now

    def observe_started(self, key: ItemKey, place: int, mean: float, now: float) -> None:
        """Record that the operation at this place has started."""
        if key in self.foretold:
            del self.foretold[key]
        elif self.slots and place > len(self.foretold) + 1:
            self.reset()
        elif self.slots and len(self.members) - self.unseen_ends >= self.slots:
            self.unseen_ends += 1
        self.members[key] = Member(mean, now)
        self._normalize()

    def observe_executing(self, key: ItemKey, mean: float, now: float) -> None:
        """Record that an operation executes; where all do, there are more slots than was thought."""
        if key not in self.members:
            self.reset()
        self.members[key] = Member(mean, now)
        all_execute = all(member.alive_at >= now and not member.ended for member in self.members.values())
        if self.unseen_ends and all_execute:
            if now - self._raised_at < SHARED_SECONDS:
                self.contradict(now)
                return
            self._raised_at = now
            self.slots, self.unseen_ends = len(self.members), 0
        self._normalize()

    def observe_ended(self, key: ItemKey, waiting: Sequence[tuple[ItemKey, float]], now: float) -> None:
        """Record an end that was seen; `waiting` has the oldest waiting ones with their mean durations."""
        member = self.members.pop(key, None)
        if not self.slots or member is None:
            return
        if self.unseen_ends:
            self.unseen_ends -= 1
            self._normalize()
        elif len(self.foretold) < len(waiting):
            share, unseen = member.ending(now)
            self._foretell(*waiting[len(self.foretold)], now - unseen / max(TINY, share), now)

    def _foretell(self, key: ItemKey, mean: float, started_at: float, now: float) -> None:
        self.foretold[key] = now
        self.members[key] = Member(mean, started_at)

    def _normalize(self) -> None:
        """Have the probabilities add up to the ends that must have happened, once there are any."""
        shares = [member.ended for member in self.members.values()]
        if self.slots and sum(shares) > 0:
            for member, share in zip(
                self.members.values(), given_count(shares, self.unseen_ends), strict=True
            ):
                member.ended = share

    # -- conclusions ------------------------------------------------------------------------------------

    def at(self, now: float) -> Balance:
        """Return what is known at that time."""
        endings = {key: member.ending(now) for key, member in self.members.items()}
        shares = [share for share, _ in endings.values()]
        known = self.unseen_ends
        least, more = at_least(shares, known), at_least(shares, known + 1)
        started = more / max(TINY, least)
        if known:
            factors = more_likely(shares, known, max(TINY, least))
            endings = {
                key: (min(1.0, share * factor), unseen * factor)
                for (key, (share, unseen)), factor in zip(endings.items(), factors, strict=True)
            }
        unseen = sum(unseen for _, unseen in endings.values())
        return Balance(endings, started, unseen * started / (known + 1.0) if known else unseen)


def at_least(shares: Sequence[float], count: int) -> float:
    """Return how likely at least `count` of independent events with these probabilities happened."""
    if count <= 0:
        return 1.0
    fewer = [1.0] + [0.0] * (count - 1)
    for share in shares:
        for n in range(count - 1, 0, -1):
            fewer[n] = fewer[n] * (1.0 - share) + fewer[n - 1] * share
        fewer[0] *= 1.0 - share
    return max(0.0, 1.0 - sum(fewer))


def more_likely(shares: Sequence[float], known: int, least: float) -> list[float]:
    """Return by which factor each event is more likely, given that at least `known` of them happened."""
    if known == 1:
        return [1.0 / least] * len(shares)
    if len(shares) > EXACT_UP_TO:
        total = max(TINY, sum(shares))
        return [max(1.0, min(1.0 / max(TINY, share), known / total)) for share in shares]
    return [at_least([*shares[:n], *shares[n + 1 :]], known - 1) / least for n in range(len(shares))]


def given_count(shares: Sequence[float], count: int) -> list[float]:
    """Return the probabilities given that exactly `count` happened: the odds of all scaled by one factor."""
    if count <= 0 or not shares:
        return [0.0] * len(shares)
    if count >= len(shares):
        return [1.0] * len(shares)
    odds = [max(TINY, share) / max(TINY, 1.0 - share) for share in shares]
    low, high = LEAST_LOG, MOST_LOG
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        factor = exp(middle)
        few = sum(each * factor / (1.0 + each * factor) for each in odds) < count
        low, high = (middle, high) if few else (low, middle)
    factor = exp(high)
    return [each * factor / (1.0 + each * factor) for each in odds]
