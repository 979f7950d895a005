"""Flex documents: components with segments per language, edited over time."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from wbtui.simulator.http_messages import iso, parse_zoned
from wbtui.simulator.plan import Plan
from wbtui.simulator.sample_names import SOURCE, component_names, targets, title

SINCE: Final = timedelta(days=12)
"""How far back the last changes of cells reach; the query's window is 7 days."""


class SimulatedMetric(StrEnum):
    """The three documented metrics of `components/status`."""

    NONE_OK = "StatusNoneOk"
    OK = "StatusOk"
    BLUE = "BookmarkBlue"


@dataclass(slots=True)
class FlexCell:
    """One component in one language; the segments that are neither red nor green are gray."""

    segments: int
    red: int
    green: int
    blue: int
    changed: datetime

    def matching(self, metric: SimulatedMetric) -> int:
        """Return how many segments satisfy the metric."""
        match metric:
            case SimulatedMetric.NONE_OK:
                return self.segments - self.red
            case SimulatedMetric.OK:
                return self.green
            case SimulatedMetric.BLUE:
                return self.blue

    def complete(self, metric: SimulatedMetric) -> bool:
        """Return whether all segments satisfy the metric."""
        return self.matching(metric) == self.segments


@dataclass(frozen=True, slots=True)
class Shell:
    """The properties of a document that never change."""

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
    components: dict[str, dict[str, FlexCell]]

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
    """The documents of the account, and the edits made to them."""

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

    def cells(self) -> Iterator[tuple[Document, str, str, FlexCell]]:
        """Yield every component and target language: document, component, locale, cell."""
        for document in self.documents:
            for component, cells in document.components.items():
                for locale in document.targets:
                    yield document, component, locale, cells[locale]

    def next_event(self) -> datetime | None:
        """Return when the next edit happens, or None if there are no edits."""
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
                **{metric.value: cell.complete(metric) for metric in SimulatedMetric},
                "segments": cell.segments,
                "changed": cell.changed,
            }
            for document, component, locale, cell in self.cells()
        }

    def _after(self, at: datetime) -> datetime:
        return at + self._plan.work(max(0.05, self._plan.edit_seconds * self._chance.uniform(0.4, 1.6)))


def _edit(cell: FlexCell, chance: random.Random) -> bool:
    """Change the cell in some way that is possible, and return whether it was a bookmark."""
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


def _component(locales: tuple[str, ...], chance: random.Random, now: datetime) -> dict[str, FlexCell]:
    segments = chance.randint(1, 120)
    cells = {SOURCE: FlexCell(segments, 0, 0, 0, now - SINCE)}
    for locale in locales:
        age = timedelta(seconds=round(SINCE.total_seconds() * chance.random() ** 4))
        cells[locale] = _cell(segments, chance, now - age)
    return cells


