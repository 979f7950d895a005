"""The value of a look: how likely an operation has finished, and for how long it is then unseen.

Durations are exponential with a known mean, starts normal around an expected moment. All times are seconds.
"""

from __future__ import annotations

from math import erf, exp, log1p, pi, sqrt
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass

ROOT_HALF: Final = sqrt(0.5)
PEAK_DENSITY: Final = 1.0 / sqrt(2.0 * pi)
"""The normal density at 0."""
NEWTON_STEPS: Final = 8
"""Steps that bring `gap_for_cost` within 0.1 % of the gap over all costs, which a test holds."""
LEAST_UNFINISHED: Final = 1e-9
"""The least probability of being unfinished that a value is divided by."""
WIDE: Final = 6.0
"""From this ratio of the start's deviation to the mean duration on, the duration counts by its mean alone:
its shape no longer shows, and for larger ratios the exact formula loses its digits."""
REPLAN_AFTER: Final = 600.0
"""The longest time that a plan looks ahead. Not fitted: in ten minutes other answers change the estimate."""
FINEST: Final = 0.25
"""The precision in seconds to which a time is searched: far below the floor between two looks."""
FINENESS: Final = 0.03
"""The same as a share of the time until then: precision beyond it costs time and changes no decision."""
LEAST_REMAINDER: Final = 1e-4
"""The least probability that a condition is divided by: below it the estimate was wrong anyway."""
TAIL: Final = 30.0
"""The largest exponent that is computed: e**-30 is 1e-13."""


@dataclass(frozen=True, slots=True)
class FinishEstimate:
    """What is estimated of one operation at one moment."""

    finished: float
    """The probability that it has finished."""
    unseen: float
    """The expected seconds since its end (0 where it has not ended)."""

    @property
    def look_value(self) -> float:
        """Return the expected delay that a look ends, per look that would find the operation unfinished.

        The look that finds the end has to be made at some time; only a look before the end is lost. A look
        therefore pays when `unseen` exceeds the cost of a call times the probability of losing it.
        """
        return self.unseen / max(LEAST_UNFINISHED, 1.0 - self.finished)


UNFINISHED: Final = FinishEstimate(0.0, 0.0)


def estimate_running(elapsed: float, mean: float) -> FinishEstimate:
    """Return the estimate for one seen executing `elapsed` seconds ago that lasts `mean` more on average."""
    if elapsed <= 0:
        return UNFINISHED
    finished = 1.0 - exp(-min(TAIL, elapsed / mean))
    return FinishEstimate(finished, max(0.0, elapsed - mean * finished))


def estimate_waiting(
    elapsed: float, start: float, deviation: float, mean: float, *, seen_waiting: bool
) -> FinishEstimate:
    """Return the estimate for one known not to have finished `elapsed` seconds ago.

    It starts `start` seconds after that moment, with that standard deviation, and then lasts `mean` on
    average. With `seen_waiting`, a start before that moment is ruled out; otherwise it counts as a start at
    that moment.
    """
    if elapsed <= 0:
        return UNFINISHED
    if deviation > WIDE * mean:
        return _estimate_by_start(elapsed - mean, start, deviation, seen_waiting=seen_waiting)
    low, high = -start / deviation, (elapsed - start) / deviation
    before, started = normal_below(low), normal_below(high)
    ratio = deviation / mean
    exponent = (start - elapsed) / mean + ratio * ratio / 2.0
    between = normal_below(high - ratio) - normal_below(low - ratio)
    executing = exp(exponent) * between if between > 0.0 and exponent < TAIL else 0.0
    started_for = _expected_excess(elapsed - start, deviation) - _expected_excess(-start, deviation)
    if seen_waiting:
        rest = max(LEAST_REMAINDER, 1.0 - before)
        started, started_for = (started - before) / rest, (started_for - before * elapsed) / rest
        finished = started - executing / rest
    else:
        finished = started - before * exp(-min(TAIL, elapsed / mean)) - executing
    finished = min(1.0, started, max(0.0, finished))
    return FinishEstimate(finished, max(0.0, started_for - mean * finished))


