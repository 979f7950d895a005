"""A stage with a fault in one service, and the checks on it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.faults.expected_words import Seen
from tests.faults.inprocess import Faulty
from tests.world import Stage, make_stage
from wbtui.domain.model import Service
from wbtui.domain.snapshot import Event, HealthWord, Level, Snapshot
from wbtui.simulator.api import Service as Host
from wbtui.simulator.plan import Plan

SMALL: Final = Plan(
    files=4, locales=2, operations=6, requests=4, components=6, finished_share=0.0, autorun_seconds=1e6
)
SERVICES_OF: Final[dict[Host, tuple[Service, ...]]] = {
    "translator": (Service.OPERATIONS, Service.FLEX),
    "beebox": (Service.BEEBOX,),
    "instant": (Service.INSTANT,),
}


class FaultStage:
    """A stage with a fault in one service."""

    def __init__(self, folder: Path, plan: Plan = SMALL) -> None:
        self.stage: Stage = make_stage(folder, plan)
        self.wire = Faulty(self.stage.api, self.stage.clock)
        self.stage.transport = self.wire

    def word(self, service: Service) -> HealthWord:
        return self.stage.latest.health[service].word

    def all_ok(self, services: Iterable[Service]) -> bool:
        return all(self.word(service) is HealthWord.OK for service in services)

    async def until_ok(self, services: Iterable[Service], limit: float = 3700.0) -> None:
        await self.stage.clock.run_until(lambda: self.all_ok(services), limit)

    async def until_seen(self, host: Host, seen: Seen) -> None:
        """Run until the fault occurred, the service reports it, and its session is closed."""

        def there() -> bool:
            closed = host == "translator" or not self.open_sessions(host)
            return (
                len(self.wire.met) >= seen.tries and self.word(SERVICES_OF[host][0]) is seen.word and closed
            )

        await self.stage.clock.run_until(there, 600.0)

    def open_sessions(self, host: Host) -> int:
        return self.stage.world.open_sessions(self.stage.clock.now())[host]

    def outages(self, service: Service) -> list[Event]:
        """Return Activity's entries on a service's faults; entries on its items have a key."""
        return [
            e
            for e in self.stage.latest.events
            if e.source == service.value and e.key is None and e.level is not Level.INFO
        ]

    def said(self, service: Service) -> list[str]:
        return [e.text for e in self.stage.latest.events if e.source == service.value]


def texts(snapshot: Snapshot) -> str:
    """Return all texts of a snapshot except those of items."""
    healths = [f"{h.message} {h.advice}" for h in snapshot.health.values()]
    return "\n".join([*healths, *(event.text for event in snapshot.events)])


def check_secrets(stage: FaultStage) -> None:
    """Assert that no shown text holds a secret, a token or an address."""
    shown = "\n".join({texts(snapshot) for snapshot in stage.stage.seen})
    for secret in stage.stage.env.values():
        assert secret not in shown
    assert not re.search(r"token=\w|pwd=|https?://", shown)
    assert shown.isprintable() or all(line.isprintable() for line in shown.splitlines())
