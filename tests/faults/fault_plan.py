"""The faults of each service over time, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tests.faults.kinds import FAULTS, TLS, Fault
from wbtui.simulator.api import SERVICES, Service

SHORTEST: Final = 20.0
LONGEST: Final = 900.0
"""Seconds that a fault lasts at most."""

PASSING: Final = tuple(fault for fault in FAULTS.values() if fault.kind not in TLS)
"""The temporary faults of a service or a connection; those of certificates need sockets."""


@dataclass(frozen=True, slots=True)
class FaultPeriod:
    """One fault of one service, from `begin` to `end` seconds after the start.

    Each request in that time is affected with probability `share`, decided by its number and the seed.
    """

    service: Service
    fault: Fault
    begin: float
    end: float
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """All faults of one run: a pure function of service, time and the number of the request."""

    periods: tuple[FaultPeriod, ...] = ()
    seed: int = 0

    def at(self, service: Service, seconds: float, number: int, path: str = "") -> Fault | None:
        """Return the fault of the request with this number and path, or None."""
        for spell in self.periods:
            if spell.service != service or not spell.begin <= seconds < spell.end:
                continue
            met = spell.fault.hits(path) and random.Random(f"{self.seed}/{number}").random() < spell.share
            if met:
                return replace(spell.fault, seed=self.seed * 1_000_003 + number)
        return None


def drawn(
    seed: int,
    seconds: float,
    *,
    per_hour: float = 6.0,
    faults: Sequence[Fault] = PASSING,
    services: Iterable[Service] = SERVICES,
) -> FaultPlan:
    """Return the faults of a run of so many seconds: about `per_hour` for each service, with breaks."""
    chance = random.Random(seed)
    periods: list[FaultPeriod] = []
    for service in services:
        at = chance.expovariate(per_hour / 3600)
        while at < seconds:
            end = min(seconds, at + chance.uniform(SHORTEST, LONGEST))
            share = chance.choice((1.0, 1.0, 0.5, 0.2))
            fault = chance.choice(faults)
            fault = chance.choice((fault, fault.after_log_in()))
            periods.append(FaultPeriod(service, fault, at, end, share))
            at = end + chance.expovariate(per_hour / 3600)
    return FaultPlan(tuple(periods), seed)
