"""What is counted of a tab's items in one pass: figures for its label, totals per locale, and the groups.

A group is one file, or one Flex component, in all its languages. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from wbtui.domain.model import PROBLEM, BeeboxFile, Event, FlexComponent, ItemKey, State
from wbtui.tui.tabs.base import Count, Row
from wbtui.tui.toolkit.chunks import Steps, parts

Cell = BeeboxFile | FlexComponent
"""An item that is one of several languages of something."""


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
class Census:
    """The result of one pass over a tab's items."""

    count: Count = field(default_factory=Count)
    totals: tuple[LocaleTotal, ...] = ()
    """By locale, in alphabetical order; removed and cancelled items do not count."""
    groups: Mapping[ItemKey, Group] = field(default_factory=dict)
    samples: tuple[Cell, ...] = ()
    """One item for each look of a state that there is, for the legend."""


def group_key(item: Cell) -> ItemKey:
    """Return the key of the group that an item belongs to; wire names keep unsafe ones apart."""
    if isinstance(item, BeeboxFile):
        return ItemKey(f"file:{item.wire_path or item.path}")
    return ItemKey(f"component:{item.document}:{item.wire_component or item.component}")


def _group(item: Cell, key: ItemKey, cells: dict[str, Cell]) -> Group:
    if isinstance(item, BeeboxFile):
        folder, separator, name = item.path.rpartition("\\")
        return Group(key, folder + separator, name, cells)
    return Group(key, f"{item.document}  ", item.component, cells)


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


def census(rows: Sequence[Row], half_known: Collection[str] = ()) -> Steps[Census]:
    """Count rows of any kind, and group those that have a locale.

    Flex documents of which only one side has answered are `half_known`: no share can be told of them.
    """
    problems = ready = 0
    sums: dict[str, _Sums] = {}
    found: dict[ItemKey, dict[str, Cell]] = {}
    groups: dict[ItemKey, Group] = {}
    samples: dict[object, Cell] = {}
    for part in parts(rows):
        for row in part:
            if isinstance(row, Event):
                continue
            state = row.state
            ready += state is State.READY
            problems += state is State.FAILED or state is State.PARTIAL
            if isinstance(row, BeeboxFile | FlexComponent):
                _join(row, found, groups)
                _sum(row, sums, half_known)
                samples.setdefault(_look_of(row), row)
        yield
    totals = tuple(sums[locale].total(locale) for locale in sorted(sums))
    return Census(Count(len(rows), problems, ready), totals, groups, tuple(samples.values()))


def _look_of(item: Cell) -> object:
    """Return what the look of a state hangs on, and no more: it is worked out for each of 200 000."""
    return (item.state, item.status, item.asked) if isinstance(item, BeeboxFile) else item.state


def _join(item: Cell, found: dict[ItemKey, dict[str, Cell]], groups: dict[ItemKey, Group]) -> None:
    key = group_key(item)
    cells = found.get(key)
    if cells is None:
        cells = found[key] = {}
        groups[key] = _group(item, key, cells)
    cells[item.locale] = item


def _sum(item: Cell, sums: dict[str, _Sums], half_known: Collection[str] = ()) -> None:
    state = item.state
    if state is State.REMOVED or state is State.CANCELLED:
        return
    each = sums.get(item.locale)
    if each is None:
        each = sums[item.locale] = _Sums()
    if half_known and isinstance(item, FlexComponent) and item.document in half_known:
        return
    each.add(state, (item.words if isinstance(item, BeeboxFile) else item.segments) or 0)


def first_folder(group: Group) -> str:
    """Return the first folder of a file's path: the seeds' "job"; nothing for a file that lies in none."""
    return folder_of(group.title)


def folder_of(path: str) -> str:
    """Return the first folder of a path; nothing for a file that lies in none."""
    return path.rpartition("\\")[0].partition("\\")[0]


@dataclass(frozen=True, slots=True)
class Job:
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

    __slots__ = ("files", "problems", "sums")

    def __init__(self) -> None:
        self.sums: dict[str, _Sums] = {}
        self.files: dict[str, list[Cell]] = {}
        self.problems: list[Cell] = []

    def add(self, group: Group) -> None:
        for item in group.cells.values():
            _sum(item, self.sums)
            self.files.setdefault(item.locale, []).append(item)
            if item.state in PROBLEM:
                self.problems.append(item)

    def job(self, name: str) -> Job:
        totals = {locale: each.total(locale) for locale, each in self.sums.items()}
        return Job(folder_key(name), name, totals, self.files, self.problems)


def jobs(groups: Sequence[Group]) -> Steps[list[Job]]:
    """Add the groups up by their first folder, in the order in which the folders come."""
    found: dict[str, _JobSums] = {}
    for part in parts(groups, 100):
        for group in part:
            found.setdefault(first_folder(group), _JobSums()).add(group)
        yield
    return [each.job(name) for name, each in found.items()]
