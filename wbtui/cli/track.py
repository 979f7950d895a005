"""`wbtui track`: operations come in by their ids, since no documented call lists the pending ones."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from wbtui.cli.chosen import profile_for
from wbtui.cli.exit_codes import Exit
from wbtui.cli.output import data, document, say
from wbtui.cli.paths import path_of
from wbtui.domain.clock import SystemClock
from wbtui.domain.errors import SettingsError, SourceError
from wbtui.domain.model import Operation, RequestRecord
from wbtui.domain.records import Tracked
from wbtui.domain.sanitize import sanitize
from wbtui.domain.serialize import item_to_json
from wbtui.files.places import store_path
from wbtui.files.user_files import read_file
from wbtui.store import open_store

LARGEST_INPUT: Final = 64 * 1024 * 1024
LARGEST_REQUEST: Final = 16 * 1024 * 1024
METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE"})


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Add the named operations to those that are watched, and print their keys."""
    _, profile = profile_for(arguments, env)
    if profile.translator is None:
        raise SettingsError(
            f"profile {profile.name} has no translator, so there is nothing to track operations with",
            advice=f"Add [profiles.{profile.name}.translator] to the configuration.",
        )
    request = read_request(path_of(arguments.request)) if arguments.request else None
    found, faults = gather(arguments.ids, sys.stdin.buffer)
    for fault in faults:
        say(f"wbtui: {fault}")
    if not found:
        if arguments.json:
            document({"operations": [], "faults": faults})
        return Exit.USAGE
    label = sanitize(arguments.label)
    items = [Tracked(t.request_id, t.reading, label, t.kind, request) for t in found]
    store = open_store(store_path(profile.name))
    try:
        tracked = store.track(items, SystemClock().now())
    finally:
        store.close()
    if arguments.json:
        document({"operations": [item_to_json(operation) for operation in tracked], "faults": faults})
    else:
        for operation in tracked:
            data(_line(operation))
    return Exit.PARTLY if faults else Exit.OK


def _line(operation: Operation) -> str:
    return f"{operation.key}\t{operation.state.value}\t{operation.label}".rstrip()


def gather(words: Iterable[str], stdin: Any) -> tuple[list[Tracked], list[str]]:
    """Return what can be tracked, and a line for each thing that cannot."""
    from wbtui.wordbee.envelopes import read_operations, read_word

    found: list[Tracked] = []
    faults: list[str] = []
    for word in words:
        if word != "-":
            read = read_word(word)
            (found if isinstance(read, Tracked) else faults).append(read)  # type: ignore[arg-type]
            continue
        raw = stdin.read(LARGEST_INPUT + 1)
        if len(raw) > LARGEST_INPUT:
            faults.append("stdin holds more than 64 MiB: that is no list of operations")
            continue
        operations = read_operations(raw)
        found += operations.found
        faults += [f"stdin {fault}" for fault in operations.faults]
    return found, faults


def read_request(path: Path) -> RequestRecord:
    """Return the request of `--request`: JSON with `method`, `path` and, where it has one, `body`.

    The path is relative to the account's own `/api`, so that a record can never send credentials elsewhere.
    """
    try:
        value = json.loads(read_file(path, LARGEST_REQUEST).decode("utf-8-sig"))
    except SourceError as error:
        raise SettingsError(error.message) from None
    except (ValueError, RecursionError):
        raise SettingsError(f"{path}: is not JSON") from None
    if not isinstance(value, dict):
        raise SettingsError(f"{path}: expected an object with method, path and body")
    method, where, body = value.get("method", "POST"), value.get("path"), value.get("body")
    if not isinstance(method, str) or method.upper() not in METHODS:
        raise SettingsError(f"{path}: method must be one of {', '.join(sorted(METHODS))}")
    if not isinstance(where, str) or not relative(where):
        raise SettingsError(
            f"{path}: path must be relative to the account's /api, such as /orders/7/files/all/zip"
        )
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body, ensure_ascii=False)
    return RequestRecord(method.upper(), where, text)


def relative(path: str) -> bool:
    """Return whether a path stays on the account's own API."""
    parts = path.split("?", 1)[0].split("/")
    return (
        path.startswith("/")
        and not path.startswith("//")
        and ".." not in parts
        and path.isprintable()
        and "\\" not in path
    )
