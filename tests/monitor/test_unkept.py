"""The store refuses while the monitor runs: it goes on, says so once, and writes again when it can."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.values import outside
from tests.world import Stage, make_stage
from wbtui.app.stored_state import make_state
from wbtui.domain.commands import Track
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import Service
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import Level
from wbtui.store import SqliteStore


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = make_stage(tmp_path)
    made.store.close()
    made.store = SqliteStore(made.path, lambda _notice: None, spare=True, busy_seconds=0.02)
    return made


def warnings(stage: Stage) -> list[str]:
    return [event.text for event in stage.latest.events if event.level is Level.WARNING]


async def test_a_file_that_is_locked_for_a_while_ends_nothing_and_loses_nothing(stage: Stage) -> None:
    async with stage.monitoring() as monitor:
        await stage.clock.run_until(lambda: bool(stage.latest.flex_documents))
        stage.store.flush()
        with outside(stage.path) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert monitor.do(Track((Tracked(5001),))).startswith("not watched: ")
            for _ in range(3):
                await stage.clock.run_for(10)
                stage.store.recall("settles what was put")
            assert "database is locked" in stage.latest.not_kept
            other.rollback()
        assert monitor.do(Track((Tracked(5001),))).startswith("watching 1 operation")
        await stage.clock.run_for(10)
        assert stage.latest.not_kept == ""
        assert len([text for text in warnings(stage) if "database is locked" in text]) == 1
        assert any("can be written again" in event.text for event in stage.latest.events)
    assert operation_key(5001) in {operation.key for operation in stage.store.operations()}
    assert {file.key for file in stage.store.items(Service.BEEBOX)} == {
        file.key for file in stage.latest.beebox
    }
    stage.store.close()


async def test_what_is_known_is_written_into_the_file_begun_in_the_place_of_a_damaged_one(
    stage: Stage,
) -> None:
    async with stage.monitoring() as monitor:
        monitor.do(Track((Tracked(5001),)))
        await stage.clock.run_until(lambda: bool(stage.latest.beebox and stage.latest.flex_documents))
        stage.store.flush()
        stage.path.write_bytes(b"no database " * 9000)
        for _ in range(3):
            stage.store.recall("settles what was put")
            await stage.clock.run_for(20)
        assert any("was damaged; it was set aside as" in text for text in warnings(stage))
        shown = stage.latest
    assert {o.key for o in stage.store.operations()} == {o.key for o in shown.operations}
    assert {f.key for f in stage.store.items(Service.BEEBOX)} == {f.key for f in shown.beebox}
    assert {d.id for d in stage.store.flex_documents()} == {d.id for d in shown.flex_documents}
    stage.store.close()


def test_what_cannot_be_read_again_stays_on_the_board(stage: Stage) -> None:
    state = make_state(stage.profile, stage.store, stage.clock, stage.seen.append)
    state.events.add(Level.INFO, "wbtui", "seen")
    with outside(stage.path) as other:
        stage.store.flush()
        other.execute("BEGIN EXCLUSIVE")
        state.load(Service)
        assert [event.text for event in state.snapshot().events] == ["seen"]
    stage.store.close()


def test_the_days_of_the_purge_come_from_the_profile(stage: Stage) -> None:
    assert stage.profile.instant is not None
    profile = replace(stage.profile, instant=replace(stage.profile.instant, purge_days=14))
    assert make_state(profile, stage.store, stage.clock, stage.seen.append).snapshot().purge_days == 14
    stage.store.close()
