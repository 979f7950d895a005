"""Copying inside a real tmux: the text arrives in the outer terminal however tmux is configured.

The outer terminal is a pseudo-terminal; what tmux sends to it is what a terminal would obey. Every wait is
for something that must come, so that a busy machine makes the test slow and not wrong.
"""

from __future__ import annotations

import base64
import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux"),
]

Options = tuple[tuple[str, str], ...]

CONFIGURATIONS: dict[str, Options] = {
    "empty": (),
    "set-clipboard on": (("set-clipboard", "on"),),
    "allow-passthrough on": (("allow-passthrough", "on"),),
    "both on": (("set-clipboard", "on"), ("allow-passthrough", "on")),
    "set-clipboard off": (("set-clipboard", "off"),),
}
SAID = re.compile(r"(op:\d+)  sent to the terminal \((\d+) bytes\)")
SECONDS = 30.0
"""How long anything may take on a busy machine."""


class Outer:
    """A terminal in which tmux runs, in which the screen runs."""

    def __init__(self, folder: Path, path: str) -> None:
        self._socket = str(folder / "tmux")
        lead = folder / "lead"
        os.mkfifo(lead)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environ = {
            "PATH": path, "TERM": "xterm-256color", "LANG": "C.UTF-8", "SSH_TTY": "/dev/pts/0",
            "PYTHONPATH": os.pathsep.join(sys.path), "SHELL": "/bin/sh", "TICKS": os.devnull,
        }  # fmt: skip
        inside = f"exec {sys.executable} -m tests.ui.pty_app 9 ansi 9<>{lead}"
        command = [str(shutil.which("tmux")), "-S", self._socket, "-f", os.devnull, "new-session", inside]
        self._client = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True
        )
        os.close(slave)
        self.sent = b""
        self._copied = ""

    def end(self) -> None:
        self.tell("kill-server")
        self._client.wait(SECONDS)
        os.close(self._master)

    def tell(self, *words: str) -> str:
        """Run a command of tmux and return what it says."""
        command = [str(shutil.which("tmux")), "-S", self._socket, *words]
        return subprocess.run(command, capture_output=True, timeout=SECONDS).stdout.decode()

    def configure(self, options: Options) -> None:
        """Take these options, and what is usual for the others."""
        self.tell("set-option", "-su", "set-clipboard")
        self.tell("set-option", "-gu", "allow-passthrough")
        for name, value in options:
            self.tell("set-option", "-s" if name == "set-clipboard" else "-g", name, value)

    def until_shown(self, text: str) -> None:
        """Wait until the screen inside shows a text."""
        until = time.monotonic() + SECONDS
        while text not in (shown := self.tell("capture-pane", "-p")):
            assert time.monotonic() < until, f"{text!r} is not shown:\n{shown}"
            self.read(0.05)

    def read(self, seconds: float) -> None:
        """Take what comes to the outer terminal within so many seconds."""
        while select.select([self._master], [], [], seconds)[0]:
            self.sent += os.read(self._master, 65536)

    def copy(self) -> str:
        """Go one row down, copy the key that is there, and return what the screen says was copied."""
        self.sent = b""
        self.tell("send-keys", "j", "y")
        until = time.monotonic() + SECONDS
        while (found := SAID.search(self.tell("capture-pane", "-p"))) is None or found[1] == self._copied:
            assert time.monotonic() < until, f"nothing is said:\n{self.tell('capture-pane', '-p')}"
            self.read(0.05)
        self._copied = found[1]
        assert int(found[2]) == len(self._copied)
        return self._copied

    def takes(self, text: str, seconds: float) -> bool:
        """Tell whether a text comes to the outer terminal's clipboard within so many seconds."""
        code = re.compile(rb"\x1b\]52;[^;]*;" + base64.b64encode(text.encode()))
        until = time.monotonic() + seconds
        while not code.search(self.sent) and time.monotonic() < until:
            self.read(0.05)
        return code.search(self.sent) is not None


@contextmanager
def opened(folder: Path, path: str) -> Iterator[Outer]:
    outer = Outer(folder, path)
    try:
        outer.until_shown("price list")
        yield outer
    finally:
        outer.end()


@pytest.fixture(scope="module")
def outer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outer]:
    with opened(tmp_path_factory.mktemp("tmux"), os.environ["PATH"]) as running:
        yield running


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outer]:
    """A terminal in which the screen finds a tmux that knows no `load-buffer -w`."""
    folder = tmp_path_factory.mktemp("older")
    (folder / "tmux-of-old").mkdir()
    program = folder / "tmux-of-old" / "tmux"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    with opened(folder, f"{program.parent}:{os.environ['PATH']}") as running:
        yield running


@pytest.mark.parametrize("options", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_copied_text_arrives_in_the_outer_terminal(outer: Outer, options: Options) -> None:
    outer.configure(options)
    assert outer.takes(outer.copy(), SECONDS)


@pytest.mark.parametrize("options", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_with_an_older_tmux_it_arrives_where_codes_are_let_through(older: Outer, options: Options) -> None:
    """And what is said is the same, as nobody can know."""
    older.configure(options)
    passed = ("set-clipboard", "on") in options or ("allow-passthrough", "on") in options
    assert older.takes(older.copy(), SECONDS if passed else 0.3) == passed
