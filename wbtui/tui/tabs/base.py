"""The five tabs, what each holds, and what its label counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wbtui.domain.model import Event, Item, ItemKey, Level, Service, State

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


def side_of(tab: Tab, *, invert: bool) -> Callable[[Row], bool] | None:
    """Return what the list of a tab is about: of Flex one side of the question, of others everything."""
    if tab is not Tab.FLEX:
        return None
    wanted = State.RUNNING if invert else State.READY
    return lambda row: not isinstance(row, Event) and row.state is wanted


@dataclass(frozen=True, slots=True)
class Count:
    """The figures of a tab's label."""

    total: int = 0
    problems: int = 0
    ready: int = 0
    least: bool = False
    """Whether there may be more: only a part has been read."""

    @property
    def more(self) -> str:
        """Return what stands behind a figure that is a least one."""
        return "+" if self.least else ""


def unread(events: Sequence[Event], seen: int) -> Count:
    """Count the events younger than the one seen last; problems are warnings and errors."""
    fresh = [event for event in events if event.id > seen]
    return Count(len(fresh), sum(1 for event in fresh if event.level is not Level.INFO))
