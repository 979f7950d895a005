"""What keys act on in a tab: the lines of its present view mode, the cursor, and the marks. Pure."""

from __future__ import annotations

from collections.abc import Collection

from wbtui.domain.model import ItemKey
from wbtui.domain.snapshot import Event
from wbtui.tui.matrix import FolderRow, Group, Matrix
from wbtui.tui.tabs.row import Cell, Row, row_key
from wbtui.tui.tabs.tab_spec import TabSpec, ViewMode
from wbtui.tui.toolkit.rows import Rows


class Selection:
    """The list and the matrix of a tab, of which one is shown, and the marks, which belong to both."""

    def __init__(self, tab: TabSpec) -> None:
        self.mode = tab.modes[0]
        self.rows: Rows[Row] = Rows(row_key, follows_head=tab.of_events)
        """The lines of the list."""
        self.matrix = Matrix(tab.grouping)
        self.marks: frozenset[ItemKey] = frozenset()
        """Keys of the marked items, hidden ones included."""

    @property
    def lines(self) -> Rows[Row] | Rows[Group | FolderRow]:
        """Return the lines of the present view mode."""
        return self.rows if self.mode is ViewMode.LIST else self.matrix.rows

    # What is under the cursor

    @property
    def current(self) -> Row | None:
        """Return the item under the cursor; None if there is none, as in an empty cell."""
        return self.rows.current if self.mode is ViewMode.LIST else self.matrix.item

    @property
    def current_key(self) -> ItemKey | None:
        """Return the key of the item under the cursor."""
        row = self.current
        return None if row is None else row_key(row)

    @property
    def whole_line(self) -> Group | FolderRow | None:
        """Return the line of the matrix that the cursor stands on as a whole; None if it is on one item."""
        if self.mode is ViewMode.LIST or (self.matrix.locale is not None and self.mode is ViewMode.MATRIX):
            return None
        return self.matrix.line

    @property
    def under_cursor(self) -> tuple[Row, ...]:
        """Return all items that the cursor stands on: one, or those of a whole row or a folder."""
        line = None if self.mode is ViewMode.LIST else self.matrix.line
        if isinstance(line, FolderRow):
            return line.files(self.matrix.locale)
        if isinstance(line, Group) and self.matrix.locale is None:
            return tuple(line.cells.values())
        return () if self.current is None else (self.current,)

    # What is in view

    @property
    def visible_rows(self) -> tuple[Row, ...]:
        """Return all items that the present view mode shows, the scrolled ones included, in its order."""
        if self.mode is ViewMode.LIST:
            return tuple(self.rows.rows)
        return tuple(item for line in self.matrix.rows.rows for item in _items_of(line, None))

    @property
    def visible_keys(self) -> Collection[ItemKey]:
        """Return the keys of these items."""
        return [row_key(row) for row in self.visible_rows]

    # Marks

    def mark(self, keys: Collection[ItemKey]) -> None:
        """Mark these keys as well."""
        self.marks = self.marks | frozenset(keys)

    def unmark(self, keys: Collection[ItemKey]) -> None:
        """Remove the marks of these keys."""
        self.marks = self.marks - frozenset(keys)

    def toggle_mark(self) -> None:
        """Mark what is under the cursor; if all of it is marked already, remove the marks."""
        keys = frozenset(row_key(row) for row in self.under_cursor if not isinstance(row, Event))
        if keys <= self.marks:
            self.unmark(keys)
        else:
            self.mark(keys)

    def clear(self) -> None:
        """Remove all marks, and leave a range that is open."""
        self.marks = frozenset()
        self.rows.anchor = self.matrix.rows.anchor = None

    def range_keys(self) -> Collection[ItemKey]:
        """Return the keys of what lies between the anchor of a range and the cursor."""
        if self.mode is ViewMode.LIST:
            return [row_key(row) for row in self.rows.range()]
        locale = self.matrix.locale
        return [item.key for line in self.matrix.rows.range() for item in _items_of(line, locale)]


def _items_of(line: Group | FolderRow, locale: str | None) -> Collection[Cell]:
    """Return the items of a line of the matrix: those of one locale, or all with None."""
    if isinstance(line, FolderRow):
        return line.files(locale)
    if locale is None:
        return line.cells.values()
    return [line.cells[locale]] if locale in line.cells else []
