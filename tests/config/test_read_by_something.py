"""Every setting that the file may hold is read by what runs, and not only checked and printed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from wbtui.config.values import (
    BeeboxSettings,
    ComponentSettings,
    FlexSettings,
    InstantSettings,
    Profile,
    Settings,
    TranslatorSettings,
    UiSettings,
)

ROOT = Path(__file__).parents[2] / "wbtui"
KINDS = (
    *(Settings, UiSettings, Profile, TranslatorSettings, FlexSettings),
    *(ComponentSettings, BeeboxSettings, InstantSettings),
)
HOLDERS = frozenset(
    ("settings", "section", "profile", "translator", "beebox", "instant", "flex", "component", "ui", "self")
)
"""What a value of the settings is called where one of its fields is read."""
APART = frozenset((ROOT / "cli" / "config.py", ROOT / "config" / "write.py", ROOT / "config" / "decode.py"))
"""What prints, writes and reads the file itself."""
DONE_WHEN_LOADED = frozenset(("allow_http",))
"""What has had its effect, on what is refused, when the file has been read."""


def reads(tree: ast.AST) -> Iterator[str]:
    """Return the attributes that are read of something with the name of a holder."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            if name.lstrip("_") in HOLDERS:
                yield node.attr


def unread(kind: type, sources: list[str]) -> set[str]:
    found = {name for text in sources for name in reads(ast.parse(text))}
    return {field.name for field in fields(kind)} - found


SOURCES = [path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py") if path not in APART]


def test_what_is_left_out_exists() -> None:
    assert all(path.is_file() for path in APART)


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_is_read_by_something(kind: type) -> None:
    assert unread(kind, SOURCES) <= DONE_WHEN_LOADED


def test_a_setting_that_nothing_reads_is_found() -> None:
    """As `purge_days` was: a function of that name, and a local one, read nothing of the settings."""
    other = "def purge_days(): pass\npurge_days = 30\nvalues.purge_days(row)\nself.purge_days = 3"
    assert "purge_days" in unread(InstantSettings, [other])
    assert "purge_days" not in unread(InstantSettings, ["sign(profile.instant.purge_days)"])
