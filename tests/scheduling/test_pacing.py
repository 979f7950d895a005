"""Who in the queue is looked at next, and what looks teach."""

from __future__ import annotations

import time

import pytest

from wbtui.domain.keys import operation_key
from wbtui.domain.model import ItemKey, State
from wbtui.scheduling.learned import Durations, Learnt
from wbtui.scheduling.rate_limit import RateLimiter
from wbtui.scheduling.scheduler import BROKEN_SECONDS, UNKNOWN_GAP, PlannedLook, Scheduler, Watched

FLOOR = 5.0
KNOWING = Learnt(
    speed=4 / 30, speed_variance=1e-6, slots=4.0, slots_seen=20.0, all_kinds=Durations(50.0, 1500.0)
)


def key(number: int) -> ItemKey:
    return operation_key(number)


def watched(number: int, state: State = State.WAITING, *, looked_at: float | None = 0.0) -> Watched:
    return Watched(key(number), (number, key(number)), "", state, looked_at, 0.0)


def pacing_of(*operations: Watched, learnt: Learnt = KNOWING) -> Scheduler:
    pacing = Scheduler(FLOOR, learnt, 0.0)
    for operation in operations:
        pacing.follow(operation, 0.0)
    return pacing


def answer(pacing: Scheduler, number: int, state: State, now: float) -> bool:
    pacing.asked(key(number), now)
    return pacing.seen(key(number), state, now)


def course(pacing: Scheduler, budget: RateLimiter, now: float, end: float) -> list[PlannedLook]:
    """Follow the plan to its end; every answer says what was known before."""
    looks = []
    while (look := pacing.next_look(now, budget)) is not None:
        now = max(now, look.at, budget.ready_at(now))
        again = pacing.next_look(now, budget)
        if now > end or again is None:
            break
        if again.at > now:
            continue
        budget.spend(now)
        looks.append(again)
        pacing.asked(again.key, now)
        pacing.seen(again.key, State.WAITING, now)
    return looks


def test_nothing_unfinished_is_nothing_to_look_at() -> None:
    assert pacing_of().next_look(0.0, RateLimiter(1000, 0.0)) is None


@pytest.mark.parametrize("state", [State.WAITING, State.RUNNING, State.UNKNOWN])
def test_no_look_comes_within_the_floor(state: State) -> None:
    pacing = pacing_of(watched(1, state))
    look = pacing.next_look(0.0, RateLimiter(100_000, 0.0))
    assert look is not None
    assert look.at >= FLOOR


def test_the_floor_holds_for_a_look_that_brought_no_answer() -> None:
    pacing = pacing_of(watched(1, State.RUNNING))
    pacing.asked(key(1), 100.0)
    look = pacing.next_look(100.0, RateLimiter(1000, 0.0))
    assert look is not None
    assert look.at >= 105.0


def test_an_unknown_word_is_looked_at_ever_more_slowly() -> None:
    pacing, now, gaps = pacing_of(watched(1, State.UNKNOWN)), 0.0, list[int]()
    for _ in range(6):
        look = pacing.next_look(now, RateLimiter(1000, 0.0))
        assert look is not None
        gaps.append(round(look.at - now))
        now = look.at
        pacing.asked(key(1), now)
        pacing.seen(key(1), State.UNKNOWN, now)
    assert gaps == [5, 10, 20, 40, UNKNOWN_GAP, UNKNOWN_GAP]


def test_one_seen_executing_long_ago_comes_first() -> None:
    pacing = pacing_of(watched(1, State.RUNNING, looked_at=-3600.0), watched(2, State.RUNNING))
    assert pacing.next_look(0.0, RateLimiter(1000, 0.0)) == PlannedLook(key(1), 0.0)


def test_the_oldest_waiting_one_comes_before_a_younger_one() -> None:
    pacing = pacing_of(watched(2), watched(1), watched(3))
    look = pacing.next_look(300.0, RateLimiter(1000, 0.0))
    assert look == PlannedLook(key(1), 300.0)


def test_a_bare_id_is_looked_at_within_seconds() -> None:
    look = pacing_of(watched(1, looked_at=None), learnt=Learnt()).next_look(0.0, RateLimiter(1000, 0.0))
    assert look is not None
    assert look.at <= 30.0


def test_ten_thousand_bare_ids_behind_one_that_waits_burn_no_calls() -> None:
    pacing = pacing_of(*(watched(number, looked_at=None) for number in range(10_000)), learnt=Learnt())
    looks = course(pacing, RateLimiter(1000, 0.0), 0.0, 600.0)
    assert 1 <= len(looks) <= 150


@pytest.mark.parametrize("state", [State.WAITING, State.RUNNING])
def test_ten_thousand_use_no_more_calls_than_a_hundred(state: State) -> None:
    first = [watched(number, State.RUNNING) for number in range(4)]

    def used(count: int) -> int:
        pacing = pacing_of(*first, *(watched(number) for number in range(4, count)))
        return len(course(pacing, RateLimiter(1000, 0.0), 0.0, 600.0))

    assert used(10_000) <= used(100) * 1.05 + 2


