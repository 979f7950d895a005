"""Which operation is looked at next, and what answers change."""

from __future__ import annotations

import time

import pytest

from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import ItemKey, State
from wbtui.scheduling.learned import Durations, LearnedQueue
from wbtui.scheduling.rate_limit import RateLimiter
from wbtui.scheduling.scheduler import BROKEN_SECONDS, UNKNOWN_GAP, PlannedLook, Scheduler, Watched

FLOOR = 5.0
LEARNED = LearnedQueue(
    speed=4 / 30, speed_variance=1e-6, slots=4.0, slots_seen=20.0, all_kinds=Durations(50.0, 1500.0)
)


def key(number: int) -> ItemKey:
    return operation_key(number)


def watched(number: int, state: State = State.WAITING, *, looked_at: float | None = 0.0) -> Watched:
    return Watched(key(number), (number, key(number)), "", state, looked_at, 0.0)


def scheduler_of(*operations: Watched, learned: LearnedQueue = LEARNED) -> Scheduler:
    scheduler = Scheduler(FLOOR, learned, 0.0)
    for operation in operations:
        scheduler.follow(operation, 0.0)
    return scheduler


def answer(scheduler: Scheduler, number: int, state: State, now: float) -> bool:
    scheduler.record_request(key(number), now)
    return scheduler.record_answer(key(number), state, now)


def follow_plan(scheduler: Scheduler, limiter: RateLimiter, now: float, end: float) -> list[PlannedLook]:
    """Make the planned looks until `end`; every answer says that the operation still waits."""
    looks = []
    while (look := scheduler.next_look(now, limiter)) is not None:
        now = max(now, look.at, limiter.ready_at(now))
        again = scheduler.next_look(now, limiter)
        if now > end or again is None:
            break
        if again.at > now:
            continue
        limiter.spend(now)
        looks.append(again)
        scheduler.record_request(again.key, now)
        scheduler.record_answer(again.key, State.WAITING, now)
    return looks


def test_without_unfinished_operations_there_is_no_look() -> None:
    assert scheduler_of().next_look(0.0, RateLimiter(1000, 0.0)) is None


@pytest.mark.parametrize("state", [State.WAITING, State.RUNNING, State.UNKNOWN])
def test_no_look_is_planned_within_the_floor(state: State) -> None:
    scheduler = scheduler_of(watched(1, state))
    look = scheduler.next_look(0.0, RateLimiter(100_000, 0.0))
    assert look is not None
    assert look.at >= FLOOR


def test_the_floor_holds_after_a_look_without_an_answer() -> None:
    scheduler = scheduler_of(watched(1, State.RUNNING))
    scheduler.record_request(key(1), 100.0)
    look = scheduler.next_look(100.0, RateLimiter(1000, 0.0))
    assert look is not None
    assert look.at >= 105.0


def test_the_gaps_double_while_the_state_is_unknown() -> None:
    scheduler, now, gaps = scheduler_of(watched(1, State.UNKNOWN)), 0.0, list[int]()
    for _ in range(6):
        look = scheduler.next_look(now, RateLimiter(1000, 0.0))
        assert look is not None
        gaps.append(round(look.at - now))
        now = look.at
        scheduler.record_request(key(1), now)
        scheduler.record_answer(key(1), State.UNKNOWN, now)
    assert gaps == [5, 10, 20, 40, UNKNOWN_GAP, UNKNOWN_GAP]


def test_an_operation_seen_executing_long_ago_comes_first() -> None:
    scheduler = scheduler_of(watched(1, State.RUNNING, looked_at=-3600.0), watched(2, State.RUNNING))
    assert scheduler.next_look(0.0, RateLimiter(1000, 0.0)) == PlannedLook(key(1), 0.0)


def test_the_oldest_waiting_operation_comes_before_a_younger_one() -> None:
    scheduler = scheduler_of(watched(2), watched(1), watched(3))
    look = scheduler.next_look(300.0, RateLimiter(1000, 0.0))
    assert look == PlannedLook(key(1), 300.0)


def test_a_bare_id_is_looked_at_within_seconds() -> None:
    look = scheduler_of(watched(1, looked_at=None), learned=LearnedQueue()).next_look(
        0.0, RateLimiter(1000, 0.0)
    )
    assert look is not None
    assert look.at <= 30.0


def test_ten_thousand_bare_ids_behind_a_waiting_one_use_few_calls() -> None:
    scheduler = scheduler_of(
        *(watched(number, looked_at=None) for number in range(10_000)), learned=LearnedQueue()
    )
    looks = follow_plan(scheduler, RateLimiter(1000, 0.0), 0.0, 600.0)
    assert 1 <= len(looks) <= 150


@pytest.mark.parametrize("state", [State.WAITING, State.RUNNING])
def test_ten_thousand_operations_use_no_more_calls_than_a_hundred(state: State) -> None:
    first = [watched(number, State.RUNNING) for number in range(4)]

    def used(count: int) -> int:
        scheduler = scheduler_of(*first, *(watched(number) for number in range(4, count)))
        return len(follow_plan(scheduler, RateLimiter(1000, 0.0), 0.0, 600.0))

    assert used(10_000) <= used(100) * 1.05 + 2


