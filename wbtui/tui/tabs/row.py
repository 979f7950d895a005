"""What a line of a table stands for, how it is identified, and what is counted of the lines of a tab."""

from __future__ import annotations

from collections.abc import Sequence

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import BeeboxFile, FlexComponent, Item, ItemKey
from wbtui.domain.snapshot import Event, Level

Row = Item | Event
"""What a line of a table stands for."""

Cell = BeeboxFile | FlexComponent
"""An item that is one of several languages of something."""


def folder_of(path: str) -> str:
    """Return the first folder of a path; nothing for a file that lies in none."""
    return path.rpartition("\\")[0].partition("\\")[0]


def row_key(row: Row) -> ItemKey:
    """Return the key of a row: the item's key, or one made from the event's number."""
    return ItemKey(f"event:{row.id}") if isinstance(row, Event) else row.key


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
        """Return the sign behind a figure that is a lower bound."""
        return "+" if self.least else ""


def unread(events: Sequence[Event], seen: int) -> Count:
    """Count the events newer than `seen`, an id; problems are warnings and errors."""
    fresh = [event for event in events if event.id > seen]
    return Count(len(fresh), sum(1 for event in fresh if event.level is not Level.INFO))
