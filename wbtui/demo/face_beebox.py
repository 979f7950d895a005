"""The Beebox Web API (beebox page): connect, details, translation status, files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from wbtui.demo.beebox import Cell, SourceFile, record
from wbtui.demo.exchange import (
    Refused,
    Reply,
    Request,
    bytes_reply,
    json_reply,
    need,
    not_found,
    text_reply,
    whole_number,
)
from wbtui.demo.names import SOURCE, title
from wbtui.demo.world import World

COUNT: Final = 100
EXTENSIONS: Final = (".docx", ".html", ".xlsx", ".pptx", ".xml", ".md", ".json", ".htm", ".resx", ".dita")


def answer(world: World, request: Request, now: datetime) -> Reply:
    """Answer one call; raises Refused. Wrong methods get the framework's 404."""
    match (request.method, request.path):
        case ("GET", "/whois"):
            return json_reply({"name": "Beebox API", "version": "6.2"})
        case ("GET", "/api/connect"):
            return _connect_get(world, request, now)
        case ("POST", "/api/connect") if world.plan.dialect == "current":
            return _connect_post(world, request, now)
        case ("GET", "/api/disconnect"):
            world.beebox.sessions.close(need(request, "token")[0], now)
            return Reply(204)
        case ("GET", "/api/details"):
            return _details(world, request, now)
        case ("GET", "/api/workprogress/translatedfiles"):
            return _files_get(world, request, now)
        case ("POST", "/api/workprogress/translatedfiles"):
            return _files_post(world, request, now)
        case ("GET", "/api/files/file"):
            return _download(world, request, now)
        case _:
            raise Refused(not_found(request))


def error(message: str, error_id: str | None = None, inner: str | None = None) -> Reply:
    """Return the error object of the page; `id` and `inner` are there only if there is something in them."""
    body: dict[str, Any] = {"type": "Api error", "message": message, "failed": True}
    if error_id is not None:
        body["id"] = error_id
    if inner is not None:
        body["inner"] = inner
    return json_reply(body, 400)


def _connect_get(world: World, request: Request, now: datetime) -> Reply:
    project, login, password = need(request, "project", "login", "pwd")
    return text_reply(_token(world, (project, login, password), request.value("waitsecs"), now))


def _connect_post(world: World, request: Request, now: datetime) -> Reply:
    """Answer the POST form; the token is plain text unless the plan says otherwise, as no page shows it."""
    body = _object(request)
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
    """Log in, or refuse. While a run works BUSY comes at once: the wait of `waitsecs` is left out."""
    try:
        whole_number(waits, 0, default=10)
    except ValueError:
        raise Refused(error("The parameter 'waitsecs' is not a number.")) from None
    accounts = world.accounts
    if given != (accounts.beebox_project, accounts.beebox_login, accounts.beebox_password):
        raise Refused(error("Unknown project, login or password."))
    if world.beebox.busy:
        raise Refused(error("Automatic operations are in progress, please try again.", "BUSY"))
    return world.beebox.sessions.open(now)


def _check(world: World, token: object, now: datetime) -> None:
    if not isinstance(token, str) or not world.beebox.sessions.use(token, now):
        raise Refused(error("Not authorised", "LOGGEDOUT"))


def _details(world: World, request: Request, now: datetime) -> Reply:
    _check(world, need(request, "token")[0], now)
    names = {code: f"{title(code)} ({code})" for code in world.beebox.locales}
    return json_reply(
        {
            "sourceLocale": SOURCE,
            "sourceLocaleName": f"{title(SOURCE)} ({SOURCE})",
            "sourceLocaleRTL": False,
            "targetLocales": list(names),
            "targetLocaleNames": list(names.values()),
            "targetLocaleItems": [{"v": code, "t": name} for code, name in names.items()],
            "extensions": list(EXTENSIONS),
        }
    )


