"""Dates of every form that the documents show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbtui.wordbee.wire import read_date, write_date


def utc(*parts: int) -> datetime:
    year, month, day, hour, minute, second, micro = (*parts, *[0] * (7 - len(parts)))
    return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2015-08-03T14:54:57.5306901Z", utc(2015, 8, 3, 14, 54, 57, 530690)),
        ("2015-05-06T08:00:58.56Z", utc(2015, 5, 6, 8, 0, 58, 560000)),
        ("2026-03-01T10:00:00Z", utc(2026, 3, 1, 10)),
        ("2026-03-01T10:00:00.000Z", utc(2026, 3, 1, 10)),
        ("2026-03-01T10:00:00.123456789012Z", utc(2026, 3, 1, 10, 0, 0, 123456)),
        ("2007-04-05T14:30Z", utc(2007, 4, 5, 14, 30)),
        ("2007-04-05T12:30-02:00", utc(2007, 4, 5, 14, 30)),
        ("2021-06-29T12:00:00.0000000+02:00", utc(2021, 6, 29, 10)),
        ("2021-06-29t12:00:00z", utc(2021, 6, 29, 12)),
        ("2021-06-29 12:00:00 +0200", utc(2021, 6, 29, 10)),
        ("2021-06-29T12:00:00+02", utc(2021, 6, 29, 10)),
        ("  2026-03-01T10:00:00Z ", utc(2026, 3, 1, 10)),
    ],
)
def test_a_date_with_a_zone_becomes_utc(text: str, moment: datetime) -> None:
    assert read_date(text) == moment
    assert read_date(text, utc=True) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2020-10-18T04:47:22.253",
        "2020-10-18T04:47",
        "2020-10-18",
        "18.10.2020",
        "2020-13-18T04:47:22Z",
        "2020-02-30T04:47:22Z",
        "2020-02-20T25:00:00Z",
        "2020-02-20T04:47:22+99:00",
        "9999-12-31T23:59:59-14:00",
        "soon",
        "٢٠٢٠-١٠-١٨T04:47:22Z",
    ],
)
def test_what_has_no_zone_or_is_no_date_stays_text(text: str) -> None:
    assert read_date(text) == text


def test_text_that_stays_is_made_safe_and_short() -> None:
    assert read_date("\x1b[2Jsoon") == "␛[2Jsoon"
    shown = read_date("2020-10-18T04:47:22." + "0" * 500)
    assert isinstance(shown, str)
    assert len(shown) == 64


def test_a_date_without_a_zone_is_utc_where_the_service_promises_it() -> None:
    assert read_date("2024-03-01T08:00:58.56", utc=True) == utc(2024, 3, 1, 8, 0, 58, 560000)


@pytest.mark.parametrize(
    "value", [None, "", "  ", 0, 5, True, [], {}, "0001-01-01T00:00:00", "0001-01-01T00:00:00.0000000Z"]
)
def test_no_date_and_the_year_one_are_none(value: object) -> None:
    assert read_date(value) is None


@given(st.text())
def test_any_text_gives_a_time_or_printable_text(text: str) -> None:
    found = read_date(text)
    assert found is None or isinstance(found, datetime) or found.isprintable()


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants it naive
def test_what_is_written_is_read_again(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert read_date(write_date(moment)) == whole
    assert write_date(moment).endswith("Z")


def test_dates_are_written_in_utc() -> None:
    summer = timezone(timedelta(hours=2))
    assert write_date(datetime(2026, 3, 1, 1, 2, 3, 999, tzinfo=summer)) == "2026-02-28T23:02:03Z"
