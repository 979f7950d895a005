"""What `wbtui doctor` finds, and how it is printed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from wbtui.cli.exits import Exit
from wbtui.domain.sanitize import safe

LEAST: Final = 20
"""Columns that a column of words must have to be one."""


class Level(StrEnum):
    """How well something is."""

    OK = "ok"
    WARN = "note"
    """Worth knowing, and no obstacle."""
    BAD = "FAULT"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `code` is the exit code that a fault leads to."""

    name: str
    level: Level
    text: str
    advice: str = ""
    code: Exit = Exit.ERROR


def lines(findings: Sequence[Finding], columns: int = 0) -> str:
    """Return a line for each finding, and one for its advice, if it has any.

    With `columns` no line is longer, as long as there is room for words at all.
    """
    width = max(len(finding.name) for finding in findings)
    room = columns - width - 9
    found: list[str] = []
    for one in findings:
        head = f"{one.level.value:5}  {one.name:{width}}  "
        for text in filter(None, (safe(one.text), safe(one.advice))):
            for piece in textwrap.wrap(text, room) if room >= LEAST else [text]:
                found.append(f"{head}{piece}")
                head = " " * len(head)
    return "\n".join(found)


def doctor_shape(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the JSON document `{"ok","findings":[{"name","level","text","advice"}]}`."""
    return {
        "ok": all(one.level is not Level.BAD for one in findings),
        "findings": [
            {"name": one.name, "level": one.level.value, "text": safe(one.text), "advice": safe(one.advice)}
            for one in findings
        ],
    }
