"""Calls of Translator API 2 that start operations on projects, resources and orders.

Uploads and downloads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from wbtui.simulator import api_flex, ooxml
from wbtui.simulator.http_messages import RefusedReply, Reply, Request, bytes_reply, json_reply, whole_number
from wbtui.simulator.media import MediaFile, archive, enlarged, xliff
from wbtui.simulator.operation import Ending, OperationKind, Result
from wbtui.simulator.projects import BadPayload, read_payload
from wbtui.simulator.received_uploads import BadUpload, SentUpload, read_upload
from wbtui.simulator.recorded_writes import Upload
from wbtui.simulator.sample_names import SOURCE, file_names, targets
from wbtui.simulator.world import World

FORMS: Final = {
    "xliff": (".xlf", "application/x-xliff+xml"),
    "word": (".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "excel": (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
ORDERS: Final = range(300, 901)
BIG_ORDER: Final = 900
"""The order that has more files than an archive may have."""
MOST_IN_ZIP: Final = 2000


def media(world: World, _request: Request, path: str, now: datetime) -> Reply:
    """Answer `media/get/{token}`."""
    file = world.media.get(path)
    if file is None:
        raise RefusedReply(api_flex.error(now, "The requested file does not exist."))
    return bytes_reply(
        enlarged(world.plan, path, file),
        world.born,
        ("Content-Type", file.content_type),
        ("Content-Disposition", _disposition(file.name)),
    )


def _disposition(name: str) -> str:
    """Return the header with the name in ASCII and, if it needs more, in the extended form as well."""
    plain = _plain(name)
    extended = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{extended}'


def _plain(name: str) -> str:
    return "".join(
        sign if sign.isascii() and sign.isprintable() and sign not in '"\\' else "_" for sign in name
    )


def upload(world: World, request: Request, _path: str, now: datetime) -> Reply:
    """Answer `media/upload`; the name in the answer is not always the one that was sent (seen in clients).

    `maxsize` is read as bytes: its unit is not documented.
    """
    try:
        sent = read_upload(request.headers.get("content-type", ""), request.body)
        most = whole_number(request.value("maxsize"), 1, default=world.plan.largest_upload)
    except BadUpload as refusal:
        raise RefusedReply(api_flex.error(now, str(refusal))) from None
    except ValueError:
        raise RefusedReply(api_flex.error(now, "Invalid parameter 'maxsize'")) from None
    name = request.value("filename") or sent.name
    if not name:
        raise RefusedReply(api_flex.error(now, "The file has no name."))
    if len(sent.content) > min(most, world.plan.largest_upload):
        raise RefusedReply(api_flex.error(now, "The file is too large."))
    world.writes.uploads.append(Upload("translator", "media", name, sent.content))
    token = world.uploads.add(SentUpload(name, sent.content))
    return json_reply({"result": {"token": token, "name": _plain(re.split(r"[\\/]", name)[-1])}})


def workflows_new(world: World, request: Request, path: str, now: datetime) -> Reply:
    """Answer `projects/{pid}/workflows/new`: an operation; an invalid payload is refused at once."""
    project = world.projects.get(int(path))
    if project is None:
        raise RefusedReply(api_flex.error(now, f"The project {path} does not exist."))
    body = api_flex.body_object(request, now)
    try:
        sent = read_payload(project, body, world.uploads.files())
    except BadPayload as refusal:
        raise RefusedReply(api_flex.error(now, str(refusal))) from None
    world.uploads.spend([file["token"] for file in body["files"]])

    def result(at: datetime, owner: int) -> Result:
        return world.projects.work(sent, owner, at)

    operation = world.workload.call(OperationKind.UPLOAD, now, result)
    operation.title = sent.title
    return api_flex.submitted(world, operation, now)


def export(world: World, request: Request, _path: str, now: datetime) -> Reply:
    """Answer `resources/segments/view/export`.

    Bad parameters fail at once, as the page asynchronous-operations says.
    """
    body = api_flex.body_object(request, now)
    for name in ("scope", "type", "query"):
        if body.get(name) is None:
            return _failed_at_once(f"Parameter '{name}' is missing")
    if (
        not isinstance(body["type"], str)
        or body["type"] not in FORMS
        or not isinstance(body["scope"], dict)
        or not isinstance(body["query"], dict)
    ):
        return _failed_at_once("Parameters 'type', 'scope' or 'query' are not valid")
    name = str(body.get("filename") or "Export")

    def result(at: datetime, owner: int) -> Result:
        return _exported(world, name, body["type"], at, owner)

    operation = world.workload.call(OperationKind.EXPORT, now, result)
    operation.title = name
    return api_flex.submitted(world, operation, now)


def _failed_at_once(info: str) -> Reply:
    trm = {"requestid": 0, "isbatch": False, "status": "Failed", "statusText": "Operation failed!"}
    return json_reply({"trm": trm | {"statusInfo": info}})


def _exported(world: World, name: str, form: str, at: datetime, owner: int) -> Result:
    chance = world.plan.chance(f"export/{owner}")
    texts = [f"Segment {number} & more" for number in range(1, chance.randint(2, 900))]
    ending, content_type = FORMS[form]
    target = chance.choice(targets(world.plan.locales))
    makers: Mapping[str, Callable[[], bytes]] = {
        "xliff": lambda: xliff(SOURCE, target, texts),
        "word": lambda: ooxml.word(texts, at),
        "excel": lambda: ooxml.excel(texts, at),
    }
    file = MediaFile(f"{name}{ending}", content_type, makers[form]())
    return {"fileref": world.media.add(owner, file), "filename": file.name, "segments": len(texts)}


def order_zip(world: World, request: Request, path: str, now: datetime) -> Reply:
    """Answer `orders/{orderid}/files/all/zip`: an operation; too many files are its failure."""
    order = int(path)
    if order not in ORDERS:
        raise RefusedReply(api_flex.error(now, f"The order {order} does not exist."))
    names = _order_files(world, order, api_flex.optional_body(request, now), now)

    def result(at: datetime, owner: int) -> Result:
        files = {name: f"{name}\n".encode() * 40 for name in names}
        file = MediaFile(f"Order {order}.zip", "application/zip", archive(files, at))
        return {"filetoken": world.media.add(owner, file), "count": len(files)}

    operation = world.workload.call(OperationKind.ZIP, now, result)
    operation.title = f"order {order}"
    if len(names) > MOST_IN_ZIP:
        operation.ending = Ending(True, f"The order has more than {MOST_IN_ZIP} files.", "text")
    return api_flex.submitted(world, operation, now)


def _order_files(world: World, order: int, body: Mapping[str, Any], now: datetime) -> list[str]:
    """Return the paths that the regular expressions `includeNames` and `excludeNames` leave."""
    chance = world.plan.chance(f"order/{order}")
    total = MOST_IN_ZIP + 1 if order == BIG_ORDER else chance.randint(1, 12)
    names = [f"fr/{name}".replace("\\", "/") for name in file_names(total, chance)]
    wanted = _patterns(body, "includeNames", now)
    unwanted = _patterns(body, "excludeNames", now)
    if wanted:
        names = [name for name in names if any(one.search(name) for one in wanted)]
    return [name for name in names if not any(one.search(name) for one in unwanted)]


def _patterns(body: Mapping[str, Any], name: str, now: datetime) -> list[re.Pattern[str]]:
    value = body.get(name) or []
    try:
        if not isinstance(value, list):
            raise TypeError
        return [re.compile(text) for text in value]
    except (TypeError, re.error):
        raise RefusedReply(api_flex.error(now, f"Invalid parameter '{name}'")) from None
