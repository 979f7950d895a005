"""How soon any rule can see what has finished where the order of the queue tells nothing.

The oracle knows what has finished. One who does not knows less than this of a queue that takes any one of
those that wait: who starts next is each of the `n` that wait with the same probability, whatever looks have
told before. If one that waits is looked at every `g` seconds, the look that finds it started comes after the
start by a time that is even over 0 to `g`; what is left of it after the duration `D` was waited unseen:

    w(g) = 1/g × ∫ E[max(0, x - D)] dx over 0..g,

less half of `E[max(0, g - D)]` for one start in the gap, since a rule that knew when somebody starts could
look just then. An operation costs `n/g` looks a second until it starts, half a look since its last gap begins
before that, and one more look if it was found executing. Whatever price in seconds is put on a look, no rule
has a smaller sum of delay and price than the best gap for each `n`; so the delay is at least this sum less
the price of all looks there are (weak duality), for the price that makes this most. How many wait, how
long they last, and when the last has ended count as known.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log
from typing import Final

from tests.scheduling.simulation import Scenario, make_jobs
from wbtui.scheduling.rate_limit import RateLimiter

STEPS: Final = 30
GAPS: Final = (log(1e-2), log(1e6))
PRICES: Final = (log(1e-3), log(1e4))


def least_delay(scenario: Scenario, seed: int) -> float:
    """Return the least mean seconds from finished to seen in one course of things, all come at once."""
    lasts = max(job.ends for job in make_jobs(scenario, seed))
    looks = _most_looks(scenario.allowance, lasts + scenario.mean)
    delay = _best(lambda price: -_delay_at(scenario, exp(price), looks), PRICES)
    return max(0.0, -delay)


def _most_looks(allowance: int, seconds: float) -> int:
    """Return how many calls the budget lets go within a time."""
    budget, now, calls = RateLimiter(allowance, 0.0), 0.0, 0
    while (now := budget.ready_at(now)) <= seconds:
        budget.spend(now)
        calls += 1
    return calls


def _delay_at(scenario: Scenario, price: float, looks: int) -> float:
    """Return the mean delay that no rule comes below, as far as one price of a look tells."""
    least = sum(_least_sum(scenario, price, waiting) for waiting in range(1, scenario.count + 1))
    return (least - price * looks) / scenario.count


def _least_sum(scenario: Scenario, price: float, waiting: int) -> float:
    """Return the least delay and cost together of one operation that starts while so many wait."""
    between = scenario.mean / scenario.slots

    def together(gap: float) -> float:
        unseen = _unseen(gap, scenario.mean) - _after(gap, scenario.mean) * min(0.5, between / gap / 2.0)
        return max(0.0, unseen) + price * (
            waiting * between / gap + 0.5 + _found_executing(gap, scenario.mean)
        )

    return _best(lambda gap: together(exp(gap)), GAPS)


def _best(of: Callable[[float], float], between: tuple[float, float]) -> float:
    """Return how small a function with one valley becomes."""
    low, high = between
    for _ in range(STEPS):
        left, right = low + (high - low) / 3.0, high - (high - low) / 3.0
        if of(left) < of(right):
            high = right
        else:
            low = left
    return of(low)


def _after(gap: float, mean: float) -> float:
    """Return the mean seconds from the end to a look that comes so long after the start."""
    return gap - mean * (1.0 - exp(-gap / mean))


def _unseen(gap: float, mean: float) -> float:
    """Return the same for a look that comes at any moment within the gap."""
    turns = gap / mean
    if turns < 1e-3:
        return gap * turns / 6.0
    return mean * (turns / 2.0 - 1.0 + (1.0 - exp(-turns)) / turns)


def _found_executing(gap: float, mean: float) -> float:
    return mean / gap * (1.0 - exp(-gap / mean))
