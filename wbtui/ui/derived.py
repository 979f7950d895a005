"""What the details say of a row besides itself: what could be done to it, and what was seen of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from wbtui.model import Event, Item, ItemKey, Snapshot
from wbtui.rules.offers import offers
from wbtui.ui.census import Group, Job
from wbtui.ui.details import HISTORY, Subject
from wbtui.ui.tabs import Row, row_key
from wbtui.ui.whole_row import WholeRow


def subject(row: Row, siblings: Sequence[Item], snapshot: Snapshot, *, marked: int = 0) -> Subject:
    """Return all that the details say of a row; `siblings` are its other languages."""
    if isinstance(row, Event):
        return Subject(row)
    key = row_key(row)
    return Subject(
        row,
        offers(row, read_only=snapshot.read_only),
        siblings,
        _history(snapshot.events, {key}),
        bell=key in snapshot.bells,
        marked=marked,
    )


def whole_row(row: Group | Job, snapshot: Snapshot, *, marked: int = 0, so_far: bool = False) -> WholeRow:
    """Return all that the details say of a whole row of a matrix."""
    keys = {cell.key for cell in row.cells.values()} if isinstance(row, Group) else set()
    return WholeRow(
        row,
        read_only=snapshot.read_only,
        history=_history(snapshot.events, keys) if keys else (),
        bells=len(keys & snapshot.bells),
        marked=marked,
        so_far=so_far,
    )


def _history(events: Sequence[Event], keys: Collection[ItemKey | None]) -> tuple[Event, ...]:
    """Return the last events about these items, oldest first; one more than is shown, if there are more."""
    found: list[Event] = []
    for event in reversed(events):
        if event.key in keys:
            found.append(event)
        if len(found) > HISTORY:
            break
    return tuple(reversed(found))
