"""Items in the state file: a row per item, with what is looked for in columns and the rest as JSON."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, Final, TypeVar

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ITEM_CLASSES, FlexDocument, Item, ItemKey, Operation, Service
from wbtui.store.codec import Codec, encode, storable
from wbtui.store.database import Database
from wbtui.store.tracking import OPERATION, SAVE, row_of_operation
from wbtui.store.writer import Writer

_Value = TypeVar("_Value")

_PAGE: Final = 5000
"""Rows read at once: the file is locked for others, and the rows held as bytes, only so long."""


class ItemTables:
    """The tables of items; `unreadable` is called with each table and the number of its unreadable rows."""

    def __init__(self, database: Database, writer: Writer, unreadable: Callable[[str, int], None]) -> None:
        self._database: Final = database
        self._writer: Final = writer
        self._unreadable: Final = unreadable

    def read(self, kind: type[_Value]) -> tuple[_Value, ...]:
        """Return all items of a kind; raises `StoreError`."""
        table = _TABLES[kind]
        self._writer.settle()
        found: list[_Value] = []
        total = 0
        with _without_collector():
            for page in self._pages(table.name):
                found += [item for _, data in page if (item := table.codec.decode(data)) is not None]
                total += len(page)
        self._unreadable(table.name, total - len(found))
        return tuple(found)

    def _pages(self, table: str) -> Iterator[list[tuple[int, bytes]]]:
        query = f"SELECT rowid, data FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT {_PAGE}"  # noqa: S608 - our own names
        last = 0
        while page := self._database.read(query, (last,)):
            yield page
            last = page[-1][0]

    def save(self, service: Service, changed: Sequence[object], gone: Sequence[ItemKey]) -> None:
        """Write what changed and forget what is gone; returns at once."""
        for item in changed:
            if type(item) not in _TABLES:
                raise TypeError(f"{type(item).__name__} is nothing that the store keeps")
        items, keys = tuple(changed), [(storable(key),) for key in gone]
        names = [name for table in _TABLES.values() if table.service is service for name in table.all]

        def work(connection: sqlite3.Connection) -> None:
            for kind, same in groupby(items, type):
                connection.executemany(_TABLES[kind].saving, map(_TABLES[kind].row, same))
            for name in names:
                connection.executemany(f"DELETE FROM {name} WHERE key = ?", keys)  # noqa: S608 - our own names

        if items or keys:
            self._writer.put(work, synced=False)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the garbage collector from walking over a growing list again and again: a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    service: Service
    codec: Codec[Any]
    row: Callable[[Any], tuple[object, ...]]
    saving: str
    beside: tuple[str, ...] = ()
    """Other tables that are emptied with it."""

    @property
    def all(self) -> tuple[str, ...]:
        return (self.name, *self.beside)


def _plain_table(name: str, service: Service, kind: type) -> _Table:
    """Return a table of nothing but keys and JSON."""
    saving = (
        f"INSERT INTO {name} (key, data) VALUES (?, ?)"  # noqa: S608 - our own names
        " ON CONFLICT (key) DO UPDATE SET data = excluded.data"
    )
    return _Table(name, service, Codec(kind), _row, saving)


def _row(item: Item | FlexDocument) -> tuple[str, bytes]:
    return storable(item.id if isinstance(item, FlexDocument) else item.key), encode(item)


_TABLES: Final[dict[type, _Table]] = {
    FlexDocument: _plain_table("flex_documents", Service.FLEX, FlexDocument),
    **{kind: _plain_table(service.value, service, kind) for service, kind in ITEM_CLASSES.items()},
    Operation: _Table("operations", Service.OPERATIONS, OPERATION, row_of_operation, SAVE, ("told",)),
}
