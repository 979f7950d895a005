"""How an operation comes to be watched: what `wbtui track` says of it, and what the file knows already."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from wbtui.domain.item_keys import local_operation_key, operation_key
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import FINISHED, ItemKey, Operation, OperationReading, State
from wbtui.domain.records import Tracked
from wbtui.store.calls import to_number
from wbtui.store.codec import Codec, encode, storable

OPERATION: Final = Codec(Operation)
TOLD: Final = Codec(Tracked)


def check(items: Sequence[Tracked]) -> None:
    """Raise `ValueError` for what cannot be watched: no id, and not finished either."""
    for item in items:
        if not item.request_id and (item.reading is None or item.reading.state not in FINISHED):
            raise ValueError("an operation without an id can only be kept if it is finished")


def with_told(operation: Operation, told: Tracked | None) -> Operation:
    """Return an operation with what a user said of it; that outlasts what a running wbtui saves."""
    if told is None:
        return operation
    return replace(
        operation,
        label=told.label or operation.label,
        kind=told.kind or operation.kind,
        request=told.request or operation.request,
    )


@dataclass(frozen=True, slots=True)
class Tracking:
    """Takes operations into the file, as one transaction."""

    items: Sequence[Tracked]
    now: datetime

    def __call__(self, connection: sqlite3.Connection) -> tuple[Operation, ...]:
        """Return the operations as they stand in the file afterwards."""
        return tuple(self._take_in(connection, item) for item in self.items)

    def _take_in(self, connection: sqlite3.Connection, item: Tracked) -> Operation:
        number = item.request_id
        key = operation_key(number) if number else local_operation_key(next_local(connection))
        row = connection.execute(_FIND, (key,)).fetchone()
        known = OPERATION.decode(row[0]) if row else None
        if known is None:
            new = self._new(key, item)
            connection.execute(SAVE, row_of_operation(new))
            return new
        told = _joined(_told(connection, key), item)
        connection.execute(_TELL, (key, encode(replace(told, reading=None))))
        return with_told(known, told)

    def _new(self, key: ItemKey, item: Tracked) -> Operation:
        # An id that nobody has looked at yet is taken to wait: the queue is first-in first-out, so it is
        # looked at when its turn comes, and not all at once.
        reading = item.reading or OperationReading(State.WAITING)
        finished = self.now if reading.state in FINISHED else None
        return Operation(
            key=key,
            request_id=item.request_id,
            reading=reading,
            kind=item.kind,
            label=item.label,
            request=item.request,
            tracked_at=self.now,
            changed_at=finished,
            finished_at=finished,
            seen_at=finished,
        )


def next_local(connection: sqlite3.Connection) -> int:
    """Return the next number for an operation without an id; none is given twice."""
    connection.execute(_COUNT)
    found: int = connection.execute("SELECT value FROM counters WHERE name = 'local'").fetchone()[0]
    return found


def row_of_operation(operation: Operation) -> tuple[str, bytes, int | None]:
    """Return the row of an operation; `SAVE` takes it."""
    ended = None
    if operation.state in FINISHED:
        ended = operation.finished_at or operation.changed_at or operation.seen_at or operation.tracked_at
    return storable(operation.key), encode(operation), to_number(ended) if ended else None


def _told(connection: sqlite3.Connection, key: ItemKey) -> Tracked | None:
    row = connection.execute("SELECT data FROM told WHERE key = ?", (key,)).fetchone()
    return TOLD.decode(row[0]) if row else None


def _joined(old: Tracked | None, new: Tracked) -> Tracked:
    if old is None:
        return new
    return replace(
        new, label=new.label or old.label, kind=new.kind or old.kind, request=new.request or old.request
    )


_COUNT: Final = (
    "INSERT INTO counters (name, value) VALUES ('local', 1)"
    " ON CONFLICT (name) DO UPDATE SET value = value + 1"
)
SAVE: Final = (
    "INSERT INTO operations (key, data, ended) VALUES (?, ?, ?)"
    " ON CONFLICT (key) DO UPDATE SET data = excluded.data, ended = excluded.ended"
)
_FIND: Final = "SELECT data FROM operations WHERE key = ?"
_TELL: Final = "INSERT OR REPLACE INTO told (key, data) VALUES (?, ?)"
