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

from wbtui.domain import commands
from wbtui.domain.clock import Clock
from wbtui.domain.commands import Command, Handlers
from wbtui.domain.errors import AllowanceUsed, LoginRefused, ServiceError, StoreError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ItemKey, Service
from wbtui.domain.ports import Store
from wbtui.domain.records import ReadOperations
from wbtui.domain.snapshot import Level, Novelty, RetryPlan
from wbtui.domain.tasks import all_ended
from wbtui.monitor.account_rate_limit import AccountRateLimit
from wbtui.monitor.actions.executor import Executor, Hooks
from wbtui.monitor.awaited import wanted
from wbtui.monitor.monitor_state import MonitorState
from wbtui.monitor.pollers.poller import Poller
from wbtui.monitor.service_health import ServiceHealth

LEAST: Final = 30.0
"""Seconds that the clock must have moved, or the loop be late, before it is said."""


@dataclass(frozen=True, slots=True)
class Jump:
    """Time that passed without the loop."""

    words: str
    reason: str
    """What it is likely to come from, in words."""
    clock_moved: bool


class JumpDetector:
    """Compares the wall clock with the monotonic one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._present_offset()

    def since_last(self, late: float) -> Jump | None:
        """Return the jump since the last call, in which the loop came `late` seconds too late."""
        offset = self._present_offset()
        moved, self._offset = offset - self._offset, offset
        if abs(moved) > LEAST:
            words = f"the clock moved by {round(moved)} s"
            return Jump(words, "the machine slept, or its clock was set", clock_moved=True)
        if late > LEAST:
            words = f"wbtui stood still for {round(late)} s"
            return Jump(words, "wbtui was stopped for a while", clock_moved=False)
        return None

    def _present_offset(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()


STORE_GAP: Final = 2.0
WANTED_GAP: Final = 30.0
"""Seconds until the store is asked again what is waited for."""
PRUNE_GAP: Final = 3600.0
TRANSLATOR: Final = frozenset({Service.OPERATIONS, Service.FLEX})
"""The services that share an account, its log-in and its allowance."""
NO_OPERATIONS: Final = "operations are not set up in this profile"
NOT_SET_UP: Final[Mapping[type[Command], str]] = {
    commands.AskFlex: "Flex is not set up in this profile",
    commands.Track: NO_OPERATIONS,
    commands.Forget: NO_OPERATIONS,
    commands.UndoForget: NO_OPERATIONS,
}
"""The answers to commands of pollers that the profile does not have."""


class Monitor:
    """Runs the pollers of one profile, and carries out the commands of the screen."""

    def __init__(
        self,
        state: MonitorState,
        pollers: Iterable[Poller],
        health: Mapping[Service, ServiceHealth],
        store: Store,
        clock: Clock,
        *,
        allowance: AccountRateLimit | None,
        read_operations: Callable[[bytes], ReadOperations],
        executor: Callable[[Hooks], Executor] | None = None,
    ) -> None:
        self._state = state
        self._pollers: dict[Service, Poller] = {poller.service: poller for poller in pollers}
        self._health = health
        self._store = store
        self._clock = clock
        self._allowance = allowance
        self.read_operations: Final = read_operations
        """Returns the operations that a text or a file names."""
        self._wake = asyncio.Event()
        self._tasks: dict[Service, asyncio.Task[None]] = {}
        self._begun: dict[Service, float] = {}
        self._closing: asyncio.Task[None] | None = None
        self._stamp = state.stamp
        self._wanted_here: frozenset[ItemKey] = frozenset()
        self._wanted: frozenset[ItemKey] = frozenset()
        self._wanted_at = clock.monotonic()
        self._store_at = clock.monotonic() + STORE_GAP
        self._prune_at = clock.monotonic() + PRUNE_GAP
        self._jumps = JumpDetector(clock)
        hooks = Hooks(
            self._limited_by_action, self._wake.set, lambda: self.do(commands.Refresh(Service.FLEX))
        )
        self._executor = executor(hooks) if executor else None
        self._handlers = self._all_handlers()
        self._acting_task: asyncio.Task[None] | None = None

    # -- the loop ---------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look, merge, publish and wait until cancelled; closes every session on the way out."""
        self._take_wanted()
        self._state.publish()
        if self._executor is not None:
            self._acting_task = asyncio.create_task(self._executor.run(), name="actions")
            self._acting_task.add_done_callback(lambda _: self._wake.set())
        due = self._clock.monotonic()
        try:
            while True:
                self._wake.clear()
                self._collect()
                self._notice_jump(self._clock.monotonic() - due)
                self._housekeeping()
                self._start_due()
                self._state.publish()
                await self._state.replaced.release()
                seconds = self._seconds_to_next()
                due = self._clock.monotonic() + seconds
                await self._clock.wait(self._wake, seconds)
        finally:
            await self._end()

    def _collect(self) -> None:
        """Drop ended looks; an unexpected error of one of them, or of an action, is raised here."""
        if self._acting_task is not None and self._acting_task.done():
            self._acting_task.result()
        for service, task in list(self._tasks.items()):
            if task.done():
                del self._tasks[service]
                if not task.cancelled():
                    task.result()

    def _start_due(self) -> None:
        if self._state.paused_at is not None:
            return
        for service, poller in self._pollers.items():
            at = self._at(poller)
            if service is Service.OPERATIONS and at is not None and at <= self._clock.monotonic():
                self._look_into_store()  # what another process has just looked at need not be asked for
                at = self._at(poller)
            now = self._clock.monotonic()  # read after the plan: "due at once" must not lie ahead of it
            if service not in self._tasks and at is not None and at <= now:
                self._begun[service] = now
                task = asyncio.create_task(self._look(poller), name=f"look at {service}")
                task.add_done_callback(lambda _: self._wake.set())
                self._tasks[service] = task
            else:
                self._watch_over(poller, at, now)

    def _at(self, poller: Poller) -> float | None:
        """Return when a poller is looked at next: its own plan, held back by its health."""
        not_before = self._health[poller.service].not_before()
        due = poller.due()
        if not_before is None or due is None:
            return None
        quiet = self._executor.quiet_until(poller.service) if self._executor else due
        return max(not_before, due, quiet)

    def _watch_over(self, poller: Poller, at: float | None, now: float) -> None:
        """Record the plan for display, and that data is old when a look does not come back."""
        health = self._health[poller.service]
        if poller.service not in self._tasks:
            health.planned(at)
            held = None if at is None or self._allowance is None else poller.held_until()
            health.held(held, self._allowance.shortness() if self._allowance else "")
        elif now - self._begun[poller.service] >= poller.stale_after():
            health.stale("the answer is long in coming")

    async def _look(self, poller: Poller) -> None:
        health = self._health[poller.service]
        health.asking()
        try:
            await poller.look()
        except AllowanceUsed as error:
            self._limited(health, error)
        except LoginRefused as error:
            for service in TRANSLATOR if poller.service in TRANSLATOR else {poller.service}:
                if service in self._pollers:
                    self._health[service].failed(error)
        except ServiceError as error:
            health.failed(error)
        else:
            health.succeeded()
            if self._allowance is not None and poller.service in TRANSLATOR:
                self._allowance.budget.answered()

    def _limited(self, health: ServiceHealth, error: AllowanceUsed) -> None:
        if self._allowance is None or health.service not in TRANSLATOR:
            health.failed(error)
            return
        throttled = self._allowance.throttled(error)
        for service in TRANSLATOR & self._pollers.keys():
            self._health[service].limited(error, throttled.until)
        if throttled.limit_learnt is not None:
            self._state.events.add(
                Level.WARNING, "wbtui", f"the server allows {throttled.limit_learnt} calls per hour: adopted"
            )
        if throttled.others:
            self._state.events.add(
                Level.WARNING,
                "wbtui",
                "the allowance ended below our own count: others use this key; using half of it for an hour",
            )

    def _limited_by_action(self, error: AllowanceUsed) -> None:
        """Let the looks pause, too, after an action was refused because the allowance is used up."""
        health = self._health.get(Service.OPERATIONS)
        if health is not None:
            self._limited(health, error)

    def _seconds_to_next(self) -> float:
        now = self._clock.monotonic()
        times = [self._store_at, self._prune_at]
        if self._state.paused_at is None:
            for service, poller in self._pollers.items():
                running = service in self._tasks
                at = self._begun[service] + poller.stale_after() if running else self._at(poller)
                if at is not None and not (running and at <= now):
                    times.append(at)
        return max(0.0, min(times) - now)

    # -- housekeeping -----------------------------------------------------------------------------------

    def _housekeeping(self) -> None:
        now = self._clock.monotonic()
        if self._allowance is not None:
            self._state.calls = self._allowance.calls()
        self._state.events.add_store_trouble()
        self._state.save_all_if_new()
        if now >= self._store_at:
            self._store_at = now + STORE_GAP
            self._look_into_store()
        if now >= self._prune_at:
            self._prune_at = now + PRUNE_GAP
            self._state.drop_old_operations()
            self._store.prune(self._clock.now())

    def want(self, keys: Collection[ItemKey]) -> None:
        """Record that this process waits for these items."""
        self._wanted_here = frozenset(keys)
        self._take_wanted()

    def _take_wanted(self) -> None:
        """Have the pollers look promptly at what is waited for, here or in another process."""
        self._wanted_at = self._clock.monotonic() + WANTED_GAP
        self._wanted = self._wanted_here | wanted(self._store, self._clock.now())
        for poller in self._pollers.values():
            poller.want(self._wanted)

    def _look_into_store(self) -> None:
        """Read what `wbtui track` wrote meanwhile, and what other processes wait for."""
        stamp = self._store.stamp()
        if stamp != self._stamp or (self._wanted and self._clock.monotonic() >= self._wanted_at):
            self._take_wanted()
        if stamp == self._stamp:
            return
        if self._allowance is not None:
            self._allowance.take_in_others()
        try:
            for poller in self._pollers.values():
                poller.adopt_stored()
        except StoreError:  # the next time, then
            return
        self._stamp = stamp

    def _notice_jump(self, late: float) -> None:
        """Call all data old after the machine slept, its clock was set, or this process stood still."""
        jump = self._jumps.since_last(late)
        if jump is None:
            return
        self._state.events.add(Level.WARNING, "wbtui", f"{jump.words}: looking at all anew")
        for health in self._health.values():
            health.stale(jump.reason)
        if jump.clock_moved:
            self._state.clamp()
            # a clock that went mad must not age anything
            self._prune_at = self._clock.monotonic() + PRUNE_GAP

    # -- commands ---------------------------------------------------------------------------------------

    def do(self, command: Command) -> str:
        """Carry out a command, or refuse it; return words for the message line."""
        handler = self._handlers.get(type(command))
        words = NOT_SET_UP[type(command)] if handler is None else handler(command)
        self._wake.set()
        return words

    def _all_handlers(self) -> Handlers:
        """Return who carries out which command: this, the pollers and the executor."""
        own: Handlers = {
            commands.Refresh: self._refresh,
            commands.Pause: self._pause,
            commands.Resume: self._resume,
            commands.ToggleAlert: self._toggle_alert,
            commands.Prefer: self._prefer,
            commands.Note: self._note,
        }
        parts = [own, *(poller.handlers() for poller in self._pollers.values())]
        if self._executor is not None:
            parts.append(self._executor.handlers())
        return {kind: handler for part in parts for kind, handler in part.items()}

    def _refresh(self, command: commands.Refresh) -> str:
        if self._state.paused_at is not None:
            return "paused: p resumes"
        chosen = [w for s, w in self._pollers.items() if command.service in (None, s)]
        if not chosen:
            return "nothing to ask: this service is not set up in the profile"
        now = self._clock.monotonic()
        latest = now
        for poller in chosen:
            own = poller.service
            for sibling in TRANSLATOR & self._pollers.keys() if own in TRANSLATOR else {own}:
                self._health[sibling].allow_now()
            latest = max(latest, poller.request_refresh())
        return "asked" if latest <= now else f"next allowed {_clock_time(self._clock.now(), latest - now)}"

    def _pause(self, _command: commands.Pause) -> str:
        if self._state.paused_at is None:
            self._state.paused_at = self._clock.now()
            self._closing = asyncio.create_task(self._close(), name="close sessions")
            self._state.events.add(Level.INFO, "wbtui", "paused: no calls, no open sessions")
        return "paused"

    def _resume(self, _command: commands.Resume) -> str:
        if self._state.paused_at is not None:
            self._state.paused_at = None
            for health in self._health.values():
                health.stale("not asked while paused")
            self._state.events.add(Level.INFO, "wbtui", "resumed")
            if self._executor is not None:
                self._executor.wake()
        return "resumed"

    def _toggle_alert(self, command: commands.ToggleAlert) -> str:
        found = [item for key in command.keys if (item := self._state.find(key)) is not None]
        return self._state.alerts.toggle(found)

    def _prefer(self, command: commands.Prefer) -> str:
        self._state.preferred = frozenset(command.keys)
        return ""

    def _note(self, command: commands.Note) -> str:
        event = command.event
        self._state.events.add(event.level, event.source, event.text, key=event.key)
        return ""

    async def closed(self) -> None:
        """Wait until the sessions that `Pause` closes are closed."""
        if self._closing is not None:
            await asyncio.wait({self._closing})

    @property
    def executor(self) -> Executor:
        """Return what carries out downloads and changes."""
        assert self._executor is not None, "this monitor only looks"
        return self._executor

    async def whats_new(self, service: Service) -> Novelty:
        """Return what of a service was made since the last time."""
        return await self.executor.whats_new.find([service])

    async def retry_plan(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path]
    ) -> Mapping[ItemKey, RetryPlan]:
        """Return what `Retry` would send, and what speaks against it."""
        return await self.executor.retry_plan(keys, sources)

    async def replace_pollers(self, pollers: Sequence[Poller]) -> None:
        """Look with these pollers at once, in place of those of the same services; theirs are closed."""
        services = {poller.service for poller in pollers}
        old = [self._pollers[service] for service in services if service in self._pollers]
        tasks = [self._tasks.pop(service) for service in services if service in self._tasks]
        for poller in pollers:
            self._pollers[poller.service] = poller
            self._health[poller.service].restart()
        self._handlers = self._all_handlers()
        self._take_wanted()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await all_ended(*(poller.close() for poller in old))
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
        if self._executor is not None:
            await self._executor.pause()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await all_ended(*(poller.close() for poller in self._pollers.values()))


def _clock_time(now: datetime, seconds: float) -> str:
    return f"{(now + timedelta(seconds=seconds)).astimezone():%H:%M:%S}"
