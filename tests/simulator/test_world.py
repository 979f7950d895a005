from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from tests.simulator.caller import START, Caller
from wbtui.simulator.plan import Plan
from wbtui.simulator.world import World

BUSY: dict[str, Any] = {
    "pipeline_seconds": 7.0,
    "foreign_seconds": 11.0,
    "request_seconds": 13.0,
    "speed": 3.0,
}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("steps", [2, 7, 600])
def test_many_steps_end_where_one_step_ends(seed: int, steps: int) -> None:
    end = START + timedelta(minutes=10)
    far, near = (World(Plan(seed=seed, **BUSY), START) for _ in range(2))
    for step in range(1, steps + 1):
        near.advance(START + timedelta(minutes=10) * step / steps)
    assert near.truth(end) == far.truth(end)
    assert near.pipeline.take() == far.pipeline.take()
    assert near.automatic_runs == far.automatic_runs
    assert near.finish_times() == far.finish_times()


def test_the_same_seed_makes_the_same_world_and_another_seed_another() -> None:
    one, two, other = (World(Plan(seed=seed), START) for seed in (4, 4, 5))
    assert one.truth(START) == two.truth(START) != other.truth(START)


def test_a_time_that_has_passed_changes_nothing() -> None:
    world = World(Plan(), START)
    later = world.truth(START + timedelta(minutes=5))
    assert world.truth(START) == later
    assert world.now == START + timedelta(minutes=5)


def test_every_item_has_a_key_and_the_plan_says_how_many() -> None:
    plan = Plan(files=7, locales=3, operations=11, requests=5, components=10)
    kinds = Counter(key.split(":")[0] for key in World(plan, START).truth(START))
    assert kinds == {"op": 11, "bb": 21, "it": 5, "fx": 30}


def test_keys_are_written_as_wbtui_writes_them() -> None:
    truth = World(Plan(), START).truth(START)
    for key in ("op:5001", "bb:fr:batch-7\\intro.docx", "it:39", "fx:1000:fr:app.login"):
        assert key in truth


def test_an_empty_platform_lives_too() -> None:
    world = World(Plan(files=0, operations=0, requests=0, components=0), START)
    assert world.truth(START + timedelta(hours=1)) == {}
    assert world.operation_ids() == []


@pytest.mark.parametrize("seed", range(1, 6))
def test_at_the_start_every_state_is_there(seed: int) -> None:
    truth = World(Plan(seed=seed), START).truth(START)
    seen = {(key[:2], str(item.get("status"))) for key, item in truth.items()}
    for wanted in ("Waiting", "Executing", "Finished"):
        assert ("op", wanted) in seen
        assert ("it", wanted) in seen
    for code in (1, 4, 5, 6, 7, 8, 10):
        assert ("bb", str(code)) in seen


def test_everything_goes_on_by_itself_until_it_ends() -> None:
    world = World(Plan(), START)
    truth = world.truth(START + timedelta(hours=3))
    assert {item["status"] for key, item in truth.items() if key.startswith("op:")} == {"Finished", "Failed"}
    assert {item["status"] for key, item in truth.items() if key.startswith("bb:")} == {1, 8, 10}
    assert {item["status"] for key, item in truth.items() if key.startswith("it:")} == {"Finished", "Failed"}


def ended(**plan: Any) -> dict[int, float]:
    world = World(Plan(**plan), START)
    world.advance(START + timedelta(hours=5))
    return {key: (at - START).total_seconds() for key, at in world.finish_times().items()}


def test_speed_shortens_work_in_proportion() -> None:
    slow, fast = (ended(finished_share=0.0, operations=30, speed=speed) for speed in (1.0, 10.0))
    assert slow.keys() == fast.keys()
    assert sum(fast.values()) == pytest.approx(sum(slow.values()) / 10, rel=0.01)


def test_the_mean_duration_is_that_of_the_plan() -> None:
    world = World(Plan(operations=1500, operation_seconds=30.0), START)
    known = world.queue.known().values()
    mean = sum(one.duration.total_seconds() for one in known) / len(known)
    assert mean == pytest.approx(30.0, rel=0.1)


def test_operations_start_in_the_order_in_which_they_came_and_never_above_the_slots() -> None:
    world = World(Plan(operations=60, slots=3, pipeline_seconds=9.0, foreign_seconds=15.0), START)
    for second in range(0, 1200, 4):
        world.advance(START + timedelta(seconds=second))
        known = world.queue.known().values()
        assert sum(one.status == "Executing" for one in known) <= 3
        if any(one.status == "Waiting" for one in known):
            assert sum(one.status == "Executing" for one in known) == 3
    starts = [one.started for one in world.queue.known().values() if one.started and one.started > START]
    assert starts == sorted(starts)


def test_the_place_in_the_queue_counts_those_before() -> None:
    truth = World(Plan(operations=10, slots=2, finished_share=0.0), START).truth(START)
    places = [truth[f"op:{number}"]["position"] for number in range(5001, 5011)]
    assert places == [None, None, 0, 1, 2, 3, 4, 5, 6, 7]


def test_the_pipeline_hands_out_its_envelopes_once_and_keeps_those_of_others_to_itself() -> None:
    plan = Plan(operations=0, pipeline_seconds=5.0, foreign_seconds=5.0, quick_share=0.0)
    world = World(plan, START)
    world.advance(START + timedelta(minutes=5))
    envelopes = world.pipeline.take()
    assert [one["trm"]["requestid"] for one in envelopes] == world.operation_ids()
    assert len(envelopes) == pytest.approx(60, abs=12)
    assert len(world.queue.known()) > len(envelopes)
    assert world.pipeline.take() == []


def test_a_quick_operation_is_finished_in_the_submitting_call_and_never_has_an_id() -> None:
    world = World(Plan(operations=0, pipeline_seconds=5.0, quick_share=1.0), START)
    world.advance(START + timedelta(minutes=2))
    envelopes = world.pipeline.take()
    assert {one["trm"]["requestid"] for one in envelopes} == {0}
    assert {one["trm"]["status"] for one in envelopes} <= {"Finished", "Failed"}
    assert world.operation_ids() == []


def test_requests_come_in_through_the_web_interface_and_some_disappear() -> None:
    world = World(Plan(requests=0, request_seconds=20.0, removal_share=0.5), START)
    early = set(world.truth(START + timedelta(minutes=10)))
    late = set(world.truth(START + timedelta(minutes=40)))
    assert early - late
    assert late - early


def test_a_request_is_purged_after_thirty_days() -> None:
    world = World(Plan(removal_share=0.0), START)
    assert "it:40" in world.truth(START + timedelta(minutes=4))
    assert "it:40" not in world.truth(START + timedelta(minutes=6))


def test_sessions_and_calls_are_counted_for_tests() -> None:
    caller = Caller()
    headers = caller.login()
    caller.beebox_token()
    caller.instant_token()
    caller.translator("GET", "/api/trm/status", headers=headers, requestid="5001")
    assert caller.world.open_sessions(START) == {"translator": 1, "beebox": 1, "instant": 1}
    assert caller.world.calls_last_hour(START) == 1
    later = START + timedelta(hours=1)
    assert caller.world.open_sessions(later) == {"translator": 0, "beebox": 0, "instant": 0}
    assert caller.world.calls_last_hour(later) == 0
