"""A profile watched against the simulated Wordbee, in one process and on one fake clock."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

from tests.fakes import FakeClock
from wbtui.app.services import Environment, ProfileServices, connected
from wbtui.app.stored_state import make_state
from wbtui.config import BeeboxSettings, FlexSettings, InstantSettings, Profile, TranslatorSettings
from wbtui.domain.credentials import Account, Secret
from wbtui.domain.errors import NoSecret
from wbtui.domain.snapshot import ReadOnly, Snapshot
from wbtui.monitor.loop import Monitor
from wbtui.simulator.api import Api, LoggedCall, Service
from wbtui.simulator.http_messages import Request
from wbtui.simulator.plan import Plan
from wbtui.simulator.world import World
from wbtui.store import SqliteStore, open_store

HOSTS: dict[str, Service] = {
    "translator.test": "translator",
    "beebox.test": "beebox",
    "instant.test": "instant",
}


class InProcess(httpx.AsyncBaseTransport):
    """Hands each request to the simulated services, without sockets; a fault may be put in its way."""

    def __init__(self, api: Api, clock: FakeClock) -> None:
        self.api = api
        self.clock = clock
        self.down: set[str] = set()
        self.hangs_up_on: set[str] = set()
        self.hung_up = 0
        self.pages_for: dict[str, int] = {}
        """How many calls of a path still get somebody else's web page."""
        self.seconds_for: dict[str, float] = {}
        """How long calls of a path take."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        service = HOSTS[request.url.host]
        body = await request.aread()
        if request.url.host in self.down:
            raise httpx.ConnectError("All connection attempts failed", request=request)
        if any(request.url.path.endswith(path) for path in self.hangs_up_on):
            self.hung_up += 1
            raise httpx.RemoteProtocolError("Server disconnected", request=request)
        for path, left in self.pages_for.items():
            if left and request.url.path.endswith(path):
                self.pages_for[path] = left - 1
                return httpx.Response(200, html="<h1>Please log in to this network</h1>", request=request)
        for path, seconds in self.seconds_for.items():
            if request.url.path.endswith(path):
                await self.clock.sleep(seconds)
        asked = Request(
            method=request.method,
            path=unquote(request.url.path),
            query=parse_qs(request.url.query.decode(), keep_blank_values=True),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
        )
        reply = self.api.answer(service, asked, self.clock.now())
        sent = httpx.ByteStream(reply.body)
        return httpx.Response(reply.status, headers=list(reply.headers), stream=sent, request=request)


class EmptyVault:
    """A vault in which nothing is stored."""

    async def get(self, profile: str, account: Account) -> Secret:
        raise NoSecret(f"no secret for {profile}/{account}", advice="Store one.")

    async def store(self, profile: str, account: Account, secret: Secret) -> None:
        raise NotImplementedError

    async def delete(self, profile: str, account: Account) -> bool:
        return False


def profile_of(world: World, folder: Path, *, urls: Mapping[str, str] | None = None) -> Profile:
    accounts = world.accounts
    urls = urls or {
        "translator": "http://translator.test/api",
        "beebox": "http://beebox.test",
        "instant": "http://instant.test",
    }
    return Profile(
        name="acme",
        read_only=ReadOnly.NO,
        short_names=True,
        danger=False,
        downloads=folder / "downloads",
        translator=TranslatorSettings(
            urls["translator"],
            accounts.translator_account,
            calls_per_hour=1000,
            flex=FlexSettings(changed=timedelta(days=7)),
        ),
        beebox=BeeboxSettings(urls["beebox"], accounts.beebox_project, accounts.beebox_login),
        instant=InstantSettings(urls["instant"], accounts.instant_account, accounts.instant_login),
    )


def secrets_of(world: World) -> dict[str, str]:
    accounts = world.accounts
    return {
        "WBTUI_TRANSLATOR_KEY": accounts.translator_key,
        "WBTUI_BEEBOX_PASSWORD": accounts.beebox_password,
        "WBTUI_INSTANT_PASSWORD": accounts.instant_password,
    }


@dataclass
class Stage:
    """The simulated services, the store, and what the monitor publishes."""

    world: World
    api: Api
    clock: FakeClock
    transport: InProcess
    store: SqliteStore
    profile: Profile
    env: dict[str, str]
    path: Path
    seen: list[Snapshot] = field(default_factory=list)

    @property
    def latest(self) -> Snapshot:
        return self.seen[-1]

    def log(self, service: str, path: str = "", method: str = "") -> list[LoggedCall]:
        return [
            entry
            for entry in self.api.log
            if entry.service == service and path in entry.path and method in entry.method
        ]

    def environment(self) -> Environment:
        return Environment(self.clock, self.env, EmptyVault(), self.transport, random.Random(1))

    async def profile_services(self, **change: Any) -> ProfileServices:
        profile = replace(self.profile, **change)
        state = make_state(profile, self.store, self.clock, self.seen.append)
        return await connected(state, self.store, self.environment(), profile)

    @asynccontextmanager
    async def monitoring(self, **change: Any) -> AsyncIterator[Monitor]:
        """Run the monitor for as long as the block lasts."""
        profile_services = await self.profile_services(**change)
        monitor = profile_services.monitor()
        task = asyncio.create_task(monitor.run())
        try:
            await self.clock.settle()
            yield monitor
        finally:
            task.cancel()
            await asyncio.wait({task})
            await profile_services.close()
            if not task.cancelled():
                task.result()


def make_stage(folder: Path, plan: Plan | None = None) -> Stage:
    clock = FakeClock()
    world = World(plan or Plan(), clock.now())
    api = Api(world)
    return Stage(
        world,
        api,
        clock,
        InProcess(api, clock),
        open_store(folder / "acme.sqlite3"),
        profile_of(world, folder),
        secrets_of(world),
        folder / "acme.sqlite3",
    )
