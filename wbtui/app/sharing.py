"""One poller per profile: who holds the lock asks the services, every other wbtui shows what the store says.

Sharing one key, two pollers would spend its allowance twice. The poller leaves in the store how each service
is doing, so that the others can say it; when it ends, one of them takes over within `FOLLOW_SECONDS`.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from wbtui.app.services import Environment, ProfileServices, connected
from wbtui.app.stored_state import make_state
from wbtui.config import Profile
from wbtui.domain.clock import Clock
from wbtui.domain.commands import Command, Handlers, MonitorCommands, Note, Track
from wbtui.domain.credentials import Account, Secret
from wbtui.domain.errors import StoreError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ItemKey, Service
from wbtui.domain.ports import Publish, Store
from wbtui.domain.records import ReadOperations
from wbtui.domain.snapshot import Novelty, RetryPlan
from wbtui.monitor.awaited import leave_wanted
from wbtui.monitor.loop import Monitor
from wbtui.monitor.monitor_state import MonitorState
from wbtui.monitor.pollers.flex_memory import QUESTION, question_from
from wbtui.monitor.stored_health import behind_poller, leave_healths
from wbtui.scheduling.intervals import FLEX_LEAST
from wbtui.store import SqliteStore
from wbtui.store.lock import Holder, PollerLock
from wbtui.wordbee.envelopes import read_operations


class RemoteMonitor:
    """Takes the commands of a screen that shows what another process reads (`commands.MonitorCommands`)."""

    def __init__(self, store: Store, clock: Clock, words: str) -> None:
        self._store = store
        self._clock = clock
        self._words = words
        self._refusal = f"{words}: ask there, or quit that one and this one takes over"
        self._handlers: Handlers = {Track: self._track, Note: lambda _command: ""}
        """Activity is written by the process that polls, so a note is dropped."""

    def do(self, command: Command) -> str:
        """Track through the store, where the process that polls finds it; refuse all else and name it."""
        handler = self._handlers.get(type(command))
        return self._refusal if handler is None else handler(command)

    def _track(self, command: Track) -> str:
        if self._store.trouble:
            return f"not tracked: {self._store.trouble}"
        try:
            self._store.track(command.items, self._clock.now())
        except StoreError as error:
            return f"not tracked: {error.message}. {error.advice}".rstrip()
        return f"tracked {len(command.items)}; {self._words}"

    async def closed(self) -> None:
        """Return at once: nothing is open here."""

    def read_operations(self, raw: bytes) -> ReadOperations:
        """Return the operations that a text names."""
        return read_operations(raw)

    async def whats_new(self, service: Service) -> Novelty:
        """Name the process that polls: it knows what was fetched."""
        return Novelty(refusal=self._refusal)

    async def retry_plan(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path]
    ) -> Mapping[ItemKey, RetryPlan]:
        """Return nothing: nothing is sent from here."""
        return {}


FOLLOW_SECONDS: Final = 5.0
"""How often the store is read again, and how long after the poller's end another one takes over."""
WANTED_GAP: Final = 60.0
"""Seconds between two notes to the process that polls on what is waited for here."""
WANTED_FOR: Final = timedelta(seconds=150)
"""How long such a note holds, so that one of a killed process does not stay."""


def kept(store: Store) -> bool:
    """Return whether what is saved in a store outlives the program."""
    return not isinstance(store, SqliteStore) or store.kept


@dataclass(frozen=True, slots=True)
class ScreenHooks:
    """The screen, as far as watching a profile concerns it; a command needs none of this."""

    demo: bool = False
    attach: Callable[[MonitorCommands], None] = lambda _monitor: None
    """Takes whom to ask: the monitor while this process polls, else who says where to ask."""
    greet: Callable[[MonitorState], None] = lambda _state: None
    """Writes the first lines of Activity when this process begins to poll, and shows what the store knew."""
    state: MonitorState | None = None
    """What the store kept, as far as it has been read for the first frame."""


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """What of a profile is watched, and whether in place of every other wbtui."""

    services: frozenset[Service] | None = None
    """The services to poll; None: all of the profile."""
    claims: bool = True
    """Whether to take the lock as soon as it is free; else the services are polled only while it is free.

    The lock is not taken where the store keeps nothing, since no other process could follow this one.
    """
    named: frozenset[ItemKey] = frozenset()
    """Items that are waited for, here or by the one that polls."""
    fresh_seconds: float = FLEX_LEAST
    """How old an answer of Flex may be and still count as one of this run."""


_ALL: Final = WatchOptions()
_NO_SCREEN: Final = ScreenHooks()


