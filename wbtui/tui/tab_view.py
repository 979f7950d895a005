"""What one tab remembers of how it is looked at: form, order, cursor, scroll, and what was counted. Pure.

A snapshot only tells the view what there is (`take`); bringing counts, rows and order up to date is `work`,
which is done at once while it is short and in slices while it is long.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, MutableMapping, Sequence
from dataclasses import replace

from wbtui.domain.model import Event, ItemKey, Part, Snapshot
from wbtui.tui.matrix import (
    NAME,
    STATE,
    FolderRow,
    Group,
    GroupCounts,
    LocaleTotal,
    Matrix,
    first_folder,
    folder_key,
    group_counts,
    job_key,
)
from wbtui.tui.tabs.base import TabSpec, ViewMode
from wbtui.tui.tabs.column import Column, Context, last_skip
from wbtui.tui.tabs.row import Cell, Count, Row, row_key
from wbtui.tui.toolkit.chunks import (
    AT_ONCE,
    SLICE,
    Steps,
    at_once,
    filtered,
    numbers_of,
    ordered,
    places,
    released,
)
from wbtui.tui.toolkit.rows import Rows

FIRST_LOOK = 400
"""Items of a long list that are shown before the whole of it has been counted and sorted."""


class TabView:
    """The view state of one tab; it belongs to the tab and outlives every refresh."""

    def __init__(self, tab: TabSpec) -> None:
        self.tab = tab
        self.form = tab.modes[0]
        self.rows: Rows[Row] = Rows(row_key, follows_head=tab.of_events)
        """The list, and the marks of every form."""
        self.matrix = Matrix(tab.grouping)
        self.sort = tab.columns[0].id
        self.reverse = False
        self.skip = 0
        """0: columns chosen by priority; else the number of the movable column that comes first."""
        self._begin_whole()
        self.wide = False
        """More columns than names leave room for."""
        self.census = GroupCounts()
        """What is counted of all there is."""
        self.part: Part | None = None
        """How much of the tab's list has been read, where that is not all of it."""
        self.shown = GroupCounts()
        """What is counted of what the filter lets through."""
        self.partial = False
        """True while only the first few of a long list are shown."""
        self._held: Sequence[Row] = ()
        self._generation = 0
        self._basis: tuple[object, ...] = ()
        self._counted: object = None
        self._half_known: frozenset[str] = frozenset()
        """Flex documents that have not wholly answered the question; while that is so, no share is told."""
        self._recount = False
        self._arranged: tuple[object, ...] = ()
        self._tables: list[MutableMapping[ItemKey, int]] = []
        """What the numbers of the list's keys are kept in."""
        self._goal: Cell | None = None
        self._goal_locale: str | None = None
        self._left: Cell | None = None

    def _begin_whole(self) -> None:
        """Begin with all there is."""
        self.wanted: Callable[[Row], bool] | None = None
        """What the filter lets through; None: everything. Set by `show_only`."""
        self.folder: str | None = None
        """The first folder whose files alone are shown; None: those of all. See `open_folder`."""
        self.folder_words = ""
        """What was filtered by when it was opened."""
        self._whole: tuple[GroupCounts | None, ViewMode, str | None] = (None, self.form, None)
        """What the lines without a filter were counted of the last time."""
        self._whole_lines = 0

    @property
    def count(self) -> Count:
        """Return the figures of the tab's label; Flex counts the side that is asked for."""
        found, least = self.census.count, self.part is not None
        if self.tab.side is None:
            return replace(found, least=least)
        inverted = bool(self._basis) and self._basis[2] is True
        total = found.total - found.ready if inverted else found.ready
        return Count(total, found.problems, found.ready, least)

    @property
    def totals(self) -> Sequence[LocaleTotal]:
        """Return how far each locale is, of what is shown; nothing before all of that was counted."""
        return () if self.partial else self.shown.totals

    @property
    def sorted_column(self) -> Column:
        """Return the column that the list is sorted by."""
        return self.tab.column(self.sort)

    # What there is

    def take(self, snapshot: Snapshot, context: Context) -> None:
        """Take a newer snapshot; `due` tells whether it asks for any work.

        Nothing is sorted again while the tuple of items keeps its identity and the queue its order.
        """
        service = self.tab.service
        held = snapshot.events if service is None else snapshot.items(service)
        if held is not self._held:
            self._held = held
            self._generation += 1
        health = None if service is None else snapshot.health.get(service)
        self.part = None if health is None else health.part
        self._basis = (self._generation, context.places, snapshot.question.invert)
        self._know(snapshot)
        if not self._counted and len(self._held) > AT_ONCE:
            self._first_look(context)

    def _know(self, snapshot: Snapshot) -> None:
        half = self.tab.half_known(snapshot)
        self._recount = self._recount or half != self._half_known
        self._half_known = half

    def _first_look(self, context: Context) -> None:
        """Show the first few of a long list at once, in the order in which they are held."""
        self.partial = True
        whole, self._held = self._held, self._held[:FIRST_LOOK]
        at_once(self._arrange(context))
        self._held = whole

    def _wish(self) -> tuple[object, ...]:
        """Return all that the arrangement depends on."""
        if self.form is ViewMode.LIST:
            return (*self._basis, self.form, self.wanted, self.folder, self.sort, self.reverse)
        return (
            *self._basis, self.form, self.wanted, self.folder, self.matrix.sort, self.matrix.reverse,
        )  # fmt: skip

    @property
    def long(self) -> bool:
        """Return whether the work on this tab must be cut into slices."""
        return len(self._held) > AT_ONCE

    def due(self, *, shown: bool) -> bool:
        """Return whether there is work to do; a hidden tab is counted, and sorted if it is short."""
        if self._counted is not self._held or self._recount:
            return bool(self._basis)
        return self._arranged != self._wish() and (shown or not self.long)

    def work(self, context: Context, *, shown: bool) -> Steps[bool]:
        """Bring counts and order up to date; the result is False if the item under the cursor has left."""
        if self._counted is not self._held or self._recount:
            self._recount = False
            held, old = self._held, list(self.census.groups.values())
            found = yield from group_counts(held, self.tab, self._half_known)
            if self.shown is self.census:
                self.shown = found
            self.census = found
            self._counted = held
            yield from released(old)
        if not shown and self.long:
            return True
        kept = yield from self._arrange(context)
        return kept

    def _arrange(self, context: Context) -> Steps[bool]:
        wish, held = self._wish(), self._held
        if self.form is not ViewMode.LIST:
            kept = yield from self._arrange_matrix(held)
        else:
            kept = yield from self._arrange_list(held, context)
        if len(held) == len(self._held) or not self.partial:
            self._arranged = wish
        if self._goal is None:
            return kept
        self._go(self._goal, self._goal_locale)
        return True

    def _arrange_matrix(self, held: Sequence[Row]) -> Steps[bool]:
        whole = not self.narrowed and self._counted is held
        for test in (self._in_folder, self.wanted):
            if test is not None:
                held = yield from filtered(held, test)
        yield from self._show(
            self.census if whole else (yield from group_counts(held, self.tab, self._half_known))
        )
        self._end_first_look(whole)
        return (yield from self.matrix.arrange(self.shown.groups, self.form))

    @property
    def _in_folder(self) -> Callable[[Row], bool] | None:
        """Return what a row of the open folder passes; None if all do."""
        folder, folder_of = self.folder, self.tab.folder
        if folder is None or folder_of is None:
            return None
        return lambda row: folder_of(row) == folder

    @property
    def narrowed(self) -> bool:
        """Return whether only some of the tab's items are shown: those of a filter, or of a folder."""
        return self.wanted is not None or self.folder is not None

    def _show(self, found: GroupCounts) -> Steps[None]:
        """Take what was counted of what is shown, and give back bit by bit what was."""
        old = [] if self.shown is self.census else list(self.shown.groups.values())
        self.shown = found
        yield from released(old)

    def _arrange_list(self, held: Sequence[Row], context: Context) -> Steps[bool]:
        side = None if self.tab.side is None else self.tab.side(self._basis[2] is True)
        for test in (side, self._in_folder, self.wanted):
            if test is not None:
                held = yield from filtered(held, test)
        if self.tab.totals:
            whole = not self.narrowed and self._counted is self._held
            yield from self._show(self.census if whole else (yield from group_counts(held, self.tab)))
        order = self.sorted_column
        down = self.reverse != order.newest_first
        rows = yield from ordered(held, lambda row: order.order(row, context), reverse=down)
        numbers = (yield from places(rows, row_key)) if len(rows) > AT_ONCE else None
        self._end_first_look(self._counted is self._held)
        old, tables = self.rows.rows, self._tables
        kept = self.rows.arrange(rows, numbers, (yield from numbers_of(rows, self.tab.is_problem)))
        self._tables = [] if numbers is None else numbers.maps
        yield from released(tables, 1)
        yield from released(old, SLICE * 4)
        return kept

    def _end_first_look(self, whole: bool) -> None:
        """Take the first look for over once the whole list has been counted."""
        if whole:
            self.partial = False

    # What the user does

    def sort_by(self, id: str) -> None:
        """Sort by a column or a locale; the one that is sorted by already is reversed."""
        if self.form is not ViewMode.LIST:
            self.matrix.choose_sort(id)
            return
        self.reverse = not self.reverse if id == self.sort else False
        self.sort = id

    def sort_next(self) -> None:
        """Sort by the next column."""
        if self.form is not ViewMode.LIST:
            self.matrix.next_sort()
            return
        ids = [each.id for each in self.tab.columns]
        self.sort_by(ids[(ids.index(self.sort) + 1) % len(ids)])

    def reverse_sort(self) -> None:
        """Turn the present order round."""
        self.sort_by(self.sort if self.form is ViewMode.LIST else self.matrix.sort)

    @property
    def order(self) -> tuple[str, bool]:
        """Return the name of what is sorted by, and whether it goes backwards."""
        if self.form is ViewMode.LIST:
            return self.sorted_column.head or "State", self.reverse
        names = {NAME: "Name", STATE: "State"}
        return names.get(self.matrix.sort, self.matrix.sort), self.matrix.reverse

    def items(self, keys: Collection[ItemKey]) -> tuple[Row, ...]:
        """Return the items with these keys, in the order in which they are held."""
        return tuple(row for row in self._held if row_key(row) in keys) if keys else ()

    @property
    def whole(self) -> int:
        """Return how many lines the present form has without a filter."""
        if self.folder is None and self.form is not ViewMode.JOBS:
            return self.count.total if self.form is ViewMode.LIST else len(self.census.groups)
        counted, *basis = self._whole
        if counted is not self.census or basis != [self.form, self.folder]:
            self._whole = (self.census, self.form, self.folder)
            self._whole_lines = self._lines_without_filter()
        return self._whole_lines

    def _lines_without_filter(self) -> int:
        groups = self.census.groups.values()
        if self.form is ViewMode.JOBS:
            return len({first_folder(group) for group in groups})
        inside = [group for group in groups if first_folder(group) == self.folder]
        return len(inside) if self.form is ViewMode.MATRIX else sum(len(group.cells) for group in inside)

    def seek(self, row: Row) -> None:
        """Put the cursor on an item as soon as it is in the list; of folders its own is opened."""
        folder_of = self.tab.folder
        if folder_of is not None and isinstance(row, Cell) and self._turn_to_folder(folder_of(row)):
            self._goal, self._goal_locale = row, row.locale
        elif self.form is not ViewMode.LIST and isinstance(row, Cell):
            self._go(row, row.locale)
        else:
            self.rows.expect(row_key(row))

    def _turn_to_folder(self, name: str) -> bool:
        """Open a folder if another one, or none of those that are listed, is open; return whether it was."""
        if self.form is ViewMode.JOBS:
            self.open_folder(name)
        elif self.folder in {None, name}:
            return False
        self.folder = name
        return True

    def open_folder(self, name: str, words: str = "") -> None:
        """Show the files of one first folder, from the top; `words` are those of the filter in force."""
        self.folder, self.folder_words, self.form = name, words, ViewMode.MATRIX
        self.matrix.rows.held = False

    def close_folder(self) -> None:
        """Go back to the folders, to the one that was open."""
        if self.folder is not None:
            self.matrix.rows.expect(folder_key(self.folder))
        self.folder, self.form, self._left = None, ViewMode.JOBS, None

    def show_only(self, wanted: Callable[[Row], bool] | None) -> None:
        """Show only the rows that pass the test, or all with None."""
        self.wanted = wanted

    def sideways(self, distance: int) -> None:
        """Move the cell cursor, or scroll the list by so many columns."""
        if self.form is not ViewMode.LIST:
            self.matrix.sideways(distance)
            return
        limit = last_skip(self.tab.columns)
        self.skip = max(0, min(limit, self.skip + distance))

    def switch(self, form: ViewMode) -> None:
        """Take another form; an item that the cursor stays with is under it there once `work` is done."""
        present = self._cell
        if present is not None and self.lines.held:
            whole = (
                self.form is not ViewMode.LIST and form is not ViewMode.LIST and self.matrix.locale is None
            )
            self._goal, self._goal_locale = present, None if whole else present.locale
        self._left = present
        self.form = form

    def toggle(self, form: ViewMode) -> None:
        """Take a form, or go back from it to the matrix, or from the matrix to the list."""
        if form is ViewMode.JOBS and self.folder is not None:
            self.close_folder()
            return
        back = ViewMode.LIST if form is ViewMode.MATRIX else ViewMode.MATRIX
        self.switch(back if self.form is form else form)

    def _go(self, item: Cell, locale: str | None) -> None:
        self._goal = None
        if self.form is ViewMode.LIST:
            self.rows.go(item.key)
            return
        group = self._group_of(item)
        if group is not None:
            self.matrix.go(group, locale, self.form)

    @property
    def _cell(self) -> Cell | None:
        """Return the item that a change of form goes to."""
        if self._goal is not None:
            return self._goal
        line = self.matrix.line if self.form is ViewMode.JOBS else None
        if isinstance(line, FolderRow):
            left = None if self._left is None else self._group_of(self._left)
            if left is not None and job_key(left) == line.key:
                return self._left
            found = next((g for g in self.census.groups.values() if first_folder(g) == line.name), None)
            return None if found is None else next(iter(found.cells.values()))
        row = self.current
        return row if isinstance(row, Cell) else None

    # What is under the cursor

    @property
    def lines(self) -> Rows[Row] | Rows[Group | FolderRow]:
        """Return the rows of the present form."""
        return self.rows if self.form is ViewMode.LIST else self.matrix.rows

    @property
    def current(self) -> Row | None:
        """Return the item under the cursor; None if there is none, as in an empty cell."""
        return self.rows.current if self.form is ViewMode.LIST else self.matrix.item

    @property
    def whole_line(self) -> Group | FolderRow | None:
        """Return the row of the matrix that the cursor stands on as a whole; None where it is on one item."""
        if self.form is ViewMode.LIST or (self.matrix.locale is not None and self.form is ViewMode.MATRIX):
            return None
        return self.matrix.line

    @property
    def current_key(self) -> ItemKey | None:
        """Return the key of the item under the cursor."""
        row = self.current
        return None if row is None else row_key(row)

    @property
    def under_cursor(self) -> tuple[Row, ...]:
        """Return all items that the cursor stands on: one, or those of a whole row or a folder."""
        line = None if self.form is ViewMode.LIST else self.matrix.line
        if isinstance(line, FolderRow):
            return line.files(self.matrix.locale)
        if isinstance(line, Group) and self.matrix.locale is None:
            return tuple(line.cells.values())
        return () if self.current is None else (self.current,)

    @property
    def visible_rows(self) -> tuple[Row, ...]:
        """Return all items that the present form shows, the scrolled ones included, in its order."""
        if self.form is ViewMode.LIST:
            return tuple(self.rows.rows)
        return tuple(item for line in self.matrix.rows.rows for item in _items_of(line, None))

    def range_keys(self) -> Collection[ItemKey]:
        """Return the keys of what lies between the anchor of a range and the cursor."""
        if self.form is ViewMode.LIST:
            return [row_key(row) for row in self.rows.range()]
        locale = self.matrix.locale
        return [item.key for line in self.matrix.rows.range() for item in _items_of(line, locale)]

    def unmark(self) -> None:
        """Take all marks away, and leave a range that is open."""
        self.rows.unmark()
        self.rows.anchor = self.matrix.rows.anchor = None

    @property
    def visible_keys(self) -> Collection[ItemKey]:
        """Return the keys of all items that the present form shows, the scrolled ones included."""
        return [row_key(row) for row in self.visible_rows]

    def toggle_mark(self) -> None:
        """Mark what is under the cursor; if all of it is marked already, take the marks away."""
        keys = frozenset(row_key(row) for row in self.under_cursor if not isinstance(row, Event))
        if keys <= self.rows.marks:
            self.rows.unmark(keys)
        else:
            self.rows.mark(keys)

    def _group_of(self, item: Cell) -> Group | None:
        grouping = self.tab.grouping
        return None if grouping is None else self.census.groups.get(grouping.key(item))

    def siblings(self, item: Cell) -> tuple[Cell, ...]:
        """Return the same file or component in its other languages."""
        group = self._group_of(item)
        return () if group is None else tuple(o for o in group.cells.values() if o.locale != item.locale)


def _items_of(line: Group | FolderRow, locale: str | None) -> Collection[Cell]:
    """Return the items of a line of the matrix: those of one locale, or all with None."""
    if isinstance(line, FolderRow):
        return line.files(locale)
    if locale is None:
        return line.cells.values()
    return [line.cells[locale]] if locale in line.cells else []
