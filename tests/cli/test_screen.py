"""The screen as a whole program: real terminal, real HTTP, real signals."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import Pseudo, pseudo
from tests.slowness import patience
from wbtui.simulator.api import Service
from wbtui.simulator.http_messages import Reply, Request

pytestmark = pytest.mark.terminal
LEFT_THE_SCREEN = b"\x1b[?1049l"
MOUSE_OFF = b"\x1b[?1000l"


@contextmanager
def stuck(user: User, path: str) -> Iterator[threading.Event]:
    """Let requests to a path hang while the block lasts; the event tells that one has come."""
    arrived, go_on = threading.Event(), threading.Event()
    answer = user.running.answer

    def slow(service: Service, request: Request) -> Reply:
        if request.path.endswith(path):
            arrived.set()
            go_on.wait(patience(10))
        return answer(service, request)

    user.running.answer = slow  # type: ignore[method-assign]
    try:
        yield arrived
    finally:
        go_on.set()
        user.running.answer = answer  # type: ignore[method-assign]


def press_q(program: Pseudo) -> None:
    program.press("q")


def press_ctrl_c(program: Pseudo) -> None:
    program.press("\x03")


def terminate(program: Pseudo) -> None:
    os.kill(program.process.pid, signal.SIGTERM)


def hang_up(program: Pseudo) -> None:
    os.kill(program.process.pid, signal.SIGHUP)


def dump_core(program: Pseudo) -> None:
    os.kill(program.process.pid, signal.SIGQUIT)


@pytest.mark.parametrize(
    ("end", "code"),
    [(press_q, 0), (press_ctrl_c, 0), (terminate, 143), (hang_up, 129), (dump_core, 131)],
)
def test_ending_in_the_middle_of_a_beebox_round_closes_the_session_and_restores_the_terminal(
    user: User, end: Callable[[Pseudo], None], code: int
) -> None:
    with stuck(user, "translatedfiles") as arrived, pseudo([], user.environment()) as program:
        program.until("\x1b[?1049h")
        program.until_set(arrived)
        assert user.running.look(lambda world: world.open_sessions(world.now))["beebox"] == 1
        end(program)
        assert program.ended(seconds=3.0) == code
        assert LEFT_THE_SCREEN in program.written
        assert MOUSE_OFF in program.written
        opened = user.running.look(lambda world: world.open_sessions(world.now))
    assert opened == {"translator": 0, "beebox": 0, "instant": 0}


def test_the_screen_fills_and_keys_lead_through_the_tabs(user: User) -> None:
    user.run("track", *(str(number) for number in user.world.operation_ids()))
    with pseudo([], user.environment()) as program:
        program.until("acme", "5001", "Beebox 240", "Instant 30", seconds=20)
        program.press("2")
        program.until("BEEBOX", "File")
        program.press("3")
        program.until("INSTANT")
        program.press("4")
        program.until("FLEX", "metric")
        program.until("nswered", "omplete")  # only changed cells are written
        program.press("5")
        program.until("ACTIVITY", "Level")
        program.press("?")
        program.until("Keys on the tab")
        program.press("q")
        program.until_true(lambda: "Keys on the tab" not in program.picture.text())
        program.press("q")
        assert program.ended(seconds=3.0) == 0


def test_a_running_screen_picks_up_what_is_tracked_meanwhile(user: User) -> None:
    with pseudo([], user.environment()) as program:
        program.until("acme", "Instant 30", seconds=20)
        user.run("track", "5003", "--label", "from the pipeline")
        program.until("from the pip", seconds=20)
        program.press("q")
        assert program.ended(seconds=3.0) == 0


def test_pause_stops_all_calls_and_closes_all_sessions(user: User) -> None:
    with pseudo([], user.environment()) as program:
        program.until("Beebox 240", "Instant 30", seconds=20)
        program.press("p")
        program.until("PAUSED since")
        program.until_true(lambda: not any(open_sessions(user).values()), seconds=5.0)
        program.press("q")
        assert program.ended(seconds=3.0) == 0


def open_sessions(user: User) -> dict[str, int]:
    return dict(user.running.look(lambda world: world.open_sessions(world.now)))


def test_wrong_credentials_and_missing_services_are_said_in_words(user: User) -> None:
    user.env = {"WBTUI_INSTANT_PASSWORD": "wrong"}
    text = user.config.read_text()
    cut = text[: text.index("[profiles.acme.beebox]")] + text[text.index("[profiles.acme.instant]") :]
    user.write_config(cut)
    with pseudo([], user.environment()) as program:
        program.until("LOGIN", seconds=20)
        program.press("2")
        program.until("[profiles.acme.beebox]")
        program.press("3")
        program.until("INSTANT")
        program.press("q")
        assert program.ended(seconds=3.0) == 0
    for secret in [*user.secrets.values(), "wrong\n"]:
        assert secret.encode() not in program.written


def test_kill_9_loses_nothing_that_was_tracked(user: User) -> None:
    user.run("track", "5001", "5002", "--label", "precious")
    with pseudo([], user.environment()) as program:
        program.until("precious", "Instant 30", seconds=20)
        program.process.kill()
        program.process.wait()
    with pseudo([], user.environment()) as program:
        program.until("precious", "Instant 30", seconds=20)
        program.press("q")
        assert program.ended(seconds=3.0) == 0


def test_the_demo_starts_fills_and_ends_with_its_services(user: User) -> None:
    user.config.unlink()
    with pseudo(["demo"], user.environment()) as program:
        program.until("DEMO", "5001", "Beebox 240", "Instant 30", seconds=20)
        program.press("4")
        program.until("waiting", seconds=5)
        program.until("Complete", seconds=15)
        program.press("q")
        assert program.ended(seconds=5.0) == 0
    assert not list((user.home / "state").rglob("*")) if (user.home / "state").exists() else True


def test_a_demo_that_cannot_be_says_so(user: User) -> None:
    ended = user.run("demo", "--serve", "--locales", "900")
    assert ended.returncode == 2
    assert "locales" in ended.stderr


def test_a_port_in_use_is_named(user: User) -> None:
    port = int(user.running.urls["beebox"].rpartition(":")[2])
    ended = user.run("demo", "--serve", "--port", str(port))
    assert ended.returncode == 2
    assert str(port) in ended.stderr


def test_the_demo_without_a_terminal_says_what_to_do(user: User) -> None:
    ended = user.run("demo")
    assert ended.returncode == 2
    assert "--serve" in ended.stderr


def test_a_second_screen_shows_what_the_first_reads_and_takes_over_when_it_ends(user: User) -> None:
    with pseudo([], user.environment()) as first:
        first.until("Beebox 240", "Instant 30", seconds=20)
        asked = len(user.running.api.log)
        with pseudo([], user.environment()) as second:
            second.until("Beebox 240", "Instant 30", seconds=20)
            second.press("r")
            second.until(f"polled by pid {first.process.pid}")
            sessions = [e for e in list(user.running.api.log)[asked:] if e.path.endswith("auth/token")]
            assert sessions == []
            first.press("q")
            assert first.ended(seconds=3.0) == 0
            second.press("5")
            second.until("started with profile acme", seconds=15)
            second.press("q")
            assert second.ended(seconds=3.0) == 0
