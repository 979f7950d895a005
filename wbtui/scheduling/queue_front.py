"""How far the queue has come: a belief about how many of those not yet seen started have started.

The queue is first-in first-out, so one number tells the state of all. It moves with the learnt speed, jumps
when an end is seen (an end frees a slot), and is corrected by every answer: "waiting" at place k says that
fewer than k have started, any other that at least k have.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt
from typing import Final

from wbtui.scheduling.look_value import below, density

LEAST_VARIANCE: Final = 0.05
MOST_VARIANCE: Final = 1e4
FASTEST: Final = 10.0
LEAST_DOUBT: Final = 0.05
"""The share of itself by which the speed is always held to be uncertain."""
DRIFT: Final = 0.3
"""By what share of itself the speed may change unseen in `DRIFT_SECONDS`."""
DRIFT_SECONDS: Final = 1200.0
COUNTED: Final = 20.0
"""Starts over which the speed is averaged where they are followed."""
FARTHEST: Final = 5.0
"""Standard deviations past which an answer moves the belief to its edge outright."""


@dataclass(slots=True)
class Front:
    """The belief; `at` is in places, 1 for the oldest that has not been seen started."""

    speed: float
    """Starts per second while somebody waits."""
    speed_variance: float
    now: float
    at: float = 0.5
    variance: float = 1.0
    slowest: float = 1e-4
    """The least speed that is believed."""
    counted: float = 0.0
    """Seconds over which starts were followed one by one."""
    shared: float = 0.0
    """The covariance of place and speed."""

    def advance(self, now: float, waiting: int, idle: float, known: float, unknown: float) -> None:
        """Let time pass.

        `waiting` have not been seen started, `idle` slots are believed free, `known` is the pace of those
        seen executing, `unknown` the share of the slots of which nothing is known.
        """
        seconds = now - self.now
        if seconds <= 0:
            return
        self.now = now
        top = max(float(waiting), idle)
        if waiting and self.at < top:
            self._drift(seconds, known, unknown)
        if self.at > top:
            self.at, self.shared = top, 0.0
            self.variance = min(self.variance, 1.0)

    def _drift(self, seconds: float, known: float, unknown: float) -> None:
        pace = known + unknown * self.speed
        reach = unknown * seconds
        self._count(pace * seconds, seconds, 1.0 - unknown)
        self.at += pace * seconds
        grown = 2.0 * self.shared * reach + self.speed_variance * reach**2 + pace * seconds
        self.variance = min(MOST_VARIANCE, max(LEAST_VARIANCE, self.variance + grown))
        self.shared += self.speed_variance * reach
        self.speed_variance += (DRIFT * self.speed) ** 2 * seconds / DRIFT_SECONDS

    def _count(self, starts: float, seconds: float, share: float) -> None:
        """Learn the speed from starts that were followed one by one."""
        self.counted += share * seconds
        self.speed += share * (starts - self.speed * seconds) / max(self.counted, 1.0 / self.speed)
        self.speed = min(FASTEST, max(self.slowest, self.speed))
        self.counted = min(self.counted, COUNTED / self.speed)

    def started(self, place: int) -> None:
        """Take in that the one at this place has started."""
        edge = place - 0.5
        spread = sqrt(self.variance)
        z = (edge - self.at) / spread
        if z > FARTHEST:
            self._move(edge + LEAST_VARIANCE - self.at, 0.2)
            return
        pull = density(z) / max(1e-9, 1.0 - below(z))
        self._move(spread * pull, max(0.0, 1.0 - pull * (pull - z)))

    def waits(self, place: int) -> None:
        """Take in that the one at this place still waits."""
        edge = place - 0.5
        spread = sqrt(self.variance)
        z = (edge - self.at) / spread
        if z < -FARTHEST:
            self._move(edge - LEAST_VARIANCE - self.at, 0.2)
            return
        pull = density(z) / max(1e-9, below(z))
        self._move(-spread * pull, max(0.0, 1.0 - pull * (pull + z)))

    def ended(self, expected: float, *, finished: bool) -> None:
        """Take in an answer for one that was believed finished with that probability."""
        step = 1.0 - expected if finished else -expected
        certainty = expected * (1.0 - expected)
        self._move(step, max(0.2, 1.0 - certainty / self.variance))
        self.at = max(0.0, self.at)

    def left(self) -> None:
        """Take in that the oldest one has left the list, since it has been seen started."""
        self.at = max(0.0, self.at - 1.0)

    def joined(self) -> None:
        """Take in that one came into the list before others that have started, so it has started too."""
        self.at += 1.0

    def _move(self, step: float, shrink: float) -> None:
        gain = self.shared / self.variance
        change = gain * step
        kept = self.speed + change if change > 0 else self.speed * exp(max(-1.0, change / self.speed))
        self.speed = min(FASTEST, max(self.slowest, kept))
        self.speed_variance = max(
            (LEAST_DOUBT * self.speed) ** 2, self.speed_variance - gain * self.shared * (1.0 - shrink)
        )
        self.shared *= shrink
        self.at += step
        self.variance = max(LEAST_VARIANCE, self.variance * shrink)
