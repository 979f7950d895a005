"""What Tab makes of a path."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wbtui.tui.dialogs import field
from wbtui.tui.dialogs.field import Completion, completed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("plan.docx", "planning.docx", ".hidden", "b\x1bad.docx", "ü ber.docx"):
        (tmp_path / name).touch()
    (tmp_path / "sources").mkdir()
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "text", "words"),
    [
        ("s", "sources/", ""),
        ("pla", "plan", "plan.docx   planning.docx"),
        ("plan.", "plan.docx", ""),
        (" ü", "ü ber.docx", ""),
        (".h", ".hidden", ""),
        ("./pi", "./pipe", ""),
        ("~", "~/", ""),
        ("~/so", "~/sources/", ""),
        ("b", "b", "nothing there begins so"),
        ("sources/", "sources/", "nothing there begins so"),
        ("gone/x", "gone/x", "there is no such folder"),
        ("~nobody-of-this-name/x", "~nobody-of-this-name/x", "there is no such folder"),
        ("a\0/x", "a\0/x", "there is no such folder"),
        (f"{'x' * 300}/y", f"{'x' * 300}/y", "there is no such folder"),
        ("plan.docx/x", "plan.docx/x", "there is no such folder"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_path_goes_on_as_far_as_the_folder_tells(typed: str, text: str, words: str) -> None:
    assert completed(typed) == Completion(text, words)


def test_a_large_folder_is_told_in_part(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        (folder / "sources" / f"{number:02}.docx").touch()
    found = completed("sources/")
    assert found.text == "sources/"
    assert found.words.endswith("11.docx   and 18 more")
    monkeypatch.setattr(field, "LOOKED_AT", 5)
    assert "more" not in completed("sources/").words
