"""The hourly allowance of Translator API 2: one account, one limit, shared by all that wbtui does.

A sliding hour holds the ceiling, less a reserve that is kept for the user's own actions. Inside it a token
bucket limits bursts; it fills at the even rate at which the calls left suffice until others are an hour
old. Calls of other runs, known from the store, count too.
Source: help.wordbee.com/api2/error-handling-and-code (429, "Maximum allowed 1000 per 01:00:00").
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass

HOUR: Final = 3600.0
MARGIN: Final = 0.001
"""Seconds added to an hour, so that by a rounding error no time is named at which the call still counts."""
RESERVE: Final = 50
"""Calls that polls leave to the user's own actions. Not fitted: 5 % of the documented allowance of 1000."""
RESERVE_PART: Final = 4
"""Of a small allowance the reserve is one part in so many at most."""
BURST_SHARE: Final = 0.4
"""The share of the polls' calls that may be made at once. Fitted, with the same bucket for every rule of the
table."""
LEAST_REFILL: Final = 0.5 / HOUR
"""Calls per second that the bucket gains at least, where an allowance is tiny."""
SHORT_FROM: Final = 0.25
"""The share of the polls' calls below which these are short. Not fitted: it only decides what the screen
says."""
FIRST_REST: Final = 10.0
"""The first rest after a 429. The same page: wait at least 10 seconds. Doubles with each further 429."""
LONGEST_REST: Final = 300.0
"""The longest rest after a 429. Not fitted: as after other failures."""
OTHERS_SHARE: Final = 0.5
"""The share of the ceiling that is used for an hour after a 429 below the program's own count: others use the
key. Not fitted: nothing tells how much they use."""
MOMENTS: Final = 50
"""Moments of the hour ahead, at most, for which the even rate is computed: more change no row of the
table."""
LEAST_AHEAD: Final = 1.0
"""Seconds ahead that are divided by at least."""
LEAST_RATE: Final = 1e-6
"""The least affordable calls per second, so that it can be divided by."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """What a 429 led to."""

    until: float
    """When the next call may be made (monotonic seconds)."""
    limit_learnt: int | None = None
    """The server's own figure, where it was lower than the program's."""
    others: bool = False
    """True if the server refused below the program's own count: somebody else uses the key."""


