"""The title of the terminal's window: how things stand, for whoever looks at another one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from wbtui.domain.sanitize import safe
from wbtui.tui.tabs.base import Count

KEEP: Final = "\x1b[22;2t"
"""Has the terminal put its present title aside."""

RESTORE: Final = "\x1b[23;2t"


def title(profile: str, counts: Iterable[Count]) -> str:
    """Return `wbtui acme 2! 3+`: failed and ready items; a figure that is 0 is left out."""
    held = list(counts)
    problems, ready = sum(count.problems for count in held), sum(count.ready for count in held)
    words = ["wbtui", safe(profile, 60), f"{problems}!" if problems else "", f"{ready}+" if ready else ""]
    return " ".join(word for word in words if word)


def code(text: str) -> str:
    """Return what tells a terminal its title."""
    return f"\x1b]2;{text}\x07"


def understood(environ: Mapping[str, str]) -> bool:
    """Tell whether the terminal has a title; the consoles of Linux would print the code."""
    return environ.get("TERM", "") not in {"linux", "dumb", ""}
