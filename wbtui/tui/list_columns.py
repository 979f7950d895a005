"""The columns of a tab's list: which one the rows are sorted by, and which one comes first. Pure."""

from __future__ import annotations

from wbtui.tui.tabs.column import Column, last_skip
from wbtui.tui.tabs.tab_spec import TabSpec


class ListColumns:
    """How the columns of one list are looked at; the matrix has the same of its locales."""

    def __init__(self, tab: TabSpec) -> None:
        self._tab = tab
        self.sort = tab.columns[0].id
        self.reverse = False
        self.skip = 0
        """0: columns chosen by priority; else the number of the movable column that comes first."""
        self.wide = False
        """Whether names give way so that more columns have room."""

    @property
    def sorted(self) -> Column:
        """Return the column that the list is sorted by."""
        return self._tab.column(self.sort)

    @property
    def order_name(self) -> str:
        """Return the name of what is sorted by."""
        return self.sorted.head or "State"

    def choose_sort(self, id: str) -> None:
        """Sort by a column; the one that is sorted by already is reversed."""
        self.reverse = not self.reverse if id == self.sort else False
        self.sort = id

    def next_sort(self) -> None:
        """Sort by the next column."""
        ids = [each.id for each in self._tab.columns]
        self.choose_sort(ids[(ids.index(self.sort) + 1) % len(ids)])

    def sideways(self, distance: int) -> None:
        """Scroll by so many columns."""
        self.skip = max(0, min(last_skip(self._tab.columns), self.skip + distance))
