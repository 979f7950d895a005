"""A list of which only a part is known is told as a part: while it is read, over a restart, and for good."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from tests.world import Stage
from wbtui.app.services import ProfileServices
from wbtui.domain.errors import ServerFault
from wbtui.domain.model import Service
from wbtui.domain.ports import BeeboxGateway, BeeboxPage, BeeboxSession
from wbtui.domain.snapshot import Health, HealthWord, Part
from wbtui.monitor.pollers.beebox import BeeboxPoller, BeeboxScope
from wbtui.monitor.single_pass import SinglePass
from wbtui.monitor.stored_health import PARTS, parts_left

MakeStage = Callable[..., Stage]


class Slow(BeeboxGateway):
    """A Beebox with pages of 500 records, a second each; it may break off, be cut short, or be garbled."""

    def __init__(self, gateway: BeeboxGateway, stage: Stage) -> None:
        self.gateway = gateway
        self.stage = stage
        self.seconds = 1.0
        self.breaks_at: int | None = None
        self.ends_at: int | None = None
        self.garbles = False

    @asynccontextmanager
    async def session(self) -> AsyncIterator[BeeboxSession]:
        async with self.gateway.session() as session:
            page = session.page

            async def slow(**asked: Any) -> BeeboxPage:
                self.stage.clock.elapsed += self.seconds
                asked["count"] = min(asked["count"], 500)
                if self.breaks_at is not None and asked["skip"] >= self.breaks_at:
                    raise ServerFault("the server is on fire", status=500)
                found = await page(**asked)
                if self.ends_at is not None and asked["skip"] >= self.ends_at:
                    return replace(found, files=(), received=0)
                return replace(found, files=found.files[1:]) if self.garbles else found

            session.page = slow  # type: ignore[method-assign]
            yield session


async def watched(stage: Stage) -> tuple[ProfileServices, Slow, BeeboxPoller]:
    profile_services = await stage.profile_services()
    assert profile_services.gateways.beebox is not None
    gateway = Slow(profile_services.gateways.beebox, stage)  # type: ignore[arg-type]
    return profile_services, gateway, beebox_watch(profile_services, gateway, stage)


def beebox_watch(profile_services: ProfileServices, gateway: Slow, stage: Stage) -> BeeboxPoller:
    return BeeboxPoller(gateway, profile_services.state, stage.clock, scope=BeeboxScope(), poll_seconds=60.0)


def shown(profile_services: ProfileServices) -> Health:
    profile_services.health[Service.BEEBOX].succeeded()
    return profile_services.state.snapshot().health[Service.BEEBOX]


async def test_a_half_read_beebox_says_so_until_it_is_whole(stage_for: MakeStage) -> None:
    stage = stage_for(files=300, locales=6)
    profile_services, _, watch = await watched(stage)
    await watch.look()
    health = shown(profile_services)
    assert (health.word, health.part) == (HealthWord.CONNECTING, Part(1000, 1800))
    await watch.look()
    health = shown(profile_services)
    assert (health.word, health.part) == (HealthWord.OK, None)
    await profile_services.close()


async def test_what_was_half_read_is_so_after_a_restart(stage_for: MakeStage) -> None:
    stage = stage_for(files=300, locales=6)
    profile_services, _, watch = await watched(stage)
    await watch.look()
    await profile_services.close()
    again, gateway, watch = await watched(stage)
    health = again.state.snapshot().health[Service.BEEBOX]
    assert health.part == Part(1000, 1800)
    assert len(again.state.beebox) == 1000
    gateway.seconds = 0.1
    await watch.look()
    assert shown(again).part is None
    assert parts_left(stage.store) == {}
    await again.close()


async def test_a_reading_that_breaks_off_stays_a_part(stage_for: MakeStage) -> None:
    stage = stage_for(files=300, locales=6)
    profile_services, gateway, watch = await watched(stage)
    gateway.breaks_at = 1000
    gateway.seconds = 0.1
    with pytest.raises(ServerFault):
        await watch.look()
    profile_services.health[Service.BEEBOX].failed(ServerFault("the server is on fire", status=500))
    health = profile_services.state.snapshot().health[Service.BEEBOX]
    assert (health.word, health.part) == (HealthWord.DOWN, Part(1000, 1800))
    assert parts_left(stage.store) == {Service.BEEBOX: Part(1000, 1800)}
    await profile_services.close()


async def test_new_files_by_the_thousand_make_a_part_of_what_is_known(stage_for: MakeStage) -> None:
    stage = stage_for(files=300, locales=6)
    profile_services, gateway, watch = await watched(stage)
    gateway.seconds = 0.1
    await watch.look()
    assert profile_services.state.parts.get(Service.BEEBOX) is None
    # as if it had been a smaller project when it was read whole
    watch._totals = {0: 600}
    gateway.seconds = 1.0
    await watch.look()
    assert shown(profile_services).part == Part(500, 1800)
    await profile_services.close()


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"garbles": True}, Part(1796, 1800, why="4 records cannot be read")),
        ({"ends_at": 1000}, Part(1000, 1800, why="the server gave no more")),
    ],
)
async def test_what_never_comes_is_told_and_takes_nothing_for_removed(
    stage_for: MakeStage, change: dict[str, Any], part: Part
) -> None:
    stage = stage_for(files=300, locales=6)
    profile_services, gateway, watch = await watched(stage)
    gateway.seconds = 0.1
    vars(gateway).update(change)
    await watch.look()
    assert not watch.passing
    assert shown(profile_services).part == part
    assert profile_services.state.beebox_whole_at is None
    await profile_services.close()


async def test_one_reading_for_a_command_says_what_it_did_not_get(stage_for: MakeStage) -> None:
    stage = stage_for(files=300, locales=6)
    profile_services, gateway, watch = await watched(stage)
    gateway.seconds, gateway.garbles = 0.1, True
    once = SinglePass(profile_services.state, {Service.BEEBOX: watch}, stage.clock, None)
    readings = await once.read(0.0)
    assert readings[Service.BEEBOX].note == "read 1 796 of 1 800: 4 records cannot be read"
    await profile_services.close()


async def test_flex_is_a_part_until_every_document_has_answered(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_until(lambda: len(stage.latest.flex_documents) > 1, 60)
        health = stage.latest.health[Service.FLEX]
        assert health.part == Part(0, len(stage.latest.flex_documents), "documents")
        assert health.word is HealthWord.CONNECTING


@pytest.mark.parametrize("left", ["", "[", "[1]", '{"beebox":{}}', '{"moon":{"read":1}}', '{"beebox":7}'])
async def test_what_cannot_be_read_of_the_store_is_no_part(stage: Stage, left: str) -> None:
    stage.store.remember(PARTS, left)
    assert parts_left(stage.store) == {}
