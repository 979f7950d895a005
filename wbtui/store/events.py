"""Activity in the state file: events by their numbers, also where two runs chose the same ones."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Final

from wbtui.domain.snapshot import Event
from wbtui.store.codec import Codec, encode
from wbtui.store.database import Database
from wbtui.store.writer import Writer

KEPT: Final = 10_000
GREATEST: Final = 2**63 - 1
"""The last number that SQLite can hold; only a damaged file has come so far."""

_EVENT: Final = Codec(Event)


class StoredEvents:
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

        self._writer.put(work, synced=False)

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
