"""The Flex part of Translator API 2, and the shapes that all of that API shares.

Source: the apps-wbflex-* pages; of `contents/pull` also the file of segments that it makes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from wbtui.simulator.flex import (
    MOST,
    BadParameter,
    ComponentsQuery,
    Document,
    FlexCell,
    detail,
    names_in,
    read_query,
    row,
    string_filter,
)
from wbtui.simulator.http_messages import (
    RefusedReply,
    Reply,
    Request,
    iso,
    json_reply,
    parse_zoned,
    whole_number,
)
from wbtui.simulator.media import MediaFile
from wbtui.simulator.operation import OperationKind, Result, SimulatedOperation, first_envelope
from wbtui.simulator.sample_names import SOURCE
from wbtui.simulator.world import World

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


TAKE: Final = 20
TAKE_MOST: Final = 500
CHANGED_SINCE: Final = re.compile(r"""\{dtchange\}\.Matches\("([^"]+)", ">="\)""")


def error(now: datetime, title: str) -> Reply:
    """Return the default error.

    `details`, `errorurl` and `messages` may be absent. Source: error-handling-and-code.
    """
    content = {"operation": None, "date": iso(now, 7), "title": title}
    return json_reply({"error": content, "reason": title}, 400)


def body_object(request: Request, now: datetime) -> dict[str, Any]:
    """Return the JSON object in the body; raises RefusedReply if there is none."""
    try:
        body = request.json()
    except ValueError:
        raise RefusedReply(error(now, "The request body is not valid JSON.")) from None
    if not isinstance(body, dict):
        raise RefusedReply(error(now, "The request body is not a JSON object."))
    return body


def optional_body(request: Request, now: datetime) -> dict[str, Any]:
    """Return the JSON object in the body, or an empty one if nothing was sent; raises RefusedReply."""
    return body_object(request, now) if request.body else {}


def page(rows: list[dict[str, Any]], body: dict[str, Any], now: datetime) -> Reply:
    """Return the slice that `skip` and `take` (default 20, at most 500) choose; raises RefusedReply."""
    try:
        skip = whole_number(body.get("skip"), 0, default=0)
        take = min(TAKE_MOST, whole_number(body.get("take"), 0, default=TAKE))
    except ValueError:
        raise RefusedReply(error(now, "Invalid parameter 'take' or 'skip'")) from None
    chosen = rows[skip : skip + take]
    return json_reply({"total": len(rows), "count": len(chosen), "rows": chosen})


def documents(world: World, request: Request, _path: str, now: datetime) -> Reply:
    """Answer `apps/wbflex/list`. The only query it understands is the documented one on `dtchange`."""
    body = optional_body(request, now)
    query = body.get("query") or ""
    since = _since(query) if isinstance(query, str) else None
    if query and since is None:
        raise RefusedReply(error(now, "Invalid query"))
    found = [one for one in world.flex.documents if since is None or one.dtchange >= since]
    return page([row(one) for one in found], body, now)


def _since(query: str) -> datetime | None:
    found = CHANGED_SINCE.fullmatch(query.strip())
    if not found:
        return None
    text = found.group(1)
    return parse_zoned(text if "T" in text else f"{text}T00:00:00Z")


def document(world: World, _request: Request, path: str, now: datetime) -> Reply:
    """Answer `documents/{id}`, for a document number or a job id."""
    return json_reply(detail(_find(world, path, now)))


def components_status(world: World, request: Request, path: str, now: datetime) -> Reply:
    """Answer `components/status`: an operation in the same queue as all others."""
    found = _find(world, path, now)
    try:
        query = read_query(found, body_object(request, now), now)
    except BadParameter as refusal:
        raise RefusedReply(error(now, str(refusal))) from None

    def result(_at: datetime, owner: int) -> Result:
        return _result(world, query, owner)

    return submitted(world, world.workload.call(OperationKind.FLEX, now, result), now)


def submitted(world: World, operation: SimulatedOperation, now: datetime) -> Reply:
    """Queue an operation and answer with its envelope. Some are finished at once."""
    chance = world.plan.chance(f"quick/{operation.request_id}")
    if chance.random() >= world.plan.quick_calls_share:
        world.queue.submit(operation, now)
        return json_reply(first_envelope(operation, now, world.plan.dialect))
    operation.duration = timedelta(microseconds=1)
    operation.start(now)
    operation.finish()
    answer = first_envelope(operation, now, world.plan.dialect)
    answer["trm"]["requestid"] = 0
    return json_reply(answer)


def _result(world: World, query: ComponentsQuery, owner: int) -> Result:
    """Return `custom` with the token of the list; an empty list comes with or without one."""
    found = query.answer(older=world.plan.dialect == "older")
    if not found and owner % 2:
        return {"filetoken": None, "components": 0}
    content = json.dumps(found, ensure_ascii=False).encode()
    file = MediaFile(f"components-{query.document.id}.json", "application/json", content)
    return {"filetoken": world.media.add(owner, file), "components": len(found)}


def contents_pull(world: World, request: Request, path: str, now: datetime) -> Reply:
    """Answer `contents/pull`: an operation; its file is made when it finishes."""
    found = _find(world, path, now)
    try:
        pull = read_pull(found, body_object(request, now), now)
    except BadParameter as refusal:
        raise RefusedReply(error(now, str(refusal))) from None

    def result(_at: datetime, owner: int) -> Result:
        return _pulled(world, pull, owner)

    return submitted(world, world.workload.call(OperationKind.PULL, now, result), now)


def _pulled(world: World, pull: Pull, owner: int) -> Result:
    """Return `custom` with the token of the pulled file; an empty one comes with or without a token."""
    content = pull.answer()
    if not content["segments"] and owner % 2:
        return {"filetoken": None}
    name = f"{pull.document.id}.json"
    file = MediaFile(name, "application/json", json.dumps(content, ensure_ascii=False).encode())
    return {"filetoken": world.media.add(owner, file)}


def _find(world: World, name: str, now: datetime) -> Document:
    found = world.flex.find(name)
    if found is None:
        raise RefusedReply(error(now, f"The Flex document '{name}' does not exist."))
    return found
