"""The table of keys in the README is the one that the program is made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.make_manual import between_marks, keys_markdown
from wbtui.tui.actions import ACTIONS
from wbtui.tui.dialogs.palette import COMMANDS

README = Path(__file__).parents[2] / "README.md"


def test_the_table_has_every_action_and_every_command() -> None:
    table = keys_markdown()
    for each in ACTIONS:
        assert f"| `{each.id}` | {each.help.removesuffix('.')}" in table
    for command in COMMANDS:
        assert f"`:{command.name}" in table


def test_every_line_of_the_table_has_its_cells() -> None:
    for line in keys_markdown().splitlines():
        if line:
            assert line.replace("\\|", "").count("|") in {3, 4}


def test_what_stands_between_the_marks_is_found() -> None:
    assert between_marks("a <!-- keys -->\n| b |\n<!-- /keys --> c") == "| b |"
    assert between_marks("a <!-- keys --> without an end") is None
    assert between_marks("nothing") is None


def test_the_readme_has_the_table_of_this_program() -> None:
    found = between_marks(README.read_text(encoding="utf-8"))
    if found is None:
        pytest.skip("the README has no table of keys")
    assert found == keys_markdown()
