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
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from tests.forked import ROOT, Forked, start, suits
from tests.slowness import is_working, patience

QUIET = 0.45
"""Seconds without a byte after which the program is taken to have finished drawing."""
TAKEN = 0.03
"""Seconds between two looks at whether it works."""


PROGRAM = "tests.tui.pty_app"


class Terminal:
    """Runs a module, `tests.tui.pty_app` unless told, on a terminal of the given size."""

    def __init__(
        self,
        columns: int = 120,
        lines: int = 40,
        theme: str = "dark",
        environ: Mapping[str, str] | None = None,
        module: str = PROGRAM,
    ) -> None:
        self._module = module
        self._size = (lines, columns)
        self._theme = theme
        self._environ = dict(environ or {})
        self._ticks = Path(tempfile.mkstemp(prefix="wbtui-ticks-")[1])

    def __enter__(self) -> Terminal:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *self._size, 0, 0))
        lead, self._lead = os.pipe()
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        environ = {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONUTF8": "1",
            "TICKS": str(self._ticks),
            **kept,
            **self._environ,
        }
        self.process = self._start(slave, lead, environ)
        os.close(slave)
        os.close(lead)
        return self

    def _start(self, slave: int, lead: int, environ: Mapping[str, str]) -> subprocess.Popen[bytes] | Forked:
        words = [str(lead), self._theme]
        if self._module == PROGRAM and suits(environ):
            return start(
                PROGRAM,
                words,
                environ,
                (slave, slave, slave),
                pass_fds=(lead,),
                new_session=True,
                folder=ROOT,
            )
        return subprocess.Popen(
            (sys.executable, "-m", self._module, *words),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            pass_fds=(lead,),
            env=environ,
            start_new_session=True,
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(patience(10))
        self.hang_up()
        os.close(self._lead)
        self._ticks.unlink()

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size and tell the program, as a terminal does."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def hang_up(self) -> None:
        """Take the terminal away; no signal tells the program, since it is not its controlling one."""
        with contextlib.suppress(OSError):  # taken away already
            os.close(self._master)

    def flood(self) -> None:
        """Have everything changed twenty times a second, and do not read what is written."""
        os.write(self._lead, b"f")

    def ticks(self) -> int:
        """Return how often it has changed by now."""
        return self._noted()[0]

    def busy(self) -> int:
        """Return the second figure of what was noted."""
        return self._noted()[1]

    def _noted(self) -> tuple[int, int]:
        first, second, *_ = [int(part) for part in self._ticks.read_text(encoding="ascii").split()] + [0, 0]
        return first, second

    def until(self, text: bytes, seconds: float = 20.0) -> bytes:
        """Read until the text has come, then until it is quiet."""
        found = b""
        while text not in found:
            piece = self._piece(patience(seconds))
            assert piece, f"{text!r} did not come; got {found[-400:]!r}"
            found += piece
        return found + self.rest()

    def rest(self, seconds: float = QUIET) -> bytes:
        """Read until nothing comes for so many seconds in which the program waits.

        While it works, or waits for a processor that others use, it may still have something to write.
        """
        found = b""
        waited = 0.0
        while waited < seconds:
            if piece := self._piece(TAKEN):
                found += piece
                waited = 0.0
            elif self.process.poll() is not None:
                return found
            elif not is_working(self.process.pid):
                waited += TAKEN
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

    def glimpse(self, text: bytes, seconds: float = 20.0) -> None:
        """Read until the text has come, and no further."""
        found = b""
        while text not in found:
            piece = self._piece(patience(seconds))
            assert piece, f"{text!r} did not come"
            found += piece

    def wait_for_silence(self, quiet: float, seconds: float) -> None:
        """Read until nothing has come for so long, at most so many seconds."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until and self._piece(quiet):
            pass

    def timed_first(self, act: Callable[[], object], seconds: float) -> float:
        """Return the seconds from an act to the end of the first frame that follows."""
        began = last = time.perf_counter()
        act()
        wait = seconds
        while self._piece(wait):
            last = time.perf_counter()
            wait = 0.02
        return last - began

    def first_frame(self, keys: bytes) -> int:
        """Type, and return the bytes of the first frame; what follows later is read and not counted."""
        sent = self.press(keys)
        return len(sent.split(b"\x1b[?2026l")[0]) + len(b"\x1b[?2026l")

    def type(self, keys: bytes) -> None:
        """Type, and do not wait."""
        os.write(self._master, keys)

    def tell(self, letter: bytes) -> None:
        """Make the program do something, and do not wait."""
        os.write(self._lead, letter)

    def lead(self, letter: bytes) -> bytes:
        """Make the program do something, and return what it writes."""
        os.write(self._lead, letter)
        return self.rest()
