"""What is worked out from a snapshot, once as long as the tuples that it comes from stay the same."""

from __future__ import annotations

from collections.abc import Sequence

from wbtui.model import BeeboxFile, Event, Item, ItemKey, Snapshot
from wbtui.rules.offers import offers
from wbtui.ui.bands import LocaleTotal, totals
from wbtui.ui.details import Subject
from wbtui.ui.tabs import Row, row_key

HISTORY = 8
"""Events of an item that the details show."""


class Derived:
    """Keeps the last result of each question together with the tuple that it was worked out from."""

    def __init__(self) -> None:
        self._totals: tuple[object, tuple[LocaleTotal, ...]] = (None, ())
        self._siblings: tuple[object, ItemKey | None, tuple[Item, ...]] = (None, None, ())

    def totals(self, snapshot: Snapshot) -> tuple[LocaleTotal, ...]:
        """Return the totals per locale of the Beebox files."""
        if self._totals[0] is not snapshot.beebox:
            self._totals = (snapshot.beebox, totals(snapshot.beebox))
        return self._totals[1]

    def subject(self, row: Row, snapshot: Snapshot) -> Subject:
        """Return all that the details say of a row."""
        key = row_key(row)
        if isinstance(row, Event):
            return Subject(row)
        return Subject(
            row,
            offers(row, read_only=snapshot.read_only),
            self._siblings_of(row, snapshot),
            _history(snapshot.events, key),
        )

    def _siblings_of(self, row: Item, snapshot: Snapshot) -> tuple[Item, ...]:
        if not isinstance(row, BeeboxFile):
            return ()
        if self._siblings[0] is not snapshot.beebox or self._siblings[1] != row.key:
            path = row.wire_path or row.path
            found = tuple(
                file for file in snapshot.beebox
                if file.locale != row.locale and (file.wire_path or file.path) == path
            )  # fmt: skip
            self._siblings = (snapshot.beebox, row.key, found)
        return self._siblings[2]


def _history(events: Sequence[Event], key: ItemKey) -> tuple[Event, ...]:
    """Return the last events about an item, oldest first."""
    found: list[Event] = []
    for event in reversed(events):
        if event.key == key:
            found.append(event)
        if len(found) == HISTORY:
            break
    return tuple(reversed(found))
