"""Where nothing can be kept: every command and the screen run from memory, and say so; `track` refuses."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import pseudo
from tests.slowness import patience

pytestmark = pytest.mark.slow

UNKEPT = "wbtui: Nothing is kept: "


@pytest.fixture
def nowhere(user: User) -> User:
    """Let the state folder lie below a plain file: root, too, can make nothing there."""
    (user.home / "plain").touch()
    user.env["XDG_STATE_HOME"] = str(user.home / "plain")
    return user


def test_one_shot_commands_run_from_memory_and_name_what_to_set(nowhere: User) -> None:
    ended = nowhere.run("status", "--json", "--wait", "0")
    assert ended.returncode in (0, 7), ended.stderr
    assert len(json.loads(ended.stdout)["beebox"]) > 0
    assert ended.stderr.startswith(UNKEPT)
    assert "XDG_STATE_HOME" in ended.stderr
    asked = nowhere.run("wait", "op:5001", "--timeout", "0.1")
    assert asked.returncode in (0, 4, 8), asked.stderr
    assert asked.stderr.startswith(UNKEPT)
    fetched = nowhere.run("download", "--ready", "--service", "instant", "--to", str(nowhere.home / "to"))
    assert fetched.returncode == 0, fetched.stderr
    assert fetched.stderr.startswith(UNKEPT)
    assert "wbtui: the log of actions cannot be written: " in fetched.stderr


def test_track_does_not_say_that_it_kept_what_it_could_not(nowhere: User) -> None:
    ended = nowhere.run("track", "5001", "--json")
    assert ended.returncode == 1
    error = json.loads(ended.stdout)["error"]
    assert (error["kind"], error["exit"]) == ("StoreError", 1)
    assert "XDG_STATE_HOME" in error["advice"]
    assert "op:5001" not in ended.stdout
    plain = nowhere.run("track", "5001")
    assert (plain.returncode, plain.stdout) == (1, "")
    assert "XDG_STATE_HOME" in plain.stderr


def test_doctor_names_the_state_that_cannot_be_had(nowhere: User) -> None:
    ended = nowhere.run("doctor", "--offline", "--json")
    found = {finding["name"]: finding for finding in json.loads(ended.stdout)["findings"]}
    assert ended.returncode == 1
    assert "XDG_STATE_HOME" in found["state"]["advice"]


def test_a_damaged_file_is_set_aside_by_commands_and_said_so(user: User) -> None:
    user.run("track", "5001")
    (state,) = Path(user.home / "state").rglob("acme.sqlite3")
    data = bytearray(state.read_bytes())
    data[data.index(b"CREATE TABLE operations") + 14] = 0xE6
    state.write_bytes(bytes(data))
    ended = user.run("status", "--plain", "--wait", "0")
    assert "Traceback" not in ended.stderr
    assert "set aside as acme.sqlite3.damaged-1" in ended.stderr


def test_a_home_is_not_needed_to_look(user: User) -> None:
    """As in a container that runs under a number without a name: neither HOME nor such a user."""
    text = user.config.read_text()
    user.write_config(
        text.replace("[profiles.acme.tr", '[profiles.acme]\ndownloads = "/tmp"\n[profiles.acme.tr', 1)
    )
    env = user.environment()
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        del env[name]
    code = (
        "import pwd, sys; from wbtui.cli import run\n"
        "def unknown(number): raise KeyError(number)\n"
        "pwd.getpwuid = unknown; sys.exit(run(['status', '--plain', '--wait', '0']))\n"
    )
    user.home.joinpath("here").mkdir()
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        cwd=user.home / "here",
        capture_output=True,
        text=True,
        timeout=patience(60),
        check=False,
    )
    assert ended.returncode in (0, 7), ended.stderr
    assert "no home folder is known. Set HOME, or XDG_STATE_HOME" in ended.stderr
    assert list(user.home.joinpath("here").iterdir()) == []


@pytest.mark.terminal
def test_the_header_says_that_nothing_is_kept_and_so_does_the_end(nowhere: User) -> None:
    with pseudo([], nowhere.environment()) as program:
        program.until("[NOT KEPT]", "Beebox 240", seconds=20)
        program.press("a")
        program.until("request id")
        program.press("5001\r")
        program.until("not kept: only until wbtui is quit", seconds=20)
        program.press("5")
        program.until("Nothing is kept", seconds=20)
        program.press("q")
        assert program.ended(seconds=5.0) == 0
        assert b"Nothing is kept: " in program.written[program.written.rindex(b"\x1b[?1049l") :]


@pytest.mark.terminal
def test_a_disk_that_fills_up_is_told_and_so_is_that_there_is_room_again(user: User) -> None:
    with pseudo([], user.environment()) as program:
        program.until("Beebox 240", "Instant 30", "Flex 4", seconds=30)
        number = program.process.pid
        before = resource.prlimit(number, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        user.run("track", "5001")
        program.press("a")
        program.until("request id")
        program.press("5002\r")
        program.until("Not watched: the state file cannot be written: ", "[NOT KEPT]", seconds=30)
        resource.prlimit(number, resource.RLIMIT_FSIZE, before)
        program.until_true(lambda: "[NOT KEPT]" not in program.picture.text(), seconds=30)
        program.press("5")
        program.until("can be written again", seconds=20)
        program.press("q")
        assert program.ended(seconds=5.0) == 0
        assert b"cannot be written" not in program.written[program.written.rindex(b"\x1b[?1049l") :]
    _, shown = user.status("--wait", "0")
    assert "op:5001" in {item["key"] for item in shown["operations"]}
