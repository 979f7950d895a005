"""A pseudo-terminal that starts a program and counts what it writes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

QUIET = 0.45
"""Seconds without a byte after which the program is taken to have finished drawing."""


class Terminal:
    """Runs `python -m tests.ui.pty_app` on a terminal of the given size."""

    def __init__(
        self,
        columns: int = 120,
        lines: int = 40,
        theme: str = "dark",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._size = (lines, columns)
        self._theme = theme
        self._environ = dict(environ or {})
        self._ticks = Path(tempfile.mkstemp(prefix="wbtui-ticks-")[1])

    def __enter__(self) -> Terminal:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *self._size, 0, 0))
        lead, self._lead = os.pipe()
        command: Sequence[str] = (sys.executable, "-m", "tests.ui.pty_app", str(lead), self._theme)
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        environ = {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONUTF8": "1",
            "TICKS": str(self._ticks),
            **kept,
            **self._environ,
        }
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            pass_fds=(lead,),
            env=environ,
            start_new_session=True,
        )
        os.close(slave)
        os.close(lead)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self.hang_up()
        os.close(self._lead)
        self._ticks.unlink()

    def hang_up(self) -> None:
        """Take the terminal away; no signal tells the program, since it is not its controlling one."""
        with contextlib.suppress(OSError):  # taken away already
            os.close(self._master)

    def flood(self) -> None:
        """Have everything changed twenty times a second, and do not read what is written."""
        os.write(self._lead, b"f")

    def ticks(self) -> int:
        """Return how often it has changed by now."""
        return int(self._ticks.read_text(encoding="ascii") or "0")

    def until(self, text: bytes, seconds: float = 20.0) -> bytes:
        """Read until the text has come, then until it is quiet."""
        found = b""
        while text not in found:
            piece = self._piece(seconds)
            assert piece, f"{text!r} did not come; got {found[-400:]!r}"
            found += piece
        return found + self.rest()

    def rest(self, seconds: float = QUIET) -> bytes:
        """Read until nothing comes for so many seconds."""
        found = b""
        while piece := self._piece(seconds):
            found += piece
        return found

    def _piece(self, seconds: float) -> bytes:
        if not select.select([self._master], [], [], seconds)[0]:
            return b""
        try:
            piece = os.read(self._master, 65536)
        except OSError:  # the other side is closed
            return b""
        if b"\x1b[?2026$p" in piece:
            os.write(self._master, b"\x1b[?2026;2$y")
        return piece

    def press(self, keys: bytes) -> bytes:
        """Type, and return what is written in answer."""
        os.write(self._master, keys)
        return self.rest()

    def lead(self, letter: bytes) -> bytes:
        """Make the program do something, and return what it writes."""
        os.write(self._lead, letter)
        return self.rest()
