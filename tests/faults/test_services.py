"""Each fault before each service: what the user sees, that the others go on, and that it ends by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from tests.faults.kinds import FAULTS, TLS, Kind
from tests.faults.scenarios import SEEN, Seen
from tests.faults.trial import SERVICES_OF, Trial, check_secrets
from wbtui.domain.model import HealthWord, Service, State
from wbtui.domain.records import Tracked
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
    trial = Trial(tmp_path)
    seen = UNREAD.get((name, host), SEEN[name])
    mine, others = SERVICES_OF[host][0], [s for h, all_ in SERVICES_OF.items() if h != host for s in all_]
    async with trial.stage.monitoring() as monitor:
        monitor.track([Tracked(number) for number in trial.stage.world.operation_ids()])
        await trial.until_ok(Service)
        before = trial.stage.latest.items(mine)
        trial.wire.always[host] = FAULTS[name].after_log_in()
        monitor.refresh(None)
        await trial.until_seen(host, seen)
        assert seen.words in trial.stage.latest.health[mine].message
        assert trial.all_ok(others), "the others go on"
        if seen.word is not HealthWord.OK:
            assert trial.stage.latest.health[mine].next_at is not None
            now = {item.key: item.state for item in trial.stage.latest.items(mine)}
            assert all(now[item.key] is not State.REMOVED for item in before), "what is known stays"
        trial.wire.always.clear()
        await trial.until_ok(SERVICES_OF[host])
        _check_activity(trial, mine, seen)
    assert set(trial.stage.world.open_sessions(trial.stage.clock.now()).values()) == {0}
    check_secrets(trial)
    trial.stage.store.close()


def _check_activity(trial: Trial, service: Service, seen: Seen) -> None:
    outages = trial.outages(service)
    if seen.word is HealthWord.OK:
        assert not outages
        return
    assert len(outages) == 1, "one entry for one outage"
    assert seen.words in outages[0].text
    ends = [text for text in trial.said(service) if text.startswith("answers again after")]
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
    trial = Trial(tmp_path)
    seen = LOGIN_SEEN.get(name, SEEN[name])
    async with trial.stage.monitoring() as monitor:
        await trial.until_ok([Service.BEEBOX])
        trial.wire.always["beebox"] = FAULTS[name]
        monitor.refresh(Service.BEEBOX)
        await trial.stage.clock.run_for(60.0)
        health = trial.stage.latest.health[Service.BEEBOX]
        assert (health.word, seen.words in health.message) == (seen.word, True)
        clear = FAULTS[name].kind in CLEAR and name != "204"
        assert ("15 minutes" in health.advice) is not clear
        trial.wire.always.clear()
        await trial.until_ok([Service.BEEBOX])
    check_secrets(trial)
    trial.stage.store.close()


async def test_lost_log_ins_leave_the_beebox_half_of_its_time(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    free = 0
    async with trial.stage.monitoring(translator=None, instant=None):
        await trial.until_ok([Service.BEEBOX])
        trial.wire.always["beebox"] = FAULTS["hung up after the work"]
        await trial.stage.clock.run_for(2400.0)
        for _ in range(30):
            await trial.stage.clock.run_for(120.0)
            free += not trial.open_sessions("beebox")
    assert free >= 12
    trial.stage.store.close()


@pytest.mark.parametrize("host", ["beebox", "instant"])
async def test_a_firewall_in_the_place_of_the_log_in_stops_nothing_for_good(
    tmp_path: Path, host: Host
) -> None:
    trial = Trial(tmp_path)
    (service,) = SERVICES_OF[host]
    async with trial.stage.monitoring(translator=None) as monitor:
        await trial.until_ok([service])
        trial.wire.always[host] = FAULTS["403 page"]
        monitor.refresh(service)
        await trial.stage.clock.run_for(900.0)
        assert trial.word(service) is HealthWord.DOWN
        assert len(trial.wire.met) < 12, "no storm of credentials"
        trial.wire.always.clear()
        await trial.until_ok([service], 400.0)
    trial.stage.store.close()


@pytest.mark.parametrize("name", ["503 for a while", "429 for seconds"])
@pytest.mark.parametrize("host", ["beebox", "instant"])
async def test_a_service_that_asks_for_time_gets_it(tmp_path: Path, name: str, host: Host) -> None:
    trial = Trial(tmp_path)
    (service,) = SERVICES_OF[host]
    async with trial.stage.monitoring(translator=None) as monitor:
        await trial.until_ok([service])
        trial.wire.always[host] = FAULTS[name]
        monitor.refresh(service)
        await trial.until_seen(host, replace(SEEN[name], tries=1))
        next_at = trial.stage.latest.health[service].next_at
        assert next_at is not None
        assert (next_at - trial.stage.clock.now()).total_seconds() == pytest.approx(90.0, abs=3.0)
        await trial.stage.clock.run_for(80.0)
        assert len(trial.wire.met) == 1
    trial.stage.store.close()
