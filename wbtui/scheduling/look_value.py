"""The value of a look (how likely an operation has finished, for how long it is then unseen) and its cost.

Durations are exponential with a known mean, starts normal around an expected moment. All times are seconds.
The constants were fitted by hand on the scenarios of `tests/scheduling` unless they say otherwise.
"""

from __future__ import annotations

from math import erf, exp, log, log1p, pi, sqrt
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.scheduling.rate_limit import RateLimiter

SHORTEST: Final = 400.0
"""The least seconds that the calls at hand must last: the calls that one burst leaves are there for the next.
Fitted among 300, 400 and 600."""
LONGEST: Final = 3600.0
"""The most seconds that the calls at hand must last, and the seconds while operations keep coming: after an
hour each call has come back."""
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
    waiting: float
    """Operations estimated not to have started."""
    arrivals: float = 0.0
    """Operations that keep coming, per second."""


def look_cost(work: PendingWork, limiter: RateLimiter, now: float) -> float:
    """Return the cost of a look in seconds of waiting: high where few calls must last for much work.

    It makes the looks use up the calls that are affordable while the work lasts: each operation needs one
    call for its end, the others may be spent on finding that end soon.
    """
    lasts = max(LEAST_LASTS, work.waiting / work.speed + LAST_ENDS * work.mean)
    horizon = min(LONGEST, max(SHORTEST, lasts))
    affordable = limiter.affordable(now, LONGEST if work.arrivals > 0 else horizon)
    hit_share = max(work.arrivals, work.unfinished / lasts) / affordable
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
