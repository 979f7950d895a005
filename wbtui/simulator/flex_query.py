"""The question of `components/status`: which components are complete in which language, since a date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from wbtui.simulator.dates import parse_zoned
from wbtui.simulator.flex import Cell, Document, Metric
from wbtui.simulator.names import SOURCE

WINDOW: Final = timedelta(days=7)
MOST: Final = 500
"""The most component ids in one question."""


class BadParameter(ValueError):
    """A parameter that the method refuses at once; the text is the error's title."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"Invalid parameter '{name}': {reason}")


@dataclass(frozen=True, slots=True)
class Query:
    """A question that was accepted; it is answered when its operation finishes."""

    document: Document
    changed: datetime
    metric: Metric
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

    def _chosen(self) -> Iterator[tuple[str, Mapping[str, Cell]]]:
        for name, cells in self.document.components.items():
            if (self.components is None or name in self.components) and self.fits(name):
                yield name, cells

    def _languages(self, cells: Mapping[str, Cell]) -> dict[str, int]:
        found = {}
        for locale in self.locales:
            cell = cells[locale]
            if cell.changed >= self.changed and cell.complete(self.metric) != self.invert:
                matching = cell.matching(self.metric)
                found[locale] = cell.segments - matching if self.invert else matching
        return found


def read_query(document: Document, body: Mapping[str, Any], now: datetime) -> Query:
    """Read the JSON body; raises BadParameter.

    Without `metric` the page says that `StatusNotOk` is used, which is none of its options: taken here as
    all that is not `StatusOk`. To write `StatusNotOk` oneself is refused like any other unknown word.
    """
    metric = body.get("metric")
    if metric is not None and (not isinstance(metric, str) or metric not in set(Metric)):
        raise BadParameter("metric", "Unknown metric")
    invert = body.get("invert") or False
    if not isinstance(invert, bool):
        raise BadParameter("invert", "Not a boolean")
    components = names_in(body, "components")
    return Query(
        document=document,
        changed=_changed(body.get("changed"), now),
        metric=Metric.OK if metric is None else Metric(metric),
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
