"""Faults: each says so at its service, the others go on, and recovery needs no help."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.world import Stage
from wbtui.domain.commands import Pause, Refresh, Resume
from wbtui.domain.model import FINISHED, Service, State
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import HealthWord, Level
from wbtui.simulator.api import Service as ServiceName
from wbtui.simulator.http_messages import Reply, Request, json_reply

MakeStage = Callable[..., Stage]


def word(stage: Stage, service: Service) -> HealthWord:
    return stage.latest.health[service].word


async def test_a_service_that_is_down_keeps_its_data_and_comes_back_alone(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_for(60.0)
        files = stage.latest.beebox
        stage.transport.down.add("beebox.test")
        await stage.clock.run_for(3600.0)
        assert word(stage, Service.BEEBOX) is HealthWord.DOWN
        assert stage.latest.health[Service.BEEBOX].next_at is not None
        assert len(stage.latest.beebox) == len(files)
        assert word(stage, Service.INSTANT) is HealthWord.OK
        outages = [e for e in stage.latest.events if e.source == "beebox" and e.level is not Level.INFO]
        assert len(outages) == 1
        assert outages[0].count > 5
        stage.transport.down.clear()
        await stage.clock.run_for(400.0)
        assert word(stage, Service.BEEBOX) is HealthWord.OK
        said = [e.text for e in stage.latest.events if e.source == "beebox"]
        assert [text for text in said if re.match("answers again after [56]. min", text)]


@pytest.mark.parametrize(
    ("variable", "unavailable", "others"),
    [
        ("WBTUI_TRANSLATOR_KEY", {Service.OPERATIONS, Service.FLEX}, {Service.BEEBOX, Service.INSTANT}),
        ("WBTUI_BEEBOX_PASSWORD", {Service.BEEBOX}, {Service.OPERATIONS, Service.INSTANT}),
        ("WBTUI_INSTANT_PASSWORD", {Service.INSTANT}, {Service.OPERATIONS, Service.BEEBOX}),
    ],
)
async def test_wrong_credentials_stop_that_service_after_one_try(
    stage: Stage, variable: str, unavailable: set[Service], others: set[Service]
) -> None:
    stage.env[variable] = "wrong"
    async with stage.monitoring():
        await stage.clock.run_for(1800.0)
    for service in unavailable:
        assert word(stage, service) is HealthWord.LOGIN
        assert stage.latest.health[service].message
    for service in others:
        assert word(stage, service) is HealthWord.OK
    refused = [e for e in stage.api.log if e.status == 400 and ("auth" in e.path or "connect" in e.path)]
    assert len(refused) == 1


async def test_a_missing_secret_is_said_at_its_services(stage: Stage) -> None:
    del stage.env["WBTUI_INSTANT_PASSWORD"]
    async with stage.monitoring():
        await stage.clock.run_for(30.0)
    health = stage.latest.health[Service.INSTANT]
    assert health.word is HealthWord.LOGIN
    assert "no secret" in health.message
    assert not stage.log("instant")
    assert word(stage, Service.BEEBOX) is HealthWord.OK


async def test_a_service_that_is_not_configured_says_how_to_add_it(stage: Stage) -> None:
    async with stage.monitoring(beebox=None):
        await stage.clock.run_for(30.0)
    health = stage.latest.health[Service.BEEBOX]
    assert health.word is HealthWord.OFF
    assert "[profiles.acme.beebox]" in health.advice
    assert not stage.log("beebox")


async def test_html_instead_of_json_is_a_fault_in_words(stage: Stage) -> None:
    page = Reply(502, (("Content-Type", "text/html"),), b"<html><h1>Bad Gateway</h1></html>")
    stage.api.broken["instant"] = page
    async with stage.monitoring():
        await stage.clock.run_for(30.0)
    health = stage.latest.health[Service.INSTANT]
    assert health.word is HealthWord.DOWN
    assert "502" in health.message


async def test_an_allowance_used_up_by_others_is_rested_out(stage_for: MakeStage) -> None:
    stage = stage_for(calls_per_hour=300, other_calls_per_hour=290, operations=60, finished_share=0.0)
    async with stage.monitoring():
        await stage.clock.run_for(900.0)
    refused = [e for e in stage.log("translator") if e.status == 429]
    assert refused
    assert len(refused) <= 10
    times = [e.at.timestamp() for e in refused]
    assert all(b - a >= 10 for a, b in pairwise(times))
    texts = " ".join(e.text for e in stage.latest.events)
    assert "others use this key" in texts


async def test_pause_makes_no_call_and_leaves_no_session(stage: Stage) -> None:
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(61.0)
        assert monitor.do(Pause()) == "paused"
        await stage.clock.run_for(1.0)
        before = len(stage.api.log)
        await stage.clock.run_for(600.0)
        assert len(stage.api.log) == before
        assert set(stage.world.open_sessions(stage.clock.now()).values()) == {0}
        paused = stage.latest
        assert paused.paused_at == stage.clock.now() - timedelta(seconds=601)
        assert {h.word for h in paused.health.values()} == {HealthWord.PAUSED}
        assert monitor.do(Refresh()).startswith("paused")
        monitor.do(Resume())
        await stage.clock.run_for(120.0)
        assert stage.latest.paused_at is None
        assert len(stage.api.log) > before


async def test_a_beebox_session_that_could_not_be_closed_is_closed_at_the_next_chance(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = stage.api.answer

    def broken(service: ServiceName, request: Request, now: datetime) -> Reply:
        return Reply(503) if request.path.endswith("disconnect") else answer(service, request, now)

    monkeypatch.setattr(stage.api, "answer", broken)
    async with stage.monitoring():
        await stage.clock.run_for(1.0)
        assert stage.world.open_sessions(stage.clock.now())["beebox"] == 1
        monkeypatch.undo()
        await stage.clock.run_for(61.0)
        assert stage.world.open_sessions(stage.clock.now())["beebox"] == 0


@pytest.mark.parametrize(("times", "removed"), [(1, False), (1000, True)])
async def test_a_refusal_that_does_not_name_the_operation_removes_it_only_the_second_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, times: int, removed: bool
) -> None:
    answer, refusals = stage.api.answer, [json_reply({"error": {"title": "words"}}, 400)] * times

    def refusing(service: ServiceName, request: Request, now: datetime) -> Reply:
        own = request.path.endswith("trm/status") and request.value("requestid") == "5001"
        return refusals.pop() if own and refusals else answer(service, request, now)

    monkeypatch.setattr(stage.api, "answer", refusing)
    stage.store.track([Tracked(5001)], stage.clock.now() - timedelta(minutes=11))
    async with stage.monitoring():
        await stage.clock.run_for(300.0)
    [operation] = [o for o in stage.latest.operations if o.request_id == 5001]
    assert (operation.state is State.REMOVED) == removed
    assert operation.state in FINISHED
    assert len(refusals) in {0, times - 2}


async def test_cancelling_in_the_middle_of_a_beebox_round_closes_the_session(stage: Stage) -> None:
    caught = False
    for ticks in range(1, 60):
        caught = await _cancel_after(stage, ticks) or caught
        assert stage.world.open_sessions(stage.clock.now()) == {"translator": 0, "beebox": 0, "instant": 0}
    assert caught, "no cancellation hit an open session"


async def _cancel_after(stage: Stage, ticks: int) -> bool:
    import asyncio

    profile_services = await stage.profile_services()
    task = asyncio.create_task(profile_services.monitor().run())
    for _ in range(ticks):
        await asyncio.sleep(0)
    was_open = stage.world.open_sessions(stage.clock.now())["beebox"] > 0
    task.cancel()
    await asyncio.wait({task})
    await profile_services.close()
    return was_open


async def test_refresh_keeps_the_floors_and_says_when(stage: Stage) -> None:
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(30.0)
        rounds = len(stage.log("beebox", "/connect"))
        assert monitor.do(Refresh(Service.BEEBOX)) in {"asked"} or "next allowed" in monitor.do(
            Refresh(Service.BEEBOX)
        )
        words = [monitor.do(Refresh(Service.BEEBOX)) for _ in range(20)]
        await stage.clock.run_for(1.0)
        words += [monitor.do(Refresh(Service.BEEBOX)) for _ in range(20)]
        await stage.clock.run_for(1.0)
        assert len(stage.log("beebox", "/connect")) <= rounds + 1
        assert any("next allowed" in each for each in words)
        assert monitor.do(Refresh(Service.FLEX))


async def test_refresh_of_a_service_that_is_not_set_up_says_so(stage: Stage) -> None:
    async with stage.monitoring(instant=None) as monitor:
        assert "not set up" in monitor.do(Refresh(Service.INSTANT))


async def test_a_jump_of_the_clock_marks_all_as_old(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_for(20.0)
        stage.clock.skew += 7200.0
        await stage.clock.run_for(2.1)
        texts = [e.text for e in stage.latest.events]
        assert any("the clock moved by 7200 s" in text for text in texts)


async def test_a_process_that_was_stopped_marks_all_as_old_before_it_looks(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_for(20.0)
        seen = len(stage.seen)
        stage.clock.elapsed += 3650.0  # less the seconds that the loop was about to wait
        await stage.clock.run_for(2.1)
        words = [{h.word for h in s.health.values()} for s in stage.seen[seen:]]
        assert {HealthWord.OLD} in words
        assert any("stood still for 36" in e.text for e in stage.latest.events)
        assert word(stage, Service.INSTANT) is HealthWord.OK


async def test_unexpected_errors_end_the_loop_loudly(stage: Stage) -> None:
    profile_services = await stage.profile_services()
    monitor = profile_services.monitor()

    async def broken() -> None:
        raise ZeroDivisionError

    profile_services.pollers[Service.BEEBOX].look = broken  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        await monitor.run()
    await profile_services.close()


async def test_a_profile_in_which_one_service_has_the_wrong_url_says_so(stage: Stage) -> None:
    assert stage.profile.beebox is not None
    beebox = replace(stage.profile.beebox, url="http://instant.test")
    async with stage.monitoring(beebox=beebox):
        await stage.clock.run_for(30.0)
    assert word(stage, Service.BEEBOX) in {HealthWord.DOWN, HealthWord.LOGIN}
    assert stage.latest.health[Service.BEEBOX].message


async def test_a_clock_that_is_set_back_does_not_freeze_what_is_shown(stage: Stage) -> None:
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(90.0)
        stage.clock.skew -= 7200.0
        await stage.clock.run_for(2.1)
        now = stage.clock.now()
        times = map(stage.latest.read_times.of, stage.latest.beebox)
        assert all(at <= now for at in times if at)
        monitor.do(Refresh(Service.BEEBOX))
        await stage.clock.run_for(120.0)
        seen = [stage.latest.read_times.of(file) for file in stage.latest.beebox]
        assert all(at is not None and at > now for at in seen), "every file was read again"


async def test_a_store_from_the_future_is_read_anew(stage: Stage) -> None:
    stage.clock.skew = 86_400.0
    async with stage.monitoring():
        await stage.clock.run_for(60.0)
    stage.clock.skew = 0.0
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(60.0)
        monitor.do(Refresh(Service.BEEBOX))
        before = stage.clock.now()
        await stage.clock.run_for(120.0)
        after = stage.clock.now()
        times = map(stage.latest.read_times.of, stage.latest.beebox)
        assert all(at and before < at < after for at in times)


async def test_one_unreadable_record_takes_no_file_away(stage: Stage) -> None:
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(60.0)
        files = {file.key for file in stage.latest.beebox}
        answer = stage.api.answer

        def shortened(service: str, request: object, now: datetime) -> Reply:
            reply = answer(service, request, now)  # type: ignore[arg-type]
            body = json.loads(reply.body) if b'"files"' in reply.body else {}
            if len(body.get("files", ())) < 2:
                return reply
            body["files"][0]["locale"] = None
            return replace(reply, body=json.dumps(body).encode())

        stage.api.answer = shortened  # type: ignore[method-assign]
        for _ in range(3):
            monitor.do(Refresh(Service.BEEBOX))
            await stage.clock.run_for(120.0)
        assert {f.key for f in stage.latest.beebox if f.state is not State.REMOVED} == files
