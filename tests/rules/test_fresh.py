"""What is new since the last time: equal dates, late ones, failed downloads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fakes import NOON
from tests.items import beebox_file, instant_request
from wbtui.model import BeeboxFile, State
from wbtui.ports_acting import Fetched, made_text
from wbtui.rules.fresh import new_items, newest_by_locale


def made(name: str, hours: float, locale: str = "fr") -> BeeboxFile:
    return beebox_file(name, locale, state=State.READY, status=1, made_at=NOON + timedelta(hours=hours))


def fetched(file: BeeboxFile) -> Fetched:
    return Fetched(file.key, "p", "p", NOON, 1, made=made_text(file.made_at))


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
    assert bool(new_items([file], known, newest)) is new  # type: ignore[arg-type]


def test_a_request_is_new_until_it_was_fetched() -> None:
    request = instant_request(state=State.READY, ready=True)
    assert new_items([request], {}, {}) == [request]
    assert new_items([request], {request.key: Fetched(request.key, "p", "p", NOON, 1)}, {}) == []


def test_the_newest_date_waits_for_a_file_that_failed() -> None:
    old, young = made("old", -50), made("young", 0)
    assert newest_by_locale([old, young], {young.key: fetched(young)}, {}) == {"fr": old.made_at}
    both = {f.key: fetched(f) for f in (old, young)}
    assert newest_by_locale([old, young], both, {}) == {"fr": NOON}
    assert newest_by_locale([old], both, {"fr": NOON}) == {"fr": NOON}
    assert newest_by_locale([young], {}, {}) == {}
