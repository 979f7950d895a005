"""How slow this machine is just now: what a test waits for may take that many times longer."""

from __future__ import annotations

import functools
import os
import time
from pathlib import Path

MEASURED = 0.1
"""Seconds of the processor's that the measurement takes, once in a process."""


@functools.cache
def _measured() -> float:
    """Return how many seconds on the clock it takes to get one second of a processor."""
    began, used = time.perf_counter(), time.thread_time()
    while time.thread_time() - used < MEASURED:
        pass
    return (time.perf_counter() - began) / MEASURED


def slowness() -> float:
    """Return 1 on a quiet machine, and more the longer programs wait for a processor, at the start or now."""
    return max(1.0, _measured(), os.getloadavg()[0] / (os.cpu_count() or 1))


def patience(seconds: float) -> float:
    """Return how long something may take here that takes at most so many seconds on a quiet machine."""
    return seconds * slowness()


def is_working(pid: int) -> bool:
    """Tell whether any thread of a process uses a processor or waits for one; never where nobody can tell."""
    tasks = Path(f"/proc/{pid}/task")
    try:
        states = [(task / "stat").read_text(encoding="utf-8", errors="replace") for task in tasks.iterdir()]
    except (FileNotFoundError, ProcessLookupError):  # no such process, or no such folder on this system
        return False
    return any(state.rpartition(")")[2].split()[0] == "R" for state in states)
