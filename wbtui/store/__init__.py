"""What survives a restart and kill -9, in one SQLite file per profile: `open_store`, `open_or_in_memory`."""

from __future__ import annotations

from wbtui.store.database import fault_of
from wbtui.store.sqlite_store import SqliteStore, open_or_in_memory, open_store

__all__ = ["SqliteStore", "fault_of", "open_or_in_memory", "open_store"]
