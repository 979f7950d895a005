"""The real program on a pseudo-terminal."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence


class Pseudo:
    """A running program, what it has written so far, and its keyboard."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self.master = master
        self.written = b""

    def until(self, *texts: str, seconds: float = 30.0) -> float:
        """Read until each text has been written at some time; return the seconds it took."""
        began = time.monotonic()
        wanted = [text.encode() for text in texts]
        while not all(text in self.written for text in wanted):
            left = began + seconds - time.monotonic()
            assert left > 0, f"{texts} did not come; the end of what did: {self.written[-2000:]!r}"
            self._take(left)
        return time.monotonic() - began

    def until_set(self, event: threading.Event, seconds: float = 30.0) -> None:
        """Read, as a terminal does, until the event is set."""
        until = time.monotonic() + seconds
        while not event.is_set():
            assert time.monotonic() < until, "the event was not set"
            self._take(0.05)

    def press(self, keys: str) -> None:
        """Type; what was written before does not count for the next `until`."""
        self.written = b""
        os.write(self.master, keys.encode())

    def ended(self, seconds: float) -> int:
        """Return the exit code, reading what is written on the way; fails if it takes longer."""
        until = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < until, "the program did not end in time"
            self._take(0.05)
        while self._take(0.2):
            pass
        return self.process.returncode

    def _take(self, seconds: float) -> bool:
        """Read what there is, waiting so long for it; tell whether anything came."""
        if not select.select([self.master], [], [], max(0.0, seconds))[0]:
            return False
        try:
            piece = os.read(self.master, 65536)
        except OSError:  # the program has closed its side
            return False
        self.written += piece
        return bool(piece)


@contextlib.contextmanager
def pseudo(
    words: Sequence[str], env: Mapping[str, str], *, columns: int = 120, lines: int = 40
) -> Iterator[Pseudo]:
    """Run `python -m wbtui` with these words on a terminal of its own."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "wbtui", *words],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=dict(env),
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Pseudo(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)
