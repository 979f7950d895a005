"""`wbtui config`: where it lies, what it says, whether it is right, and a new one."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import pseudo
from tests.cli.test_login import stored


def answers(user: User, secrets: Mapping[str, str], *, url: str = "") -> list[str]:
    """Return what a new user types: all three services, in the order of the questions."""
    accounts, urls = user.world.accounts, user.running.urls
    translator = url or urls["translator"].removesuffix("/api")
    return [
        *(translator, accounts.translator_account, secrets["translator"]),
        *(urls["beebox"] + "/api/", accounts.beebox_project, accounts.beebox_login, secrets["beebox"]),
        *(urls["instant"], accounts.instant_account, accounts.instant_login, secrets["instant"]),
    ]


def typed(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def test_from_an_empty_home_to_live_data(user: User) -> None:
    secrets = user.without_secrets()
    kept = user.use_backend("Filed")
    user.place = "new/folder/config.toml"
    init = user.run("config", "init", stdin=typed(["acme", *answers(user, secrets)]))
    code, document = user.status("--wait", "0")
    assert init.returncode == 0, init.stderr
    assert not init.stdout
    assert "logged in to account acme" in init.stderr
    assert "the project goes from en to 6 locales" in init.stderr
    assert user.config.stat().st_mode & 0o777 == 0o600
    assert code in {0, 7}  # 7: Flex needs longer
    assert document["beebox"]
    assert stored(kept) == secrets
    text = user.config.read_text()
    assert tomllib.loads(text)["profiles"]["acme"]["translator"]["url"] == user.running.urls["translator"]
    assert not any(secret in text + init.stderr for secret in secrets.values())


def test_services_may_be_left_out(user: User) -> None:
    secrets = user.without_secrets()
    user.use_backend("Filed")
    user.config.unlink()
    lines = ["one", *answers(user, secrets)[:3], "", ""]
    ended = user.run("config", "init", "--json", "--config", str(user.config), stdin=typed(lines))
    document = json.loads(ended.stdout)
    assert f"next: wbtui --config {user.config}" in ended.stderr
    assert ended.returncode == 0
    assert document["profile"] == "one"
    assert set(document["accounts"]) == {"translator"}
    assert document["accounts"]["translator"]["stored"] is True
    assert set(tomllib.loads(user.config.read_text())["profiles"]["one"]) == {"translator"}


def test_nothing_at_all_writes_nothing_and_names_the_demo(user: User) -> None:
    user.config.unlink()
    ended = user.run("config", "init", stdin=typed(["", "", "", ""]))
    assert ended.returncode == 2
    assert "wbtui demo" in ended.stderr
    assert not user.config.exists()


def test_a_refused_secret_without_a_terminal_writes_nothing_and_ends_as_a_refusal(user: User) -> None:
    secrets = user.without_secrets() | {"beebox": "wr0ng-password"}
    kept = user.use_backend("Filed")
    user.config.unlink()
    lines = typed(["acme", *answers(user, secrets)])
    ended = user.run("config", "init", "--json", stdin=lines)
    assert ended.returncode == 5
    assert "Unknown project, login or password." in ended.stderr
    assert "nothing was written" in ended.stderr
    assert json.loads(ended.stdout)["error"]["exit"] == 5
    assert not user.config.exists()
    assert not kept.exists() or not stored(kept)
    anyway = user.run("config", "init", "--no-check", stdin=lines)
    assert anyway.returncode == 0, anyway.stderr
    assert set(stored(kept)) == {"translator", "beebox", "instant"}


def test_a_refused_secret_adds_nothing_to_a_file_that_is_there(user: User) -> None:
    before = user.config.read_text()
    user.without_secrets()
    lines = [user.running.urls["translator"], user.world.accounts.translator_account, "wr0ng", "", ""]
    ended = user.run("config", "init", "--add", "--profile", "test", stdin=typed(lines))
    assert ended.returncode == 5
    assert user.config.read_text() == before


@pytest.mark.parametrize("end", range(6))
def test_input_that_ends_too_early_writes_nothing(user: User, end: int) -> None:
    secrets = user.without_secrets()
    user.config.unlink()
    ended = user.run("config", "init", stdin=typed(["acme", *answers(user, secrets)][:end]))
    assert ended.returncode == 2
    assert not user.config.exists()


@pytest.mark.parametrize("url", ["http://acme.example", "https://ann:pw@acme.example", "nonsense acme"])
def test_a_url_that_cannot_be_used_is_refused(user: User, url: str) -> None:
    secrets = user.without_secrets()
    user.config.unlink()
    ended = user.run("config", "init", stdin=typed(["acme", *answers(user, secrets, url=url)]))
    assert ended.returncode == 2
    assert "url" in ended.stderr
    assert not user.config.exists()


def test_an_existing_file_is_never_overwritten_and_only_added_to_when_asked(user: User) -> None:
    before = user.config.read_text()
    refused = user.run("config", "init", stdin="")
    named = user.run("config", "init", "--add", "--profile", "acme", stdin="")
    assert (refused.returncode, named.returncode) == (2, 2)
    assert "--add" in refused.stderr
    assert "has a profile acme already" in named.stderr
    assert user.config.read_text() == before
    secrets = user.without_secrets()
    user.use_backend("Filed")
    lines = [*answers(user, secrets)[:3], "", ""]
    added = user.run("config", "init", "--add", "--profile", "test", stdin=typed(lines))
    assert added.returncode == 0, added.stderr
    assert user.config.read_text().startswith(before.rstrip())
    assert user.run("config", "check").stdout.splitlines()[1:] == [
        "profile acme (default): translator, beebox, instant",
        "profile test: translator",
    ]


def test_without_a_keyring_the_file_is_written_and_the_other_doors_named(user: User) -> None:
    secrets = user.without_secrets()
    user.config.unlink()
    ended = user.run("config", "init", stdin=typed(["acme", *answers(user, secrets)]))
    assert ended.returncode == 7
    assert "Set WBTUI_ACME_TRANSLATOR_KEY, or secret_command in the configuration." in ended.stderr
    assert user.run("config", "check").returncode == 0


def test_a_secret_of_the_environment_is_used_and_not_asked_for(user: User) -> None:
    user.config.unlink()
    accounts, urls = user.world.accounts, user.running.urls
    lines = ["acme", urls["translator"], accounts.translator_account, "", ""]
    ended = user.run("config", "init", stdin=typed(lines))
    assert ended.returncode == 0
    assert "taken from WBTUI_TRANSLATOR_KEY" in ended.stderr


@pytest.mark.terminal
def test_on_a_terminal_what_is_wrong_is_asked_again(user: User) -> None:
    secrets = user.without_secrets()
    user.use_backend("Filed")
    user.config.unlink()
    with pseudo(["config", "init"], user.environment()) as run:
        for question, answer in (
            ("Name of the profile [main]: ", ""),
            ("URL, such as", "http://acme.example"),
            ("Account id", "acme"),
            ("http:// would send log-ins in clear", None),
            ("URL, such as", user.running.urls["translator"]),
            ("Account id", "acme"),
            ("key of the Translator API: ", "wrong"),
            ("ask again (a)", ""),
            ("URL, such as", user.running.urls["translator"]),
            ("Account id", "acme"),
            ("key of the Translator API: ", secrets["translator"]),
            ("Beebox: leave the URL empty", None),
            ("URL, such as", ""),
            ("Instant Translation: leave", None),
            ("URL, such as", ""),
        ):
            run.until_asked(question)
            if answer is not None:
                run.press(f"{answer}\n")
        run.until("written: ", "next: wbtui")
        assert run.ended(10) == 0
    assert tomllib.loads(user.config.read_text())["default_profile"] == "main"


def test_the_path_is_printed_also_where_nothing_lies(user: User) -> None:
    user.config.unlink()
    plain = user.run("config", "path")
    as_json = json.loads(user.run("config", "path", "--json").stdout)
    assert plain.stdout == f"{user.config}\n"
    assert as_json == {"config": str(user.config), "exists": False, "profiles": {}}


def test_what_is_shown_is_a_configuration_that_means_the_same(user: User) -> None:
    text = user.config.read_text().replace(
        "[profiles.acme.beebox]\n",
        "[profiles.acme.beebox]\nsecret_command = \"pass show 'hunter2'\"\npattern = 'a\\\\b'\n",
    )
    user.write_config(text)
    shown = user.run("config", "show").stdout
    as_json: dict[str, Any] = json.loads(user.run("config", "show", "--json").stdout)
    found = tomllib.loads(shown)
    assert found == as_json
    assert found["profiles"]["acme"]["translator"]["flex"]["changed"] == "168h"
    assert found["profiles"]["acme"]["beebox"]["secret_command"] == "pass ..."
    assert found["profiles"]["acme"]["beebox"]["pattern"] == "a\\\\b"
    assert "hunter2" not in shown
    user.write_config(shown)
    assert json.loads(user.run("config", "show", "--json").stdout) == as_json


def test_a_secret_command_of_blanks_can_be_shown(user: User) -> None:
    blank = '[profiles.acme.beebox]\nsecret_command = "  "\n'
    user.write_config(user.config.read_text().replace("[profiles.acme.beebox]\n", blank))
    shown = json.loads(user.run("config", "show", "--json").stdout)
    assert shown["profiles"]["acme"]["beebox"]["secret_command"] == ""


def test_check_names_what_is_wrong(user: User) -> None:
    user.write_config(user.config.read_text().replace("poll_seconds", "pol_seconds"))
    ended = user.run("config", "check", "--json")
    assert ended.returncode == 2
    assert "did you mean 'poll_seconds'?" in json.loads(ended.stdout)["error"]["message"]


def test_check_and_doctor_name_all_faults_at_once(user: User) -> None:
    text = user.config.read_text().replace("poll_seconds", "pol_seconds").replace('login = "', 'login_ = "')
    user.write_config(f"{text}purge_days = 0\n[ui]\ntheem = 1\n")
    plain = user.run("config", "check")
    told = json.loads(user.run("config", "check", "--json").stdout)
    doctor = user.run("doctor", "--offline", "--json")
    found = [
        each["text"] for each in json.loads(doctor.stdout)["findings"] if each["name"] == "configuration"
    ]
    assert (plain.returncode, doctor.returncode, told["ok"]) == (2, 2, False)
    messages = [each["message"] for each in told["faults"]]
    assert messages == found
    assert told["error"] == told["faults"][0]
    for part in (
        "[profiles.acme.translator] unknown key 'pol_seconds'",
        "[profiles.acme.beebox] login is missing",
        "[profiles.acme.instant] purge_days: must be between",
        "[ui] unknown key 'theem'",
    ):
        assert part in plain.stderr
        assert any(part in each for each in messages)


def test_what_others_may_write_is_said_and_no_refusal(user: User) -> None:
    user.config.chmod(0o646)
    plain, as_json = user.run("config", "check"), user.run("config", "check", "--json")
    doctor = user.run("doctor", "--offline", "--json")
    assert (plain.returncode, as_json.returncode) == (0, 0)
    assert "everybody may write this configuration" in plain.stderr
    assert f"chmod go-w {user.config}" in plain.stderr
    assert "everybody" in json.loads(as_json.stdout)["warnings"][0]["message"]
    assert any(
        each["level"] == "note" and "everybody may write" in each["text"]
        for each in json.loads(doctor.stdout)["findings"]
    )
    user.config.chmod(0o600)
    assert "may write" not in user.run("config", "check").stderr
