"""What `wbtui status --json` costs where no service can be reached: the price of a script that asks often."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.cli.conftest import User

STATUS = (sys.executable, "-m", "wbtui", "status", "--json", "--wait", "0")
LIBRARIES = (
    sys.executable,
    "-c",
    "import sys; sys.modules['httpx._main'] = None; import asyncio, argparse, httpx, msgspec, sqlite3",
)
"""A program that does nothing but load what any such command needs."""
HEAVY = {"textual", "keyring", "rich", "click", "pygments", "concurrent.futures.process", "multiprocessing"}


@pytest.fixture
def cut_off(user: User) -> User:
    """Return a user whose services refuse every connection, and which has a state from before."""
    user.running.stop()
    user.status("--wait", "0")
    return user


def untraced(user: User) -> dict[str, str]:
    return {name: value for name, value in user.environment().items() if not name.startswith("COVERAGE")}


def cpu_seconds(argv: tuple[str, ...], env: Mapping[str, str]) -> float:
    """Return the processor time of a program: unlike the time on the clock it is its own alone."""
    process = os.posix_spawn(
        argv[0], argv, env, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    )
    _, _, usage = os.wait4(process, 0)
    return usage.ru_utime + usage.ru_stime


def test_nothing_is_loaded_that_it_does_not_need(cut_off: User) -> None:
    ended = subprocess.run(
        [STATUS[0], "-X", "importtime", *STATUS[1:]], env=untraced(cut_off), capture_output=True, text=True
    )
    imported = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines() if "|" in line}
    assert ended.returncode == 3
    assert {"wbtui.app.services", "wbtui.wordbee.translator", "httpx"} <= imported
    assert not {name for name in imported if {name, name.partition(".")[0]} & HEAVY}
    assert not imported & {"wbtui.monitor.actions.executor", "wbtui.monitor.loop", "wbtui.simulator"}


def test_it_costs_little_more_than_loading_its_libraries(cut_off: User) -> None:
    env = untraced(cut_off)
    # measured 2.3 on a quiet and 2.6 on a busy machine; 0.3 s is the bar on a quiet one, where it takes 0.2
    ours = min(cpu_seconds(STATUS, env) for _ in range(4))
    theirs = min(cpu_seconds(LIBRARIES, env) for _ in range(4))
    assert ours < 3.5 * theirs
