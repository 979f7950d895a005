"""Regular expressions that could take for ever, by Python's own parser and without it."""

from __future__ import annotations

import pytest

from wbtui.tui.tabs import endless_regex
from wbtui.tui.tabs.endless_regex import endless

ENDLESS = ("(a+)+", "(a|ab)*", "(a?){30}", "((ab)*c)+", "(?:a+){2,}", "(a*)+?", "x(ab|a)+")
HARMLESS = ("a+", "ab*c?", "(ab)", "(a+)", "a|b", r"\)+", "batch-[0-9]+", "^x.*y$")


@pytest.mark.parametrize("without", [None, ("re._no_parser", "re._constants"), ("re._parser", "re")])
def test_what_could_take_for_ever_is_found(
    without: tuple[str, str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if without:
        monkeypatch.setattr(endless_regex, "PARSER", without)
    assert [pattern for pattern in ENDLESS if not endless(pattern)] == []
    harmless = [pattern for pattern in HARMLESS if pattern != r"\)+" or without is None]
    assert [pattern for pattern in harmless if endless(pattern)] == []


def test_by_the_parser_a_repeated_group_of_one_way_is_no_such_thing() -> None:
    assert not endless("(ab)+")
    assert not endless("(a{3})*")
