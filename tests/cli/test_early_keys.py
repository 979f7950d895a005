"""The program in its first moments: keys from the first millisecond on, signals, and what is done at once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import Pseudo, pseudo
from tests.cli.test_screen import LEFT_THE_SCREEN

pytestmark = [pytest.mark.terminal, pytest.mark.slow]

KEYS = [
    *(chr(code) for code in range(33, 127) if chr(code) not in "qT"),
    *(" ", "\r", "\x1b", "\t", "\x0c", "\x04", "\x15", "\x10", "é", "Ω"),
    *(f"\x1b[{end}" for end in ("A", "B", "C", "D", "5~", "6~", "H", "F", "Z", "15~", "I", "O")),
    *("\x1b[<0;20;10M\x1b[<0;20;10m", "\x1b[<64;20;10M", "\x1b[<35;30;12M", "\x1b[200~some text\x1b[201~"),
]
"""Anything but what quits, stops the process, or sends a file again (which asks for the file)."""
RESIZED = 0.05
SIZES = [(120, 40), (80, 24), (40, 8), (10, 3), (1, 1)]
SOONER = 0.25
"""How often keys come in twos and threes with nothing between."""


def let_keys_flow(program: Pseudo, chance: random.Random, count: int) -> bytes:
    """Type so many keys, some milliseconds apart, and change the size; return what is written meanwhile."""
    for _ in range(count):
        os.write(program.master, chance.choice(KEYS).encode())
        if chance.random() < RESIZED and program.process.poll() is None:
            program.resize(*chance.choice(SIZES))
        if chance.random() > SOONER:
            program.read(chance.random() * 0.02)
    return program.written


@pytest.mark.parametrize("seed", range(5))
def test_keys_that_flow_from_the_first_millisecond_end_nothing_but_q_does(user: User, seed: int) -> None:
    with pseudo([], user.environment(), loaded=False) as program:
        written = let_keys_flow(program, random.Random(seed), 120)
        program.until_true(lambda: b"\x1b[?1049h" in program.written)
        written = let_keys_flow(program, random.Random(-seed), 60)
        assert program.process.poll() is None, written[-2000:].decode(errors="replace")
        leave(program)
        assert program.ended(seconds=20.0) == 0
        assert LEFT_THE_SCREEN in program.written


def leave(program: Pseudo) -> None:
    """Go back step by step until nothing is open, then quit."""
    program.resize(120, 40)
    for key in ("\x1b", "\x1b", "\x1b", "\x1b", "\x1b", "q"):
        os.write(program.master, key.encode())
        program.read(0.3)
    if program.process.poll() is None and "Quit wbtui" in program.picture.text():
        program.type("y")


def test_what_is_done_at_once_is_not_undone_by_what_is_remembered(user: User) -> None:
    with pseudo([], user.environment()) as program:
        program.until("Beebox 240", "Instant 30")
        program.press("2")
        program.until("[2 BEEBOX")
        program.press("q")
        assert program.ended(seconds=20.0) == 0
    with pseudo([], user.environment(), loaded=False) as program:
        program.type("5")
        program.until("[5 ACTIVITY", "started with profile")
        program.type("3")
        program.until("[3 INSTANT")
        program.press("q")
        assert program.ended(seconds=20.0) == 0


@pytest.mark.parametrize("wait", [0.0, 0.02, 0.1])
def test_an_interrupt_in_the_first_moments_of_the_screen_ends_it_in_good_order(
    user: User, wait: float
) -> None:
    with pseudo([], user.environment(), loaded=False) as program:
        program.until_true(lambda: b"\x1b[?1049h" in program.written)
        program.read(wait)
        os.kill(program.process.pid, signal.SIGINT)
        assert program.ended(seconds=20.0) == 130
        assert b"Traceback" not in program.written
        assert LEFT_THE_SCREEN in program.written


INTERRUPTED_LOADING = """
import sys
class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == "wbtui.cli.parser":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
from wbtui.__main__ import main
sys.exit(main())
"""


def test_an_interrupt_while_the_program_is_loaded_ends_it_without_a_trace() -> None:
    ended = subprocess.run([sys.executable, "-c", INTERRUPTED_LOADING], capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")
