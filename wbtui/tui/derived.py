"""What the details say of a row besides itself: what could be done to it, and what was seen of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from wbtui.domain.deeds import Action
from wbtui.domain.model import BeeboxFile, Event, Item, ItemKey, Snapshot
from wbtui.domain.offers import offers
from wbtui.tui.census import Group, Job
from wbtui.tui.tabs.base import Row, row_key
from wbtui.tui.tabs.details import HISTORY, Subject
from wbtui.tui.tabs.row_details import WholeRow

_TO_THE_SOURCE = tuple(f"{each.value}: " for each in (Action.RETRY, Action.CANCEL))


def subject(row: Row, siblings: Sequence[Item], snapshot: Snapshot, *, marked: int = 0) -> Subject:
    """Return all that the details say of a row; `siblings` are its other languages."""
    if isinstance(row, Event):
        return Subject(row)
    key = row_key(row)
    languages = {item.key for item in siblings} if isinstance(row, BeeboxFile) else frozenset()
    return Subject(
        row,
        offers(row, read_only=snapshot.read_only),
        siblings,
        _history(snapshot.events, {key}, languages),
        bell=key in snapshot.bells,
        marked=marked,
    )


def whole_row(
    row: Group | Job,
    snapshot: Snapshot,
    *,
    marked: int = 0,
    so_far: bool = False,
    locale: str | None = None,
) -> WholeRow:
    """Return all that the details say of a whole row of a matrix."""
    keys = {cell.key for cell in row.cells.values()} if isinstance(row, Group) else set()
    return WholeRow(
        row,
        read_only=snapshot.read_only,
        history=_history(snapshot.events, keys) if keys else (),
        bells=len(keys & snapshot.bells),
        marked=marked,
        so_far=so_far,
        locale=locale,
    )


def _history(
    events: Sequence[Event], keys: Collection[ItemKey | None], languages: Collection[ItemKey | None] = ()
) -> tuple[Event, ...]:
    """Return the last events about these items, oldest first; one more than is shown, if there are more.

    Of other `languages` of a file only what was done to the source of all of them.
    """
    found: list[Event] = []
    for event in reversed(events):
        if event.key in keys or (event.key in languages and event.text.startswith(_TO_THE_SOURCE)):
            found.append(event)
        if len(found) > HISTORY:
            break
    return tuple(reversed(found))
