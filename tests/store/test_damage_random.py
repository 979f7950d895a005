"""Bytes of a state file changed anywhere: it is set aside, or read without that; never an end."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.values import NOW, file, operation, outside
from wbtui.domain.item_keys import flex_key, instant_key
from wbtui.domain.model import FlexComponent, FlexDocument, InstantRequest, Service, State
from wbtui.domain.records import Fetched, SentFiles, Tracked
from wbtui.domain.snapshot import Event, Level
from wbtui.store import SqliteStore, open_or_in_memory, open_store


def filled(path: Path) -> bytes:
    """Return a state file with something in each of its tables."""
    with closing(open_store(path)) as store:
        store.save(Service.BEEBOX, [file(number) for number in range(60)])
        store.save(Service.OPERATIONS, [operation(number, label="Größe") for number in range(1, 30)])
        store.track([Tracked(3, label="told"), Tracked(99)], NOW)
        requests = [
            InstantRequest(instant_key(n), n, f"{n}.docx", State.READY, sent_at=NOW) for n in range(30)
        ]
        store.save(Service.INSTANT, requests)
        cell = FlexComponent(flex_key("1000", "fr", "app"), "1000", "app", "fr", State.READY, 4, 4)
        store.save(Service.FLEX, [cell, FlexDocument("c300", "app.wbflex", changed_at=NOW)])
        for number in range(40):
            store.save_event(Event(NOW, Level.INFO, "wbtui", f"event {number}"))
            store.remember(f"name {number}", "Größe")
        store.note_call("acme", NOW)
        store.next_local()
        store.records.save_fetched(Fetched(cell.key, "flex/a.json", "flex/a.json", NOW, 3))
        store.records.save_sent(SentFiles(operation(1).key, {"a": "/a"}))
    return path.read_bytes()


def use(store: SqliteStore) -> None:
    """Read and write everything, as a run does."""
    for service in Service:
        store.items(service)
    store.flex_documents()
    store.events()
    store.records.fetched()
    store.records.sent_files(operation(1).key)
    store.recall("name 1")
    store.calls_since("acme", NOW)
    store.save_event(Event(NOW, Level.INFO, "wbtui", "new"))
    store.prune(NOW)
    store.save(Service.BEEBOX, [file(number) for number in range(60)])
    store.track([Tracked(3, label="told"), Tracked(123_456)], NOW)
    store.flush()


def changed(good: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    data = bytearray(good)
    whole = chance.random() < 0.7
    for _ in range(chance.choice((1, 5, 50, 500))):
        data[chance.randrange(len(data) if whole else 100)] = chance.randrange(256)
    return bytes(data)


def survive(path: Path, data: bytes) -> None:
    for entry in path.parent.iterdir():
        entry.unlink()
    path.write_bytes(data)
    with closing(open_or_in_memory(path)) as store:
        use(store)
        assert store.kept
    with closing(open_store(path)) as again:
        assert {o.request_id for o in again.operations()} >= {3, 123_456}


@pytest.mark.slow
def test_bytes_changed_anywhere_end_nothing(path: Path) -> None:
    good = filled(path)
    for seed in range(60):
        survive(path, changed(good, seed))


def _says_it_is_read_only(data: bytearray) -> None:
    data[18] = 113


def _a_name_in_the_schema_is_no_text(data: bytearray) -> None:
    data[data.index(b"CREATE TABLE operations") + 14] = 0xE6


def _a_text_is_no_text(data: bytearray) -> None:
    place = data.index("name 1Größe".encode())
    data[place + 9] = 0xE6


def _a_column_has_another_name(data: bytearray) -> None:
    data[data.index(b"CREATE TABLE instant (key TEXT UNIQUE NOT NULL, data") + 48] = ord("x")


@pytest.mark.parametrize(
    "damage",
    [_says_it_is_read_only, _a_name_in_the_schema_is_no_text, _a_text_is_no_text, _a_column_has_another_name],
)
def test_damage_that_was_an_end_once(path: Path, damage: Callable[[bytearray], None]) -> None:
    data = bytearray(filled(path))
    damage(data)
    survive(path, bytes(data))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE operations SET data = x'ff22fe'",
        "UPDATE operations SET data = cast(x'7bff' AS TEXT)",
        "UPDATE beebox SET data = 7",
        f"UPDATE instant SET data = '{'[' * 3000}'",
        "UPDATE told SET data = NULL WHERE 0; UPDATE told SET data = 'x'",
        "UPDATE memory SET value = x'ff00'",
        "UPDATE events SET id = 9223372036854775807 WHERE id = 1",
        "UPDATE calls SET at = 9223372036854775807",
        "UPDATE calls SET at = 'never', account = 'acme', run = 'x'",
        "UPDATE counters SET value = 'many'",
        "UPDATE fetched SET key = x'ff', data = x'ff'",
    ],
)
def test_a_record_that_is_damaged_is_left_out(path: Path, sql: str) -> None:
    filled(path)
    with outside(path) as connection:
        connection.executescript(sql)
    survive(path, path.read_bytes())
