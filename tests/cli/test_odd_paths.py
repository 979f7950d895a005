"""Paths that lead to no file, on the command line and in the configuration: words, within seconds, exit 2."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import pseudo, pseudo_command
from tests.slowness import patience
from wbtui.config import load
from wbtui.domain.errors import SettingsError
from wbtui.files.places import config_path

LONG = f"{'x' * 300}.json"


def pipe(folder: Path) -> str:
    """Make a pipe that nobody writes to."""
    os.mkfifo(folder / "pipe.json")
    return str(folder / "pipe.json")


ODD: dict[str, tuple[Callable[[Path], str], str]] = {
    "pipe": (pipe, "is no regular file"),
    "device": (lambda _: "/dev/zero", "is no regular file"),
    "folder": (str, "is a folder, no file"),
    "nobody's": (lambda _: "~nosuchuser9/x", "the home folder of that user is not known"),
    "long": (lambda folder: str(folder / LONG), "file name too long"),
    "below a file": (lambda _: "/etc/passwd/x", "there is no such file"),
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_configuration_is_said_in_words(tmp_path: Path, kind: str) -> None:
    make, words = ODD[kind]
    with pytest.raises(SettingsError, match=words):
        load(config_path(make(tmp_path), {}))


@pytest.mark.parametrize(
    "text",
    [
        ".".join(["a"] * 20_000) + " = 1",
        f"[{' . '.join(['a'] * 20_000)}]",
        ".".join(['"a"'] * 20_000) + " = 1",
        "a = " + "{a = " * 20_000,
        "a = " + "[" * 20_000,
        "".join(f"{'.'.join(['a'] * 90)} = {{" for _ in range(60)),
    ],
)
def test_keys_within_keys_without_end_are_refused_at_once(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="ascii")
    with pytest.raises(SettingsError, match=r"is nested too deeply|is not valid TOML"):
        load(file)


def test_a_file_name_with_many_dots_is_no_deep_key(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    dots = ".".join(str(number) for number in range(90))
    file.write_text(f"[profiles.acme]\ndownloads = '/tmp/{dots}'\n", encoding="ascii")
    assert load(file).profiles["acme"].downloads.name == dots


def test_places_in_the_configuration_are_checked_as_well(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    head = '[profiles.acme.translator]\nurl = "https://a.example"\naccount = "a"\n'
    file.write_text(f'{head}ca_file = "{pipe(tmp_path)}"\n', encoding="ascii")
    with pytest.raises(SettingsError, match=r"ca_file: .*is no regular file"):
        load(file)
    file.write_text(f'{head}ca_file = "{"x" * 300}"\n', encoding="ascii")
    with pytest.raises(SettingsError, match=r"ca_file: .*file name too long"):
        load(file)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pipe", "nobody's", "long"])
@pytest.mark.parametrize(
    "words",
    [
        ("track", "5001", "--request"),
        ("send", "--project", "7", "--src", "en", "--trgs", "fr"),
        ("status", "--config"),
    ],
)
def test_an_odd_path_on_the_command_line_is_usage(
    user: User, tmp_path: Path, words: tuple[str, ...], kind: str
) -> None:
    make, said = ODD[kind]
    ended = user.run(*words, make(tmp_path))
    assert ended.returncode == 2, ended.stderr
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_line_of_stdin_without_an_end_is_said(user: User) -> None:
    with open("/dev/zero", "rb") as endless:
        ended = subprocess.run(
            [sys.executable, "-m", "wbtui", "login", "beebox"],
            stdin=endless, env=user.environment(), capture_output=True, timeout=patience(30), check=False,
        )  # fmt: skip
    assert ended.returncode == 2
    assert b"a line of stdin has more than 65536 bytes" in ended.stderr


def test_too_few_open_files_are_said_before_anything_is_done(user: User) -> None:
    line = f"ulimit -n 12; exec {sys.executable} -m wbtui status"
    ended = subprocess.run(
        ["/bin/sh", "-c", line],
        env=user.environment(),
        capture_output=True,
        timeout=patience(30),
        check=False,
    )
    assert ended.returncode == 2
    assert b"the system allows 12 open files" in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_more_open_files_are_taken_where_they_may_be(user: User) -> None:
    line = f"ulimit -S -n 12; exec {sys.executable} -m wbtui config check"
    ended = subprocess.run(["/bin/sh", "-c", line], env=user.environment(), timeout=patience(30), check=False)
    assert ended.returncode == 0


@pytest.mark.terminal
def test_the_demo_says_where_nothing_can_be_written(user: User) -> None:
    line = f"ulimit -f 0; exec {sys.executable} -m wbtui demo"
    env = user.environment()
    env.pop("COVERAGE_PROCESS_CONFIG", None)  # what measures cannot write either, and says so
    with pseudo_command(["/bin/sh", "-c", line], env) as program:
        assert program.ended(seconds=20.0) == 2
    assert b"no folder for the demo can be made" in program.written
    assert b"Traceback" not in program.written


@pytest.mark.terminal
def test_a_configuration_that_is_a_pipe_does_not_hold_the_screen(user: User, tmp_path: Path) -> None:
    with pseudo(["--config", pipe(tmp_path)], user.environment()) as program:
        assert program.ended(seconds=10.0) == 2
        assert b"is no regular file" in program.written


@pytest.mark.terminal
def test_a_signal_at_the_question_for_a_secret_leaves_a_terminal_that_shows_what_is_typed(
    user: User, tmp_path: Path
) -> None:
    user.without_secrets()
    state = tmp_path / "state"
    line = f'{sys.executable} -m wbtui login beebox; echo "code $?"; stty -a >{state}'
    with pseudo_command(["/bin/sh", "-c", line], user.environment()) as program:
        program.until("password of the Beebox")
        [child] = children(program.process.pid)
        os.kill(child, signal.SIGQUIT)
        program.until("code 131")
        program.ended(seconds=5.0)
    assert " echo " in state.read_text(encoding="ascii")


def children(pid: int) -> list[int]:
    return [
        int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    ]
