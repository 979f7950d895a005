"""What a reading finds unchanged stays the same object, and when it was read is known of its list."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import NOON
from tests.world import Stage, make_stage
from wbtui.domain.commands import Refresh
from wbtui.domain.merge import same_but_times
from wbtui.domain.model import Item, Service
from wbtui.domain.snapshot import Snapshot
from wbtui.monitor.read_log import ReadLog
from wbtui.simulator.plan import Plan

STILL: dict[str, Any] = {
    "edit_seconds": 0.0,
    "removal_share": 0.0,
    "autorun_seconds": 1e6,
    "finished_share": 0.0,
    "operation_seconds": 1e7,
    "speed": 0.001,
}
LISTED = [Service.BEEBOX, Service.INSTANT]


def still(folder: Path) -> Stage:
    return make_stage(folder, Plan(files=30, locales=4, requests=20, components=0, operations=0, **STILL))


def monitor_item(stage: Stage, before: Item) -> Item:
    return next(item for item in stage.latest.items(before.service) if item.key == before.key)


def times(snapshot: Snapshot, service: Service) -> set[datetime | None]:
    return set(map(snapshot.read_times.of, snapshot.items(service)))


@pytest.mark.parametrize("service", LISTED)
async def test_unchanged_items_and_their_tuple_stay_the_same_over_rounds(
    tmp_path: Path, service: Service
) -> None:
    stage = still(tmp_path)
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(30)
        first = stage.latest
        assert len(first.items(service)) >= 20
        for _ in range(3):
            monitor.do(Refresh(service))
            await stage.clock.run_for(300)
        changed = [
            before
            for before, item in zip(first.items(service), stage.latest.items(service), strict=True)
            if before is not item
        ]
        assert not any(same_but_times(before, monitor_item(stage, before)) for before in changed)
        assert len(changed) < 3
        if not changed:
            assert stage.latest.items(service) is first.items(service)
        last = stage.clock.now() - timedelta(seconds=300)
        assert all(at is not None and at >= last for at in times(stage.latest, service))
        assert max(at for at in times(first, service) if at) < last
    stage.store.close()


async def test_flex_cells_that_are_answered_again_alike_stay_the_same(tmp_path: Path) -> None:
    plan = Plan(
        files=0, requests=0, components=30, locales=3, operations=0, edit_seconds=0.0, removal_share=0.0
    )
    stage = make_stage(tmp_path, plan)
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(300)
        first = {cell.key: cell for cell in stage.latest.flex}
        asked = times(stage.latest, Service.FLEX)
        monitor.do(Refresh(Service.FLEX))
        await stage.clock.run_for(600)
        second = {cell.key: cell for cell in stage.latest.flex}
        assert first
        assert min(at for at in times(stage.latest, Service.FLEX) if at) > max(at for at in asked if at)
        same = [key for key in first if key in second and same_but_times(first[key], second[key])]
        assert same
        assert all(first[key] is second[key] for key in same)
    stage.store.close()


@pytest.mark.parametrize("service", LISTED)
async def test_a_single_reading_says_of_each_item_when_it_was_read(tmp_path: Path, service: Service) -> None:
    stage = still(tmp_path)
    async with stage.monitoring():
        await stage.clock.run_for(30)
    stage.clock.elapsed += 3600.0
    services = await stage.profile_services()
    before = {item.key: item for item in services.state.items(service)}
    await services.once().read(5.0, [service])
    await services.close()
    asked = stage.clock.now() - timedelta(seconds=60)
    for item in services.state.items(service):
        assert item.seen_at is not None
        assert item.seen_at > asked
        assert item is not before[item.key]
    stage.store.close()


def test_what_was_read_apart_is_forgotten_with_the_next_whole_list_and_nothing_lies_ahead() -> None:
    noon = NOON
    log = ReadLog()
    log.some(Service.BEEBOX, ["bb:fr:a", "bb:fr:b"], noon)  # type: ignore[list-item]
    log.some(Service.BEEBOX, ["bb:fr:b"], noon + timedelta(hours=2))  # type: ignore[list-item]
    value = log.times()
    assert log.times() is value
    log.whole("beebox", noon + timedelta(hours=1), ["bb:fr:a"])  # type: ignore[list-item]
    log.drop_older(Service.BEEBOX, noon + timedelta(hours=1))
    assert log.times().single == {"bb:fr:b": noon + timedelta(hours=2)}
    assert log.times().missed == {"bb:fr:a"}
    assert value.single.keys() == {"bb:fr:a", "bb:fr:b"}
    log.clamp(noon)
    assert set(log.times().single.values()) | set(log.times().lists.values()) == {noon}
