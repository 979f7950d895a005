"""A state file in a folder of the test, and stores that are closed at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wbtui.store import SqliteStore, open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "acme.sqlite3"


@pytest.fixture
def opened() -> Iterator[Callable[[Path], SqliteStore]]:
    """Open stores that are closed at the end of the test."""
    stores: list[SqliteStore] = []

    def opening(path: Path) -> SqliteStore:
        stores.append(open_store(path))
        return stores[-1]

    yield opening
    for store in stores:
        store.close()


@pytest.fixture
def store(path: Path, opened: Callable[[Path], SqliteStore]) -> SqliteStore:
    return opened(path)
