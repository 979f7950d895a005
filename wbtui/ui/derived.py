"""What the details say of a row besides itself: what could be done to it, and what was seen of it."""

from __future__ import annotations

from collections.abc import Sequence

from wbtui.model import Event, Item, ItemKey, Snapshot
from wbtui.rules.offers import offers
from wbtui.ui.details import Subject
from wbtui.ui.tabs import Row, row_key

HISTORY = 8
"""Events of an item that the details show."""


def subject(row: Row, siblings: Sequence[Item], snapshot: Snapshot) -> Subject:
    """Return all that the details say of a row; `siblings` are its other languages."""
    if isinstance(row, Event):
        return Subject(row)
    key = row_key(row)
    return Subject(
        row,
        offers(row, read_only=snapshot.read_only),
        siblings,
        _history(snapshot.events, key),
        bell=key in snapshot.bells,
    )


def _history(events: Sequence[Event], key: ItemKey) -> tuple[Event, ...]:
    """Return the last events about an item, oldest first."""
    found: list[Event] = []
    for event in reversed(events):
        if event.key == key:
            found.append(event)
        if len(found) == HISTORY:
            break
    return tuple(reversed(found))
