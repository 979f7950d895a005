"""Looks at asynchronous operations: at the next one of the plan, one call each."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.commands import Forget, Handlers, Track, UndoForget
from wbtui.domain.errors import AllowanceUsed, NoConnection, ServerFault, ServiceError, StoreError, Unknown
from wbtui.domain.item_keys import find_service, operation_key
from wbtui.domain.merge import (
    ask_again_after,
    by_arrival,
    may_still_come,
    merge_operation,
    new_operation,
    unknown_operation,
)
from wbtui.domain.model import FINISHED, FLEX_QUERY, ItemKey, Operation, OperationReading, Service
from wbtui.domain.ports import ListedOperation, ListedOperations, OperationsGateway, Store
from wbtui.domain.snapshot import Level, Part
from wbtui.monitor.account_rate_limit import AccountRateLimit
from wbtui.monitor.chunks import chunks
from wbtui.monitor.monitor_state import OPERATIONS_SHOWN, MonitorState
from wbtui.monitor.pollers.operations_plan import OperationsPlan
from wbtui.monitor.pollers.poller import Poller
from wbtui.scheduling.rate_limit import RateLimiter
from wbtui.scheduling.scheduler import MARGIN, PlannedLook

LIST_GAP: Final = 60.0
LIST_RETRY: Final = timedelta(hours=1)
"""How long a list that broke off, or came with a server fault, is left alone."""
NO_LIST: Final = "trm.list.refused"
TWICE: Final = " twice"
ASK_AGAIN: Final = timedelta(days=7)
FIRST_LOOK: Final = 2.0
"""Seconds from sending a query to the first look at it: the shortest pause that Wordbee names."""
FOLLOW_EVERY: Final = 0.5
"""Seconds between two searches for an operation that may be looked at."""
UNKEPT: Final = "not kept: only until wbtui is quit"


class OperationsList:
    """Asks for the list once a minute where the server has one; where it has none, once a week.

    A server is taken to have none when it said so twice with an hour between: once may have been a page of
    something on the way.
    """

    def __init__(self, gateway: OperationsGateway, store: Store, clock: Clock) -> None:
        self._gateway = gateway
        self._store = store
        self._clock = clock
        refused = store.recall(NO_LIST) or ""
        self._refused = bool(refused)
        self.due = self._after(refused)
        """When it is asked for next (monotonic seconds); None while the server is known to have none."""

    def request_refresh(self) -> None:
        """Ask as soon as may be, unless the server seems to have no list."""
        if not self._refused:
            self.due = self._clock.monotonic()

    async def ask(self) -> ListedOperations:
        """Return what the list names: nothing where it did not come or there is none.

        Raises `ServiceError` for what concerns the other calls as well, such as a refused log-in.
        """
        # Planned first: a list that never comes must not keep the operations from being looked at.
        self.due = self._clock.monotonic() + LIST_RETRY.total_seconds()
        try:
            listed = await self._gateway.listed()
        except (NoConnection, ServerFault):
            return ListedOperations()
        if listed is None:
            refused = self._clock.now().isoformat() + (TWICE if self._refused else "")
            self._store.remember(NO_LIST, refused)
            self._refused = True
            self.due = self._after(refused)
            return ListedOperations()
        if self._refused:
            self._refused = False
            self._store.remember(NO_LIST, "")
        self.due = self._clock.monotonic() + LIST_GAP
        return listed

    def _after(self, refused: str) -> float | None:
        now, monotonic = self._clock.now(), self._clock.monotonic()
        if not refused:
            return monotonic
        left = datetime.fromisoformat(refused.removesuffix(TWICE)) - now
        if refused.endswith(TWICE) and left > -ASK_AGAIN:
            return None
        return monotonic + min(LIST_RETRY, max(timedelta(), left + LIST_RETRY)).total_seconds()


class OperationsPoller(Poller):
    """Follows the queue of one account."""

    service = Service.OPERATIONS

    def __init__(
        self,
        gateway: OperationsGateway,
        state: MonitorState,
        allowance: AccountRateLimit,
        store: Store,
        clock: Clock,
        *,
        floor: float,
        account: str = "",
    ) -> None:
        self._gateway = gateway
        self._store = store
        self._state = state
        self._allowance = allowance
        self._clock = clock
        self.floor = floor
        self.plan = OperationsPlan(state, store, clock, floor=floor, account=account)
        self._connected = False
        self._list = OperationsList(gateway, store, clock)
        self._told_more = False
        self._doubted: set[ItemKey] = set()
        self._forgotten: dict[ItemKey, Operation] = {}
        self.wanted: frozenset[ItemKey] = frozenset()
        """The items that are waited for, which are looked at more often, by the reserve of calls, too."""
        self._quiet_until = self._after_earlier_run(allowance)

    def _after_earlier_run(self, allowance: AccountRateLimit) -> float:
        """Keep the floor also towards looks that another run took just before this one began."""
        last = allowance.last_call_before
        return float("-inf") if last is None else last + self.floor + MARGIN

    def due(self) -> float | None:
        """Return when the next look is due inside floors and allowance; None if nothing is unfinished."""
        if not self._connected:
            return self._clock.monotonic()
        now = self._clock.monotonic()
        planned, wanted = self._planned(now), self._wanted_look(now)
        times = [] if planned is None else [max(planned, self._allowance.ready_at())]
        if wanted is not None:
            times.append(max(wanted.at, self._allowance.ready_at(reserve=True)))
        return max(min(times), self._quiet_until) if times else None

    def held_until(self) -> float | None:
        """Return until when the allowance holds back looks whose answers are not waited for."""
        now = self._clock.monotonic()
        planned = self._planned(now) if self._connected else None
        if planned is None or not self._allowance.short(planned):
            return None
        return self._allowance.holds(planned, freely=self._planned(now, self._allowance.untouched()))

    def _planned(self, now: float, budget: RateLimiter | None = None) -> float | None:
        """Return when the next look is planned with these calls, those that are left if none are named."""
        look = self.plan.next_look(now, budget or self._allowance.budget)
        return min((at for at in (self._list.due, look.at if look else None) if at is not None), default=None)

    def _wanted_look(self, now: float) -> PlannedLook | None:
        operations = self._state.operations
        wanted = {key for key in self.wanted if key in operations}
        if any(find_service(key) is Service.FLEX for key in self.wanted):
            # the answer to a question of Flex is an operation
            wanted |= {o.key for o in self._state.unfinished() if o.kind == FLEX_QUERY}
        if not wanted:
            return None
        return self.plan.wanted_look(now, self._allowance.budget, wanted)

    async def look(self) -> None:
        """Ask for the list where the server has one, else for the next operation."""
        if not self._connected:
            await self.connect()
            return
        now = self._clock.monotonic()
        if self._list.due is not None and self._list.due <= now:
            asked_at = self._clock.now()
            listed = await self._list.ask()
            for found in listed.operations:
                self._take_listed(found, asked_at)
            self._tell_more(listed.more)
            return
        look = self._wanted_look(now)
        if look is None or look.at > now:
            look = self.plan.next_look(now, self._allowance.budget)
        if look is not None and self.plan.floor_left(look.key) <= 0:
            await self.look_at(look.key)

    async def connect(self) -> None:
        """Log in, so that wrong credentials show even while nothing is watched."""
        await self._gateway.connect()
        async for part in chunks(list(self._state.operations.values()), self._clock):
            self.plan.follow_all(part)
        self._connected = True

    async def look_at(self, key: ItemKey) -> None:
        """Take one look at one operation."""
        operation = self._state.operations[key]
        asked_at = self._clock.now()
        self.plan.asked(key)
        try:
            reading = await self._gateway.read(operation.request_id)
        except Unknown as error:
            watched = self._state.operations.get(key)
            if watched is not None:  # else the user stopped watching it while the answer was on its way
                self._take_unknown(watched, error, asked_at)
            return
        self._merge(key, reading, asked_at)

    def until_look(self, key: ItemKey) -> float:
        """Return the seconds until the next look: the floor is one between looks, and sending was none."""
        return self.plan.floor_left(key) if self._state.operations[key].looks else FIRST_LOOK

    async def read_once(self, _until: float, named: frozenset[ItemKey]) -> str:
        """Look at the unfinished ones: those never seen first, then the oldest, while calls are left.

        With nothing to look at, the log-in alone shows whether the service answers.
        """
        await self.connect()
        asked_for = (each for each in self._state.unfinished() if not named or each.key in named)
        pending = sorted(asked_for, key=lambda each: (each.seen_at is not None, by_arrival(each)))
        for done, operation in enumerate(pending):
            if self._allowance.singles_over:
                why = self._allowance.singles_used()
                self._state.parts.set(
                    self.service, Part(done, len(pending), "open operations", why), keep=False
                )
                return f"{len(pending) - done} not asked: {why}"
            if self.plan.rest_left(operation.key) <= 0:
                await self.look_at(operation.key)
        return ""

    async def follow(self, but: Container[ItemKey], tell: Callable[[str], None]) -> None:
        """Look at all unfinished operations `but` some, no sooner than the floor allows, until cancelled."""
        while True:
            for operation in self._state.unfinished():
                if operation.key not in but and self.plan.rest_left(operation.key) <= 0:
                    await self._look_and_tell(operation.key, tell)
            await self._clock.sleep(FOLLOW_EVERY)

    async def _look_and_tell(self, key: ItemKey, tell: Callable[[str], None]) -> None:
        try:
            await self.look_at(key)
        except AllowanceUsed as error:
            self._allowance.throttled(error)
        except ServiceError as error:
            tell(f"{key}: {error.message}")

    def _take_unknown(self, operation: Operation, error: Unknown, asked_at: datetime) -> None:
        """Record that the server does not know an operation: a young one may still come, others are gone."""
        key, now = operation.key, self._clock.now()
        named_in_it = str(operation.request_id) in error.message
        first_time = not operation.not_known_yet and key not in self._doubted
        young = may_still_come(operation, now)
        if first_time and not young and not named_in_it:
            # it may have meant something else, such as the session; being removed is for ever
            self._doubted.add(key)
            return
        taken = unknown_operation(operation, asked_at)
        self._state.put(self.service, [taken])
        again = ask_again_after(taken, now)
        if again is None:
            return
        self.plan.postpone(taken)
        if first_time:
            words = f"{taken.sentence_name} is not known to the server yet: asked again at"
            at = (now + timedelta(seconds=again)).astimezone()
            self._state.events.add(Level.INFO, self.service.value, f"{words} {at:%H:%M:%S}", key=key)

    def _merge(self, key: ItemKey, reading: OperationReading, asked_at: datetime) -> None:
        operation = self._state.operations.get(key)
        if operation is None:
            return
        self._doubted.discard(key)
        merged = merge_operation(operation, reading, asked_at)
        self._state.put(self.service, [merged])
        if self.plan.answered(merged):
            self._state.events.add(
                Level.WARNING,
                self.service.value,
                "a younger operation ran before an older one: looking at all in turn for an hour at least",
                key=key,
            )

    def _take_listed(self, found: ListedOperation, asked_at: datetime) -> None:
        """Add an operation that the list names, or use its word for one that still runs.

        The end of an operation is asked for by `trm/status`, since only that carries the result.
        """
        key = operation_key(found.request_id)
        if key in self._forgotten:
            return
        known = self._state.operations.get(key)
        if known is None:
            known = new_operation(found.request_id, found.reading, asked_at, label=found.label)
            self._state.put(self.service, [replace(known, submitted_at=found.submitted_at)])
        if found.reading.state in FINISHED or known.state in FINISHED:
            return
        self.plan.listed(key)
        self._merge(key, found.reading, asked_at)

    def _tell_more(self, more: int) -> None:
        """Log once that the server lists more operations than are read."""
        if more and not self._told_more:
            words = f"the server lists {more} operations more than wbtui reads of its list"
            self._state.events.add(Level.WARNING, self.service.value, f"{words}; add those by their ids")
        self._told_more = bool(more)

    def request_refresh(self) -> float:
        """Look at all unfinished ones as soon as the floor allows."""
        now = self._clock.monotonic()
        self.plan.request_refresh()
        self._list.request_refresh()
        look = self.plan.next_look(now, self._allowance.budget)
        return max(look.at if look else now, self._quiet_until, self._allowance.ready_at())

    def stale_after(self) -> float:
        """Return two floors, and not less than ten seconds."""
        return max(10.0, 2 * self.floor)

    async def close(self) -> None:
        """Give the token back."""
        self._connected = False
        self.plan.save_learned()
        await self._gateway.close()

    def want(self, keys: frozenset[ItemKey]) -> None:
        """Look at these items more often, with the calls of the reserve, too."""
        self.wanted = keys

    def adopt_stored(self) -> None:
        """Take over what another process tracked or saw meanwhile; raises `StoreError`."""
        new = self.adopt(self._store.operations())
        if new:
            self._state.events.add(Level.INFO, self.service.value, f"{new} tracked by another wbtui")

    def adopt(self, operations: Iterable[Operation]) -> int:
        """Take over what another process tracked or saw meanwhile; return how many are new."""
        known = self._state.operations
        operations = tuple(operations)
        for operation in operations:
            self._forgotten.pop(operation.key, None)
        fresh = [o for o in operations if o.key not in known and o.state not in FINISHED]
        done = [
            o for o in operations if o.key not in known and o.state in FINISHED and not _stale(o, self._clock)
        ]
        renamed = [
            replace(known[o.key], label=o.label, kind=o.kind or known[o.key].kind, request=o.request)
            for o in operations
            if o.key in known and (known[o.key].label, known[o.key].request) != (o.label, o.request)
        ]
        self._state.put(self.service, [*fresh, *done, *renamed])
        self._take_seen([o for o in operations if o.key in known and _newer(o, known[o.key])])
        return len(fresh) + len(done)

    def _take_seen(self, operations: Sequence[Operation]) -> None:
        """Take over later looks of another process, which are not repeated within the floor."""
        self._state.put(self.service, operations)
        for operation in operations:
            self.plan.asked_elsewhere(operation)

    # -- commands ---------------------------------------------------------------------------------------

    def handlers(self) -> Handlers:
        """Return the commands that this poller carries out."""
        return {Track: self.track, Forget: self.forget, UndoForget: self.undo_forget}

    def track(self, command: Track) -> str:
        """Watch operations; return words on how many, once they are on disk."""
        try:
            kept = self._store.track(command.items, self._clock.now())
        except StoreError as error:
            return f"not watched: {error.message}. {error.advice}".rstrip()
        each_once = {operation.key: operation for operation in kept}
        new = self.adopt(each_once.values())
        known = len(each_once) - new
        said = f"watching {_operations(new)}" + (f"; {known} watched already" if known else "")
        return f"{said}; {UNKEPT}" if self._store.trouble else said

    def forget(self, command: Forget) -> str:
        """Stop watching operations; return words on how many. A list does not bring them back."""
        known = self._state.operations
        found = {key: known[key] for key in command.keys if key in known}
        self._forgotten |= found
        self.plan.cancel_refresh(found)
        self._state.put(self.service, (), found)
        return f"stopped watching {_operations(len(found))}"

    def undo_forget(self, command: UndoForget) -> str:
        """Watch operations again as they were when `forget` took them away; return words on how many."""
        found = [self._forgotten.pop(key) for key in command.keys if key in self._forgotten]
        self._state.put(self.service, found)
        return f"watching {_operations(len(found))} again"


def _operations(count: int) -> str:
    return "1 operation" if count == 1 else f"{count} operations"


def _newer(found: Operation, known: Operation) -> bool:
    """Return whether another process has seen more of an operation that is not finished here."""
    if known.state in FINISHED or found.seen_at is None:
        return False
    return known.seen_at is None or found.seen_at > known.seen_at


def _stale(operation: Operation, clock: Clock) -> bool:
    return operation.finished_at is not None and operation.finished_at < clock.now() - OPERATIONS_SHOWN
