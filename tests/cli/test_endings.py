"""The ways in which the outside ends a program, or spoils what it writes to: real processes, real signals."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import pseudo
from tests.cli.test_screen import LEFT_THE_SCREEN, MOUSE_OFF, open_sessions, stuck
from tests.forked import piped
from tests.slowness import patience
from wbtui.store.lock import PollerLock

NONE_OPEN = {"translator": 0, "beebox": 0, "instant": 0}


def shell(user: User, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell in which `wbtui` is this program."""
    words = f'wbtui() {{ "{sys.executable}" -m wbtui "$@"; }}; {line}'
    return subprocess.run(
        ["/bin/bash", "-c", words],
        env=user.environment(),
        capture_output=True,
        text=True,
        timeout=patience(60),
    )


@pytest.mark.terminal
def test_an_interrupt_signal_closes_the_session_and_restores_the_terminal(user: User) -> None:
    with stuck(user, "translatedfiles") as arrived, pseudo([], user.environment()) as program:
        program.until("\x1b[?1049h")
        program.until_set(arrived)
        os.kill(program.process.pid, signal.SIGINT)
        assert program.ended(seconds=3.0) == 130
        assert LEFT_THE_SCREEN in program.written
        assert MOUSE_OFF in program.written
        assert b"Traceback" not in program.written
        assert open_sessions(user) == NONE_OPEN


@pytest.mark.terminal
def test_a_terminal_that_is_gone_while_hang_ups_are_ignored_ends_it_and_closes_the_session(
    user: User,
) -> None:
    with stuck(user, "translatedfiles") as arrived, pseudo([], user.environment(), hang_ups=False) as program:
        program.until("\x1b[?1049h")
        program.until_set(arrived)
        assert open_sessions(user)["beebox"] == 1
        program.hang_up()
        assert program.process.wait(3.0) == 129
        assert open_sessions(user) == NONE_OPEN


@pytest.mark.terminal
def test_a_frozen_line_keeps_no_session_open_when_sigterm_comes(user: User) -> None:
    with stuck(user, "translatedfiles") as arrived, pseudo([], user.environment()) as program:
        program.until("\x1b[?1049h")
        program.until_set(arrived)
        os.write(program.master, b"12345" * 8)  # each is answered by a frame that nobody reads
        os.kill(program.process.pid, signal.SIGTERM)
        assert program.process.wait(3.0) == 143
        assert open_sessions(user) == NONE_OPEN


@pytest.mark.terminal
def test_a_storm_of_resizes_leaves_a_screen_of_the_last_size(user: User) -> None:
    chance = random.Random(5)
    with pseudo([], user.environment()) as program:
        program.until("acme", "Instant 30")
        for _ in range(150):
            program.resize(chance.randrange(1, 200), chance.randrange(1, 70))
        program.resize(100, 30)
        program.until_true(lambda: "q quit" in program.picture.text().splitlines()[29])
        program.press("5")
        program.until("ACTIVITY")
        program.press("q")
        assert program.ended(seconds=3.0) == 0
    assert open_sessions(user) == NONE_OPEN


@pytest.mark.parametrize("words", ["status --wait 0", "status --wait 0 --json", "status --watch --plain"])
def test_nobody_reading_after_the_first_line_is_no_crash(user: User, words: str) -> None:
    ended = shell(user, f"wbtui {words} | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}")
    assert ended.stdout.strip() in {"1", "7"}
    assert "Traceback" not in ended.stderr
    assert open_sessions(user) == NONE_OPEN


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("wbtui status --wait 0 --json >/dev/full", 1, "cannot be written: no space left on device"),
        ("wbtui status --wait 0 --json >&-", 7, ""),
        ("wbtui status --wait 0 2>&- >/dev/null", 7, ""),
        ("wbtui status --wait 0 <&- >&- 2>&-", 7, ""),
        ("wbtui --config /nowhere.toml status --json >/dev/full", 2, "there is no such file"),
    ],
)
def test_output_that_cannot_be_written_is_said_or_dropped(
    user: User, line: str, code: int, words: str
) -> None:
    ended = shell(user, line)
    assert ended.returncode == code
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    assert open_sessions(user) == NONE_OPEN
    for store in (user.home / "state").rglob("*.sqlite3"):
        assert sqlite3.connect(store).execute("pragma integrity_check").fetchone() == ("ok",)


