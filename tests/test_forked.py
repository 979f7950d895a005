"""A program that was started by a fork is like one that an interpreter of its own has loaded."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import forked

FACTS = "tests.process_facts"


def environment() -> dict[str, str]:
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "COVERAGE_PROCESS_CONFIG") if name in os.environ
    }
    return kept | {"HOME": "/nowhere", "COLOUR": "green"}


def test_what_it_sees_of_itself_is_the_same() -> None:
    words = ["one", "two words"]
    command = [sys.executable, "-m", FACTS, *words]
    own = subprocess.run(
        command,
        env=environment(),
        input=b"a\nb",
        capture_output=True,
        timeout=60,
        check=False,
        cwd=forked.ROOT,
    )
    fork = forked.run(FACTS, words, environment(), b"a\nb", 60)
    assert json.loads(fork.stdout) == json.loads(own.stdout)
    assert (fork.returncode, fork.stderr) == (own.returncode, own.stderr) == (7, b"to stderr\n")
    assert json.loads(fork.stdout)["arguments"] == words


def on_terminal(folder: Path) -> tuple[dict[str, Any], forked.Forked]:
    master, slave = pty.openpty()
    program = forked.start(
        FACTS,
        ["wait"],
        environment(),
        (slave, slave, slave),
        folder=folder,
        pass_fds=(master,),
        new_session=True,
    )
    os.close(slave)
    os.write(master, b"\x04")
    written = b""
    while b"to stderr\r\n" not in written:
        assert select.select([master], [], [], 60)[0]
        written += os.read(master, 65536)
    os.close(master)
    facts: dict[str, Any] = json.loads(written.replace(b"^D\x08\x08", b"").partition(b"\r\n")[0])
    return facts | {"descriptor": master}, program


def test_it_has_its_folder_its_terminal_and_the_descriptors_that_were_passed(tmp_path: Path) -> None:
    facts, program = on_terminal(tmp_path)
    assert (facts["folder"], facts["path"]) == (str(tmp_path), str(tmp_path))
    assert facts["leads its session"]
    assert facts["buffered by line"] == [True, True]
    assert facts["open files"] == [0, 1, 2, facts["descriptor"]]
    program.kill()
    assert program.wait(60) == -signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_a_signal_ends_it_and_is_told(tmp_path: Path, number: signal.Signals) -> None:
    _, program = on_terminal(tmp_path)
    assert program.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        program.wait(0.0)
    program.send_signal(number)
    assert program.wait(60) == -number
    program.send_signal(number)  # to nobody: another may have its number now
    assert program.poll() == -number


def test_each_has_its_own_end_whichever_ends_first(tmp_path: Path) -> None:
    programs = [on_terminal(tmp_path)[1] for _ in range(3)]
    assert len({program.pid for program in programs}) == 3
    for program, number in zip(
        reversed(programs), (signal.SIGTERM, signal.SIGKILL, signal.SIGHUP), strict=True
    ):
        program.send_signal(number)
        assert program.wait(60) == -number


def test_what_an_interpreter_reads_before_the_program_is_not_taken_over() -> None:
    assert forked.suits(environment())
    assert not forked.suits(environment() | {"PYTHONPATH": "/elsewhere"})
    assert not forked.suits(environment() | {"LC_ALL": "tlh_QO.KOI8-R"})
    ended = forked.run(FACTS, [], environment() | {"PYTHONIOENCODING": "latin-1"}, b"", 60)
    assert json.loads(ended.stdout)["encoding"][0] == "iso8859-1"
