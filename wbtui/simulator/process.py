"""The simulation as a process: prints a line with addresses and log-ins, then serves until a signal."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import FrameType
from typing import Any, Final, TextIO

from wbtui.simulator.api import Api, Service
from wbtui.simulator.http_server import Running, serve
from wbtui.simulator.plan import Plan
from wbtui.simulator.world import World

ROUND: Final = 0.2
"""Seconds between two checks whether to stop."""


@dataclass(slots=True)
class Interruption:
    """The signal that ends the process, or 0. Set by a signal handler, so nothing here may take a lock."""

    signal: int = 0

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Record the signal."""
        self.signal = number


def serve_until_interrupted(
    plan: Plan,
    now: Callable[[], datetime],
    out: TextIO,
    wait: Callable[[float], object],
    *,
    stream: bool = False,
    ports: Mapping[Service, int] | None = None,
) -> int:
    """Serve until SIGINT or SIGTERM, and return the signal's number; raises PortInUse.

    Prints one JSON line with `translator`, `beebox`, `instant`, `operations` and their `titles`. With
    `stream`, for a parent that reads them, further lines `{"submitted": [envelope, …], "titles": {…}}`
    follow as the simulated pipeline submits operations, and the end of the parent or of its pipe ends the
    process as well, with 0. `wait` sleeps for that many seconds. To be called in the main thread.
    """
    with _interruptible() as interruption:
        running = serve(Api(World(plan, now())), now, ports, wait)
        try:
            _say(out, welcome(running))
            _serve(running, out, wait, interruption, stream)
        except BrokenPipeError:
            return interruption.signal
        finally:
            running.stop()
    return interruption.signal


def welcome(running: Running) -> dict[str, Any]:
    """Return the addresses, log-ins and operations that a client needs."""
    accounts, urls = running.api.world.accounts, running.urls
    return {
        "translator": {
            "url": urls["translator"],
            "account": accounts.translator_account,
            "key": accounts.translator_key,
        },
        "beebox": {
            "url": urls["beebox"],
            "project": accounts.beebox_project,
            "login": accounts.beebox_login,
            "password": accounts.beebox_password,
        },
        "instant": {
            "url": urls["instant"],
            "account": accounts.instant_account,
            "login": accounts.instant_login,
            "password": accounts.instant_password,
        },
        "operations": running.look(lambda world: world.operation_ids()),
        "titles": running.look(lambda world: {str(number): t for number, t in world.titles().items()}),
    }


def _serve(
    running: Running, out: TextIO, wait: Callable[[float], object], interruption: Interruption, stream: bool
) -> None:
    parent = os.getppid()
    while not interruption.signal and not (stream and os.getppid() != parent):
        wait(ROUND)
        submitted = running.look(lambda world: world.pipeline.take())
        if stream and submitted:
            titles = running.look(lambda world: {str(number): t for number, t in world.titles().items()})
            _say(out, {"submitted": submitted, "titles": titles})


def _say(out: TextIO, line: Mapping[str, Any]) -> None:
    out.write(json.dumps(line, ensure_ascii=False) + "\n")
    out.flush()


@contextmanager
def _interruptible() -> Iterator[Interruption]:
    interruption = Interruption()
    before = {number: signal.signal(number, interruption.note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
