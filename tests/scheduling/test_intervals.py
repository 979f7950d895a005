"""Intervals of the lists, and pauses after failures."""

from __future__ import annotations

import random

import pytest

from wbtui.scheduling.backoff import LONGEST, Backoff
from wbtui.scheduling.intervals import flex_recheck, next_pass_after


def test_pauses_double_from_five_seconds_to_five_minutes_within_a_fifth() -> None:
    backoff = Backoff(random.Random(1))
    pauses = [backoff.failed() for _ in range(10)]
    for pause, middle in zip(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300, 300], strict=True):
        assert 0.8 * middle <= pause <= min(LONGEST, 1.2 * middle)


def test_pauses_are_spread_so_that_clients_do_not_come_back_together() -> None:
    assert len({Backoff(random.Random(seed)).failed() for seed in range(20)}) == 20


def test_a_busy_beebox_is_tried_after_5_10_20_40_60_60_seconds() -> None:
    backoff = Backoff(random.Random(1))
    assert [backoff.busy() for _ in range(6)] == [5, 10, 20, 40, 60, 60]


def test_a_success_resets_the_pauses() -> None:
    backoff = Backoff(random.Random(1))
    for _ in range(5):
        backoff.failed()
        backoff.busy()
    backoff.succeeded()
    assert backoff.busy() == 5
    assert backoff.failed() <= 6


@pytest.mark.parametrize(("session", "pause"), [(0.1, 600.0), (2.0, 600.0), (20.0, 600.0), (60.0, 1800.0)])
def test_a_long_beebox_pass_is_repeated_more_rarely(session: float, pause: float) -> None:
    assert next_pass_after(session) == pause


@pytest.mark.parametrize(("documents", "calls", "seconds"), [(1, 500, 900), (20, 500, 6912), (20, 5000, 900)])
def test_many_flex_documents_are_asked_for_more_rarely(documents: int, calls: int, seconds: float) -> None:
    assert flex_recheck(documents, calls) == seconds
