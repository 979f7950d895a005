"""What one tab remembers of how it is looked at: order, cursor, scroll, and what was counted. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from wbtui.model import Snapshot
from wbtui.ui.columns import Column, Context, arranged, last_skip
from wbtui.ui.rows import Rows
from wbtui.ui.tab_columns import column, columns_of
from wbtui.ui.tabs import Count, Row, Tab, count, row_key, rows_of

_ANY_WIDTH = 1000


class TabView:
    """The view state of one tab; it belongs to the tab and outlives every refresh."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.rows: Rows[Row] = Rows(row_key, follows_head=tab is Tab.ACTIVITY)
        self.sort = columns_of(tab, _ANY_WIDTH)[0].id
        self.reverse = False
        self.skip = 0
        """0: columns chosen by priority; else the number of the movable column that comes first."""
        self.count = Count()
        self._basis: tuple[object, ...] = ()
        self._source: Sequence[Row] = ()

    @property
    def sorted_column(self) -> Column:
        """Return the column that the rows are sorted by."""
        return column(self.tab, self.sort)

    def take(self, snapshot: Snapshot, context: Context) -> bool:
        """Take a newer snapshot; return False if the item under the cursor has left the list.

        Nothing is sorted again while the tuple of items keeps its identity and the queue its order.
        """
        service = self.tab.service
        held = snapshot.events if service is None else snapshot.items(service)
        invert = snapshot.question.invert
        if self._basis and self._basis[0] is held and self._basis[1:] == (context.places, invert):
            return True
        self._basis = (held, context.places, invert)
        self._source = rows_of(snapshot, self.tab)
        self.count = count(self._source)
        return self._arrange(context)

    def _arrange(self, context: Context) -> bool:
        return self.rows.arrange(arranged(self._source, self.sorted_column, context, reverse=self.reverse))

    def sort_by(self, id: str, context: Context) -> None:
        """Sort by a column; the one that is sorted by already is reversed."""
        self.reverse = not self.reverse if id == self.sort else False
        self.sort = id
        self._arrange(context)

    def sort_next(self, context: Context) -> None:
        """Sort by the next column."""
        ids = [each.id for each in columns_of(self.tab, _ANY_WIDTH)]
        self.sort_by(ids[(ids.index(self.sort) + 1) % len(ids)], context)

    def sideways(self, distance: int) -> None:
        """Scroll by so many columns."""
        limit = last_skip(columns_of(self.tab, _ANY_WIDTH))
        self.skip = max(0, min(limit, self.skip + distance))
