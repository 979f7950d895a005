"""The rate limit of an account: the calls of all processes, counted in the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.errors import AllowanceUsed
from wbtui.domain.ports import Store
from wbtui.domain.snapshot import Calls
from wbtui.scheduling.rate_limit import HOUR, RateLimiter, Throttled

SINGLES_PART: Final = 10
"""Readings that a command takes once may use one part in so many of the calls, all of an hour together."""
HELD_FROM: Final = 60.0
"""Seconds by which the calls must be held back before it is said: a full bucket's rhythm is slower, too."""


class AccountRateLimit:
    """Counts each call of Translator API 2 before it is made, also those of other runs and processes."""

    def __init__(self, account: str, ceiling: int, store: Store, clock: Clock) -> None:
        self._account = account
        self._singles = f"{account} single readings"
        self.single = False
        """True while a command reads once without naming items: all such share a tenth of the calls."""
        self._store = store
        self._clock = clock
        now, wall = clock.monotonic(), clock.now()
        past = store.calls_since(account, wall - timedelta(seconds=HOUR))
        ages = [max(0.0, (wall - at).total_seconds()) for at in past]
        self.budget = RateLimiter(ceiling, now, [now - age for age in ages])
        self._last_other = now - min(ages) if ages else None
        self._stamp = store.stamp()

    @property
    def last_call_before(self) -> float | None:
        """Return when an earlier run made its last call (monotonic seconds), if within the hour."""
        return self._last_other

    def spend(self) -> None:
        """Count one call that is about to be made; raises `AllowanceUsed` where none is left."""
        now = self._clock.monotonic()
        self._take_in_others(now)
        if not self.budget.may_spend(now):
            raise AllowanceUsed("wbtui's own ceiling of calls per hour is reached", ours=True)
        if self.single and self.singles_left() <= 0:
            raise AllowanceUsed(self.singles_used(), ours=True)
        self.budget.spend(now)
        self._store.note_call(self._account, self._clock.now())
        if self.single:
            self._store.note_call(self._singles, self._clock.now())

    def singles_left(self) -> int:
        """Return the calls left in this hour for the single readings of all processes together."""
        return self.budget.ceiling // SINGLES_PART - len(self._single_calls())

    @property
    def singles_over(self) -> bool:
        """Return whether this is a single reading, and these have had their part of the calls."""
        return self.single and self.may_spend() and self.singles_left() <= 0

    def singles_used(self) -> str:
        """Return in words that single readings have had their part of the calls, and until when."""
        made = self._single_calls()
        end = f" until {made[0].astimezone() + timedelta(seconds=HOUR):%H:%M}" if made else ""
        return f"single readings have had their {self.budget.ceiling // SINGLES_PART} calls of this hour{end}"

    def _single_calls(self) -> tuple[datetime, ...]:
        return self._store.calls_since(self._singles, self._clock.now() - timedelta(seconds=HOUR))

    def take_in_others(self) -> None:
        """Count what other processes have spent meanwhile."""
        self._take_in_others(self._clock.monotonic())

    def _take_in_others(self, now: float) -> None:
        """Count what other processes have spent meanwhile, as if it were spent now."""
        stamp = self._store.stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        made = self._store.calls_since(self._account, self._clock.now() - timedelta(seconds=HOUR))
        for _ in range(len(made) - self.budget.used(now)):
            self.budget.others_spent(now)

    def throttled(self, error: AllowanceUsed) -> Throttled:
        """Record a 429 and return the pause that follows."""
        now = self._clock.monotonic()
        if error.ours:
            return Throttled(max(self.budget.ready_at(now), now + 1.0))
        return self.budget.throttled(now, _per_hour(error), error.retry_after)

    def may_spend(self) -> bool:
        """Return whether one more call stays inside the ceiling."""
        return self.budget.may_spend(self._clock.monotonic())

    def calls(self) -> Calls:
        """Return the figures for the header."""
        return Calls(self.budget.used(self._clock.monotonic()), self.budget.ceiling)

    def ready_at(self, *, reserve: bool = False) -> float:
        """Return when the next call may be made (monotonic seconds)."""
        return self.budget.ready_at(self._clock.monotonic(), reserve=reserve)

    def shortness(self) -> str:
        """Return in words why looks are held back; the same words for as long as they are."""
        return f"most of the {self.budget.ceiling} calls an hour are used"

    def untouched(self) -> RateLimiter:
        """Return what there would be if no call of this hour had been made."""
        return RateLimiter(self.budget.ceiling, self._clock.monotonic())

    def short(self, planned: float) -> bool:
        """Return whether most calls are used, so that the look planned for then may be late for that."""
        now = self._clock.monotonic()
        return self.budget.short(now) and max(planned, self.ready_at()) - now >= HELD_FROM

    def holds(self, planned: float, *, freely: float | None) -> float | None:
        """Return until when a look is held back if for over a minute, else None.

        It is planned for a time with the calls that are left, and would be `freely` with all of them.
        """
        at = max(planned, self.ready_at())
        soonest = max(self._clock.monotonic(), planned if freely is None else freely)
        return at if at - soonest >= HELD_FROM else None


def _per_hour(error: AllowanceUsed) -> int | None:
    if error.limit is None:
        return None
    seconds = error.per_seconds or HOUR
    return max(1, int(error.limit * HOUR / seconds))
