"""Where the files lie, and files that cannot be read."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from wbtui.config import load
from wbtui.domain.errors import SettingsError
from wbtui.files.places import config_path, store_path


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: there is no such file") as caught:
        load(tmp_path / "none.toml")
    assert caught.value.advice == ("Write one with: wbtui config init; or look around first with: wbtui demo")


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is a folder, no file"):
        load(tmp_path)


def test_a_file_that_is_no_utf8_is_refused_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'[ui]\ntheme = "\xe4"\n')
    with pytest.raises(SettingsError, match="line 2 is not UTF-8"):
        load(file)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xef\xbb\xbf[profiles.acme]\n")
    assert list(load(file).profiles) == ["acme"]


@pytest.mark.parametrize(
    ("override", "env", "expected"),
    [
        ("/a/b.toml", {"WBTUI_CONFIG": "/c.toml"}, Path("/a/b.toml")),
        (None, {"WBTUI_CONFIG": "/c.toml"}, Path("/c.toml")),
        (None, {"WBTUI_CONFIG": ""}, platformdirs.user_config_path("wbtui") / "config.toml"),
        (None, {}, platformdirs.user_config_path("wbtui") / "config.toml"),
    ],
)
def test_the_option_goes_before_the_environment_and_that_before_the_usual_place(
    override: str | None, env: dict[str, str], expected: Path
) -> None:
    assert config_path(override, env) == expected


def test_the_state_lies_in_a_file_per_profile() -> None:
    assert store_path("acme") == platformdirs.user_state_path("wbtui") / "acme.sqlite3"
