"""`SqliteStore`: what one profile knows, in one file that any number of processes may use at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from wbtui.domain.errors import StoreError
from wbtui.domain.model import ITEM_CLASSES, FlexDocument, Item, ItemKey, Operation, Service
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import Event
from wbtui.store.action_records import RecordLog
from wbtui.store.calls import CallLog, to_number
from wbtui.store.database import BUSY_SECONDS, Database
from wbtui.store.events import StoredEvents
from wbtui.store.items import ItemTables
from wbtui.store.lock import PollerLock
from wbtui.store.tracking import TOLD, Tracking, check, next_local, with_told
from wbtui.store.writer import Writer

OPERATIONS_KEPT: Final = timedelta(days=30)

_BEYOND_COUNTING: Final = 10**9


def open_store(path: Path, *, on_notice: Callable[[str], None] | None = None) -> SqliteStore:
    """Open the state file of a profile, or begin one.

    A damaged file, or one of a newer wbtui, is set aside, and `notice` says so. Raises `StoreTooNew` if a
    newer wbtui polls with it, and `StoreError` if it cannot be opened. `on_notice` is called with the new
    notice whenever it changes, in any thread; it must return at once, and must not ask the store.
    """
    return SqliteStore(path, on_notice or (lambda _notice: None))


def open_or_in_memory(path: Path) -> SqliteStore:
    """Open the state file of a profile; where that cannot be, return a store that ends with the program.

    It begins with what can be read of the file, `trouble` says why nothing is kept, and what it can do about
    it. Raises `StoreTooNew` alone.
    """
    return SqliteStore(path, lambda _notice: None, spare=True)


class SqliteStore:
    """The store of `ports.Store`; see `open_store`.

    What is saved is written by a thread of its own, in order; whoever reads waits for what was saved before.
    `track` and `flush` wait for the disk. These, and what reads all items of a service, raise `StoreError` if
    the file refuses; what reads less then finds nothing. Saving never does, unless the store is closed. Call
    it from one thread at a time.
    """

    def __init__(
        self,
        path: Path,
        on_notice: Callable[[str], None],
        *,
        spare: bool = False,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self._tell: Final[Callable[[], None]] = lambda: on_notice(self.notice)
        self._closed = False
        self._unreadable: dict[str, int] = {}
        self._database: Final = Database(path, self._tell, busy_seconds=busy_seconds, spare=spare)
        self._writer: Final = Writer(self._database, self._tell)
        self._calls: Final = CallLog(self._database, self._writer)
        self._events: Final = StoredEvents(self._database, self._writer)
        self._tables: Final = ItemTables(self._database, self._writer, self._count_unreadable)
        self.records: Final = RecordLog(self._writer)

    @property
    def path(self) -> Path:
        """Return where the state file lies; what belongs to it lies beside it."""
        return self._database.path

    @property
    def notice(self) -> str:
        """Return in words what is wrong with the state file, or an empty text."""
        count = sum(self._unreadable.values())
        records = "1 record" if count == 1 else f"{count} records"
        left_out = f"Left out as unreadable: {records} of the state file." if count else ""
        return " ".join(part for part in (self._database.notice, left_out, self.trouble) if part)

    @property
    def trouble(self) -> str:
        """Return in words why nothing is kept at present, and what can be done about it; else nothing."""
        return self._database.not_kept or self._writer.trouble

    @property
    def kept(self) -> bool:
        """Return whether there is a file; one that cannot be written at present is tried again."""
        return not self._database.not_kept

    @property
    def opened(self) -> int:
        """Return a number that grows when a file is begun in the place of one that was damaged or lost."""
        return self._database.opened

    def readable(self) -> bool:
        """Return whether this store can show what another process writes."""
        return self._database.readable()

    def reread(self) -> None:
        """Read what another process wrote, where this store is not the file itself."""
        self._database.reread()

    def poller_lock(self) -> PollerLock:
        """Return the lock of this profile; one that cannot be had keeps nobody from polling."""
        return PollerLock(self.path, spare=True)

    def operations(self) -> tuple[Operation, ...]:
        """Return the watched operations, in the order in which they came."""
        found = self._tables.read(Operation)
        told = {key: TOLD.decode(data) for key, data in self._database.read("SELECT key, data FROM told")}
        return tuple(with_told(operation, told.get(operation.key)) for operation in found)

    def items(self, service: Service) -> tuple[Item, ...]:
        """Return the items of a service as last seen."""
        return (
            self.operations() if service is Service.OPERATIONS else self._tables.read(ITEM_CLASSES[service])
        )

    def flex_documents(self) -> tuple[FlexDocument, ...]:
        """Return the Flex documents as last seen."""
        return self._tables.read(FlexDocument)

    def save(self, service: Service, changed: Sequence[object], gone: Sequence[ItemKey] = ()) -> None:
        """Write what changed and forget what is gone; returns at once, the write follows in order.

        Flex documents are saved under `Service.FLEX` like the components, and forgotten by their ids.
        """
        self._tables.save(service, changed, gone)

    def track(self, items: Sequence[Tracked], now: datetime) -> tuple[Operation, ...]:
        """Keep operations that are to be watched; when this returns, they are on disk.

        An id that is watched already keeps its record, but takes a new label, request or kind. An operation
        that is finished and never had an id gets the next `op:local-N`. Raises `ValueError` for one that has
        no id and is not finished.
        """
        check(items)
        return self._writer.call(Tracking(tuple(items), now))

    def next_local(self) -> int:
        """Return the next number for an operation that never had an id; none is given twice."""
        try:
            return self._writer.call(next_local)
        except StoreError:  # what is done on the server must have a name, also while nothing can be written
            return _BEYOND_COUNTING + uuid.uuid4().int % _BEYOND_COUNTING

    def note_call(self, account: str, at: datetime) -> None:
        """Write down one counted call of an account; `store/calls.py` says what a crash costs."""
        self._calls.note(account, at)

    def calls_since(self, account: str, at: datetime) -> tuple[datetime, ...]:
        """Return the calls of all processes since then, oldest first."""
        return self._calls.since(account, at)

    def events(self, limit: int = 10_000) -> tuple[Event, ...]:
        """Return the newest events, oldest first."""
        found, unreadable = self._events.read(limit)
        self._count_unreadable("event", unreadable)
        return found

    def save_event(self, event: Event) -> None:
        """Write an event, or replace the one with the same id."""
        self._events.save(event)

    def remember(self, name: str, value: str, *, synced: bool = True) -> None:
        """Keep a small text under a name; an empty one is not kept."""
        statement, values = (_REMEMBER, (name, value)) if value else (_FORGET, (name,))
        self._writer.put(lambda connection: connection.execute(statement, values), synced=synced)

    def sync_together(self) -> None:
        """Let what the services can tell again be synced every few seconds, and not for each look.

        That is for who polls for long; it may take seconds, and does nothing on a network's disk.
        """
        self._database.sync_together()

    def recall(self, name: str) -> str | None:
        """Return the text kept under a name."""
        rows = self._writer.read_few("SELECT value FROM memory WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def recall_all(self, prefix: str) -> dict[str, str]:
        """Return the texts under all names that begin so."""
        rows = self._writer.read_few(_RECALL_ALL, (prefix, f"{prefix}\U0010ffff"))
        return {str(name): str(value) for name, value in rows}

    def stamp(self) -> int:
        """Return a number that changes when another process has written; never waits."""
        return self._database.stamp()

    def prune(self, now: datetime) -> None:
        """Forget what is older than its time: finished operations 30 days, calls 2 hours, old events."""
        oldest = to_number(now - OPERATIONS_KEPT)
        self._writer.put(lambda connection: connection.execute(_PRUNE, (oldest,)))
        self._writer.put(lambda connection: connection.execute(_PRUNE_TOLD))
        self._calls.prune(now)
        self._events.prune()

    def flush(self) -> None:
        """Wait until all that was saved is on disk; raises `StoreError` if it cannot be written."""
        self._writer.flush()

    def close(self) -> None:
        """Write what is left, as far as possible, and close the file; `notice` tells of what was not."""
        if not self._closed:
            self._closed = True
            self._calls.close()
            self._writer.close()
            self._database.close()

    def _count_unreadable(self, kind: str, count: int) -> None:
        if count != self._unreadable.get(kind, 0):
            self._unreadable[kind] = count
            self._tell()


_REMEMBER: Final = "INSERT OR REPLACE INTO memory (name, value) VALUES (?, ?)"
_FORGET: Final = "DELETE FROM memory WHERE name = ?"
_RECALL_ALL: Final = "SELECT name, value FROM memory WHERE name >= ? AND name < ?"
_PRUNE: Final = "DELETE FROM operations WHERE ended < ?"
_PRUNE_TOLD: Final = "DELETE FROM told WHERE key NOT IN (SELECT key FROM operations)"
