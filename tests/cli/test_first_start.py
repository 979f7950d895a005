"""From an empty home to live data by keys alone, on a real terminal; and mending a log-in there."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tests.cli.conftest import CONFIG, User
from tests.cli.pseudo import Pseudo, pseudo

pytestmark = pytest.mark.terminal


def everything_below(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def until_the_tab_says(program: Pseudo, key: str, label: str, tries: int = 20) -> bytes:
    """Turn to a tab again and again, which draws its label whole; return what the terminal was sent."""
    seen = b""
    for _ in range(tries):
        program.press(key)
        with contextlib.suppress(AssertionError):
            program.until(label, seconds=0.7)
            return seen + program.written
        seen += program.written
        program.press("1")
        program.until("OPERATIONS")
        seen += program.written
    raise AssertionError(f"{label} did not come")


def type_the_form(program: Pseudo, user: User, secrets: dict[str, str], *, without: str = "") -> bytes:
    """Fill in the form, each field ended by enter; return what the terminal was sent meanwhile."""
    accounts = user.world.accounts
    urls = {str(service): url for service, url in user.running.urls.items()}
    parts = {
        "translator": [urls["translator"].removesuffix("/api"), accounts.translator_account],
        "beebox": [f"{urls['beebox']}/", accounts.beebox_project, accounts.beebox_login],
        "instant": [f"{urls['instant']}/api", accounts.instant_account, accounts.instant_login],
    }
    seen = b""
    for service, answers in parts.items():
        fields = [*answers, secrets[service]]
        texts = ["" for _ in fields] if service == without else fields
        program.press("".join(f"{text}\r" for text in texts))
        if service != without:
            program.until("logged in")
        seen += program.written
    return seen


def test_an_empty_home_leads_to_live_data_by_keys_alone_and_no_secret_is_seen(user: User) -> None:
    secrets = user.without_secrets()
    user.config.unlink()
    with pseudo([], user.environment()) as program:
        program.until("Welcome to wbtui", "such as")
        seen = program.written + type_the_form(program, user, secrets)
        program.press("\r\x07\x07")  # by somebody who does not wait: it is written once
        program.until("WBTUI_MAIN_BEEBOX_PASSWORD", "secret_command", "kept in memory")
        seen += program.written
        assert user.config.stat().st_mode & 0o777 == 0o600
        program.press("\r")
        program.until("wbtui main")
        seen += program.written
        seen += until_the_tab_says(program, "2", "BEEBOX 240")
        seen += until_the_tab_says(program, "3", "INSTANT 30")
        program.press("q")
        assert program.ended(seconds=3.0) == 0
        seen += program.written
    kept = everything_below(user.home)
    for secret in secrets.values():
        assert secret.encode() not in seen
        assert secret.encode() not in kept


def test_the_form_says_what_the_service_says_and_writes_nothing_that_cannot_be_read(user: User) -> None:
    user.without_secrets()
    user.config.unlink()
    with pseudo([], user.environment()) as program:
        program.press("too early")
        program.until("Welcome to wbtui", "typed before this was drawn, so not done")
        program.press("\x07")
        program.until("one service at least")
        program.press(f"{user.running.urls['translator']}\r\rwrong\r")
        program.until("account is empty")
        assert str(user.config) not in program.picture.text()  # it is not there yet
        program.press("\x03")
        program.until("once more")
        program.press("\x03")
        assert program.ended(seconds=3.0) == 0
    assert not user.config.exists()


def test_the_form_offers_the_demo(user: User) -> None:
    user.config.unlink()
    with pseudo([], user.environment()) as program:
        program.until("Welcome to wbtui")
        program.press("\x04")
        program.until("DEMO", "5001", seconds=15)
        program.press("q")
        assert program.ended(seconds=5.0) == 0
    assert not user.config.exists()


def test_a_refused_service_is_logged_in_to_from_the_screen(user: User) -> None:
    password = user.secrets["WBTUI_INSTANT_PASSWORD"]
    user.env = {"WBTUI_INSTANT_PASSWORD": "not-this-one"}
    with pseudo([], user.environment()) as program:
        program.until("Beebox 240", "LOGIN", seconds=15)
        program.press("L")
        program.until("Instant Translation, profile acme", "enter tries")
        program.press("nor-this\r")
        program.until_true(lambda: program.picture.text().count("nothing more is") == 2)  # and once more
        program.press(f"{password}\r")
        program.until("WBTUI_ACME_INSTANT_PASSWORD", "ENTER", seconds=15)
        assert password.encode() not in program.written
        program.press("\r")
        program.until("Logged in as", seconds=15)
        assert password.encode() not in until_the_tab_says(program, "3", "INSTANT 30")
        program.press("q")
        assert program.ended(seconds=3.0) == 0
    assert password.encode() not in everything_below(user.home)


def test_profiles_are_changed_while_the_present_one_is_down(user: User) -> None:
    good = user.config.read_text()
    down = CONFIG[CONFIG.index("[profiles.acme.instant]") :].replace("acme", "broken")
    down = down.format(instant="http://127.0.0.1:9", instant_account="acme", instant_login="ann")
    marks = '[profiles.broken]\ncolor = "red"\ndanger = true\n'
    user.write_config(f"{good}\n{marks}{down}")
    user.env["WBTUI_BROKEN_INSTANT_PASSWORD"] = "another"
    with pseudo(["--profile", "broken"], user.environment()) as program:
        program.until("broken", "[DANGER]", "DOWN", seconds=15)
        program.press("C")
        program.until("Profiles", "acme")
        program.press("k\r")
        program.until("wbtui acme")
        until_the_tab_says(program, "2", "BEEBOX 240")
        until_the_tab_says(program, "3", "INSTANT 30")
        program.press("5")
        program.until("started with profile acme")
        program.press("q")
        assert program.ended(seconds=4.0) == 0
    states = {path.name for path in (user.home / "state").rglob("*.sqlite3")}
    assert states == {"acme.sqlite3", "broken.sqlite3"}


def reload(program: Pseudo) -> None:
    program.press(":")
    program.until(":goto")
    program.press("reload\r")


def test_a_broken_file_keeps_the_settings_and_a_good_one_takes_effect(user: User) -> None:
    good = user.config.read_text()
    with pseudo([], user.environment()) as program:
        program.until("Beebox 240", "instant ok")
        user.write_config(good.replace("poll_seconds = 2", "pol_seconds = 2"))
        reload(program)
        program.until("The old settings stay", "esc back", "pol_seconds", "poll_seconds")
        program.press("\r")
        program.until("Beebox 240", "The old settings stay.")
        program.press("C")
        program.until("The present profile stays", "esc back", "poll_seconds")
        program.press("\r")
        program.until("Beebox 240")
        user.write_config(good.replace("[profiles.acme.beebox]", "[profiles.other.beebox]"))
        reload(program)
        program.until("looks, keys and services", "beebox off", "instant ok")
        user.write_config(f"{good}\n[profiles.acme]\ndanger = true\n")
        reload(program)
        program.until("[DANGER]", "beebox ok", "Beebox 240")
        user.write_config(f"{good}\n[profiles.acme]\ndanger = true\n[ui]\ntheme = 'ansi'\n")
        reload(program)
        program.until("read again: looks and keys.")
        program.press("q")
        assert program.ended(seconds=3.0) == 0
