"""Beliefs against chance itself, and prices against their inverse."""

from __future__ import annotations

import random

import pytest

from wbtui.scheduling.look_value import (
    NOTHING,
    FinishEstimate,
    either,
    gap_at,
    of_running,
    of_waiting,
    worth_of_gap,
)

DRAWS = 40_000


def drawn(seconds: float, start: float, spread: float, mean: float, *, seen: bool) -> FinishEstimate:
    """Return the belief by trying it out."""
    chance, finished, waited, count = random.Random(7), 0, 0.0, 0
    while count < DRAWS:
        begins = chance.gauss(start, spread)
        if seen and begins < 0:
            continue
        count += 1
        ends = max(0.0, begins) + chance.expovariate(1 / mean)
        finished += ends <= seconds
        waited += max(0.0, seconds - ends)
    return FinishEstimate(finished / DRAWS, waited / DRAWS)


@pytest.mark.parametrize("seen", [False, True])
@pytest.mark.parametrize(
    ("seconds", "start", "spread", "mean"),
    [
        (60, 30, 10, 30),
        (60, -20, 30, 20),
        (20, 40, 20, 5),
        (300, 100, 5, 100),
        (10, 0, 1, 60),
        (90, 80, 60, 2),
    ],
)
def test_the_belief_about_a_waiting_one_is_what_chance_brings(
    seconds: float, start: float, spread: float, mean: float, seen: bool
) -> None:
    told = of_waiting(seconds, start, spread, mean, seen=seen)
    tried = drawn(seconds, start, spread, mean, seen=seen)
    assert told.finished == pytest.approx(tried.finished, abs=0.01)
    assert told.waited == pytest.approx(tried.waited, rel=0.03, abs=0.3)


def test_the_belief_about_an_executing_one_is_what_chance_brings() -> None:
    chance = random.Random(3)
    ends = [chance.expovariate(1 / 40) for _ in range(DRAWS)]
    told = of_running(50.0, 40.0)
    assert told.finished == pytest.approx(sum(end <= 50 for end in ends) / DRAWS, abs=0.01)
    assert told.waited == pytest.approx(sum(max(0.0, 50 - end) for end in ends) / DRAWS, rel=0.03)


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_nothing_happens_in_no_time(seconds: float) -> None:
    assert of_running(seconds, 10.0) == NOTHING
    assert of_waiting(seconds, 5.0, 1.0, 10.0, seen=True) == NOTHING


@pytest.mark.parametrize("far", [1e-3, 1.0, 1e3, 1e6])
@pytest.mark.parametrize("start", [-1e6, -10.0, 0.0, 10.0, 1e6])
def test_beliefs_stay_in_their_bounds_at_the_ends_of_the_scale(start: float, far: float) -> None:
    for seen in (False, True):
        told = of_waiting(far, start, 1.0, 60.0, seen=seen)
        assert 0.0 <= told.finished <= 1.0
        assert 0.0 <= told.waited <= far * 1.001
        assert told.worth >= 0.0


@pytest.mark.parametrize("mean", [1.0, 60.0, 3600.0])
@pytest.mark.parametrize("turns", [0.01, 0.3, 1.0, 3.0, 8.0])
def test_a_price_and_its_gap_are_inverse(turns: float, mean: float) -> None:
    price = worth_of_gap(turns * mean, mean)
    assert gap_at(price, mean) == pytest.approx(turns * mean, rel=1e-3)
    assert of_running(turns * mean, mean).worth == pytest.approx(price, rel=1e-6)


def test_calls_that_cost_nothing_need_no_gap() -> None:
    assert gap_at(0.0, 60.0) == 0.0


def test_what_may_have_finished_before_counts_by_its_share() -> None:
    assert either(0.25, 100.0, FinishEstimate(0.5, 8.0)) == FinishEstimate(0.625, 31.0)