def _cell(segments: int, chance: random.Random, changed: datetime) -> FlexCell:
    match chance.choice(("open", "gray", "green", "mixed", "blue")):
        case "open":
            return FlexCell(segments, chance.randint(1, segments), 0, 0, changed)
        case "gray":
            return FlexCell(segments, 0, 0, 0, changed)
        case "green":
            return FlexCell(segments, 0, segments, chance.choice((0, segments)), changed)
        case "mixed":
            return FlexCell(segments, 0, segments // 2, segments // 3, changed)
        case _:
            return FlexCell(segments, 0, 0, segments, changed)


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


WINDOW: Final = timedelta(days=7)
MOST: Final = 500
"""The most component ids in one query."""


class BadParameter(ValueError):
    """A parameter that the method refuses at once; the text is the error's title."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"Invalid parameter '{name}': {reason}")


@dataclass(frozen=True, slots=True)
class ComponentsQuery:
    """An accepted query. It is answered when its operation finishes."""

    document: Document
    changed: datetime
    metric: SimulatedMetric
    invert: bool
    locales: tuple[str, ...]
    components: frozenset[str] | None
    fits: Callable[[str], bool]

    def answer(self, *, older: bool = False) -> list[dict[str, Any]]:
        """Return the records `k`, `s`, `l`; `l` is a map of locale to segments, in older form a list."""
        return [
            {"k": name, "s": cells[SOURCE].segments, "l": list(found) if older else found}
            for name, cells in self._chosen()
            if (found := self._languages(cells))
        ]

    def _chosen(self) -> Iterator[tuple[str, Mapping[str, FlexCell]]]:
        for name, cells in self.document.components.items():
            if (self.components is None or name in self.components) and self.fits(name):
                yield name, cells

    def _languages(self, cells: Mapping[str, FlexCell]) -> dict[str, int]:
        found = {}
        for locale in self.locales:
            cell = cells[locale]
            if cell.changed >= self.changed and cell.complete(self.metric) != self.invert:
                matching = cell.matching(self.metric)
                found[locale] = cell.segments - matching if self.invert else matching
        return found


def read_query(document: Document, body: Mapping[str, Any], now: datetime) -> ComponentsQuery:
    """Read the JSON body; raises BadParameter.

    Without `metric` the page says that `StatusNotOk` is used, which is none of its options: it means here
    all that is not `StatusOk`. A query that names `StatusNotOk` is refused like any other unknown word.
    """
    metric = body.get("metric")
    if metric is not None and (not isinstance(metric, str) or metric not in set(SimulatedMetric)):
        raise BadParameter("metric", "Unknown metric")
    invert = body.get("invert") or False
    if not isinstance(invert, bool):
        raise BadParameter("invert", "Not a boolean")
    components = names_in(body, "components")
    return ComponentsQuery(
        document=document,
        changed=_changed(body.get("changed"), now),
        metric=SimulatedMetric.OK if metric is None else SimulatedMetric(metric),
        invert=not invert if metric is None else invert,
        locales=_locales(document, body),
        components=None if components is None else frozenset(components),
        fits=string_filter(body.get("component")),
    )


def _changed(value: object, now: datetime) -> datetime:
    if value is None:
        raise BadParameter("changed", "The parameter is mandatory")
    changed = parse_zoned(value) if isinstance(value, str) else None
    if changed is None:
        raise BadParameter("changed", "Not a date with time zone")
    if changed < now - WINDOW:
        raise BadParameter("changed", "The date must be at maximum 7 days into the past")
    return changed


def names_in(body: Mapping[str, Any], name: str) -> list[str] | None:
    """Return a list of at most 500 texts, or None if there is none; raises BadParameter."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadParameter(name, "Not a list of strings")
    if len(value) > MOST:
        raise BadParameter(name, f"More than {MOST} elements")
    return value


def _locales(document: Document, body: Mapping[str, Any]) -> tuple[str, ...]:
    names = names_in(body, "locales")
    if not names:
        return document.targets
    for name in names:
        if name not in {SOURCE, *document.targets}:
            raise BadParameter("locales", f"Unknown locale '{name}'")
    return tuple(names)


def string_filter(value: object, name: str = "component", *, exact: bool = False) -> Callable[[str], bool]:
    """Return the test of a string filter `{value, mode}`; raises BadParameter.

    Letter case counts only if `exact`: for components it does in a pull, in a query it does not.
    """
    if value is None:
        return lambda _text: True
    if not isinstance(value, dict) or not isinstance(value.get("value") or "", str):
        raise BadParameter(name, "Not a string filter")
    want = value.get("value") or ""
    mode = str(value.get("mode"))
    flags = re.DOTALL if exact else re.DOTALL | re.IGNORECASE
    if mode == "Empty":
        return lambda text: not text
    if mode not in MODES:
        raise BadParameter(name, "Unknown filter mode")
    try:
        pattern = re.compile(MODES[mode](want), flags)
    except re.error:
        raise BadParameter(name, "Invalid regular expression") from None
    return lambda text: pattern.fullmatch(text) is not None


MODES: Final[Mapping[str, Callable[[str], str]]] = {
    "Plain": re.escape,
    "Prefix": lambda text: f"{re.escape(text)}.*",
    "Suffix": lambda text: f".*{re.escape(text)}",
    "Infix": lambda text: f".*{re.escape(text)}.*",
    "Wildcards": lambda text: re.escape(text).replace(r"\*", ".*").replace(r"\?", ".?"),
    "Regex": lambda text: text,
}
"""The modes of a string filter with a value, as the regular expression that has to match the whole text."""
