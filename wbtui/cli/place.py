"""What the terminal and the system around the program are like; from the environment, nothing is asked."""

from __future__ import annotations

import locale
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Final

from wbtui.cli.findings import Finding, Level
from wbtui.desktop.clipboard import Place, place_of
from wbtui.desktop.colours import few_colours

SMALLEST: Final = (60, 15)
"""Columns and lines below which the screen has no room for its table."""
_STREAMS: Final = ((0, "stdin"), (1, "stdout"), (2, "stderr"))


def terminal_findings(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what concerns the system, the terminal, its colours, the locale and the clipboard."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("textual", "httpx", "keyring"))
    yield Finding("system", Level.OK, f"Python {platform.python_version()}, {sys.platform}; {versions}")
    yield _terminal(env)
    yield from _size()
    yield Finding("colours", Level.OK, colours(env))
    yield _locale()
    yield Finding("clipboard", Level.OK, clipboard(place_of(env)))


def _terminal(env: Mapping[str, str]) -> Finding:
    term = env.get("TERM", "")
    missing = [name for number, name in _STREAMS if not os.isatty(number)]
    inside = [name for name, variable in (("tmux", "TMUX"), ("screen", "STY")) if env.get(variable)]
    over = ["over SSH"] if env.get("SSH_CONNECTION") or env.get("SSH_TTY") else []
    words = ", ".join([f"TERM={term or '(not set)'}", *inside, *over])
    if missing:
        note = f"{words}; no terminal: {', '.join(missing)}"
        return Finding("terminal", Level.WARN, note, "Without one wbtui prints the plain status.")
    if term in {"", "dumb"}:
        return Finding("terminal", Level.WARN, words, "Set TERM, such as xterm-256color, to see the screen.")
    return Finding("terminal", Level.OK, words)


def _size() -> Iterator[Finding]:
    for number, _ in _STREAMS:
        if not os.isatty(number):
            continue
        size = os.get_terminal_size(number)
        small = size.columns < SMALLEST[0] or size.lines < SMALLEST[1]
        advice = f"Below {SMALLEST[0]} x {SMALLEST[1]} only a part is shown." if small else ""
        level = Level.WARN if small else Level.OK
        yield Finding("size", level, f"{size.columns} columns x {size.lines} lines", advice)
        return


def width() -> int:
    """Return how many columns there are for what a command prints; 0 where it is no terminal."""
    return os.get_terminal_size(1).columns if os.isatty(1) else 0


def colours(env: Mapping[str, str]) -> str:
    """Return in words how many colours the environment promises."""
    if env.get("NO_COLOR"):
        return "none (NO_COLOR is set)"
    if few := few_colours(env):
        return f"{'256' if few == '256' else '16'} (GNU screen)"
    if env.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return "16 million (COLORTERM)"
    return "256" if "256color" in env.get("TERM", "") else "16"


def _locale() -> Finding:
    encoding = locale.getpreferredencoding(do_setlocale=False)
    if encoding.lower().replace("-", "") == "utf8":
        return Finding("locale", Level.OK, f"{encoding}: lines and bars in Unicode")
    advice = "Set LANG, such as C.UTF-8, or use --ascii."
    return Finding("locale", Level.WARN, f"{encoding}: lines and bars in ASCII", advice)


def clipboard(place: Place) -> str:
    """Return in words how a copied text would travel."""
    ways = [" ".join(tool) for tool in place.tools]
    if place.tmux:
        ways.append("tmux load-buffer -w")
    where = " (the clipboard of your side of SSH)" if place.ssh else ""
    return ", then ".join([*ways, f"OSC 52 to the terminal{where}"])
