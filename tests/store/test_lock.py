"""The right to poll a profile, between real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wbtui.domain.errors import StoreError
from wbtui.store.lock import Holder, PollerLock

HOLDING = """
import signal, sys
from pathlib import Path
from wbtui.store.lock import PollerLock
lock = PollerLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
signal.pause()
"""


@contextmanager
def other_process(store: Path) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold the lock while the block lasts."""
    process = subprocess.Popen([sys.executable, "-c", HOLDING, str(store)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "True\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_only_one_process_polls_and_the_others_know_which(tmp_path: Path) -> None:
    lock = PollerLock(tmp_path / "acme.sqlite3")
    with other_process(tmp_path / "acme.sqlite3") as other:
        assert not lock.acquire()
        assert lock.holder() == Holder(other.pid)
        assert lock.holder() is not None
        assert not lock.held
    assert lock.holder() is None
    assert lock.acquire()
    assert lock.holder() is None


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_the_lock_ends_with_its_process_however_that_ends(tmp_path: Path, end: signal.Signals) -> None:
    lock = PollerLock(tmp_path / "acme.sqlite3")
    with other_process(tmp_path / "acme.sqlite3") as other:
        other.send_signal(end)
        other.wait()
        assert lock.acquire()
    lock.release()


def test_a_child_does_not_inherit_the_lock(tmp_path: Path) -> None:
    lock = PollerLock(tmp_path / "acme.sqlite3")
    assert lock.acquire()
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], close_fds=False)
    try:
        lock.release()
        assert PollerLock(tmp_path / "acme.sqlite3").holder() is None
    finally:
        child.kill()
        child.wait()


def test_profiles_have_locks_of_their_own_that_only_their_user_may_read(tmp_path: Path) -> None:
    with PollerLock(tmp_path / "new" / "acme.sqlite3") as one, PollerLock(tmp_path / "b.sqlite3") as two:
        assert one.acquire()
        assert one.acquire()
        assert two.acquire()
        assert one.path.stat().st_mode & 0o777 == 0o600
    assert not one.held
    assert PollerLock(tmp_path / "b.sqlite3").acquire()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"4711\n", "polled by pid 4711"),
        (b"", "polled by another wbtui"),
        (b"\xff\x1b[2J", "polled by another wbtui"),
        (b"12 far\x1b[2J", "polled by pid 12 on far\u241b[2J"),
    ],
)
def test_what_stands_in_the_file_is_data(tmp_path: Path, content: bytes, words: str) -> None:
    with PollerLock(tmp_path / "acme.sqlite3") as holding:
        assert holding.acquire()
        holding.path.write_bytes(content)
        found = PollerLock(tmp_path / "acme.sqlite3").holder()
        assert found is not None
        assert found.words() == words


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="the lock file cannot be opened"):
        PollerLock(tmp_path / "file" / "acme.sqlite3").acquire()


def test_a_symbolic_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    os.symlink(tmp_path / "precious", tmp_path / "acme.lock")
    with pytest.raises(StoreError):
        PollerLock(tmp_path / "acme.sqlite3").acquire()
    assert (tmp_path / "precious").read_text() == "kept"
