"""A service that refused its log-in is asked again with the secret that was typed, the others go on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.world import make_stage
from wbtui.app.services import connected
from wbtui.app.stored_state import make_state
from wbtui.domain.credentials import Account, Secret
from wbtui.domain.model import Service
from wbtui.domain.snapshot import HealthWord

RIGHT = {
    Account.TRANSLATOR: ("WBTUI_TRANSLATOR_KEY", {Service.OPERATIONS, Service.FLEX}),
    Account.BEEBOX: ("WBTUI_BEEBOX_PASSWORD", {Service.BEEBOX}),
    Account.INSTANT: ("WBTUI_INSTANT_PASSWORD", {Service.INSTANT}),
}


@pytest.mark.parametrize("wrong", ["wrong", ""])
@pytest.mark.parametrize("account", list(Account))
async def test_a_secret_that_was_typed_brings_its_services_back(
    tmp_path: Path, account: Account, wrong: str
) -> None:
    stage = make_stage(tmp_path)
    variable, services = RIGHT[account]
    right = stage.env[variable]
    stage.env[variable] = wrong
    state = make_state(stage.profile, stage.store, stage.clock, stage.seen.append)
    profile_services = await connected(state, stage.store, stage.environment(), stage.profile)
    monitor = profile_services.monitor()
    task = asyncio.create_task(monitor.run())
    try:
        await stage.clock.run_for(40)
        assert {s for s in Service if stage.latest.health[s].word is HealthWord.LOGIN} == services
        await monitor.replace_pollers(await profile_services.replace_credentials(account, Secret(right)))
        await stage.clock.run_for(180)  # Flex has been read once its query has waited in the queue
        assert HealthWord.LOGIN not in {stage.latest.health[s].word for s in Service}
        assert all(stage.latest.health[s].read_at is not None for s in services)
    finally:
        task.cancel()
        await asyncio.wait({task})
        await profile_services.close()
        stage.store.close()
