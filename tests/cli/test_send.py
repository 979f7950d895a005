"""`wbtui send`: what the files are named in the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from wbtui.cli.send import local_files
from wbtui.domain.errors import SettingsError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.docx", "fr/a.docx", "de/sub/a.docx"):
        path = tmp_path / "here" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"PK")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.mark.parametrize(
    ("words", "into", "names"),
    [
        (["a.docx", "fr/a.docx", "./de/sub/a.docx"], "", ["a.docx", "fr/a.docx", "de/sub/a.docx"]),
        (["fr/a.docx"], "/in/", ["in/fr/a.docx"]),
        (["fr/../fr/a.docx"], "", ["a.docx"]),
        (["fr/a.docx"], "/", ["fr/a.docx"]),
    ],
)
def test_relative_paths_keep_their_folders(
    folder: Path, words: list[str], into: str, names: list[str]
) -> None:
    assert list(local_files(words, into)) == names


def test_absolute_paths_give_their_names_only_and_equal_ones_are_refused(folder: Path) -> None:
    assert list(local_files([str(folder / "fr/a.docx")], "")) == ["a.docx"]
    with pytest.raises(SettingsError, match=r"two of the files would be named a\.docx") as caught:
        local_files([str(folder / "fr/a.docx"), str(folder / "de/sub/a.docx")], "")
    assert "relative paths" in caught.value.advice
