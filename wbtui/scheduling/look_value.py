"""What a look may gain: the belief that an operation has finished, and for how long it would have waited.

Durations count as exponential round a mean, starts as normal round an expected moment. All in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, log1p, pi, sqrt
from typing import Final

ROOT_HALF: Final = sqrt(0.5)
DENSITY: Final = 1.0 / sqrt(2.0 * pi)
STEPS: Final = 8
LEAST_DOUBT: Final = 1e-9
BLUR: Final = 6.0
"""From this ratio of doubt to duration on the shape of the duration does not show."""
THINK_AGAIN: Final = 600.0
FINEST: Final = 0.25
FINENESS: Final = 0.03
"""How finely the moment is sought, in seconds and as a share of the time until then."""
LEAST_REST: Final = 1e-4
TAIL: Final = 30.0


@dataclass(frozen=True, slots=True)
class FinishEstimate:
    """What is believed of an operation at one moment."""

    finished: float
    """The probability that it has finished."""
    waited: float
    """The seconds for which it is expected to have been finished, unseen."""

    @property
    def worth(self) -> float:
        """Return the expected gain for the risk of a wasted call.

        The look that finds it finished must be made anyway; only a look that finds it unfinished costs.
        So a look pays when `waited` exceeds the price of a call times the probability of wasting it.
        """
        return self.waited / max(LEAST_DOUBT, 1.0 - self.finished)


NOTHING: Final = FinishEstimate(0.0, 0.0)


def of_running(seconds: float, mean: float) -> FinishEstimate:
    """Return the belief for one that executed `seconds` ago and lasts `mean` more on average."""
    if seconds <= 0:
        return NOTHING
    finished = 1.0 - exp(-min(TAIL, seconds / mean))
    return FinishEstimate(finished, max(0.0, seconds - mean * finished))


def of_waiting(seconds: float, start: float, spread: float, mean: float, *, seen: bool) -> FinishEstimate:
    """Return the belief for one that had not started `seconds` ago.

    It starts `start` seconds after that moment, give or take `spread`, and then lasts `mean` on average.
    A start before that moment counts as one at that moment, or is ruled out if it was `seen` waiting then.
    """
    if seconds <= 0:
        return NOTHING
    if spread > BLUR * mean:
        return _blurred(seconds - mean, start, spread, seen=seen)
    low, high = -start / spread, (seconds - start) / spread
    before, begun = _below(low), _below(high)
    lean = spread / mean
    late = (start - seconds) / mean + lean * lean / 2.0
    between = _below(high - lean) - _below(low - lean)
    drawn = exp(late) * between if between > 0.0 and late < TAIL else 0.0
    begun_for = _area(seconds - start, spread) - _area(-start, spread)
    if seen:
        rest = max(LEAST_REST, 1.0 - before)
        begun, begun_for, drawn = (begun - before) / rest, (begun_for - before * seconds) / rest, drawn / rest
        finished = begun - drawn
    else:
        finished = begun - before * exp(-min(TAIL, seconds / mean)) - drawn
    finished = min(1.0, begun, max(0.0, finished))
    return FinishEstimate(finished, max(0.0, begun_for - mean * finished))


def _blurred(seconds: float, start: float, spread: float, *, seen: bool) -> FinishEstimate:
    """Return the belief where the duration hardly counts beside the doubt about the start."""
    if seconds <= 0:
        return NOTHING
    before, begun = _below(-start / spread), _below((seconds - start) / spread)
    begun_for = _area(seconds - start, spread) - _area(-start, spread)
    if not seen:
        return FinishEstimate(begun, begun_for)
    rest = max(LEAST_REST, 1.0 - before)
    finished = min(1.0, max(0.0, begun - before) / rest)
    return FinishEstimate(finished, max(0.0, begun_for - before * seconds) / rest)


@dataclass(frozen=True, slots=True)
class StartEstimate:
    """What is expected of one waiting operation, as things look now; times are monotonic seconds."""

    since: float
    """When it was last known not to have started."""
    start: float
    spread: float
    mean: float
    seen: bool
    """True if a look showed it waiting at `since`, or one in front of it."""
    before: float = 0.0
    """The probability that it had finished before it came to be known."""

    def at(self, now: float) -> FinishEstimate:
        """Return the belief at that time."""
        seconds = now - self.since
        known = of_waiting(seconds, self.start - self.since, self.spread, self.mean, seen=self.seen)
        return either(self.before, seconds, known) if self.before else known

    def pays_at(self, cost: float, now: float) -> float:
        """Return from when a look pays at that price of a call; at the latest a time to think again."""
        if self.at(now).worth >= cost:
            return now
        low, high = 0.0, 1.0
        while self.at(now + high).worth < cost:
            low, high = high, high * 2.0
            if high > THINK_AGAIN:
                return now + THINK_AGAIN
        while high - low > max(FINEST, FINENESS * low):
            middle = (low + high) / 2.0
            if self.at(now + middle).worth < cost:
                low = middle
            else:
                high = middle
        return now + high


def either(share: float, seconds: float, other: FinishEstimate) -> FinishEstimate:
    """Return the belief for one that was finished `seconds` ago with probability `share`, else as `other`."""
    rest = 1.0 - share
    return FinishEstimate(share + rest * other.finished, share * seconds + rest * other.waited)


def worth_of_gap(gap: float, mean: float) -> float:
    """Return the price at which an executing operation is looked at every `gap` seconds."""
    turns = min(TAIL, gap / mean)
    return mean * ((turns - 1.0) * exp(turns) + 1.0)


def gap_at(price: float, mean: float) -> float:
    """Return the seconds between two looks at an executing operation that the price allows.

    The inverse of `worth_of_gap`, by Newton's rule from above, where it runs down without a turn.
    """
    wanted = price / mean
    if wanted <= 0.0:
        return 0.0
    turns = min(sqrt(2.0 * wanted), 1.0 + log1p(wanted))
    for _ in range(STEPS):
        grown = exp(turns)
        turns -= ((turns - 1.0) * grown + 1.0 - wanted) / (turns * grown)
    return mean * turns


def below(z: float) -> float:
    """Return the normal distribution's share below `z`."""
    return _below(z)


def density(z: float) -> float:
    """Return the normal density at `z`."""
    return DENSITY * exp(-z * z / 2.0)


def _below(z: float) -> float:
    return 0.5 + 0.5 * erf(z * ROOT_HALF)


def _area(seconds: float, spread: float) -> float:
    """Return the expected positive part of `seconds` less a normal error of that spread."""
    z = seconds / spread
    return seconds * _below(z) + spread * density(z)
