from __future__ import annotations

import gc
import os
import random
import resource
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbtui.errors import StoreDamaged, StoreError, StoreTooNew
from wbtui.model import (
    BeeboxFile,
    Event,
    FileOutcome,
    FlexComponent,
    FlexDocument,
    InstantRequest,
    ItemKey,
    Level,
    Operation,
    OperationReading,
    RequestRecord,
    Service,
    State,
    beebox_key,
    flex_key,
    instant_key,
    operation_key,
)
from wbtui.ports import Store, Tracked
from wbtui.store import SqliteStore, open_store
from wbtui.store.calls import BLOCK_CALLS
from wbtui.store.codec import Codec, encode
from wbtui.store.database import VERSION, Database
from wbtui.store.lock import PollerLock
from wbtui.store.writer import Writer

NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "acme.sqlite3"


@pytest.fixture
def opened() -> Iterator[Callable[[Path], SqliteStore]]:
    """Open stores that are closed at the end of the test."""
    stores: list[SqliteStore] = []

    def opening(path: Path) -> SqliteStore:
        stores.append(open_store(path))
        return stores[-1]

    yield opening
    for store in stores:
        store.close()


@pytest.fixture
def store(path: Path, opened: Callable[[Path], SqliteStore]) -> SqliteStore:
    return opened(path)


def operation(number: int, state: State = State.WAITING, **fields: object) -> Operation:
    made = Operation(operation_key(number), number, OperationReading(state), tracked_at=NOW)
    return replace(made, **fields)  # type: ignore[arg-type]


