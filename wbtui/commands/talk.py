"""What a command says: data to stdout, talk to stderr, nothing else anywhere."""

from __future__ import annotations

import sys

from wbtui.errors import WbtuiError
from wbtui.safetext import safe


def say(text: str) -> None:
    """Write a line of talk to stderr."""
    sys.stderr.write(safe(text, 2000) + "\n")


def complain(error: WbtuiError) -> None:
    """Write what went wrong, and what can be done about it, to stderr."""
    say(f"wbtui: {error.message}")
    if error.advice:
        say(f"       {error.advice}")


def data(text: str) -> None:
    """Write a line of data to stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