def _estimate_by_start(
    elapsed: float, start: float, deviation: float, *, seen_waiting: bool
) -> FinishEstimate:
    """Return the estimate where the duration hardly counts beside the uncertainty about the start."""
    if elapsed <= 0:
        return UNFINISHED
    before, started = normal_below(-start / deviation), normal_below((elapsed - start) / deviation)
    started_for = _expected_excess(elapsed - start, deviation) - _expected_excess(-start, deviation)
    if not seen_waiting:
        return FinishEstimate(started, started_for)
    rest = max(LEAST_REMAINDER, 1.0 - before)
    finished = min(1.0, max(0.0, started - before) / rest)
    return FinishEstimate(finished, max(0.0, started_for - before * elapsed) / rest)


@dataclass(frozen=True, slots=True)
class StartEstimate:
    """What is expected of one waiting operation at the present state of the queue, in monotonic seconds."""

    since: float
    """When it was last known not to have started."""
    start: float
    deviation: float
    """The standard deviation of `start`."""
    mean: float
    seen_waiting: bool
    """True if at `since` a look showed it waiting, or one in front of it."""
    finished_before: float = 0.0
    """The probability that it had finished before it became known."""

    def finish_at(self, now: float) -> FinishEstimate:
        """Return the estimate of its finish at that time."""
        elapsed = now - self.since
        estimate = estimate_waiting(
            elapsed, self.start - self.since, self.deviation, self.mean, seen_waiting=self.seen_waiting
        )
        return mixed(self.finished_before, elapsed, estimate) if self.finished_before else estimate

    def pays_at(self, cost: float, now: float) -> float:
        """Return the time from which a look is worth its cost, at the latest a time to plan again."""
        if self.finish_at(now).look_value >= cost:
            return now
        low, high = 0.0, 1.0
        while self.finish_at(now + high).look_value < cost:
            low, high = high, high * 2.0
            if high > REPLAN_AFTER:
                return now + REPLAN_AFTER
        while high - low > max(FINEST, FINENESS * low):
            middle = (low + high) / 2.0
            if self.finish_at(now + middle).look_value < cost:
                low = middle
            else:
                high = middle
        return now + high


def mixed(share: float, elapsed: float, other: FinishEstimate) -> FinishEstimate:
    """Return the estimate where it finished `elapsed` seconds ago with probability `share`, else `other`."""
    rest = 1.0 - share
    return FinishEstimate(share + rest * other.finished, share * elapsed + rest * other.unseen)


def cost_of_gap(gap: float, mean: float) -> float:
    """Return the cost of a look at which an executing operation is looked at every `gap` seconds."""
    turns = min(TAIL, gap / mean)
    return mean * ((turns - 1.0) * exp(turns) + 1.0)


def gap_for_cost(cost: float, mean: float) -> float:
    """Return the seconds between two looks at an executing operation at that cost of a look.

    The inverse of `cost_of_gap`, by Newton's method from above, where it converges from one side.
    """
    wanted = cost / mean
    if wanted <= 0.0:
        return 0.0
    turns = min(sqrt(2.0 * wanted), 1.0 + log1p(wanted))
    for _ in range(NEWTON_STEPS):
        grown = exp(turns)
        turns -= ((turns - 1.0) * grown + 1.0 - wanted) / (turns * grown)
    return mean * turns


def normal_below(z: float) -> float:
    """Return the share of the standard normal distribution below `z`."""
    return 0.5 + 0.5 * erf(z * ROOT_HALF)


def normal_density(z: float) -> float:
    """Return the standard normal density at `z`."""
    return PEAK_DENSITY * exp(-z * z / 2.0)


def _expected_excess(seconds: float, deviation: float) -> float:
    """Return the expected positive part of `seconds` less a normal error of that deviation."""
    z = seconds / deviation
    return seconds * normal_below(z) + deviation * normal_density(z)
