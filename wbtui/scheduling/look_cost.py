"""The cost of a look: high where few calls must last for much work, near zero where calls abound.

The constants were fitted by hand on the scenarios of `tests/scheduling` unless they say otherwise. The README
says how much they matter.
"""

from __future__ import annotations

from math import exp, log
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.scheduling.look_value import cost_of_gap
from wbtui.scheduling.rate_limit import RateLimiter

SHORTEST: Final = 600.0
"""The least seconds that the calls at hand must last. Raised from 60 s for work that comes in bursts: the
calls that one burst leaves are there for the next."""
LONGEST: Final = 3600.0
"""The most seconds that the calls at hand must last: after an hour each call has come back."""
STREAM: Final = 2400.0
"""The least seconds that the calls at hand must last where operations keep coming."""
LEAST_LASTS: Final = 60.0
"""The least seconds that the present work is expected to last: `mean` may be a second. Not fitted."""
LAST_ENDS: Final = 2.0
"""Mean durations from the last start until the work is done: about when the last of a few slots ends."""
MOST_TURNS: Final = 3.0
"""The longest gap between two looks at an executing operation, in mean durations. After three, 95 % have
finished; longer gaps add delay and save no call."""
SPARE: Final = 0.2
"""The emptiness of the bucket from which it is safe from overflowing, which would waste calls. A fuller
bucket lowers the longest gap."""
LEAST_TURNS: Final = 0.1
"""The share of `MOST_TURNS` that is left when the bucket is full."""
STREAM_MEMORY: Final = 2400.0
"""Seconds in which the weight of an arrival falls to 1/e."""
STREAM_LEAST: Final = 120.0
"""The least seconds by which arrivals are divided, so that the first few make no rate of several per
second."""
LEAST_STREAM: Final = 0.3
"""Faded arrivals below which nothing is taken to keep coming: one arrival counts for about 48 minutes. Not
fitted: no scenario depends on it."""
AT_ONCE: Final = 10.0
"""Operations that become known within so many seconds of the first are one batch, which has no rate. Not
fitted: longer than a pipeline needs to submit its files."""


@dataclass(frozen=True, slots=True)
class PendingWork:
    """The work that the calls at hand must last for."""

    unfinished: int
    mean: float
    """Seconds that operations execute on average."""
    speed: float
    """Operations that start per second while some wait."""
    executing: float
    """Operations estimated to execute now."""
    waiting: float
    """Operations estimated not to have started."""
    arrivals: float = 0.0
    """Operations that keep coming, per second."""


def look_cost(work: PendingWork, limiter: RateLimiter, now: float) -> float:
    """Return the cost of a look in seconds of waiting.

    It makes the looks use up the calls that are affordable while the work lasts: each operation needs one
    call for its end, the others may be spent on finding that end soon.
    """
    lasts = max(LEAST_LASTS, work.waiting / work.speed + LAST_ENDS * work.mean)
    horizon = min(LONGEST, max(SHORTEST, lasts, STREAM if work.arrivals > 0 else 0.0))
    ends = max(work.arrivals, min(work.executing / work.mean, work.unfinished / lasts))
    hit_share = ends / limiter.affordable(now, horizon)
    most = MOST_TURNS * min(1.0, (1.0 - limiter.fullness(now)) / SPARE + LEAST_TURNS)
    turns = -log(1.0 - hit_share) if hit_share < 1.0 - exp(-most) else most
    return cost_of_gap(turns * work.mean, work.mean)


@dataclass(slots=True)
class ArrivalRate:
    """Estimates how many operations keep coming. The first batch counts for nothing."""

    arrived: float = 0.0
    seconds: float = 0.0
    updated_at: float | None = None
    first_at: float | None = None

    def add(self, now: float) -> None:
        """Count an operation that became known."""
        if self.updated_at is None or self.first_at is None:
            self.updated_at = self.first_at = now
            return
        self._fade(now)
        if now - self.first_at > AT_ONCE:
            self.arrived += 1.0

    def per_second(self, now: float) -> float:
        """Return the operations that come per second, 0 after a single batch."""
        if self.arrived < LEAST_STREAM:
            return 0.0
        self._fade(now)
        return self.arrived / max(self.seconds, STREAM_LEAST)

    def _fade(self, now: float) -> None:
        passed = now - (now if self.updated_at is None else self.updated_at)
        kept = exp(-passed / STREAM_MEMORY)
        self.arrived *= kept
        self.seconds = (self.seconds + passed) * kept
        self.updated_at = now
