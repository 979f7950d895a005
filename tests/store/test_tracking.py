"""Operations that are tracked, renamed, forgotten, and pruned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.store.values import HOUR, NOW, operation, outside
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import Operation, OperationReading, RequestRecord, Service, State
from wbtui.domain.records import Tracked
from wbtui.store import SqliteStore, open_store
from wbtui.store.database import Database


def test_tracked_operations_wait_and_are_durable_at_once(path: Path, store: SqliteStore) -> None:
    request = RequestRecord("POST", "/resources/segments/view/export")
    tracked = store.track(
        [Tracked(5001, label="nightly", kind="Export", request=request), Tracked(5002)], NOW
    )
    assert tracked == (
        operation(5001, label="nightly", kind="Export", request=request),
        operation(5002),
    )
    database = Database(path, lambda: None)
    assert database.read("SELECT key FROM operations ORDER BY rowid") == [("op:5001",), ("op:5002",)]
    database.close()
    assert store.operations() == tracked


def test_a_watched_operation_keeps_its_record_and_takes_new_words(store: SqliteStore) -> None:
    running = operation(5001, State.RUNNING, label="old", kind="Export", looks=9)
    store.save(Service.OPERATIONS, [running])
    request = RequestRecord("POST", "/x")
    assert store.track([Tracked(5001, label="new")], NOW + HOUR) == (replace(running, label="new"),)
    again = store.track([Tracked(5001, OperationReading(State.FAILED), "", "Upload", request)], NOW + HOUR)
    assert again == (replace(running, label="new", kind="Upload", request=request),)
    assert store.operations() == again


def test_new_words_outlast_what_a_running_wbtui_saves(
    path: Path, opened: Callable[[Path], SqliteStore]
) -> None:
    screen, command = opened(path), opened(path)
    screen.save(Service.OPERATIONS, [operation(5001, label="old")])
    screen.flush()
    command.track([Tracked(5001, label="new")], NOW)
    screen.save(Service.OPERATIONS, [operation(5001, State.RUNNING, label="old")])
    assert [(o.state, o.label) for o in screen.operations()] == [(State.RUNNING, "new")]


def test_a_forgotten_operation_starts_anew_when_it_is_tracked_again(store: SqliteStore) -> None:
    store.track([Tracked(5001, label="a")], NOW)
    store.track([Tracked(5001, label="b")], NOW)
    store.save(Service.OPERATIONS, (), [operation_key(5001)])
    assert store.operations() == ()
    assert store.track([Tracked(5001)], NOW + HOUR) == (operation(5001, tracked_at=NOW + HOUR),)
    assert store.operations() == (operation(5001, tracked_at=NOW + HOUR),)


def test_the_same_id_twice_in_one_call_is_one_operation(store: SqliteStore) -> None:
    tracked = store.track([Tracked(5001, label="a"), Tracked(5001, label="b")], NOW)
    assert [o.label for o in tracked] == ["a", "b"]
    assert [o.label for o in store.operations()] == ["b"]


def test_a_finished_envelope_without_an_id_gets_a_local_one(
    path: Path, store: SqliteStore, opened: Callable[[Path], SqliteStore]
) -> None:
    reading = OperationReading(State.READY, status="Finished", file_token="t")
    first, second = store.track([Tracked(0, reading), Tracked(0, reading)], NOW)
    assert (first.key, second.key) == ("op:local-1", "op:local-2")
    assert (first.request_id, first.reading) == (0, reading)
    assert (first.finished_at, first.changed_at, first.seen_at) == (NOW, NOW, NOW)
    store.save(Service.OPERATIONS, (), [first.key, second.key])
    assert store.next_local() == 3
    assert opened(path).next_local() == 4
    assert store.track([Tracked(0, reading)], NOW)[0].key == "op:local-5"


@pytest.mark.parametrize("reading", [None, OperationReading(State.RUNNING)])
def test_what_has_no_id_and_is_not_finished_cannot_be_watched(
    store: SqliteStore, reading: OperationReading | None
) -> None:
    with pytest.raises(ValueError, match="without an id"):
        store.track([Tracked(5001), Tracked(0, reading)], NOW)
    assert store.operations() == ()


def test_an_unreadable_record_gives_way_when_its_id_is_tracked(
    path: Path, opened: Callable[[Path], SqliteStore]
) -> None:
    first = open_store(path)
    first.track([Tracked(5001)], NOW)
    first.close()
    with outside(path) as connection:
        connection.execute("UPDATE operations SET data = 'x'")
    assert opened(path).track([Tracked(5001, label="new")], NOW) == (operation(5001, label="new"),)


@pytest.mark.parametrize(
    ("watched", "kept"),
    [
        (operation(1, State.READY, finished_at=NOW - timedelta(days=30, seconds=1)), False),
        (operation(1, State.READY, finished_at=NOW - timedelta(days=30)), True),
        (operation(1, State.FAILED, changed_at=NOW - timedelta(days=31)), False),
        (operation(1, State.DONE, seen_at=NOW - timedelta(days=31)), False),
        (operation(1, State.DONE, tracked_at=NOW - timedelta(days=31)), False),
        (operation(1, State.DONE, tracked_at=None), True),
        (operation(1, State.RUNNING, known=False, finished_at=NOW - timedelta(days=31)), False),
        (operation(1, State.RUNNING, tracked_at=NOW - timedelta(days=99)), True),
        (operation(1, State.UNKNOWN, seen_at=NOW - timedelta(days=99)), True),
    ],
)
def test_finished_operations_are_kept_for_30_days(store: SqliteStore, watched: Operation, kept: bool) -> None:
    store.save(Service.OPERATIONS, [watched])
    store.track([Tracked(1, label="mine")], NOW)
    store.prune(NOW)
    assert [o.label for o in store.operations()] == (["mine"] if kept else [])
    store.save(Service.OPERATIONS, [watched])
    assert [o.label for o in store.operations()] == (["mine"] if kept else [""])
