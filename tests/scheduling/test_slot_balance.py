"""What starts and ends tell of each other in a full queue."""

from __future__ import annotations

from itertools import product
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scheduling.scenarios import POLICIES
from tests.scheduling.simulation import Scenario, run
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import ItemKey
from wbtui.scheduling.slot_balance import (
    SHARED_SECONDS,
    START_DELAY,
    SlotBalance,
    at_least,
    given_count,
    more_likely,
)

A, B, C, D, E = (operation_key(number) for number in range(5001, 5006))
MEAN = 60.0
SHARES = st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6)


def full(now: float = 100.0) -> SlotBalance:
    """Three slots are taken, and D and E wait."""
    balance = SlotBalance()
    for key in (A, B, C):
        balance.observe_started(key, 1, MEAN, now)
    balance.observe_waiting(1, now)
    return balance


def ended(balance: SlotBalance, key: ItemKey, now: float) -> float:
    return balance.at(now).endings[key][0]


def test_the_slots_are_counted_when_the_oldest_one_waits() -> None:
    balance = full()
    assert (balance.slots, balance.unseen_ends, balance.foretold) == (3, 0, {})
    assert ended(balance, A, 130.0) == pytest.approx(1 - exp(-0.5))
    assert balance.at(130.0).started == pytest.approx(1 - exp(-1.5))


def test_one_that_still_waits_shows_that_none_has_ended() -> None:
    balance = full()
    balance.observe_waiting(1, 130.0)
    assert ended(balance, A, 130.0) == 0.0
    assert balance.at(130.0).revealed == 0.0


def test_one_that_has_started_shows_that_one_has_ended() -> None:
    balance = full()
    balance.observe_started(D, 1, MEAN, 101.0)
    shares = [ended(balance, key, 101.0) for key in (A, B, C)]
    assert sum(shares) == pytest.approx(1.0, abs=0.03)
    balance.observe_executing(A, MEAN, 101.0)
    balance.observe_executing(B, MEAN, 101.0)
    assert ended(balance, C, 101.0) == pytest.approx(1.0)
    balance.observe_ended(C, [(E, MEAN)], 101.0)
    assert (balance.unseen_ends, balance.foretold) == (0, {})


def test_an_end_foretells_a_start() -> None:
    balance = full()
    balance.observe_ended(B, [(D, MEAN), (E, MEAN)], 110.0)
    assert list(balance.foretold) == [D]
    assert ended(balance, D, 110.0) < 0.1
    balance.observe_started(D, 1, MEAN, 112.0)
    assert (balance.foretold, balance.unseen_ends) == ({}, 0)


def test_a_foretold_one_that_waits_contradicts_but_not_at_once() -> None:
    balance = full()
    balance.observe_ended(B, [(D, MEAN)], 110.0)
    balance.observe_waiting(1, 110.0 + START_DELAY / 2)
    assert balance.is_usable(200.0)
    balance.observe_waiting(1, 200.0)
    assert not balance.is_usable(200.0 + SHARED_SECONDS - 1)
    assert balance.is_usable(200.0 + SHARED_SECONDS)
    assert (balance.slots, balance.foretold) == (0, {})


def test_a_start_without_an_end_raises_the_slots_once_then_contradicts() -> None:
    balance = full()
    balance.observe_started(D, 1, MEAN, 105.0)
    for key in (A, B, C, D):
        balance.observe_executing(key, MEAN, 105.0)
    assert (balance.slots, balance.unseen_ends) == (4, 0)
    balance.observe_started(E, 1, MEAN, 110.0)
    for key in (A, B, C, D, E):
        balance.observe_executing(key, MEAN, 110.0)
    assert not balance.is_usable(111.0)


def test_a_free_slot_takes_a_new_one() -> None:
    balance = full()
    balance.observe_ended(A, [], 120.0)
    balance.add_waiting(D, 1, MEAN, 125.0)
    assert list(balance.foretold) == [D]
    balance.add_waiting(E, 2, MEAN, 126.0)
    assert list(balance.foretold) == [D], "three slots are taken"


def test_what_is_followed_no_more_leaves_no_trace() -> None:
    balance = full()
    balance.observe_ended(B, [(D, MEAN)], 110.0)
    balance.remove(D)
    assert (balance.foretold, balance.slots, set(balance.members)) == ({}, 0, {A, C})


def chance(shares: list[float], outcome: tuple[bool, ...]) -> float:
    found = 1.0
    for share, happened in zip(shares, outcome, strict=True):
        found *= share if happened else 1.0 - share
    return found


@given(SHARES, st.integers(1, 4))
def test_counts_of_independent_events_are_exact(shares: list[float], count: int) -> None:
    outcomes = list(product([False, True], repeat=len(shares)))
    exact = sum(chance(shares, each) for each in outcomes if sum(each) >= count)
    assert at_least(shares, count) == pytest.approx(exact, abs=1e-9)
    if exact < 1e-6:
        return
    for n, factor in enumerate(more_likely(shares, count, exact)):
        both = sum(chance(shares, each) for each in outcomes if sum(each) >= count and each[n])
        assert factor == pytest.approx(both / exact / shares[n], rel=1e-6)


@given(SHARES, st.integers(0, 7))
def test_probabilities_add_up_to_the_count_and_keep_their_order(shares: list[float], count: int) -> None:
    found = given_count(shares, count)
    assert sum(found) == pytest.approx(min(count, len(shares)), abs=1e-3)
    order = sorted(range(len(shares)), key=lambda n: shares[n])
    assert [found[n] for n in order] == pytest.approx(sorted(found))


def test_a_full_queue_is_seen_much_sooner_with_no_more_calls() -> None:
    """Before, with 888 calls on the mean: 9.4 s; 3.5 s is possible for whoever knows slots and durations."""
    scenario = Scenario("100 at once, 4 slots, 120 s", 100, 4, 120.0)
    outcomes = [run(scenario, seed, POLICIES["wbtui"]) for seed in (100, 101, 102)]
    assert sum(each.mean_delay for each in outcomes) / 3 <= 5.0
    assert max(each.looks for each in outcomes) <= 950
