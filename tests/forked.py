"""Starts the program as a fork of a process that has loaded it: a start costs no second of imports.

A fork is a process of its own in everything else: number, session, terminal, standard streams, environment,
folder, signals, exit code. What is measured or watched while the program is still being loaded, and what is
seen of a process from outside (`/proc/PID/cmdline`), needs a `subprocess.Popen`.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from tests.slowness import patience

READ_AT_THE_START = ("LANG", "LC_", "PYTHON")
"""Beginnings of the variables that an interpreter reads before the program."""
READ_LATER = ("PYTHON_KEYRING_BACKEND",)
MOST = 65536
"""Bytes of a message, and of what a pipe holds."""
ROOT = Path(__file__).parent.parent


class Forked:
    """A running program with the members of `subprocess.Popen` that tests use."""

    def __init__(self, words: Sequence[str], report: socket.socket) -> None:
        self.args = list(words)
        self.returncode: int | None = None
        self._report = report
        self._lock = threading.Lock()
        self.pid = int(_line(report))

    def poll(self) -> int | None:
        """Return the exit code, the number of a signal below zero, or None while it runs."""
        with self._lock:
            if self.returncode is None and select.select([self._report], [], [], 0)[0]:
                self.returncode = int(_line(self._report))
                self._report.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; `subprocess.TimeoutExpired` after so many seconds of a quiet machine."""
        until = None if timeout is None else time.monotonic() + patience(timeout)
        while (code := self.poll()) is None:
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            select.select([self._report], [], [], left)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Piped(Forked):
    """A program with pipes from its output."""

    def __init__(
        self, words: Sequence[str], report: socket.socket, stdout: io.FileIO, stderr: io.FileIO
    ) -> None:
        super().__init__(words, report)
        self.stdout = stdout
        self.stderr = stderr

    def read_all(self, timeout: float) -> tuple[bytes, bytes]:
        """Read both until they are closed, at most so many seconds of a quiet machine."""
        until = time.monotonic() + patience(timeout)
        found = {self.stdout: b"", self.stderr: b""}
        missing = set(found)
        while missing:
            ready = select.select(list(missing), [], [], max(0.0, until - time.monotonic()))[0]
            if not ready:
                raise subprocess.TimeoutExpired(self.args, timeout, *found.values())
            for stream in ready:
                piece = os.read(stream.fileno(), MOST)
                found[stream] += piece
                if not piece:
                    missing.discard(stream)
        return found[self.stdout], found[self.stderr]


def suits(env: Mapping[str, str]) -> bool:
    """Tell whether an interpreter that was started before would be like one started with these variables."""
    return all(
        os.environ.get(name) == value or name == "PYTHONUTF8"
        for name, value in env.items()
        if _at_start(name)
    )


def start(
    module: str,
    words: Sequence[str],
    env: Mapping[str, str],
    streams: tuple[int, int, int],
    *,
    folder: Path | None = None,
    pass_fds: Sequence[int] = (),
    new_session: bool = False,
) -> Forked:
    """Start `python -m MODULE WORDS` with these standard streams; the caller closes its own ends."""
    folder = folder or Path.cwd()
    return Forked([module, *words], _ask(module, words, env, [*streams], folder, pass_fds, new_session))


def _ask(
    module: str,
    words: Sequence[str],
    env: Mapping[str, str],
    streams: Sequence[int],
    folder: Path,
    pass_fds: Sequence[int] = (),
    new_session: bool = False,
) -> socket.socket:
    """Have a program started; return where its number and, at its end, its exit code come from."""
    ours, theirs = socket.socketpair()
    wanted = {
        "module": module,
        "words": list(words),
        "env": dict(env),
        "folder": str(folder),
        "numbers": [0, 1, 2, *pass_fds],
        "new_session": new_session,
    }
    at_start = tuple(sorted(item for item in env.items() if _at_start(item[0])))
    with theirs, _loaded(module, at_start) as control:
        message = json.dumps(wanted).encode() + b"\n"
        socket.send_fds(control, [message], [theirs.fileno(), *streams, *pass_fds])
        select.select([ours], [], [])  # it is taken: another message may come
    return ours


