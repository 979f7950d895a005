"""What was sent so lately that its service may not list it yet: asked for again, and never called removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.items import instant_request
from tests.world import Stage
from wbtui.domain.model import FINISHED, NOT_KNOWN_YET, Action, Service, State
from wbtui.domain.records import Tracked
from wbtui.simulator.api import Service as ServiceName
from wbtui.simulator.http_messages import Reply, Request, json_reply


async def test_an_unknown_id_is_asked_for_ten_minutes_and_then_removed(stage: Stage) -> None:
    stage.store.track([Tracked(777)], stage.clock.now())
    began = stage.clock.now()
    async with stage.monitoring():
        await stage.clock.run_for(300.0)
    async with stage.monitoring():  # a restart forgets none of it
        [operation] = [o for o in stage.latest.operations if o.request_id == 777]
        assert (operation.state, operation.reading.status) == (State.UNKNOWN, "not known yet")
        await stage.clock.run_for(3600.0)
    [operation] = [o for o in stage.latest.operations if o.request_id == 777]
    assert operation.state is State.REMOVED
    asked = [e.at for e in stage.log("translator", "trm/status") if e.query["requestid"] == "777"]
    assert [round((at - began).total_seconds()) for at in asked] == [0, 30, 150, 450, 600]
    [told] = [e.text for e in stage.latest.events if "yet" in e.text]
    assert told.startswith("Operation 777 is not known to the server yet: asked again at ")


async def test_an_id_that_was_tracked_long_ago_is_removed_at_the_first_word(stage: Stage) -> None:
    stage.store.track([Tracked(777)], stage.clock.now() - timedelta(minutes=11))
    async with stage.monitoring():
        await stage.clock.run_for(600.0)
    [operation] = [o for o in stage.latest.operations if o.request_id == 777]
    assert operation.state is State.REMOVED
    assert len([e for e in stage.log("translator", "trm/status") if e.query["requestid"] == "777"]) == 1


async def test_an_operation_that_the_server_comes_to_know_goes_on_as_every_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, began = stage.face.answer, stage.clock.now()

    def late(service: ServiceName, request: Request, now: datetime) -> Reply:
        if request.value("requestid") == "5024" and (now - began).total_seconds() < 100.0:
            return json_reply({"error": {"title": "Operation not found."}, "reason": "words"}, 400)
        return answer(service, request, now)

    monkeypatch.setattr(stage.face, "answer", late)
    stage.store.track([Tracked(5024)], began)
    async with stage.monitoring():
        await stage.clock.run_for(90.0)
        assert [o.reading.status for o in stage.latest.operations if o.request_id == 5024] == [NOT_KNOWN_YET]
        await stage.clock.run_for(900.0)
    [operation] = [o for o in stage.latest.operations if o.request_id == 5024]
    assert operation.state in FINISHED - {State.REMOVED}
    assert operation.finished_at is not None


async def test_an_answer_without_a_word_is_asked_for_again_at_the_floor_then_ever_more_rarely(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, asked, began = stage.face.answer, list[float](), stage.clock.now()

    def empty(service: ServiceName, request: Request, now: datetime) -> Reply:
        if request.value("requestid") != "5024":
            return answer(service, request, now)
        asked.append((now - began).total_seconds())
        return json_reply({"trm": None} if len(asked) % 2 else {}, 200)

    monkeypatch.setattr(stage.face, "answer", empty)
    stage.store.track([Tracked(5024)], began)
    async with stage.monitoring():
        await stage.clock.run_for(300.0)
    gaps = [round(b - a) for a, b in pairwise(asked)]
    assert gaps == [5, 10, 20, 40, 60, 60, 60]


async def test_a_request_that_was_just_sent_is_not_known_yet_for_ten_minutes(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_for(5.0)
    sent = stage.clock.now()
    made = instant_request(999, state=State.WAITING, sent_at=sent, seen_at=sent, changed_at=sent)
    stage.store.save(Service.INSTANT, [made])
    async with stage.monitoring():
        await stage.clock.run_for(60.0)
        [request] = [r for r in stage.latest.instant if r.request_id == 999]
        assert (request.state, request.status) == (State.UNKNOWN, NOT_KNOWN_YET)
        await stage.clock.run_for(600.0)
    [request] = [r for r in stage.latest.instant if r.request_id == 999]
    assert request.state is State.REMOVED


async def test_a_beebox_file_that_was_just_sent_again_is_not_missing(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_for(10.0)
    old = replace(stage.latest.beebox[0], path="ghost.docx", state=State.READY)
    again = replace(old, key="bb:fr:again.docx", asked=Action.RETRY, asked_at=stage.clock.now())  # type: ignore[arg-type]
    stage.store.save(Service.BEEBOX, [again, replace(old, key="bb:fr:ghost.docx")])  # type: ignore[arg-type]
    async with stage.monitoring():
        await stage.clock.run_for(90.0)
        states = {f.key: f.state for f in stage.latest.beebox}
        assert (states[again.key], states["bb:fr:ghost.docx"]) == (State.READY, State.REMOVED)  # type: ignore[index]
        await stage.clock.run_for(1800.0)
    assert {f.key: f.state for f in stage.latest.beebox}[again.key] is State.REMOVED
