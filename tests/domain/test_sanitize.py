"""What reaches a screen must be printable, one line, and still recognisable."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from wbtui.domain.sanitize import safe_lines, sanitize


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("batch-7\\intro.docx", "batch-7\\intro.docx"),
        ("[red]x[/]", "[red]x[/]"),
        ("Übersicht für Köln.docx", "Übersicht für Köln.docx"),
        ("取扱説明書.docx", "取扱説明書.docx"),
        ("a\x1b[2Jb", "a␛[2Jb"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\tb\nc\rd", "a b␊c␍d"),
        ("\x00\x7f", "␀␡"),
        ("\x9b31m", "\ufffd31m"),
        ("abc\u202etxt.exe", "abc\ufffdtxt.exe"),
        ("a\u200bb\ufeffc\u2028d", "a\ufffdb\ufffdc\ufffdd"),
        ("\ud800x", "\ufffdx"),
        ("a\u00a0b\u3000c", "a b c"),
        ("\u3164", "\ufffd"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 30, "e\u0301\u0301"),
        ("ก\u0e31\u0e49", "ก\u0e31\u0e49"),
        ("\u2764\ufe0f \U0001f1e9\U0001f1ea \u0031\ufe0f\u20e3", "\u2764 DE 1\u20e3"),
        ("\U0001f44d\U0001f3fd.docx", "\U0001f44d.docx"),
        ("\ufe0f", "\ufffd"),
    ],
)
def test_text_becomes_one_printable_line(text: str, shown: str) -> None:
    assert sanitize(text) == shown


ODD = "a1e\u2764\u2601\u231a\ufe0e\ufe0f\u20e3\u0301\u200d\U0001f1e9\U0001f1ea\U0001f44d\U0001f3fd\U0001f468"


@given(st.text(st.sampled_from(ODD), min_size=1))
def test_a_text_fills_as_many_cells_as_its_characters_do(text: str) -> None:
    shown = sanitize(text)
    assert cell_len(shown) == sum(map(cell_len, shown))


def test_long_text_is_cut_and_says_so() -> None:
    assert sanitize("x" * 600) == "x" * 511 + "…"
    assert sanitize("x" * 512) == "x" * 512
    assert sanitize("\x1b" * 9, limit=4) == "␛␛␛…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ("",)),
        ("one", ("one",)),
        ("one\r\ntwo\nthree\rfour", ("one", "two", "three", "four")),
        ("one\u2028two\x85three", ("one", "two", "three")),
        ("one\n\x1b[2J", ("one", "␛[2J")),
    ],
)
def test_lines_are_made_safe_one_by_one(text: str, shown: tuple[str, ...]) -> None:
    assert safe_lines(text) == shown


def test_too_many_lines_are_cut_and_say_so() -> None:
    assert safe_lines("a\nb\nc\nd", lines=2) == ("a", "b", "…")
    assert safe_lines("a\nb", lines=2) == ("a", "b")


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=600), st.integers(2, 80))
def test_nothing_unprintable_passes(text: str, limit: int) -> None:
    shown = sanitize(text, limit)
    assert shown.isprintable()
    assert len(shown) <= limit
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in shown)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=200))
def test_safe_text_stays_as_it_is(text: str) -> None:
    assert sanitize(sanitize(text)) == sanitize(text)
