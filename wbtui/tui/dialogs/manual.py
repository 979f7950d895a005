"""The table of keys as the manual prints it, made from the table of actions. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wbtui.tui.actions import ACTIONS, GROUPS, Action, key_name
from wbtui.tui.dialogs.palette import COMMANDS
from wbtui.tui.tabs.base import TABS

BEGIN: Final = "<!-- keys -->"
END: Final = "<!-- /keys -->"


def keys_markdown(actions: Sequence[Action] = ACTIONS) -> str:
    """Return the Markdown that stands between the two marks in the README."""
    lines = ["| Key | Id | What it does |", "|---|---|---|"]
    for group in GROUPS:
        lines.append(f"| **{group}** | | |")
        lines += [_row(each) for each in actions if each.group == group]
    lines += ["", "| Command | What it does |", "|---|---|"]
    lines += [f"| {_code(f':{each.name} {each.words}'.rstrip())} | {each.help} |" for each in COMMANDS]
    return "\n".join(lines)


def _row(action: Action) -> str:
    keys = " ".join(_code(key_name(key)) for key in action.keys)
    where = ""
    if len(action.tabs) < len(TABS):
        where = " (" + ", ".join(tab.label for tab in TABS if tab in action.tabs) + ")"
    return f"| {keys} | `{action.id}` | {action.help.removesuffix('.')}{where}. |"


def _code(text: str) -> str:
    """Return the text as code; a bar would end the cell of the table."""
    return f"`{text}`".replace("|", "\\|")


def between_marks(text: str) -> str | None:
    """Return what stands between the marks, or None if there are none."""
    _, begun, rest = text.partition(BEGIN)
    found, ended, _ = rest.partition(END)
    return found.strip() if begun and ended else None
