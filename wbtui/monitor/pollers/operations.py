"""Looks at asynchronous operations: the next one that pacing names, one call each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.errors import NoConnection, ServerFault, Unknown
from wbtui.domain.gateway_values import ListedOperation, ListedOperations
from wbtui.domain.keys import find_service, operation_key
from wbtui.domain.merge import (
    ask_again_after,
    by_arrival,
    may_still_come,
    merge_operation,
    new_operation,
    unknown_operation,
)
from wbtui.domain.model import (
    FINISHED,
    FLEX_QUERY,
    Forecast,
    ItemKey,
    Level,
    Operation,
    OperationReading,
    Service,
    State,
)
from wbtui.domain.ports import OperationsGateway, Store
from wbtui.monitor.chunks import chunks
from wbtui.monitor.rate_limit import AccountRateLimit
from wbtui.monitor.state import OPERATIONS_SHOWN, MonitorState
from wbtui.scheduling.learned import Learnt
from wbtui.scheduling.rate_limit import RateLimiter
from wbtui.scheduling.scheduler import MARGIN, PlannedLook, Scheduler, Watched

LIST_GAP: Final = 60.0
LIST_RETRY: Final = timedelta(hours=1)
"""How long a list that broke off, or came with a server fault, is left alone."""
NO_LIST: Final = "trm.list.refused"
TWICE: Final = " twice"
ASK_AGAIN: Final = timedelta(days=7)


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

    def wish(self) -> None:
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


LEARNT: Final = "pacing.learnt."
LEARNT_GAP: Final = 60.0
"""The least seconds between two writings of what pacing has learnt."""
FORECASTS: Final = 200
"""How many waiting operations get a forecast, oldest first."""
FORECAST_GAP: Final = 15.0
MINUTE: Final = 60


class OperationsPoller:
    """Follows the queue of one account."""

    service = Service.OPERATIONS

    def __init__(
        self,
        gateway: OperationsGateway,
        board: MonitorState,
        allowance: AccountRateLimit,
        store: Store,
        clock: Clock,
        *,
        floor: float,
        account: str = "",
    ) -> None:
        self._gateway = gateway
        self._store = store
        self._board = board
        self._allowance = allowance
        self._clock = clock
        self.floor = floor
        self._learnt_name = LEARNT + account
        self._learnt = Learnt.from_text(store.recall(self._learnt_name))
        self._learnt_at = clock.monotonic()
        self._pacing = Scheduler(floor, self._learnt, clock.monotonic())
        self._forecast_at = float("-inf")
        self._followed: dict[ItemKey, Operation] = {}
        self._looked: dict[ItemKey, float] = {}
        self._connected = False
        self._list = OperationsList(gateway, store, clock)
        self._told_more = False
        self._wished: set[ItemKey] = set()
        self._doubted: set[ItemKey] = set()
        self._forgotten: dict[ItemKey, Operation] = {}
        self.wanted: frozenset[ItemKey] = frozenset()
        """What somebody waits for: it is looked at more often, with the calls of the reserve, too."""
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
        """Return until when the allowance holds back the looks of which nobody waits for the answer."""
        now = self._clock.monotonic()
        planned = self._planned(now) if self._connected else None
        if planned is None or not self._allowance.short(planned):
            return None
        return self._allowance.holds(planned, freely=self._planned(now, self._allowance.untouched()))

    def _planned(self, now: float, budget: RateLimiter | None = None) -> float | None:
        """Return when the next look is planned with these calls, those that are left if none are named."""
        look = self._next(now, budget)
        return min((at for at in (self._list.due, look.at if look else None) if at is not None), default=None)

    def _wanted_look(self, now: float) -> PlannedLook | None:
        operations = self._board.operations
        wanted = {key for key in self.wanted if key in operations}
        if any(find_service(key) is Service.FLEX for key in self.wanted):
            # the answer to a question of Flex is an operation
            wanted |= {o.key for o in self._board.unfinished() if o.kind == FLEX_QUERY}
        if not wanted:
            return None
        self._follow_board()
        return self._pacing.wanted_look(now, self._allowance.budget, wanted)

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
            look = self._next(now)
        if look is not None and self.floor_left(look.key) <= 0:
            await self.look_at(look.key)

    async def connect(self) -> None:
        """Log in, so that wrong credentials show even while nothing is watched."""
        await self._gateway.connect()
        async for part in chunks(list(self._board.operations.values()), self._clock):
            self._follow_all(part)
        self._connected = True

    def floor_left(self, key: ItemKey) -> float:
        """Return the seconds before one operation may be looked at again."""
        now = self._clock.monotonic()
        looked = self._looked_at(self._board.operations[key], now)
        return 0.0 if looked is None else max(0.0, looked + self.floor - now)

    def rest_left(self, key: ItemKey) -> float:
        """Return the seconds before a look at one operation may tell anything new: the floor at least."""
        again = ask_again_after(self._board.operations[key], self._clock.now())
        return max(self.floor_left(key), again or 0.0)

    async def look_at(self, key: ItemKey) -> None:
        """Take one look at one operation."""
        operation = self._board.operations[key]
        self._follow_board()
        self._looked[key] = now = self._clock.monotonic()
        asked_at = self._clock.now()
        self._pacing.asked(key, now)
        self._wished.discard(key)
        try:
            reading = await self._gateway.read(operation.request_id)
        except Unknown as error:
            watched = self._board.operations.get(key)
            if watched is not None:  # else the user stopped watching it while the answer was on its way
                self._take_unknown(watched, error, asked_at)
            return
        self._merge(key, reading, asked_at)

    def _take_unknown(self, operation: Operation, error: Unknown, asked_at: datetime) -> None:
        """Take in that the server does not know an operation: a young one may still come, others are gone."""
        key, now = operation.key, self._clock.now()
        named_in_it = str(operation.request_id) in error.message
        first_time = not operation.not_known_yet and key not in self._doubted
        young = may_still_come(operation, now)
        if first_time and not young and not named_in_it:
            # it may have meant something else, such as the session; being removed is for ever
            self._doubted.add(key)
            return
        taken = unknown_operation(operation, asked_at)
        self._board.put(self.service, [taken])
        again = ask_again_after(taken, now)
        if again is None:
            return
        self._follow(taken, None)
        self._followed[key] = taken
        if first_time:
            words = f"{taken.sentence_name} is not known to the server yet: asked again at"
            at = (now + timedelta(seconds=again)).astimezone()
            self._board.log(Level.INFO, self.service.value, f"{words} {at:%H:%M:%S}", key=key)

    def _merge(self, key: ItemKey, reading: OperationReading, asked_at: datetime) -> None:
        operation = self._board.operations.get(key)
        if operation is None:
            return
        self._doubted.discard(key)
        merged = merge_operation(operation, reading, asked_at)
        self._board.put(self.service, [merged])
        now = self._clock.monotonic()
        broken = self._pacing.seen(key, merged.state, now)
        self._followed[key] = merged
        self._keep_learnt(now)
        self._tell_forecasts(now)
        if broken:
            self._board.log(
                Level.WARNING,
                self.service.value,
                "a younger operation ran before an older one: looking at all in turn for an hour at least",
                key=key,
            )

    def _keep_learnt(self, now: float, *, at_once: bool = False) -> None:
        """Write what pacing has learnt, once a minute at most."""
        if now < self._learnt_at + LEARNT_GAP and not at_once:
            return
        learnt = self._pacing.learnt
        if learnt != self._learnt:
            self._learnt, self._learnt_at = learnt, now
            self._store.remember(self._learnt_name, learnt.to_text())

    def _tell_forecasts(self, now: float) -> None:
        """Put what pacing expects on the board, in whole minutes lest the screen flicker."""
        if now < self._forecast_at + FORECAST_GAP:
            return
        self._forecast_at = now
        finishes = self._pacing.expected_finishes(now, FORECASTS)
        running = [o.key for o in self._board.operations.values() if o.state is State.RUNNING]
        operations = self._board.operations
        told = {
            key: self._forecast(operations[key], finishes.get(key))
            for key in [*finishes, *running]
            if key in operations
        }
        self._board.forecasts = {key: forecast for key, forecast in told.items() if forecast != Forecast()}

    def _forecast(self, operation: Operation, finish: tuple[float, float] | None) -> Forecast:
        usual = self._pacing.usual_seconds(operation.kind)
        usual = None if usual is None else float(round(usual))
        if finish is None:
            return Forecast(usual_seconds=usual)
        minutes = round((self._clock.now().timestamp() + finish[0]) / MINUTE)
        at = datetime.fromtimestamp(minutes * MINUTE, UTC)
        return Forecast(at, float(max(1, round(finish[1] / MINUTE)) * MINUTE), usual)

    def usual_seconds(self, kind: str) -> float | None:
        """Return how long operations of a kind usually execute; None until a few ends were seen."""
        return self._pacing.usual_seconds(kind)

    def expected_finish(self, key: ItemKey) -> tuple[float, float] | None:
        """Return in how many seconds a waiting operation should finish, and give or take how many.

        None if it does not wait, or where too little has been seen to say.
        """
        self._follow_board()
        return self._pacing.expected_finish(key, self._clock.monotonic())

    def _take_listed(self, found: ListedOperation, asked_at: datetime) -> None:
        """Add an operation that the list names, or use its word for one that still runs.

        The end of an operation is asked for by `trm/status`, since only that carries the result.
        """
        key = operation_key(found.request_id)
        if key in self._forgotten:
            return
        known = self._board.operations.get(key)
        if known is None:
            known = new_operation(found.request_id, found.reading, asked_at, label=found.label)
            self._board.put(self.service, [replace(known, submitted_at=found.submitted_at)])
        if found.reading.state in FINISHED or known.state in FINISHED:
            return
        self._follow_board()
        self._looked[key] = self._clock.monotonic()
        self._merge(key, found.reading, asked_at)

    def _tell_more(self, more: int) -> None:
        """Say once that the server lists more operations than are read."""
        if more and not self._told_more:
            words = f"the server lists {more} operations more than wbtui reads of its list"
            self._board.log(Level.WARNING, self.service.value, f"{words}; add those by their ids")
        self._told_more = bool(more)

    def wish(self) -> float:
        """Look at all unfinished ones as soon as the floor allows."""
        now = self._clock.monotonic()
        self._wished = {o.key for o in self._board.unfinished()}
        self._list.wish()
        look = self._next(now)
        return max(look.at if look else now, self._quiet_until, self._allowance.ready_at())

    def stale_after(self) -> float:
        """Return two floors, and not less than ten seconds."""
        return max(10.0, 2 * self.floor)

    async def close(self) -> None:
        """Give the token back."""
        self._connected = False
        self._keep_learnt(self._clock.monotonic(), at_once=True)
        await self._gateway.close()

    def adopt(self, operations: Iterable[Operation]) -> int:
        """Take in what another process tracked or saw meanwhile; return how many are new."""
        known = self._board.operations
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
        self._board.put(self.service, [*fresh, *done, *renamed])
        self._take_seen([o for o in operations if o.key in known and _newer(o, known[o.key])])
        return len(fresh) + len(done)

    def _take_seen(self, operations: Sequence[Operation]) -> None:
        """Take in later looks of another process: they are not taken again within the floor."""
        self._board.put(self.service, operations)
        now = self._clock.monotonic()
        for operation in operations:
            looked = self._on_monotonic(operation.seen_at, now)
            if looked is not None and operation.state not in FINISHED:
                self._looked[operation.key] = looked
                self._pacing.asked(operation.key, looked)

    def forget(self, keys: Iterable[ItemKey]) -> int:
        """Stop watching operations; return how many were watched. A list does not bring them back."""
        found = {key: self._board.operations[key] for key in keys if key in self._board.operations}
        self._forgotten |= found
        self._wished -= found.keys()
        self._board.put(self.service, (), found)
        return len(found)

    def undo_forget(self, keys: Iterable[ItemKey]) -> int:
        """Watch operations again as they were when `forget` took them away; return how many."""
        found = [self._forgotten.pop(key) for key in keys if key in self._forgotten]
        self._board.put(self.service, found)
        return len(found)

    def _next(self, now: float, budget: RateLimiter | None = None) -> PlannedLook | None:
        self._follow_board()
        operations = self._board.operations
        self._wished = {k for k in self._wished if k in operations and operations[k].state not in FINISHED}
        if self._wished:
            return self._soonest(now)
        return self._pacing.next_look(now, budget or self._allowance.budget)

    def _soonest(self, now: float) -> PlannedLook:
        def at(key: ItemKey) -> float:
            return now + self.floor_left(key)

        first = min(self._wished, key=lambda key: (at(key), by_arrival(self._board.operations[key])))
        return PlannedLook(first, at(first))

    def _follow_board(self) -> None:
        """Tell pacing what came, went or changed on the board since the last time."""
        operations, followed = self._board.operations, self._followed
        self._follow_all(o for key, o in operations.items() if followed.get(key) is not o)
        if len(followed) > len(operations):
            for key in followed.keys() - operations.keys():
                self._forget(key)
                del followed[key]

    def _follow_all(self, changed: Iterable[Operation]) -> None:
        for operation in changed:
            self._follow(operation, self._followed.get(operation.key))
            self._followed[operation.key] = operation

    def _follow(self, operation: Operation, before: Operation | None) -> None:
        if operation.state in FINISHED:
            self._forget(operation.key)
        elif before is None or (before.state, before.kind) != (operation.state, operation.kind):
            now = self._clock.monotonic()
            self._pacing.follow(self._watched(operation, now), now)

    def _forget(self, key: ItemKey) -> None:
        self._pacing.drop(key, self._clock.monotonic())
        self._looked.pop(key, None)

    def _watched(self, operation: Operation, now: float) -> Watched:
        known_at = self._on_monotonic(operation.submitted_at or operation.tracked_at, now)
        again = ask_again_after(operation, self._clock.now())
        return Watched(
            key=operation.key,
            order=by_arrival(operation),
            kind=operation.kind,
            state=_presumed(operation),
            looked_at=self._looked_at(operation, now),
            known_at=now if known_at is None else known_at,
            waited_then=operation.submitted_at is not None,
            running_since=self._on_monotonic(operation.started_at, now),
            again_at=None if again is None else now + again,
        )

    def _looked_at(self, operation: Operation, now: float) -> float | None:
        looked = self._looked.get(operation.key)
        if looked is not None:
            return looked
        return self._on_monotonic(operation.seen_at, now)

    def _on_monotonic(self, at: datetime | None, now: float) -> float | None:
        if at is None:
            return None
        return now - max(0.0, (self._clock.now() - at).total_seconds())


def _presumed(operation: Operation) -> State:
    """Return the state for planning: one that was never asked for is taken to wait."""
    return State.WAITING if operation.seen_at is None else operation.state


def _newer(found: Operation, known: Operation) -> bool:
    """Return whether another process has seen more of an operation that is not finished here."""
    if known.state in FINISHED or found.seen_at is None:
        return False
    return known.seen_at is None or found.seen_at > known.seen_at


def _stale(operation: Operation, clock: Clock) -> bool:
    return operation.finished_at is not None and operation.finished_at < clock.now() - OPERATIONS_SHOWN
