"""Who in the queue is looked at next."""

from __future__ import annotations

import pytest

from tests.pacing.simulation import Scenario, run
from wbtui.model import ItemKey, State, operation_key
from wbtui.pacing.operations import BROKEN_SECONDS, Look, Order, Watched, next_look
from wbtui.pacing.rounds import flex_recheck, next_pass_after

W, R, U = State.WAITING, State.RUNNING, State.UNKNOWN


def key(number: int) -> ItemKey:
    return operation_key(number)


def plan(queue: list[Watched], now: float, **change: object) -> Look | None:
    settings: dict[str, object] = {"floor": 5.0, "rate": 10.0, "fullness": 1.0, "in_order": True} | change
    return next_look(queue, now=now, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("queue", "now", "expected"),
    [
        pytest.param([], 0.0, None, id="nothing unfinished, nothing to look at"),
        pytest.param(
            [Watched(key(1), W, None)], 7.0, Look(key(1), 7.0, True), id="one never seen is due now"
        ),
        pytest.param(
            [Watched(key(1), W, 0.0), Watched(key(2), W, 0.0)],
            1.0,
            Look(key(1), 5.0, True),
            id="the oldest waiting one is the sentinel",
        ),
        pytest.param(
            [Watched(key(1), R, 0.0, 0.0), Watched(key(2), W, 3.0), Watched(key(3), W, 3.0)],
            4.0,
            Look(key(1), 5.0),
            id="an executing one after the floor",
        ),
        pytest.param(
            [Watched(key(1), R, 200.0, 0.0), Watched(key(2), W, 199.0)],
            200.0,
            Look(key(2), 204.0, True),
            id="the gap of an executing one grows to a tenth of its age",
        ),
        pytest.param(
            [Watched(key(1), R, 5000.0, 0.0)], 5000.0, Look(key(1), 5060.0), id="but not past a minute"
        ),
        pytest.param(
            [Watched(key(1), U, 10.0)], 20.0, Look(key(1), 70.0), id="an unknown word is looked at slowly"
        ),
    ],
)
def test_next_look(queue: list[Watched], now: float, expected: Look | None) -> None:
    assert plan(queue, now) == expected


def test_a_waiting_one_behind_the_sentinel_is_checked_rarely() -> None:
    queue = [Watched(key(1), W, 899.0), Watched(key(2), W, 0.0)]
    assert plan(queue, 901.0) == Look(key(2), 901.0)
    assert plan(queue, 901.0, fullness=0.1) == Look(key(1), 904.0, True)


def test_gaps_stretch_where_calls_are_scarce() -> None:
    queue = [Watched(key(n), R, 0.0, 0.0) for n in range(10)]
    assert plan(queue, 0.0, rate=1.0) == Look(key(0), 10.0)


def test_where_the_order_is_broken_all_are_looked_at_in_turn() -> None:
    queue = [Watched(key(1), W, 3.0), Watched(key(2), W, 1.0), Watched(key(3), R, 2.0)]
    assert plan(queue, 3.0, in_order=False) == Look(key(2), 6.0)


def test_one_overtaking_proves_nothing_until_the_older_one_still_waits() -> None:
    order = Order()
    assert not order.seen(key(2), R, key(1), 0.0)
    assert order.holds(0.0)
    assert order.seen(key(1), W, None, 5.0)
    assert not order.holds(6.0)
    assert order.holds(5.0 + BROKEN_SECONDS)


def test_an_overtaken_one_that_has_started_meanwhile_keeps_the_order() -> None:
    order = Order()
    order.seen(key(2), R, key(1), 0.0)
    order.seen(key(1), R, None, 5.0)
    assert not order.seen(key(1), W, None, 10.0)
    assert order.holds(10.0)


@pytest.mark.parametrize("seed", range(6))
def test_a_hundred_at_once_are_seen_within_ten_seconds_by_a_tenth_of_the_looks(seed: int) -> None:
    scenario = Scenario(count=100, slots=4, mean=30.0)
    outcome = run(scenario, seed)
    assert outcome.mean_delay <= 10.0
    assert outcome.closest >= scenario.floor
    assert outcome.busiest_hour <= 1000
    naive = sum(job_seconds(scenario, seed)) / scenario.floor
    assert outcome.looks <= naive / 10


def job_seconds(scenario: Scenario, seed: int) -> list[float]:
    from tests.pacing.simulation import make_jobs

    return [job.ends - job.arrives for job in make_jobs(scenario, seed)]


@pytest.mark.parametrize("allowance", [100, 200, 1000])
def test_the_allowance_holds_for_any_load(allowance: int) -> None:
    outcome = run(Scenario(count=60, slots=4, mean=60.0, every=20.0, allowance=allowance), seed=3)
    assert outcome.busiest_hour <= allowance
    assert outcome.closest >= 5.0


@pytest.mark.parametrize(("session", "pause"), [(0.1, 600.0), (2.0, 600.0), (20.0, 600.0), (60.0, 1800.0)])
def test_a_costly_beebox_pass_comes_more_rarely(session: float, pause: float) -> None:
    assert next_pass_after(session) == pause


@pytest.mark.parametrize(("documents", "calls", "seconds"), [(1, 500, 900), (20, 500, 6912), (20, 5000, 900)])
def test_many_flex_documents_are_asked_again_more_rarely(documents: int, calls: int, seconds: float) -> None:
    assert flex_recheck(documents, calls) == seconds
