"""What is new since the last time: equal dates, late ones, failed downloads."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes import NOON
from tests.items import beebox_file, instant_request
from wbtui.domain.model import BeeboxFile, ItemKey, State
from wbtui.domain.records import Fetched, made_text
from wbtui.domain.versions import new_items, newest_by_locale


def made(name: str, hours: float, locale: str = "fr") -> BeeboxFile:
    return beebox_file(name, locale, state=State.READY, status=1, made_at=NOON + timedelta(hours=hours))


def fetched(file: BeeboxFile) -> Fetched:
    return Fetched(file.key, "p", "p", NOON, 1, made=made_text(file.made_at))


def nothing(_: ItemKey) -> Fetched | None:
    """Say of every item that it was not fetched."""
    return None


A = made("a", 0)


@pytest.mark.parametrize(
    ("file", "before", "newest", "new"),
    [
        (A, (), {}, True),
        (A, (A,), {"fr": NOON}, False),
        (A, (made("a", -1),), {"fr": NOON}, True),
        (A, (made("b", 0),), {"fr": NOON}, True),
        (made("late", -5), (A,), {"fr": NOON}, True),
        (made("old", -30), (A,), {"fr": NOON}, False),
        (made("old", -30, "de"), (A,), {"fr": NOON}, True),
        (beebox_file("no date", state=State.READY), (A,), {"fr": NOON}, True),
        (beebox_file("waits", state=State.RUNNING), (), {}, False),
    ],
    ids=[
        "first time",
        "fetched",
        "made anew",
        "equal date",
        "late",
        "old",
        "other locale",
        "no date",
        "waits",
    ],
)
def test_what_is_new(
    file: BeeboxFile, before: tuple[BeeboxFile, ...], newest: dict[str, object], new: bool
) -> None:
    known = {f.key: fetched(f) for f in before}
    assert bool(new_items([file], known.get, newest)) is new  # type: ignore[arg-type]


def test_a_request_is_new_until_it_was_fetched() -> None:
    request = instant_request(state=State.READY, ready=True)
    assert new_items([request], nothing, {}) == [request]
    assert new_items([request], {request.key: Fetched(request.key, "p", "p", NOON, 1)}.get, {}) == []


OLD, YOUNG = made("old", -50), made("young", 0)
NOW = NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("items", "there", "before", "hours"),
    [
        ([OLD, YOUNG], [OLD, YOUNG], None, 0),
        ([OLD, YOUNG], [YOUNG], None, -50),
        ([OLD, YOUNG], [YOUNG], -20, 0),
        ([OLD, YOUNG], [YOUNG], -28, -28),
        ([OLD], [OLD], 0, 0),
        ([YOUNG, made("late", -20)], [YOUNG], -10, -10),
        ([YOUNG, made("ahead", 5)], [YOUNG, made("ahead", 5)], None, 1),
        ([YOUNG, replace(OLD, state=State.DONE)], [YOUNG], None, -50),
        ([YOUNG, replace(OLD, state=State.FAILED)], [YOUNG], None, 0),
        ([YOUNG, made("old", -50, "de")], [YOUNG], None, 0),
    ],
    ids=[
        "all fetched",
        "waits for a file that is missing",
        "but not for one that was old before",
        "and never goes back",
        "nor behind what was kept",
        "nor for a late one",
        "nor ahead of the last whole look",
        "waits for one that is not built yet",
        "but not for one that will not come",
        "nor for another locale",
    ],
)
def test_the_newest_date(
    items: list[BeeboxFile], there: list[BeeboxFile], before: float | None, hours: float
) -> None:
    known = {file.key: fetched(file) for file in there}
    newest = {} if before is None else {"fr": NOON + timedelta(hours=before)}
    found = newest_by_locale(items, known.get, newest, NOW)
    assert found == {"fr": NOON + timedelta(hours=hours)}


def test_where_nothing_was_fetched_there_is_no_newest_date() -> None:
    assert newest_by_locale([YOUNG], nothing, {}, NOW) == {}
