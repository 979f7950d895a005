"""Cheap guards of what `python -m tests.benchmarks.scale` measures: seconds of a processor, on fake time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.load import Meter
from tests.benchmarks.scale import HOUR, LOADS, STILL, Figures, loaded
from tests.untraced import untraced
from wbtui.demo.plan import Plan

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