class RateLimiter:
    """Counts calls in a sliding hour and names the time of the next one."""

    def __init__(self, ceiling: int, now: float, past: Iterable[float] = ()) -> None:
        self._ceiling = max(1, ceiling)
        self._calls: list[float] = sorted(min(at, now) for at in past if now - at < HOUR)
        self._resting_until = now
        self._last = self._calls[-1] if self._calls else now - HOUR
        self._throttles = 0
        self._halved_until = now
        self._level = 0.0
        self._level_at = now
        self._replay(now)

    @property
    def ceiling(self) -> int:
        """Return the calls per hour that the program may make now, the reserve included."""
        return self._ceiling

    def used(self, now: float) -> int:
        """Return the calls made in the hour before `now`."""
        self._drop(now)
        return len(self._calls)

    def spend(self, now: float) -> None:
        """Count one call."""
        self._drop(now)
        self._refill(now)
        insort(self._calls, now)
        self._level -= 1
        self._last = now

    def others_spent(self, at: float) -> None:
        """Count one call that another process on this machine made with the same key."""
        insort(self._calls, at)
        self._level -= 1

    def ready_at(self, now: float, *, reserve: bool = False) -> float:
        """Return when the next call may be made; the user's own actions may use the `reserve`."""
        self._drop(now)
        free_at = self._free_at(now, self._full(now) if reserve else self._share(now))
        if reserve:
            return max(now, self._resting_until, free_at)
        self._refill(now)
        rate = self._rate(now)
        level_at = now if self._level >= 1 else now + (1 - self._level) / rate
        return max(now, self._resting_until, free_at, min(level_at, self._trickle_at(now)))

    def may_spend(self, now: float) -> bool:
        """Return whether one more call stays inside the ceiling; the last guard before each call."""
        return self.used(now) < self._full(now) and now >= self._resting_until

    def affordable(self, now: float, horizon: float) -> float:
        """Return the calls per second that can be sustained over the next `horizon` seconds."""
        self._refill(now)
        by_bucket = self._rate(now) + max(0.0, self._level) / horizon
        if self._level < 0:  # others have spent ahead of the bucket
            left = self._share(now) - self.used(now)
            by_bucket = max(left / HOUR, self._rate(now) + self._level / horizon)
        return max(min(by_bucket, self._even(now, horizon)), LEAST_RATE)

    def short(self, now: float) -> bool:
        """Return whether little is left of what polls may use, whoever used it."""
        return self._share(now) - self.used(now) < SHORT_FROM * self._share(now) or now < self._resting_until

    def left(self, now: float) -> float:
        """Return the calls that may still be made in this hour, the reserve included."""
        return max(0.0, self._full(now) - self.used(now))

    def fullness(self, now: float) -> float:
        """Return how full the bucket is, 0 to 1."""
        self._refill(now)
        return max(0.0, min(1.0, self._level / max(1.0, self._burst(now))))

    def throttled(self, now: float, limit: int | None, retry_after: float | None) -> Throttled:
        """Record a 429: rest at least 10 s, doubling to 5 min; adopt a lower `limit` that its text names."""
        self._throttles += 1
        rest = min(LONGEST_REST, FIRST_REST * 2 ** (self._throttles - 1))
        self._resting_until = now + max(rest, retry_after or 0.0)
        adopted = None
        others = False
        if limit is not None and 0 < limit < self._ceiling:
            self._ceiling = adopted = limit
        if self.used(now) < min(limit or self._ceiling, self._ceiling) and now >= self._halved_until:
            self._halved_until = now + HOUR
            others = True
        return Throttled(self._resting_until, adopted, others)

    def answered(self) -> None:
        """Record that the server answers again."""
        self._throttles = 0

    def _full(self, now: float) -> float:
        share = OTHERS_SHARE if now < self._halved_until else 1.0
        return max(1.0, self._ceiling * share)

    def _share(self, now: float) -> float:
        """Return the calls per hour for polls: all but the reserve."""
        full = self._full(now)
        return max(1.0, full - min(RESERVE, full // RESERVE_PART))

    def _burst(self, now: float) -> float:
        return max(1.0, BURST_SHARE * self._share(now))

    def _rate(self, now: float) -> float:
        return max(self._even(now, HOUR), LEAST_REFILL)

    def _even(self, now: float, horizon: float) -> float:
        """Return the highest even rate, in calls per second, that the sliding hour allows until the horizon.

        At no moment before may more have been made than are left now and have become an hour old by then.
        """
        self._drop(now)
        # with none left, the bucket gains one until the first comes back
        left = max(1.0, self._share(now) - len(self._calls))
        rate = (left + bisect_right(self._calls, now + horizon - HOUR)) / horizon
        for expired in range(0, len(self._calls), 1 + len(self._calls) // MOMENTS):
            ahead = self._calls[expired] + HOUR - now
            if ahead > horizon:
                break
            rate = min(rate, (left + expired) / max(LEAST_AHEAD, ahead))
        return rate

    def _drop(self, now: float) -> None:
        del self._calls[: bisect_right(self._calls, now - HOUR)]

    def _free_at(self, now: float, limit: float) -> float:
        """Return when fewer calls than the limit count."""
        over = len(self._calls) - int(limit)
        return now if over < 0 else self._calls[over] + HOUR + MARGIN

    def _trickle_at(self, now: float) -> float:
        """Return when the next call is due if the calls left were spread over an hour.

        Calls that others made all at once thus make the looks fewer and do not end them for an hour. The
        program's own calls alone never leave so few that this comes before the bucket.
        """
        left = self._share(now) - self.used(now)
        return max(now, self._last + HOUR / left) if left > 0 else now + HOUR

    def _refill(self, now: float) -> None:
        gained = (now - self._level_at) * self._rate(now)
        self._level = min(self._burst(now), self._level + max(0.0, gained))
        self._level_at = max(self._level_at, now)

    def _replay(self, now: float) -> None:
        """Compute the level as if this run had made the calls of the last hour itself."""
        self._level, self._level_at = self._burst(now), now - HOUR
        for at in self._calls:
            self._refill(at)
            self._level -= 1
        self._refill(now)
