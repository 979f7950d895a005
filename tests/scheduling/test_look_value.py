"""Estimates against random draws, and costs against their inverse."""

from __future__ import annotations

import random

import pytest

from wbtui.scheduling.look_value import (
    UNFINISHED,
    FinishEstimate,
    cost_of_gap,
    estimate_running,
    estimate_waiting,
    gap_for_cost,
    mixed,
)

DRAWS = 40_000


def drawn(
    elapsed: float, start: float, deviation: float, mean: float, *, seen_waiting: bool
) -> FinishEstimate:
    """Return the estimate by random draws."""
    chance, finished, unseen, count = random.Random(7), 0, 0.0, 0
    while count < DRAWS:
        starts = chance.gauss(start, deviation)
        if seen_waiting and starts < 0:
            continue
        count += 1
        ends = max(0.0, starts) + chance.expovariate(1 / mean)
        finished += ends <= elapsed
        unseen += max(0.0, elapsed - ends)
    return FinishEstimate(finished / DRAWS, unseen / DRAWS)


@pytest.mark.parametrize("seen_waiting", [False, True])
@pytest.mark.parametrize(
    ("elapsed", "start", "deviation", "mean"),
    [
        (60, 30, 10, 30),
        (60, -20, 30, 20),
        (20, 40, 20, 5),
        (300, 100, 5, 100),
        (10, 0, 1, 60),
        (90, 80, 60, 2),
    ],
)
def test_the_estimate_of_a_waiting_operation_agrees_with_random_draws(
    elapsed: float, start: float, deviation: float, mean: float, seen_waiting: bool
) -> None:
    computed = estimate_waiting(elapsed, start, deviation, mean, seen_waiting=seen_waiting)
    tried = drawn(elapsed, start, deviation, mean, seen_waiting=seen_waiting)
    assert computed.finished == pytest.approx(tried.finished, abs=0.01)
    assert computed.unseen == pytest.approx(tried.unseen, rel=0.03, abs=0.3)


def test_the_estimate_of_an_executing_operation_agrees_with_random_draws() -> None:
    chance = random.Random(3)
    ends = [chance.expovariate(1 / 40) for _ in range(DRAWS)]
    computed = estimate_running(50.0, 40.0)
    assert computed.finished == pytest.approx(sum(end <= 50 for end in ends) / DRAWS, abs=0.01)
    assert computed.unseen == pytest.approx(sum(max(0.0, 50 - end) for end in ends) / DRAWS, rel=0.03)


@pytest.mark.parametrize("elapsed", [0.0, -1.0])
def test_nothing_finishes_in_no_time(elapsed: float) -> None:
    assert estimate_running(elapsed, 10.0) == UNFINISHED
    assert estimate_waiting(elapsed, 5.0, 1.0, 10.0, seen_waiting=True) == UNFINISHED


@pytest.mark.parametrize("far", [1e-3, 1.0, 1e3, 1e6])
@pytest.mark.parametrize("start", [-1e6, -10.0, 0.0, 10.0, 1e6])
def test_estimates_stay_within_bounds_for_extreme_times(start: float, far: float) -> None:
    for seen in (False, True):
        computed = estimate_waiting(far, start, 1.0, 60.0, seen_waiting=seen)
        assert 0.0 <= computed.finished <= 1.0
        assert 0.0 <= computed.unseen <= far * 1.001
        assert computed.look_value >= 0.0


@pytest.mark.parametrize("mean", [1.0, 60.0, 3600.0])
@pytest.mark.parametrize("turns", [0.01, 0.3, 1.0, 3.0, 8.0])
def test_a_cost_and_its_gap_are_inverse(turns: float, mean: float) -> None:
    cost = cost_of_gap(turns * mean, mean)
    assert gap_for_cost(cost, mean) == pytest.approx(turns * mean, rel=1e-3)
    assert estimate_running(turns * mean, mean).look_value == pytest.approx(cost, rel=1e-6)


def test_looks_that_cost_nothing_need_no_gap() -> None:
    assert gap_for_cost(0.0, 60.0) == 0.0


def test_an_earlier_finish_counts_by_its_probability() -> None:
    assert mixed(0.25, 100.0, FinishEstimate(0.5, 8.0)) == FinishEstimate(0.625, 31.0)
