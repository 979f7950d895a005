"""What a look at one operation costs does not depend on how many are watched: work is counted, not timed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.items import operation
from tests.world import make_stage
from wbtui.domain.merge import by_arrival
from wbtui.domain.model import ItemKey, Service, State
from wbtui.domain.queue_places import QueuePlaces
from wbtui.domain.records import Tracked
from wbtui.monitor.operations_index import CHANGES_KEPT, OperationsIndex
from wbtui.simulator.plan import Plan

LOOKS = 20


@dataclass
class Counter:
    """Counts the lines of wbtui's monitor, domain and scheduling that run."""

    lines: int = 0

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> Any:
        name = frame.f_code.co_filename
        if not any(part in name for part in ("wbtui/monitor/", "wbtui/domain/", "wbtui/scheduling/")):
            return None
        self.lines += event == "line"
        return self


@contextmanager
def counted() -> Iterator[Counter]:
    counter, before = Counter(), sys.gettrace()
    sys.settrace(counter)
    try:
        yield counter
    finally:
        sys.settrace(before)


async def lines_per_look(folder: Path, operations: int, *, refresh: bool) -> float:
    """Return how many lines a look takes, with the plan of the next one and a snapshot."""
    still: dict[str, Any] = {"finished_share": 0.0, "operation_seconds": 1e7}
    stage = make_stage(folder, Plan(operations=operations, files=0, requests=0, components=0, **still))
    stage.store.track([Tracked(number) for number in stage.world.operation_ids()], stage.clock.now())
    services = await stage.profile_services()
    poller, looks = services.pollers[Service.OPERATIONS], 0
    for _ in range(10):
        await poller.look()
        poller.due()
        services.state.snapshot()
        stage.clock.elapsed += 30.0
    if refresh:
        poller.request_refresh()
        poller.due()
    before = len(stage.log("translator", "trm/status"))
    with counted() as counter:
        while looks < LOOKS:
            await poller.look()
            stage.clock.elapsed += max(0.0, (poller.due() or 0.0) - stage.clock.monotonic())
            services.state.snapshot()
            looks = len(stage.log("translator", "trm/status")) - before
    await services.close()
    stage.store.close()
    return counter.lines / LOOKS


@pytest.mark.slow
@pytest.mark.parametrize("refresh", [False, True])
async def test_a_look_takes_no_more_work_with_many_operations(tmp_path: Path, refresh: bool) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    few.mkdir()
    many.mkdir()
    least = await lines_per_look(few, 150, refresh=refresh)
    most = await lines_per_look(many, 3_000, refresh=refresh)
    assert most <= 1.3 * least


def test_the_index_tells_what_changed_and_says_when_it_does_not_know_any_more() -> None:
    index = OperationsIndex()
    assert index.changed_since(-1) is None
    waiting = operation(7, State.WAITING)
    index.replace(None, waiting)
    index.replace(waiting, operation(7, State.RUNNING))
    index.replace(None, operation(8, State.WAITING))
    assert index.changed_since(2) == {"op:8"}
    assert index.changed_since(0) == {"op:7", "op:8"}
    assert index.changed_since(index.changes) == set()
    assert (dict(index.places()), list(index.running)) == ({"op:8": 1}, ["op:7"])
    assert index.places() is index.places()
    index.replace(operation(7, State.RUNNING), None)
    assert (index.changed_since(3), list(index.running)) == ({"op:7"}, [])
    before = index.changes
    for _ in range(CHANGES_KEPT + 1):
        index.replace(waiting, waiting)
    assert index.changed_since(before) is None
    before = index.changes
    index.rebuild([operation(9, State.WAITING)])
    assert index.changed_since(before) is None
    assert dict(index.places()) == {"op:9": 1}


def test_the_places_are_those_of_the_queue_whoever_asks() -> None:
    queue = [operation(number, State.WAITING) for number in (30, 4, 5, 200)]
    places = QueuePlaces.of([*queue, operation(6, State.RUNNING)])
    assert dict(places) == {"op:4": 1, "op:5": 2, "op:30": 3, "op:200": 4}
    assert [key in places for key in ("op:4", "op:6", "op:999", "bb:fr:4", 4)] == [True, *[False] * 4]
    assert places == QueuePlaces.of(queue)
    assert places != QueuePlaces.of(queue[1:])
    assert places.get(ItemKey("op:local-1")) is None
    assert not QueuePlaces()
    assert sorted(queue, key=by_arrival)[0].key == next(iter(places))
