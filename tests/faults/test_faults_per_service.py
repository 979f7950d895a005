"""Each fault of each service: what the user sees, that other services continue, and that it ends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from tests.faults.expected_words import SEEN, Seen
from tests.faults.fault_stage import SERVICES_OF, FaultStage, check_secrets
from tests.faults.kinds import FAULTS, TLS, Kind
from wbtui.domain.commands import Refresh, Track
from wbtui.domain.model import Service, State
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import HealthWord
from wbtui.simulator.api import Service as Host

UNREAD: Final = {
    # An operation whose state cannot be read is shown as it came and asked again: that is no outage.
    ("wrong types", "translator"): Seen(HealthWord.OK),
    ("missing fields", "translator"): Seen(HealthWord.OK),
}


HOURS: Final = "429 for ever"
"""Its hour takes seconds here, so one service has to do."""


@pytest.mark.parametrize(
    ("name", "host"), [(n, h) for n in FAULTS for h in SERVICES_OF if n != HOURS or h == "beebox"]
)
async def test_a_fault_after_the_log_in(tmp_path: Path, name: str, host: Host) -> None:
    stage = FaultStage(tmp_path)
    seen = UNREAD.get((name, host), SEEN[name])
    mine, others = SERVICES_OF[host][0], [s for h, all_ in SERVICES_OF.items() if h != host for s in all_]
    async with stage.stage.monitoring() as monitor:
        monitor.do(Track(tuple(Tracked(number) for number in stage.stage.world.operation_ids())))
        await stage.until_ok(Service)
        before = stage.stage.latest.items(mine)
        stage.wire.always[host] = FAULTS[name].after_log_in()
        monitor.do(Refresh())
        await stage.until_seen(host, seen)
        assert seen.words in stage.stage.latest.health[mine].message
        assert stage.all_ok(others), "the others go on"
        if seen.word is not HealthWord.OK:
            assert stage.stage.latest.health[mine].next_at is not None
            now = {item.key: item.state for item in stage.stage.latest.items(mine)}
            assert all(now[item.key] is not State.REMOVED for item in before), "what is known stays"
        stage.wire.always.clear()
        await stage.until_ok(SERVICES_OF[host])
        _check_activity(stage, mine, seen)
    assert set(stage.stage.world.open_sessions(stage.stage.clock.now()).values()) == {0}
    check_secrets(stage)
    stage.stage.store.close()


def _check_activity(stage: FaultStage, service: Service, seen: Seen) -> None:
    outages = stage.outages(service)
    if seen.word is HealthWord.OK:
        assert not outages
        return
    assert len(outages) == 1, "one entry for one outage"
    assert seen.words in outages[0].text
    ends = [text for text in stage.said(service) if text.startswith("answers again after")]
    tries = outages[0].count
    assert len(ends) == 1
    assert f"({tries} failed {'try' if tries == 1 else 'tries'})" in ends[0]


OF_LISTS: Final = frozenset({"wrong types", "missing fields"})
LOGIN_SEEN: Final = {
    # The forms of a log-in's answer are other than those of a list.
    "204": Seen(HealthWord.DOWN, "holds no token"),
    "empty": Seen(HealthWord.DOWN, "holds no token"),
    "html": Seen(HealthWord.DOWN, "a web page came in the place of the log-in's answer"),
    "garbled": Seen(HealthWord.DOWN, "holds no token"),
    "invalid utf-8": Seen(HealthWord.DOWN, "holds no token"),
    "deep": Seen(HealthWord.DOWN, "is larger than 64 KiB"),
    "big number": Seen(HealthWord.DOWN, "holds no token"),
    "huge": Seen(HealthWord.DOWN, "is larger than 64 KiB"),
    "endless": Seen(HealthWord.DOWN, "is larger than 64 KiB"),
}
CLEAR: Final = frozenset({Kind.REFUSED, Kind.STATUS, Kind.HTML, Kind.REDIRECT, *TLS})
"""Faults after which it is clear that the Beebox opened no session; an empty success is not."""


@pytest.mark.parametrize("name", [n for n in FAULTS if SEEN[n].word is HealthWord.DOWN and n not in OF_LISTS])
async def test_a_fault_of_the_beebox_s_log_in(tmp_path: Path, name: str) -> None:
    stage = FaultStage(tmp_path)
    seen = LOGIN_SEEN.get(name, SEEN[name])
    async with stage.stage.monitoring() as monitor:
        await stage.until_ok([Service.BEEBOX])
        stage.wire.always["beebox"] = FAULTS[name]
        monitor.do(Refresh(Service.BEEBOX))
        await stage.stage.clock.run_for(60.0)
        health = stage.stage.latest.health[Service.BEEBOX]
        assert (health.word, seen.words in health.message) == (seen.word, True)
        clear = FAULTS[name].kind in CLEAR and name != "204"
        assert ("15 minutes" in health.advice) is not clear
        stage.wire.always.clear()
        await stage.until_ok([Service.BEEBOX])
    check_secrets(stage)
    stage.stage.store.close()


async def test_lost_log_ins_leave_the_beebox_half_of_its_time(tmp_path: Path) -> None:
    stage = FaultStage(tmp_path)
    free = 0
    async with stage.stage.monitoring(translator=None, instant=None):
        await stage.until_ok([Service.BEEBOX])
        stage.wire.always["beebox"] = FAULTS["hung up after the work"]
        await stage.stage.clock.run_for(2400.0)
        for _ in range(30):
            await stage.stage.clock.run_for(120.0)
            free += not stage.open_sessions("beebox")
    assert free >= 12
    stage.stage.store.close()


@pytest.mark.parametrize("host", ["beebox", "instant"])
async def test_a_firewall_in_the_place_of_the_log_in_stops_nothing_for_good(
    tmp_path: Path, host: Host
) -> None:
    stage = FaultStage(tmp_path)
    (service,) = SERVICES_OF[host]
    async with stage.stage.monitoring(translator=None) as monitor:
        await stage.until_ok([service])
        stage.wire.always[host] = FAULTS["403 page"]
        monitor.do(Refresh(service))
        await stage.stage.clock.run_for(900.0)
        assert stage.word(service) is HealthWord.DOWN
        assert len(stage.wire.met) < 12, "no storm of credentials"
        stage.wire.always.clear()
        await stage.until_ok([service], 400.0)
    stage.stage.store.close()


@pytest.mark.parametrize("name", ["503 for a while", "429 for seconds"])
@pytest.mark.parametrize("host", ["beebox", "instant"])
async def test_a_service_that_asks_for_time_gets_it(tmp_path: Path, name: str, host: Host) -> None:
    stage = FaultStage(tmp_path)
    (service,) = SERVICES_OF[host]
    async with stage.stage.monitoring(translator=None) as monitor:
        await stage.until_ok([service])
        stage.wire.always[host] = FAULTS[name]
        monitor.do(Refresh(service))
        await stage.until_seen(host, replace(SEEN[name], tries=1))
        next_at = stage.stage.latest.health[service].next_at
        assert next_at is not None
        assert (next_at - stage.stage.clock.now()).total_seconds() == pytest.approx(90.0, abs=3.0)
        await stage.stage.clock.run_for(80.0)
        assert len(stage.wire.met) == 1
    stage.stage.store.close()