def _files_get(world: World, request: Request, now: datetime) -> Reply:
    _check(world, need(request, "token")[0], now)
    text = request.value("filter") or "{}"
    try:
        wanted = json.loads(text)
    except ValueError as reason:
        raise Refused(error("The filter is not valid JSON.", inner=str(reason))) from None
    return _page(world, wanted, request.value("skip"), request.value("count"), now)


def _files_post(world: World, request: Request, now: datetime) -> Reply:
    body = _object(request)
    if "token" not in body:
        raise Refused(not_found(request))
    _check(world, body["token"], now)
    return _page(world, body.get("filter") or {}, body.get("skip"), body.get("count"), now)


def _object(request: Request) -> Mapping[str, Any]:
    try:
        body = request.json()
    except ValueError as reason:
        raise Refused(error("The request body is not valid JSON.", inner=str(reason))) from None
    if not isinstance(body, dict):
        raise Refused(error("The request body is not a JSON object."))
    return body


def _page(world: World, wanted: object, skip: object, count: object, now: datetime) -> Reply:
    if not isinstance(wanted, dict):
        raise Refused(error("The filter is not a JSON object."))
    try:
        first, most = whole_number(skip, 0, default=0), whole_number(count, 0, default=COUNT)
    except ValueError:
        raise Refused(error("The parameters 'skip' and 'count' must be numbers.")) from None
    files, locales = _chosen(world, wanted)
    total = len(files) * len(locales)
    pairs = [divmod(place, len(locales)) for place in range(first, min(total, first + most))]
    rows = [_row(world, files[file], locales[locale], now) for file, locale in pairs]
    name = "items" if world.plan.dialect == "older" else "files"
    return json_reply({"skip": first, "count": len(rows), "total": total, name: rows})


def _row(world: World, file: SourceFile, locale: str, now: datetime) -> dict[str, Any]:
    cell: Cell = file.cells[locale]
    return record(file, cell, world.plan, now)


def _chosen(world: World, wanted: Mapping[str, Any]) -> tuple[list[SourceFile], tuple[str, ...]]:
    """Return the files and locales that fit all properties of the filter; their product is the result."""
    locales = world.beebox.locales
    if wanted.get("targetLocale"):
        locales = tuple(code for code in locales if code == wanted["targetLocale"])
    files = list(world.beebox.files.values())
    if wanted.get("filePaths") is not None:
        paths = _paths(wanted["filePaths"])
        files = [world.beebox.files[path] for path in paths if path in world.beebox.files]
    patterns = wanted.get("patterns") or {}
    pattern = patterns.get("fpath") if isinstance(patterns, dict) else None
    if pattern:
        fits = _expression(pattern)
        files = [file for file in files if fits.search(file.path)]
    return files, locales


def _paths(value: object) -> list[str]:
    """Return the exact paths of `filePaths`, each once; `Item1` must be the empty text."""
    if not isinstance(value, list):
        raise Refused(error("The filter property 'filePaths' is not a list."))
    paths = []
    for item in value:
        if not isinstance(item, dict) or item.get("Item1") != "" or not isinstance(item.get("Item2"), str):
            raise Refused(error("An element of 'filePaths' is not a pair of Item1 and Item2."))
        paths.append(item["Item2"])
    return list(dict.fromkeys(paths))


def _expression(pattern: object) -> re.Pattern[str]:
    try:
        return re.compile(str(pattern), re.IGNORECASE)
    except re.error as reason:
        raise Refused(error("The pattern is not a regular expression.", inner=str(reason))) from None


def _download(world: World, request: Request, now: datetime) -> Reply:
    """Answer `files/file`, also in the older form with empty `locale` and the target code as `folder`."""
    token, name = need(request, "token", "filename")
    _check(world, token, now)
    locale, folder = request.value("locale") or "", request.value("folder") or ""
    if not locale:
        locale, _, folder = folder.partition("\\")
    path = f"{folder}\\{name}" if folder else name
    content = world.beebox.content(path, locale)
    if content is None:
        raise Refused(error(f"The file '{path}' does not exist.", inner="System.IO.FileNotFoundException"))
    return bytes_reply(content)
