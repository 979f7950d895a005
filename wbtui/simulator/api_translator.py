"""Translator API 2: token, operations, files, Flex. Source: help.wordbee.com/api2."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from wbtui.simulator import api_flex, api_work
from wbtui.simulator.http_messages import RefusedReply, Reply, Request, iso, json_reply, whole_number
from wbtui.simulator.operation import envelope
from wbtui.simulator.world import World

Answer = Callable[[World, Request, str, datetime], Reply]


def answer(world: World, request: Request, now: datetime) -> Reply:
    """Answer one call below `/api`; raises RefusedReply."""
    if request.path == "/api/auth/token":
        return _auth(world, request, now)
    if not request.path.startswith("/api/"):
        raise RefusedReply(_no_resource())
    _authenticate(world, request, now)
    if not world.allowance.take(now):
        raise RefusedReply(_throttled(world))
    return _route(world, request, now)


def _route(world: World, request: Request, now: datetime) -> Reply:
    allowed = []
    for method, pattern, action in ROUTES:
        found = re.fullmatch(pattern, request.path.removeprefix("/api/"))
        if found and method == request.method:
            return action(world, request, "".join(found.groups()), now)
        if found:
            allowed.append(method)
    raise RefusedReply(_wrong_method(request, allowed) if allowed else _no_resource())


def _auth(world: World, request: Request, now: datetime) -> Reply:
    if request.method == "DELETE":
        world.sessions.close(request.headers.get("x-auth-token", ""), now)
        return Reply(204)
    if request.method != "POST":
        raise RefusedReply(_wrong_method(request, ["POST", "DELETE"]))
    body = api_flex.body_object(request, now)
    right = {"accountid": world.accounts.translator_account, "key": world.accounts.translator_key}
    if {name: body.get(name) for name in right} != right:
        raise RefusedReply(api_flex.error(now, "Invalid private key."))
    return json_reply(world.sessions.open(now))


def _authenticate(world: World, request: Request, now: datetime) -> None:
    token = request.headers.get("x-auth-token", "")
    known = request.headers.get("x-auth-accountid") == world.accounts.translator_account
    if known and world.sessions.use(token, now):
        return
    title = "Token invalid or expired."
    message = {
        "title": "Not authenticated",
        "details": "session could not be built from token",
        "errorurl": None,
    }
    content = {"operation": None, "date": iso(now, 7), "title": title, "details": title}
    reason = "Not authenticated - session could not be built from token"
    body = {"error": content | {"errorurl": None, "messages": [message]}, "reason": reason}
    raise RefusedReply(json_reply(body, 401 if world.plan.dialect == "older" else 400))


def _throttled(world: World) -> Reply:
    text = f"Requests throttled. Maximum allowed {world.allowance.limit} per 01:00:00."
    return json_reply({"error": {"type": "Throttling error", "message": text}, "reason": text}, 429)


def _no_resource() -> Reply:
    return json_reply({"Message": "No HTTP resource was found that matches the request URI."}, 404)


def _wrong_method(request: Request, allowed: list[str]) -> Reply:
    text = f"The requested resource does not support http method '{request.method}'."
    reply = json_reply({"Message": text}, 405)
    return Reply(reply.status, (*reply.headers, ("Allow", ", ".join(allowed))), reply.body)


def _status(world: World, request: Request, _path: str, now: datetime) -> Reply:
    try:
        number = whole_number(request.value("requestid"), 0)
    except ValueError:
        raise RefusedReply(api_flex.error(now, "Invalid parameter 'requestid'")) from None
    operation = world.queue.get(number)
    if operation is None:
        raise RefusedReply(api_flex.error(now, f"The operation {number} does not exist."))
    return json_reply(envelope(operation, now, world.plan.dialect))


def _list(world: World, request: Request, _path: str, now: datetime) -> Reply:
    if not world.plan.trm_list:
        raise RefusedReply(_no_resource())
    rows = [
        {
            "requestid": operation.request_id,
            "isbatch": False,
            "status": operation.status,
            "statusText": envelope(operation, now, world.plan.dialect)["trm"]["statusText"],
            "title": operation.kind.value,
            "created": iso(operation.submitted, 7),
        }
        for operation in world.queue.known().values()
        if not operation.foreign
    ]
    return api_flex.page(rows, api_flex.optional_body(request, now), now)


ROUTES: Final[tuple[tuple[str, str, Answer], ...]] = (
    ("GET", r"trm/status", _status),
    ("POST", r"trm/list", _list),
    ("GET", r"media/get/([^/]+)", api_work.media),
    ("POST", r"media/upload", api_work.upload),
    ("POST", r"projects/(\d{1,9})/workflows/new", api_work.workflows_new),
    ("POST", r"resources/segments/view/export", api_work.export),
    ("POST", r"orders/(\d{1,9})/files/all/zip", api_work.order_zip),
    ("POST", r"apps/wbflex/list", api_flex.documents),
    ("GET", r"apps/wbflex/documents/([^/]+)", api_flex.document),
    ("POST", r"apps/wbflex/documents/([^/]+)/components/status", api_flex.components_status),
    ("POST", r"apps/wbflex/documents/([^/]+)/contents/pull", api_flex.contents_pull),
)
