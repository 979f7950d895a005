"""From the start of the process to the rows: `wbtui` itself, on what it stored, beside a bare Textual app.

Both are started in turn. The rows of wbtui are 34 operations of its state file; services answer over HTTP.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from tests.benchmarks.result import Result
from tests.benchmarks.running import Home, cpu_seconds, home
from tests.benchmarks.services import STILL
from tests.cli.pseudo import Pseudo, pseudo_command

RIVAL: Final = (sys.executable, "-m", "tests.benchmarks.bare_app", "0", "dark")
OURS: Final = (sys.executable, "-m", "wbtui")
LABEL: Final = "autumn campaign"
ROW: Final = {OURS: LABEL.encode(), RIVAL: b"file 29.docx"}
"""What stands in the rows of each."""
QUIET: Final = "Beebox 240", "Instant 30", "beebox ok", "instant ok", "operations ok"
"""What stands on the screen once every service has answered."""
STARTS: Final = 11
LINE_BYTES, LINE_DELAY = 50_000, 0.3
"""Bytes a second and seconds to and fro of a slow line."""
ASKED, ANSWER = b"\x1b[?2026$p", "\x1b[?2026;2$y"
"""What Textual asks a terminal, and what most of them answer."""
FRAME = b"\x1b[?2026h"
PLAIN: Final = "import argparse, json, sqlite3"
COMMANDS = (("config", "path"), ("track", "5001"), ("status", "--json"))


@dataclass(frozen=True)
class Start:
    """One start until the rows are on the terminal: seconds of the wall and of the processor, bytes."""

    wall: float
    cpu: float
    to_rows: int
    frames: int
    """How often the screen was drawn until then."""


def start(command: tuple[str, ...], env: Mapping[str, str]) -> Start:
    """Start a program and read until its rows have come."""
    began = time.monotonic()
    with pseudo_command(command, env) as program:
        while ROW[command] not in program.written:
            _take(program)
        wall, cpu = time.monotonic() - began, cpu_seconds(program.process.pid)
        return Start(wall, cpu, len(program.written), program.written.count(FRAME))


def _take(program: Pseudo) -> bytes:
    """Read a piece, and answer as most terminals do; fails if nothing comes."""
    before = len(program.written)
    program.until_true(lambda: len(program.written) > before, 20.0)
    piece = program.written[before:]
    if ASKED in piece:
        program.type(ANSWER)
    return piece


def written(env: Mapping[str, str]) -> int:
    """Return the bytes that wbtui writes until all services have answered, and it is quiet."""
    with pseudo_command(OURS, env) as program:
        while not all(words in program.picture.text() for words in QUIET):
            _take(program)
        program.read(1.0)
        return len(program.written)


def written_by_rival(env: Mapping[str, str]) -> int:
    """Return the bytes that the rival writes until it is quiet."""
    with pseudo_command(RIVAL, env) as program:
        while ROW[RIVAL] not in program.written:
            _take(program)
        program.read(1.0)
        return len(program.written)


def over_slow_line(command: tuple[str, ...], env: Mapping[str, str]) -> float:
    """Return the seconds until the rows have come over a slow line, which holds up what is written, too."""
    began = free = time.monotonic()
    with pseudo_command(command, env) as program:
        while ROW[command] not in program.written:
            piece = _take(program)
            free = max(free, time.monotonic()) + len(piece) / LINE_BYTES
            time.sleep(max(0.0, free - time.monotonic()))
    return free + LINE_DELAY - began


def results(quick: bool) -> Iterator[Result]:
    """Yield the figures of a start."""
    with home(**STILL, operations=34) as user:
        user.track("--label", LABEL)
        env = user.environment()
        written(env)  # what the services say is stored
        times = 3 if quick else STARTS
        pairs = [(start(OURS, env), start(RIVAL, env)) for _ in range(times)]
        yield from _compared(pairs)
        yield Result("start: bytes until quiet", "B", written(env), written_by_rival(env), "<= rival")
        slow = [(over_slow_line(OURS, env), over_slow_line(RIVAL, env)) for _ in range(3)]
        ours, rival = (median(each) * 1000 for each in zip(*slow, strict=True))
        yield Result("start: rows, at 50 kB/s and 300 ms", "ms", ours, rival, "<= 900 ms")
        yield from _commands(user, times)


def _compared(pairs: Sequence[tuple[Start, Start]]) -> Iterator[Result]:
    def both(what: str, unit: str, get: Callable[[Start], float], bar: str) -> Result:
        ours, rival = (median(map(get, side)) for side in zip(*pairs, strict=True))
        return Result(f"start: {what}", unit, ours, rival, bar)

    yield both("first row", "ms", lambda each: each.wall * 1000, "<= 1.15 x rival")
    yield both("processor to the first row", "ms", lambda each: each.cpu * 1000, "<= 1.15 x rival")
    yield both("bytes to the first row", "B", lambda each: each.to_rows, "")
    yield both("frames to the first row", "", lambda each: each.frames, "1")


def _commands(user: Home, times: int) -> Iterator[Result]:
    for words in COMMANDS:
        ours = [_ended((sys.executable, "-m", "wbtui", *words), user.environment()) for _ in range(times)]
        rival = [_ended((sys.executable, "-c", PLAIN), {}) for _ in range(times)]
        name = f"processor of `wbtui {' '.join(words)}`"
        yield Result(
            name, "ms", median(ours), median(rival), "", "python -c 'import argparse, json, sqlite3'"
        )


def _ended(command: Sequence[str], env: Mapping[str, str]) -> float:
    """Return the ms of the processor that a command took."""
    process = subprocess.Popen(command, env=dict(env), stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return (used.ru_utime + used.ru_stime) * 1000
