"""The filter language: what it understands, what it refuses, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui import scenes
from tests.tui.driving import make, running, screen
from wbtui.domain.model import State
from wbtui.domain.states import state_words
from wbtui.tui.tabs.base import TABS, Tab
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.filter_fields import fields_of, is_problem
from wbtui.tui.tabs.filter_language import MATCHED, BadFilter, parse

SNAPSHOT = scenes.snapshot()
CONTEXT = Context(scenes.AT, scenes.ZONE, scenes.places())


def rows_of(tab: Tab) -> Sequence[Any]:
    return SNAPSHOT.events if tab.service is None else SNAPSHOT.items(tab.service)


def found(text: str, tab: Tab) -> list[Any]:
    made = parse(text, fields_of(tab))
    return [row for row in rows_of(tab) if made.holds(row, CONTEXT)]


BEEBOX = [
    ("intro", lambda row: "intro" in row.path),
    ("INTRO", lambda row: "intro" in row.path),
    ("größe", lambda row: "Größe" in row.path),
    ("state:error", lambda row: row.state is State.FAILED),
    ("state:error,ready", lambda row: row.state in {State.FAILED, State.READY}),
    ("STATE:Failed", lambda row: row.state is State.FAILED),
    ("state=8", lambda row: row.status == 8),
    ('state:"in progress",new', lambda row: row.status in {6, 4}),
    ("locale!=ja", lambda row: row.locale != "ja"),
    ("locale!=ja,de", lambda row: row.locale not in {"ja", "de"}),
    ("locale:zh", lambda row: row.locale == "zh-Hans"),
    ("locale=zh", lambda row: False),
    ("state:rog", lambda row: row.state is State.RUNNING and row.status in {4, 6}),
    ("file:batch-7", lambda row: "batch-7" in row.path),
    ("path!=batch-7", lambda row: "batch-7" not in row.path),
    ("!intro", lambda row: "intro" not in row.path),
    ("!state:error", lambda row: row.state is not State.FAILED),
    ("words>1000", lambda row: row.words > 1000),
    ("words>=379 words<=1137", lambda row: 379 <= row.words <= 1137),
    ("words:379,758", lambda row: row.words in {379, 758}),
    ("words!=379", lambda row: row.words != 379),
    (r"~ ^batch-\d+", lambda row: row.path.startswith("batch-")),
    (r"~^BATCH-7", lambda row: row.path.startswith("batch-7")),
    (r"!~ ^batch-\d+", lambda row: not row.path.startswith("batch-")),
    ('"Über uns"', lambda row: row.path.startswith("Über uns")),
    ('!"Über uns"', lambda row: not row.path.startswith("Über uns")),
    ('"state:error"', lambda row: False),
    ("batch-7 locale:fr state:ready", lambda row: "batch-7" in row.path and row.locale == "fr"
     and row.state is State.READY),
    ("age<2h", lambda row: 0 <= (row.made_age or row.source_age) * 60 + 30 < 7200),
    ("   ", lambda row: True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), BEEBOX, ids=[text for text, _ in BEEBOX])
def test_a_filter_finds_what_it_says(text: str, wanted: Any) -> None:
    assert found(text, Tab.BEEBOX) == [row for row in SNAPSHOT.beebox if wanted(row)]


@pytest.mark.parametrize(
    ("text", "tab", "count"),
    [
        ("id:5003", Tab.OPERATIONS, 1),
        ("queue<=3", Tab.OPERATIONS, 3),
        ("kind:upload", Tab.OPERATIONS, 2),
        ("state:waiting", Tab.OPERATIONS, 10),
        ("state:paused", Tab.OPERATIONS, 1),
        ("since>1h", Tab.OPERATIONS, 2),
        ("target:ja", Tab.INSTANT, 4),
        ("sent<3d", Tab.INSTANT, 2),
        ("document:1000 locale:fr", Tab.FLEX, 7),
        ("state:complete", Tab.FLEX, 14),
        ("level:error,warning", Tab.ACTIVITY, 2),
        ("age<=5min", Tab.ACTIVITY, 1),
        ("about:op:5003", Tab.ACTIVITY, 1),
    ],
)
def test_every_tab_has_its_columns(text: str, tab: Tab, count: int) -> None:
    assert len(found(text, tab)) == count


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("intro stat:error", 6, "there is no column stat here; columns: state, file,"),
        ("state:", 6, "state: needs a value"),
        ("state:,", 6, "a value is missing"),
        ("words>many", 6, "words is compared with a number such as 1000"),
        ("a age<2x", 6, "changed is compared with a time such as 90s, 5min, 2h, 3d"),
        ("state>error", 6, "state holds words: only : = and != compare them"),
        ('intro "two', 6, "a quote is not closed"),
        ("intro !", 6, "! needs something to leave out"),
        ("~", 0, "~ needs a regular expression"),
        ("~ a(b", 3, "no regular expression: missing ), unterminated subpattern"),
    ],
)
def test_a_wrong_filter_says_what_is_wrong_and_where(text: str, place: int, words: str) -> None:
    with pytest.raises(BadFilter) as caught:
        parse(text, fields_of(Tab.BEEBOX))
    assert caught.value.place == place
    assert caught.value.problem.startswith(words)
    assert str(caught.value).startswith(f"character {place + 1}: ")


def test_an_age_makes_a_filter_change_with_time() -> None:
    made = parse("age<2h", fields_of(Tab.BEEBOX))
    assert made.timed
    assert not parse("intro words>5", fields_of(Tab.BEEBOX)).timed
    young = next(row for row in SNAPSHOT.beebox if made.holds(row, CONTEXT))
    assert not made.holds(young, replace(CONTEXT, at=CONTEXT.at + timedelta(hours=3)))


def test_what_is_not_known_satisfies_no_comparison() -> None:
    unknown = replace(SNAPSHOT.beebox[0], words=None)
    for text in ("words>0", "words<=0", "words:0"):
        assert not parse(text, fields_of(Tab.BEEBOX)).holds(unknown, CONTEXT)


@given(st.text(alphabet='abe:=!<>~"\\,. 0129hstatewords*([', max_size=24), st.sampled_from(TABS))
def test_any_text_is_understood_or_refused_with_a_place_inside_it(text: str, tab: Tab) -> None:
    try:
        made = parse(text, fields_of(tab))
    except BadFilter as caught:
        error: BadFilter | None = caught
    else:
        error = None
        for row in rows_of(tab):
            made.holds(row, CONTEXT)
    assert error is None or 0 <= error.place <= len(text)


def test_problems_are_failures_and_warnings() -> None:
    assert sum(map(is_problem, SNAPSHOT.operations)) == 2
    assert sum(map(is_problem, SNAPSHOT.events)) == 2


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|ab)*$", "(a?){30}$", "((ab)*)*$", "(.*,)*x"])
def test_an_expression_that_could_try_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(BadFilter, match="could take for ever"):
        parse(f"~ {pattern}", fields_of(Tab.BEEBOX))


@pytest.mark.parametrize("pattern", [r"^batch-\d+", "(foo|bar)", "(ab)+", "(a|b)*$", "(?:a{3})+", r"\d+-\d+"])
def test_usual_expressions_are_taken(pattern: str) -> None:
    assert parse(f"~ {pattern}", fields_of(Tab.BEEBOX)).terms


def test_an_expression_looks_at_the_beginning_of_a_very_long_name_only() -> None:
    row = replace(SNAPSHOT.beebox[0], path="a" * MATCHED + "b" * 10_000)
    assert parse("~ a$", fields_of(Tab.BEEBOX)).holds(row, CONTEXT)
    assert not parse("~ ab", fields_of(Tab.BEEBOX)).holds(row, CONTEXT)


def test_letters_are_found_however_their_accents_are_stored() -> None:
    apart, whole = "U\u0308bung", "\u00dcbung"
    rows = [replace(SNAPSHOT.beebox[0], path=f"{name}\\Blatt.pdf") for name in (apart, whole, "plain")]
    for typed in (apart, whole, whole.lower(), f"file:{whole}", f"file:{apart}"):
        wanted = parse(typed, fields_of(Tab.BEEBOX))
        assert [wanted.holds(row, Context(SNAPSHOT.at)) for row in rows] == [True, True, False], typed


@pytest.mark.parametrize("text", ["state:faild", "state=read", "state!=x", "state:ready,nonsense"])
def test_a_state_that_there_is_none_of_is_said_with_those_that_there_are(text: str) -> None:
    assert "there are failed, partly failed, ready" in parse(text, fields_of(Tab.BEEBOX)).strange


def test_every_word_that_a_row_shows_is_a_state_to_filter_by() -> None:
    for tab in (Tab.OPERATIONS, Tab.BEEBOX, Tab.INSTANT, Tab.FLEX):
        for row in rows_of(tab):
            typed = f'state:"{state_words(row).word}" state:{row.state}'
            assert row.state is State.UNKNOWN or not parse(typed, fields_of(tab)).strange


async def test_a_slip_in_a_state_is_said_where_no_row_is_left() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("2", "/", *"state:faild", "enter")
        assert "No state is named faild: there are failed, partly failed" in "\n".join(screen(app))
