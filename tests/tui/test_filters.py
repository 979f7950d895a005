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
from wbtui.tui.tabs.activity import ACTIVITY
from wbtui.tui.tabs.all import TABS
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.filter_language import MATCHED, BadFilter, parse
from wbtui.tui.tabs.flex import FLEX
from wbtui.tui.tabs.instant import INSTANT
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.tabs.tab_spec import TabSpec

SNAPSHOT = scenes.snapshot()
CONTEXT = Context(scenes.AT, scenes.ZONE, scenes.places())


def rows_of(tab: TabSpec) -> Sequence[Any]:
    return SNAPSHOT.events if tab.service is None else SNAPSHOT.items(tab.service)


def found(text: str, tab: TabSpec) -> list[Any]:
    made = parse(text, tab.filter_fields)
    return [row for row in rows_of(tab) if made.holds(row, CONTEXT)]


FOUND = [
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


@pytest.mark.parametrize(("text", "wanted"), FOUND, ids=[text for text, _ in FOUND])
def test_a_filter_finds_what_it_says(text: str, wanted: Any) -> None:
    assert found(text, BEEBOX) == [row for row in SNAPSHOT.beebox if wanted(row)]


@pytest.mark.parametrize(
    ("text", "tab", "count"),
    [
        ("id:5003", OPERATIONS, 1),
        ("queue<=3", OPERATIONS, 3),
        ("kind:upload", OPERATIONS, 2),
        ("state:waiting", OPERATIONS, 10),
        ("state:paused", OPERATIONS, 1),
        ("since>1h", OPERATIONS, 2),
        ("target:ja", INSTANT, 4),
        ("sent<3d", INSTANT, 2),
        ("document:1000 locale:fr", FLEX, 7),
        ("state:complete", FLEX, 14),
        ("level:error,warning", ACTIVITY, 2),
        ("age<=5min", ACTIVITY, 1),
        ("about:op:5003", ACTIVITY, 1),
    ],
)
def test_every_tab_has_its_columns(text: str, tab: TabSpec, count: int) -> None:
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
        parse(text, BEEBOX.filter_fields)
    assert caught.value.place == place
    assert caught.value.problem.startswith(words)
    assert str(caught.value).startswith(f"character {place + 1}: ")


def test_an_age_makes_a_filter_change_with_time() -> None:
    made = parse("age<2h", BEEBOX.filter_fields)
    assert made.timed
    assert not parse("intro words>5", BEEBOX.filter_fields).timed
    young = next(row for row in SNAPSHOT.beebox if made.holds(row, CONTEXT))
    assert not made.holds(young, replace(CONTEXT, at=CONTEXT.at + timedelta(hours=3)))


def test_what_is_not_known_satisfies_no_comparison() -> None:
    unknown = replace(SNAPSHOT.beebox[0], words=None)
    for text in ("words>0", "words<=0", "words:0"):
        assert not parse(text, BEEBOX.filter_fields).holds(unknown, CONTEXT)


@given(st.text(alphabet='abe:=!<>~"\\,. 0129hstatewords*([', max_size=24), st.sampled_from(TABS))
def test_any_text_is_understood_or_refused_with_a_place_inside_it(text: str, tab: TabSpec) -> None:
    try:
        made = parse(text, tab.filter_fields)
    except BadFilter as caught:
        error: BadFilter | None = caught
    else:
        error = None
        for row in rows_of(tab):
            made.holds(row, CONTEXT)
    assert error is None or 0 <= error.place <= len(text)


def test_problems_are_failures_and_warnings() -> None:
    assert sum(map(OPERATIONS.is_problem, SNAPSHOT.operations)) == 2
    assert sum(map(ACTIVITY.is_problem, SNAPSHOT.events)) == 2


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|ab)*$", "(a?){30}$", "((ab)*)*$", "(.*,)*x"])
def test_an_expression_that_could_try_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(BadFilter, match="could take for ever"):
        parse(f"~ {pattern}", BEEBOX.filter_fields)


@pytest.mark.parametrize("pattern", [r"^batch-\d+", "(foo|bar)", "(ab)+", "(a|b)*$", "(?:a{3})+", r"\d+-\d+"])
def test_usual_expressions_are_taken(pattern: str) -> None:
    assert parse(f"~ {pattern}", BEEBOX.filter_fields).terms


def test_an_expression_looks_at_the_beginning_of_a_very_long_name_only() -> None:
    row = replace(SNAPSHOT.beebox[0], path="a" * MATCHED + "b" * 10_000)
    assert parse("~ a$", BEEBOX.filter_fields).holds(row, CONTEXT)
    assert not parse("~ ab", BEEBOX.filter_fields).holds(row, CONTEXT)


def test_letters_are_found_however_their_accents_are_stored() -> None:
    apart, whole = "U\u0308bung", "\u00dcbung"
    rows = [replace(SNAPSHOT.beebox[0], path=f"{name}\\Blatt.pdf") for name in (apart, whole, "plain")]
    for typed in (apart, whole, whole.lower(), f"file:{whole}", f"file:{apart}"):
        wanted = parse(typed, BEEBOX.filter_fields)
        assert [wanted.holds(row, Context(SNAPSHOT.at)) for row in rows] == [True, True, False], typed


@pytest.mark.parametrize("text", ["state:faild", "state=read", "state!=x", "state:ready,nonsense"])
def test_a_state_that_there_is_none_of_is_said_with_those_that_there_are(text: str) -> None:
    assert "there are failed, partly failed, ready" in parse(text, BEEBOX.filter_fields).strange


def test_every_word_that_a_row_shows_is_a_state_to_filter_by() -> None:
    for tab in (OPERATIONS, BEEBOX, INSTANT, FLEX):
        for row in rows_of(tab):
            typed = f'state:"{state_words(row).word}" state:{row.state}'
            assert row.state is State.UNKNOWN or not parse(typed, tab.filter_fields).strange


async def test_a_slip_in_a_state_is_said_where_no_row_is_left() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("2", "/", *"state:faild", "enter")
        assert "No state is named faild: there are failed, partly failed" in "\n".join(screen(app))
