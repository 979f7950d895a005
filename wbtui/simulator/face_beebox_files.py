"""The files of the Beebox Web API (beebox page, sections 3 and 4): download, upload, delete."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from wbtui.simulator.beebox_inbox import SANDBOX
from wbtui.simulator.face_beebox_session import check, error
from wbtui.simulator.http_messages import Refused, Reply, Request, bytes_reply, need
from wbtui.simulator.ledger import Deletion, Upload
from wbtui.simulator.names import SOURCE
from wbtui.simulator.world import World

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
        raise Refused(error(f"The file '{path}' does not exist.", inner="System.IO.FileNotFoundException"))
    return bytes_reply(content)


def upload(world: World, request: Request, now: datetime) -> Reply:
    """Answer PUT `files/file`: a source, its instructions, a translation for alignment, or a sandbox file."""
    token, locale, _name = need(request, "token", "locale", "filename")
    check(world, token, now)
    path = _path(request, "filename")
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise Refused(error("Multipart content is not supported by the Beebox."))
    if locale not in {SOURCE, SANDBOX, *world.beebox.locales}:
        raise Refused(error(f"The locale '{locale}' is not a language of the project."))
    world.ledger.uploads.append(Upload("beebox", locale, path, request.body))
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
    """Delete files and note them; raises Refused if there was none."""
    gone = [path for path in paths if _gone(world, locale, path, now)]
    if not gone:
        raise Refused(error("The file does not exist.", inner="System.IO.FileNotFoundException"))
    world.ledger.deletions.extend(Deletion(locale, path) for path in gone)


def _gone(world: World, locale: str, path: str, now: datetime) -> bool:
    if locale == SANDBOX:
        return world.beebox.inbox.sandbox.pop(path, None) is not None
    if locale == SOURCE:
        return world.beebox.inbox.delete(path)
    return world.beebox.discard(path, locale, now)


def _path(request: Request, name: str) -> str:
    """Return the relative path, of `folder` and the name, with backslashes; raises Refused if it is none."""
    given = [request.value("folder") or "", request.value(name) or ""]
    path = "\\".join(part for part in given if part).replace("/", "\\")
    if not given[1] or ABSOLUTE.match(path) or ".." in path.split("\\"):
        raise Refused(error(f"The path '{path}' is not a relative path."))
    return path
