"""The rate limit: the ceiling in any sliding hour, a reserve for the user, rest after a 429."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from wbtui.scheduling.rate_limit import HOUR, RESERVE, RateLimiter


def spend_greedily(limiter: RateLimiter, start: float, end: float, *, reserve: bool = False) -> list[float]:
    calls, now = [], start
    while now <= end:
        at = limiter.ready_at(now, reserve=reserve)
        if at > now:
            now = at
            continue
        limiter.spend(now)
        calls.append(now)
    return [call for call in calls if call <= end]


def busiest_hour(calls: list[float]) -> int:
    return max(sum(1 for call in calls if at <= call < at + HOUR) for at in calls)


def test_at_the_named_time_the_call_may_be_made() -> None:
    chance = random.Random(1)
    for _ in range(2000):
        made = chance.uniform(0.0, 1e5)
        limiter = RateLimiter(1, made)
        limiter.spend(made)
        at = limiter.ready_at(made, reserve=True)
        assert limiter.may_spend(at), "by a rounding error the hour was not quite over"
        assert at <= made + HOUR + 0.01


@pytest.mark.parametrize("ceiling", [1, 4, 10, 100, 200, 500, 1000])
def test_greedy_polling_never_exceeds_the_ceiling_in_any_hour(ceiling: int) -> None:
    calls = spend_greedily(RateLimiter(ceiling, 0.0), 0.0, 5 * HOUR)
    assert calls
    assert busiest_hour(calls) <= ceiling


@pytest.mark.parametrize(("ceiling", "reserve"), [(1000, 50), (500, 50), (200, 50), (100, 25), (40, 10)])
def test_polls_leave_a_reserve_for_the_user(ceiling: int, reserve: int) -> None:
    limiter = RateLimiter(ceiling, 0.0)
    calls = spend_greedily(limiter, 0.0, HOUR - 1)
    assert busiest_hour(calls) <= ceiling - reserve
    mine = spend_greedily(limiter, HOUR - 1, HOUR - 1, reserve=True)
    assert len(mine) >= reserve


def test_the_reserve_is_fifty_at_the_documented_allowance() -> None:
    assert RESERVE == 50


def test_after_a_burst_the_rate_holds() -> None:
    limiter = RateLimiter(1000, 0.0)
    at_once = spend_greedily(limiter, 0.0, 0.0)
    assert 370 <= len(at_once) <= 390
    assert limiter.ready_at(0.0) > 0.0


@pytest.mark.parametrize("ceiling", [40, 100, 200, 1000])
def test_a_steady_load_gets_the_whole_allowance_in_each_hour_and_is_never_stopped_for_long(
    ceiling: int,
) -> None:
    limiter = RateLimiter(ceiling, 0.0)
    polls = ceiling - min(RESERVE, ceiling // 4)
    calls = spend_greedily(limiter, 0.0, 4 * HOUR)
    for hour in range(4):
        made = sum(1 for call in calls if hour * HOUR <= call < (hour + 1) * HOUR)
        assert made >= 0.9 * polls
    assert max(later - one for one, later in pairwise(calls)) <= 4 * HOUR / polls


def test_calls_of_earlier_runs_count() -> None:
    past = [-float(second) for second in range(0, 3500, 4)]
    limiter = RateLimiter(1000, 0.0, past)
    assert limiter.used(0.0) == len(past)
    calls = spend_greedily(limiter, 0.0, 2 * HOUR)
    assert busiest_hour(sorted(past) + calls) <= 1000


def test_calls_from_the_future_count_as_made_now() -> None:
    limiter = RateLimiter(10, 0.0, [50.0])
    assert limiter.used(0.0) == 1


def test_calls_of_another_process_count() -> None:
    limiter = RateLimiter(100, 0.0)
    for _ in range(75):
        limiter.others_spent(0.0)
    assert limiter.ready_at(0.0) >= HOUR
    assert limiter.ready_at(0.0, reserve=True) == 0.0


def test_random_mixtures_of_polls_and_user_actions_stay_below_the_ceiling() -> None:
    for seed in range(20):
        chance = random.Random(seed)
        limiter, now, calls = RateLimiter(120, 0.0), 0.0, []
        while now < 4 * HOUR:
            now += chance.expovariate(1 / 12)
            if limiter.ready_at(now, reserve=chance.random() < 0.2) <= now and limiter.may_spend(now):
                limiter.spend(now)
                calls.append(now)
        assert busiest_hour(calls) <= 120, f"seed {seed}"


def test_rests_after_a_429_double_from_ten_seconds_to_five_minutes() -> None:
    limiter, now, rests = RateLimiter(1000, 0.0), 0.0, []
    for _ in range(7):
        until = limiter.throttled(now, None, None).until
        rests.append(until - now)
        now = until
    assert rests == [10, 20, 40, 80, 160, 300, 300]


def test_an_answer_resets_the_rests() -> None:
    limiter = RateLimiter(1000, 0.0)
    limiter.throttled(0.0, None, None)
    limiter.answered()
    assert limiter.throttled(100.0, None, None).until == 110.0


def test_retry_after_counts_where_it_is_longer() -> None:
    limiter = RateLimiter(1000, 0.0)
    assert limiter.throttled(0.0, None, 90.0).until == 90.0
    assert limiter.ready_at(0.0) == 90.0
    assert limiter.throttled(90.0, None, 1.0).until == 110.0


def test_nothing_is_ready_while_resting() -> None:
    limiter = RateLimiter(1000, 0.0)
    limiter.throttled(0.0, None, None)
    assert limiter.ready_at(0.0) == 10.0
    assert limiter.ready_at(0.0, reserve=True) == 10.0
    assert not limiter.may_spend(5.0)
    assert limiter.may_spend(10.0)


def test_a_lower_figure_from_the_server_is_adopted() -> None:
    limiter = RateLimiter(1000, 0.0)
    for _ in range(300):
        limiter.spend(0.0)
    learnt = limiter.throttled(0.0, 300, None)
    assert learnt.limit_learnt == 300
    assert not learnt.others
    assert limiter.ceiling == 300


def test_a_higher_figure_changes_nothing() -> None:
    limiter = RateLimiter(500, 0.0)
    assert limiter.throttled(0.0, 1000, None).limit_learnt is None
    assert limiter.ceiling == 500


def test_a_429_below_our_own_count_halves_the_ceiling_for_an_hour() -> None:
    limiter = RateLimiter(1000, 0.0)
    assert limiter.throttled(0.0, 1000, None).others
    calls = spend_greedily(limiter, 10.0, HOUR - 1)
    assert busiest_hour(calls) <= 500
    later = spend_greedily(limiter, 2 * HOUR, 3 * HOUR)
    assert busiest_hour(later) > 500


def test_others_are_reported_once_an_hour() -> None:
    limiter = RateLimiter(1000, 0.0)
    assert limiter.throttled(0.0, 1000, None).others
    assert not limiter.throttled(10.0, 1000, None).others


def test_fullness_and_affordable_rate_fall_with_use() -> None:
    limiter = RateLimiter(1000, 0.0)
    full, rate = limiter.fullness(0.0), limiter.affordable(0.0, 900)
    for _ in range(200):
        limiter.spend(0.0)
    assert full == 1.0
    assert limiter.fullness(0.0) < 0.6
    assert limiter.affordable(0.0, 900) < rate


def test_calls_that_others_make_at_once_make_ours_fewer_and_do_not_end_them() -> None:
    limiter = RateLimiter(500, 0.0)
    for _ in range(350):
        limiter.others_spent(0.0)
    calls = spend_greedily(limiter, 0.0, HOUR - 1)
    assert calls[0] <= 40.0
    assert max(b - a for a, b in pairwise(calls)) <= 120.0
    assert 350 + len(calls) <= 450, "the reserve is left to the user"


@pytest.mark.parametrize("ceiling", [10, 100, 500, 1000])
def test_without_other_callers_the_bucket_alone_decides(ceiling: int) -> None:
    """The trickle for calls of others never comes before the bucket, so it does not change the table."""
    chance, limiter, now = random.Random(1), RateLimiter(ceiling, 0.0), 0.0
    while now < 3 * HOUR:
        at = limiter.ready_at(now)
        now = max(at, now + (chance.expovariate(1 / 300.0) if chance.random() < 0.05 else 0.0))
        if limiter.ready_at(now) <= now:
            assert limiter._level >= 1.0 - 1e-6
            limiter.spend(now)
