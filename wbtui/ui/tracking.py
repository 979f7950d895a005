"""Request ids in what a user typed, or in a file: bare numbers, keys, or Wordbee's JSON answers. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

LARGEST: Final = 2**63 - 1
MOST: Final = 10_000

_WORD: Final = re.compile(r"(?:op:)?([0-9]{1,19})")


def ids_in(text: str) -> tuple[tuple[int, ...], str]:
    """Return the ids that a text names, each once, and what is wrong with it; one of the two is empty."""
    try:
        found = tuple(dict.fromkeys(_json_ids(json.loads(text))))
    except (ValueError, RecursionError):
        return _plain(text)
    fault = "" if found else "there is no requestid in it"
    return (found, "") if found and len(found) <= MOST else ((), fault or f"more than {MOST} ids")


def _plain(text: str) -> tuple[tuple[int, ...], str]:
    """Read ids that stand apart by blanks, commas or ends of lines."""
    found: list[int] = []
    for word in re.split(r"[\s,;]+", text.strip()):
        number = _WORD.fullmatch(word)
        if number is None or not _good(int(number[1])):
            return (), f"{word[:40]!r} is no request id; ids are whole numbers such as 5001"
        found.append(int(number[1]))
    if len(found) > MOST:
        return (), f"more than {MOST} ids"
    return tuple(dict.fromkeys(found)), ""


def _good(number: int) -> bool:
    return 0 < number <= LARGEST


def _json_ids(value: Any) -> Iterator[int]:
    """Yield the ids of JSON: a number, an answer with `requestid` (async-operations), or lists of these."""
    if isinstance(value, list):
        for each in value:
            yield from _json_ids(each)
    elif isinstance(value, dict):
        yield from _json_ids(value.get("requestid"))
    elif isinstance(value, int) and not isinstance(value, bool) and _good(value):
        yield value
