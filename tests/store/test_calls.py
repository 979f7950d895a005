"""The calls of all runs are counted, also those of other processes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.store.values import HOUR, NOW
from wbtui.store import SqliteStore, open_store
from wbtui.store.calls import BLOCK_CALLS
from wbtui.store.database import Database


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
