"""`wbtui doctor clip`: copies a word as the monitor would, and finds out whether it arrived."""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import sys
from collections.abc import Mapping
from typing import Final

from wbtui.cli.asking import Asker
from wbtui.cli.exits import Exit
from wbtui.cli.findings import Finding, Level, doctor_shape, lines
from wbtui.cli.output import data, document
from wbtui.cli.place import clipboard, width
from wbtui.cli.prompts import can_ask
from wbtui.desktop.clipboard import Clipboard, Place, place_of
from wbtui.domain.errors import SettingsError

_TERMINAL: Final = "Allow OSC 52 in the settings of your terminal (some call it clipboard access)."
_TMUX: Final = f"In tmux: set -s set-clipboard on, and set -g allow-passthrough on. {_TERMINAL}"
_TOOL: Final = "Look at what that program does when it is called by hand."


def clip(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Copy a word, ask for it back where there is somebody to paste it, and return the exit code."""
    place = place_of(env)
    word = f"wbtui-{secrets.token_hex(3)}"
    if not place.tools and not os.isatty(2):
        advice = "Run it in the terminal that wbtui is to run in."
        findings = [Finding("clipboard", Level.BAD, "there is no terminal to send anything to", advice)]
    else:
        said = asyncio.run(Clipboard(place, _write).copy(word))
        sent = Finding("clipboard", Level.OK, f"{word} {said}; the way: {clipboard(place)}")
        findings = [sent, *([] if arguments.json else _asked(word, place, env))]
    if arguments.json:
        document(doctor_shape(findings))
    else:
        data(lines(findings, width()))
    return Exit.ERROR if any(one.level is Level.BAD for one in findings) else Exit.OK


def _asked(word: str, place: Place, env: Mapping[str, str]) -> list[Finding]:
    """Ask for the word back: no program can know whether a terminal did what it was asked."""
    if not can_ask(env):
        return []
    try:
        pasted = Asker(terminal=True).ask("Paste it here, and press enter")
    except SettingsError:
        pasted = ""
    if pasted == word:
        return [Finding("pasted", Level.OK, "it arrived: copying works here")]
    advice = _TOOL if place.tools else _TMUX if place.tmux else _TERMINAL
    what = "something else was pasted" if pasted else "nothing was pasted"
    return [Finding("pasted", Level.BAD, f"{what}: copying does not work here", advice)]


def _write(code: str) -> None:
    sys.stderr.write(code)
    sys.stderr.flush()
