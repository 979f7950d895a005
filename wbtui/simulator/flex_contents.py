"""The query of `contents/pull`, and its result: a file of segments with their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wbtui.simulator.flex import MOST, BadParameter, Document, FlexCell, names_in, string_filter
from wbtui.simulator.http_messages import iso, parse_zoned
from wbtui.simulator.sample_names import SOURCE

GREEN, RED, GRAY = 1, 2, 0


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a component; `number` is its place in the component, `bsid` that in the document."""

    component: str
    number: int
    bsid: int
    cells: Mapping[str, FlexCell]

    @property
    def key(self) -> str:
        """Return the key of the segment."""
        return f"{self.component}.text{self.number + 1}"

    @property
    def changed(self) -> datetime:
        """Return when it was last changed in any language."""
        return max(cell.changed for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class Pull:
    """An accepted query. A segment has to satisfy all its conditions."""

    document: Document
    tests: tuple[Callable[[Segment], bool], ...]
    copies: bool
    """Whether an untranslated text is replaced by its source."""

    def answer(self) -> dict[str, Any]:
        """Return the pulled file of the present document, in the shape seen in client code."""
        chosen = [one for one in _segments(self.document) if all(test(one) for test in self.tests)]
        return {
            "type": "wbflex",
            "version": "1.0",
            "major": "1",
            "minor": None,
            "did": self.document.shell.did,
            "dsid": self.document.shell.did + 20000,
            "cfsConfig": [],
            "lblsConfig": [],
            "segments": [_record(one, copies=self.copies) for one in chosen],
        }


def read_pull(document: Document, body: Mapping[str, Any], now: datetime) -> Pull:
    """Read the JSON body; raises BadParameter. Undocumented properties are accepted."""
    fits_component = string_filter(body.get("component"), "component", exact=True)
    fits_key = string_filter(body.get("key"), "key")
    components, keys = names_in(body, "components"), names_in(body, "keys")
    low_keys = {key.lower() for key in keys or ()}
    since, until = _window(body.get("dtchange"), now)
    first, last = _number(body, "bsidMin"), _number(body, "bsidMax")
    numbers = _numbers(body)
    for name in ("includeComments", "includeCustomFields", "copySourceToTarget"):
        if not isinstance(body.get(name), bool | None):
            raise BadParameter(name, "Not a boolean")
    tests: tuple[Callable[[Segment], bool], ...] = (
        lambda one: components is None or one.component in components,
        lambda one: keys is None or one.key.lower() in low_keys,
        lambda one: fits_component(one.component) and fits_key(one.key),
        lambda one: numbers is None or one.bsid in numbers,
        lambda one: (first is None or one.bsid >= first) and (last is None or one.bsid <= last),
        lambda one: (since is None or one.changed >= since) and (until is None or one.changed <= until),
    )
    return Pull(document, tests, bool(body.get("copySourceToTarget")))


def _window(value: object, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Read a date filter: hours and days before now, which add up, or `min` and `max`."""
    if value is None:
        return None, None
    if not isinstance(value, dict):
        raise BadParameter("dtchange", "Not a date filter")
    if value.keys() & {"hours", "days"}:
        hours, days = value.get("hours") or 0, value.get("days") or 0
        if not isinstance(hours, int | float) or not isinstance(days, int | float):
            raise BadParameter("dtchange", "Not a number of hours or days")
        try:
            return now - timedelta(hours=hours, days=days), None
        except (OverflowError, ValueError):
            raise BadParameter("dtchange", "Farther back than any date") from None
    return _date(value.get("min")), _date(value.get("max"))


def _date(value: object) -> datetime | None:
    if value is None:
        return None
    date = parse_zoned(value) if isinstance(value, str) else None
    if date is None:
        raise BadParameter("dtchange", "Not a date with time zone")
    return date


def _number(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise BadParameter(name, "Not a whole number")
    return value


def _numbers(body: Mapping[str, Any]) -> frozenset[int] | None:
    value = body.get("segments")
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, int) for item in value):
        raise BadParameter("segments", "Not a list of numbers")
    if len(value) > MOST:
        raise BadParameter("segments", f"More than {MOST} elements")
    return frozenset(value)


def _segments(document: Document) -> Iterator[Segment]:
    bsid = 0
    for component, cells in document.components.items():
        for number in range(cells[SOURCE].segments):
            bsid += 1
            yield Segment(component, number, bsid, cells)


def _record(one: Segment, *, copies: bool) -> dict[str, Any]:
    source = f"{one.component}: text {one.number + 1}"
    texts = {locale: _text(one, locale, cell, source, copies) for locale, cell in one.cells.items()}
    return {
        "key": one.key,
        "component": one.component,
        "dt": iso(one.changed, 7),
        "format": "plain",
        "bsid": one.bsid,
        "chmin": 0,
        "chmax": 0,
        "cfs": [],
        "texts": texts,
    }


def _text(one: Segment, locale: str, cell: FlexCell, source: str, copies: bool) -> dict[str, Any]:
    """Return one text: the first segments of a cell are its red ones, the next its green ones."""
    status = GRAY
    if one.number < cell.red:
        status = RED
    elif one.number < cell.red + cell.green:
        status = GREEN
    missing = source if copies else ""
    value = source if locale == SOURCE else missing if status == RED else f"[{locale}] {source}"
    blue = one.number >= cell.segments - cell.blue
    dated = {"dt": iso(cell.changed, 7), "cfs": []}
    return {"v": value, "st": status, "bk": int(blue and locale != SOURCE), "ed": int(status != GRAY)} | dated
