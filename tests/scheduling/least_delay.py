"""The least delay that any policy can have where the queue keeps no order.

The oracle knows what has finished; no real policy does. In a queue without order, each of the `n` waiting
jobs starts next with the same probability, whatever earlier looks have shown. If a waiting job is looked at
every `g` seconds, the look that finds it started comes a time after the start that is uniform over 0 to `g`.
The delay is what remains of that time after the duration `D`:

    w(g) = 1/g × ∫ E[max(0, x - D)] dx over 0..g,

less half of `E[max(0, g - D)]` for one start in the gap, since a policy that knew when a job starts could
look just then. A job costs `n/g` looks a second until it starts, half a look because its last gap begins
before that, and one more look if it was found executing. For any cost of a look in seconds, no policy has a
smaller sum of delay and cost than the best gap for each `n`. The delay is therefore at least this sum less
the cost of all looks (weak duality), at the cost for which this is greatest. The number of waiting jobs,
their mean duration and the last end count as known.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log
from typing import Final

from tests.scheduling.simulation import Scenario, make_jobs
from wbtui.scheduling.rate_limit import RateLimiter

STEPS: Final = 30
GAPS: Final = (log(1e-2), log(1e6))
COSTS: Final = (log(1e-3), log(1e4))


def least_delay(scenario: Scenario, seed: int) -> float:
    """Return the least mean seconds from finished to seen, for jobs that all arrive at once."""
    lasts = max(job.ends for job in make_jobs(scenario, seed))
    looks = _most_looks(scenario.allowance, lasts + scenario.mean)
    delay = _best(lambda cost: -_delay_at(scenario, exp(cost), looks), COSTS)
    return max(0.0, -delay)


def _most_looks(allowance: int, seconds: float) -> int:
    """Return how many calls the rate limiter allows within a time."""
    limiter, now, calls = RateLimiter(allowance, 0.0), 0.0, 0
    while (now := limiter.ready_at(now)) <= seconds:
        limiter.spend(now)
        calls += 1
    return calls


def _delay_at(scenario: Scenario, cost: float, looks: int) -> float:
    """Return a lower bound of the mean delay, for one cost of a look."""
    least = sum(_least_sum(scenario, cost, waiting) for waiting in range(1, scenario.count + 1))
    return (least - cost * looks) / scenario.count


def _least_sum(scenario: Scenario, cost: float, waiting: int) -> float:
    """Return the least sum of delay and cost of one job that starts while so many wait."""
    between = scenario.mean / scenario.slots

    def total(gap: float) -> float:
        unseen = _unseen(gap, scenario.mean) - _after(gap, scenario.mean) * min(0.5, between / gap / 2.0)
        return max(0.0, unseen) + cost * (
            waiting * between / gap + 0.5 + _found_executing(gap, scenario.mean)
        )

    return _best(lambda gap: total(exp(gap)), GAPS)


def _best(of: Callable[[float], float], between: tuple[float, float]) -> float:
    """Return the minimum of a function with a single valley."""
    low, high = between
    for _ in range(STEPS):
        left, right = low + (high - low) / 3.0, high - (high - low) / 3.0
        if of(left) < of(right):
            high = right
        else:
            low = left
    return of(low)


def _after(gap: float, mean: float) -> float:
    """Return the mean seconds from the end to a look `gap` seconds after the start."""
    return gap - mean * (1.0 - exp(-gap / mean))


def _unseen(gap: float, mean: float) -> float:
    """Return the same for a look at a uniform time within the gap."""
    turns = gap / mean
    if turns < 1e-3:
        return gap * turns / 6.0
    return mean * (turns / 2.0 - 1.0 + (1.0 - exp(-turns)) / turns)


def _found_executing(gap: float, mean: float) -> float:
    return mean / gap * (1.0 - exp(-gap / mean))
