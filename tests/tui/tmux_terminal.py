"""A real tmux on a pseudo-terminal, with the screen in it, in 80 columns and 24 lines."""

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

from tests.slowness import patience

Options = tuple[tuple[str, str], ...]
"""Names and values of tmux options."""

SAID = re.compile(r"(op:\d+)  sent to the terminal \((\d+) bytes\)")
SECONDS = 30.0
"""How long anything may take on a quiet machine."""


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
        inside = f"exec {sys.executable} -m tests.tui.pty_app 9 ansi 9<>{lead}"
        command = [str(shutil.which("tmux")), "-S", self._socket, "-f", os.devnull, "new-session", inside]
        self._client = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True
        )
        os.close(slave)
        self.sent = b""
        self._copied = ""

    def end(self) -> None:
        self.tell("kill-server")
        self._client.wait(patience(SECONDS))
        os.close(self._master)

    def tell(self, *words: str) -> str:
        """Run a command of tmux and return what it says."""
        command = [str(shutil.which("tmux")), "-S", self._socket, *words]
        return subprocess.run(command, capture_output=True, timeout=patience(SECONDS)).stdout.decode()

    def configure(self, options: Options) -> None:
        """Take these options, and what is usual for the others."""
        self.tell("set-option", "-su", "set-clipboard")
        self.tell("set-option", "-gu", "allow-passthrough")
        for name, value in options:
            self.tell("set-option", "-s" if name == "set-clipboard" else "-g", name, value)

    def picture(self) -> str:
        """Return what the screen inside shows."""
        return self.tell("capture-pane", "-p")

    def press(self, keys: str) -> None:
        """Press keys by the names that tmux has for them, with blanks between."""
        if keys:
            self.tell("send-keys", *keys.split())

    def until_shown(self, pattern: str) -> None:
        """Wait until the screen inside shows something."""
        until = time.monotonic() + patience(SECONDS)
        while not re.search(pattern, shown := self.picture(), re.MULTILINE):
            assert time.monotonic() < until, f"{pattern!r} is not shown:\n{shown}"
            self.read(0.02)

    def until_over(self) -> None:
        """Wait until the program inside has ended, and tmux with it."""
        until = time.monotonic() + patience(SECONDS)
        while self._client.poll() is None:
            assert time.monotonic() < until, f"it goes on:\n{self.picture()}"
            self.read(0.02)

    def read(self, seconds: float) -> None:
        """Take what comes to the outer terminal within so many seconds."""
        while select.select([self._master], [], [], seconds)[0]:
            try:
                self.sent += os.read(self._master, 65536)
            except OSError:  # the other side is closed
                return

    def copy(self) -> str:
        """Go one row down, copy the key that is there, and return what the screen says was copied."""
        self.sent = b""
        self.tell("send-keys", "j", "y")
        until = time.monotonic() + patience(SECONDS)
        while (found := SAID.search(self.picture())) is None or found[1] == self._copied:
            assert time.monotonic() < until, f"nothing is said:\n{self.picture()}"
            self.read(0.05)
        self._copied = found[1]
        assert int(found[2]) == len(self._copied)
        return self._copied

    def takes(self, text: str, seconds: float) -> bool:
        """Return whether a text comes to the outer terminal's clipboard within so many seconds."""
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
