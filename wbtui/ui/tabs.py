"""The five tabs, what each holds, and what its label counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from wbtui.model import PROBLEM, Event, Item, ItemKey, Level, Service, Snapshot, State

Row = Item | Event
"""What a line of a table stands for."""


class Tab(StrEnum):
    """A tab; the first four show the items of the service of the same name."""

    OPERATIONS = "operations"
    BEEBOX = "beebox"
    INSTANT = "instant"
    FLEX = "flex"
    ACTIVITY = "activity"

    @property
    def label(self) -> str:
        """Return the name shown."""
        return self.value.capitalize()

    @property
    def service(self) -> Service | None:
        """Return the service whose items it shows; None for Activity."""
        return None if self is Tab.ACTIVITY else Service(self.value)


TABS = tuple(Tab)


def row_key(row: Row) -> ItemKey:
    """Return what a row is known by: the item's key, or the event's number."""
    return ItemKey(f"event:{row.id}") if isinstance(row, Event) else row.key


def rows_of(snapshot: Snapshot, tab: Tab) -> Sequence[Row]:
    """Return the rows of a tab in the order they are held; keeps its identity where no row is left out."""
    service = tab.service
    if service is None:
        return snapshot.events
    if tab is not Tab.FLEX:
        return snapshot.items(service)
    wanted = State.RUNNING if snapshot.question.invert else State.READY
    return tuple(item for item in snapshot.flex if item.state is wanted)


@dataclass(frozen=True, slots=True)
class Count:
    """The figures of a tab's label."""

    total: int = 0
    problems: int = 0
    ready: int = 0


def count(rows: Sequence[Row]) -> Count:
    """Count rows, those with a problem, and those that can be fetched."""
    items = [row for row in rows if not isinstance(row, Event)]
    return Count(
        total=len(rows),
        problems=sum(1 for item in items if item.state in PROBLEM),
        ready=sum(1 for item in items if item.state is State.READY),
    )


def unread(events: Sequence[Event], seen: int) -> Count:
    """Count the events younger than the one seen last; problems are warnings and errors."""
    fresh = [event for event in events if event.id > seen]
    return Count(len(fresh), sum(1 for event in fresh if event.level is not Level.INFO))
