"""When items were last read: one that a reading finds unchanged stays the same object, and cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from wbtui.domain.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from wbtui.domain.model import Item, ItemKey


@dataclass(frozen=True, slots=True)
class ReadTimes:
    """The times of readings that are later than the items' own `seen_at`, per list rather than per item."""

    lists: Mapping[str, datetime] = field(default_factory=dict)
    """When each list was read whole, by `listed_in` of its items."""
    missed: frozenset[ItemKey] = frozenset()
    """Items that were not in the last reading of their list."""
    single: Mapping[ItemKey, datetime] = field(default_factory=dict)
    """When items were read for which only a part of their list was asked."""

    def of(self, item: Item) -> datetime | None:
        """Return when an item was last read; None if it never was."""
        whole = None if item.key in self.missed else self.lists.get(item.listed_in)
        times = (item.seen_at, whole, self.single.get(item.key))
        return max((at for at in times if at is not None), default=None)
