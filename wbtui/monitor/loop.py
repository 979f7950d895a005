"""The one scheduling loop; each look is a child task, at most one per service.

Services never wait for each other. Expected errors become the service's health; anything else ends the
loop, and with it the program. Pause means no calls and no open sessions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.errors import AllowanceUsed, LoginRefused, ServiceError, StoreError
from wbtui.domain.keys import find_service
from wbtui.domain.model import Event, FlexQuestion, ItemKey, Level, Novelty, RetryPlan, Service
from wbtui.domain.ports import Store
from wbtui.domain.records import ReadOperations, Tracked
from wbtui.domain.tasks import all_ended
from wbtui.monitor.actions.executor import Executor, Hooks
from wbtui.monitor.awaited import wanted
from wbtui.monitor.pollers.base import Poller
from wbtui.monitor.pollers.flex import FlexPoller
from wbtui.monitor.pollers.operations import OperationsPoller
from wbtui.monitor.rate_limit import AccountRateLimit
from wbtui.monitor.service_health import ServiceHealth
from wbtui.monitor.state import MonitorState

STORE_GAP: Final = 2.0
WANTED_GAP: Final = 30.0
"""Seconds until it is looked up again whether somebody still waits."""
CLOCK_JUMP: Final = 30.0
TIDY_GAP: Final = 3600.0
TRANSLATOR: Final = frozenset({Service.OPERATIONS, Service.FLEX})
"""The services that share an account, its log-in and its allowance."""
UNKEPT: Final = "not kept: only until wbtui is quit"
NO_OPERATIONS: Final = "operations are not set up in this profile"


class Monitor:
    """Runs the watches of one profile and takes the screen's wishes."""

    def __init__(
        self,
        board: MonitorState,
        watches: Iterable[Poller],
        cares: Mapping[Service, ServiceHealth],
        store: Store,
        clock: Clock,
        *,
        allowance: AccountRateLimit | None,
        read_operations: Callable[[bytes], ReadOperations],
        acting: Callable[[Hooks], Executor] | None = None,
    ) -> None:
        self._board = board
        self._watches: dict[Service, Poller] = {watch.service: watch for watch in watches}
        self._cares = cares
        self._store = store
        self._clock = clock
        self._allowance = allowance
        self._read_operations = read_operations
        self._wake = asyncio.Event()
        self._tasks: dict[Service, asyncio.Task[None]] = {}
        self._begun: dict[Service, float] = {}
        self._closing: asyncio.Task[None] | None = None
        self._stamp = store.stamp()
        self._wanted_here: frozenset[ItemKey] = frozenset()
        self._wanted: frozenset[ItemKey] = frozenset()
        self._wanted_at = clock.monotonic()
        self._store_at = clock.monotonic() + STORE_GAP
        self._tidy_at = clock.monotonic() + TIDY_GAP
        self._offset = self._wall_offset()
        hooks = Hooks(self._limited_by_action, self._wake.set, lambda: self.refresh(Service.FLEX))
        self._acting = acting(hooks) if acting else None
        self._acting_task: asyncio.Task[None] | None = None

    # -- the loop ---------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look, merge, publish and wait until cancelled; closes every session on the way out."""
        self._take_wanted()
        self._board.publish()
        if self._acting is not None:
            self._acting_task = asyncio.create_task(self._acting.run(), name="actions")
            self._acting_task.add_done_callback(lambda _: self._wake.set())
        due = self._clock.monotonic()
        try:
            while True:
                self._wake.clear()
                self._collect()
                self._notice_jump(self._clock.monotonic() - due)
                self._housekeeping()
                self._start_due()
                self._board.publish()
                await self._board.let_go()
                seconds = self._seconds_to_next()
                due = self._clock.monotonic() + seconds
                await self._clock.wait(self._wake, seconds)
        finally:
            await self._end()

    def _collect(self) -> None:
        """Take in ended looks; an unexpected error of one of them, or of an action, is raised here."""
        if self._acting_task is not None and self._acting_task.done():
            self._acting_task.result()
        for service, task in list(self._tasks.items()):
            if task.done():
                del self._tasks[service]
                if not task.cancelled():
                    task.result()

    def _start_due(self) -> None:
        if self._board.paused_at is not None:
            return
        for service, watch in self._watches.items():
            at = self._at(watch)
            if service is Service.OPERATIONS and at is not None and at <= self._clock.monotonic():
                self._look_into_store()  # what another process has just looked at need not be asked for
                at = self._at(watch)
            now = self._clock.monotonic()  # read after the plan: "due at once" must not lie ahead of it
            if service not in self._tasks and at is not None and at <= now:
                self._begun[service] = now
                task = asyncio.create_task(self._look(watch), name=f"look at {service}")
                task.add_done_callback(lambda _: self._wake.set())
                self._tasks[service] = task
            else:
                self._watch_over(watch, at, now)

    def _at(self, watch: Poller) -> float | None:
        """Return when a watch is looked at next: its own plan, held back by its care."""
        gate = self._cares[watch.service].gate()
        due = watch.due()
        if gate is None or due is None:
            return None
        quiet = self._acting.quiet_until(watch.service) if self._acting else due
        return max(gate, due, quiet)

    def _watch_over(self, watch: Poller, at: float | None, now: float) -> None:
        """Note the plan for display, and call data old when a look does not come back."""
        care = self._cares[watch.service]
        if watch.service not in self._tasks:
            care.planned(at)
            held = None if at is None or self._allowance is None else watch.held_until()
            care.held(held, self._allowance.shortness() if self._allowance else "")
        elif now - self._begun[watch.service] >= watch.stale_after():
            care.stale("the answer is long in coming")

    async def _look(self, watch: Poller) -> None:
        care = self._cares[watch.service]
        care.asking()
        try:
            await watch.look()
        except AllowanceUsed as error:
            self._limited(care, error)
        except LoginRefused as error:
            for service in TRANSLATOR if watch.service in TRANSLATOR else {watch.service}:
                if service in self._watches:
                    self._cares[service].failed(error)
        except ServiceError as error:
            care.failed(error)
        else:
            care.succeeded()
            if self._allowance is not None and watch.service in TRANSLATOR:
                self._allowance.budget.answered()

    def _limited(self, care: ServiceHealth, error: AllowanceUsed) -> None:
        if self._allowance is None or care.service not in TRANSLATOR:
            care.failed(error)
            return
        throttled = self._allowance.throttled(error)
        for service in TRANSLATOR & self._watches.keys():
            self._cares[service].limited(error, throttled.until)
        if throttled.limit_learnt is not None:
            self._board.log(
                Level.WARNING, "wbtui", f"the server allows {throttled.limit_learnt} calls per hour: adopted"
            )
        if throttled.others:
            self._board.log(
                Level.WARNING,
                "wbtui",
                "the allowance ended below our own count: others use this key; using half of it for an hour",
            )

    def _limited_by_action(self, error: AllowanceUsed) -> None:
        """Let the looks rest, too, after an action was told that the allowance is used up."""
        care = self._cares.get(Service.OPERATIONS)
        if care is not None:
            self._limited(care, error)

    def _seconds_to_next(self) -> float:
        now = self._clock.monotonic()
        times = [self._store_at, self._tidy_at]
        if self._board.paused_at is None:
            for service, watch in self._watches.items():
                running = service in self._tasks
                at = self._begun[service] + watch.stale_after() if running else self._at(watch)
                if at is not None and not (running and at <= now):
                    times.append(at)
        return max(0.0, min(times) - now)

    # -- housekeeping -----------------------------------------------------------------------------------

    def _housekeeping(self) -> None:
        now = self._clock.monotonic()
        if self._allowance is not None:
            self._board.calls = self._allowance.calls()
        self._board.heed_store()
        if now >= self._store_at:
            self._store_at = now + STORE_GAP
            self._look_into_store()
        if now >= self._tidy_at:
            self._tidy_at = now + TIDY_GAP
            self._board.tidy()
            self._store.prune(self._clock.now())

    def want(self, keys: Collection[ItemKey]) -> None:
        """Take in that this process waits for these items."""
        self._wanted_here = frozenset(keys)
        self._take_wanted()

    def _take_wanted(self) -> None:
        """Have what is waited for, here or in another process, looked at as promptly as may be."""
        self._wanted_at = self._clock.monotonic() + WANTED_GAP
        self._wanted = self._wanted_here | wanted(self._store, self._clock.now())
        operations, flex = self._watches.get(Service.OPERATIONS), self._watches.get(Service.FLEX)
        if isinstance(operations, OperationsPoller):
            operations.wanted = self._wanted
        if isinstance(flex, FlexPoller):
            flex.urgent = any(find_service(key) is Service.FLEX for key in self._wanted)

    def _look_into_store(self) -> None:
        """Pick up what `wbtui track` wrote meanwhile, and what others wait for."""
        stamp = self._store.stamp()
        if stamp != self._stamp or (self._wanted and self._clock.monotonic() >= self._wanted_at):
            self._take_wanted()
        if stamp == self._stamp:
            return
        if self._allowance is not None:
            self._allowance.take_in_others()
        watch = self._watches.get(Service.OPERATIONS)
        try:
            found = self._store.operations()
        except StoreError:  # the next time, then
            return
        self._stamp = stamp
        if isinstance(watch, OperationsPoller):
            new = watch.adopt(found)
            if new:
                self._board.log(Level.INFO, Service.OPERATIONS.value, f"{new} tracked by another wbtui")

    def _wall_offset(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    def _notice_jump(self, late: float) -> None:
        """Mark all as old after the machine slept, its clock was set, or this process stood still."""
        offset = self._wall_offset()
        jump = offset - self._offset
        self._offset = offset
        if abs(jump) > CLOCK_JUMP:
            self._old(f"the clock moved by {round(jump)} s", "the machine slept, or its clock was set")
            self._board.clamp()
            self._tidy_at = self._clock.monotonic() + TIDY_GAP  # a clock that went mad must not age anything
        elif late > CLOCK_JUMP:
            self._old(f"wbtui stood still for {round(late)} s", "wbtui was stopped for a while")

    def _old(self, words: str, reason: str) -> None:
        self._board.log(Level.WARNING, "wbtui", f"{words}: looking at all anew")
        for care in self._cares.values():
            care.stale(reason)

    # -- wishes -----------------------------------------------------------------------------------------

    def refresh(self, service: Service | None) -> str:
        """Look again at one service, or all with None, inside the floors."""
        if self._board.paused_at is not None:
            return "paused: p resumes"
        chosen = [w for s, w in self._watches.items() if service in (None, s)]
        if not chosen:
            return "nothing to ask: this service is not set up in the profile"
        now = self._clock.monotonic()
        latest = now
        for watch in chosen:
            own = watch.service
            for sibling in TRANSLATOR & self._watches.keys() if own in TRANSLATOR else {own}:
                self._cares[sibling].open_gate()
            latest = max(latest, watch.wish())
        self._wake.set()
        return "asked" if latest <= now else f"next allowed {_clock_time(self._clock.now(), latest - now)}"

    def pause(self) -> str:
        """Stop all calls and close all sessions until `resume`."""
        if self._board.paused_at is None:
            self._board.paused_at = self._clock.now()
            self._closing = asyncio.create_task(self._close(), name="close sessions")
            self._board.log(Level.INFO, "wbtui", "paused: no calls, no open sessions")
            self._wake.set()
        return "paused"

    def resume(self) -> str:
        """Go on; what is shown counts as old until it has been read again."""
        if self._board.paused_at is not None:
            self._board.paused_at = None
            for care in self._cares.values():
                care.stale("not asked while paused")
            self._board.log(Level.INFO, "wbtui", "resumed")
            if self._acting is not None:
                self._acting.wake()
            self._wake.set()
        return "resumed"

    async def closed(self) -> None:
        """Wait until the sessions that `pause` closes are closed."""
        if self._closing is not None:
            await asyncio.wait({self._closing})

    def ask_flex(self, question: FlexQuestion) -> str:
        """Change what is asked of Flex."""
        watch = self._watches.get(Service.FLEX)
        if not isinstance(watch, FlexPoller):
            return "Flex is not set up in this profile"
        words = watch.change(question)
        self._wake.set()
        return words

    def forget(self, keys: Sequence[ItemKey]) -> str:
        """Stop watching these operations; nothing changes on the server."""
        watch = self._watches.get(Service.OPERATIONS)
        if not isinstance(watch, OperationsPoller):
            return NO_OPERATIONS
        count = watch.forget(keys)
        self._wake.set()
        return f"stopped watching {_operations(count)}"

    def undo_forget(self, keys: Sequence[ItemKey]) -> str:
        """Watch operations again that `forget` took away in this run of the program."""
        watch = self._watches.get(Service.OPERATIONS)
        if not isinstance(watch, OperationsPoller):
            return NO_OPERATIONS
        count = watch.undo_forget(keys)
        self._wake.set()
        return f"watching {_operations(count)} again"

    def read_operations(self, raw: bytes) -> ReadOperations:
        """Return the operations that a text names."""
        return self._read_operations(raw)

    def track(self, items: Sequence[Tracked]) -> str:
        """Watch these operations; when this returns they are on disk."""
        watch = self._watches.get(Service.OPERATIONS)
        if not isinstance(watch, OperationsPoller):
            return NO_OPERATIONS
        try:
            kept = self._store.track(items, self._clock.now())
        except StoreError as error:
            return f"not watched: {error.message}. {error.advice}".rstrip()
        each_once = {operation.key: operation for operation in kept}
        new = watch.adopt(each_once.values())
        self._wake.set()
        known = len(each_once) - new
        said = f"watching {_operations(new)}" + (f"; {known} watched already" if known else "")
        return f"{said}; {UNKEPT}" if self._store.trouble else said

    def toggle_alert(self, keys: Sequence[ItemKey]) -> str:
        """Have the user told when these items are done, or no longer if that is wished for already."""
        found = [item for key in keys if (item := self._board.find(key)) is not None]
        said = self._board.bells.toggle(found)
        self._wake.set()
        return said

    def note(self, event: Event) -> None:
        """Put a line into Activity."""
        self._board.log(event.level, event.source, event.text, key=event.key)
        self._wake.set()

    @property
    def acting(self) -> Executor:
        """Return what takes the wishes for downloads and changes."""
        assert self._acting is not None, "this monitor only looks"
        return self._acting

    def download(self, keys: Sequence[ItemKey], *, other: bool = False) -> str:
        """Queue downloads, of the other deliverable with `other`."""
        return self.acting.download(keys, other=other)

    def download_ready(self, keys: Sequence[ItemKey]) -> str:
        """Queue the downloads of those among these items that are ready."""
        return self.acting.download_ready(keys)

    async def whats_new(self, service: Service) -> Novelty:
        """Return what of a service was made since the last time."""
        return await self.acting.whats_new.find([service])

    def accept(self, keys: Sequence[ItemKey]) -> str:
        """Give files that were stored as doubtful their final names."""
        return self.acting.accept(keys)

    def stop(self, keys: Sequence[ItemKey]) -> str:
        """Stop downloads that wait or are under way."""
        return self.acting.stop(keys)

    async def retry_plan(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path]
    ) -> Mapping[ItemKey, RetryPlan]:
        """Return what `retry` would send, and what speaks against it."""
        return await self.acting.retry_plan(keys, sources)

    def retry(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path], again: Collection[ItemKey] = ()
    ) -> str:
        """Send items again."""
        return self.acting.retry(keys, sources, again)

    def cancel(self, keys: Sequence[ItemKey]) -> str:
        """Cancel what can be cancelled."""
        return self.acting.cancel(keys)

    async def replace_pollers(self, watches: Sequence[Poller]) -> None:
        """Look with these watches at once, in place of those of the same services; theirs are closed."""
        services = {watch.service for watch in watches}
        old = [self._watches[service] for service in services if service in self._watches]
        tasks = [self._tasks.pop(service) for service in services if service in self._tasks]
        for watch in watches:
            self._watches[watch.service] = watch
            self._cares[watch.service].readmitted()
        self._take_wanted()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await all_ended(*(watch.close() for watch in old))
        self._wake.set()

    # -- the end ----------------------------------------------------------------------------------------

    async def _end(self) -> None:
        if self._acting_task is not None:
            self._acting_task.cancel()
            await asyncio.wait({self._acting_task})
        if self._closing is not None:
            await self._closing
        await self._close()

    async def _close(self) -> None:
        """Stop looks and downloads, each of which closes its session, then give the tokens back."""
        if self._acting is not None:
            await self._acting.pause()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await all_ended(*(watch.close() for watch in self._watches.values()))


def _operations(count: int) -> str:
    return "1 operation" if count == 1 else f"{count} operations"


def _clock_time(now: datetime, seconds: float) -> str:
    return f"{(now + timedelta(seconds=seconds)).astimezone():%H:%M:%S}"
