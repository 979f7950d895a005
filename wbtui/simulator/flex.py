"""Flex documents: components with segments per language, edited as time goes by."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from wbtui.simulator.dates import iso
from wbtui.simulator.names import SOURCE, component_names, targets, title
from wbtui.simulator.plan import Plan

SINCE: Final = timedelta(days=12)
"""How far back the last changes of cells reach; the query's window is 7 days."""


class Metric(StrEnum):
    """The three documented metrics of `components/status`."""

    NONE_OK = "StatusNoneOk"
    OK = "StatusOk"
    BLUE = "BookmarkBlue"


@dataclass(slots=True)
class Cell:
    """One component in one language; the segments that are neither red nor green are gray."""

    segments: int
    red: int
    green: int
    blue: int
    changed: datetime

    def matching(self, metric: Metric) -> int:
        """Return how many segments satisfy the metric."""
        match metric:
            case Metric.NONE_OK:
                return self.segments - self.red
            case Metric.OK:
                return self.green
            case Metric.BLUE:
                return self.blue

    def complete(self, metric: Metric) -> bool:
        """Tell whether all segments satisfy the metric."""
        return self.matching(metric) == self.segments


@dataclass(frozen=True, slots=True)
class Shell:
    """What is fixed about a document."""

    id: str
    did: int
    jid: int | None
    pid: int
    name: str
    preference: str
    digits: int
    """Digits of a second in its dates; the samples have none, 3 and 7."""


SHELLS: Final = (
    Shell("1000", 1000, None, 165, "app\\strings.wbflex", "Mobile app", 7),
    Shell("1001", 1001, None, 165, "web\\Größen & Preise.wbflex", "Mobile app", 0),
    Shell("c300", 1007, 300, 171, "产品手册\\ui texts.wbflex", "Website relaunch 2026", 3),
)


@dataclass(slots=True)
class Document:
    """A Flex container; its id is what its list row carries, a document number or a job id such as `c300`."""

    shell: Shell
    dtchange: datetime
    targets: tuple[str, ...]
    components: dict[str, dict[str, Cell]]

    @property
    def id(self) -> str:
        """Return the id to use in Flex calls."""
        return self.shell.id

    def segments(self) -> int:
        """Return the segments of all components."""
        return sum(cells[SOURCE].segments for cells in self.components.values())

    def changed(self) -> str:
        """Return `dtchange` as the document writes dates."""
        return iso(self.dtchange, self.shell.digits)


class Flex:
    """The documents of the account, and the editors who work on them."""

    def __init__(self, plan: Plan, now: datetime) -> None:
        self._plan = plan
        self._chance = plan.chance("flex edits")
        self.documents = _documents(plan, now)
        self._cells = [(document, cell) for document, _k, _locale, cell in self.cells()]
        self._next = self._after(now)

    def find(self, name: str) -> Document | None:
        """Return the document with that document number or job id, or None."""
        for document in self.documents:
            if name in {document.id, str(document.shell.did)}:
                return document
        return None

    def cells(self) -> Iterator[tuple[Document, str, str, Cell]]:
        """Yield every component and target language: document, component, locale, cell."""
        for document in self.documents:
            for component, cells in document.components.items():
                for locale in document.targets:
                    yield document, component, locale, cells[locale]

    def next_event(self) -> datetime | None:
        """Return when the next edit happens, or None if nobody edits."""
        return self._next if self._plan.edit_seconds and self._cells else None

    def step(self, at: datetime) -> None:
        """Edit one component in one language."""
        document, cell = self._chance.choice(self._cells)
        bookmark = _edit(cell, self._chance)
        cell.changed = at
        if not (bookmark and self._plan.silent_bookmarks):
            document.dtchange = at
        self._next = self._after(at)

    def truth(self) -> dict[str, Mapping[str, Any]]:
        """Return, by wbtui's key, whether each cell satisfies each metric, and when it last changed."""
        return {
            f"fx:{document.id}:{locale}:{component}": {
                **{metric.value: cell.complete(metric) for metric in Metric},
                "segments": cell.segments,
                "changed": cell.changed,
            }
            for document, component, locale, cell in self.cells()
        }

    def _after(self, at: datetime) -> datetime:
        return at + self._plan.work(max(0.05, self._plan.edit_seconds * self._chance.uniform(0.4, 1.6)))


