"""Figures, ages and clock times in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.tui import scenes
from wbtui.domain.model import State, When
from wbtui.tui.tabs import column, operations
from wbtui.tui.toolkit import times


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "now"),
        (59, "now"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (47 * 3600, "47 h"),
        (48 * 3600, "2 d"),
        (86400 * 30, "30 d"),
    ],
)
def test_an_age_is_said_in_its_largest_unit(seconds: float, shown: str) -> None:
    assert times.age(seconds) == shown


@pytest.mark.parametrize(
    ("when", "shown"), [(None, ""), ("12/02/2026 10:00", "12/02/2026 10:00"), (scenes.ago(hours=3), "3 h")]
)
def test_a_date_without_a_zone_is_shown_as_it_came(when: When, shown: str) -> None:
    assert times.age_of(when, scenes.AT) == shown


def test_clock_times_are_local() -> None:
    assert times.clock(scenes.AT, scenes.ZONE) == "14:31:55"
    assert times.short_clock(scenes.AT, scenes.ZONE) == "14:31"
    assert times.clock(None, scenes.ZONE) == times.short_clock(None, scenes.ZONE) == ""


def test_absolute_times_carry_their_offset() -> None:
    assert times.date(scenes.AT, scenes.ZONE) == "2026-03-01 14:31 +01:00"
    assert times.date("1 March", scenes.ZONE) == "1 March"
    assert times.date(None, scenes.ZONE) == ""
    assert times.full(scenes.AT, scenes.AT, scenes.ZONE) == "14:31:55 +01:00"
    assert times.full(scenes.ago(days=1), scenes.AT, scenes.ZONE) == "2026-02-28 14:31 +01:00"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(3600, "1 h"), (21600, "6 h"), (86400, "24 h"), (3 * 86400, "3 d"), (129600, "36 h")],
)
def test_a_window_is_said_as_it_is_chosen(seconds: int, shown: str) -> None:
    assert times.window(seconds) == shown


def test_an_age_in_minutes_grows_with_the_time_since_the_reading() -> None:
    seen = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert times.minutes_old(5, seen, seen + timedelta(minutes=2)) == 7 * 60
    assert times.minutes_old(5, None, seen) == 5 * 60
    assert times.minutes_old(None, seen, seen) is None


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_places_are_ordinals(number: int, shown: str) -> None:
    assert column.ordinal(number) == shown


@pytest.mark.parametrize(("number", "shown"), [(None, ""), (0, "0"), (999, "999"), (1234567, "1 234 567")])
def test_thousands_are_set_apart(number: int | None, shown: str) -> None:
    assert column.figure(number) == shown


@pytest.mark.parametrize(
    ("state", "since"),
    [
        (State.WAITING, scenes.ago(minutes=40)),
        (State.RUNNING, scenes.ago(minutes=2)),
        (State.DONE, scenes.ago(minutes=1)),
    ],
)
def test_an_operation_is_in_its_state_since(state: State, since: datetime) -> None:
    row = scenes.operation(7, state, started_at=scenes.ago(minutes=2), finished_at=scenes.ago(minutes=1))
    assert operations.since(row) == since


def test_an_operation_without_a_label_is_called_by_kind_and_id() -> None:
    assert scenes.operation(7, State.DONE, label="").name == "Export 7"
    assert scenes.operation(0, State.DONE, label="", kind="").name == "operation"


def test_a_later_attempt_is_told_from_the_first() -> None:
    again = scenes.operation(5001, State.WAITING, attempt=2)
    assert operations.label_of(again) == "catalogue 5001 (attempt 2)"
    assert operations.label_of(scenes.operation(5001, State.WAITING, label="", attempt=3)) == "(attempt 3)"
    assert operations.label_of(scenes.operation(5001, State.WAITING)) == "catalogue 5001"
