"""The matrix: files or components down, locales across, with a cursor on a cell or on a whole row. Pure.

Cursor, scroll and order are bound to keys and locales, never to numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from wbtui.model import Item, ItemKey
from wbtui.ui.census import Cell, Group, Job, LocaleTotal, job_key, jobs
from wbtui.ui.rows import Rows
from wbtui.ui.slices import Steps, ordered
from wbtui.ui.tab_columns import RANK

NAME, STATE = "name", "state"
"""What rows are sorted by, besides each locale."""

_ABSENT = len(RANK) + 1

Line = Group | Job
"""What a line of the matrix stands for."""


class Form(StrEnum):
    """How a tab shows its items."""

    LIST = "list"
    MATRIX = "matrix"
    JOBS = "jobs"


def _key(row: Line) -> ItemKey:
    return row.key


def urgent(group: Group) -> Cell:
    """Return the item of a group that is to be looked at first."""
    return min(group.cells.values(), key=lambda item: (RANK[item.state], item.locale))


def _title(row: Line) -> str:
    return row.name if isinstance(row, Job) else row.title


def _by_name(row: Line) -> Any:
    return _title(row).casefold()


def _rank(cell: Cell | LocaleTotal | None) -> float:
    """Return how soon a cell is to be looked at: problems first, then what is not ready yet."""
    if cell is None:
        return _ABSENT
    if isinstance(cell, LocaleTotal):
        return -1.0 if cell.problems else cell.share
    return RANK[cell.state]


def _by_state(row: Line) -> Any:
    return min(_rank(cell) for cell in row.cells.values()) if row.cells else _ABSENT, _by_name(row)


class Matrix:
    """The lines of a matrix in their order, and where one is in it."""

    def __init__(self) -> None:
        self.rows: Rows[Line] = Rows(_key)
        self.locales: tuple[str, ...] = ()
        self.locale: str | None = None
        """The locale under the cursor; None: the whole row."""
        self.first = 0
        """Number of the first locale that is shown."""
        self.sort = NAME
        self.reverse = False
        self.widest = 0
        """Characters of the longest name."""
        self._shown = 1

    def arrange(self, groups: Mapping[ItemKey, Group], form: Form) -> Steps[bool]:
        """Take newer groups; the result is False if the line under the cursor has left."""
        lines: Sequence[Line] = list(groups.values())
        if form is Form.JOBS:
            lines = yield from jobs(list(groups.values()))
        lines = yield from ordered(lines, self._order(), reverse=self.reverse)
        self.locales = tuple(sorted({locale for line in lines for locale in line.cells}))
        self.widest = max((len(_title(line)) for line in lines), default=0)
        if self.locale not in self.locales:
            self.locale = None
        self.show_columns(self._shown)
        return self.rows.arrange(lines)

    def _order(self) -> Any:
        if self.sort == NAME:
            return _by_name
        if self.sort == STATE:
            return _by_state
        locale = self.sort
        return lambda row: (_rank(row.cells.get(locale)), _by_name(row))

    def choose_sort(self, by: str) -> None:
        """Sort by name, state or a locale; by the present one again: the other way round."""
        self.reverse = not self.reverse if by == self.sort else False
        self.sort = by

    def next_sort(self) -> None:
        """Sort by the next of name, state and the locale under the cursor."""
        choices = [NAME, STATE, *([self.locale] if self.locale else [])]
        place = choices.index(self.sort) if self.sort in choices else -1
        self.choose_sort(choices[(place + 1) % len(choices)])

    @property
    def line(self) -> Line | None:
        """Return the line under the cursor."""
        return self.rows.current

    @property
    def item(self) -> Item | None:
        """Return the item under the cursor; of a whole row the one to be looked at first."""
        line = self.rows.current
        if not isinstance(line, Group):
            return None
        return urgent(line) if self.locale is None else line.cells.get(self.locale)

    def sideways(self, distance: int) -> None:
        """Move the cursor by so many cells; before the first locale it stands on the whole row."""
        place = -1 if self.locale is None else self.locales.index(self.locale)
        place = max(-1, min(len(self.locales) - 1, place + distance))
        self.point(None if place < 0 else self.locales[place])

    def point(self, locale: str | None) -> None:
        """Put the cursor on a locale, or on the whole row, and show it."""
        self.locale = locale
        self.show_columns(self._shown)

    def show_columns(self, count: int) -> None:
        """Take how many locales fit beside one another; the cursor's stays among them."""
        self._shown = max(1, count)
        place = 0 if self.locale is None else self.locales.index(self.locale)
        self.first = min(max(self.first, place - self._shown + 1), place)
        self.first = max(0, min(self.first, len(self.locales) - self._shown))

    @property
    def visible_locales(self) -> tuple[str, ...]:
        """Return the locales that fit, from the first shown one on."""
        return self.locales[self.first : self.first + self._shown]

    def go(self, group: Group, locale: str | None, form: Form) -> bool:
        """Put the cursor on a group's line; return False if it is not there."""
        found = self.rows.go(job_key(group) if form is Form.JOBS else group.key)
        if found and locale in self.locales:
            self.point(locale)
        return found
