"""Activity in the state file: events by their numbers, also where two runs chose the same ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, TypeVar

from wbtui.domain.model import Event, ItemKey
from wbtui.domain.records import Fetched, SentFiles
from wbtui.store.codec import Codec, encode, storable
from wbtui.store.database import Database
from wbtui.store.writer import Writer

KEPT: Final = 10_000
GREATEST: Final = 2**63 - 1
"""The last number that SQLite can hold; only a damaged file has come so far."""

_EVENT: Final = Codec(Event)


class EventLog:
    """The events of a profile.

    A run numbers its events itself, from the greatest number that it has read. If another run has meanwhile
    used a number for something else, the event is written under the next free one.
    """

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer
        self._greatest = 0
        """Numbers up to here are known to this run: saving one of them replaces it."""
        self._moved: dict[int, int] = {}
        """Numbers of this run that stand under another one in the file; only the writer's thread looks."""

    def read(self, limit: int) -> tuple[tuple[Event, ...], int]:
        """Return the newest events, oldest first, and how many could not be read."""
        self._writer.settle()
        rows = self._database.read("SELECT id, data FROM events ORDER BY id DESC LIMIT ?", (limit,))
        found = [
            replace(event, id=number)
            for number, data in reversed(rows)
            if isinstance(number, int) and (event := _EVENT.decode(data)) is not None
        ]
        self._greatest = max([self._greatest, *(event.id for event in found)])
        return tuple(found), len(rows) - len(found)

    def save(self, event: Event) -> None:
        """Write an event, or replace the one of its number; 0 stands for a new number."""
        new = event.id == 0 or event.id > self._greatest
        self._greatest = max(self._greatest, event.id)

        def work(connection: sqlite3.Connection) -> None:
            number = self._free(connection, event.id) if new else self._moved.get(event.id, event.id)
            connection.execute(
                "INSERT OR REPLACE INTO events (id, data) VALUES (?, ?)", (number, encode(event))
            )

        self._writer.put(work)

    def _free(self, connection: sqlite3.Connection, wanted: int) -> int:
        greatest = connection.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0]
        number: int = min(wanted if wanted > greatest else greatest + 1, GREATEST)
        if wanted and number != wanted:
            self._moved[wanted] = number
        return number

    def prune(self) -> None:
        """Forget all but the newest 10 000."""
        self._writer.put(lambda connection: connection.execute(_PRUNE, (KEPT,)))


_PRUNE: Final = "DELETE FROM events WHERE id <= (SELECT id FROM events ORDER BY id DESC LIMIT 1 OFFSET ?)"


_Value = TypeVar("_Value")

_FETCHED: Final = Codec(Fetched)
_SENT: Final = Codec(SentFiles)

Read = Callable[[str, tuple[object, ...]], list[tuple[bytes]]]


def saving_fetched(item: Fetched) -> Callable[[sqlite3.Connection], object]:
    """Return the work that writes down one download in the place of an earlier one of the same item."""
    row = (storable(item.key), item.other, storable(item.place), encode(item))
    return lambda connection: connection.execute(_SAVE_FETCHED, row)


def saving_sent(item: SentFiles) -> Callable[[sqlite3.Connection], object]:
    """Return the work that writes down which local files an operation was sent from."""
    row = (storable(item.key), encode(item))
    return lambda connection: connection.execute(_SAVE_SENT, row)


def all_fetched(read: Read) -> tuple[Fetched, ...]:
    """Return all downloads."""
    return _readable(_FETCHED, read("SELECT data FROM fetched", ()))


def fetched_at(read: Read, place: str) -> tuple[Fetched, ...]:
    """Return the downloads that were saved under a path, as `names.folded` gives it."""
    return _readable(_FETCHED, read("SELECT data FROM fetched WHERE place = ?", (storable(place),)))


def sent_files(read: Read, key: ItemKey) -> SentFiles | None:
    """Return the local files that an operation was sent from."""
    found = _readable(_SENT, read("SELECT data FROM sent WHERE key = ?", (storable(key),)))
    return found[0] if found else None


def _readable(codec: Codec[_Value], rows: Iterable[tuple[bytes]]) -> tuple[_Value, ...]:
    decoded = (codec.decode(data) for (data,) in rows)
    return tuple(value for value in decoded if value is not None)


_SAVE_FETCHED: Final = "INSERT OR REPLACE INTO fetched (key, other, place, data) VALUES (?, ?, ?, ?)"
_SAVE_SENT: Final = "INSERT OR REPLACE INTO sent (key, data) VALUES (?, ?)"
