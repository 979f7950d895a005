"""The matrix: files or components down, locales across, with a cursor on a cell or on a whole row. Pure.

Cursor, scroll and order are bound to keys and locales, never to numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from itertools import chain
from typing import Any

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import PROBLEM, Item, ItemKey, State
from wbtui.tui.tabs.row import Cell, Count, folder_of
from wbtui.tui.tabs.tab_spec import Grouping, TabSpec, ViewMode
from wbtui.tui.toolkit.folding import folded
from wbtui.tui.toolkit.rows import Rows
from wbtui.tui.toolkit.steps import SLICE, Steps, numbers_of, ordered, parts, places, released


@dataclass(frozen=True, slots=True)
class Group:
    """One file or component with its item in each locale that it is listed in."""

    key: ItemKey
    folder: str
    """What stands before the name, its separator included; shown quietly."""
    name: str
    cells: Mapping[str, Cell]

    @property
    def title(self) -> str:
        """Return the whole name."""
        return self.folder + self.name


@dataclass(frozen=True, slots=True)
class LocaleTotal:
    """How far one locale is: files and words that are ready, of all; segments stand for words in Flex."""

    locale: str
    ready: int = 0
    files: int = 0
    ready_words: int = 0
    words: int = 0
    problems: int = 0

    @property
    def share(self) -> float:
        """Return the share that is ready, 0 to 1: of words, or of files where no words are known."""
        if self.words:
            return self.ready_words / self.words
        return self.ready / self.files if self.files else 0.0

    @property
    def percent(self) -> str:
        """Return the share in percent, 100 only if nothing is missing; nothing where nothing is known."""
        return f"{int(self.share * 100)}" if self.files else ""


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """The result of one pass over a tab's items."""

    count: Count = field(default_factory=Count)
    totals: tuple[LocaleTotal, ...] = ()
    """By locale, in alphabetical order; removed and cancelled items do not count."""
    groups: Mapping[ItemKey, Group] = field(default_factory=dict)
    samples: tuple[Cell, ...] = ()
    """One item for each look of a state that there is, for the legend."""


class _Sums:
    """Running totals of one locale."""

    __slots__ = ("files", "problems", "ready", "ready_words", "words")

    def __init__(self) -> None:
        self.ready = self.files = self.ready_words = self.words = self.problems = 0

    def add(self, state: State, words: int) -> None:
        self.files += 1
        self.words += words
        if state is State.READY:
            self.ready += 1
            self.ready_words += words
        elif state is State.FAILED or state is State.PARTIAL:
            self.problems += 1

    def total(self, locale: str) -> LocaleTotal:
        return LocaleTotal(locale, self.ready, self.files, self.ready_words, self.words, self.problems)


def group_counts(rows: Sequence[Any], tab: TabSpec, half_known: Collection[str] = ()) -> Steps[GroupCounts]:
    """Count the rows of a tab, and group those that have a locale.

    No share can be told of the sources that are `half_known`: only one side of them has answered.
    """
    if tab.of_events:
        return GroupCounts(Count(len(rows)))
    grouping = tab.grouping
    problems = ready = 0
    sums: dict[str, _Sums] = {}
    found: dict[ItemKey, dict[str, Cell]] = {}
    groups: dict[ItemKey, Group] = {}
    samples: dict[object, Cell] = {}
    for part in parts(rows):
        for row in part:
            state = row.state
            ready += state is State.READY
            problems += state is State.FAILED or state is State.PARTIAL
            if grouping is not None:
                _join(row, grouping, found, groups)
                _sum(row, grouping, sums, half_known)
                samples.setdefault(grouping.look(row), row)
        yield
    totals = tuple(sums[locale].total(locale) for locale in sorted(sums))
    return GroupCounts(Count(len(rows), problems, ready), totals, groups, tuple(samples.values()))


def _join(
    item: Cell, grouping: Grouping, found: dict[ItemKey, dict[str, Cell]], groups: dict[ItemKey, Group]
) -> None:
    key = grouping.key(item)
    cells = found.get(key)
    if cells is None:
        cells = found[key] = {}
        folder, name = grouping.name(item)
        groups[key] = Group(key, folder, name, cells)
    cells[item.locale] = item


def _sum(item: Cell, grouping: Grouping, sums: dict[str, _Sums], half_known: Collection[str] = ()) -> None:
    state = item.state
    if state is State.REMOVED or state is State.CANCELLED:
        return
    each = sums.get(item.locale)
    if each is None:
        each = sums[item.locale] = _Sums()
    if half_known and grouping.source(item) in half_known:
        return
    each.add(state, grouping.size(item) or 0)


def first_folder(group: Group) -> str:
    """Return the first folder of a file's path: the seeds' "job"; nothing for a file that lies in none."""
    return folder_of(group.title)


