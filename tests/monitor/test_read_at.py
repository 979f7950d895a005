"""`read_at` and `seen_at` are when the server was asked, however long its answer takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest

from tests.world import InProcess, Stage
from wbtui.domain.model import FLEX_QUERY, Service
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import HealthWord
from wbtui.monitor.stored_health import behind_poller, leave_healths, left_healths
from wbtui.store.lock import Holder

MakeStage = Callable[..., Stage]
SLOW = 7.0
PATHS = {
    Service.OPERATIONS: "trm/status",
    Service.BEEBOX: "translatedfiles",
    Service.INSTANT: "it/requests",
}


class Slow(InProcess):
    """Answers what was asked `SLOW` seconds ago, and knows when that was."""

    asked: dict[str, datetime]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = next((p for p in PATHS.values() if request.url.path.endswith(p)), None)
        if path is None:
            return await super().handle_async_request(request)
        self.asked.setdefault(path, self.clock.now())
        await self.clock.sleep(SLOW)
        return await super().handle_async_request(request)


@pytest.mark.parametrize("service", list(PATHS))
async def test_it_is_the_time_of_asking_with_a_slow_server(stage_for: MakeStage, service: Service) -> None:
    stage = stage_for(operations=1, files=1, requests=1, locales=1, autorun_seconds=1e6, edit_seconds=0.0)
    stage.transport = slow = Slow(stage.api, stage.clock)
    slow.asked = {}
    stage.store.track([Tracked(n) for n in stage.world.operation_ids()], stage.clock.now())

    def seen() -> set[datetime | None]:
        items = stage.latest.items(service)
        return {item.seen_at for item in items if getattr(item, "kind", "") != FLEX_QUERY}

    async with stage.monitoring():
        await stage.clock.run_until(lambda: bool(seen()) and None not in seen(), 60)
        asked = slow.asked[PATHS[service]]
        assert seen() == {asked}
        await stage.clock.run_until(lambda: stage.latest.health[service].word is HealthWord.OK, 5)
        read_at = stage.latest.health[service].read_at
        assert read_at is not None
        assert abs(read_at - asked) < timedelta(seconds=1)


async def test_the_time_of_reading_is_left_in_the_store_at_most_twice_a_minute(stage_for: MakeStage) -> None:
    stage = stage_for(edit_seconds=0.0, autorun_seconds=1e6)
    written: list[str] = []
    remember = stage.store.remember

    def noted(name: str, value: str, *, synced: bool = True) -> None:
        written.extend([name] if name == "health" else [])
        remember(name, value, synced=synced)

    stage.store.remember = noted  # type: ignore[method-assign]
    profile_services = await stage.profile_services()
    profile_services.state._publish = leave_healths(stage.store, stage.seen.append)
    monitor = profile_services.monitor()
    task = asyncio.create_task(monitor.run())
    await stage.clock.run_for(600.0)
    behind = behind_poller(stage.store, list(Service), Holder(7).words())
    before = len(written)
    await stage.clock.run_for(600.0)
    task.cancel()
    await asyncio.wait({task})
    await profile_services.close()
    assert len(written) - before <= 600 / 30 + 2
    now = stage.clock.now()
    for service, health in behind.items():
        assert health.read_at is not None, service
        left = left_healths(stage.store)[service].read_at
        assert left is not None
        assert left > health.read_at or service is Service.OPERATIONS
    assert now - timedelta(seconds=120) < max(
        h.read_at for h in left_healths(stage.store).values() if h.read_at
    )
