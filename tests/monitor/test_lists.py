"""The lists that shift, shrink and grow while they are read: Beebox passes, IT requests, trm/list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tests.items import instant_request
from tests.world import Stage
from wbtui.domain.commands import Refresh
from wbtui.domain.item_keys import instant_key
from wbtui.domain.model import FINISHED, FLEX_QUERY, Service, State
from wbtui.domain.ports import BeeboxGateway, BeeboxPage, BeeboxSession
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import HealthWord
from wbtui.monitor.pollers.beebox import BeeboxPoller, BeeboxScope, pass_queries
from wbtui.monitor.pollers.beebox_queries import Query
from wbtui.simulator.api import Service as ServiceName
from wbtui.simulator.http_messages import Reply, Request
from wbtui.wordbee import translator

MakeStage = Callable[..., Stage]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (BeeboxScope(), (Query(),)),
        (BeeboxScope(locales=("fr", "de")), (Query("fr"), Query("de"))),
        (BeeboxScope(paths=("a", "b")), (Query("", ("a", "b")),)),
        (BeeboxScope(locales=("fr",), paths=("a",)), (Query("fr", ("a",)),)),
    ],
)
def test_the_filters_of_a_scope(scope: BeeboxScope, expected: tuple[Query, ...]) -> None:
    assert pass_queries(scope) == expected


def test_many_paths_are_cut_into_calls_of_five_hundred() -> None:
    paths = tuple(f"f{n}" for n in range(1201))
    assert [len(query.paths) for query in pass_queries(BeeboxScope(paths=paths))] == [500, 500, 201]


async def test_between_full_passes_only_the_unfinished_are_asked_for_in_few_requests(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_for(70.0)
        before = len(stage.log("beebox"))
        await stage.clock.run_for(60.0)
        told = stage.log("beebox")[before:]
    assert len(told) <= 5
    posted = [e for e in told if e.method == "POST" and e.path.endswith("translatedfiles")]
    assert posted
    assert all(e.body["filter"]["filePaths"] for e in posted)


async def test_locales_and_patterns_of_the_profile_are_asked_for(stage: Stage) -> None:
    assert stage.profile.beebox is not None
    beebox = replace(stage.profile.beebox, locales=("fr", "de"), pattern="^batch-7")
    async with stage.monitoring(beebox=beebox):
        await stage.clock.run_for(10.0)
    assert stage.latest.beebox
    assert {f.locale for f in stage.latest.beebox} == {"fr", "de"}
    assert all(f.path.startswith("batch-7") for f in stage.latest.beebox)


async def test_a_long_list_is_read_in_pages_and_ends_complete(stage_for: MakeStage) -> None:
    stage = stage_for(files=300, locales=6)
    async with stage.monitoring():
        await stage.clock.run_until(lambda: len(stage.latest.beebox) == 1800, 120)
    pages = [(e.query["skip"], e.query["count"]) for e in stage.log("beebox", "translatedfiles")]
    assert pages[:3] == [("0", "500"), ("500", "1000"), ("1500", "2000")]


async def test_a_file_is_removed_after_two_complete_passes_without_it(stage: Stage) -> None:
    async with stage.monitoring():
        await stage.clock.run_for(10.0)
    ghost = replace(stage.latest.beebox[0], key="bb:fr:ghost.docx", path="ghost.docx", state=State.READY)  # type: ignore[arg-type]
    stage.store.save(Service.BEEBOX, [ghost])
    async with stage.monitoring():
        await stage.clock.run_for(10.0)
        assert _state(stage, "bb:fr:ghost.docx") is State.READY
        await stage.clock.run_for(75.0)
        assert _state(stage, "bb:fr:ghost.docx") is State.REMOVED


class Garbled(BeeboxGateway):
    """A Beebox one record of which cannot be read, as long as `garbles`."""

    def __init__(self, gateway: BeeboxGateway) -> None:
        self.gateway = gateway
        self.garbles = True

    @asynccontextmanager
    async def session(self) -> AsyncIterator[BeeboxSession]:
        async with self.gateway.session() as session:
            page = session.page

            async def garbled(**asked: Any) -> BeeboxPage:
                found = await page(**asked)
                return replace(found, files=found.files[1:]) if self.garbles else found

            session.page = garbled  # type: ignore[method-assign]
            yield session


async def test_the_list_counts_as_whole_since_a_look_at_all_began_that_could_read_all(stage: Stage) -> None:
    profile_services = await stage.profile_services()
    gateway = Garbled(profile_services.gateways.beebox)  # type: ignore[arg-type]
    watch = BeeboxPoller(gateway, profile_services.state, stage.clock, scope=BeeboxScope(), poll_seconds=60.0)
    await watch.look()
    assert not watch.passing
    assert profile_services.state.beebox_whole_at is None
    gateway.garbles = False
    began = stage.clock.now()
    watch.request_refresh()
    await watch.look()
    assert profile_services.state.beebox_whole_at == began
    await profile_services.close()


def _state(stage: Stage, key: str) -> State:
    return next(f.state for f in stage.latest.beebox if f.key == key)


async def test_refresh_begins_a_full_pass(stage: Stage) -> None:
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(65.0)
        before = len(stage.log("beebox", "translatedfiles", "GET"))
        monitor.do(Refresh(Service.BEEBOX))
        await stage.clock.run_for(20.0)
        assert [
            e for e in stage.log("beebox", "translatedfiles", "GET")[before:] if e.query["count"] == "500"
        ]


async def test_files_in_error_are_asked_for_every_five_minutes(stage_for: MakeStage) -> None:
    stage = stage_for(autorun_seconds=1e6, files=150, locales=2)
    async with stage.monitoring():
        await stage.clock.run_for(10.0)
        failed = {f.path for f in stage.latest.beebox if f.state is State.FAILED}
        others = {
            f.path for f in stage.latest.beebox if f.state not in {State.FAILED, State.READY, State.CANCELLED}
        }
        only_failed = failed - others
        assert only_failed
        await stage.clock.run_for(280.0)
        assert not only_failed & _asked_paths(stage)
        await stage.clock.run_for(70.0)
        assert only_failed <= _asked_paths(stage)


def _asked_paths(stage: Stage) -> set[str]:
    posted = [e for e in stage.log("beebox", "translatedfiles", "POST") if e.body.get("filter")]
    return {path["Item2"] for e in posted for path in e.body["filter"].get("filePaths", [])}


async def test_requests_that_disappear_are_removed(stage_for: MakeStage) -> None:
    stage = stage_for(removal_share=0.5)
    async with stage.monitoring():
        await stage.clock.run_for(10.0)
        before = {r.key for r in stage.latest.instant}
        await stage.clock.run_for(2 * 3600.0)
    truth = {key for key in stage.world.truth(stage.clock.now()) if key.startswith("it:")}
    gone = before - truth
    assert gone
    states = {r.key: r.state for r in stage.latest.instant}
    assert {states[key] for key in gone} == {State.REMOVED}


async def test_a_request_that_is_sent_while_the_list_is_on_its_way_is_not_called_removed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile_services = await stage.profile_services()
    state, watch = profile_services.state, profile_services.pollers[Service.INSTANT]
    answer = stage.api.answer

    def answer_and_send(service: ServiceName, request: Request, now: datetime) -> Reply:
        reply = answer(service, request, now)
        if request.path.endswith("it/requests"):
            state.put(Service.INSTANT, [instant_request(4711)])
        return reply

    monkeypatch.setattr(stage.api, "answer", answer_and_send)
    await watch.look()
    await profile_services.close()
    assert state.instant[instant_key(4711)].state is State.RUNNING


async def test_no_instant_call_is_made_while_nothing_is_unfinished(stage_for: MakeStage) -> None:
    stage = stage_for(requests=0)
    async with stage.monitoring():
        await stage.clock.run_for(3000.0)
    assert len(stage.log("instant", "it/requests")) == 1


async def test_list_minutes_0_asks_for_the_full_list_once(stage: Stage) -> None:
    assert stage.profile.instant is not None
    async with stage.monitoring(instant=replace(stage.profile.instant, list_minutes=0)):
        await stage.clock.run_for(2 * 3600.0)
    assert len([e for e in stage.log("instant", "it/requests") if not e.query.get("ids")]) == 1


async def test_a_server_with_trm_list_tells_of_operations_by_itself(stage_for: MakeStage) -> None:
    stage = stage_for(trm_list=True, foreign_seconds=30.0)
    async with stage.monitoring():
        await stage.clock.run_for(600.0)
    assert len(stage.latest.operations) > 24
    assert [o for o in stage.latest.operations if o.state in FINISHED]


async def test_a_list_that_is_longer_than_what_is_read_of_it_is_said_once(
    stage_for: MakeStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translator, "PAGE", 2)
    stage = stage_for(trm_list=True, operations=14)
    async with stage.monitoring():
        await stage.clock.run_for(300.0)
    assert [e.text for e in stage.latest.events if "more than wbtui reads" in e.text] == [
        "the server lists 4 operations more than wbtui reads of its list; add those by their ids"
    ]
    assert len([o for o in stage.latest.operations if o.kind != FLEX_QUERY]) == 10


async def test_a_server_without_trm_list_is_asked_twice_and_then_once_a_week(stage_for: MakeStage) -> None:
    stage = stage_for(operations=0)
    day = 86400.0
    for away, watched, asked in ((0, 600, 1), (60, 600, 1), (60, 3600, 2), (6 * day, 600, 2), (day, 600, 3)):
        await stage.clock.run_for(away)
        async with stage.monitoring():
            await stage.clock.run_for(watched)
        assert len(stage.log("translator", "trm/list")) == asked


async def test_one_web_page_in_the_place_of_trm_list_hides_it_for_an_hour(stage_for: MakeStage) -> None:
    stage = stage_for(trm_list=True, foreign_seconds=30.0)
    stage.transport.pages_for["trm/list"] = 1
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(600.0)
        known = len(stage.latest.operations)
        await stage.clock.run_for(2400.0)
        monitor.do(Refresh(Service.OPERATIONS))
        await stage.clock.run_for(60.0)
        assert len(stage.latest.operations) == known
        await stage.clock.run_for(1800.0)
        assert len(stage.latest.operations) > known


async def test_a_server_that_hangs_up_on_trm_list_still_tells_of_its_operations(stage: Stage) -> None:
    stage.transport.hangs_up_on.add("trm/list")
    stage.store.track([Tracked(number) for number in stage.world.operation_ids()], stage.clock.now())
    async with stage.monitoring():
        await stage.clock.run_for(60.0)
        assert stage.latest.health[Service.OPERATIONS].word is HealthWord.OK
        assert [o for o in stage.latest.operations if o.state in FINISHED]
        await stage.clock.run_for(7200.0)
    assert not [e for e in stage.latest.events if "broke off" in e.text]
    assert 2 <= stage.transport.hung_up <= 3


async def test_what_another_process_tracks_is_picked_up(stage: Stage, tmp_path: object) -> None:
    from wbtui.store import open_store

    async with stage.monitoring():
        await stage.clock.run_for(10.0)
        other = open_store(stage.path)
        other.track([Tracked(5003, label="from a pipeline")], stage.clock.now())
        other.close()

        def picked_up() -> bool:
            stage.store.flush()  # while it is being written, the file tells of nothing new, and time flies
            return any(o.label == "from a pipeline" for o in stage.latest.operations)

        await stage.clock.run_until(picked_up, limit=600)
        assert any("tracked by another wbtui" in e.text for e in stage.latest.events)


async def test_operations_that_finished_a_week_ago_leave_the_list(stage: Stage) -> None:
    stage.store.track([Tracked(5001)], stage.clock.now())
    async with stage.monitoring():
        await stage.clock.run_for(60.0)
        assert any(o.request_id == 5001 for o in stage.latest.operations)
    stage.clock.elapsed += 8 * 86_400
    async with stage.monitoring():
        assert not any(o.request_id == 5001 for o in stage.latest.operations)


async def test_operations_leave_the_list_also_while_the_program_runs(stage: Stage) -> None:
    stage.store.track([Tracked(5001)], stage.clock.now())
    async with stage.monitoring():
        await stage.clock.run_for(60.0)
        assert any(o.request_id == 5001 for o in stage.latest.operations)
        stage.clock.elapsed += 8 * 86_400
        await stage.clock.run_for(10.0)
        assert not any(o.request_id == 5001 for o in stage.latest.operations)
        assert any(o.request_id == 5001 for o in stage.store.operations())
