"""Whatever a hostile server answers, the screen shows messages, handles keys, and ends properly."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Final

import pytest

from tests.faults.expected_words import SEEN
from tests.faults.kinds import FAULTS, TLS, Kind
from tests.monkey.environment import Ground, ground, in_real_time
from tests.monkey.inputs import ESCAPE
from tests.monkey.monkey_run import ALONE
from tests.monkey.terminal import Program
from tests.slowness import patience
from tests.untraced import untraced
from wbtui.domain.snapshot import HealthWord
from wbtui.simulator.api import SERVICES, Service

pytestmark = [pytest.mark.slow, pytest.mark.terminal]

NAMES: Final = tuple(name for name, fault in FAULTS.items() if fault.kind not in TLS)
TAKES_TIME: Final = frozenset({Kind.HANGS, Kind.DRIP, Kind.ENDLESS, Kind.ENDLESS_HEAD, Kind.HUGE})
"""Faults that are noticed only when a time limit is over."""
HEADS: Final = {"translator": "operations|ops", "beebox": "beebox", "instant": "instant|inst"}
"""How the header names them, by its width."""
KEYS: Final = (
    b"1",
    b"G",
    b"2",
    b"m",
    b"d",
    b"X",
    b"n",
    b"3",
    b"T",
    ESCAPE,
    b"4",
    b"M",
    b"i",
    b"5",
    b"r",
    b"R",
    b"p",
    b"p",
)


UNREAD: Final = frozenset({"wrong types", "missing fields"})
"""What is no outage of the Translator: an operation of which nothing can be read is shown as it came."""


def shown(program: Program, names: str, word: HealthWord) -> bool:
    """Return whether the header has this word for a service."""
    head = program.picture.text().split("\n")[0]
    return re.search(rf"(?:{names}) {word}\b", head) is not None


@pytest.mark.parametrize("number", range(0, len(NAMES), len(SERVICES)))
def test_three_services_with_a_fault_each_are_shown_in_words_and_end_nothing(
    tmp_path: Path, number: int
) -> None:
    names = {service: NAMES[(number + place) % len(NAMES)] for place, service in enumerate(SERVICES)}
    with untraced(), ground(tmp_path, seed=2) as place:
        for service, name in names.items():
            place.proxies[service].suffer(in_real_time(FAULTS[name]).after_log_in())
        program = Program(place.env, (120, 40))
        try:
            _watch(program, names)
            _use(program)
            _leave(place, program)
        finally:
            program.close()


def _watch(program: Program, names: dict[Service, str]) -> None:
    """Wait until each service was asked, and says how it is."""
    program.stands()
    for service, name in names.items():
        if FAULTS[name].kind not in TAKES_TIME and (service != "translator" or name not in UNREAD):
            seen = time.monotonic() + 20
            while not shown(program, HEADS[service], SEEN[name].word):
                assert time.monotonic() < seen, f"{service} under {name}:\n{program.picture.text()}"
                program.pump(0.05)


def _use(program: Program) -> None:
    """Look at everything, and see that the keys still do something."""
    for key in KEYS:
        program.send(key)
        program.wait(ALONE if key == ESCAPE else 0.0)
        program.still()
    for size in ((40, 10), (120, 40)):
        program.resize(size)
        program.still()
    program.send(b"?")
    assert program.until("Moves one row down."), program.picture.text()
    program.send(b"q")
    program.still()


def _leave(place: Ground, program: Program) -> None:
    """Quit: no service that hangs may hold it up for longer than its log-out may take."""
    began = time.monotonic()
    program.send(b"q")
    assert program.ended(15.0) == 0, program.picture.text()
    assert time.monotonic() - began < patience(8)
    assert program.left_behind() == []
    assert b"Traceback" not in program.written
    assert not any(secret in program.written for secret in place.secrets())
    assert b"token=" not in program.written
