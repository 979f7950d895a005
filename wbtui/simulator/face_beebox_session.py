"""Sessions of the Beebox Web API and what its answers share (beebox page, section 1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from wbtui.simulator.http_messages import (
    Refused,
    Reply,
    Request,
    json_reply,
    need,
    not_found,
    text_reply,
    whole_number,
)
from wbtui.simulator.world import World

WAIT: Final = 10
"""Default of `waitsecs`."""
WAIT_MOST: Final = 60
"""Our own limit to `waitsecs`: none is documented."""


def error(message: str, error_id: str | None = None, inner: str | None = None) -> Reply:
    """Return the error object of the page; `id` and `inner` are there only if there is something in them."""
    body: dict[str, Any] = {"type": "Api error", "message": message, "failed": True}
    if error_id is not None:
        body["id"] = error_id
    if inner is not None:
        body["inner"] = inner
    return json_reply(body, 400)


def connect_by_get(world: World, request: Request, now: datetime) -> Reply:
    """Answer the GET form: the body is the token."""
    project, login, password = need(request, "project", "login", "pwd")
    return text_reply(_token(world, (project, login, password), request.value("waitsecs"), now))


def connect_by_post(world: World, request: Request, now: datetime) -> Reply:
    """Answer the POST form; the token is plain text unless the plan says otherwise, as no page shows it."""
    body = json_object(request)
    if not {"project", "login", "pwd"} <= body.keys():
        raise Refused(not_found(request))
    given = (body["project"], body["login"], body["pwd"])
    token = _token(world, given, body.get("waitsecs"), now)
    match world.plan.connect_answer:
        case "text":
            return text_reply(token)
        case "string":
            return json_reply(token)
        case "object":
            return json_reply({"token": token})


def _token(world: World, given: tuple[object, ...], waits: object, now: datetime) -> str:
    """Log in, or refuse. While a run works the reply is BUSY, with the patience that `waitsecs` asks for."""
    try:
        seconds = whole_number(waits, 0, default=WAIT)
    except ValueError:
        raise Refused(error("The parameter 'waitsecs' is not a number.")) from None
    accounts = world.accounts
    if given != (accounts.beebox_project, accounts.beebox_login, accounts.beebox_password):
        raise Refused(error("Unknown project, login or password."))
    if world.beebox.busy:
        busy = error("Automatic operations are in progress, please try again.", "BUSY")
        raise Refused(replace(busy, patience=float(min(seconds, WAIT_MOST))))
    return world.beebox.sessions.open(now)


def check(world: World, token: object, now: datetime) -> None:
    """Keep a session alive; raises Refused with `LOGGEDOUT` if it is dead."""
    if not isinstance(token, str) or not world.beebox.sessions.use(token, now):
        raise Refused(error("Not authorised", "LOGGEDOUT"))


def json_object(request: Request) -> Mapping[str, Any]:
    """Return the JSON object in the body; raises Refused if there is none."""
    try:
        body = request.json()
    except ValueError as reason:
        raise Refused(error("The request body is not valid JSON.", inner=str(reason))) from None
    if not isinstance(body, dict):
        raise Refused(error("The request body is not a JSON object."))
    return body
