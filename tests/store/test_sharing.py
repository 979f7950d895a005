"""More than one connection, thread or process on one state file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.values import NOW, operation, outside
from wbtui.domain.errors import StoreError
from wbtui.domain.model import Service
from wbtui.domain.records import Tracked
from wbtui.store import SqliteStore
from wbtui.store.database import Database


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
