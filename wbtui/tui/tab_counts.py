"""What is counted of a tab's rows: of all there are, and of those that are shown. Pure.

Counting 200 000 rows takes long, so each count is worked out in chunks and kept until the rows are others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wbtui.domain.snapshot import Snapshot
from wbtui.tui.matrix import Group, GroupCounts, first_folder, group_counts
from wbtui.tui.tabs.row import Cell, Count, Row
from wbtui.tui.tabs.tab_spec import TabSpec, ViewMode
from wbtui.tui.toolkit.steps import Steps, released


class TabCounts:
    """The counts of one tab; rows are known by the identity of the sequence that holds them."""

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
