"""One poller per profile: who holds the lock asks the services, every other wbtui shows what the store says.

Sharing one key, two pollers would spend its allowance twice. The poller leaves in the store how each service
is doing, so that the others can say it; when it ends, one of them takes over within `FOLLOW_SECONDS`.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from wbtui.app.services import Environment, ProfileServices, connected, make_board
from wbtui.config import Profile
from wbtui.domain.clock import Clock
from wbtui.domain.credentials import Account, Secret
from wbtui.domain.errors import StoreError
from wbtui.domain.model import Event, FlexQuestion, Health, ItemKey, Novelty, Operation, RetryPlan, Service
from wbtui.domain.ports import MonitorCommands, Publish, Store
from wbtui.domain.records import ReadOperations, Tracked
from wbtui.monitor.awaited import leave_wanted
from wbtui.monitor.loop import Monitor
from wbtui.monitor.pollers.flex import QUESTION, question_from
from wbtui.monitor.state import MonitorState
from wbtui.monitor.stored_health import behind_poller, leave_healths
from wbtui.scheduling.intervals import FLEX_LEAST
from wbtui.store import SqliteStore
from wbtui.store.lock import Holder, PollerLock
from wbtui.wordbee.envelopes import read_operations


class TrackingStore(Protocol):
    """A store that takes operations to be watched."""

    @property
    def trouble(self) -> str:
        """Return in words why nothing is kept at present, or an empty text."""
        ...

    def track(self, items: Sequence[Tracked], now: datetime) -> tuple[Operation, ...]:
        """Keep these operations, for whoever polls; raises `StoreError`."""
        ...


class RemoteMonitor:
    """The wishes of a screen that shows what another process reads (`ports.Wishes`)."""

    def __init__(self, store: TrackingStore, clock: Clock, words: str) -> None:
        self._store = store
        self._clock = clock
        self._words = words

    def _there(self) -> str:
        return f"{self._words}: ask there, or quit that one and this one takes over"

    def refresh(self, service: Service | None) -> str:
        """Say who polls."""
        return self._there()

    def pause(self) -> str:
        """Say who polls."""
        return self._there()

    def resume(self) -> str:
        """Say who polls."""
        return self._there()

    async def closed(self) -> None:
        """Return at once: nothing is open here."""

    def ask_flex(self, question: FlexQuestion) -> str:
        """Say who polls."""
        return self._there()

    def forget(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls: an operation that is forgotten here would be written again there."""
        return self._there()

    def undo_forget(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls."""
        return self._there()

    def read_operations(self, raw: bytes) -> ReadOperations:
        """Return the operations that a text names."""
        return read_operations(raw)

    def track(self, items: Sequence[Tracked]) -> str:
        """Track operations through the store, where the one that polls finds them."""
        if self._store.trouble:
            return f"not tracked: {self._store.trouble}"
        try:
            self._store.track(items, self._clock.now())
        except StoreError as error:
            return f"not tracked: {error.message}. {error.advice}".rstrip()
        return f"tracked {len(items)}; {self._words}"

    def toggle_alert(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls."""
        return self._there()

    def note(self, event: Event) -> None:
        """Keep no note: Activity is written by the one that polls."""

    def download(self, keys: Sequence[ItemKey], *, other: bool = False) -> str:
        """Say who polls."""
        return self._there()

    def download_ready(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls."""
        return self._there()

    async def whats_new(self, service: Service) -> Novelty:
        """Say who polls: what was fetched is known there."""
        return Novelty(refusal=self._there())

    def accept(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls: what was fetched is known there."""
        return self._there()

    def stop(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls."""
        return self._there()

    async def retry_plan(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path]
    ) -> Mapping[ItemKey, RetryPlan]:
        """Return nothing: nothing is sent from here."""
        return {}

    def retry(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path], again: Collection[ItemKey] = ()
    ) -> str:
        """Say who polls."""
        return self._there()

    def cancel(self, keys: Sequence[ItemKey]) -> str:
        """Say who polls."""
        return self._there()


FOLLOW_SECONDS: Final = 5.0
"""How often the store is read again, and how long after the poller's end another one takes over."""
WANTED_GAP: Final = 60.0
"""Seconds between two words to the one that polls that somebody waits here."""
WANTED_FOR: Final = timedelta(seconds=150)
"""For how long such a word holds, lest one that was killed be waited for."""


def followed_healths(store: Store, services: Collection[Service], holder: Holder) -> dict[Service, Health]:
    """Return each service's health as the poller left it, with the poller named in the message."""
    return behind_poller(store, services, holder.words())


def followed_question(store: Store) -> FlexQuestion | None:
    """Return what the poller asks of Flex, which a key there may have changed; None before it asked."""
    return question_from(store.recall(QUESTION))


def kept(store: Store) -> bool:
    """Return whether what is saved in a store outlives the program."""
    return not isinstance(store, SqliteStore) or store.kept


@dataclass(frozen=True, slots=True)
class ScreenHooks:
    """The screen, as far as watching a profile concerns it; a command needs none of this."""

    demo: bool = False
    attach: Callable[[MonitorCommands], None] = lambda _wishes: None
    """Takes whom to ask: the monitor while this process polls, else who says where to ask."""
    greet: Callable[[MonitorState], None] = lambda _board: None
    """Writes the first lines of Activity when this process begins to poll, and shows what the store knew."""


class ProfileWatcher:
    """A profile watched for as long as `run` runs: by asking, or by following the one that asks.

    With `claims` the lock is taken as soon as it is free, and the whole profile polled. Without, only
    `services` are polled, and only while nobody else holds the lock: for a command that needs little and is
    to be in nobody's way. Without them also where the store keeps nothing: nobody could follow such a poller.
    """

    def __init__(
        self,
        profile: Profile,
        store: Store,
        around: Environment,
        lock: PollerLock,
        publish: Publish,
        *,
        services: Collection[Service] | None = None,
        claims: bool = True,
        fresh_seconds: float = FLEX_LEAST,
        tell: Callable[[str], None] = lambda _words: None,
        hooks: ScreenHooks | None = None,
        named: Collection[ItemKey] = (),
    ) -> None:
        """Watch a profile; the items `named` are waited for, here or by the one that polls."""
        self._profile = profile
        self._store = store
        self._around = around
        self._lock = lock
        self._publish = publish
        self._services = profile.services() if services is None else frozenset(services)
        self._claims = claims and kept(store)
        self._fresh_seconds = fresh_seconds
        self._tell = tell
        self._named = frozenset(named)
        self._run_id = uuid.uuid4().hex
        self._left_at = float("-inf")
        self._onlooker = hooks or ScreenHooks()
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
        self._around.typed[(self._profile.name, account)] = secret
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
        board = await self._board(publish)
        self._onlooker.greet(board)
        profile_services = await connected(
            board,
            self._store,
            self._around,
            self._needed(),
            fresh_seconds=self._fresh_seconds,
            named=self._named,
        )
        for service in Service:
            if service not in self._services:
                profile_services.watches.pop(service, None)
        self.profile_services = profile_services
        try:
            monitor = self._monitor = profile_services.monitor()
            monitor.want(self._named)
            self._onlooker.attach(monitor)
            await monitor.run()
        finally:
            self.profile_services = self._monitor = None
            await profile_services.close()

    async def _board(self, publish: Publish) -> MonitorState:
        """Return the board with what the store kept, read in a thread: it may be much."""
        hooks = self._onlooker
        return await asyncio.to_thread(
            make_board,
            self._profile,
            self._store,
            self._around.clock,
            publish,
            demo=hooks.demo,
        )

    def _needed(self) -> Profile:
        """Return the profile without the accounts that are not asked for."""
        wanted = self._services
        translator = wanted & {Service.OPERATIONS, Service.FLEX}
        return replace(
            self._profile,
            translator=self._profile.translator if translator else None,
            beebox=self._profile.beebox if Service.BEEBOX in wanted else None,
            instant=self._profile.instant if Service.INSTANT in wanted else None,
        )

    async def _poll_until_claimed(self) -> None:
        polling = asyncio.create_task(self._poll(), name="poll")
        ended = asyncio.Event()
        polling.add_done_callback(lambda _: ended.set())
        try:
            while not ended.is_set() and self._other() is None:
                await self._around.clock.wait(ended, FOLLOW_SECONDS)
        finally:
            polling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await polling

    async def _follow(self, holder: Holder) -> None:
        """Publish what the store says, each time it changes, until nobody else polls."""
        self._tell(f"{holder.words()}: showing what it writes")
        board = await self._board(self._publish)
        if isinstance(self._store, SqliteStore):
            self._onlooker.attach(RemoteMonitor(self._store, self._around.clock, holder.words()))
        try:
            await self._follow_while(board, holder)
        finally:
            if self._named:
                leave_wanted(self._store, self._run_id, (), self._around.clock.now())
        self._tell("the other one has ended: taking over")

    async def _follow_while(self, board: MonitorState, holder: Holder) -> None:
        seen: tuple[int, Holder] | None = None
        found: Holder | None = holder
        while found is not None:
            self._leave_wanted()
            now = (self._store.stamp(), found)
            if now != seen:
                seen = now
                await self._show(board, found)
            await self._around.clock.sleep(FOLLOW_SECONDS)
            found = self._other()

    def _leave_wanted(self) -> None:
        """Leave word to the one that polls of what is waited for here; it holds for a few minutes."""
        clock = self._around.clock
        if self._named and clock.monotonic() >= self._left_at + WANTED_GAP:
            self._left_at = clock.monotonic()
            leave_wanted(self._store, self._run_id, self._named, clock.now() + WANTED_FOR)

    async def _show(self, board: MonitorState, holder: Holder) -> None:
        services = self._profile.services()
        await asyncio.to_thread(self._load, board)  # it may be much
        board.health.update(followed_healths(self._store, services, holder))
        board.question = followed_question(self._store) or board.question
        board.publish()

    def _load(self, board: MonitorState) -> None:
        if isinstance(self._store, SqliteStore):
            self._store.reread()
        board.load(self._profile.services())
