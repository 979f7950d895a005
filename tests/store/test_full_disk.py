"""A disk that refuses."""

from __future__ import annotations

import resource
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.slowness import patience
from tests.store.values import NOW, file, operation
from wbtui.domain.errors import StoreError
from wbtui.domain.model import Service
from wbtui.domain.records import Tracked
from wbtui.store import SqliteStore, open_store
from wbtui.store.database import Database
from wbtui.store.writer import Writer


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
    assert len(again.items(Service.BEEBOX)) == 2000


def test_what_fails_is_tried_again_without_being_asked(path: Path) -> None:
    told = threading.Event()
    database = Database(path, lambda: None)
    writer = Writer(database, told.set, retry_seconds=0.01)
    with full_disk(path):
        writer.put(lambda connection: connection.execute("INSERT INTO memory VALUES ('a', zeroblob(100000))"))
        writer.settle()
        assert told.is_set()
        told.clear()
    assert told.wait(patience(30))
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
