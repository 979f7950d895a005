"""The Flex part of Translator API 2, and the shapes that all of that API shares.

Source: the apps-wbflex-* pages.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any, Final

from wbtui.simulator.flex import BadParameter, ComponentsQuery, Document, detail, read_query, row
from wbtui.simulator.flex_contents import Pull, read_pull
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
from wbtui.simulator.world import World

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
