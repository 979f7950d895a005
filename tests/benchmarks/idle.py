"""Minutes without news: what wbtui writes to the terminal, and what its processes take, beside the rival's.

30 operations wait and 4 run, all services are polled over HTTP, and nothing changes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Final

from tests.benchmarks.result import Result
from tests.benchmarks.running import cpu_seconds, home, memory
from tests.benchmarks.services import STILL
from tests.cli.pseudo import Pseudo, pseudo_command

RIVAL: Final = (sys.executable, "-m", "tests.benchmarks.bare_app", "0", "dark")
WATCHED: Final = 34
SECONDS: Final = 48.0
"""From the first seconds of a minute to its last: ages move on by the minute."""


def results(quick: bool) -> Iterator[Result]:
    """Yield the figures of a quiet minute; with `quick` not of a paused one."""
    with home(**STILL, operations=WATCHED) as user:
        user.track()
        with user.screen() as ours, pseudo_command(RIVAL, user.environment()) as rival:
            ours.until("beebox ok", "instant ok", "operations ok")
            rival.until("file 29.docx")
            both(ours, rival, 15.0)
            yield from _measured(ours, rival, "idle")
            if not quick:
                ours.type("p")
                both(ours, rival, 5.0)
                yield from _measured(ours, rival, "paused")


def _measured(ours: Pseudo, rival: Pseudo, name: str) -> Iterator[Result]:
    """Yield what both write and take within one minute."""
    to_minute = -time.time() % 60.0
    both(ours, rival, to_minute + 7.0)
    before = [(len(each.written), cpu_seconds(each.process.pid)) for each in (ours, rival)]
    both(ours, rival, SECONDS)
    after = [(len(each.written), cpu_seconds(each.process.pid)) for each in (ours, rival)]
    (sent, took), (other_sent, other_took) = (
        (now[0] - then[0], (now[1] - then[1]) * 1000 / SECONDS)
        for now, then in zip(after, before, strict=True)
    )
    yield Result(f"{name}: bytes within a minute", "B", sent, other_sent, "0")
    yield Result(f"{name}: processor a second", "ms", took, other_took, "the rival asks nobody")
    yield Result(f"{name}: memory", "MB", memory(ours.process.pid), memory(rival.process.pid), "")


def both(ours: Pseudo, rival: Pseudo, seconds: float) -> None:
    """Read from both for so long."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        ours.read(min(0.2, left))
        rival.read(0.0)
