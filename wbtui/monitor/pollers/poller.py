"""What the loop asks of the poller of each service."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Protocol

from wbtui.domain.commands import Handlers
from wbtui.domain.model import ItemKey, Service
from wbtui.domain.snapshot import Health, HealthWord


class Poller(Protocol):
    """Plans the looks at one service, and takes one when told to.

    The pollers inherit the answers of one that counts no calls, takes no commands and holds nothing open.
    """

    service: Service

    def due(self) -> float | None:
        """Return the monotonic time of the next look; None while there is nothing to look at."""

    def held_until(self) -> float | None:
        """Return until when (monotonic seconds) the rate limit holds looks back that were due; else None."""
        return None

    async def look(self) -> None:
        """Take one look and merge the answer into the state; raises `ServiceError`."""

    async def read_once(self, _until: float, _named: frozenset[ItemKey], /) -> str:
        """Read the service once, for a command; return in words what could not be read, or nothing.

        Answers are waited for until then (monotonic seconds). Where operations are named, only they are read.
        Raises `ServiceError`.
        """
        await self.look()
        return ""

    async def follow(self, _but: Container[ItemKey], _tell: Callable[[str], None], /) -> None:
        """Look at what this run has started, but for some items, until cancelled; tell what fails."""
        return

    def knows_all(self, health: Health) -> bool:
        """Return whether all items are known by now, so that what is not there does not exist."""
        return health.word is HealthWord.OK or (health.part is not None and bool(health.part.why))

    def request_refresh(self) -> float:
        """Plan a look as soon as the floors allow; return its time (monotonic seconds)."""

    def want(self, _keys: frozenset[ItemKey], /) -> None:
        """Look promptly at these items, which are waited for."""
        return

    def adopt_stored(self) -> None:
        """Take over what another process wrote into the store; raises `StoreError`."""
        return

    def handlers(self) -> Handlers:
        """Return the commands that this poller carries out."""
        return {}

    def stale_after(self) -> float:
        """Return the seconds after which a look that is under way makes the data count as old."""

    async def close(self) -> None:
        """Give back what is held open at the server; never raises."""
        return
