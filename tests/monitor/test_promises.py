"""What the program promises of its looks, on one fake clock with the simulated services."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.world import Stage
from wbtui.domain.model import FINISHED, Item, Service, State
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import HealthWord
from wbtui.simulator.api import LoggedCall

MakeStage = Callable[..., Stage]


def track_all(stage: Stage) -> None:
    stage.store.track([Tracked(number) for number in stage.world.operation_ids()], stage.clock.now())


def gaps(entries: list[LoggedCall], name: str) -> dict[str, list[float]]:
    times: dict[str, list[float]] = defaultdict(list)
    for entry in entries:
        times[entry.query[name]].append(entry.at.timestamp())
    return {key: [b - a for a, b in pairwise(at)] for key, at in times.items()}


async def test_all_four_services_are_shown_within_seconds(stage: Stage) -> None:
    track_all(stage)
    async with stage.monitoring():
        await stage.clock.run_until(lambda: len(stage.latest.instant) > 0 and len(stage.latest.beebox) > 0, 2)
        assert len(stage.latest.operations) >= 24
        assert len(stage.latest.beebox) == 240
        assert len(stage.latest.instant) == 30
        await stage.clock.run_until(lambda: len(stage.latest.flex) > 0, 1200)
        await stage.clock.run_until(lambda: stage.latest.health[Service.FLEX].part is None, 1200)
        healths = {service: health.word for service, health in stage.latest.health.items()}
        assert healths == dict.fromkeys(Service, HealthWord.OK)


async def test_ten_minutes_leave_the_beebox_its_automatic_runs(stage_for: MakeStage) -> None:
    alone = stage_for(seed=5)
    alone.world.advance(alone.clock.now() + timedelta(minutes=10))
    watched = stage_for(seed=5)
    async with watched.monitoring():
        for _ in range(600):
            await watched.clock.run_for(1.0)
            assert watched.world.open_sessions(watched.clock.now())["beebox"] == 0
    assert len(watched.log("beebox", "connect")) >= 10
    assert abs(watched.world.automatic_runs - alone.world.automatic_runs) <= 1


async def test_no_two_looks_at_one_operation_within_the_floor_and_none_above_the_allowance(
    stage_for: MakeStage,
) -> None:
    stage = stage_for(operations=100, slots=4, finished_share=0.0, operation_seconds=30.0)
    track_all(stage)
    async with stage.monitoring():
        for _ in range(60):
            await stage.clock.run_for(60.0)
            assert stage.world.calls_last_hour(stage.clock.now()) <= 1000
    looks = stage.log("translator", "trm/status")
    assert looks
    assert min(gap for each in gaps(looks, "requestid").values() for gap in each) >= 5.0
    assert not [entry for entry in stage.log("translator") if entry.status == 429]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_hundred_operations_are_seen_in_time_by_few_looks(stage_for: MakeStage, seed: int) -> None:
    stage = stage_for(
        operations=100, slots=4, finished_share=0.0, operation_seconds=30.0, seed=seed, edit_seconds=0.0
    )
    track_all(stage)
    began = stage.clock.now()
    async with stage.monitoring():
        await stage.clock.run_until(
            lambda: all(o.state in FINISHED for o in stage.latest.operations), limit=7200
        )
    ends = stage.world.finish_times()
    ours = [o for o in stage.latest.operations if o.kind != "Flex query"]
    delays = [(o.finished_at - ends[o.request_id]).total_seconds() for o in ours if o.finished_at is not None]
    naive = sum((ends[o.request_id] - began).total_seconds() / 5.0 for o in ours)
    looks = len(stage.log("translator", "trm/status"))
    assert len(delays) == 100
    assert sum(delays) / 100 <= 10.0
    assert looks <= naive / 10


async def test_instant_is_asked_with_ids_between_full_lists(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_for(3 * 3600.0)
    asked = stage.log("instant", "it/requests")
    full = [entry for entry in asked if not entry.query.get("ids")]
    some = [entry for entry in asked if entry.query.get("ids")]
    assert some
    assert all(len(entry.query["ids"].split(",")) <= 200 for entry in some)
    assert 3 <= len(full) <= 4
    assert stage.world.open_sessions(stage.clock.now())["instant"] == 0


async def test_the_screen_ends_equal_to_the_truth(stage_for: MakeStage) -> None:
    stage = stage_for(edit_seconds=0.0, speed=4.0, removal_share=0.3)
    numbers = stage.world.operation_ids()
    track_all(stage)
    async with stage.monitoring():
        await stage.clock.run_for(3600.0)
    own = {f"op:{number}" for number in numbers}
    truth = {
        key: told
        for key, told in stage.world.truth(stage.clock.now()).items()
        if not key.startswith("op:") or key in own
    }
    shown: dict[str, Item] = {item.key: item for service in Service for item in stage.latest.items(service)}
    words = {
        "Finished": FINISHED,
        "Failed": {State.FAILED},
        "Waiting": {State.WAITING},
        "Executing": {State.RUNNING},
    }
    for key, told in truth.items():
        if key.startswith("op:"):
            assert shown[key].state in words[told["status"]], key
        elif key.startswith("bb:"):
            assert (shown[key].state is State.READY) == (told["status"] == 1), key
        elif key.startswith("it:"):
            assert (shown[key].state is State.READY) == told["ready"], key
