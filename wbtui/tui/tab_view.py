"""What one tab remembers of how it is looked at: view mode, order, cursor, scroll, and counts. Pure.

A snapshot only gives the view the rows there are (`take`); bringing counts, rows and order up to date is
`work`, which is done at once while it is short and in chunks while it is long.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, MutableMapping, Sequence
from dataclasses import replace

from wbtui.domain.model import ItemKey
from wbtui.domain.snapshot import Part, Snapshot
from wbtui.tui.matrix import (
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
from wbtui.tui.selection import Selection
from wbtui.tui.tabs.column import Column, Context, last_skip
from wbtui.tui.tabs.row import Cell, Count, Row, row_key
from wbtui.tui.tabs.tab_spec import TabSpec, ViewMode
from wbtui.tui.toolkit.steps import (
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


class TabCounts:
    """The counts of one tab; rows are known by the identity of the sequence that holds them.

    Counting 200 000 rows takes long, so each count is worked out in chunks and kept until the rows change.
    """

    def __init__(self, tab: TabSpec) -> None:
        self._tab = tab
        self.all = GroupCounts()
        """The counts of all rows."""
        self.shown = GroupCounts()
        """The counts of the rows that filter and folder leave."""
        self._counted: Sequence[Row] | None = None
        self._half_known: frozenset[str] = frozenset()
        """Sources that have not wholly answered the question; while that is so, no share is told of them."""
        self._outdated = False
        self._lines: tuple[GroupCounts, ViewMode, str | None, int] | None = None
        """How many lines there are without a filter, and what they were counted of."""

    @property
    def none_yet(self) -> bool:
        """Return whether no rows have been counted yet."""
        return not self._counted

    def know(self, snapshot: Snapshot) -> None:
        """Note which sources have not wholly answered the question."""
        half = self._tab.half_known(snapshot)
        self._outdated = self._outdated or half != self._half_known
        self._half_known = half

    def are_of(self, held: Sequence[Row]) -> bool:
        """Return whether `all` are the counts of these rows."""
        return self._counted is held

    def are_due(self, held: Sequence[Row]) -> bool:
        """Return whether these rows must be counted."""
        return self._outdated or self._counted is not held

    def count(self, held: Sequence[Row]) -> Steps[None]:
        """Count all rows."""
        self._outdated = False
        old = list(self.all.groups.values())
        found = yield from group_counts(held, self._tab, self._half_known)
        if self.shown is self.all:
            self.shown = found
        self.all = found
        self._counted = held
        yield from released(old)

    def show(self, held: Sequence[Row], *, whole: bool) -> Steps[None]:
        """Count the rows that are shown; with `whole` they are all rows, which are counted already."""
        found = self.all if whole else (yield from group_counts(held, self._tab, self._half_known))
        old = [] if self.shown is self.all else list(self.shown.groups.values())
        self.shown = found
        yield from released(old)

    def label(self, *, inverted: bool, least: bool) -> Count:
        """Return the figures of the tab's label; of a tab with a question those of the side that is shown."""
        found = self.all.count
        if self._tab.side is None:
            return replace(found, least=least)
        total = found.total - found.ready if inverted else found.ready
        return Count(total, found.problems, found.ready, least)

    def lines(self, mode: ViewMode, folder: str | None) -> int:
        """Return how many lines the matrix or the open folder has without a filter."""
        if folder is None and mode is ViewMode.MATRIX:
            return len(self.all.groups)
        if self._lines is None or self._lines[0] is not self.all or self._lines[1:3] != (mode, folder):
            self._lines = (self.all, mode, folder, self._lines_of(mode, folder))
        return self._lines[3]

    def _lines_of(self, mode: ViewMode, folder: str | None) -> int:
        groups = self.all.groups.values()
        if mode is ViewMode.JOBS:
            return len({first_folder(group) for group in groups})
        inside = [group for group in groups if first_folder(group) == folder]
        return len(inside) if mode is ViewMode.MATRIX else sum(len(group.cells) for group in inside)

    def group_of(self, item: Cell) -> Group | None:
        """Return the group that an item belongs to."""
        grouping = self._tab.grouping
        return None if grouping is None else self.all.groups.get(grouping.key(item))

    def siblings(self, item: Cell) -> tuple[Cell, ...]:
        """Return the same file or component in its other languages."""
        group = self.group_of(item)
        return () if group is None else tuple(o for o in group.cells.values() if o.locale != item.locale)


FIRST_LOOK = 400
"""Items of a long list that are shown before the whole of it has been counted and sorted."""


