"""Pauses after faults."""

from __future__ import annotations

import random

from wbtui.scheduling.intervals import LONGEST, Backoff


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


def test_success_starts_afresh() -> None:
    backoff = Backoff(random.Random(1))
    for _ in range(5):
        backoff.failed()
        backoff.busy()
    backoff.succeeded()
    assert backoff.busy() == 5
    assert backoff.failed() <= 6
