"""Plans the looks at operations: keeps the scheduler in step with the state, and tells what it expects."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.merge import ask_again_after, by_arrival
from wbtui.domain.model import FINISHED, ItemKey, Operation, State
from wbtui.domain.ports import Store
from wbtui.domain.snapshot import Forecast
from wbtui.monitor.monitor_state import MonitorState
from wbtui.scheduling.learned import LearnedQueue
from wbtui.scheduling.rate_limit import RateLimiter
from wbtui.scheduling.scheduler import PlannedLook, Scheduler, Watched

LEARNED: Final = "pacing.learnt."
LEARNED_GAP: Final = 60.0
"""The least seconds between two writings of what the scheduler has learned."""
FORECASTS: Final = 200
"""How many waiting operations get a forecast, oldest first."""
FORECAST_GAP: Final = 15.0
MINUTE: Final = 60


class OperationsPlan:
    """Says which operation is looked at next, from what was seen of the queue and what the user asked for."""

    def __init__(
        self, state: MonitorState, store: Store, clock: Clock, *, floor: float, account: str
    ) -> None:
        self._state = state
        self._store = store
        self._clock = clock
        self._floor = floor
        self._learned_name = LEARNED + account
        self._learned = LearnedQueue.from_text(store.recall(self._learned_name))
        self._learned_at = clock.monotonic()
        self._scheduler = Scheduler(floor, self._learned, clock.monotonic())
        self._forecast_at = float("-inf")
        self._followed: dict[ItemKey, Operation] = {}
        self._looked: dict[ItemKey, float] = {}
        self._to_refresh: set[ItemKey] = set()
        self._refresh_order: list[ItemKey] = []
        """Those to refresh, the one that came first at the end; some may have been looked at meanwhile."""
        self._changes = -1
        """Up to which change of the state the scheduler has been told."""

    # -- what is next -----------------------------------------------------------------------------------

    def next_look(self, now: float, budget: RateLimiter) -> PlannedLook | None:
        """Return the next look with these calls; what the user asked for comes first."""
        self.follow()
        if self._to_refresh:
            return self._soonest(now)
        return self._scheduler.next_look(now, budget)

    def _soonest(self, now: float) -> PlannedLook:
        """Return the look at the oldest one to refresh that the floor allows, or allows first."""
        order = self._refresh_order
        while order[-1] not in self._to_refresh:
            order.pop()
        best: PlannedLook | None = None
        for key in reversed(order):
            if key not in self._to_refresh:
                continue
            left = self.floor_left(key)
            if best is None or now + left < best.at:
                best = PlannedLook(key, now + left)
            if left <= 0:
                break
        assert best is not None
        return best

    def wanted_look(self, now: float, budget: RateLimiter, keys: set[ItemKey]) -> PlannedLook | None:
        """Return the next look at these operations, which are waited for."""
        self.follow()
        return self._scheduler.wanted_look(now, budget, keys)

    def request_refresh(self) -> None:
        """Plan a look at each unfinished operation as soon as the floor allows."""
        self.follow()
        order = sorted(self._state.unfinished(), key=by_arrival, reverse=True)
        self._refresh_order = [operation.key for operation in order]
        self._to_refresh = set(self._refresh_order)

    def floor_left(self, key: ItemKey) -> float:
        """Return the seconds before one operation may be looked at again."""
        now = self._clock.monotonic()
        looked = self._looked_at(self._state.operations[key], now)
        return 0.0 if looked is None else max(0.0, looked + self._floor - now)

    def rest_left(self, key: ItemKey) -> float:
        """Return the seconds before a look at one operation may tell anything new: the floor at least."""
        again = ask_again_after(self._state.operations[key], self._clock.now())
        return max(self.floor_left(key), again or 0.0)

    # -- what was asked and seen ------------------------------------------------------------------------

    def asked(self, key: ItemKey) -> None:
        """Record that a look at an operation begins now."""
        self.follow()
        now = self._clock.monotonic()
        self._looked[key] = now
        self._scheduler.record_request(key, now)
        self._to_refresh.discard(key)

    def listed(self, key: ItemKey) -> None:
        """Record that a list has named an operation now, which is as good as a look."""
        self.follow()
        self._looked[key] = self._clock.monotonic()

    def asked_elsewhere(self, operation: Operation) -> None:
        """Record when another process looked at an operation: it is not asked again within the floor."""
        looked = self._on_monotonic(operation.seen_at, self._clock.monotonic())
        if looked is not None and operation.state not in FINISHED:
            self._looked[operation.key] = looked
            self._scheduler.record_request(operation.key, looked)

    def answered(self, operation: Operation) -> bool:
        """Take over an answer; return whether it shows that the queue is not worked off in order."""
        now = self._clock.monotonic()
        broken = self._scheduler.record_answer(operation.key, operation.state, now)
        self._followed[operation.key] = operation
        if operation.state in FINISHED:
            self._to_refresh.discard(operation.key)
        if now >= self._learned_at + LEARNED_GAP:
            self.save_learned()
        self._forecast(now)
        return broken

    def postpone(self, operation: Operation) -> None:
        """Plan the next look at an operation that the server does not know yet."""
        self._follow_one(operation, None)
        self._followed[operation.key] = operation

    def cancel_refresh(self, keys: Collection[ItemKey]) -> None:
        """Take back the looks that the user asked for at these operations."""
        self._to_refresh.difference_update(keys)

    def save_learned(self) -> None:
        """Write what the scheduler has learned, if that is new."""
        learned = self._scheduler.learned
        if learned != self._learned:
            self._learned, self._learned_at = learned, self._clock.monotonic()
            self._store.remember(self._learned_name, learned.to_text(), synced=False)

    # -- keeping in step --------------------------------------------------------------------------------

    def follow(self) -> None:
        """Tell the scheduler what came, went or changed in the state since the last time."""
        index, operations, followed = self._state.index, self._state.operations, self._followed
        keys = index.changed_since(self._changes)
        self._changes = index.changes
        if keys is None:
            keys = operations.keys() | followed.keys()
        present = (operations[key] for key in keys if key in operations)
        self.follow_all(o for o in present if followed.get(o.key) is not o)
        for key in keys:
            if key in followed and key not in operations:
                self._drop(key)
                del followed[key]

    def follow_all(self, changed: Iterable[Operation]) -> None:
        """Tell the scheduler of these operations."""
        for operation in changed:
            self._follow_one(operation, self._followed.get(operation.key))
            self._followed[operation.key] = operation

    def _follow_one(self, operation: Operation, before: Operation | None) -> None:
        if operation.state in FINISHED:
            self._drop(operation.key)
        elif before is None or (before.state, before.kind) != (operation.state, operation.kind):
            now = self._clock.monotonic()
            self._scheduler.follow(self._watched(operation, now), now)

    def _drop(self, key: ItemKey) -> None:
        self._scheduler.drop(key, self._clock.monotonic())
        self._looked.pop(key, None)
        self._to_refresh.discard(key)

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

    # -- forecasts --------------------------------------------------------------------------------------

    def _forecast(self, now: float) -> None:
        """Put what the scheduler expects into the state, in whole minutes so that the screen stays calm."""
        if now < self._forecast_at + FORECAST_GAP:
            return
        self._forecast_at = now
        operations = self._state.operations
        finishes = self._scheduler.expected_finishes(now, FORECASTS)
        found = {
            key: self._forecast_of(operations[key], finishes.get(key))
            for key in [*finishes, *self._state.index.running]
            if key in operations
        }
        self._state.forecasts = {key: forecast for key, forecast in found.items() if forecast != Forecast()}

    def _forecast_of(self, operation: Operation, finish: tuple[float, float] | None) -> Forecast:
        usual = self._scheduler.usual_seconds(operation.kind)
        usual = None if usual is None else float(round(usual))
        if finish is None:
            return Forecast(usual_seconds=usual)
        minutes = round((self._clock.now().timestamp() + finish[0]) / MINUTE)
        at = datetime.fromtimestamp(minutes * MINUTE, UTC)
        return Forecast(at, float(max(1, round(finish[1] / MINUTE)) * MINUTE), usual)


def _presumed(operation: Operation) -> State:
    """Return the state for planning: one that was never asked for is taken to wait."""
    return State.WAITING if operation.seen_at is None else operation.state