class TabView:
    """The view state of one tab; it belongs to the tab and outlives every refresh."""

    def __init__(self, tab: TabSpec) -> None:
        self.tab = tab
        self.selection = Selection(tab)
        self.rows, self.matrix = self.selection.rows, self.selection.matrix
        self.counts = TabCounts(tab)
        self.list = ListColumns(tab)
        self.wanted: Callable[[Row], bool] | None = None
        """What the filter lets through; None: everything."""
        self.folder: str | None = None
        """The first folder whose files alone are shown; None: those of all. See `open_folder`."""
        self.folder_words = ""
        """The filter in force when it was opened."""
        self.part: Part | None = None
        """How much of the tab's list has been read, where that is not all of it."""
        self.partial = False
        """True while only the first few of a long list are shown."""
        self._held: Sequence[Row] = ()
        self._generation = 0
        self._basis: tuple[object, ...] = ()
        self._inverted = False
        """Whether the other side of the question is shown."""
        self._arranged: tuple[object, ...] = ()
        self._tables: list[MutableMapping[ItemKey, int]] = []
        """What the numbers of the list's keys are kept in."""
        self._goal: Cell | None = None
        """The item that the cursor goes to once the lines are arranged."""
        self._goal_locale: str | None = None
        self._left: Cell | None = None
        """The item under the cursor when the view mode was changed."""

    @property
    def mode(self) -> ViewMode:
        """Return the view mode; `switch` changes it."""
        return self.selection.mode

    @property
    def count(self) -> Count:
        """Return the figures of the tab's label."""
        return self.counts.label(inverted=self._inverted, least=self.part is not None)

    @property
    def totals(self) -> Sequence[LocaleTotal]:
        """Return how far each locale is, of what is shown; nothing before all of that was counted."""
        return () if self.partial else self.counts.shown.totals

    @property
    def columns(self) -> ListColumns | Matrix:
        """Return what the present view mode is sorted by and scrolled along: columns, or locales."""
        return self.list if self.mode is ViewMode.LIST else self.matrix

    @property
    def narrowed(self) -> bool:
        """Return whether only some of the tab's items are shown: those of a filter, or of a folder."""
        return self.wanted is not None or self.folder is not None

    @property
    def whole(self) -> int:
        """Return how many lines the present view mode has without a filter."""
        if self.folder is None and self.mode is ViewMode.LIST:
            return self.count.total
        return self.counts.lines(self.mode, self.folder)

    def items(self, keys: Collection[ItemKey]) -> tuple[Row, ...]:
        """Return the items with these keys, in the order in which they are held."""
        return tuple(row for row in self._held if row_key(row) in keys) if keys else ()

    # Taking a snapshot, and bringing the lines up to date

    def take(self, snapshot: Snapshot, context: Context) -> None:
        """Take a newer snapshot; `due` tells whether there is work to do because of it.

        Nothing is sorted again while the tuple of items keeps its identity and the queue its order.
        """
        service = self.tab.service
        held = snapshot.events if service is None else snapshot.items(service)
        if held is not self._held:
            self._held = held
            self._generation += 1
        health = None if service is None else snapshot.health.get(service)
        self.part = None if health is None else health.part
        self._inverted = snapshot.question.invert
        self._basis = (self._generation, context.places, self._inverted)
        self.counts.know(snapshot)
        if self.counts.none_yet and len(held) > AT_ONCE:
            self._show_first_few(context)

    def _show_first_few(self, context: Context) -> None:
        """Show the first few of a long list at once, in the order in which they are held."""
        self.partial = True
        whole, self._held = self._held, self._held[:FIRST_LOOK]
        at_once(self._arrange(context))
        self._held = whole

    def _arrangement(self) -> tuple[object, ...]:
        """Return all that the order of the lines depends on."""
        columns = self.columns
        return (*self._basis, self.mode, self.wanted, self.folder, columns.sort, columns.reverse)

    @property
    def long(self) -> bool:
        """Return whether the work on this tab must be done in chunks."""
        return len(self._held) > AT_ONCE

    def due(self, *, shown: bool) -> bool:
        """Return whether there is work to do; a hidden tab is counted, and sorted if it is short."""
        if self.counts.are_due(self._held):
            return bool(self._basis)
        return self._arranged != self._arrangement() and (shown or not self.long)

    def work(self, context: Context, *, shown: bool) -> Steps[bool]:
        """Bring counts and order up to date; the result is False if the item under the cursor has left."""
        if self.counts.are_due(self._held):
            yield from self.counts.count(self._held)
        if not shown and self.long:
            return True
        kept = yield from self._arrange(context)
        return kept

    def _arrange(self, context: Context) -> Steps[bool]:
        arrangement, held = self._arrangement(), self._held
        if self.mode is not ViewMode.LIST:
            kept = yield from self._arrange_matrix(held)
        else:
            kept = yield from self._arrange_list(held, context)
        if len(held) == len(self._held) or not self.partial:
            self._arranged = arrangement
        if self._goal is None:
            return kept
        self._go(self._goal, self._goal_locale)
        return True

    def _arrange_matrix(self, held: Sequence[Row]) -> Steps[bool]:
        whole = not self.narrowed and self.counts.are_of(held)
        for test in (self._in_folder, self.wanted):
            if test is not None:
                held = yield from filtered(held, test)
        yield from self.counts.show(held, whole=whole)
        self.partial = self.partial and not whole
        return (yield from self.matrix.arrange(self.counts.shown.groups, self.mode))

    @property
    def _in_folder(self) -> Callable[[Row], bool] | None:
        """Return what a row of the open folder passes; None if all do."""
        folder, folder_of = self.folder, self.tab.folder
        if folder is None or folder_of is None:
            return None
        return lambda row: folder_of(row) == folder

    def _arrange_list(self, held: Sequence[Row], context: Context) -> Steps[bool]:
        side = None if self.tab.side is None else self.tab.side(self._inverted)
        for test in (side, self._in_folder, self.wanted):
            if test is not None:
                held = yield from filtered(held, test)
        counted = self.counts.are_of(self._held)
        if self.tab.totals:
            yield from self.counts.show(held, whole=not self.narrowed and counted)
        order = self.list.sorted
        down = self.list.reverse != order.newest_first
        rows = yield from ordered(held, lambda row: order.order(row, context), reverse=down)
        numbers = (yield from places(rows, row_key)) if len(rows) > AT_ONCE else None
        self.partial = self.partial and not self.counts.are_of(self._held)
        old, tables = self.rows.rows, self._tables
        kept = self.rows.arrange(rows, numbers, (yield from numbers_of(rows, self.tab.is_problem)))
        self._tables = [] if numbers is None else numbers.maps
        yield from released(tables, 1)
        yield from released(old, SLICE * 4)
        return kept

    # View modes and folders

    def switch(self, mode: ViewMode) -> None:
        """Change the view mode; an item that the cursor stays with is under it once `work` is done."""
        present = self._present_cell
        if present is not None and self.selection.lines.held:
            whole = ViewMode.LIST not in {self.mode, mode} and self.matrix.locale is None
            self._goal, self._goal_locale = present, None if whole else present.locale
        self._left = present
        self.selection.mode = mode

    def toggle(self, mode: ViewMode) -> None:
        """Change to a view mode, or back from it to the matrix, or from the matrix to the list."""
        if mode is ViewMode.JOBS and self.folder is not None:
            self.close_folder()
            return
        back = ViewMode.LIST if mode is ViewMode.MATRIX else ViewMode.MATRIX
        self.switch(back if self.mode is mode else mode)

    def open_folder(self, name: str, words: str = "") -> None:
        """Show the files of one first folder, from the top; `words` are those of the filter in force."""
        self.folder, self.folder_words, self.selection.mode = name, words, ViewMode.MATRIX
        self.matrix.rows.held = False

    def close_folder(self) -> None:
        """Go back to the folders, to the one that was open."""
        if self.folder is not None:
            self.matrix.rows.expect(folder_key(self.folder))
        self.folder, self.selection.mode, self._left = None, ViewMode.JOBS, None

    def seek(self, row: Row) -> None:
        """Put the cursor on an item as soon as it is in the list; of folders its own is opened."""
        folder_of = self.tab.folder
        if folder_of is not None and isinstance(row, Cell) and self._turn_to_folder(folder_of(row)):
            self._goal, self._goal_locale = row, row.locale
        elif self.mode is not ViewMode.LIST and isinstance(row, Cell):
            self._go(row, row.locale)
        else:
            self.rows.expect(row_key(row))

    def _turn_to_folder(self, name: str) -> bool:
        """Open a folder if another one, or none of those that are listed, is open; return whether it was."""
        if self.mode is ViewMode.JOBS:
            self.open_folder(name)
        elif self.folder in {None, name}:
            return False
        self.folder = name
        return True

    def _go(self, item: Cell, locale: str | None) -> None:
        self._goal = None
        if self.mode is ViewMode.LIST:
            self.rows.go(item.key)
            return
        group = self.counts.group_of(item)
        if group is not None:
            self.matrix.go(group, locale, self.mode)

    @property
    def _present_cell(self) -> Cell | None:
        """Return the item that the cursor goes to in another view mode."""
        if self._goal is not None:
            return self._goal
        line = self.matrix.line if self.mode is ViewMode.JOBS else None
        if isinstance(line, FolderRow):
            left = None if self._left is None else self.counts.group_of(self._left)
            if left is not None and job_key(left) == line.key:
                return self._left
            groups = self.counts.all.groups.values()
            found = next((group for group in groups if first_folder(group) == line.name), None)
            return None if found is None else next(iter(found.cells.values()))
        row = self.selection.current
        return row if isinstance(row, Cell) else None