def file(number: int, **fields: object) -> BeeboxFile:
    name = f"batch-{number % 100}\\folder\\intro {number}.docx"
    made = BeeboxFile(
        beebox_key("fr", name),
        name,
        "fr",
        State.READY,
        1,
        "Available",
        "French",
        120,
        20,
        NOW,
        20.0,
        NOW,
        3.0,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def as_port(store: SqliteStore) -> Store:
    """Let mypy see that the store fits its port."""
    return store


WHOLE = Operation(
    key=operation_key(5001),
    request_id=5001,
    reading=OperationReading(
        state=State.PARTIAL,
        status="Finished",
        files=(FileOutcome("a.docx", False, "no text", 3, 17), FileOutcome("b.docx", True)),
        counts={"segments": 12},
        project_id=165,
    ),
    kind="Upload",
    label="März",
    tracked_at=NOW,
    finished_at=NOW + timedelta(microseconds=1),
    looks=7,
    request=RequestRecord("POST", "/projects/165/workflows/new", '{"a": 1}'),
    attempt=2,
    forerunner=operation_key(4999),
)


def test_every_kind_of_item_survives_a_restart(path: Path, opened: Callable[[Path], SqliteStore]) -> None:
    bb = file(1, made_at="2026-03-01 10:00", wire_path="a\u202eb", preliminary_at=NOW, seen_at=NOW)
    it = InstantRequest(instant_key(39), 39, "a.docx", State.RUNNING, sent_at=NOW, words_fuzzy=4)
    fx = FlexComponent(flex_key("1000", "fr", "app"), "1000", "app", "fr", State.READY, 4, 4)
    doc = FlexDocument("c300", "app.wbflex", changed_at=NOW, asked_at=NOW, note="asked")
    first = open_store(path)
    first.save(Service.OPERATIONS, [WHOLE])
    first.save(Service.BEEBOX, [bb])
    first.save(Service.INSTANT, [it])
    first.save(Service.FLEX, [doc, fx])
    first.remember("question", "all green")
    first.close()
    second = as_port(opened(path))
    assert second.operations() == (WHOLE,)
    assert second.beebox() == (bb,)
    assert second.instant() == (it,)
    assert second.flex() == (fx,)
    assert second.flex_documents() == (doc,)
    assert second.recall("question") == "all green"
    assert second.recall("other") is None


def test_what_was_saved_is_read_at_once_and_in_the_order_it_came(store: SqliteStore) -> None:
    store.save(Service.OPERATIONS, [operation(3), operation(1), operation(2)])
    store.save(Service.OPERATIONS, [operation(1, State.RUNNING)])
    assert [(o.request_id, o.state) for o in store.operations()] == [
        (3, State.WAITING),
        (1, State.RUNNING),
        (2, State.WAITING),
    ]


def test_what_is_gone_is_forgotten_in_its_service_only(store: SqliteStore) -> None:
    fx = FlexComponent(flex_key("1000", "fr", "app"), "1000", "app", "fr", State.READY)
    store.save(Service.OPERATIONS, [operation(1), operation(2)])
    store.save(Service.FLEX, [fx, FlexDocument("1000"), FlexDocument("c300")])
    store.save(Service.BEEBOX, [], [operation_key(1)])
    store.save(Service.FLEX, [], [fx.key, ItemKey("c300")])
    store.save(Service.OPERATIONS, [], [operation_key(1)])
    store.save(Service.OPERATIONS, [], [])
    assert store.operations() == (operation(2),)
    assert store.flex() == ()
    assert store.flex_documents() == (FlexDocument("1000"),)


def test_a_value_of_no_known_kind_is_a_fault_of_the_caller(store: SqliteStore) -> None:
    with pytest.raises(TypeError, match="Event is nothing that the store keeps"):
        store.save(Service.OPERATIONS, [Event(NOW, Level.INFO, "wbtui", "x")])


def test_keys_that_are_no_unicode_are_kept_apart(store: SqliteStore) -> None:
    one, two = file(1, key=ItemKey("bb:fr:\ud800")), file(2, key=ItemKey("bb:fr:\ud801"))
    store.save(Service.BEEBOX, [one, two])
    assert store.beebox() == (one, two)
    store.save(Service.BEEBOX, [], [one.key])
    assert store.beebox() == (two,)


def test_many_pages_of_rows_come_back_whole(store: SqliteStore) -> None:
    items = [file(number) for number in range(10_001)]
    store.save(Service.BEEBOX, items)
    assert list(store.beebox()) == items


TEXTS = st.text(st.characters(exclude_categories=()), max_size=20) | st.just("half a pair \ud800")
MOMENTS = st.one_of(
    st.none(), st.datetimes(timezones=st.just(UTC)), TEXTS, st.just("2026-99-01T10:00:00Z"), st.just("x" * 20)
)


@given(path=TEXTS, made_at=MOMENTS, source_at=MOMENTS, words=st.none() | st.integers(0, 2**53))
def test_files_come_back_as_they_were(
    path: str, made_at: object, source_at: object, words: int | None
) -> None:
    item = file(1, wire_path=path, error=path, made_at=made_at, source_at=source_at, words=words)
    assert Codec(BeeboxFile).decode(encode(item)) == item


@given(label=TEXTS, body=TEXTS, at=st.none() | st.datetimes(timezones=st.just(UTC)))
def test_operations_come_back_as_they_were(label: str, body: str, at: datetime | None) -> None:
    item = operation(1, label=label, seen_at=at, request=RequestRecord("POST", "/x", body))
    assert Codec(Operation).decode(encode(item)) == item


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"\xff\xfe",
        encode(operation(1)).replace(b'"waiting"', b'"dreaming"'),
        encode(operation(1)).replace(b'"op:1"', b"17"),
        b'{"key": "\\ud800", "state": 3}',
        17,
    ],
)
def test_what_cannot_be_read_is_nothing(data: bytes) -> None:
    assert Codec(Operation).decode(data) is None


def test_fields_of_other_versions_do_no_harm() -> None:
    data = encode(operation(1)).replace(b'"looks":0,', b'"colour":"red",')
    assert Codec(Operation).decode(data) == operation(1)


def test_unreadable_records_are_left_out_and_counted(
    path: Path, opened: Callable[[Path], SqliteStore]
) -> None:
    first = open_store(path)
    first.save(Service.OPERATIONS, [operation(1), operation(2), operation(3)])
    first.save_event(Event(NOW, Level.INFO, "wbtui", "kept", id=1))
    first.close()
    with outside(path) as connection:
        connection.execute("UPDATE operations SET data = x'7b' WHERE key IN ('op:1', 'op:3')")
        connection.execute("INSERT INTO events VALUES (2, 'nonsense')")
    notices: list[str] = []
    second = open_store(path, on_notice=notices.append)
    assert second.notice == ""
    assert second.operations() == (operation(2),)
    assert second.operations() == (operation(2),)
    assert second.notice == "Left out as unreadable: 2 records of the state file."
    assert [event.text for event in second.events()] == ["kept"]
    assert second.notice == "Left out as unreadable: 3 records of the state file."
    second.save(Service.OPERATIONS, [operation(1), operation(3)])
    assert len(second.operations()) == 3
    assert second.notice == "Left out as unreadable: 1 record of the state file."
    second.close()
    assert notices[-1] == second.notice
    assert len(notices) == 3


