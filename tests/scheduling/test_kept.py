"""The running program uses the same pacing, keeps what it learnt, and tells the screen what it expects."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.world import Stage, make_stage
from wbtui.domain.model import FINISHED, State
from wbtui.domain.records import Tracked
from wbtui.scheduling.learned import Learnt
from wbtui.simulator.plan import Plan


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = make_stage(tmp_path, Plan(operations=40, slots=4, finished_share=0.0, operation_seconds=30.0))
    stage.store.track([Tracked(number) for number in stage.world.operation_ids()], stage.clock.now())
    yield stage
    stage.store.close()


def kept(stage: Stage) -> str | None:
    account = stage.profile.translator.account if stage.profile.translator else ""
    return stage.store.recall(f"pacing.learnt.{account}@translator.test")


async def test_what_is_learnt_is_written_once_a_minute_and_at_the_end(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_for(50.0)
        assert kept(stage) is None
        texts = []
        for _ in range(12):
            await stage.clock.run_for(15.0)
            texts.append(kept(stage))
        assert texts[-1] is not None
        assert 2 <= sum(a != b for a, b in pairwise(texts)) <= 4
        before = texts[-1]
        await stage.clock.run_for(20.0)
    assert kept(stage) != before
    assert Learnt.from_text(kept(stage)).all_kinds.ends > 3


async def test_the_screen_is_told_when_those_that_wait_should_finish(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_for(120.0)
        snapshot = stage.latest
        await stage.clock.run_for(1800.0)
        ends = stage.world.finish_times()
    waiting = {o.key: o for o in snapshot.operations if o.state is State.WAITING}
    told = {key: f for key, f in snapshot.forecasts.items() if key in waiting and f.expected_at is not None}
    assert len(told) >= 10
    misses = 0
    for key, forecast in told.items():
        assert forecast.expected_at is not None
        assert forecast.plus_minus is not None
        end = ends[waiting[key].request_id]
        misses += abs((end - forecast.expected_at).total_seconds()) > 3 * forecast.plus_minus
    assert misses <= len(told) // 10


async def test_a_second_run_goes_on_with_what_the_first_learnt(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_for(200.0)
    first = Learnt.from_text(kept(stage))
    async with stage.monitoring():
        await stage.clock.run_until(lambda: all(o.state in FINISHED for o in stage.latest.operations), 3600)
    second = Learnt.from_text(kept(stage))
    assert first.all_kinds.ends > 0
    assert second.all_kinds.ends > first.all_kinds.ends
