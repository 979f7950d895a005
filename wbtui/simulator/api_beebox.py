"""The Beebox Web API: connect, details, translation status, files. Source: the api-* pages of the Beebox."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from wbtui.simulator.beebox import EXTENSIONS, SANDBOX, SourceFile, record
from wbtui.simulator.http_messages import (
    RefusedReply,
    Reply,
    Request,
    bytes_reply,
    json_reply,
    need,
    not_found,
    parsed,
    text_reply,
    whole_number,
)
from wbtui.simulator.recorded_writes import Deletion, Upload
from wbtui.simulator.sample_names import SOURCE, title
from wbtui.simulator.world import World

WAIT: Final = 10
"""Default of `waitsecs`."""
WAIT_MOST: Final = 60
"""The limit of `waitsecs`, chosen here: none is documented."""


def error(message: str, error_id: str | None = None, inner: str | None = None) -> Reply:
    """Return the error object; `id` and `inner` are present only if not empty.

    Source: beebox error-handling.
    """
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
    """Answer the POST form. The plan says how the token is sent: no page shows it."""
    body = json_object(request)
    if not {"project", "login", "pwd"} <= body.keys():
        raise RefusedReply(not_found(request))
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
    """Log in, or refuse.

    During an automatic run the reply is BUSY, with the patience that `waitsecs` names.
    """
    try:
        seconds = whole_number(waits, 0, default=WAIT)
    except ValueError:
        raise RefusedReply(error("The parameter 'waitsecs' is not a number.")) from None
    accounts = world.accounts
    if given != (accounts.beebox_project, accounts.beebox_login, accounts.beebox_password):
        raise RefusedReply(error("Unknown project, login or password."))
    if world.beebox.busy:
        busy = error("Automatic operations are in progress, please try again.", "BUSY")
        raise RefusedReply(replace(busy, patience=float(min(seconds, WAIT_MOST))))
    return world.beebox.sessions.open(now)


def check(world: World, token: object, now: datetime) -> None:
    """Keep a session alive; raises RefusedReply with `LOGGEDOUT` if it has ended."""
    if not isinstance(token, str) or not world.beebox.sessions.use(token, now):
        raise RefusedReply(error("Not authorised", "LOGGEDOUT"))


def json_object(request: Request) -> Mapping[str, Any]:
    """Return the JSON object in the body; raises RefusedReply if there is none."""
    try:
        body = request.json()
    except ValueError as reason:
        raise RefusedReply(error("The request body is not valid JSON.", inner=str(reason))) from None
    if not isinstance(body, dict):
        raise RefusedReply(error("The request body is not a JSON object."))
    return body


ABSOLUTE: Final = re.compile(r"\\|[A-Za-z]:")


def download(world: World, request: Request, now: datetime) -> Reply:
    """Answer `files/file`, also in the older form with empty `locale` and the target code as `folder`."""
    token, name = need(request, "token", "filename")
    check(world, token, now)
    locale, folder = request.value("locale") or "", request.value("folder") or ""
    if not locale:
        locale, _, folder = folder.partition("\\")
    path = f"{folder}\\{name}" if folder else name
    content = world.beebox.content(path, locale)
    if content is None:
        raise RefusedReply(
            error(f"The file '{path}' does not exist.", inner="System.IO.FileNotFoundException")
        )
    return bytes_reply(content, world.beebox.made(path, locale) or world.born)


def upload(world: World, request: Request, now: datetime) -> Reply:
    """Answer PUT `files/file`: a source, its instructions, a translation for alignment, or a sandbox file."""
    token, locale, _name = need(request, "token", "locale", "filename")
    check(world, token, now)
    path = _path(request, "filename")
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise RefusedReply(error("Multipart content is not supported by the Beebox."))
    if locale not in {SOURCE, SANDBOX, *world.beebox.locales}:
        raise RefusedReply(error(f"The locale '{locale}' is not a language of the project."))
    world.writes.uploads.append(Upload("beebox", locale, path, request.body))
    if locale == SANDBOX:
        world.beebox.inbox.sandbox[path] = request.body
    elif locale == SOURCE:
        world.beebox.inbox.put(path, request.body, now)
    return Reply(204)


def delete(world: World, request: Request, now: datetime) -> Reply:
    """Answer DELETE `files/file`; what it does to the records shows after the next automatic run."""
    check(world, need(request, "token")[0], now)
    _delete(world, request.value("locale") or "", [_path(request, "filename")], now)
    return Reply(204)


def delete_directory(world: World, request: Request, now: datetime) -> Reply:
    """Answer DELETE `files/directory`; without a name the sandbox is cleared, and nothing else."""
    check(world, need(request, "token")[0], now)
    locale = request.value("locale") or ""
    if locale == SANDBOX and not request.value("directoryname"):
        world.beebox.inbox.sandbox.clear()
        return Reply(204)
    directory = _path(request, "directoryname").rstrip("\\")
    _delete(world, locale, _below(world, directory, locale), now)
    return Reply(204)


def _below(world: World, directory: str, locale: str) -> list[str]:
    beebox = world.beebox
    if locale == SANDBOX:
        known = list(beebox.inbox.sandbox)
    elif locale == SOURCE:
        return beebox.inbox.below(directory)
    else:
        known = beebox.translated(locale)
    return [path for path in known if path.startswith(f"{directory}\\")]


def _delete(world: World, locale: str, paths: list[str], now: datetime) -> None:
    """Delete files and record it; raises RefusedReply if there was none."""
    gone = [path for path in paths if _gone(world, locale, path, now)]
    if not gone:
        raise RefusedReply(error("The file does not exist.", inner="System.IO.FileNotFoundException"))
    world.writes.deletions.extend(Deletion(locale, path) for path in gone)


def _gone(world: World, locale: str, path: str, now: datetime) -> bool:
    if locale == SANDBOX:
        return world.beebox.inbox.sandbox.pop(path, None) is not None
    if locale == SOURCE:
        return world.beebox.inbox.delete(path)
    return world.beebox.discard(path, locale, now)


def _path(request: Request, name: str) -> str:
    """Return the relative path of `folder` and name, with backslashes.

    Raises RefusedReply if it is invalid.
    """
    given = [request.value("folder") or "", request.value(name) or ""]
    path = "\\".join(part for part in given if part).replace("/", "\\")
    if not given[1] or ABSOLUTE.match(path) or ".." in path.split("\\"):
        raise RefusedReply(error(f"The path '{path}' is not a relative path."))
    return path


COUNT: Final = 100


def answer(world: World, request: Request, now: datetime) -> Reply:
    """Answer one call; raises RefusedReply. Wrong methods get the framework's 404."""
    action = ROUTES.get((request.method, request.path))
    if action is None or (action is connect_by_post and world.plan.dialect == "older"):
        raise RefusedReply(not_found(request))
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
        raise RefusedReply(error("The filter is not valid JSON.", inner=str(reason))) from None
    return _page(world, wanted, request.value("skip"), request.value("count"), now)