def run(
    module: str, words: Sequence[str], env: Mapping[str, str], given: bytes, timeout: float
) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end, as `subprocess.run` does, with its output captured."""
    if not suits(env):
        command = [sys.executable, "-m", module, *words]
        return subprocess.run(
            command, env=env, input=given, capture_output=True, timeout=patience(timeout), check=False
        )
    with piped(module, words, env, given) as program:
        found = program.read_all(timeout)
        return subprocess.CompletedProcess(program.args, program.wait(timeout), *found)


@contextlib.contextmanager
def piped(module: str, words: Sequence[str], env: Mapping[str, str], given: bytes = b"") -> Iterator[Piped]:
    """Start a program whose input is given and whose output comes through pipes; it is killed at the end."""
    assert len(given) < MOST, "what it is given must fit into a pipe"
    stdin, feed = os.pipe()
    os.write(feed, given)
    os.close(feed)
    (read_out, out), (read_err, err) = os.pipe(), os.pipe()
    with open(read_out, "rb", 0) as stdout, open(read_err, "rb", 0) as stderr:
        report = _ask(module, words, env, (stdin, out, err), Path.cwd())
        program = Piped([module, *words], report, stdout, stderr)
        for number in (stdin, out, err):
            os.close(number)
        try:
            yield program
        finally:
            program.kill()
            program.wait()


def _line(sender: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        piece = sender.recv(1)
        assert piece, "the process that starts programs has ended"
        line += piece
    return line


def _at_start(name: str) -> bool:
    return name.startswith(READ_AT_THE_START) and name not in READ_LATER


class _Loaded:
    """The connection to a process that has loaded a module; used by one thread at a time."""

    def __init__(self, module: str, at_start: tuple[tuple[str, str], ...]) -> None:
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno()), module],
                env=kept | dict(at_start),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        atexit.register(self._end)

    def __enter__(self) -> socket.socket:
        self._lock.acquire()
        return self._control

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def _end(self) -> None:
        self._control.close()
        self._process.wait()


_loaded = functools.cache(_Loaded)


# From here on: the process that has loaded the program


@dataclass
class _Wanted:
    """What is to be started, with the descriptors that came along."""

    module: str
    words: list[str]
    env: dict[str, str]
    folder: str
    numbers: list[int]
    new_session: bool
    came: list[int]


def _serve(control: socket.socket) -> _Wanted:
    """Fork for each message until nobody is left to send one; returns in the forks only."""
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    reports: dict[int, int] = {}
    while True:
        ready = select.select([control.fileno(), woken], [], [])[0]
        if woken in ready:
            os.read(woken, MOST)
            _report_ended(reports)
        if control.fileno() not in ready:
            continue
        message, came, _, _ = socket.recv_fds(control, MOST, 16)
        if not message:
            _end(reports)
        while not message.endswith(b"\n"):
            message += control.recv(MOST)
        if not (pid := os.fork()):
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number in (came[0], woken, waker, control.detach(), *reports.values()):
                os.close(number)
            return _Wanted(**json.loads(message), came=came[1:])
        reports[pid] = came[0]
        os.write(came[0], b"%d\n" % pid)
        for number in came[1:]:
            os.close(number)


def _end(running: Iterable[int]) -> NoReturn:
    """End with all that still runs: a test that failed may have left it."""
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    os._exit(0)


def _report_ended(reports: dict[int, int]) -> None:
    while reports:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        report = reports.pop(pid)
        with contextlib.suppress(BrokenPipeError):  # nobody waits for this one any more
            os.write(report, b"%d\n" % os.waitstatus_to_exitcode(status))
        os.close(report)


def _become(wanted: _Wanted) -> NoReturn:
    """Be the program that is wanted, in a fork that holds nothing else."""
    if wanted.new_session:
        os.setsid()
    _take_streams(wanted)
    set_by_python = {name: value for name, value in os.environ.items() if name.startswith("LC_")}
    os.environ.clear()
    os.environ.update(set_by_python | wanted.env)
    time.tzset()
    os.chdir(wanted.folder)
    sys.path[0] = wanted.folder
    sys.argv = [wanted.module, *wanted.words]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.enable()
    if "COVERAGE_PROCESS_CONFIG" in wanted.env:
        importlib.import_module("coverage").process_startup(force=True)
    if wanted.module != "wbtui":  # it is loaded, and runs anew
        del sys.modules[wanted.module]
    runpy.run_module(wanted.module, run_name="__main__", alter_sys=True)
    sys.exit(0)


def _take_streams(wanted: _Wanted) -> None:
    """Put the descriptors where they are expected, close all others, and open the streams on them."""
    high = max(*wanted.numbers, *wanted.came) + 1
    moved = [_moved(number, high + place) for place, number in enumerate(wanted.came)]
    for number, target in zip(moved, wanted.numbers, strict=True):
        os.dup2(number, target)
    kept = sorted(wanted.numbers)
    for below, above in zip(kept, [*kept[1:], high + MOST], strict=True):
        os.closerange(below + 1, above)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        before: Any = getattr(sys, f"__{name}__")
        mode = "w" if number else "r"
        stream = open(number, mode, encoding=before.encoding, errors=before.errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.stderr.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def _moved(number: int, to: int) -> int:
    os.dup2(number, to)
    return to


def _load(module: str) -> None:
    """Import the module, and all that the program may come to import."""
    import wbtui

    for name in (module, "httpx", "coverage"):
        importlib.import_module(name)
    for found in pkgutil.walk_packages(wbtui.__path__, "wbtui."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)


if __name__ == "__main__":
    _load(sys.argv[2])
    gc.collect()
    gc.freeze()
    _become(_serve(socket.socket(fileno=int(sys.argv[1]))))
