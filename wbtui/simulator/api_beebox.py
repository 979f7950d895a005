"""The Beebox Web API (beebox page): connect, details, translation status, files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from wbtui.simulator import face_beebox_files
from wbtui.simulator.beebox import EXTENSIONS, SourceFile, record
from wbtui.simulator.face_beebox_session import check, connect_by_get, connect_by_post, error, json_object
from wbtui.simulator.http_messages import (
    Refused,
    Reply,
    Request,
    json_reply,
    need,
    not_found,
    parsed,
    whole_number,
)
from wbtui.simulator.names import SOURCE, title
from wbtui.simulator.world import World

COUNT: Final = 100


def answer(world: World, request: Request, now: datetime) -> Reply:
    """Answer one call; raises Refused. Wrong methods get the framework's 404."""
    action = ROUTES.get((request.method, request.path))
    if action is None or (action is connect_by_post and world.plan.dialect == "older"):
        raise Refused(not_found(request))
    return action(world, request, now)


def _whois(_world: World, _request: Request, _now: datetime) -> Reply:
    return json_reply({"name": "Beebox API", "version": "6.2"})


def _disconnect(world: World, request: Request, now: datetime) -> Reply:
    world.beebox.sessions.close(need(request, "token")[0], now)
    return Reply(204)


def _details(world: World, request: Request, now: datetime) -> Reply:
    check(world, need(request, "token")[0], now)
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
    check(world, need(request, "token")[0], now)
    text = request.value("filter") or "{}"
    try:
        wanted = parsed(text)
    except ValueError as reason:
        raise Refused(error("The filter is not valid JSON.", inner=str(reason))) from None
    return _page(world, wanted, request.value("skip"), request.value("count"), now)


def _files_post(world: World, request: Request, now: datetime) -> Reply:
    body = json_object(request)
    if "token" not in body:
        raise Refused(not_found(request))
    check(world, body["token"], now)
    return _page(world, body.get("filter") or {}, body.get("skip"), body.get("count"), now)


def _page(world: World, wanted: object, skip: object, count: object, now: datetime) -> Reply:
    if not isinstance(wanted, dict):
        raise Refused(error("The filter is not a JSON object."))
    try:
        first, most = whole_number(skip, 0, default=0), whole_number(count, 0, default=COUNT)
    except ValueError:
        raise Refused(error("The parameters 'skip' and 'count' must be numbers.")) from None
    files, locales = _chosen(world, wanted)
    total, pairs = _pairs(world, files, locales, slice(first, first + most))
    rows = [record(file, file.cells[locale], world.plan, now) for file, locale in pairs]
    name = "items" if world.plan.dialect == "older" else "files"
    return json_reply({"skip": first, "count": len(rows), "total": total, name: rows})


def _pairs(
    world: World, files: list[SourceFile], locales: tuple[str, ...], part: slice
) -> tuple[int, list[tuple[SourceFile, str]]]:
    """Return how many records fit and a part of them; counted one by one only if some files lack some."""
    if world.beebox.ragged:
        present = [(file, locale) for file in files for locale in locales if locale in file.cells]
        return len(present), present[part]
    total = len(files) * len(locales)
    places = [divmod(place, len(locales)) for place in range(part.start, min(total, part.stop))]
    return total, [(files[file], locales[locale]) for file, locale in places]


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


ROUTES: Final[Mapping[tuple[str, str], Callable[[World, Request, datetime], Reply]]] = {
    ("GET", "/whois"): _whois,
    ("GET", "/api/connect"): connect_by_get,
    ("POST", "/api/connect"): connect_by_post,
    ("GET", "/api/disconnect"): _disconnect,
    ("GET", "/api/details"): _details,
    ("GET", "/api/workprogress/translatedfiles"): _files_get,
    ("POST", "/api/workprogress/translatedfiles"): _files_post,
    ("GET", "/api/files/file"): face_beebox_files.download,
    ("PUT", "/api/files/file"): face_beebox_files.upload,
    ("DELETE", "/api/files/file"): face_beebox_files.delete,
    ("DELETE", "/api/files/directory"): face_beebox_files.delete_directory,
}
