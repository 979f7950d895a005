"""What the services can tell again is committed for each look and synced together; all else at once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.values import NOW, file
from wbtui.domain.model import Service
from wbtui.domain.records import Tracked
from wbtui.files.places import on_local_disk
from wbtui.store import SqliteStore, open_store
from wbtui.store.database import PAGE, Database
from wbtui.store.writer import SYNC_SECONDS, Writer


class Counted:
    """A database whose syncs are counted, and a writer on it whose time the test moves."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 0.0
        self.syncs = 0
        self.commits = 0
        self.database = Database(path, lambda: None)
        self.unsynced: Callable[[], bool] = lambda: self.database.unsynced
        self.database.sync_together()
        real, write = os.fsync, self.database.write

        def fsync(descriptor: int) -> None:
            self.syncs += 1
            real(descriptor)

        def writing(work: Callable[[sqlite3.Connection], object], *, synced: bool = True) -> object:
            self.commits += 1
            self.syncs += synced
            return write(work, synced=synced)

        monkeypatch.setattr(os, "fsync", fsync)
        monkeypatch.setattr(self.database, "write", writing)
        self.writer = Writer(self.database, lambda: None, monotonic=lambda: self.at)

    def look(self, number: int) -> None:
        self.writer.put(lambda connection: connection.execute(REMEMBER, (number,)), synced=False)
        self.writer.settle()


REMEMBER = "INSERT OR REPLACE INTO memory (name, value) VALUES ('look', ?)"


def test_forty_eight_looks_a_minute_are_synced_twelve_times(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(path, monkeypatch)
    for number in range(48):
        counted.look(number)
        counted.at += 60 / 48
    assert counted.commits == 48
    assert 1 <= counted.syncs <= 60 / SYNC_SECONDS
    counted.writer.close()
    assert not counted.unsynced()
    counted.database.close()


def test_what_only_the_user_can_tell_is_synced_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(path, monkeypatch)
    counted.look(1)
    assert counted.unsynced()
    counted.writer.call(lambda connection: connection.execute(REMEMBER, (2,)))
    assert counted.syncs == 1
    assert not counted.unsynced(), "the sync of the second has brought the first along"
    counted.look(3)
    counted.writer.call(lambda connection: connection.execute("DELETE FROM memory WHERE name = 'none'"))
    assert counted.unsynced(), "a transaction that changes nothing syncs nothing"
    counted.writer.close()
    counted.database.close()


LOOKER = """
import os, signal, sys
from pathlib import Path
from tests.store.values import file
from wbtui.domain.model import Service
from wbtui.store import open_store

store = open_store(Path(sys.argv[1]))
store.sync_together()
for number in range(200):
    store.save(Service.BEEBOX, [file(number)])
store.flush()
assert Path(sys.argv[1] + "-wal").stat().st_size > 0
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_kill_9_loses_no_look(path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", LOOKER, str(path)])
    assert ended.returncode == -signal.SIGKILL
    store = open_store(path)
    assert [item.name for item in store.items(Service.BEEBOX)] == [file(number).name for number in range(200)]
    assert store.notice == ""
    store.close()
    assert not path.with_name(f"{path.name}-wal").exists()


def test_others_write_and_read_while_one_polls(path: Path, opened: Callable[[Path], SqliteStore]) -> None:
    poller, other = opened(path), opened(path)
    poller.sync_together()
    late = opened(path)
    before = poller.stamp()
    for number, store in enumerate((other, late), 5001):
        store.track([Tracked(number)], NOW)
    assert poller.stamp() != before
    assert {each.request_id for each in poller.operations()} == {5001, 5002}
    poller.save(Service.BEEBOX, [file(1)])
    poller.flush()
    assert len(other.items(Service.BEEBOX)) == len(late.items(Service.BEEBOX)) == 1


def test_at_rest_the_file_is_one(path: Path) -> None:
    store = open_store(path)
    store.sync_together()
    store.save(Service.BEEBOX, [file(1)])
    store.close()
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    with sqlite3.connect(path) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    plain.close()


@pytest.mark.parametrize("how", ["deleted", "moved", "damaged"])
def test_a_file_that_is_lost_while_one_polls_is_begun_afresh(path: Path, how: str) -> None:
    store = open_store(path)
    store.sync_together()
    store.save(Service.BEEBOX, [file(1)])
    store.flush()
    if how == "deleted":
        path.unlink()
    elif how == "moved":
        path.rename(path.with_name("elsewhere"))
    else:
        store.close()
        path.write_bytes(b"SQLite format 3\0" + bytes(5000))
        store = open_store(path)
        store.sync_together()
    store.save(Service.BEEBOX, [file(2)])
    store.flush()
    assert [item.name for item in store.items(Service.BEEBOX)] == [file(2).name]
    assert store.notice
    store.close()
    again = open_store(path)
    assert [item.name for item in again.items(Service.BEEBOX)] == [file(2).name]
    again.close()


def test_scattered_changes_write_little(path: Path) -> None:
    store = open_store(path)
    items = [file(number) for number in range(5000)]
    store.save(Service.BEEBOX, items)
    store.flush()
    store.sync_together()
    log = path.with_name(f"{path.name}-wal")
    changed = 0
    for start in range(10):
        some = [replace(item, words=start) for item in items[start * 7 :: 97]]
        store.save(Service.BEEBOX, some)
        store.flush()
        changed += len(some)
    # each page stands in the log, and once more in the file when that takes the log in
    assert 0 < 2 * log.stat().st_size / changed <= 4096
    store.close()


def test_a_file_with_large_pages_is_packed_anew_by_the_one_that_polls(path: Path) -> None:
    open_store(path).close()
    with sqlite3.connect(path) as plain:
        plain.executescript("PRAGMA page_size = 4096; VACUUM")
    plain.close()
    store = open_store(path)
    store.save(Service.BEEBOX, [file(1)])
    store.sync_together()
    assert len(store.items(Service.BEEBOX)) == 1
    store.close()
    with sqlite3.connect(path) as plain:
        assert plain.execute("PRAGMA page_size").fetchone() == (PAGE,)
    plain.close()


@pytest.mark.parametrize(
    ("lines", "local"),
    [
        ("27 1 254:0 / / rw,relatime - ext4 /dev/vda rw", True),
        ("27 1 254:0 / / rw - ext4 /dev/vda rw\n30 27 0:41 / {folder} rw - nfs4 server:/home rw", False),
        ("27 1 0:40 / / rw - nfs4 server:/ rw\n30 27 254:1 / {folder} rw - btrfs /dev/vdb rw", True),
        ("27 1 0:40 / / rw - fuse.sshfs server: rw", False),
        ("", False),
    ],
)
def test_the_kind_of_disk_is_that_of_the_nearest_mount(tmp_path: Path, lines: str, local: bool) -> None:
    folder = tmp_path / "a home"
    folder.mkdir()
    mounts = tmp_path / "mountinfo"
    mounts.write_text(lines.format(folder=str(folder).replace(" ", "\\040")), encoding="utf-8")
    assert on_local_disk(folder, mounts) is local
    assert not on_local_disk(folder / "none", mounts)
    assert not on_local_disk(folder, tmp_path / "no list")
