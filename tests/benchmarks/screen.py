"""The screen on hand-made snapshots against a bare Textual app with a `DataTable`, on pseudo-terminals.

120 columns, 40 lines, true colour. What the real program does over HTTP is measured by the other parts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from tests.benchmarks.result import Result
from tests.tui.pty_terminal import Terminal

OURS, RIVAL = "tests.tui.pty_app", "tests.benchmarks.bare_app"
KEYS = 30
WORDS = b"/words>900\r", b"s", b"S", b"!", b"!", b"m", b"s", b"J", b"J", b"m"
"""What is typed while data stream in: a filter, sorts, other forms."""
RESTS = 0.3
"""Seconds between two keys: the details follow 0.2 s after the first."""

FILLED = 60.0


@contextmanager
def started(module: str) -> Iterator[Terminal]:
    """A program that has drawn its first frame; ours on the Beebox tab."""
    with Terminal(module=module) as opened:
        opened.until(FIRST[module])
        if module == OURS:
            opened.press(b"2m")
        yield opened


FIRST = {OURS: b"price list", RIVAL: b"file 29.docx"}
"""What stands at the end of the table in the first frame."""


def sizes(module: str) -> dict[str, float]:
    """Return what goes over the line for each thing that happens."""
    with started(module) as opened:
        if module == OURS:
            opened.lead(b"b")
        idle = len(opened.rest(3.0))
        opened.lead(b"l")
        same = [len(opened.lead(b"l")) for _ in range(3)]
        opened.press(b"g")
        changed = [len(opened.lead(b"c")) for _ in range(3)]
        down = [opened.first_frame(b"\x1b[B") for _ in range(5)]
        tabs = [len(opened.press(key)) for key in (b"1", b"2", b"1", b"2")]
    return {
        "idle": idle,
        "same": median(same),
        "cell": median(changed),
        "down": median(down),
        "tab": median(tabs),
    }


def size_lines() -> list[Result]:
    ours, rival = sizes(OURS), sizes(RIVAL)
    names = {
        "idle": ("bytes in 3 s of idleness", "0"),
        "same": ("bytes of an unchanged refresh", "<= 150 B"),
        "cell": ("bytes of one changed cell", "<= 200 B"),
        "down": ("bytes of the table, cursor one row down", "<= 450 B"),
        "tab": ("bytes of a change of tab", "<= 2 full frames"),
    }
    return [Result(what, "B", ours[id], rival[id], bar) for id, (what, bar) in names.items()]


@dataclass(frozen=True)
class Large:
    """What was measured of a large table."""

    paint: float
    key: float
    worst: float
    memory: float
    blocked: float = 0.0
    busy: float = 0.0
    """The same in time of the processor: what other programs take away does not count."""


def large(module: str, letter: bytes, *, streaming: bool = False) -> Large:
    """Fill a large table, then press keys; times in ms, memory in MB."""
    with started(module) as opened:
        act = partial(opened.tell, letter)
        if module == OURS:
            act = partial(opened.tell, b"w")
            opened.lead(b"e")
            opened.lead(letter)
            while not opened.ticks():
                time.sleep(0.1)
            opened.press(b"m" if letter == b"B" else b"g")
            opened.lead(b"p")
        paint = opened.timed_first(act, FILLED)
        opened.wait_for_silence(1.5, FILLED)
        if streaming:
            opened.tell(b"s")
            time.sleep(0.5)
        keys = [one_key(opened) for _ in range(KEYS)]
        if streaming:
            choose(opened)
        blocked, busy = opened.ticks() / 1000, opened.busy() / 1000
        return Large(paint * 1000, median(keys), max(keys), peak(opened.process.pid), blocked, busy)


def choose(opened: Terminal) -> None:
    """Filter, sort and change the form."""
    for keys in WORDS:
        for key in keys:
            opened.type(bytes([key]))
            opened.wait_for_silence(0.05, 0.1)
        opened.wait_for_silence(RESTS, 1.0)


def one_key(opened: Terminal) -> float:
    """Return the ms from a key to the last byte of the table's frame; the details follow later."""
    taken = opened.timed_first(partial(opened.type, b"\x1b[B"), 2.0)
    opened.wait_for_silence(RESTS, 1.0)
    return taken * 1000


def peak(pid: int) -> float:
    """Return the most memory that a process has had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def large_lines(name: str, letter: bytes, *, quick: bool) -> list[Result]:
    ours = large(OURS, letter, streaming=letter == b"B")
    rival = None if quick else large(RIVAL, letter)

    def against(get: Callable[[Large], float]) -> float | None:
        return None if rival is None else get(rival)

    streaming = " (ours: data stream in)" if letter == b"B" else ""
    return [
        Result(f"{name}: first paint after data", "ms", ours.paint, against(lambda r: r.paint), "<= 150 ms"),
        Result(f"{name}: key to last byte{streaming}", "ms", ours.key, against(lambda r: r.key), "<= 20 ms"),
        Result(f"{name}: the worst key", "ms", ours.worst, against(lambda r: r.worst), "<= 60 ms"),
        Result(f"{name}: memory", "MB", ours.memory, against(lambda r: r.memory), "<= 250 MB"),
        Result(f"{name}: loop blocked at most", "ms", ours.blocked, None, "<= 50 ms"),
        Result(f"{name}: of the processor meanwhile", "ms", ours.busy, None, "<= 50 ms, whatever else runs"),
    ]


def results(quick: bool) -> Iterator[Result]:
    """Yield the figures of small and large tables; with `quick` the rival fills no large ones."""
    yield from size_lines()
    yield from large_lines("100 000 rows", b"H", quick=quick)
    yield from large_lines("200 000 rec.", b"B", quick=quick)
