"""What was confirmed survives kill -9."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.store.values import NOW
from wbtui.domain.model import Service
from wbtui.store import SqliteStore, open_store
from wbtui.store.calls import BLOCK_CALLS

WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from wbtui.domain.item_keys import beebox_key
from wbtui.domain.model import *
from wbtui.domain.records import Tracked
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
        names = {item.name for item in store.items(Service.BEEBOX)}
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
