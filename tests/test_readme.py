"""The README: its commands run from the clone as they stand there, and its pictures and links exist."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.pseudo import pseudo_command
from tests.make_manual import TABLES, renewed, words_of
from wbtui.config import InstantSettings, Profile, TranslatorSettings, UiSettings, faults_of, loads
from wbtui.config.decode import fields_of

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [found.strip() for found in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)]


def test_two_commands_of_one_line_each_set_up_everything() -> None:
    assert len(COMMANDS) == 2
    assert not any("\n" in command for command in COMMANDS)
    assert all(command.startswith("python3 -m venv .venv && ") for command in COMMANDS)
    assert set(re.findall(r"^```(\w+)$", README, re.MULTILINE)) <= {"sh", "text"}


def test_ci_runs_the_second_command_as_it_stands() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "-m pytest" in COMMANDS[1]
    assert 'if "pytest" in b' in script


@pytest.mark.slow
@pytest.mark.terminal
def test_the_first_command_opens_the_demo_from_a_fresh_clone(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, clone)
    shutil.copytree(ROOT / "wbtui", clone / "wbtui", ignore=shutil.ignore_patterns("__pycache__"))
    home = tmp_path / "home"
    home.mkdir()
    env = os.environ | {"HOME": str(home), "TERM": "xterm-256color", "PIP_NO_INPUT": "1"}
    env.pop("COVERAGE_PROCESS_CONFIG", None)
    env["PATH"] = f"{Path(sys.base_prefix) / 'bin'}:{os.environ['PATH']}"
    with pseudo_command(["sh", "-c", COMMANDS[0]], env, folder=clone) as program:
        program.until("DEMO", "5001", seconds=240)
        program.press("q")
        assert program.ended(seconds=20) == 0
    kept = {path.name for path in home.iterdir()} & {".config", ".local", "wordbee", "Downloads"}
    assert not kept, "neither configuration, state nor downloads of the user's are touched"


def test_every_picture_and_file_that_is_named_exists() -> None:
    named = re.findall(r"\]\(([^)#:\s]+)\)", README) + re.findall(r'(?:src|href)="([^":#]+)"', README)
    missing = [name for name in named if not (ROOT / name).exists()]
    assert named
    assert not missing


def test_the_tables_of_keys_and_settings_are_those_of_the_program() -> None:
    assert renewed(README) == README, "python -m tests.make_manual"


@pytest.mark.parametrize("defaults", TABLES.values(), ids=lambda each: type(each).__name__)
def test_every_setting_has_its_words(defaults: object) -> None:
    said = words_of(type(defaults))
    settings = [each.name for each in fields_of(type(defaults)) if not each.table]
    assert [name for name in settings if not said.get(name)] == []


def test_the_file_that_is_shown_has_no_fault_and_shows_the_defaults() -> None:
    [text] = [block for block in re.findall(r"```text\n(.*?)```", README, re.DOTALL) if "[profiles." in block]
    assert faults_of(Path("config.toml"), text) == ()
    shown = loads(text, Path("config.toml"))
    acme = shown.profiles["acme"]
    assert shown.ui == UiSettings()
    assert acme.translator == TranslatorSettings(acme.translator.url, "acme") if acme.translator else False
    assert acme.instant == InstantSettings(acme.instant.url, "acme", "ann") if acme.instant else False
    assert replace(acme, translator=None, beebox=None, instant=None) == Profile(
        name="acme", downloads=Path("~/wordbee").expanduser()
    )


def test_python_dash_m_is_the_program() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "wbtui", "--version"], check=True, capture_output=True, text=True
    )
    assert re.fullmatch(r"wbtui \d+\.\d+\.\d+\S*\n", told.stdout)