def test_a_decision_among_ten_thousand_takes_five_milliseconds_at_most() -> None:
    waiting = (watched(number) for number in range(50, 10_000))
    scheduler = scheduler_of(*(watched(n, State.RUNNING) for n in range(50)), *waiting)
    limiter = RateLimiter(1000, 0.0)
    spent = []
    for step in range(50):
        began = time.process_time()
        scheduler.next_look(step * 0.1, limiter)
        answer(scheduler, 50 + step, State.RUNNING, step * 0.1)
        spent.append(time.process_time() - began)
    assert sorted(spent)[len(spent) // 2] <= 0.005


def test_one_overtaking_proves_nothing_until_the_older_one_still_waits() -> None:
    scheduler = scheduler_of(watched(1), watched(2))
    assert not answer(scheduler, 2, State.RUNNING, 5.0)
    assert scheduler.in_order(6.0)
    assert answer(scheduler, 1, State.WAITING, 10.0)
    assert not scheduler.in_order(11.0)
    assert scheduler.in_order(10.0 + BROKEN_SECONDS)


def test_each_further_overtaking_extends_the_looks_in_turn_and_is_not_reported() -> None:
    scheduler = scheduler_of(watched(1), watched(2), watched(3))
    answer(scheduler, 2, State.RUNNING, 5.0)
    assert answer(scheduler, 1, State.WAITING, 10.0)
    answer(scheduler, 3, State.DONE, 3000.0)
    assert not answer(scheduler, 1, State.WAITING, 3005.0)
    assert not scheduler.in_order(10.0 + BROKEN_SECONDS)
    assert scheduler.in_order(3005.0 + BROKEN_SECONDS)


def test_an_overtaking_counts_once() -> None:
    scheduler = scheduler_of(watched(1), watched(2))
    answer(scheduler, 2, State.RUNNING, 5.0)
    assert answer(scheduler, 1, State.WAITING, 10.0)
    answer(scheduler, 1, State.WAITING, 3000.0)
    assert scheduler.in_order(10.0 + BROKEN_SECONDS)
    assert not answer(scheduler, 1, State.WAITING, 4000.0)


def test_an_overtaken_operation_that_has_started_meanwhile_keeps_the_order() -> None:
    scheduler = scheduler_of(watched(1), watched(2))
    answer(scheduler, 2, State.RUNNING, 5.0)
    assert not answer(scheduler, 1, State.RUNNING, 10.0)
    assert scheduler.in_order(11.0)


def test_where_the_order_is_broken_all_are_looked_at_in_turn() -> None:
    scheduler = scheduler_of(*(watched(number) for number in range(1, 6)))
    answer(scheduler, 5, State.RUNNING, 5.0)
    answer(scheduler, 1, State.WAITING, 10.0)
    looks = follow_plan(scheduler, RateLimiter(1000, 0.0), 15.0, 120.0)
    assert {key(2), key(3), key(4)} <= {look.key for look in looks}


def test_durations_of_a_kind_are_learned_from_looks() -> None:
    scheduler = Scheduler(FLOOR, LearnedQueue(), 0.0)
    for number in range(40):
        at = number * 100.0
        fresh = Watched(key(number), (number, key(number)), "Export", State.RUNNING, at, at, False, at)
        scheduler.follow(fresh, at)
        for looked in range(5, 20, 5):
            answer(scheduler, number, State.RUNNING, at + looked)
        answer(scheduler, number, State.DONE, at + 20.0)
    usual = scheduler.usual_seconds("Export")
    assert usual is not None
    assert 15.0 <= usual <= 24.0
    assert scheduler.usual_seconds("Upload") is None


def test_the_expected_finish_of_waiting_operations_grows_with_their_place() -> None:
    scheduler = scheduler_of(watched(0, State.RUNNING), *(watched(number) for number in range(1, 30)))
    first, last = scheduler.expected_finish(key(1), 0.0), scheduler.expected_finish(key(29), 0.0)
    assert first is not None
    assert last is not None
    assert last[0] == pytest.approx(28 * 30 / 4 + 30, rel=0.2)
    assert first[0] < last[0]
    assert first[1] < last[1]
    assert scheduler.expected_finish(key(0), 0.0) is None
    assert scheduler.expected_finish(key(99), 0.0) is None


def test_no_finish_is_expected_before_any_end_was_seen() -> None:
    assert scheduler_of(watched(1), learned=LearnedQueue()).expected_finish(key(1), 0.0) is None


def test_a_queue_that_stands_still_uses_few_calls() -> None:
    scheduler = scheduler_of(*(watched(number) for number in range(20)))
    looks = follow_plan(scheduler, RateLimiter(200, 0.0), 0.0, 1200.0)
    assert len(looks) <= 60


def test_a_dropped_operation_is_not_looked_at() -> None:
    scheduler = scheduler_of(watched(1), watched(2, State.RUNNING), watched(3, State.UNKNOWN))
    for number in (1, 2, 3, 4):
        scheduler.drop(key(number), 1.0)
    assert scheduler.next_look(100.0, RateLimiter(1000, 0.0)) is None
    assert not scheduler.record_answer(key(1), State.WAITING, 2.0)
    assert not scheduler._unfinished.entries