@pytest.mark.terminal
def test_a_kill_at_any_point_loses_nothing_that_was_tracked(user: User) -> None:
    chance = random.Random(3)
    for turn in range(4):
        assert user.run("track", str(7000 + turn), "--label", f"precious {turn}").returncode == 0
        with pseudo([], user.environment()) as program:
            end = time.monotonic() + chance.uniform(0.05, 0.9)
            program.until_true(lambda end=end: time.monotonic() > end)  # type: ignore[misc]
            program.process.kill()
            program.process.wait()
    _, document = user.status("--wait", "0")
    labels = {operation["label"] for operation in document["operations"]}
    assert labels >= {f"precious {turn}" for turn in range(4)}


@pytest.mark.terminal
def test_a_damaged_store_is_set_aside_and_the_screen_says_so(user: User) -> None:
    assert user.run("track", "5001").returncode == 0
    (store,) = (user.home / "state").rglob("acme.sqlite3")
    store.write_bytes(b"no database at all" * 1000)
    with pseudo([], user.environment(), columns=200) as program:
        program.until("acme", "Instant 30")
        program.press("5")
        program.until("was damaged; it was set aside as acme.sqlite3.damaged-1")
        program.press("q")
        assert program.ended(seconds=3.0) == 0
    assert store.with_name("acme.sqlite3.damaged-1").read_bytes().startswith(b"no database")


def newer_store(user: User) -> Path:
    """Begin a store, and have it look like one of a newer wbtui."""
    assert user.run("track", "5001").returncode == 0
    (store,) = (user.home / "state").rglob("acme.sqlite3")
    with contextlib.closing(sqlite3.connect(store)) as database:
        database.execute("pragma user_version = 9999")
    return store


@pytest.mark.terminal
def test_a_newer_store_is_set_aside_and_the_screen_says_so(user: User) -> None:
    store = newer_store(user)
    before = store.read_bytes()
    with pseudo([], user.environment(), columns=200) as program:
        program.until("acme", "Instant 30")
        program.press("5")
        program.until("is of a newer wbtui; it was set aside as acme.sqlite3.newer-1")
        program.press("q")
        assert program.ended(seconds=3.0) == 0
    assert store.with_name("acme.sqlite3.newer-1").read_bytes() == before


@pytest.mark.terminal
def test_a_newer_wbtui_that_is_running_keeps_its_store(user: User) -> None:
    store = newer_store(user)
    before = store.read_bytes()
    with PollerLock(store) as lock:
        assert lock.acquire()
        with pseudo([], user.environment()) as program:
            assert program.ended(seconds=15.0) == 1
            assert LEFT_THE_SCREEN in program.written
            assert b"newer" in program.written.rpartition(LEFT_THE_SCREEN)[2]
    assert store.read_bytes() == before


def test_sessions_are_closed_whichever_signal_ends_a_reading(user: User) -> None:
    for number, code in (
        (signal.SIGINT, 130),
        (signal.SIGTERM, 143),
        (signal.SIGQUIT, 131),
        (signal.SIGUSR1, 138),
    ):
        with stuck(user, "translatedfiles") as arrived:
            with piped("wbtui", ["status"], user.environment()) as process:
                assert arrived.wait(patience(30))
                process.send_signal(number)
                assert process.wait(4.0) == code
                assert b"Traceback" not in process.stderr.read()
            assert open_sessions(user) == NONE_OPEN
