"""Where calls are short: the screen says that looks are held back, and `wait` says when it looks next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.world import Stage
from wbtui.app.services import allowance_account
from wbtui.app.sharing import ProfileWatcher, WatchOptions
from wbtui.cli import wait
from wbtui.cli.exit_codes import Exit
from wbtui.cli.wait import Waiting
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import ItemKey, Service
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import HealthWord
from wbtui.monitor.stored_health import behind_poller
from wbtui.store import open_store
from wbtui.store.lock import Holder, PollerLock

CALLS = 500
MakeStage = Callable[..., Stage]


@pytest.fixture
def stage(stage_for: MakeStage) -> Stage:
    """Return a stage with many open operations and nothing but a translator."""
    stage = stage_for(operations=30, finished_share=0.0, operation_seconds=600.0)
    assert stage.profile.translator is not None
    translator = replace(stage.profile.translator, calls_per_hour=CALLS)
    stage.profile = replace(stage.profile, translator=translator, beebox=None, instant=None)
    stage.store.track([Tracked(number) for number in stage.world.operation_ids()], stage.clock.now())
    return stage


def others_spend(stage: Stage, calls: int) -> None:
    """Let another process make so many calls just now."""
    assert stage.profile.translator is not None
    with closing(open_store(stage.path)) as store:
        for _ in range(calls):
            store.note_call(allowance_account(stage.profile.translator), stage.clock.now())


def looks(stage: Stage) -> int:
    return len(stage.log("translator", "trm/status"))


async def test_looks_that_are_held_back_are_said_to_be_and_never_ok(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_for(60.0)
        assert stage.latest.health[Service.OPERATIONS].word is HealthWord.OK
        others_spend(stage, 440 - stage.latest.calls.used)
        await stage.clock.run_for(120.0)
        health = stage.latest.health[Service.OPERATIONS]
        assert health.word is HealthWord.LIMIT
        assert health.at is not None
        assert health.next_at is not None
        assert health.next_at <= health.at <= health.next_at + timedelta(minutes=1)
        assert health.message == "most of the 500 calls an hour are used"
        told = [event.text for event in stage.latest.events if "held back" in event.text]
        assert "looks are held back: most of the 500 calls an hour are used" in told
        before = looks(stage)
        await stage.clock.run_for(1800.0)
        assert looks(stage) > before, "fewer, and not none"
        await stage.clock.run_for(3600.0)
        assert stage.latest.health[Service.OPERATIONS].word is HealthWord.OK
    assert stage.latest.calls.used <= CALLS


async def test_half_of_the_calls_spent_by_others_leaves_the_looks_going(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_for(60.0)
        others_spend(stage, 300)
        before = looks(stage)
        await stage.clock.run_for(1200.0)
        assert looks(stage) >= before + 5
        assert stage.latest.health[Service.OPERATIONS].word is HealthWord.OK


async def test_who_follows_is_told_of_it_and_of_the_next_look(stage: Stage) -> None:
    with PollerLock(stage.path) as lock:
        shared = ProfileWatcher(stage.profile, stage.store, stage.environment(), lock, stage.seen.append)
        task = asyncio.create_task(shared.run())
        await stage.clock.run_for(60.0)
        others_spend(stage, 440)
        await stage.clock.run_for(300.0)
        health = behind_poller(stage.store, {Service.OPERATIONS}, Holder(4711).words())[Service.OPERATIONS]
        task.cancel()
        await asyncio.wait({task})
    assert health.word is HealthWord.LIMIT
    assert health.next_at is not None
    assert health.next_at > stage.clock.now()


async def waited(stage: Stage, key: ItemKey, seconds: float | None) -> tuple[int, float]:
    """Wait for an operation as the command does; return the exit code and how long it took."""
    waiting = Waiting([key], stage.clock, fail_fast=False, appear=False)
    waiting.limit_to(seconds)
    shared = ProfileWatcher(
        stage.profile,
        stage.store,
        stage.environment(),
        PollerLock(stage.path),
        lambda snapshot: waiting.publish(snapshot, shared),
        options=WatchOptions(frozenset({Service.OPERATIONS}), claims=False, named=frozenset({key})),
    )
    began = stage.clock.elapsed
    task = asyncio.create_task(wait._wait(shared, waiting, seconds))
    await stage.clock.run_until(task.done, limit=5000.0)
    return task.result(), stage.clock.elapsed - began


async def test_a_wait_uses_the_reserve(stage: Stage) -> None:
    others_spend(stage, 455)
    key = operation_key(stage.world.operation_ids()[0])
    code, seconds = await waited(stage, key, 3000.0)
    assert code in {Exit.OK, Exit.FAILED}
    assert seconds < 3000.0
    assert {entry.query["requestid"] for entry in stage.log("translator", "trm/status")} == {key[3:]}


async def test_a_wait_for_which_nothing_is_left_in_its_time_ends_with_6_and_says_so(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    others_spend(stage, CALLS)
    key = operation_key(stage.world.operation_ids()[0])
    code, seconds = await waited(stage, key, 600.0)
    assert (code, looks(stage)) == (Exit.ALLOWANCE, 0)
    assert seconds < 60.0
    limit, over = capsys.readouterr().err.splitlines()
    assert limit.startswith("wbtui: operations: LIMIT until ")
    assert "; next look " in limit
    assert over == f"wbtui: not finished in time: {key}"


async def test_a_wait_that_has_the_time_goes_on_when_calls_are_there_again(stage: Stage) -> None:
    others_spend(stage, CALLS)
    key = operation_key(stage.world.operation_ids()[0])
    code, seconds = await waited(stage, key, 4000.0)
    assert code in {Exit.OK, Exit.FAILED}
    assert 3500.0 < seconds < 4000.0
