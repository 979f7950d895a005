"""The program's pacing against every simple rule and the oracle, on the same courses of things."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.scheduling.conftest import ROW
from tests.scheduling.limit import least_delay
from tests.scheduling.scenarios import RULES, SCENARIOS
from tests.scheduling.simulation import Scenario, run
from tests.scheduling.table import SEEDS, line_of, play

OURS = "wbtui"


@pytest.mark.parametrize("number", range(len(SCENARIOS)), ids=lambda n: f"{n:02}")
def test_no_simple_rule_is_better(number: int, record_property: Callable[[str, object], None]) -> None:
    scenario = SCENARIOS[number]
    row = play(scenario)
    record_property(ROW, f"{number:02}\t{line_of(row)}")
    ours = row.outcomes[OURS]
    assert min(outcome.closest for outcome in ours) >= scenario.floor
    assert max(outcome.busiest_hour for outcome in ours) <= scenario.allowance
    best = row.best_simple
    assert row.surely_later(OURS, best) <= 0.05 * row.delay(best) + 1.0
    if scenario.allowance >= 1000 and scenario.server_limit is None and not _unforeseeable(scenario):
        assert row.delay(OURS) <= 3.0 * row.delay("oracle") + 10.0


def _unforeseeable(scenario: Scenario) -> bool:
    """Return whether many wait and none can be told from another, so that the oracle's delay is nobody's."""
    return scenario.overtaking and not scenario.every


def test_in_no_order_ours_is_as_near_to_the_least_delay_as_else_to_the_oracle() -> None:
    row = play(next(s for s in SCENARIOS if _unforeseeable(s) and s.allowance == 1000))
    limit = sum(least_delay(row.scenario, seed) for seed in range(SEEDS)) / SEEDS
    assert limit > 3.0 * row.delay("oracle") + 10.0, "no rule at all comes so near to the oracle"
    assert all(row.delay(rule) > limit for rule in RULES if rule != "oracle")
    assert row.delay(OURS) <= 3.0 * limit + 10.0


def test_with_more_calls_the_limit_in_no_order_comes_down_to_nothing() -> None:
    few, many = (Scenario("", 20, 4, 60.0, overtaking=True, allowance=n) for n in (100, 10_000))
    assert least_delay(many, 0) < 1.0 < least_delay(few, 0)


@pytest.mark.parametrize("seed", range(6))
def test_a_hundred_at_once_are_seen_within_ten_seconds_by_a_tenth_of_the_looks(seed: int) -> None:
    scenario = SCENARIOS[0]
    outcome = run(scenario, seed, RULES[OURS])
    assert outcome.mean_delay <= 10.0
    naive = outcome.waited / scenario.floor
    assert outcome.looks <= naive / 10


@pytest.mark.parametrize("allowance", [10, 100, 200, 1000])
def test_the_allowance_and_its_reserve_hold_for_any_load(allowance: int) -> None:
    scenario = Scenario("any", 40, 4, 60.0, every=20.0, allowance=allowance)
    outcome = run(scenario, 3, RULES[OURS])
    assert outcome.busiest_hour <= allowance - min(50, allowance // 4)
    assert outcome.closest >= scenario.floor


def test_a_server_that_allows_less_is_asked_no_more_after_its_first_refusals() -> None:
    outcome = run(Scenario("less", 100, 4, 60.0, every=20.0, server_limit=100), 1, RULES[OURS])
    assert 1 <= outcome.refused <= 3
