"""The estimated front of the queue: how many of the operations not yet seen started have started.

The queue is first-in first-out, so one number describes all of it. It advances with the learned speed, steps
forward when an end is seen (an end frees a slot), and is corrected by every answer: "waiting" at place k says
that fewer than k have started, any other answer that at least k have. Place and speed are normal with a
covariance, updated like a Kalman filter; the constants were fitted by hand on the scenarios of
`tests/scheduling` unless they say otherwise.
"""

from __future__ import annotations

from math import exp, sqrt
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.scheduling.look_value import normal_below, normal_density

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
    """The estimate. `at` is in places, 1 for the oldest operation that has not been seen started."""

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
