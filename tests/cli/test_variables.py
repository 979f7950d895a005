"""Secrets in the environment: each serves the profile it belongs to, in every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CONFIG, User
from tests.cli.pseudo import pseudo
from wbtui.config import as_started, load
from wbtui.domain.errors import SettingsError
from wbtui.domain.snapshot import ReadOnly


def two_customers(user: User) -> None:
    """Leave two profiles in the configuration that have an Instant Translation each, on the same server."""
    user.write_config()
    part = user.config.read_text()
    part = part[part.index("[profiles.acme.instant]") :]
    other = part.replace("profiles.acme", "profiles.other-1")
    user.write_config(f'default_profile = "acme"\n{part}{other}')


def logins(user: User) -> int:
    """Return how often somebody has tried to log in."""
    return sum("connect" in entry.path and "dis" not in entry.path for entry in user.running.api.log)


@pytest.mark.parametrize("by", ["option", "variable"])
def test_one_customers_key_never_goes_to_another_customers_server(user: User, by: str) -> None:
    two_customers(user)
    named = ["-p", "other-1"] if by == "option" else []
    user.env = {"WBTUI_PROFILE": "other-1"} if by == "variable" else {}
    ended = user.run(*named, "status", "--json")
    assert (ended.returncode, json.loads(ended.stdout)["profile"]) == (5, "other-1")
    assert "WBTUI_INSTANT_PASSWORD is set, but serves only the file's default profile" in ended.stderr
    assert "set WBTUI_OTHER_1_INSTANT_PASSWORD" in ended.stderr
    assert logins(user) == 0
    user.env["WBTUI_OTHER_1_INSTANT_PASSWORD"] = user.secrets["WBTUI_INSTANT_PASSWORD"]
    assert user.run(*named, "status").returncode == 0


@pytest.mark.parametrize("named", [[], ["-p", "acme"]])
def test_short_names_serve_the_default_profile_while_nobody_names_one(user: User, named: list[str]) -> None:
    two_customers(user)
    assert user.run(*named, "status").returncode == (5 if named else 0)
    user.env["WBTUI_ACME_INSTANT_PASSWORD"] = user.secrets.pop("WBTUI_INSTANT_PASSWORD")
    assert user.run(*named, "status").returncode == 0


def test_a_file_and_blanks_are_taken_and_said(user: User) -> None:
    two_customers(user)
    file = user.home / "secret"
    file.write_text(f" {user.secrets.pop('WBTUI_INSTANT_PASSWORD')}\t\n")
    user.env["WBTUI_ACME_INSTANT_PASSWORD_FILE"] = str(file)
    words = "the secret from the file that WBTUI_ACME_INSTANT_PASSWORD_FILE names is used, but blanks"
    for command in (["status"], ["download", "--ready", "--dry-run"], ["wait", "it:1", "--timeout", "2"]):
        ended = user.run(*command)
        assert f"wbtui: instant: {words} or line ends around it were left out" in ended.stderr, command
    told = next(each for each in user.run("doctor").stdout.splitlines() if "service instant" in each)
    assert told.endswith("around it were left out")


def test_a_secret_from_stdin_is_trimmed_and_that_is_said(user: User) -> None:
    two_customers(user)
    kept = user.use_backend("Filed")
    secret = user.secrets.pop("WBTUI_INSTANT_PASSWORD")
    ended = user.run("login", "instant", stdin=f"\t{secret} \r\n")
    assert ended.returncode == 0, ended.stderr
    assert "password for Instant Translation: blanks or line ends around it were left out." in ended.stderr
    assert secret in json.loads(kept.read_text()).values()
    assert user.run("status").returncode == 0


@pytest.mark.slow
def test_a_pasted_secret_is_trimmed_in_the_form_and_that_is_said(user: User) -> None:
    two_customers(user)
    secret, user.secrets["WBTUI_INSTANT_PASSWORD"] = user.secrets["WBTUI_INSTANT_PASSWORD"], "wrong"
    with pseudo([], user.environment()) as program:
        program.until("instant LOGIN", seconds=15)
        program.press("3L")
        program.until("enter tries")
        program.press(f"\x1b[200~ {secret}\r\n\x1b[201~")
        program.until("blanks around it are left out")
        program.press("\r")
        program.until("left out", "ENTER", seconds=15)
        program.press("\r")
        program.until_true(lambda: "Password:" not in program.picture.text())
        program.press("q")
        assert program.ended(seconds=5.0) == 0


def test_a_profile_of_the_environment_that_is_not_there_is_told_from_one_of_the_command_line(
    user: User,
) -> None:
    user.env = {"WBTUI_PROFILE": "gone"}
    for words in (["status"], ["config", "check"], ["doctor", "--offline"], ["retry", "op:1"]):
        ended = user.run(*words)
        assert ended.returncode == 2
        assert "WBTUI_PROFILE names it; --profile goes before that." in ended.stdout + ended.stderr
    assert user.run("config", "check", "-p", "acme").returncode == 0


def test_no_command_of_the_users_inherits_a_secret(user: User) -> None:
    two_customers(user)
    seen = user.home / "seen"
    text = user.config.read_text()
    at = text.index("[profiles.other-1.instant]")
    user.write_config(f"{text[:at]}secret_command = \"sh -c 'env > {seen}; echo x'\"\n{text[at:]}")
    user.secrets = {}
    user.env = {
        "WBTUI_OTHER_1_INSTANT_PASSWORD": "hunter2",
        "WBTUI_GONE_TRANSLATOR_KEY_FILE": "hunter2",
        "WBTUI_BEEBOX_PASSWORD": "hunter2",
        "OTHER": "kept",
    }
    user.run("status")
    assert "OTHER=kept" in seen.read_text()
    assert "hunter2" not in seen.read_text()


@pytest.mark.parametrize("other", ["ACME-1", "acme_1", "acme.1"])
def test_profiles_that_would_share_a_variable_are_refused(tmp_path: Path, other: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[profiles.acme-1]\n[profiles.x]\n[profiles."{other}"]\n')
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert f"'acme-1' and '{other}' would share the variable WBTUI_ACME_1_TRANSLATOR_KEY" in str(caught.value)


@pytest.mark.parametrize(
    ("default", "names", "named", "short"),
    [
        ("a", "ab", "", {"a"}),
        ("", "a", "", {"a"}),
        ("", "ab", "", set()),
        ("a", "ab", "a", set()),
        ("a", "ab", "b", {"a"}),
        ("", "a", "a", set()),
    ],
)
def test_short_names_are_one_profiles_at_most(
    tmp_path: Path, default: str, names: str, named: str, short: set[str]
) -> None:
    path = tmp_path / "config.toml"
    first = f'default_profile = "{default}"\n' if default else ""
    path.write_text(first + "".join(f"[profiles.{name}]\n" for name in names))
    found = as_started(load(path), named=named, read_only=True).profiles.values()
    assert {each.name for each in found if each.short_names} == short
    assert {each.read_only for each in found} == {ReadOnly.STARTED}


@pytest.mark.slow
def test_the_demo_has_a_profile_of_its_own(user: User) -> None:
    user.write_config(CONFIG.replace("acme", "demo").format_map(Blank()))
    user.env = {"WBTUI_PROFILE": "gone", "WBTUI_DEMO_TRANSLATOR_KEY": "another", "WBTUI_BEEBOX_PASSWORD": "x"}
    with pseudo(["demo"], user.environment()) as program:
        program.until("[DEMO] [RW]", "operations ok", "beebox ok", "instant ok", seconds=30)
        program.press("q")
        assert program.ended(seconds=5.0) == 0


class Blank(dict[str, str]):
    """Has an address for every name."""

    def __missing__(self, name: str) -> str:
        return "http://127.0.0.1:9"
