"""`wbtui track`: operations come in by their ids, since no documented call lists the pending ones."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from wbtui.clock import SystemClock
from wbtui.commands.exits import Exit
from wbtui.commands.profile import profile_for
from wbtui.commands.shapes import item_shape
from wbtui.commands.talk import data, document, say
from wbtui.errors import BadAnswer, SettingsError
from wbtui.model import Operation, RequestRecord
from wbtui.ports import Tracked
from wbtui.safetext import safe
from wbtui.settings import store_path
from wbtui.store import open_store

LARGEST_ID: Final = 2**63 - 1
LARGEST_INPUT: Final = 64 * 1024 * 1024
METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE"})


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Add the named operations to those that are watched, and print their keys."""
    _, profile = profile_for(arguments, env)
    if profile.translator is None:
        raise SettingsError(
            f"profile {profile.name} has no translator, so there is nothing to track operations with",
            advice=f"Add [profiles.{profile.name}.translator] to the configuration.",
        )
    request = read_request(Path(arguments.request)) if arguments.request else None
    found, faults = gather(arguments.ids, sys.stdin.buffer)
    for fault in faults:
        say(f"wbtui: {fault}")
    if not found:
        if arguments.json:
            document({"operations": [], "faults": faults})
        return Exit.USAGE
    label = safe(arguments.label)
    items = [Tracked(t.request_id, t.reading, label, t.kind, request) for t in found]
    store = open_store(store_path(profile.name))
    try:
        tracked = store.track(items, SystemClock().now())
    finally:
        store.close()
    if arguments.json:
        document({"operations": [item_shape(operation) for operation in tracked], "faults": faults})
    else:
        for operation in tracked:
            data(_line(operation))
    return Exit.PARTLY if faults else Exit.OK


def _line(operation: Operation) -> str:
    return f"{operation.key}\t{operation.state.value}\t{operation.label}".rstrip()


def gather(words: Iterable[str], stdin: Any) -> tuple[list[Tracked], list[str]]:
    """Return what can be tracked, and a line for each thing that cannot."""
    found: list[Tracked] = []
    faults: list[str] = []
    for word in words:
        if word == "-":
            from_stdin(stdin.read(LARGEST_INPUT + 1), found, faults)
        else:
            from_word(word, found, faults)
    return found, faults


def from_word(word: str, found: list[Tracked], faults: list[str]) -> None:
    """Read one id from the command line; `op:5001` is as good as `5001`."""
    number = request_id(word.removeprefix("op:"))
    if number is not None:
        found.append(Tracked(number))
    else:
        faults.append(f"not a request id: {safe(word, 60)}; ids are whole numbers such as 5001")


def request_id(digits: str) -> int | None:
    """Return the request id that these digits are, or None."""
    number = int(digits) if re.fullmatch(r"[0-9]{1,19}", digits) else 0
    return number if 0 < number <= LARGEST_ID else None


def from_stdin(raw: bytes, found: list[Tracked], faults: list[str]) -> None:
    """Read envelopes and numbers, one after the other or in a list, with any white space between."""
    if len(raw) > LARGEST_INPUT:
        faults.append("stdin holds more than 64 MiB: that is no list of envelopes")
        return
    if not raw.strip():
        faults.append("stdin was empty: expected Wordbee's JSON envelopes, or request ids")
        return
    for place, value in _values(raw.decode("utf-8", "replace"), faults):
        _take(place, value, found, faults)


def _values(text: str, faults: list[str]) -> Iterator[tuple[str, object]]:
    """Yield each JSON value with words on where it stood; what cannot be read costs its line only."""
    decoder = json.JSONDecoder()
    position = 0
    while True:
        while position < len(text) and (text[position].isspace() or text[position] in ",\x1e\ufeff"):
            position += 1
        if position >= len(text):
            return
        line = text.count("\n", 0, position) + 1
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = text.find("\n", position)
            end = len(text) if end < 0 else end
            faults.append(f"stdin line {line}: not JSON, or cut off: {safe(text[position:end], 60)}")
            position = end
            continue
        yield f"stdin line {line}", value


def _take(place: str, value: object, found: list[Tracked], faults: list[str]) -> None:
    from wbtui.gateways.decode_translator import decode_envelope

    if isinstance(value, list):
        for each in value:
            _take(place, each, found, faults)
        return
    if isinstance(value, str):
        from_word(value, found, faults)
        return
    try:
        reading = decode_envelope(json.dumps(value).encode())
    except BadAnswer as error:
        faults.append(f"{place}: {error.message}")
        return
    bare = isinstance(value, int) and not isinstance(value, bool)
    found.append(Tracked(reading.request_id, None if bare else reading))


def read_request(path: Path) -> RequestRecord:
    """Return the request of `--request`: JSON with `method`, `path` and, where it has one, `body`.

    The path is relative to the account's own `/api`, so that a record can never send credentials elsewhere.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
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
    """Tell whether a path stays on the account's own API."""
    parts = path.split("?", 1)[0].split("/")
    return (
        path.startswith("/")
        and not path.startswith("//")
        and ".." not in parts
        and path.isprintable()
        and "\\" not in path
    )
