"""Translator API 2: token, operations, files, projects, resources, orders. Source: help.wordbee.com/api2."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from wbtui.simulator import api_flex
from wbtui.simulator.http_messages import (
    RefusedReply,
    Reply,
    Request,
    bytes_reply,
    iso,
    json_reply,
    whole_number,
)
from wbtui.simulator.media import BadUpload, MediaFile, SentUpload, archive, enlarged, read_upload, xliff
from wbtui.simulator.operation import Ending, OperationKind, Result, envelope
from wbtui.simulator.projects import BadPayload, read_payload
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
        "word": lambda: word(texts, at),
        "excel": lambda: excel(texts, at),
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


_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MIME: Final = "application/vnd.openxmlformats-officedocument."


def word(texts: Sequence[str], at: datetime) -> bytes:
    """Return a document with one paragraph per text."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    rows = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in texts)
    document = f'<w:document xmlns:w="{space}"><w:body>{rows}</w:body></w:document>'
    return _package({"word/document.xml": ("wordprocessingml.document.main+xml", document)}, {}, at)


def excel(texts: Sequence[str], at: datetime) -> bytes:
    """Return a workbook with one sheet and one text per row."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = "".join(f'<row><c t="inlineStr"><is><t>{escape(text)}</t></is></c></row>' for text in texts)
    sheets = '<sheets><sheet name="Segments" sheetId="1" r:id="r1"/></sheets>'
    parts = {
        "xl/workbook.xml": (
            "spreadsheetml.sheet.main+xml",
            f'<workbook xmlns="{space}" xmlns:r="{_OFFICE}">{sheets}</workbook>',
        ),
        "xl/worksheets/sheet1.xml": (
            "spreadsheetml.worksheet+xml",
            f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>',
        ),
    }
    sheet = _relations("worksheet", "worksheets/sheet1.xml")
    return _package(parts, {"xl/_rels/workbook.xml.rels": sheet}, at)


def _package(parts: dict[str, tuple[str, str]], relations: dict[str, str], at: datetime) -> bytes:
    """Pack the parts, each with its media type; the first is the main one."""
    types = "".join(
        f'<Override PartName="/{name}" ContentType="{_MIME}{kind}"/>' for name, (kind, _) in parts.items()
    )
    default = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}">{default}{types}</Types>',
        "_rels/.rels": _relations("officeDocument", next(iter(parts))),
        **{name: text for name, (_, text) in parts.items()},
        **relations,
    }
    return archive({name: (_HEAD + text).encode() for name, text in files.items()}, at)


def _relations(kind: str, target: str) -> str:
    entry = f'<Relationship Id="r1" Type="{_OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_RELATIONS}">{entry}</Relationships>'


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
    ("GET", r"media/get/([^/]+)", media),
    ("POST", r"media/upload", upload),
    ("POST", r"projects/(\d{1,9})/workflows/new", workflows_new),
    ("POST", r"resources/segments/view/export", export),
    ("POST", r"orders/(\d{1,9})/files/all/zip", order_zip),
    ("POST", r"apps/wbflex/list", api_flex.documents),
    ("GET", r"apps/wbflex/documents/([^/]+)", api_flex.document),
    ("POST", r"apps/wbflex/documents/([^/]+)/components/status", api_flex.components_status),
    ("POST", r"apps/wbflex/documents/([^/]+)/contents/pull", api_flex.contents_pull),
)
