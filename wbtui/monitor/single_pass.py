"""One reading of each service, for commands: then no more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.errors import AllowanceUsed, ServiceError
from wbtui.domain.merge import by_arrival
from wbtui.domain.model import ItemKey, Operation, Part, Service
from wbtui.domain.tasks import all_ended
from wbtui.monitor.account_rate_limit import AccountRateLimit
from wbtui.monitor.monitor_state import MonitorState
from wbtui.monitor.pollers.beebox import BeeboxPoller
from wbtui.monitor.pollers.flex import FlexPoller
from wbtui.monitor.pollers.operations import OperationsPoller
from wbtui.monitor.pollers.poller import Poller

SLICE_PAUSE: Final = 2.0
"""How long the Beebox is left alone between two slices of a pass."""

PATIENCE: Final = 1.0
"""Seconds between two looks at whether a step may be taken."""
FIRST_LOOK: Final = 2.0
"""Seconds from sending a query to the first look at it: the shortest pause that Wordbee names."""


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
            reading = replace(await self._reader(poller, wait)(), at=at)
        except AllowanceUsed as error:
            # beyond the part for single readings the store answers, with its age
            ours = error.ours and self._singles_used()
            return Reading(note=error.message, at=at) if ours else Reading(error, at=at)
        except ServiceError as error:
            return Reading(error, at=at)
        # where items are named, nothing but these was to be read
        part = None if self._named else self._state.parts.get(poller.service)
        return reading if reading.note or part is None else replace(reading, note=part.words())

    def _reader(self, poller: Poller, wait: float) -> Callable[[], Awaitable[Reading]]:
        if isinstance(poller, OperationsPoller):
            return lambda: self._operations(poller)
        if isinstance(poller, BeeboxPoller):
            return lambda: self._beebox(poller)
        if isinstance(poller, FlexPoller):
            return lambda: self._flex(poller, wait)
        return lambda: self._plain(poller)

    async def _plain(self, poller: Poller) -> Reading:
        await poller.look()
        return Reading()

    async def _operations(self, poller: OperationsPoller) -> Reading:
        """Look at the unfinished ones: those never seen first, then the oldest, while calls are left.

        With nothing to look at, the log-in alone shows whether the service answers.
        """
        await poller.connect()
        pending = sorted(filter(self._asked_for, self._state.unfinished()), key=_never_seen_first)
        for done, operation in enumerate(pending):
            if self._allowance is not None and self._singles_used():
                why = self._allowance.singles_used()
                part = Part(done, len(pending), "open operations", why)
                self._state.parts.set(poller.service, part, keep=False)
                return Reading(note=f"{len(pending) - done} not asked: {why}")
            if poller.plan.rest_left(operation.key) <= 0:
                await poller.look_at(operation.key)
        return Reading()

    def _asked_for(self, operation: Operation) -> bool:
        return not self._named or operation.key in self._named

    def _singles_used(self) -> bool:
        """Return whether this is a single reading, and these have had their part of the calls."""
        allowance = self._allowance
        if allowance is None or self._named or not allowance.may_spend():
            return False
        return allowance.singles_left() <= 0

    async def _beebox(self, poller: BeeboxPoller) -> Reading:
        while poller.passing:
            await poller.read_pass()
            if poller.passing:
                await self._clock.sleep(SLICE_PAUSE)
        return Reading()

    async def _flex(self, poller: FlexPoller, wait: float) -> Reading:
        """Take the steps of both queries of each document until all have ended or time is over.

        A step that needs no waiting is taken in any case: what is sent now, the next reading finds answered.
        """
        until = self._clock.monotonic() + wait
        while not poller.settled:
            if not await self._flex_step(poller, until):
                break
        return Reading(note=poller.missing())

    async def _flex_step(self, poller: FlexPoller, until: float) -> bool:
        """Take the next step; False if it would come after `until`."""
        operations, due = self._pollers.get(Service.OPERATIONS), poller.due()
        now = self._clock.monotonic()  # read after the plan: "due at once" must not lie ahead of it
        if due is not None and due <= now:
            await poller.look()
        elif poller.under_way is not None and isinstance(operations, OperationsPoller):
            rest = self._until_look(operations, poller.under_way)
            if now + rest >= until:
                return False
            await self._clock.sleep(rest)
            await operations.look_at(poller.under_way)
        elif now + PATIENCE >= until:
            return False
        else:
            await self._clock.sleep(PATIENCE)
        return True

    def _until_look(self, poller: OperationsPoller, key: ItemKey) -> float:
        """Return the seconds until the next look: the floor is one between looks, and sending was none."""
        return poller.plan.floor_left(key) if self._state.operations[key].looks else FIRST_LOOK


def _never_seen_first(operation: Operation) -> tuple[bool, tuple[int, str]]:
    return operation.seen_at is not None, by_arrival(operation)