class ProfileWatcher:
    """Watches a profile for as long as `run` runs: by polling, or by following the process that polls."""

    def __init__(
        self,
        profile: Profile,
        store: Store,
        environment: Environment,
        lock: PollerLock,
        publish: Publish,
        *,
        options: WatchOptions = _ALL,
        tell: Callable[[str], None] = lambda _words: None,
        hooks: ScreenHooks = _NO_SCREEN,
    ) -> None:
        """Watch a profile; `tell` gets in words who polls, whenever that changes."""
        self._profile = profile
        self._store = store
        self._environment = environment
        self._lock = lock
        self._publish = publish
        self._services = profile.services() if options.services is None else options.services
        self._claims = options.claims and kept(store)
        self._fresh_seconds = options.fresh_seconds
        self._named = options.named
        self._tell = tell
        self._run_id = uuid.uuid4().hex
        self._left_at = float("-inf")
        self._hooks = hooks
        self._first_state = hooks.state
        self.profile_services: ProfileServices | None = None
        """The connected services while this one polls; None while it follows."""
        self._monitor: Monitor | None = None

    async def run(self) -> None:
        """Poll or follow until cancelled; raises `StoreError`, and closes every session on the way out."""
        try:
            while True:
                holder = self._other()
                if holder is not None:
                    await self._follow(holder)
                elif self._claims:
                    await self._poll()
                else:
                    await self._poll_until_claimed()
        finally:
            self._lock.release()

    async def replace_pollers(self, account: Account, secret: Secret) -> bool:
        """Have the services of a log-in asked with this secret from now on, and whenever this one polls.

        Returns False while another process polls, which has to be told in its own way.
        """
        self._environment.typed[(self._profile.name, account)] = secret
        if self.profile_services is None or self._monitor is None:
            return False
        await self._monitor.replace_pollers(await self.profile_services.replace_credentials(account, secret))
        return True

    def _other(self) -> Holder | None:
        """Return who else polls; None if this one may, and then with the lock if it claims it."""
        if self._claims and self._lock.acquire():
            return None
        found = self._lock.holder() or (Holder(0) if self._claims else None)
        if found is not None and isinstance(self._store, SqliteStore) and not self._store.readable():
            return None  # what the other one writes cannot be seen from here
        return found

    async def _poll(self) -> None:
        publish = leave_healths(self._store, self._publish) if self._claims else self._publish
        if self._claims and isinstance(self._store, SqliteStore):
            await asyncio.to_thread(self._store.sync_together)
        state = await self._state(publish)
        self._hooks.greet(state)
        profile_services = await connected(
            state,
            self._store,
            self._environment,
            self._needed(),
            fresh_seconds=self._fresh_seconds,
            named=self._named,
        )
        for service in Service:
            if service not in self._services:
                profile_services.pollers.pop(service, None)
        self.profile_services = profile_services
        try:
            monitor = self._monitor = profile_services.monitor()
            monitor.want(self._named)
            self._hooks.attach(monitor)
            await monitor.run()
        finally:
            self.profile_services = self._monitor = None
            await profile_services.close()

    async def _state(self, publish: Publish) -> MonitorState:
        """Return the state with what the store kept, read in a thread: it may be much."""
        if self._first_state is not None:
            state, self._first_state = self._first_state, None
            state.publish_to(publish)
            return state
        return await asyncio.to_thread(
            make_state,
            self._profile,
            self._store,
            self._environment.clock,
            publish,
            demo=self._hooks.demo,
        )

    def _needed(self) -> Profile:
        """Return the profile without the accounts that are not asked for."""
        wanted = {service.account for service in self._services}
        left_out: dict[str, Any] = {account.value: None for account in Account if account not in wanted}
        return replace(self._profile, **left_out)

    async def _poll_until_claimed(self) -> None:
        polling = asyncio.create_task(self._poll(), name="poll")
        ended = asyncio.Event()
        polling.add_done_callback(lambda _: ended.set())
        try:
            while not ended.is_set() and self._other() is None:
                await self._environment.clock.wait(ended, FOLLOW_SECONDS)
        finally:
            polling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await polling

    async def _follow(self, holder: Holder) -> None:
        """Publish what the store holds, each time it changes, until no other process polls."""
        self._tell(f"{holder.words()}: showing what it writes")
        state = await self._state(self._publish)
        if isinstance(self._store, SqliteStore):
            self._hooks.attach(RemoteMonitor(self._store, self._environment.clock, holder.words()))
        try:
            await self._follow_while(state, holder)
        finally:
            if self._named:
                leave_wanted(self._store, self._run_id, (), self._environment.clock.now())
        self._tell("the other one has ended: taking over")

    async def _follow_while(self, state: MonitorState, holder: Holder) -> None:
        seen: tuple[int, Holder] | None = None
        found: Holder | None = holder
        while found is not None:
            self._leave_wanted()
            now = (self._store.stamp(), found)
            if now != seen:
                seen = now
                await self._show(state, found)
            await self._environment.clock.sleep(FOLLOW_SECONDS)
            found = self._other()

    def _leave_wanted(self) -> None:
        """Leave word to the one that polls of what is waited for here; it holds for a few minutes."""
        clock = self._environment.clock
        if self._named and clock.monotonic() >= self._left_at + WANTED_GAP:
            self._left_at = clock.monotonic()
            leave_wanted(self._store, self._run_id, self._named, clock.now() + WANTED_FOR)

    async def _show(self, state: MonitorState, holder: Holder) -> None:
        services = self._profile.services()
        await asyncio.to_thread(self._load, state)  # it may be much
        state.health.update(behind_poller(self._store, services, holder.words()))
        state.question = question_from(self._store.recall(QUESTION)) or state.question
        state.publish()

    def _load(self, state: MonitorState) -> None:
        if isinstance(self._store, SqliteStore):
            self._store.reread()
        state.load(self._profile.services())
