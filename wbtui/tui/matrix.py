"""The matrix: files or components down, locales across, with a cursor on a cell or on a whole row. Pure.

Cursor, scroll and order are bound to keys and locales, never to numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from wbtui.domain.model import PROBLEM, BeeboxFile, Item, ItemKey, State
from wbtui.tui.census import Cell, Group, Job, LocaleTotal, job_key, jobs
from wbtui.tui.toolkit.chunks import SLICE, Steps, numbers_of, ordered, parts, places, released
from wbtui.tui.toolkit.folding import folded
from wbtui.tui.toolkit.rows import Rows

NAME, STATE = "name", "state"
"""What rows are sorted by, besides each locale."""

_LAGGING = (
    State.FAILED, State.PARTIAL, State.UNKNOWN, State.WAITING, State.RUNNING,
    State.DONE, State.READY, State.CANCELLED, State.REMOVED,
)  # fmt: skip
"""What a whole row is taken to be: its first problem, else what is furthest behind; ready if all of it is."""

_RANK = {state: rank for rank, state in enumerate(_LAGGING)}
_ABSENT = len(_RANK) + 1

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
    return min(group.cells.values(), key=lambda item: (urgency(item), item.locale))


def urgency(item: Cell) -> int:
    """Return how soon an item is to be looked at, the lowest first."""
    return _RANK[item.state]


def _has_problem(row: Line) -> bool:
    if isinstance(row, Job):
        return any(total.problems for total in row.cells.values())
    return any(item.state in PROBLEM for item in row.cells.values())


def _title(row: Line) -> str:
    return row.name if isinstance(row, Job) else row.title


def _by_name(row: Line) -> Any:
    return folded(_title(row))


def _rank(cell: Cell | LocaleTotal | None) -> float:
    """Return how soon a cell is to be looked at: problems first, then what is not ready yet."""
    if cell is None:
        return _ABSENT
    if isinstance(cell, LocaleTotal):
        return -1.0 if cell.problems else cell.share
    return _RANK[cell.state]


def _by_state(row: Line) -> Any:
    return min(_rank(cell) for cell in row.cells.values()) if row.cells else _ABSENT, _by_name(row)


def _shown(line: Line, foldered: bool) -> str:
    if isinstance(line, Job):
        return line.name or "(no folder)"
    return line.title if foldered else line.name


def _foldered(lines: Sequence[Line]) -> bool:
    groups = [line for line in lines if isinstance(line, Group)]
    files = any(isinstance(item, BeeboxFile) for group in groups[:1] for item in group.cells.values())
    return files or len({group.folder for group in groups}) > 1


def _measured(lines: Sequence[Line]) -> Steps[tuple[tuple[str, ...], bool, int]]:
    """Return which locales there are, whether names bear their folder, and the length of the longest."""
    locales: set[str] = set()
    foldered, widest = _foldered(lines), 0
    for part in parts(lines, SLICE // 5):
        locales.update(*(line.cells for line in part))
        widest = max(widest, *(len(_shown(line, foldered)) for line in part))
        yield
    return tuple(sorted(locales)), foldered, widest


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
        self.foldered = True
        """Whether names bear their folder, or in Flex their document: not if there is only one document."""
        self._shown = 0

    def arrange(self, groups: Mapping[ItemKey, Group], form: Form) -> Steps[bool]:
        """Take newer groups; the result is False if the line under the cursor has left."""
        lines: Sequence[Line] = list(groups.values())
        if form is Form.JOBS:
            lines = yield from jobs(list(groups.values()))
        lines = yield from ordered(lines, self._order(), reverse=self.reverse)
        numbers = yield from places(lines, _key)
        measured = yield from _measured(lines)
        self.locales, self.foldered, self.widest = measured
        if self.locale not in self.locales:
            self.locale = None
        old = self.rows.rows
        kept = self.rows.arrange(lines, numbers, (yield from numbers_of(lines, _has_problem)))
        yield from released(old)
        return kept

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

    def title(self, line: Line) -> str:
        """Return the name shown of a line."""
        return _shown(line, self.foldered)

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
        self.rows.hold()
        place = -1 if self.locale is None else self.locales.index(self.locale)
        place = max(-1, min(len(self.locales) - 1, place + distance))
        self.point(None if place < 0 else self.locales[place])

    def point(self, locale: str | None) -> None:
        """Put the cursor on a locale, or on the whole row; `reveal` shows it."""
        self.locale = locale

    def reveal(self, widths: Sequence[int], room: int) -> int:
        """Choose the locales shown, so that the cursor's is among them; return how many fit into `room`.

        `widths` are the cells that each locale takes.
        """
        place = -1 if self.locale is None else self.locales.index(self.locale)
        self.first = max(0, min(self.first, len(widths) - 1))
        if 0 <= place < self.first:
            self.first = place
        while self.first < place and sum(widths[self.first : place + 1]) > room:
            self.first += 1
        while self.first > 0 and sum(widths[self.first - 1 :]) <= room:
            self.first -= 1
        self._shown, used = 0, 0
        for width in widths[self.first :]:
            used += width
            if used > room and self._shown:
                break
            self._shown += 1
        return self._shown

    @property
    def visible_locales(self) -> tuple[str, ...]:
        """Return the locales that were found to fit, from the first shown one on."""
        return self.locales[self.first : self.first + self._shown]

    def go(self, group: Group, locale: str | None, form: Form) -> bool:
        """Put the cursor on a group's line; return False if it is not there."""
        found = self.rows.go(job_key(group) if form is Form.JOBS else group.key)
        if found and (locale is None or locale in self.locales):
            self.point(locale)
        return found