def test_a_decision_about_ten_thousand_takes_five_milliseconds_at_most() -> None:
    waiting = (watched(number) for number in range(50, 10_000))
    pacing = pacing_of(*(watched(n, State.RUNNING) for n in range(50)), *waiting)
    budget = RateLimiter(1000, 0.0)
    spent = []
    for step in range(50):
        began = time.process_time()
        pacing.next_look(step * 0.1, budget)
        answer(pacing, 50 + step, State.RUNNING, step * 0.1)
        spent.append(time.process_time() - began)
    assert sorted(spent)[len(spent) // 2] <= 0.005


def test_one_overtaking_proves_nothing_until_the_older_one_still_waits() -> None:
    pacing = pacing_of(watched(1), watched(2))
    assert not answer(pacing, 2, State.RUNNING, 5.0)
    assert pacing.in_order(6.0)
    assert answer(pacing, 1, State.WAITING, 10.0)
    assert not pacing.in_order(11.0)
    assert pacing.in_order(10.0 + BROKEN_SECONDS)


def test_each_further_overtaking_lets_looks_go_in_turn_for_an_hour_more_and_is_no_news() -> None:
    pacing = pacing_of(watched(1), watched(2), watched(3))
    answer(pacing, 2, State.RUNNING, 5.0)
    assert answer(pacing, 1, State.WAITING, 10.0)
    answer(pacing, 3, State.DONE, 3000.0)
    assert not answer(pacing, 1, State.WAITING, 3005.0)
    assert not pacing.in_order(10.0 + BROKEN_SECONDS)
    assert pacing.in_order(3005.0 + BROKEN_SECONDS)


def test_one_that_goes_on_waiting_after_it_was_passed_proves_nothing_more() -> None:
    pacing = pacing_of(watched(1), watched(2))
    answer(pacing, 2, State.RUNNING, 5.0)
    assert answer(pacing, 1, State.WAITING, 10.0)
    answer(pacing, 1, State.WAITING, 3000.0)
    assert pacing.in_order(10.0 + BROKEN_SECONDS)
    assert not answer(pacing, 1, State.WAITING, 4000.0)


def test_an_overtaken_one_that_has_started_meanwhile_keeps_the_order() -> None:
    pacing = pacing_of(watched(1), watched(2))
    answer(pacing, 2, State.RUNNING, 5.0)
    assert not answer(pacing, 1, State.RUNNING, 10.0)
    assert pacing.in_order(11.0)


def test_where_the_order_is_broken_all_are_looked_at_in_turn() -> None:
    pacing = pacing_of(*(watched(number) for number in range(1, 6)))
    answer(pacing, 5, State.RUNNING, 5.0)
    answer(pacing, 1, State.WAITING, 10.0)
    looks = course(pacing, RateLimiter(1000, 0.0), 15.0, 120.0)
    assert {key(2), key(3), key(4)} <= {look.key for look in looks}


def test_durations_of_a_kind_are_learnt_from_looks() -> None:
    pacing = Scheduler(FLOOR, Learnt(), 0.0)
    for number in range(40):
        at = number * 100.0
        fresh = Watched(key(number), (number, key(number)), "Export", State.RUNNING, at, at, False, at)
        pacing.follow(fresh, at)
        for looked in range(5, 20, 5):
            answer(pacing, number, State.RUNNING, at + looked)
        answer(pacing, number, State.DONE, at + 20.0)
    usual = pacing.usual_seconds("Export")
    assert usual is not None
    assert 15.0 <= usual <= 24.0
    assert pacing.usual_seconds("Upload") is None


def test_an_expected_finish_is_told_for_those_that_wait_and_grows_with_the_place() -> None:
    pacing = pacing_of(watched(0, State.RUNNING), *(watched(number) for number in range(1, 30)))
    first, last = pacing.expected_finish(key(1), 0.0), pacing.expected_finish(key(29), 0.0)
    assert first is not None
    assert last is not None
    assert last[0] == pytest.approx(28 * 30 / 4 + 30, rel=0.2)
    assert first[0] < last[0]
    assert first[1] < last[1]
    assert pacing.expected_finish(key(0), 0.0) is None
    assert pacing.expected_finish(key(99), 0.0) is None


def test_nothing_is_expected_before_anything_was_seen() -> None:
    assert pacing_of(watched(1), learnt=Learnt()).expected_finish(key(1), 0.0) is None


def test_a_queue_that_stands_still_does_not_burn_the_allowance() -> None:
    pacing = pacing_of(*(watched(number) for number in range(20)))
    looks = course(pacing, RateLimiter(200, 0.0), 0.0, 1200.0)
    assert len(looks) <= 60


def test_one_that_is_watched_no_more_is_not_looked_at() -> None:
    pacing = pacing_of(watched(1), watched(2, State.RUNNING), watched(3, State.UNKNOWN))
    for number in (1, 2, 3, 4):
        pacing.drop(key(number), 1.0)
    assert pacing.next_look(100.0, RateLimiter(1000, 0.0)) is None
    assert not pacing.seen(key(1), State.WAITING, 2.0)
    assert pacing.keys == frozenset()
