"""Newer, damaged and held files: set aside, or told in words."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.values import NOW, file, outside
from wbtui.domain.errors import StoreDamaged, StoreError, StoreTooNew
from wbtui.domain.model import Service
from wbtui.domain.records import Tracked
from wbtui.store import SqliteStore, open_store
from wbtui.store.database import VERSION, Database
from wbtui.store.lock import PollerLock


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
        store.items(Service.BEEBOX)
    else:
        store.save(Service.BEEBOX, [file(number) for number in range(3000, 4000)])
        store.flush()
    assert "set aside as acme.sqlite3.damaged-1" in store.notice
    assert notices == [store.notice]
    assert len(store.items(Service.BEEBOX)) == (0 if then == "read" else 1000)
    store.close()


def test_a_path_that_is_no_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be opened: Is a directory"):
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


def test_a_damaged_file_that_cannot_be_set_aside_is_named(tmp_path: Path) -> None:
    name = "a" * 250  # with ".damaged-1" the name is longer than a file name may be
    (tmp_path / name).write_text("no database " * 100)
    with pytest.raises(StoreDamaged) as caught:
        open_store(tmp_path / name)
    assert "was damaged and cannot be set aside: File name too long" in str(caught.value)
    assert caught.value.advice == "Move it away by hand."
