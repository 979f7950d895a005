"""Acting on scripted services over real HTTP, with a real store, real files and the machine's clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.slowness import patience
from tests.wordbee.minimal_services import (
    BEEBOX_LOGIN,
    INSTANT_LOGIN,
    TRANSLATOR_LOGIN,
    Sessions,
    Translator,
    Work,
)
from tests.wordbee.scripted_server import Asked, Reply, Script, ScriptedServer, as_json
from wbtui.domain.clock import SystemClock
from wbtui.domain.errors import AllowanceUsed
from wbtui.domain.model import Item, ItemKey, Service
from wbtui.domain.ports import Gateways
from wbtui.domain.snapshot import Outcome, Snapshot
from wbtui.domain.versions import Overwrite
from wbtui.files.audit_log import ActionLog
from wbtui.files.saving import Folder
from wbtui.monitor.account_rate_limit import AccountRateLimit
from wbtui.monitor.actions.download_job import Target
from wbtui.monitor.actions.executor import ActionDeps, Executor, Hooks
from wbtui.monitor.monitor_state import MonitorState, ProfileInfo
from wbtui.store import SqliteStore, open_store
from wbtui.wordbee.beebox import BeeboxGateway, BeeboxWriter
from wbtui.wordbee.flex import FlexPull
from wbtui.wordbee.http import Http, Timeouts, open_client
from wbtui.wordbee.instant import InstantGateway, InstantWriter
from wbtui.wordbee.translator import TranslatorGateway, TranslatorWriter


def unexpected(asked: Asked) -> Reply:
    return as_json({"message": f"unexpected {asked.call}", "failed": True}, 500)


class HurriedClock(SystemClock):
    """A clock on which fifty seconds pass in one, so that rests need not be sat out."""

    def monotonic(self) -> float:
        return super().monotonic() * 50

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 50)

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        return await super().wait(event, None if seconds is None else seconds / 50)


@dataclass
class Works:
    """What the three services answer; a test puts its own in."""

    translator: Work = unexpected
    beebox: Work = unexpected
    instant: Work = unexpected


@dataclass
class Bench:
    """Everything that actions need, and what came of it."""

    executor: Executor
    state: MonitorState
    store: SqliteStore
    folder: Path
    log: Path
    servers: dict[str, ScriptedServer]
    sessions: dict[str, Sessions]
    gateways: Gateways
    limits: list[AllowanceUsed] = field(default_factory=list)

    def put(self, *items: Item) -> tuple[ItemKey, ...]:
        for item in items:
            self.state.put(item.service, [item])
        return tuple(item.key for item in items)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.executor.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled():
                task.result()

    async def finished(self) -> tuple[Outcome, ...]:
        """Run all that was asked for to its end."""
        async with self.running(), asyncio.timeout(patience(20)):
            await self.executor.drain()
        return self.state.outcomes

    def files(self) -> dict[str, bytes]:
        """Return all files below the download folder."""
        found = [p for p in self.folder.rglob("*") if p.is_file()]
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in found}

    def calls(self, service: str, but: tuple[str, ...] = ("connect", "token")) -> list[str]:
        """Return what a service was asked, without log-ins and log-outs."""
        return [c for c in self.servers[service].calls if not c.endswith(but)]


@pytest.fixture
async def bench_for(tmp_path: Path) -> AsyncIterator[Callable[..., object]]:
    """Return a maker of benches; all is closed at the end."""
    async with _benches(tmp_path) as make:
        yield make


@asynccontextmanager
async def _benches(tmp_path: Path) -> AsyncIterator[Callable[..., object]]:
    client = open_client(timeouts=Timeouts(connect=5, read=5, write=5, pool=5, total=5))
    opened: list[ScriptedServer] = []
    stores: list[SqliteStore] = []

    async def server(script: Script) -> ScriptedServer:
        made = ScriptedServer(script)
        await made.start()
        opened.append(made)
        return made

    async def make(
        works: Works,
        *,
        overwrite: Overwrite = Overwrite.KEEP_BOTH,
        source_dir: Path | None = None,
        file_seconds: float = 120.0,
    ) -> Bench:
        clock = HurriedClock()
        sessions = {"beebox": Sessions(works.beebox), "instant": Sessions(works.instant)}
        servers = {
            "translator": await server(Translator(works.translator)),
            "beebox": await server(sessions["beebox"]),
            "instant": await server(sessions["instant"]),
        }
        store = open_store(tmp_path / "acme.sqlite3")
        stores.append(store)
        seen: list[Snapshot] = []
        state = MonitorState(ProfileInfo("acme"), clock, store, seen.append)
        state.load(Service)
        allowance = AccountRateLimit("acme@test", 1000, store, clock)
        http = Http(client, servers["translator"].url, counter=allowance.spend, file_seconds=file_seconds)
        translator = TranslatorGateway(http, TRANSLATOR_LOGIN, clock)
        beebox_http = Http(client, servers["beebox"].url, file_seconds=file_seconds)
        beebox = BeeboxGateway(beebox_http, BEEBOX_LOGIN, clock)
        instant_http = Http(client, servers["instant"].url, file_seconds=file_seconds)
        instant = InstantGateway(instant_http, INSTANT_LOGIN, clock)
        gateways = Gateways(
            media=translator,
            pull=FlexPull(translator.session),
            beebox=beebox,
            instant=instant,
            translator_writer=TranslatorWriter(translator.session),
            beebox_writer=BeeboxWriter(beebox_http, beebox.connector, clock),
            instant_writer=InstantWriter(instant_http, instant.connector, clock),
        )
        log = tmp_path / "acme.actions.jsonl"
        target = Target(Folder(tmp_path / "downloads"), overwrite)
        deps = ActionDeps(store, store.records, ActionLog(log), target, source_dir)
        limits: list[AllowanceUsed] = []

        def limited(error: AllowanceUsed) -> None:
            limits.append(error)
            allowance.throttled(error)

        executor = Executor(
            state=state,
            gateways=gateways,
            clock=clock,
            deps=deps,
            hooks=Hooks(limited, lambda: None, lambda: "asked"),
            allowance=allowance,
        )
        return Bench(executor, state, store, tmp_path / "downloads", log, servers, sessions, gateways, limits)

    try:
        yield make
    finally:
        await client.close()
        for made in opened:
            await made.stop()
        for store in stores:
            store.close()