@contextmanager
def outside(path: Path) -> Iterator[sqlite3.Connection]:
    """Change the file as another program would."""
    connection = sqlite3.connect(path)
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


def test_file_and_folder_are_the_users_own(path: Path, store: SqliteStore) -> None:
    store.remember("a", "b")
    store.flush()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_may_read_is_closed_to_them(
    path: Path, opened: Callable[[Path], SqliteStore]
) -> None:
    open_store(path).close()
    path.chmod(0o644)
    opened(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_each_commit_is_synced_into_a_rollback_journal(path: Path, store: SqliteStore) -> None:
    database = Database(path, lambda: None)
    settings = {name: database.read(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous")}
    database.close()
    assert settings == {"journal_mode": "delete", "synchronous": 2}
    assert not path.with_name("acme.sqlite3-wal").exists()


# Tracking


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
    store.forget([operation_key(5001)])
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
    store.forget([first.key, second.key])
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


# Calls


def test_the_calls_of_all_runs_are_counted(path: Path, opened: Callable[[Path], SqliteStore]) -> None:
    first = open_store(path)
    times = [NOW + timedelta(seconds=7 * n) for n in range(25)]
    for at in times:
        first.note_call("acme", at)
    first.note_call("other", NOW)
    assert first.calls_since("acme", NOW) == tuple(times)
    assert first.calls_since("acme", times[20]) == tuple(times[20:])
    first.close()
    second = opened(path)
    assert second.calls_since("acme", NOW) == tuple(times)
    assert second.calls_since("other", NOW - HOUR) == (NOW,)
    assert second.calls_since("nobody", NOW) == ()
    second.note_call("acme", times[-1] + timedelta(seconds=1))
    assert second.calls_since("acme", times[-1]) == (times[-1], times[-1] + timedelta(seconds=1))


def test_another_process_counts_reserved_calls_as_made(
    path: Path, store: SqliteStore, opened: Callable[[Path], SqliteStore]
) -> None:
    other = opened(path)
    for n in range(1, 3 * BLOCK_CALLS):
        store.note_call("acme", NOW + timedelta(seconds=n))
        store.flush()
        seen = other.calls_since("acme", NOW)
        assert n <= len(seen) <= n + BLOCK_CALLS
    assert len(store.calls_since("acme", NOW)) == 3 * BLOCK_CALLS - 1


def test_a_block_of_calls_costs_one_write(path: Path, store: SqliteStore) -> None:
    other = Database(path, lambda: None)
    stamps = {other.stamp()}
    for n in range(BLOCK_CALLS):
        store.note_call("acme", NOW + timedelta(seconds=n))
        store.flush()
        stamps.add(other.stamp())
    assert len(stamps) == 2
    other.close()


@pytest.mark.parametrize("later", [timedelta(seconds=60), timedelta(hours=1), timedelta(seconds=-1)])
def test_a_block_ends_with_its_minute_and_when_the_clock_is_set_back(
    path: Path, store: SqliteStore, opened: Callable[[Path], SqliteStore], later: timedelta
) -> None:
    store.note_call("acme", NOW)
    store.note_call("acme", NOW + later)
    store.flush()
    seen = opened(path).calls_since("acme", NOW - HOUR)
    assert sorted(seen) == sorted([NOW, *[NOW + later + timedelta(seconds=60)] * BLOCK_CALLS])


def test_calls_are_pruned_after_two_hours(path: Path, opened: Callable[[Path], SqliteStore]) -> None:
    store = opened(path)
    store.note_call("acme", NOW)
    store.note_call("acme", NOW + HOUR)
    store.prune(NOW + 2 * HOUR + timedelta(seconds=1))
    assert store.calls_since("acme", NOW) == (NOW + HOUR,)
    store.close()
    assert opened(path).calls_since("acme", NOW) == (NOW + HOUR,)


# Events


def event(number: int, text: str = "", count: int = 1) -> Event:
    return Event(NOW, Level.INFO, "wbtui", text or f"event {number}", count, id=number)


def test_events_are_replaced_by_their_numbers(path: Path, opened: Callable[[Path], SqliteStore]) -> None:
    first = opened(path)
    whole = Event(NOW, Level.ERROR, "beebox", "x", 3, NOW + HOUR, beebox_key("fr", "a"), 1)
    first.save_event(whole)
    first.save_event(event(2))
    first.save_event(event(2, "again", 2))
    assert first.events() == (whole, event(2, "again", 2))
    first.close()
    second = opened(path)
    assert second.events(1) == (event(2, "again", 2),)
    second.save_event(event(2, "once more", 3))
    second.save_event(event(3))
    assert second.events() == (whole, event(2, "once more", 3), event(3))


def test_an_event_without_a_number_gets_the_next(store: SqliteStore) -> None:
    store.save_event(event(7))
    store.save_event(event(0, "new"))
    store.save_event(event(0, "newer"))
    assert store.events() == (event(7), event(8, "new"), event(9, "newer"))


def test_two_runs_that_choose_the_same_numbers_lose_no_event(
    path: Path, opened: Callable[[Path], SqliteStore]
) -> None:
    one, two = opened(path), opened(path)
    for store, name in ((one, "one"), (two, "two")):
        for number in (1, 2):
            store.save_event(event(number, f"{name} {number}"))
            store.flush()
    two.save_event(event(2, "two 2", 5))
    one.save_event(event(2, "one 2", 4))
    one.flush()
    two.flush()
    assert [(e.text, e.count) for e in two.events()] == [
        ("one 1", 1),
        ("one 2", 4),
        ("two 1", 1),
        ("two 2", 5),
    ]


def test_ten_thousand_events_are_kept(path: Path, store: SqliteStore) -> None:
    with outside(path) as connection:
        rows = [(number, encode(event(number))) for number in range(1, 10_004)]
        connection.executemany("INSERT INTO events VALUES (?, ?)", rows)
    store.prune(NOW)
    kept = store.events(20_000)
    assert len(kept) == 10_000
    assert kept[0] == event(4)


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


# More than one process


def test_the_stamp_changes_when_another_has_written_and_only_then(
    path: Path, opened: Callable[[Path], SqliteStore]
) -> None:
    store, other = opened(path), opened(path)
    before = store.stamp()
    store.save(Service.OPERATIONS, [operation(1)])
    store.flush()
    store.note_call("acme", NOW)
    store.flush()
    assert store.stamp() == before
    other.track([Tracked(2)], NOW)
    after = store.stamp()
    assert after != before
    assert store.stamp() == after
    assert [o.request_id for o in store.operations()] == [1, 2]


def test_the_stamp_does_not_wait_for_a_writer(path: Path, store: SqliteStore) -> None:
    before = store.stamp()
    with outside(path) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        assert store.stamp() == before
        connection.execute("INSERT INTO memory VALUES ('a', 'b')")
    assert store.stamp() != before


def test_the_stamp_does_not_wait_for_its_own_writer(path: Path) -> None:
    database = Database(path, lambda: None)
    before = database.stamp()
    assert database.write(lambda _connection: database.stamp()) == before
    database.close()


def test_threads_and_processes_may_write_at_once(path: Path, opened: Callable[[Path], SqliteStore]) -> None:
    stores = [opened(path) for _ in range(4)]
    threads = [
        threading.Thread(
            target=lambda store=store, n=n: [store.track([Tracked(n * 100 + i)], NOW) for i in range(1, 26)]
        )
        for n, store in enumerate(stores)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores[0].operations()) == 100


def test_a_closed_store_takes_nothing_more(store: SqliteStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.save(Service.OPERATIONS, [operation(1)])
    with pytest.raises(StoreError, match="is closed"):
        store.flush()


# Versions and damage


def test_a_newer_file_is_set_aside_whole_and_said_so(path: Path) -> None:
    open_store(path).close()
    with outside(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    with closing(open_store(path)) as store:
        assert store.notice == (
            "The state file is of a newer wbtui; it was set aside as acme.sqlite3.newer-1, "
            "and a fresh one begun."
        )
        assert store.operations() == ()
    assert path.with_name("acme.sqlite3.newer-1").read_bytes() == before


def test_a_newer_file_with_which_a_newer_wbtui_polls_is_refused_and_left_as_it_is(path: Path) -> None:
    open_store(path).close()
    with outside(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    path.chmod(0o640)
    before = path.read_bytes()
    with PollerLock(path) as lock:
        assert lock.acquire()
        with pytest.raises(StoreTooNew) as caught:
            open_store(path)
    assert str(caught.value) == (
        f"{path}: the state file has version {VERSION + 1}, this wbtui knows versions up to {VERSION}"
    )
    assert caught.value.advice == "A newer wbtui is running with it: update this one, or end that one."
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert {entry.name for entry in path.parent.iterdir()} == {path.name, lock.path.name}


def _garbage(path: Path) -> None:
    path.write_bytes(b"garbage " * 1000)


def _cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _header_only(path: Path) -> None:
    os.truncate(path, 100)


def _schema_overwritten(path: Path) -> None:
    with path.open("r+b") as opened:
        opened.seek(100)
        opened.write(b"\xff" * 3000)


def _table_lost(path: Path) -> None:
    with outside(path) as connection:
        connection.execute("DROP TABLE operations")


def _foreign(path: Path) -> None:
    path.unlink()
    with outside(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")


@pytest.mark.parametrize(
    "damage", [_garbage, _cut_off, _header_only, _schema_overwritten, _table_lost, _foreign]
)
def test_a_damaged_file_is_set_aside_and_a_fresh_one_begun(
    path: Path, opened: Callable[[Path], SqliteStore], damage: Callable[[Path], None]
) -> None:
    first = open_store(path)
    first.track([Tracked(5001)], NOW)
    first.close()
    damage(path)
    damaged = path.read_bytes()
    store = opened(path)
    assert store.notice == (
        "The state file was damaged; it was set aside as acme.sqlite3.damaged-1, and a fresh one begun."
    )
    assert path.with_name("acme.sqlite3.damaged-1").read_bytes() == damaged
    assert store.operations() == ()
    store.track([Tracked(5002)], NOW)
    assert [o.request_id for o in store.operations()] == [5002]


def test_an_earlier_damaged_file_is_not_overwritten(
    path: Path, opened: Callable[[Path], SqliteStore]
) -> None:
    path.parent.mkdir()
    for name in ("one", "two"):
        path.write_text(f"{name} is no database, and longer than a header may be" * 20)
        opened(path)
    assert "one" in path.with_name("acme.sqlite3.damaged-1").read_text()
    assert "two" in path.with_name("acme.sqlite3.damaged-2").read_text()


def test_the_journal_of_a_damaged_file_goes_with_it(
    path: Path, opened: Callable[[Path], SqliteStore]
) -> None:
    open_store(path).close()
    overwrite = "import sys; file = open(sys.argv[1], 'r+b'); file.write(b'x' * 100); file.close()"
    with outside(path) as connection:
        connection.execute("INSERT INTO memory VALUES ('a', 'b')")
        # by another process: this one would give up the locks of the connection
        subprocess.run([sys.executable, "-c", overwrite, str(path)], check=True)
        assert path.with_name("acme.sqlite3-journal").exists()
        store = opened(path)
        assert path.with_name("acme.sqlite3.damaged-1-journal").exists()
        assert not path.with_name("acme.sqlite3-journal").exists()
        connection.rollback()
    assert store.recall("a") is None


def test_an_empty_file_is_a_fresh_one(path: Path, opened: Callable[[Path], SqliteStore]) -> None:
    path.parent.mkdir()
    path.touch()
    assert opened(path).notice == ""


@pytest.mark.parametrize("then", ["read", "write"])
def test_damage_found_later_is_set_aside_as_well(path: Path, then: str) -> None:
    first = open_store(path)
    first.save(Service.BEEBOX, [file(number) for number in range(2000)])
    first.close()
    size = path.stat().st_size
    with path.open("r+b") as damaged:
        damaged.seek(size // 2)
        damaged.write(b"\xff" * (size // 2))
    notices: list[str] = []
    store = open_store(path, on_notice=notices.append)
    if then == "read":
        store.beebox()
    else:
        store.save(Service.BEEBOX, [file(number) for number in range(3000, 4000)])
        store.flush()
    assert "set aside as acme.sqlite3.damaged-1" in store.notice
    assert notices == [store.notice]
    assert len(store.beebox()) == (0 if then == "read" else 1000)
    store.close()


def test_a_path_that_is_no_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be opened: unable to open database file"):
        open_store(tmp_path)
    with pytest.raises(StoreError, match=r"cannot be opened: (Not a directory|File exists)"):
        open_store(tmp_path / "file" / "acme.sqlite3")


def test_a_file_that_is_held_by_another_program_is_an_error_in_words(path: Path) -> None:
    open_store(path).close()
    with outside(path) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="cannot be opened: database is locked"):
            Database(path, lambda: None, busy_seconds=0.05)


def test_reading_a_file_that_is_held_too_long_is_an_error_in_words(path: Path) -> None:
    open_store(path).close()
    database = Database(path, lambda: None, busy_seconds=0.05)
    with outside(path) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="the state file cannot be read: database is locked"):
            database.read("SELECT * FROM memory")
    assert database.read("SELECT * FROM memory") == []
    database.close()


# A disk that refuses


@contextmanager
def full_disk(path: Path, room: int = 0) -> Iterator[None]:
    """Let no file of this process grow beyond the state file's present size: what a full disk does to it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_told_and_nothing_is_lost_when_there_is_room_again(
    path: Path, opened: Callable[[Path], SqliteStore]
) -> None:
    notices: list[str] = []
    store = open_store(path, on_notice=notices.append)
    store.track([Tracked(1)], NOW)
    with full_disk(path):
        store.save(Service.BEEBOX, [file(number) for number in range(2000)])
        store.save(Service.OPERATIONS, [operation(2)])
        with pytest.raises(StoreError, match="cannot be written"):
            store.flush()
        with pytest.raises(StoreError, match="cannot be written"):
            store.track([Tracked(number, label="x" * 5000) for number in range(10, 40)], NOW)
        assert store.notice.startswith("The state file cannot be written: ")
        assert store.notice.endswith(". It is tried again.")
        assert [o.request_id for o in store.operations()] == [1]
    store.flush()
    assert store.notice == ""
    assert len(notices) == 2
    assert notices[1] == ""
    store.close()
    again = opened(path)
    assert [o.request_id for o in again.operations()] == [1, 2]
    assert len(again.beebox()) == 2000


def test_what_fails_is_tried_again_without_being_asked(path: Path) -> None:
    told = threading.Event()
    database = Database(path, lambda: None)
    writer = Writer(database, told.set, retry_seconds=0.01)
    with full_disk(path):
        writer.put(lambda connection: connection.execute("INSERT INTO memory VALUES ('a', zeroblob(100000))"))
        writer.settle()
        assert told.is_set()
        told.clear()
    assert told.wait(30)
    assert writer.trouble == ""
    assert database.read("SELECT name FROM memory") == [("a",)]
    writer.close()
    database.close()


def test_a_disk_that_stays_full_does_not_fill_the_memory(path: Path) -> None:
    database = Database(path, lambda: None)
    writer = Writer(database, lambda: None, kept=3)
    with full_disk(path):
        for number in range(5):
            writer.put(_blob(number))
            writer.settle()
        assert "2 changes were given up" in writer.trouble
    writer.flush()
    assert database.read("SELECT name FROM memory ORDER BY name") == [("2",), ("3",), ("4",)]
    writer.close()
    database.close()


def _blob(number: int) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.execute(
        "INSERT INTO memory VALUES (?, zeroblob(100000))", (str(number),)
    )


def test_closing_on_a_full_disk_leaves_the_notice(path: Path) -> None:
    store = open_store(path)
    with full_disk(path):
        store.save(Service.BEEBOX, [file(number) for number in range(2000)])
        store.close()
    assert "cannot be written" in store.notice


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_the_program_ends_the_writer_loudly_and_nobody_waits(path: Path) -> None:
    database = Database(path, lambda: None)
    for _ in range(50):  # who waits is sometimes taken together with the fault, and sometimes behind it
        writer = Writer(database, lambda: None)
        writer.put(lambda _connection: 1 / 0)
        for _ in range(2):
            with pytest.raises(StoreError, match=r"has ended|is closed"):
                writer.settle()
        writer.close()
    database.close()


def test_a_damaged_file_that_cannot_be_set_aside_is_named(tmp_path: Path) -> None:
    name = "a" * 250  # with ".damaged-1" the name is longer than a file name may be
    (tmp_path / name).write_text("no database " * 100)
    with pytest.raises(StoreDamaged) as caught:
        open_store(tmp_path / name)
    assert "was damaged and cannot be set aside: File name too long" in str(caught.value)
    assert caught.value.advice == "Move it away by hand."


# kill -9

WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from wbtui.model import *
from wbtui.ports import Tracked
from wbtui.store import open_store

NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
store = open_store(Path(sys.argv[1]))
first = int(sys.argv[2])
for number in range(first, first + 10_000):
    store.track([Tracked(number, label=f"label {number}")], NOW)
    print("tracked", number, flush=True)
    batch = [
        BeeboxFile(beebox_key("fr", f"{number}-{i}"), f"{number}-{i}", "fr", State.READY) for i in range(50)
    ]
    store.save(Service.BEEBOX, batch)
    store.note_call("acme", NOW + timedelta(seconds=number))
    if number % 3 == 0:
        store.flush()
        print("flushed", number, flush=True)
"""


def confirmed_before_kill(path: Path, first: int, lines: int) -> list[tuple[str, int]]:
    """Let a process write, kill it after so many lines, and return all that it had confirmed by then."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(first)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    said += process.stdout.readlines()
    process.stdout.close()
    assert process.wait() == -9
    whole = [line.split() for line in said if line.endswith(b"\n")]
    return [(word.decode(), int(number)) for word, number in whole]


def test_what_was_confirmed_survives_kill_9(path: Path, opened: Callable[[Path], SqliteStore]) -> None:
    chance = random.Random(20260301)
    tracked: set[int] = set()
    flushed = 0
    first = 1
    for _ in range(20):
        confirmed = confirmed_before_kill(path, first, chance.randrange(1, 25))
        tracked |= {number for word, number in confirmed if word == "tracked"}
        saved = [number for word, number in confirmed if word == "flushed"]
        store = open_store(path)
        assert store.notice == ""
        operations = store.operations()
        assert tracked <= {o.request_id for o in operations}
        assert all(o.label == f"label {o.request_id}" for o in operations)
        names = {item.path for item in store.beebox()}
        for number in saved:
            assert {f"{n}-{i}" for n in range(first, number + 1) for i in range(50)} <= names
        made = NOW + timedelta(seconds=first)
        noted = saved[-1] - first + 1 if saved else 0
        assert len(store.calls_since("acme", made)) >= noted
        first = max(o.request_id for o in operations) + 1000
        flushed += len(saved)
        store.close()
    assert len(tracked) > 50
    assert flushed > 20


CALLER = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from wbtui.store import open_store

NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
store = open_store(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    store.note_call("acme", NOW + timedelta(seconds=number))
    if number % 10 == 0:
        store.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("calls", [1, 7, 10, 11, 29])
def test_kill_9_cannot_hide_a_call(path: Path, opened: Callable[[Path], SqliteStore], calls: int) -> None:
    ended = subprocess.run([sys.executable, "-c", CALLER, str(path), str(calls)])
    assert ended.returncode == -9
    store = opened(path)
    seen = store.calls_since("acme", NOW)
    assert calls <= len(seen) <= calls + BLOCK_CALLS
    last = NOW + timedelta(seconds=calls - 1)
    assert len(store.calls_since("acme", last + timedelta(seconds=50))) <= BLOCK_CALLS
    assert store.calls_since("acme", last + timedelta(seconds=61)) == ()


# Size


def test_many_files_are_saved_without_waiting_and_loaded_soon(path: Path) -> None:
    items = [file(number) for number in range(50_000)]
    store = open_store(path)
    waits = []
    for start in range(0, len(items), 500):
        begun = perf_counter()
        store.save(Service.BEEBOX, items[start : start + 500])
        waits.append(perf_counter() - begun)
    store.flush()
    store.close()
    again = open_store(path)
    begun = process_time()
    loaded = again.beebox()
    took = process_time() - begun
    again.close()
    assert list(loaded) == items
    # 200 000 in 2 s; one wait in twenty may be the machine's, which may also be three times slower
    assert sorted(waits)[len(waits) * 19 // 20] < 0.005
    assert took < 3 * 0.5, "seconds of the processor's: what else the machine does is not counted"


@pytest.mark.parametrize("before", [True, False])
def test_loading_leaves_the_garbage_collector_as_it_was(store: SqliteStore, before: bool) -> None:
    found = gc.isenabled()
    (gc.enable if before else gc.disable)()
    try:
        store.beebox()
        assert gc.isenabled() is before
    finally:
        (gc.enable if found else gc.disable)()
