"""The program's scheduler against every simple policy and the oracle, on the same jobs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.scheduling.conftest import ROW
from tests.scheduling.least_delay import least_delay
from tests.scheduling.scenarios import POLICIES, SCENARIOS
from tests.scheduling.simulation import Scenario, run
from tests.scheduling.table import SEEDS, compare, line_of

OURS = "wbtui"


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(SCENARIOS)), ids=lambda n: f"{n:02}")
def test_no_simple_policy_is_better(number: int, record_property: Callable[[str, object], None]) -> None:
    scenario = SCENARIOS[number]
    row = compare(scenario)
    record_property(ROW, f"{number:02}\t{line_of(row)}")
    ours = row.outcomes[OURS]
    assert min(outcome.closest for outcome in ours) >= scenario.floor
    assert max(outcome.busiest_hour for outcome in ours) <= scenario.allowance
    best = row.best_simple
    assert row.surely_later(OURS, best) <= 0.05 * row.delay(best) + 1.0
    if scenario.allowance >= 1000 and scenario.server_limit is None and not _unforeseeable(scenario):
        assert row.delay(OURS) <= 3.0 * row.delay("oracle") + 10.0


def _unforeseeable(scenario: Scenario) -> bool:
    """Return whether many wait and the next to start is random, so that no policy can reach the oracle."""
    return scenario.overtaking and not scenario.every


@pytest.mark.slow
def test_without_order_the_delay_is_near_the_least_possible_one() -> None:
    row = compare(next(s for s in SCENARIOS if _unforeseeable(s) and s.allowance == 1000))
    limit = sum(least_delay(row.scenario, seed) for seed in range(SEEDS)) / SEEDS
    assert limit > 3.0 * row.delay("oracle") + 10.0, "no policy comes so near to the oracle"
    assert all(row.delay(policy) > limit for policy in POLICIES if policy != "oracle")
    assert row.delay(OURS) <= 3.0 * limit + 10.0


def test_without_order_the_least_delay_vanishes_with_more_calls() -> None:
    few, many = (Scenario("", 20, 4, 60.0, overtaking=True, allowance=n) for n in (100, 10_000))
    assert least_delay(many, 0) < 1.0 < least_delay(few, 0)


@pytest.mark.parametrize("seed", range(6))
def test_a_hundred_at_once_are_seen_within_ten_seconds_by_a_tenth_of_the_looks(seed: int) -> None:
    scenario = SCENARIOS[0]
    outcome = run(scenario, seed, POLICIES[OURS])
    assert outcome.mean_delay <= 10.0
    naive = outcome.waited / scenario.floor
    assert outcome.looks <= naive / 10


@pytest.mark.parametrize("allowance", [10, 100, 200, 1000])
def test_the_allowance_and_its_reserve_hold_for_any_load(allowance: int) -> None:
    scenario = Scenario("any", 40, 4, 60.0, every=20.0, allowance=allowance)
    outcome = run(scenario, 3, POLICIES[OURS])
    assert outcome.busiest_hour <= allowance - min(50, allowance // 4)
    assert outcome.closest >= scenario.floor


def test_a_server_that_allows_less_refuses_only_a_few_calls() -> None:
    outcome = run(Scenario("less", 100, 4, 60.0, every=20.0, server_limit=100), 1, POLICIES[OURS])
    assert 1 <= outcome.refused <= 3
