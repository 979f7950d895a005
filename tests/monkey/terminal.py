"""The real program on a terminal of its own: what it shows, what it left switched on, whether it is busy."""

from __future__ import annotations

import array
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.cli.pseudo import Picture

# A terminal of which the program is in control, as that of a shell: its keys make signals until it is raw.
# Whatever a shell in the background has its children ignore, here each signal counts.
LAUNCH: Final = (
    "import fcntl, runpy, signal, sys, termios; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "signal.signal(signal.SIGHUP, signal.SIG_DFL);"  # which nohup leaves ignored
    " signal.signal(signal.SIGQUIT, signal.SIG_DFL);"
    " fcntl.ioctl(0, termios.TIOCSCTTY, 0); sys.argv[0] = 'wbtui';"
    " runpy.run_module('wbtui', run_name='__main__', alter_sys=True)"
)
QUIET: Final = 0.012
"""Seconds without a byte and without work after which the program is taken to have finished."""
PATIENCE: Final = 15.0
"""Seconds within which keys are read, and the end comes."""
_MODE: Final = re.compile(rb"\x1b\[\?([\d;]+)([hl])|\x1b\[([<>])[\d;]*u")
LEFT_ON: Final = ("25",)
"""Modes that are on before and after: the cursor is seen."""


class Deaf(Exception):
    """The program does not take what is typed."""


class Program:
    """`wbtui` with these words; the terminal is closed by `close`."""

    def __init__(self, env: Mapping[str, str], size: tuple[int, int], *words: str) -> None:
        self._master, self._slave = pty.openpty()
        self._resize(size)
        self._before = termios.tcgetattr(self._slave)
        self._modes: dict[str, bool] = {"25": True}
        self._pushed = 0
        self._tail = b""
        self.written = b""
        """The last of what was written."""
        self.size = size
        self.picture = Picture(size[1], size[0])
        command = [sys.executable, "-c", LAUNCH, *words]
        self.process = subprocess.Popen(
            command,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=dict(env),
            start_new_session=True,
        )
        os.set_blocking(self._master, False)

    def close(self) -> None:
        """End it in any case."""
        self.process.kill()
        self.process.wait()
        os.close(self._master)
        os.close(self._slave)

    # -- what a hand does -------------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Type; raises `Deaf` if nobody reads it."""
        until = time.monotonic() + PATIENCE
        while data and self.process.poll() is None:
            if time.monotonic() > until:
                raise Deaf("what is typed is not read any more")
            try:
                data = data[os.write(self._master, data) :]
            except BlockingIOError:
                self._go_on()
                self.pump(0.01)

    def resize(self, size: tuple[int, int]) -> None:
        """Give the terminal another size, and tell the program even if it is the one that it had."""
        if size != self.size:
            self.size = size
            self.picture = Picture(size[1], size[0])
        self._resize(size)
        self.process.send_signal(signal.SIGWINCH)

    def _resize(self, size: tuple[int, int]) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    # -- what an eye sees -------------------------------------------------------------------------------

    def pump(self, seconds: float) -> bool:
        """Read what there is, waiting so long for it; return whether anything came."""
        came = False
        while select.select([self._master], [], [], 0.0 if came else seconds)[0]:
            piece = os.read(self._master, 65536)
            self._take(piece)
            came = True
        return came

    def _take(self, piece: bytes) -> None:
        self.written = (self.written + piece)[-200_000:]
        self.picture.feed(piece)
        text = self._tail + piece
        for found in _MODE.finditer(text):
            if found[3]:
                self._pushed = max(0, self._pushed + (1 if found[3] == b">" else -1))
            else:
                for number in found[1].decode().split(";"):
                    self._modes[number] = found[2] == b"h"
        last = text.rfind(b"\x1b")
        self._tail = (
            text[last:] if last >= 0 and len(text) - last < 16 and not _MODE.match(text, last) else b""
        )

    def still(self, seconds: float = 2.0) -> bool:
        """Wait until it has read everything and rests; return whether it did within this time."""
        until = time.monotonic() + seconds
        rested = 0
        while rested < 2 and self.process.poll() is None:
            if time.monotonic() > until:
                return False
            self._go_on()
            came = self.pump(QUIET)
            rested = 0 if came or self._unread() or self._busy() else rested + 1
        return True

    def wait(self, seconds: float) -> None:
        """Let so much time go by, reading what is written."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.pump(left)

    @property
    def taken(self) -> bool:
        """Return whether it has the terminal: else ctrl+c is a signal."""
        return self._modes.get("1049", False)

    def stands(self) -> None:
        """Wait until it has taken the terminal, and rests."""
        until = time.monotonic() + PATIENCE
        while not self.taken and self.process.poll() is None and time.monotonic() < until:
            self._go_on()
            self.pump(0.02)
        self.still()

    def until(self, text: str, seconds: float = PATIENCE) -> bool:
        """Wait until a text is to be seen; return whether it came."""
        until = time.monotonic() + seconds
        while text not in self.picture.text():
            if time.monotonic() > until or self.process.poll() is not None:
                return False
            self.pump(0.02)
        return True

    def _unread(self) -> bool:
        count = array.array("i", [0])
        fcntl.ioctl(self._slave, termios.FIONREAD, count)
        return count[0] > 0

    def _busy(self) -> bool:
        """Return whether any of its threads works, or waits for the processor."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/stat")
        return any(_state(thread) in "RD" for thread in threads)

    def _go_on(self) -> None:
        """Do as a shell does with a program that has stopped itself: let it go on."""
        if _state(Path(f"/proc/{self.process.pid}/stat")) == "T":
            self.process.send_signal(signal.SIGCONT)

    # -- the end ----------------------------------------------------------------------------------------

    def ended(self, seconds: float = PATIENCE) -> int | None:
        """Return the exit code, reading what is written on the way; None if it goes on after this time."""
        until = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > until:
                return None
            self._go_on()
            self.pump(0.02)
        while self.pump(0.0):
            pass
        return self.process.returncode

    def stand(self) -> str:
        """End it and return where each of its threads stands."""
        self._go_on()
        self.written = b""
        self.process.send_signal(signal.SIGABRT)
        self.ended(5.0)
        return self.written.decode("utf-8", "replace")

    def left_behind(self) -> list[str]:
        """Return in words what of the terminal is not as it was before."""
        found = [
            f"mode {mode} is {'on' if on else 'off'}"
            for mode, on in self._modes.items()
            if on != (mode in LEFT_ON)
        ]
        found = [each for each in found if each != "mode 7 is on"]  # that is how terminals begin
        if self._pushed:
            found.append("the keyboard protocol was not given back")
        if termios.tcgetattr(self._slave) != self._before:
            found.append("the line discipline is another one")
        return found


def _state(stat: Path) -> str:
    """Return the letter of a process or a thread, by what the kernel says."""
    try:
        return stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return "?"  # no such file system here, or it has ended
