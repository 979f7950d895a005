"""What the loop asks of the poller of each service."""

from __future__ import annotations

from typing import Protocol

from wbtui.domain.commands import Handlers
from wbtui.domain.model import ItemKey, Service


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
