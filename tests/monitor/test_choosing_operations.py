"""Operations that the user takes away, takes back, or adds while the screen is open."""

from __future__ import annotations

from dataclasses import replace

from tests.world import Stage
from wbtui.domain.commands import Forget, Track, UndoForget
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import ItemKey, Service
from wbtui.domain.records import Tracked


def keys(stage: Stage) -> set[ItemKey]:
    return {operation.key for operation in stage.latest.operations}


def track_some(stage: Stage) -> list[ItemKey]:
    ids = stage.world.operation_ids()[:4]
    stage.store.track([Tracked(number, label=f"number {number}") for number in ids], stage.clock.now())
    return [operation_key(number) for number in ids]


async def test_what_is_forgotten_is_gone_here_and_in_the_store_and_comes_back_as_it_was(stage: Stage) -> None:
    watched = track_some(stage)
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(30.0)
        before = {operation.key: operation for operation in stage.latest.operations}
        assert monitor.do(Forget((watched[0], ItemKey("op:1")))) == "stopped watching 1 operation"
        await stage.clock.run_for(130.0)
        assert watched[0] not in keys(stage)
        assert watched[0] not in {operation.key for operation in stage.store.operations()}
        assert monitor.do(UndoForget((watched[0],))) == "watching 1 operation again"
        await stage.clock.run_for(0.1)
        back = {operation.key: operation for operation in stage.latest.operations}[watched[0]]
        assert replace(back, looks=0, seen_at=None) == replace(before[watched[0]], looks=0, seen_at=None)
        assert watched[0] in {operation.key for operation in stage.store.operations()}


async def test_taking_back_works_once(stage: Stage) -> None:
    watched = track_some(stage)
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(1.0)
        monitor.do(Forget((watched[0],)))
        monitor.do(UndoForget((watched[0],)))
        assert monitor.do(UndoForget((watched[0],))) == "watching 0 operations again"


async def test_tracking_adds_what_is_new_and_leaves_the_label_of_what_is_known(stage: Stage) -> None:
    watched = track_some(stage)
    fresh = stage.world.operation_ids()[5]
    known = int(watched[1].removeprefix("op:"))
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(1.0)
        assert (
            monitor.do(Track((Tracked(fresh, label="by hand"), Tracked(fresh), Tracked(known))))
            == "watching 1 operation; 1 watched already"
        )
        await stage.clock.run_for(0.1)
        labels = {operation.key: operation.label for operation in stage.latest.operations}
        assert labels[operation_key(fresh)] == "by hand"
        assert labels[watched[1]] == f"number {known}"


async def test_an_answer_that_comes_after_forgetting_changes_nothing(stage: Stage) -> None:
    watched = track_some(stage)
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(0.5)
        monitor.do(Forget(tuple(watched)))
        await stage.clock.run_for(60.0)
        assert not keys(stage) & set(watched)


async def test_without_a_translator_the_commands_say_so(stage: Stage) -> None:
    stage.profile = replace(stage.profile, translator=None)
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(0.1)
        said = "operations are not set up in this profile"
        assert monitor.do(Forget((operation_key(1),))) == said
        assert monitor.do(UndoForget((operation_key(1),))) == said
        assert monitor.do(Track((Tracked(1),))) == said
        assert stage.latest.items(Service.OPERATIONS) == ()
