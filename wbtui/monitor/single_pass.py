"""One reading of each service, for commands: then no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from wbtui.domain.clock import Clock
from wbtui.domain.errors import AllowanceUsed, ServiceError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ItemKey, Service
from wbtui.domain.tasks import all_ended
from wbtui.monitor.account_rate_limit import AccountRateLimit
from wbtui.monitor.monitor_state import MonitorState
from wbtui.monitor.pollers.poller import Poller


@dataclass(frozen=True, slots=True)
class Reading:
    """How the reading of one service ended: `error` is None if it was read whole."""

    error: ServiceError | None = None
    note: str = ""
    """What of it could not be read, in words; empty if nothing is missing."""
    at: datetime | None = None
    """When the server was asked."""


class SinglePass:
    """Reads each service once, side by side."""

    def __init__(
        self,
        state: MonitorState,
        pollers: Mapping[Service, Poller],
        clock: Clock,
        allowance: AccountRateLimit | None,
        *,
        named: Collection[ItemKey] = (),
    ) -> None:
        """Read all of the services, or of the operations only those the user has `named`."""
        self._state = state
        self._pollers = pollers
        self._clock = clock
        self._allowance = allowance
        self._named = frozenset(named)
        state.renews = True

    async def read(self, wait: float, services: Collection[Service] | None = None) -> dict[Service, Reading]:
        """Return how each service's reading ended, or each of `services`; waits `wait` seconds for Flex."""
        wanted = {s: p for s, p in self._pollers.items() if services is None or s in services}
        if self._allowance is not None:
            self._allowance.single = not self._named
        try:
            ends = await all_ended(*(self._one(poller, wait) for poller in wanted.values()))
            return dict(zip(wanted, ends, strict=True))
        finally:
            if self._allowance is not None:
                self._allowance.single = False
            await all_ended(*(poller.close() for poller in self._pollers.values()))

    async def _one(self, poller: Poller, wait: float) -> Reading:
        at = self._clock.now()
        try:
            note = await poller.read_once(self._clock.monotonic() + wait, self._named)
            reading = Reading(note=note, at=at)
        except AllowanceUsed as error:
            # beyond the part for single readings the store answers, with its age
            ours = error.ours and self._allowance is not None and self._allowance.singles_over
            return Reading(note=error.message, at=at) if ours else Reading(error, at=at)
        except ServiceError as error:
            return Reading(error, at=at)
        # where items are named, nothing but these was to be read
        part = None if self._named else self._state.parts.get(poller.service)
        return reading if reading.note or part is None else replace(reading, note=part.words())
