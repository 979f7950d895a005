"""What a command says: data to stdout, messages to stderr, nothing else anywhere."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable

from wbtui.domain.errors import (
    SaveError,
    WbtuiError,
)
from wbtui.domain.sanitize import sanitize


class Unwritable(SaveError):
    """Stdout takes nothing: the disk behind it is full, or the like."""


def say(text: str) -> None:
    """Write a message to stderr."""
    sys.stderr.write(sanitize(text, 2000) + "\n")
    sys.stderr.flush()


def tell(text: str) -> None:
    """Write a message with the program's name before it."""
    say(f"wbtui: {text}")


def complain(error: WbtuiError, *, usage: bool = False) -> None:
    """Write what went wrong, and what can be done about it, to stderr."""
    if usage:
        say(error.advice)
        say(f"wbtui: error: {error.message}")
        return
    say(f"wbtui: {error.message}")
    for advice in error.advice.splitlines():
        say(f"       {advice}")


def error_to_json(error: WbtuiError, code: int) -> dict[str, str | int]:
    """Return an error as JSON shows it: its kind, message, advice, and the exit code it leads to."""
    return {
        "kind": type(error).__name__,
        "message": error.message,
        "advice": error.advice,
        "exit": int(code),
    }


def complain_in_json(error: WbtuiError, code: int) -> None:
    """Write an error as one JSON document `{"error": {"kind", "message", "advice", "exit"}}` to stdout."""
    document({"error": error_to_json(error, code)})


def data(text: str) -> None:
    """Write a line of data to stdout; raises as `stream` does."""
    stream((text, "\n"))


def stream(pieces: Iterable[str]) -> None:
    """Write a text to stdout as it is made.

    Raises `BrokenPipeError` if nobody reads, and `Unwritable` if it cannot be written for another reason.
    """
    try:
        sys.stdout.writelines(pieces)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        why = os.strerror(error.errno).lower() if error.errno else "unknown reason"
    else:
        return
    raise Unwritable(f"the output cannot be written: {why}")


def document(value: object) -> None:
    """Write a value as one line of JSON to stdout; ASCII only, so that no locale can spoil it."""
    data(json.dumps(value, ensure_ascii=True))