def _edit(cell: Cell, chance: random.Random) -> bool:
    """Change the cell in some way that is possible, and tell whether it was a bookmark."""
    gray = cell.segments - cell.red - cell.green
    ways = [("red", 6 if cell.red else 0), ("gray", 3 if gray else 0)]
    ways += [("bookmark", 3 if cell.blue < cell.segments else 0), ("setback", 1)]
    way = chance.choices([name for name, _ in ways], [weight for _, weight in ways])[0]
    match way:
        case "red":
            cell.red -= chance.randint(1, cell.red)
        case "gray":
            cell.green += chance.randint(max(1, gray // 2), gray)
        case "bookmark":
            cell.blue = cell.segments
        case _:
            cell.red = max(1, cell.segments // 5)
            cell.green, cell.blue = 0, 0
    return way == "bookmark"


def _documents(plan: Plan, now: datetime) -> list[Document]:
    chance = plan.chance("flex")
    shells = SHELLS[: min(len(SHELLS), plan.components)] or SHELLS[:1]
    names = component_names(plan.components, chance)
    documents = []
    for number, shell in enumerate(shells):
        locales = targets(plan.locales)
        own = names[number :: len(shells)]
        components = {name: _component(locales, chance, now) for name in own}
        changes = [cell.changed for cells in components.values() for cell in cells.values()]
        documents.append(Document(shell, max(changes, default=now), locales, components))
    return documents


def _component(locales: tuple[str, ...], chance: random.Random, now: datetime) -> dict[str, Cell]:
    segments = chance.randint(1, 120)
    cells = {SOURCE: Cell(segments, 0, 0, 0, now - SINCE)}
    for locale in locales:
        age = timedelta(seconds=round(SINCE.total_seconds() * chance.random() ** 4))
        cells[locale] = _cell(segments, chance, now - age)
    return cells


def _cell(segments: int, chance: random.Random, changed: datetime) -> Cell:
    match chance.choice(("open", "gray", "green", "mixed", "blue")):
        case "open":
            return Cell(segments, chance.randint(1, segments), 0, 0, changed)
        case "gray":
            return Cell(segments, 0, 0, 0, changed)
        case "green":
            return Cell(segments, 0, segments, chance.choice((0, segments)), changed)
        case "mixed":
            return Cell(segments, 0, segments // 2, segments // 3, changed)
        case _:
            return Cell(segments, 0, 0, segments, changed)


def row(document: Document) -> dict[str, Any]:
    """Return the row of `apps/wbflex/list`."""
    segments = document.segments()
    return {
        "id": document.id,
        "did": document.shell.did,
        "jid": document.shell.jid,
        "name": document.shell.name,
        "dtchange": document.changed(),
        "src": SOURCE,
        "srct": title(SOURCE),
        "paragraphs": segments - segments // 40,
        "segments": segments,
        "pid": document.shell.pid,
        "preference": document.shell.preference,
        "connector": None,
        "pstatus": 0,
        "pstatust": "In progress",
        "filterName": "Default",
    }


def detail(document: Document) -> dict[str, Any]:
    """Return the answer of `apps/wbflex/documents/{id}`, whose `id` is a number."""
    return {
        "id": document.shell.did,
        "dsid": document.shell.did + 20000,
        "pid": document.shell.pid,
        "name": document.shell.name,
        "dtchange": document.changed(),
        "src": {"v": SOURCE, "t": title(SOURCE)},
        "trgs": [{"v": locale, "t": title(locale)} for locale in document.targets],
        "filterName": "Default",
        "files": [{"name": "screens\\login.png", "date": iso(document.dtchange), "size": 48213}],
    }
