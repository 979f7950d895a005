"""One poller per profile, on the fake clock: following, taking over, and staying out of the way."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from tests.world import Stage, make_stage
from wbtui.app.sharing import ProfileWatcher, ScreenHooks, WatchOptions
from wbtui.domain.commands import MonitorCommands, Track
from wbtui.domain.item_keys import instant_key
from wbtui.domain.model import InstantRequest, Service, State
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import Health, HealthWord, Part, Snapshot
from wbtui.monitor.stored_health import HEALTHS, behind_poller, leave_healths, leave_parts
from wbtui.store import SqliteStore, open_or_in_memory, open_store
from wbtui.store.lock import Holder, PollerLock


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return make_stage(tmp_path)


@asynccontextmanager
async def running(shared: ProfileWatcher) -> AsyncIterator[None]:
    task = asyncio.create_task(shared.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()


def shared_of(stage: Stage, folder: Path, said: list[str], **change: object) -> ProfileWatcher:
    lock = PollerLock(folder / "acme.sqlite3")
    return ProfileWatcher(
        stage.profile,
        stage.store,
        stage.environment(),
        lock,
        stage.seen.append,
        options=WatchOptions(**change),  # type: ignore[arg-type]
        tell=said.append,
    )


async def test_the_first_polls_and_leaves_word_of_how_it_goes(stage: Stage, tmp_path: Path) -> None:
    said: list[str] = []
    async with running(shared_of(stage, tmp_path, said)):
        await stage.clock.run_until(lambda: bool(stage.seen) and bool(stage.latest.beebox))
        assert PollerLock(tmp_path / "acme.sqlite3").holder() is not None
        await stage.clock.run_for(10)
    assert not said
    assert stage.log("beebox")
    left = behind_poller(stage.store, {Service.BEEBOX}, Holder(4711).words())[Service.BEEBOX]
    assert (left.word, left.message) == (HealthWord.OK, "polled by pid 4711")
    assert PollerLock(tmp_path / "acme.sqlite3").holder() is None


@pytest.mark.parametrize("claims", [True, False])
async def test_the_second_asks_nobody_until_the_first_has_ended(
    stage: Stage, tmp_path: Path, claims: bool
) -> None:
    said: list[str] = []
    first = PollerLock(tmp_path / "acme.sqlite3")
    assert first.acquire()
    async with running(shared_of(stage, tmp_path, said, claims=claims)):
        await stage.clock.run_for(60)
        assert len(stage.api.log) == 0
        assert "polled by pid" in stage.latest.health[Service.BEEBOX].message
        first.release()
        await stage.clock.run_until(lambda: bool(stage.log("beebox")), limit=10)
    assert [words.partition(":")[0] for words in said[1:]] == ["the other one has ended"]


async def test_what_the_first_writes_is_seen_within_five_seconds(stage: Stage, tmp_path: Path) -> None:
    first = PollerLock(tmp_path / "acme.sqlite3")
    assert first.acquire()
    async with running(shared_of(stage, tmp_path, [])):
        await stage.clock.run_for(6)
        assert not stage.latest.instant
        request = InstantRequest(instant_key(39), 39, "a.docx", State.READY)
        other = open_store(tmp_path / "acme.sqlite3")
        other.save(Service.INSTANT, [request])
        other.close()
        await stage.clock.run_for(6)
        assert stage.latest.instant == (request,)
    first.release()


async def test_who_needs_little_asks_little_and_makes_room(stage: Stage, tmp_path: Path) -> None:
    said: list[str] = []
    shared = shared_of(stage, tmp_path, said, services={Service.INSTANT}, claims=False)
    async with running(shared):
        await stage.clock.run_until(lambda: bool(stage.log("instant")))
        await stage.clock.run_for(30)
        assert not stage.log("beebox")
        assert not stage.log("translator")
        other = PollerLock(tmp_path / "acme.sqlite3")
        assert other.acquire()
        await stage.clock.run_for(6)
        calls = len(stage.api.log)
        assert shared.profile_services is None
        await stage.clock.run_for(120)
        assert len(stage.api.log) == calls
        other.release()
    assert len(said) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        '{"beebox": 1}',
        '{"beebox": {"word": "new word", "at": null, "message": "", "advice": ""}}',
        '{"beebox": {"word": "ok", "at": "never", "message": "", "advice": ""}}',
    ],
)
def test_what_another_version_left_is_no_obstacle(stage: Stage, text: str) -> None:
    stage.store.remember(HEALTHS, text)
    found = behind_poller(stage.store, {Service.BEEBOX}, Holder(1).words())[Service.BEEBOX]
    assert found == Health(HealthWord.CONNECTING, message="polled by pid 1")


def test_word_is_left_only_when_something_changed(stage: Stage) -> None:
    seen: list[Snapshot] = []
    publish = leave_healths(stage.store, seen.append)
    now = stage.clock.now()
    down = Health(HealthWord.DOWN, at=now, message="no connection", advice="Wait.")
    publish(Snapshot("acme", now, health={Service.BEEBOX: down}))
    found = behind_poller(stage.store, {Service.BEEBOX}, Holder(7).words())[Service.BEEBOX]
    stage.store.remember(HEALTHS, "")
    publish(Snapshot("acme", now, health={Service.BEEBOX: down}))
    assert (found.word, found.at, found.message) == (HealthWord.DOWN, now, "no connection; polled by pid 7")
    assert not stage.store.recall(HEALTHS)
    assert len(seen) == 2


async def test_where_nothing_is_kept_it_polls_without_the_lock_that_nobody_could_follow(
    stage: Stage, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    stage.store = open_or_in_memory(tmp_path / "file" / "acme.sqlite3")
    lock = stage.store.poller_lock()
    shared = ProfileWatcher(stage.profile, stage.store, stage.environment(), lock, stage.seen.append)
    async with running(shared):
        await stage.clock.run_until(lambda: bool(stage.seen) and bool(stage.latest.beebox))
        assert not lock.held
        assert "XDG_STATE_HOME" in stage.latest.not_kept
    stage.store.close()


async def test_where_nothing_is_kept_another_one_that_polls_is_followed_if_it_can_be_seen(
    stage: Stage, tmp_path: Path
) -> None:
    path = tmp_path / "acme.sqlite3"
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        unkept = SqliteStore(path, lambda _notice: None, spare=True, busy_seconds=0.05)
    first = PollerLock(path)
    assert first.acquire()
    monitors: list[MonitorCommands] = []
    shared = ProfileWatcher(
        stage.profile,
        unkept,
        stage.environment(),
        unkept.poller_lock(),
        stage.seen.append,
        hooks=ScreenHooks(attach=monitors.append),
    )
    async with running(shared):
        await stage.clock.run_for(6)
        stage.store.save(Service.INSTANT, [InstantRequest(instant_key(39), 39, "a.docx", State.READY)])
        stage.store.flush()
        await stage.clock.run_for(6)
        assert [request.request_id for request in stage.latest.instant] == [39]
        assert len(stage.api.log) == 0
        assert monitors[-1].do(Track((Tracked(5001),))).startswith("not tracked: Nothing is kept: ")
        first.release()
        await stage.clock.run_until(lambda: bool(stage.log("beebox")), limit=10)
    assert PollerLock(path).acquire()
    unkept.close()


async def test_who_follows_shows_what_is_half_read_as_such_and_whole_once_it_is(
    stage: Stage, tmp_path: Path
) -> None:
    said: list[str] = []
    store = open_store(tmp_path / "acme.sqlite3")
    with PollerLock(tmp_path / "acme.sqlite3") as other:
        assert other.acquire()
        leave_parts(store, {Service.BEEBOX: Part(500, 40_000)})
        store.flush()
        async with running(shared_of(stage, tmp_path, said)):
            await stage.clock.run_for(1)
            assert stage.latest.health[Service.BEEBOX].part == Part(500, 40_000)
            leave_parts(store, {})
            store.flush()
            await stage.clock.run_for(6)
            assert stage.latest.health[Service.BEEBOX].part is None
    store.close()


async def test_what_is_tracked_while_the_services_are_being_connected_is_found(stage: Stage) -> None:
    services = await stage.profile_services()
    with closing(open_store(stage.path)) as other:
        other.track([Tracked(number := stage.world.operation_ids()[-1])], stage.clock.now())
    task = asyncio.create_task(services.monitor().run())
    await stage.clock.run_for(5.0)
    task.cancel()
    await asyncio.wait({task})
    await services.close()
    assert number in {operation.request_id for operation in stage.latest.operations}
