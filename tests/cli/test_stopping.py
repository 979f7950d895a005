"""The running screen stopped and let go on again, as a shell does it; real terminal, real signals."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import Pseudo, pseudo
from tests.cli.test_screen import LEFT_THE_SCREEN, MOUSE_OFF, open_sessions, stuck

pytestmark = pytest.mark.terminal
TOOK_THE_SCREEN = b"\x1b[?1049h"


def stopped(program: Pseudo) -> bool:
    """Return whether the process stands still, by what the kernel says."""
    stat = Path(f"/proc/{program.process.pid}/stat").read_text(encoding="ascii")
    return stat.rpartition(")")[2].split()[0] == "T"


def press_ctrl_z(program: Pseudo) -> None:
    program.press("\x1a")


def ask_to_stop(program: Pseudo) -> None:
    program.written = b""
    os.kill(program.process.pid, signal.SIGTSTP)


def let_go_on(program: Pseudo) -> None:
    program.written = b""
    os.kill(program.process.pid, signal.SIGCONT)


@pytest.mark.parametrize("stop", [press_ctrl_z, ask_to_stop])
def test_stopping_in_the_middle_of_a_round_closes_the_session_and_going_on_paints_all(
    user: User, stop: Callable[[Pseudo], None]
) -> None:
    with pseudo([], user.environment()) as program:
        with stuck(user, "translatedfiles") as arrived:
            program.until("\x1b[?1049h")
            program.until_set(arrived)
            stop(program)
            program.until_true(lambda: stopped(program), seconds=10.0)
            program.until(LEFT_THE_SCREEN.decode(), MOUSE_OFF.decode(), seconds=5.0)
            assert not any(open_sessions(user).values())
        program.picture.clear()
        let_go_on(program)
        program.until(TOOK_THE_SCREEN.decode(), "acme", "Instant 30")
        program.press("5")
        program.until("resumed", "paused: no calls")
        program.press("q")
        assert program.ended(seconds=3.0) == 0


def test_a_paused_screen_is_still_paused_when_it_goes_on(user: User) -> None:
    with pseudo([], user.environment()) as program:
        program.until("Beebox 240", "Instant 30")
        program.press("p")
        program.until("PAUSED since")
        press_ctrl_z(program)
        program.until_true(lambda: stopped(program), seconds=10.0)
        program.picture.clear()
        let_go_on(program)
        program.until("PAUSED since")
        program.press("q")
        assert program.ended(seconds=3.0) == 0


def test_a_screen_that_was_stopped_without_a_word_takes_the_terminal_over_again(user: User) -> None:
    with pseudo([], user.environment()) as program:
        program.until("Beebox 240", "Instant 30")
        os.kill(program.process.pid, signal.SIGSTOP)
        program.until_true(lambda: stopped(program))
        program.picture.clear()
        let_go_on(program)
        program.until(TOOK_THE_SCREEN.decode(), "Beebox 240", "Instant 30")
        program.press("2")
        program.until("BEEBOX", "File")
        for tab, name in (("3", "INSTANT"), ("5", "ACTIVITY"), ("2", "BEEBOX")):
            program.press(tab)  # two readers would take the keys from each other
            program.until(name)
        program.press("q")
        assert program.ended(seconds=3.0) == 0
        assert LEFT_THE_SCREEN in program.written


def test_a_screen_that_is_stopped_while_it_ends_does_not_take_the_terminal_again(user: User) -> None:
    with pseudo([], user.environment()) as program:
        program.until("Beebox 240", "Instant 30")
        with stuck(user, "auth/token") as arrived:
            program.press("q")
            program.until(LEFT_THE_SCREEN.decode())
            program.until_set(arrived)
            ask_to_stop(program)
            program.until_true(lambda: stopped(program), seconds=2.0)
            let_go_on(program)
            assert program.ended(seconds=6.0) == 0
        assert TOOK_THE_SCREEN not in program.written


def test_a_stopped_screen_ends_by_sigterm_when_it_goes_on(user: User) -> None:
    with pseudo([], user.environment()) as program:
        program.until("Beebox 240", "Instant 30")
        press_ctrl_z(program)
        program.until_true(lambda: stopped(program), seconds=10.0)
        os.kill(program.process.pid, signal.SIGTERM)
        let_go_on(program)
        assert program.ended(seconds=6.0) == 143
        assert LEFT_THE_SCREEN in program.written
    assert not any(open_sessions(user).values())
