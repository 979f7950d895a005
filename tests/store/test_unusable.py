"""A place where nothing can be kept: the store runs from memory, says so, and names what to set."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.slowness import patience
from tests.store.test_full_disk import full_disk
from tests.store.values import NOW, file, outside
from wbtui.domain.errors import StoreError
from wbtui.domain.model import Service
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import Event, Level
from wbtui.files.places import store_path
from wbtui.store import SqliteStore, fault_of, open_or_in_memory, open_store
from wbtui.store.database import Database
from wbtui.store.lock import PollerLock


@contextmanager
def _below_a_file(path: Path) -> Iterator[str]:
    path.parent.touch()
    yield "Not a directory"


@contextmanager
def _a_folder_in_its_place(path: Path) -> Iterator[str]:
    path.mkdir(parents=True)
    yield "Is a directory"


@contextmanager
def _a_pipe_in_its_place(path: Path) -> Iterator[str]:
    path.parent.mkdir()
    os.mkfifo(path)
    yield "no regular file"


@contextmanager
def _a_link_to_nowhere(path: Path) -> Iterator[str]:
    path.parent.mkdir()
    path.symlink_to(path.parent / "gone" / "acme.sqlite3")
    yield "No such file"


@contextmanager
def _a_folder_for_its_journal(path: Path) -> Iterator[str]:
    path.with_name(f"{path.name}-journal").mkdir(parents=True)
    yield "cannot be opened"


@contextmanager
def _a_full_disk(path: Path) -> Iterator[str]:
    path.parent.mkdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield "cannot be opened"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    "obstacle",
    [
        _below_a_file,
        _a_folder_in_its_place,
        _a_pipe_in_its_place,
        _a_link_to_nowhere,
        _a_folder_for_its_journal,
        _a_full_disk,
    ],
)
def test_where_nothing_can_be_kept_the_store_is_one_in_memory_and_says_so(
    path: Path, obstacle: Callable[[Path], Iterator[str]]
) -> None:
    with obstacle(path) as words:  # type: ignore[attr-defined]
        with pytest.raises(StoreError, match="the state file") as caught:
            open_store(path)
        assert "XDG_STATE_HOME" in caught.value.advice
        with closing(open_or_in_memory(path)) as store:
            assert not store.kept
            assert store.trouble.startswith(f"Nothing is kept: {path}: the state file cannot be opened: ")
            assert words in store.trouble
            assert "XDG_STATE_HOME" in store.trouble
            assert store.notice == store.trouble
            _use(store)


def _use(store: SqliteStore) -> None:
    """Do what a run does with a store, and find it all again."""
    assert [o.request_id for o in store.track([Tracked(5001)], NOW)] == [5001]
    store.save(Service.BEEBOX, [file(1)])
    store.save_event(Event(NOW, Level.INFO, "wbtui", "seen"))
    store.remember("a", "b")
    store.note_call("acme", NOW)
    store.prune(NOW)
    store.flush()
    assert [o.request_id for o in store.operations()] == [5001]
    assert store.items(Service.BEEBOX) == (file(1),)
    assert [event.text for event in store.events()] == ["seen"]
    assert (store.recall("a"), store.next_local()) == ("b", 1)
    assert store.calls_since("acme", NOW) == (NOW,)


def test_without_a_home_nothing_is_made_in_the_present_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # no HOME, and no such user
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    with closing(open_or_in_memory(store_path("acme"))) as store:
        assert "no home folder is known. Set HOME, or XDG_STATE_HOME" in store.trouble
        assert store.poller_lock().acquire()
    assert list(tmp_path.iterdir()) == []


READING = """
import os, sys
from pathlib import Path
from wbtui.store import open_or_in_memory
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
store = open_or_in_memory(Path(sys.argv[1]))
print(store.kept, [o.request_id for o in store.operations()], store.poller_lock().holder(), store.trouble)
store.close()
"""


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="takes two users")
def test_of_another_users_file_what_can_be_read_is_shown(path: Path) -> None:
    with closing(open_store(path)) as store:
        store.track([Tracked(5001)], NOW)
    path.chmod(0o644)
    lock = PollerLock(path)
    assert lock.acquire()
    lock.path.chmod(0o644)
    for folder in (path.parent, *path.parents[1:-1]):
        folder.chmod(folder.stat().st_mode | 0o055)
    ended = subprocess.run(
        [sys.executable, "-c", READING, str(path)],
        capture_output=True,
        text=True,
        timeout=patience(60),
        check=False,
    )
    assert ended.stdout.startswith(f"False [5001] Holder(pid={os.getpid()}, machine='') Nothing is kept: "), (
        ended
    )
    assert "Permission denied. Put that right, or set XDG_STATE_HOME" in ended.stdout
    lock.release()


def test_a_file_that_is_held_is_replaced_by_memory_and_shown_once_it_can_be_read(path: Path) -> None:
    with closing(open_store(path)) as first:
        first.track([Tracked(5001)], NOW)
    with outside(path) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        database = Database(path, lambda: None, busy_seconds=0.05, spare=True)
        assert "database is locked. End the program that holds it; on a network" in database.not_kept
        assert database.read("SELECT key FROM operations") == []
        assert not database.readable()
    stamp = database.stamp()
    assert database.readable()
    database.reread()
    assert database.read("SELECT key FROM operations") == [("op:5001",)]
    with closing(open_store(path)) as other:
        other.track([Tracked(5002)], NOW)
    assert database.stamp() != stamp
    database.write(lambda connection: connection.execute("DELETE FROM operations"))
    assert len(database.read("SELECT key FROM operations")) == 0
    database.reread()
    assert len(database.read("SELECT key FROM operations")) == 2
    database.close()


def test_damage_found_later_that_cannot_be_set_aside_ends_in_memory(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 246)  # with ".damaged-1" the name is longer than a file name may be
    open_store(path).close()
    with closing(open_or_in_memory(path)) as store:
        path.write_bytes(b"no database " * 9000)
        assert store.operations() == ()
        assert "was damaged and cannot be set aside: File name too long" in store.trouble
        _use(store)


def test_a_file_that_is_deleted_while_it_is_open_is_begun_anew(path: Path) -> None:
    with closing(open_or_in_memory(path)) as store:
        store.track([Tracked(5001)], NOW)
        path.unlink()
        store.track([Tracked(5002)], NOW)
        assert store.notice == "The state file was moved or deleted; a fresh one was begun."
        assert store.opened == 2
    with closing(open_store(path)) as again:
        assert [o.request_id for o in again.operations()] == [5002]


def test_what_is_read_by_the_way_is_empty_where_the_file_refuses(path: Path) -> None:
    store = SqliteStore(path, lambda _notice: None)
    store.remember("a", "b")
    store.note_call("acme", NOW)
    store.flush()
    store.close()
    assert store.recall("a") is None
    assert store.records.fetched() == store.records.fetched_at("a") == ()
    assert store.calls_since("acme", NOW) == (NOW,)
    with pytest.raises(StoreError):
        store.operations()
    store.close()


def test_what_was_done_on_the_server_gets_a_name_also_on_a_full_disk(path: Path) -> None:
    with closing(open_store(path)) as store:
        assert store.next_local() == 1
        with full_disk(path, -path.stat().st_size):
            names = {store.next_local() for _ in range(3)}
        assert len(names) == 3
        assert min(names) > 10**6
        assert store.next_local() == 2


def test_the_fault_of_a_file_is_found_without_touching_it(path: Path) -> None:
    assert fault_of(path) is None
    open_store(path).close()
    assert fault_of(path) is None
    path.write_bytes(b"no database " * 900)
    fault = fault_of(path)
    assert fault is not None
    assert "damaged" in fault.message
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_lock_that_cannot_be_had_keeps_nobody_from_polling(tmp_path: Path) -> None:
    (tmp_path / "acme.lock").mkdir()
    with PollerLock(tmp_path / "acme.sqlite3", spare=True) as lock:
        assert lock.holder() is None
        assert lock.acquire()
        assert lock.held
    assert not lock.held


def test_a_lock_is_held_also_where_nothing_can_be_written_into_it(tmp_path: Path) -> None:
    lock = PollerLock(tmp_path / "acme.sqlite3")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        assert lock.acquire()
        other = PollerLock(tmp_path / "acme.sqlite3").holder()
        assert other is not None
        assert other.words() == "polled by another wbtui"
    finally:
        lock.release()
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
