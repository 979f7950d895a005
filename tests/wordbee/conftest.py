"""A scripted server, a client, and a clock that the test advances."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings

from tests.wordbee.scripted_server import Script, ScriptedServer
from wbtui.wordbee.http import Client, Timeouts, open_client

settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

Serve = Callable[[Script], Awaitable[ScriptedServer]]

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class StillClock:
    """A clock whose time a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return 1000.0 + self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        self.seconds += seconds or 0.0
        return event.is_set()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    running: list[ScriptedServer] = []

    async def start(script: Script) -> ScriptedServer:
        server = ScriptedServer(script)
        await server.start()
        running.append(server)
        return server

    yield start
    for server in running:
        await server.stop()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    opened = open_client(timeouts=Timeouts(connect=5, read=5, write=5, pool=5, total=5))
    yield opened
    await opened.close()
