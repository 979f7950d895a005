"""How soon any rule can see what has finished where the order of the queue tells nothing.

The oracle knows what has finished. One who does not knows less than this of a queue that takes any one of
those that wait: who starts next is each of the `n` that wait with the same probability, whatever looks have
told before. So if one that waits is looked at every `g` seconds, the time from a start to the look that finds
it is even over 0 to `g`, and what is left of it after a duration `D` is waited unseen: on average

    w(g) = 1/g × ∫ E[max(0, x - D)] dx over 0..g,

which costs n/g looks a second. Both are convex in the number of looks, so of all ways to spend a number of
looks on those that wait the cheapest is the one found here, by a price per look that is the same throughout.
It is a limit from below: how many wait, how long they last and when the last has ended count as known, and
one that was seen executing is seen to end at once and for nothing.
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import Final

from tests.pacing.simulation import Scenario, make_jobs
from wbtui.pacing.budget import Budget

HALVINGS: Final = 40
GAPS: Final = (log(1e-2), log(1e6))
PRICES: Final = (1e-6, 1e6)


def least_delay(scenario: Scenario, seed: int) -> float:
    """Return the least mean seconds from finished to seen in one course of things, all come at once."""
    lasts = max(job.ends for job in make_jobs(scenario, seed))
    looks = _most_looks(scenario.allowance, lasts)
    cheap, dear = PRICES
    for _ in range(HALVINGS):
        price = sqrt(cheap * dear)
        if _even(scenario, price)[1] > looks:
            cheap = price
        else:
            dear = price
    return _even(scenario, dear)[0]


def _most_looks(allowance: int, seconds: float) -> int:
    """Return how many calls the budget lets go within a time."""
    budget, now, calls = Budget(allowance, 0.0), 0.0, 0
    while (now := budget.ready_at(now)) <= seconds:
        budget.spend(now)
        calls += 1
    return calls


def _even(scenario: Scenario, price: float) -> tuple[float, float]:
    """Return the mean delay and the looks where each look costs so much delay."""
    between = scenario.mean / scenario.slots
    delay = looks = 0.0
    for waiting in range(1, scenario.count + 1):
        gap = _best_gap(scenario.mean, price * waiting * between)
        delay += _unseen(gap, scenario.mean)
        looks += waiting * between / gap
    return delay / scenario.count, looks


def _best_gap(mean: float, cost: float) -> float:
    """Return the gap for which what is waited unseen and the cost divided by the gap are least together."""
    low, high = GAPS
    for _ in range(HALVINGS):
        left, right = low + (high - low) / 3.0, high - (high - low) / 3.0
        if _unseen(exp(left), mean) + cost * exp(-left) < _unseen(exp(right), mean) + cost * exp(-right):
            high = right
        else:
            low = left
    return exp((low + high) / 2.0)


def _unseen(gap: float, mean: float) -> float:
    turns = gap / mean
    if turns < 1e-3:
        return gap * turns / 6.0
    return mean * (turns / 2.0 - 1.0 + (1.0 - exp(-turns)) / turns)
