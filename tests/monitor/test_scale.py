"""Cheap guards of what `python -m tests.benchmarks.scale` measures: seconds of a processor, on fake time."""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path

import pytest

from tests.benchmarks.monitor_load import Meter
from tests.benchmarks.scale import HOUR, LOADS, STILL, Figures, loaded
from tests.untraced import untraced
from tests.world import make_stage
from wbtui.app.stored_state import make_state
from wbtui.domain.item_keys import beebox_key
from wbtui.domain.model import BeeboxFile, Service, State
from wbtui.monitor.chunks import FREED, MANY, GcFreezer
from wbtui.simulator.plan import Plan

SMALL = {
    "requests": LOADS["5 000 IT requests"],
    "components": Plan(operations=0, files=0, requests=0, components=10_000, locales=2, **STILL),
    "files": Plan(operations=0, files=1_000, locales=10, requests=0, components=0, speed=2000.0),
}


@pytest.mark.parametrize("kind", SMALL)
async def test_a_large_profile_neither_holds_the_loop_nor_takes_a_core(kind: str, tmp_path: Path) -> None:
    with untraced():
        async with loaded(SMALL[kind], tmp_path) as (_, found):
            assert found.items >= 5_000
            within_limits(found)


def within_limits(found: Figures) -> None:
    assert found.share <= 5.0
    assert found.longest <= 50.0, found.where
    assert found.collected <= 50.0


async def test_ten_thousand_operations_take_no_more_calls_than_a_hundred(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    calls = {}
    with untraced():
        for operations in (100, 10_000):
            plan = Plan(operations=operations, finished_share=0.0, files=0, requests=0, components=0)
            async with loaded(plan, tmp_path_factory.mktemp("load")) as (load, found):
                within_limits(found)
                calls[operations] = len(load.stage.log("translator", "trm/status"))
    assert 0 < calls[10_000] <= calls[100]


async def test_hundreds_of_refreshes_leave_nothing_behind(tmp_path: Path) -> None:
    plan = Plan(files=10, locales=3, operations=10, requests=10, components=12, speed=20.0, **STILL)
    with untraced():
        async with loaded(plan, tmp_path) as (load, _):
            await load.stretch(2 * HOUR)
            before = load.objects()
            found = await load.stretch(3 * HOUR)
            assert found.calls > 500
            assert load.objects() <= before + 50  # what is in the queue at the moment comes and goes


def test_the_meter_sees_what_holds_the_loop() -> None:
    meter = Meter()
    with meter.piece(lambda: "busy"):
        sum(range(2_000_000))
    assert meter.longest > 0.005
    assert meter.where == "busy"


async def test_what_is_replaced_goes_bit_by_bit_and_not_with_the_snapshot(tmp_path: Path) -> None:
    stage = make_stage(tmp_path)
    freed: list[int] = []
    try:
        state = make_state(stage.profile, stage.store, stage.clock, lambda _snapshot: None)
        old = [beebox_file(number) for number in range(3 * FREED)]
        state.put(Service.BEEBOX, old)
        stage.store.flush()  # what waits to be written is held as well
        held = sys.getrefcount(old[0])
        state.put(Service.BEEBOX, [beebox_file(number) for number in range(len(old))])
        stage.store.flush()
        await state.replaced.release()
        assert sys.getrefcount(old[0]) == held  # whoever shows it may have the snapshot still

        async def others() -> None:
            while True:
                freed.append(sum(sys.getrefcount(each) < held for each in old))
                await asyncio.sleep(0)

        watching = asyncio.create_task(others())
        await state.replaced.release()
        watching.cancel()
    finally:
        stage.store.close()
    assert sys.getrefcount(old[0]) == held - 1
    assert any(0 < count < len(old) for count in freed)


def test_many_new_items_are_left_out_of_the_rounds_of_the_collector() -> None:
    before = gc.get_freeze_count()
    try:
        aside = GcFreezer()
        aside.came(MANY - 1)
        assert gc.get_freeze_count() == before
        kept = [[number] for number in range(MANY)]
        aside.came(1)
        assert gc.get_freeze_count() >= before + len(kept)
    finally:
        gc.unfreeze()


def beebox_file(number: int) -> BeeboxFile:
    return BeeboxFile(beebox_key("fr", f"{number}", ""), f"{number}", "fr", State.RUNNING)
