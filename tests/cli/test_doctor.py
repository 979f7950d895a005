"""`wbtui doctor`: facts without secrets, and an exit code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import pseudo
from wbtui.cli.doctor import clipboard, colours
from wbtui.desktop.clipboard import CopyPlace
from wbtui.domain.clock import SystemClock
from wbtui.simulator.api import Service
from wbtui.simulator.http_messages import Reply, Request


def findings(user: User, *words: str) -> tuple[int, dict[str, dict[str, str]]]:
    ended = user.run("doctor", "--json", *words)
    document = json.loads(ended.stdout)
    assert document["ok"] is (ended.returncode == 0)
    return ended.returncode, {finding["name"]: finding for finding in document["findings"]}


def test_all_is_well(user: User) -> None:
    code, found = findings(user)
    assert code == 0
    assert "logged in to account acme in " in found["service translator"]["text"]
    assert "secret from environment variable WBTUI_BEEBOX_PASSWORD" in found["service beebox"]["text"]
    assert "the project goes from en to 6 locales" in found["service beebox"]["text"]
    assert found["keyring"]["text"] == "no system keyring: this system has none"
    assert str(user.config) in found["configuration"]["text"]
    assert user.running.look(lambda world: world.open_sessions(world.now)) == dict.fromkeys(
        ("translator", "beebox", "instant"), 0
    )


def test_the_text_has_a_line_for_each_and_says_no_secret(user: User) -> None:
    ended = user.run("doctor")
    for name in ("version", "terminal", "colours", "locale", "clipboard", "keyring", "state"):
        assert any(line[7:].startswith(f"{name} ") for line in ended.stdout.splitlines()), name
    for secret in user.secrets.values():
        assert secret not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("seconds", "level", "words"),
    [
        (0, "ok", "this machine and the server agree"),
        (900, "note", "the server is 900 s ahead"),
        (-900, "note", "the server is 900 s behind"),
    ],
)
def test_the_clock_is_compared_with_the_servers(user: User, seconds: int, level: str, words: str) -> None:
    answer = user.running.answer

    def dated(service: Service, request: Request) -> Reply:
        reply = answer(service, request)
        date = format_datetime(SystemClock().now() + timedelta(seconds=seconds), usegmt=True)
        return replace(reply, headers=(*reply.headers, ("Date", date)))

    user.running.answer = dated  # type: ignore[method-assign]
    code, found = findings(user)
    clock = found["clock translator"]
    assert code == 0
    assert clock["level"] == level
    # a second may pass on the way
    assert words in clock["text"] or words.replace("900", "899") in clock["text"] or "901" in clock["text"]


def test_each_fault_has_its_exit_code(user: User) -> None:
    user.env["WBTUI_INSTANT_PASSWORD"] = "wr0ng-password"
    some, found = findings(user)
    assert (some, found["service instant"]["level"]) == (7, "FAULT")
    assert "wr0ng" not in json.dumps(found)
    offline, _ = findings(user, "--offline")
    assert offline == 0
    user.without_secrets()
    del user.env["WBTUI_INSTANT_PASSWORD"]
    assert findings(user)[0] == 5


def test_nobody_listening_is_exit_3(user: User) -> None:
    user.running.stop()
    code, found = findings(user)
    assert code == 3
    assert "127.0.0.1" in found["service beebox"]["text"]


def test_without_a_configuration_the_rest_is_told_and_the_exit_is_2(user: User) -> None:
    user.config.unlink()
    code, found = findings(user)
    assert code == 2
    assert "wbtui config init" in found["configuration"]["advice"]
    assert "keyring" in found
    assert not any(name.startswith("service") for name in found)


def test_a_state_folder_that_cannot_be_made_is_a_fault(user: User) -> None:
    (user.home / "state").write_text("a file")
    code, found = findings(user)
    assert code == 1
    assert found["state"]["level"] == "FAULT"


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        ("Filed", "backends.Filed, unlocked"),
        ("Locked", "the system keyring is locked"),
        ("Hanging", "did not answer"),
    ],
)
def test_the_keyring_is_named_with_its_state(user: User, backend: str, words: str) -> None:
    user.use_backend(backend)
    code, found = findings(user, "--offline")
    assert code == 0
    assert words in found["keyring"]["text"]


@pytest.mark.terminal
def test_on_a_terminal_its_size_is_told(user: User) -> None:
    with pseudo(["doctor", "--offline"], user.environment(), columns=50, lines=14) as run:
        run.until("50 columns x 14 lines", "Below 60 x 15")
        assert run.ended(10) == 0


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"NO_COLOR": "1", "COLORTERM": "truecolor"}, "none (NO_COLOR is set)"),
        ({"TERM": "screen.xterm-256color", "COLORTERM": "truecolor"}, "256 (GNU screen)"),
        ({"TERM": "screen", "STY": "1.a", "TMUX": "", "COLORTERM": "truecolor"}, "16 (GNU screen)"),
        ({"TERM": "screen-256color", "TMUX": "/tmp/x", "COLORTERM": "truecolor"}, "16 million (COLORTERM)"),
        ({"COLORTERM": "truecolor"}, "16 million (COLORTERM)"),
        ({"TERM": "screen-256color"}, "256 (GNU screen)"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "linux"}, "16"),
    ],
)
def test_colours_are_what_the_environment_promises(env: Mapping[str, str], words: str) -> None:
    assert colours(env) == words


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (CopyPlace(), "OSC 52 to the terminal"),
        (CopyPlace(tools=(("wl-copy",),)), "wl-copy, then OSC 52 to the terminal"),
        (
            CopyPlace(ssh=True, tmux=True),
            "tmux load-buffer -w, then OSC 52 to the terminal (the clipboard of your side of SSH)",
        ),
    ],
)
def test_the_way_of_a_copied_text_is_told(place: CopyPlace, words: str) -> None:
    assert clipboard(place) == words


def test_a_beebox_at_work_is_news_and_no_fault(user: User) -> None:
    answer = user.running.answer

    def busy(service: Service, request: Request) -> Reply:
        if service == "beebox" and request.path.endswith("connect"):
            body = b'{"id": "BUSY", "message": "Automatic operations are running."}'
            return Reply(400, (("Content-Type", "application/json"),), body)
        return answer(service, request)

    user.running.answer = busy  # type: ignore[method-assign]
    code, found = findings(user)
    assert code == 0
    assert found["service beebox"]["level"] == "note"
    assert "Automatic operations are running." in found["service beebox"]["text"]


@pytest.mark.terminal
def test_on_a_terminal_no_word_is_cut_at_its_edge(user: User) -> None:
    with pseudo(["doctor", "--offline"], user.environment(), columns=60, lines=40) as run:
        assert run.ended(10) == 0
        words = " ".join(run.picture.text().split())
    assert "Set WBTUI_ACME_TRANSLATOR_KEY, or secret_command in the configuration." in words
