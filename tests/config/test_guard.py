"""A configuration that others may write is said, and one that they may not is not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from wbtui.config import others_who_may_write

MODULE = sys.modules[others_who_may_write.__module__]
"""The package has a function of the module's name."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "wbtui"
    folder.mkdir(mode=0o700)
    file = folder / "config.toml"
    file.write_text("")
    file.chmod(0o600)
    return file


def said(file: Path) -> list[str]:
    return [f"{each.message} | {each.advice}" for each in others_who_may_write(file)]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o400])
def test_a_file_of_ones_own_is_nothing_to_tell_of(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert said(file) == []


def test_a_file_and_a_folder_that_everybody_may_write_are_named_with_what_to_do(file: Path) -> None:
    file.chmod(0o646)
    file.parent.chmod(0o707)
    assert said(file) == [
        f"{file}: everybody may write this configuration, and with it what wbtui does"
        f" | Take that right away: chmod go-w {file}",
        f"{file.parent}: everybody may write this folder, and with it what wbtui does"
        f" | Take that right away: chmod go-w {file.parent}",
    ]


def test_where_files_are_replaced_by_their_owners_alone_a_folder_may_be_open(file: Path) -> None:
    file.parent.chmod(0o1777)
    assert said(file) == []


def test_a_folder_above_and_the_one_of_a_symbolic_link_count(file: Path, tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    (links / "config.toml").symlink_to(file)
    links.chmod(0o777)
    assert [each.partition(":")[0] for each in said(links / "config.toml")] == [str(links)]
    links.chmod(0o700)
    tmp_path.chmod(0o757)
    assert [each.partition(":")[0] for each in said(links / "config.toml")] == [str(tmp_path)]


def test_the_group_of_the_user_alone_does_not_count_and_another_one_does(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.chmod(0o660)
    for alone, telling in ((True, 0), (False, 1)):
        monkeypatch.setattr(MODULE, "_alone", lambda _group, alone=alone: alone)
        assert len(said(file)) == telling
    assert "the group " in said(file)[0]


def test_a_file_of_somebody_else_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 65533)
    found = said(file)
    own = file.stat().st_uid == 0  # what belongs to the system is the system's to write
    assert own or ["belongs to" in each for each in found] == [True, True]


def test_a_file_that_is_not_there_is_nobodys(tmp_path: Path) -> None:
    assert said(tmp_path / "none.toml") == []
