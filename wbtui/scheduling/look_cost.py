"""What a call is worth: dear where the calls must last for much work, nearly nothing where they abound."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import Final

from wbtui.scheduling.look_value import worth_of_gap
from wbtui.scheduling.rate_limit import RateLimiter

SHORTEST: Final = 600.0
LEAST_LASTS: Final = 60.0
LONGEST: Final = 3600.0
STREAM: Final = 2400.0
"""Seconds by which calls are stretched where operations keep coming."""
STREAM_MEMORY: Final = 2400.0
STREAM_LEAST: Final = 120.0
LEAST_STREAM: Final = 0.3
AT_ONCE: Final = 10.0
"""Operations that come to be known within this time count as one arrival."""
MOST_TURNS: Final = 3.0
"""Mean durations between two looks at one operation, at the very most."""
SPARE: Final = 0.2
"""From this share of emptiness on the bucket is safe from overflowing, which would waste calls."""
LEAST_TURNS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Work:
    """What lies ahead."""

    unfinished: int
    mean: float
    """Seconds the executing ones last on average."""
    speed: float
    """Operations that start per second while some wait."""
    executing: float
    """Operations believed to execute now."""
    waiting: float
    """Operations believed not to have started."""
    arrivals: float = 0.0
    """Operations that keep coming, per second."""


def price(work: Work, budget: RateLimiter, now: float) -> float:
    """Return the price of a call in seconds of waiting.

    It is chosen so that the looks it lets through use up what can be afforded while the work lasts: each
    operation needs one call for its end, the rest may be spent on finding it soon.
    """
    lasts = max(LEAST_LASTS, work.waiting / work.speed + 2.0 * work.mean)
    spread = min(LONGEST, max(SHORTEST, lasts, STREAM if work.arrivals > 0 else 0.0))
    ends = max(work.arrivals, min(work.executing / work.mean, work.unfinished / lasts))
    share = ends / budget.affordable(now, spread)
    most = MOST_TURNS * min(1.0, (1.0 - budget.fullness(now)) / SPARE + LEAST_TURNS)
    turns = -log(1.0 - share) if share < 1.0 - exp(-most) else most
    return worth_of_gap(turns * work.mean, work.mean)


@dataclass(slots=True)
class Stream:
    """Learns how many operations keep coming; a first batch tells nothing."""

    came: float = 0.0
    seconds: float = 0.0
    at: float | None = None
    first: float | None = None

    def arrived(self, now: float) -> None:
        """Count an operation."""
        if self.at is None or self.first is None:
            self.at = self.first = now
            return
        self._fade(now)
        if now - self.first > AT_ONCE:
            self.came += 1.0

    def rate(self, now: float) -> float:
        """Return the operations that come per second; 0 after one batch."""
        if self.came < LEAST_STREAM:
            return 0.0
        self._fade(now)
        return self.came / max(self.seconds, STREAM_LEAST)

    def _fade(self, now: float) -> None:
        passed = now - (now if self.at is None else self.at)
        kept = exp(-passed / STREAM_MEMORY)
        self.came, self.seconds, self.at = self.came * kept, (self.seconds + passed) * kept, now
