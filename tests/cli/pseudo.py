"""The real program on a pseudo-terminal."""

from __future__ import annotations

import codecs
import contextlib
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
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from rich.cells import cell_len

from tests import forked
from tests.forked import Forked, suits
from tests.slowness import patience

_PIECE = re.compile(
    r"\x1b\[(\d+);(\d+)H"  # a place
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # looks and modes
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles and the like
    r"|\x1b[^\[\]]|[\r\n]|[^\x1b\r\n]+"
)


Process = subprocess.Popen[bytes] | Forked


class Picture:
    """What the terminal shows: the program writes changed cells only, so that no text comes in one piece."""

    def __init__(self, lines: int, columns: int) -> None:
        self.rows = [[" "] * columns for _ in range(lines)]
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._at = (0, 0)

    def feed(self, piece: bytes) -> None:
        text = self._rest + self._decoder.decode(piece)
        last = text.rfind("\x1b")
        whole = last < 0 or _PIECE.match(text, last) is not None
        self._rest = "" if whole else text[last:]
        for found in _PIECE.finditer(text if whole else text[:last]):
            self._take(found)

    def _take(self, found: re.Match[str]) -> None:
        if found[1]:
            self._at = (int(found[1]) - 1, int(found[2]) - 1)
        elif found[0] in "\r\n":
            self._at = (self._at[0] + (found[0] == "\n"), 0)
        elif found[0].startswith("\x1b"):
            return
        elif found[0].isascii() and found[0].isprintable():
            self._put_narrow(found[0])
        else:
            for character in found[0]:
                self._put(character)

    def _put_narrow(self, text: str) -> None:
        """Put characters of one cell each, all at once."""
        row, column = self._at
        if row < len(self.rows):
            room = max(0, len(self.rows[row]) - column)
            self.rows[row][column : column + len(text)] = text[:room]
        self._at = (row, column + len(text))

    def _put(self, character: str) -> None:
        row, column = self._at
        if row < len(self.rows) and column < len(self.rows[row]):
            self.rows[row][column] = character
            for blank in range(column + 1, min(column + cell_len(character), len(self.rows[row]))):
                self.rows[row][blank] = ""
        self._at = (row, column + cell_len(character))

    def clear(self) -> None:
        """Forget what stood there, as a shell that was used meanwhile makes one."""
        self.rows = [[" "] * len(row) for row in self.rows]

    def text(self) -> str:
        return "\n".join("".join(row) for row in self.rows)


class Pseudo:
    """A running program, what it has written so far, and its keyboard.

    All seconds that something may take are those of a quiet machine.
    """

    def __init__(self, process: Process, master: int, picture: Picture) -> None:
        self.process = process
        self.master = master
        self.picture = picture
        self.written = b""

    def until(self, *texts: str, seconds: float = 60.0) -> float:
        """Read until each text stands on the screen, or was written; return the seconds it took."""
        began = time.monotonic()
        missing = list(texts)
        while missing := [text for text in missing if not self._there(text)]:
            left = began + patience(seconds) - time.monotonic()
            assert left > 0, f"{missing} did not come:\n{self.picture.text()}"
            self._take(left)
        return time.monotonic() - began

    def until_asked(self, question: str, seconds: float = 60.0) -> None:
        """Read until this came after the last key: what stands on the screen from before does not count."""
        self.until_true(lambda: question.encode() in self.written, seconds)

    def _there(self, text: str) -> bool:
        return text in self.picture.text() or text.encode() in self.written

    def until_set(self, event: threading.Event, seconds: float = 60.0) -> None:
        """Read, as a terminal does, until the event is set."""
        self.until_true(event.is_set, seconds)

    def until_true(self, holds: Callable[[], bool], seconds: float = 60.0) -> None:
        """Read, as a terminal does, until something holds."""
        began = time.monotonic()
        while not holds():
            assert time.monotonic() - began < patience(seconds), f"not true:\n{self.picture.text()}"
            self._take(0.05)

    def press(self, keys: str) -> None:
        """Type; what was written before does not count for the next `until`."""
        self.written = b""
        os.write(self.master, keys.encode())

    def type(self, keys: str) -> None:
        """Type, and go on with what has been written so far."""
        os.write(self.master, keys.encode())

    def read(self, seconds: float) -> None:
        """Read for so long, as a terminal does."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self.process.poll() is not None:
                return
            self._take(left)

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size and tell the program, as a terminal does; read what is there."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.picture = Picture(lines, columns)
        os.kill(self.process.pid, signal.SIGWINCH)
        self._take(0.0)

    def hang_up(self) -> None:
        """Take the terminal away; no signal tells the program, since it is not its controlling one."""
        os.close(self.master)
        self.master = -1

    def ended(self, seconds: float) -> int:
        """Return the exit code, reading what is written on the way; fails if it takes longer."""
        began = time.monotonic()
        while (code := self.process.poll()) is None:
            assert time.monotonic() - began < patience(seconds), "the program did not end in time"
            self._take(0.05)
        while self._take(0.2):
            pass
        return code

    def _take(self, seconds: float) -> bool:
        """Read what there is, waiting so long for it; tell whether anything came."""
        if not select.select([self.master], [], [], max(0.0, seconds))[0]:
            return False
        try:
            piece = os.read(self.master, 65536)
        except OSError:  # the program has closed its side
            return False
        self.written += piece
        self.picture.feed(piece)
        return bool(piece)


@contextlib.contextmanager
def pseudo(
    words: Sequence[str],
    env: Mapping[str, str],
    *,
    columns: int = 120,
    lines: int = 40,
    hang_ups: bool = True,
    loaded: bool = True,
) -> Iterator[Pseudo]:
    """Run `python -m wbtui` with these words on a terminal of its own.

    Without `hang_ups` it is started as `nohup` does, with SIGHUP ignored; without `loaded` it is still to be
    loaded by an interpreter of its own, as for a user: for tests of what happens meanwhile.
    """
    if loaded and hang_ups and suits(env):
        with _on_terminal(partial(_fork, words, env), columns, lines) as program:
            yield program
        return
    ignoring = () if hang_ups else ("/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "sh")
    command = [*ignoring, sys.executable, "-m", "wbtui", *words]
    with pseudo_command(command, env, columns=columns, lines=lines) as program:
        yield program


@contextlib.contextmanager
def pseudo_command(
    command: Sequence[str],
    env: Mapping[str, str],
    *,
    folder: Path | None = None,
    columns: int = 120,
    lines: int = 40,
) -> Iterator[Pseudo]:
    """Run a command on a terminal of its own."""

    def start(slave: int) -> Process:
        return subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(env),
            cwd=folder,
            start_new_session=True,
        )

    with _on_terminal(start, columns, lines) as program:
        yield program


def _fork(words: Sequence[str], env: Mapping[str, str], slave: int) -> Process:
    return forked.start("wbtui", words, env, (slave, slave, slave), new_session=True)


@contextlib.contextmanager
def _on_terminal(start: Callable[[int], Process], columns: int, lines: int) -> Iterator[Pseudo]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    process = start(slave)
    os.close(slave)
    program = Pseudo(process, master, Picture(lines, columns))
    try:
        yield program
    finally:
        process.kill()
        process.wait()
        if program.master >= 0:
            os.close(program.master)