def _files_post(world: World, request: Request, now: datetime) -> Reply:
    body = json_object(request)
    if "token" not in body:
        raise RefusedReply(not_found(request))
    check(world, body["token"], now)
    return _page(world, body.get("filter") or {}, body.get("skip"), body.get("count"), now)


def _page(world: World, wanted: object, skip: object, count: object, now: datetime) -> Reply:
    if not isinstance(wanted, dict):
        raise RefusedReply(error("The filter is not a JSON object."))
    try:
        first, most = whole_number(skip, 0, default=0), whole_number(count, 0, default=COUNT)
    except ValueError:
        raise RefusedReply(error("The parameters 'skip' and 'count' must be numbers.")) from None
    files, locales = _chosen(world, wanted)
    total, pairs = _pairs(world, files, locales, slice(first, first + most))
    rows = [record(file, file.cells[locale], world.plan, now) for file, locale in pairs]
    name = "items" if world.plan.dialect == "older" else "files"
    return json_reply({"skip": first, "count": len(rows), "total": total, name: rows})


def _pairs(
    world: World, files: list[SourceFile], locales: tuple[str, ...], part: slice
) -> tuple[int, list[tuple[SourceFile, str]]]:
    """Return the number of matching records and a slice of them.

    Counts one by one only where records are missing.
    """
    if world.beebox.ragged:
        present = [(file, locale) for file in files for locale in locales if locale in file.cells]
        return len(present), present[part]
    total = len(files) * len(locales)
    places = [divmod(place, len(locales)) for place in range(part.start, min(total, part.stop))]
    return total, [(files[file], locales[locale]) for file, locale in places]


def _chosen(world: World, wanted: Mapping[str, Any]) -> tuple[list[SourceFile], tuple[str, ...]]:
    """Return the files and locales that match the filter; the result is their product."""
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
        raise RefusedReply(error("The filter property 'filePaths' is not a list."))
    paths = []
    for item in value:
        if not isinstance(item, dict) or item.get("Item1") != "" or not isinstance(item.get("Item2"), str):
            raise RefusedReply(error("An element of 'filePaths' is not a pair of Item1 and Item2."))
        paths.append(item["Item2"])
    return list(dict.fromkeys(paths))


def _expression(pattern: object) -> re.Pattern[str]:
    try:
        return re.compile(str(pattern), re.IGNORECASE)
    except re.error as reason:
        raise RefusedReply(error("The pattern is not a regular expression.", inner=str(reason))) from None


ROUTES: Final[Mapping[tuple[str, str], Callable[[World, Request, datetime], Reply]]] = {
    ("GET", "/whois"): _whois,
    ("GET", "/api/connect"): connect_by_get,
    ("POST", "/api/connect"): connect_by_post,
    ("GET", "/api/disconnect"): _disconnect,
    ("GET", "/api/details"): _details,
    ("GET", "/api/workprogress/translatedfiles"): _files_get,
    ("POST", "/api/workprogress/translatedfiles"): _files_post,
    ("GET", "/api/files/file"): download,
    ("PUT", "/api/files/file"): upload,
    ("DELETE", "/api/files/file"): delete,
    ("DELETE", "/api/files/directory"): delete_directory,
}
