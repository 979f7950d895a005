"""Writes the tables of keys and settings into the README: `python -m tests.make_manual`."""

from __future__ import annotations

import ast
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import inspect

from wbtui.config import values
from wbtui.config.decode import Field, fields_of, written
from wbtui.tui.actions import ACTIONS, GROUPS, KeyAction, key_name
from wbtui.tui.dialogs.palette import COMMANDS
from wbtui.tui.tabs.all import TABS

README = Path(__file__).parent.parent / "README.md"
KEYS: Final = ("<!-- keys -->", "<!-- /keys -->")
SETTINGS: Final = ("<!-- settings -->", "<!-- /settings -->")
TABLES: Final[dict[str, Any]] = {
    "": values.Settings(Path()),
    "ui": values.UiSettings(),
    "profiles.NAME": values.Profile(name="NAME", downloads=Path("~/wordbee")),
    "profiles.NAME.translator": values.TranslatorSettings("", ""),
    "profiles.NAME.translator.flex": values.FlexSettings(),
    "profiles.NAME.translator.flex.component": values.ComponentSettings(),
    "profiles.NAME.beebox": values.BeeboxSettings("", "", ""),
    "profiles.NAME.instant": values.InstantSettings("", "", ""),
}
"""The tables of the file, with their defaults."""


def renewed(text: str) -> str:
    """Return the README with the tables of this program; raises `ValueError` if a mark is missing."""
    text = _between(text, *KEYS, keys_markdown())
    return _between(text, *SETTINGS, settings_markdown())


def _between(text: str, begin: str, end: str, table: str) -> str:
    before, rest = text[: text.index(begin)], text[text.index(end) :]
    return f"{before}{begin}\n{table}\n{rest}"


def keys_markdown(actions: Sequence[KeyAction] = ACTIONS) -> str:
    """Return the Markdown that stands between the two marks in the README."""
    lines = ["| Key | Id | What it does |", "|---|---|---|"]
    for group in GROUPS:
        lines.append(f"| **{group}** | | |")
        lines += [_key_row(each) for each in actions if each.group == group]
    lines += ["", "| Command | What it does |", "|---|---|"]
    lines += [f"| {_code(f':{each.name} {each.words}'.rstrip())} | {each.help} |" for each in COMMANDS]
    return "\n".join(lines)


def _key_row(action: KeyAction) -> str:
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
    _, begun, rest = text.partition(KEYS[0])
    found, ended, _ = rest.partition(KEYS[1])
    return found.strip() if begun and ended else None


def settings_markdown() -> str:
    """Return all settings as they are declared: default, limits and words."""
    return "\n".join(["| Setting | Default | Meaning |", "|---|---|---|", *_rows()])


def words_of(kind: type) -> dict[str, str]:
    """Return what stands below each field of a class of settings."""
    tree = ast.parse(Path(values.__file__).read_text(encoding="utf-8"))
    kinds = {each.__name__ for each in kind.__mro__}
    classes = [each.body for each in tree.body if isinstance(each, ast.ClassDef) and each.name in kinds]
    body = itertools.chain.from_iterable(classes)
    found = {}
    for field, below in itertools.pairwise([*body, ast.Pass()]):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            said = below.value if isinstance(below, ast.Expr) else None
            text = said.value if isinstance(said, ast.Constant) else ""
            found[field.target.id] = " ".join(str(text).split())
    return found


def _rows() -> Iterator[str]:
    for table, defaults in TABLES.items():
        words, shown = words_of(type(defaults)), written(defaults)
        if table:
            yield f"| **`[{table}]`** | | |"
        for field in fields_of(type(defaults)):
            if not isinstance(shown.get(field.name, {}), dict):
                default = "needed" if field.needed else f"`{json.dumps(shown[field.name])}`"
                yield f"| `{field.name}` | {default} | {words[field.name]}{_limits(field)} |"


def _limits(field: Field) -> str:
    declared = inspect.type_info(field.wire)
    if isinstance(declared, inspect.IntType):
        return f" {declared.ge} to {declared.le}."
    if isinstance(declared, inspect.EnumType):
        return f" One of {', '.join(f'`{option.value}`' for option in declared.cls)}."
    if isinstance(declared, inspect.LiteralType):
        return f" One of {', '.join(f'`{option}`' for option in declared.values if option)}."
    return ""


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"tables of keys and settings written into {README}\n")
