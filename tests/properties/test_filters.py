"""Filters typed by anybody: understood or refused in words, and what stands in quotes is taken literally."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.tui.test_filters import CONTEXT, rows_of
from wbtui.tui.tabs.all import TABS
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.filter_language import BadFilter, Filter, ValueKind, parse
from wbtui.tui.tabs.tab_spec import TabSpec

TAB = st.sampled_from(TABS)
SHARDS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "~",
            "!",
            '"',
            "words>",
            "age<2h",
            "state:",
            "locale!=",
            "a{9",
            "(?i)",
            "[[",
            "[a--b]",
            "\\",
            "(",
            "*+",
        ]
    ),
)
TYPED = st.lists(SHARDS, max_size=6).map("".join) | st.lists(SHARDS, max_size=4).map(" ".join)
LITERAL = st.text(st.characters(exclude_characters='"'), min_size=1, max_size=12)


def understood(text: str, tab: TabSpec) -> Filter | None:
    try:
        made = parse(text, tab.filter_fields)
    except BadFilter as caught:
        error = caught
    else:
        assert made.text == text
        return made
    assert 0 <= error.place <= len(text)
    assert error.problem
    return None


def shown(made: Filter | None, tab: TabSpec) -> list[Any]:
    assert made is not None
    return [row for row in rows_of(tab) if made.holds(row, CONTEXT)]


@settings(max_examples=300, deadline=None)
@given(TYPED, TAB)
@example("~ a{99999999999999999999}", BEEBOX)
@example("~[[a]", BEEBOX)
@example("~" + "(" * 3000 + ")" * 3000, BEEBOX)
@example("words>" + "9" * 400, BEEBOX)
@example("age<" + "9" * 400 + "w", BEEBOX)
@example("words:\u0663", BEEBOX)
def test_any_text_is_understood_or_refused_in_words(text: str, tab: TabSpec) -> None:
    made = understood(text, tab)
    if made is not None:
        shown(made, tab)


@settings(max_examples=100, deadline=None)
@given(LITERAL, TAB)
def test_what_stands_in_quotes_is_looked_for_literally(text: str, tab: TabSpec) -> None:
    getters = [field.words for field in tab.filter_fields if field.kind is not ValueKind.AGE]
    expected = [
        row
        for row in rows_of(tab)
        if any(text.casefold() in word.casefold() for words in getters for word in words(row))
    ]
    assert shown(understood(f'"{text}"', tab), tab) == expected
    left = shown(understood(f'!"{text}"', tab), tab)
    assert [row for row in rows_of(tab) if row in left or row in expected] == list(rows_of(tab))


@settings(max_examples=100, deadline=None)
@given(st.lists(LITERAL.filter(lambda text: not text.isspace()), min_size=1, max_size=3), TAB)
def test_terms_narrow_each_other_whatever_their_order(texts: list[str], tab: TabSpec) -> None:
    terms = [f'"{text}"' for text in texts]
    both = shown(understood(" ".join(terms), tab), tab)
    assert shown(understood(" ".join(reversed(terms)), tab), tab) == both
    for term in terms:
        alone = shown(understood(term, tab), tab)
        assert all(row in alone for row in both)


@settings(max_examples=60, deadline=None)
@given(LITERAL, TAB)
def test_an_escaped_expression_finds_what_the_plain_text_finds(text: str, tab: TabSpec) -> None:
    pattern = re.escape(text)
    found = re.compile(pattern, re.IGNORECASE).search
    getters = [field.words for field in tab.filter_fields if field.kind is not ValueKind.AGE]
    expected = [row for row in rows_of(tab) if any(found(word) for words in getters for word in words(row))]
    assert shown(understood(f'~"{pattern}"', tab), tab) == expected
