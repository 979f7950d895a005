"""What is saved comes back as it was, from a file that is the user's own."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.values import NOW, file, operation, outside
from wbtui.domain.item_keys import beebox_key, flex_key, instant_key, operation_key
from wbtui.domain.model import (
    BeeboxFile,
    FileOutcome,
    FlexComponent,
    FlexDocument,
    InstantRequest,
    ItemKey,
    Operation,
    OperationReading,
    RequestRecord,
    Service,
    State,
)
from wbtui.domain.ports import Store
from wbtui.domain.snapshot import Event, Level
from wbtui.store import SqliteStore, open_store
from wbtui.store.codec import Codec, encode
from wbtui.store.database import Database


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
    assert second.items(Service.BEEBOX) == (bb,)
    assert second.items(Service.INSTANT) == (it,)
    assert second.items(Service.FLEX) == (fx,)
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
    assert store.items(Service.FLEX) == ()
    assert store.flex_documents() == (FlexDocument("1000"),)


def test_a_value_of_no_known_kind_is_a_fault_of_the_caller(store: SqliteStore) -> None:
    with pytest.raises(TypeError, match="Event is nothing that the store keeps"):
        store.save(Service.OPERATIONS, [Event(NOW, Level.INFO, "wbtui", "x")])


def test_keys_that_are_no_unicode_are_kept_apart(store: SqliteStore) -> None:
    one, two = file(1, key=ItemKey("bb:fr:\ud800")), file(2, key=ItemKey("bb:fr:\ud801"))
    store.save(Service.BEEBOX, [one, two])
    assert store.items(Service.BEEBOX) == (one, two)
    store.save(Service.BEEBOX, [], [one.key])
    assert store.items(Service.BEEBOX) == (two,)


def test_many_pages_of_rows_come_back_whole(store: SqliteStore) -> None:
    items = [file(number) for number in range(10_001)]
    store.save(Service.BEEBOX, items)
    assert list(store.items(Service.BEEBOX)) == items


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


def test_texts_and_dates_that_items_have_in_common_are_held_once(
    path: Path, opened: Callable[[Path], SqliteStore]
) -> None:
    first = open_store(path)
    known = file(1, source_at=NOW, seen_at=NOW)
    made = [replace(known, key=beebox_key(each, "a"), locale=each) for each in "de"]
    first.save(Service.BEEBOX, made)
    first.close()
    one, another = opened(path).items(Service.BEEBOX)
    assert (one, another) == tuple(made)
    for name in ("path", "status_name", "locale_name", "source_at", "seen_at"):
        assert getattr(one, name) is getattr(another, name), name
