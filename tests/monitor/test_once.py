"""One reading, as the commands take it: on one fake clock with the simulated services."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from tests.world import Stage
from wbtui.app.services import connected
from wbtui.app.stored_state import make_state
from wbtui.config import TranslatorSettings
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import ItemKey, Service
from wbtui.domain.records import Tracked
from wbtui.monitor.single_pass import Reading
from wbtui.store import open_store

MakeStage = Callable[..., Stage]


async def test_the_first_look_at_a_flex_query_need_not_wait_for_the_floor_between_looks(
    stage_for: MakeStage,
) -> None:
    stage = stage_for(operations=0, speed=50.0)
    profile_services = await stage.profile_services()
    reading = asyncio.create_task(profile_services.once().read(wait=20.0))
    await stage.clock.run_for(20.0)
    ended = await reading
    await profile_services.close()
    assert ended[Service.FLEX].error is None
    assert ended[Service.FLEX].note == ""
    sent = [each.at for each in stage.log("translator", "components/status")]
    looks: dict[str, list[datetime]] = defaultdict(list)
    for each in stage.log("translator", "trm/status"):
        looks[each.query["requestid"]].append(each.at)
    first = sorted(at[0] for at in looks.values())
    assert len(first) == len(sent) == 6
    assert all((look - at).total_seconds() >= 2.0 for at, look in zip(sent, first, strict=True))
    assert all((b - a).total_seconds() >= 5.0 for at in looks.values() for a, b in pairwise(at))


async def read_once(stage: Stage, named: tuple[ItemKey, ...] = ()) -> dict[Service, Reading]:
    """Take one reading as a process of its own does, with a store of its own."""
    with closing(open_store(stage.path)) as store:
        state = make_state(stage.profile, store, stage.clock, lambda _: None)
        profile_services = await connected(state, store, stage.environment(), stage.profile, named=named)
        reading = asyncio.create_task(profile_services.once().read(wait=0.0))
        await stage.clock.run_until(reading.done)
        await profile_services.close()
    return reading.result()


def alone(stage: Stage, calls: int) -> None:
    """Let the profile have nothing but a translator with that allowance, and track all operations."""
    translator = replace(stage.profile.translator or TranslatorSettings("", ""), calls_per_hour=calls)
    stage.profile = replace(stage.profile, translator=translator, beebox=None, instant=None)
    stage.store.track([Tracked(number) for number in stage.world.operation_ids()], stage.clock.now())
    stage.store.flush()


def counted(stage: Stage) -> int:
    return len([entry for entry in stage.log("translator") if "auth/token" not in entry.path])


async def test_the_readings_of_an_hour_share_a_tenth_of_the_allowance(stage_for: MakeStage) -> None:
    stage = stage_for(operations=60, finished_share=0.0, operation_seconds=1e6)
    alone(stage, 200)
    first = await read_once(stage)
    for _ in range(6):
        await stage.clock.run_for(30.0)
        last = await read_once(stage)
    assert counted(stage) == 20
    assert "not asked: single readings have had their 20 calls of this hour" in first[Service.OPERATIONS].note
    assert last[Service.OPERATIONS].note.startswith("61 not asked")  # the question to Flex is one, too
    await stage.clock.run_for(3600.0)
    await read_once(stage)
    assert counted(stage) == 40


async def test_what_is_named_is_asked_for_with_the_reserve_and_nothing_else(stage_for: MakeStage) -> None:
    stage = stage_for(operations=60, finished_share=0.0, operation_seconds=1e6)
    alone(stage, 200)
    named = operation_key(stage.world.operation_ids()[-1])
    await read_once(stage)
    before = len(stage.log("translator", "trm/status"))
    ended = await read_once(stage, (named,))
    asked = [entry.query["requestid"] for entry in stage.log("translator", "trm/status")]
    assert ended[Service.OPERATIONS].error is None
    assert not ended[Service.OPERATIONS].note
    assert asked[before:] == [named.removeprefix("op:")]
