"""The only reader of time: everything else is handed a `Clock`, or a time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio


class Clock(Protocol):
    """What the program needs of time; tests hand in one that they move themselves."""

    def now(self) -> datetime:
        """Return the wall time as an aware datetime in UTC, for display and for the store."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards, for gaps between calls."""

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait until the event is set or the seconds are over; tell whether it was set."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the wall time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since some point in the past."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        import asyncio  # noqa: PLC0415 - a command that only asks the time does without it

        await asyncio.sleep(seconds)

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait until the event is set or the seconds are over; tell whether it was set."""
        import asyncio  # noqa: PLC0415 - as above

        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return False
        return True
