"""What the loop asks of each service's watch."""

from __future__ import annotations

from typing import Protocol

from wbtui.domain.model import Service


class Poller(Protocol):
    """Knows when its service is to be looked at next, and takes one look when told to."""

    service: Service

    def due(self) -> float | None:
        """Return the monotonic time of the next look; None while there is nothing to look at."""
        ...

    def held_until(self) -> float | None:
        """Return until when (monotonic seconds) the allowance holds looks back that were due; else None."""
        ...

    async def look(self) -> None:
        """Take one look and put what it tells on the board; raises `ServiceError`."""
        ...

    def wish(self) -> float:
        """Take in that the user wants a look now; return the time at which the floors allow it."""
        ...

    def stale_after(self) -> float:
        """Return the seconds after which a look that is under way makes the data count as old."""
        ...

    async def close(self) -> None:
        """Give back what is held open at the server; never raises."""
        ...