@dataclass(frozen=True, slots=True)
class FolderRow:
    """The files of one first folder, as a total per locale."""

    key: ItemKey
    name: str
    cells: Mapping[str, LocaleTotal]
    items: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    """Its files in each locale."""
    problems: Sequence[Cell] = ()
    """Those of them that went wrong."""

    def files(self, locale: str | None) -> tuple[Cell, ...]:
        """Return its files in one locale, or in all of them with None."""
        if locale is not None:
            return tuple(self.items.get(locale, ()))
        return tuple(chain.from_iterable(self.items.values()))


def folder_key(name: str) -> ItemKey:
    """Return the key of the job of a first folder."""
    return ItemKey(f"job:{name}")


def job_key(group: Group) -> ItemKey:
    """Return the key of the job that a file belongs to."""
    return folder_key(first_folder(group))


class _JobSums:
    """What is added up for one job."""

    __slots__ = ("files", "grouping", "problems", "sums")

    def __init__(self, grouping: Grouping) -> None:
        self.grouping = grouping
        self.sums: dict[str, _Sums] = {}
        self.files: dict[str, list[Cell]] = {}
        self.problems: list[Cell] = []

    def add(self, group: Group) -> None:
        for item in group.cells.values():
            _sum(item, self.grouping, self.sums)
            self.files.setdefault(item.locale, []).append(item)
            if item.state in PROBLEM:
                self.problems.append(item)

    def job(self, name: str) -> FolderRow:
        totals = {locale: each.total(locale) for locale, each in self.sums.items()}
        return FolderRow(folder_key(name), name, totals, self.files, self.problems)


def jobs(groups: Sequence[Group], grouping: Grouping) -> Steps[list[FolderRow]]:
    """Add the groups up by their first folder, in the order in which the folders come."""
    found: dict[str, _JobSums] = {}
    for part in parts(groups, 100):
        for group in part:
            found.setdefault(first_folder(group), _JobSums(grouping)).add(group)
        yield
    return [each.job(name) for name, each in found.items()]


NAME, STATE = "name", "state"
"""What rows are sorted by, besides each locale."""

_LAGGING = (
    State.FAILED, State.PARTIAL, State.UNKNOWN, State.WAITING, State.RUNNING,
    State.DONE, State.READY, State.CANCELLED, State.REMOVED,
)  # fmt: skip
"""What a whole row is taken to be: its first problem, else what is furthest behind; ready if all of it is."""

_RANK = {state: rank for rank, state in enumerate(_LAGGING)}
_ABSENT = len(_RANK) + 1

Line = Group | FolderRow
"""What a line of the matrix stands for."""


def _key(row: Line) -> ItemKey:
    return row.key


def urgent(group: Group) -> Cell:
    """Return the item of a group that is to be looked at first."""
    return min(group.cells.values(), key=lambda item: (urgency(item), item.locale))


def urgency(item: Cell) -> int:
    """Return how soon an item is to be looked at, the lowest first."""
    return _RANK[item.state]


def _has_problem(row: Line) -> bool:
    if isinstance(row, FolderRow):
        return any(total.problems for total in row.cells.values())
    return any(item.state in PROBLEM for item in row.cells.values())


def _title(row: Line) -> str:
    return row.name if isinstance(row, FolderRow) else row.title


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
    if isinstance(line, FolderRow):
        return line.name or "(no folder)"
    return line.title if foldered else line.name


def _measured(lines: Sequence[Line], foldered: bool) -> Steps[tuple[tuple[str, ...], bool, int]]:
    """Return which locales there are, whether names bear their folder, and the length of the longest."""
    locales: set[str] = set()
    foldered = foldered or len({line.folder for line in lines if isinstance(line, Group)}) > 1
    widest = 0
    for part in parts(lines, SLICE // 5):
        locales.update(*(line.cells for line in part))
        widest = max(widest, *(len(_shown(line, foldered)) for line in part))
        yield
    return tuple(sorted(locales)), foldered, widest


class Matrix:
    """The lines of a matrix in their order, and where one is in it."""

    def __init__(self, grouping: Grouping | None) -> None:
        self._grouping = grouping
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

    def arrange(self, groups: Mapping[ItemKey, Group], mode: ViewMode) -> Steps[bool]:
        """Take newer groups; the result is False if the line under the cursor has left."""
        lines: Sequence[Line] = list(groups.values())
        grouping = self._grouping
        assert grouping is not None
        if mode is ViewMode.JOBS:
            lines = yield from jobs(list(groups.values()), grouping)
        lines = yield from ordered(lines, self._order(), reverse=self.reverse)
        numbers = yield from places(lines, _key)
        measured = yield from _measured(lines, grouping.foldered)
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

    @property
    def order_name(self) -> str:
        """Return the name of what is sorted by."""
        return {NAME: "Name", STATE: "State"}.get(self.sort, self.sort)

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

    def go(self, group: Group, locale: str | None, mode: ViewMode) -> bool:
        """Put the cursor on a group's line; return False if it is not there."""
        found = self.rows.go(job_key(group) if mode is ViewMode.JOBS else group.key)
        if found and (locale is None or locale in self.locales):
            self.point(locale)
        return found
