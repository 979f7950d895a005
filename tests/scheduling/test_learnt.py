"""What is learnt, and that it survives as text."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbtui.scheduling.learned import MEMORY, PRIOR_MEAN, Durations, Learnt, expected_share

LEARNT = Learnt(
    speed=0.2,
    speed_variance=0.01,
    slots=4.0,
    slots_seen=7.0,
    all_kinds=Durations(12.0, 360.0),
    kinds={"Export": Durations(10.0, 100.0), 'na"me\n': Durations(2.0, 260.0)},
)


def test_it_comes_back_from_its_text() -> None:
    assert Learnt.from_text(LEARNT.to_text()) == LEARNT
    assert "\n" not in LEARNT.to_text()


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
        LEARNT.to_text().replace("0.2", '"x"'),
        LEARNT.to_text().replace("0.2", "-1"),
        LEARNT.to_text().replace("0.2", "NaN"),
        LEARNT.to_text().replace("12.0, 360.0", "12.0"),
        LEARNT.to_text().replace("12.0, 360.0", "-1, 2"),
    ],
)
def test_a_text_that_says_nonsense_teaches_nothing(text: str | None) -> None:
    assert Learnt.from_text(text) == Learnt()


@given(st.text())
def test_no_text_does_harm(text: str) -> None:
    assert Learnt.from_text(text).speed > 0


def test_without_experience_the_mean_is_the_prior() -> None:
    assert Learnt().mean("Export") == PRIOR_MEAN
    assert Learnt().usual_seconds("Export") is None


def test_a_kind_leans_on_all_kinds_until_it_is_known_itself() -> None:
    learnt = Learnt(all_kinds=Durations(60.0, 600.0), kinds={"slow": Durations(1.0, 300.0)})
    assert learnt.mean("new") == learnt.usual_mean
    assert learnt.usual_mean < learnt.mean("slow") < 300.0
    assert learnt.usual_seconds("slow") is None
    known = Learnt(all_kinds=Durations(60.0, 600.0), kinds={"slow": Durations(40.0, 12_000.0)})
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
def test_the_share_of_a_gap_that_was_executed_is_what_chance_brings(gap: float, mean: float) -> None:
    chance = random.Random(5)
    if gap < mean / 1e3:
        assert expected_share(gap, mean) == gap / 2
        return
    ends = [end for end in (chance.expovariate(1 / mean) for _ in range(60_000)) if end <= gap]
    assert expected_share(gap, mean) == pytest.approx(sum(ends) / len(ends), rel=0.02)
