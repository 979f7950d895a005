"""What is learned about a queue, and its text in the store."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbtui.scheduling.learned import MEMORY, PRIOR_MEAN, Durations, LearnedQueue, mean_when_ended

LEARNED = LearnedQueue(
    speed=0.2,
    speed_variance=0.01,
    slots=4.0,
    slots_seen=7.0,
    all_kinds=Durations(12.0, 360.0),
    kinds={"Export": Durations(10.0, 100.0), 'na"me\n': Durations(2.0, 260.0)},
)


def test_the_text_decodes_to_the_same_value() -> None:
    assert LearnedQueue.from_text(LEARNED.to_text()) == LEARNED
    assert "\n" not in LEARNED.to_text()


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"format": 2}',
        LEARNED.to_text().replace("0.2", '"x"'),
        LEARNED.to_text().replace("0.2", "-1"),
        LEARNED.to_text().replace("0.2", "NaN"),
        LEARNED.to_text().replace("12.0, 360.0", "12.0"),
        LEARNED.to_text().replace("12.0, 360.0", "-1, 2"),
    ],
)
def test_an_unreadable_text_counts_as_none(text: str | None) -> None:
    assert LearnedQueue.from_text(text) == LearnedQueue()


@given(st.text())
def test_any_text_gives_a_usable_value(text: str) -> None:
    assert LearnedQueue.from_text(text).speed > 0


def test_before_any_end_the_mean_is_the_prior() -> None:
    assert LearnedQueue().mean("Export") == PRIOR_MEAN
    assert LearnedQueue().usual_seconds("Export") is None


def test_a_kind_uses_the_mean_of_all_kinds_until_its_own_is_known() -> None:
    learned = LearnedQueue(all_kinds=Durations(60.0, 600.0), kinds={"slow": Durations(1.0, 300.0)})
    assert learned.mean("new") == learned.usual_mean
    assert learned.usual_mean < learned.mean("slow") < 300.0
    assert learned.usual_seconds("slow") is None
    known = LearnedQueue(all_kinds=Durations(60.0, 600.0), kinds={"slow": Durations(40.0, 12_000.0)})
    assert known.usual_seconds("slow") == pytest.approx(300.0, rel=0.1)


def test_old_ends_fade() -> None:
    durations = Durations()
    for _ in range(500):
        durations = durations.plus(1.0, 10.0)
    for _ in range(int(3 * MEMORY)):
        durations = durations.plus(1.0, 100.0)
    assert durations.ends == pytest.approx(MEMORY)
    assert durations.seconds / durations.ends == pytest.approx(100.0, rel=0.1)


@pytest.mark.parametrize(("gap", "mean"), [(10.0, 1e6), (20.0, 20.0), (100.0, 20.0), (1e6, 20.0)])
def test_the_mean_duration_in_a_gap_agrees_with_random_draws(gap: float, mean: float) -> None:
    chance = random.Random(5)
    if gap < mean / 1e3:
        assert mean_when_ended(gap, mean) == gap / 2
        return
    ends = [end for end in (chance.expovariate(1 / mean) for _ in range(60_000)) if end <= gap]
    assert mean_when_ended(gap, mean) == pytest.approx(sum(ends) / len(ends), rel=0.02)
