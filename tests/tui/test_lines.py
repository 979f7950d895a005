"""Lines: widths in cells, cutting, and what is sent again when a line changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wbtui.tui.toolkit.lines import (
    Line,
    Patch,
    Role,
    Span,
    changes,
    crop,
    cut,
    cut_middle,
    ends,
    in_role,
    line,
    merged,
    pad,
    text_of,
    width_of,
    wrap,
)

TEXTS = st.text(alphabet="ab \\.é日本…🙂", max_size=24)
SPANS = st.tuples(TEXTS, st.sampled_from(list(Role))).map(lambda pair: Span(*pair))
LINES = st.lists(SPANS, max_size=5).map(tuple)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("intro.docx", 10, "intro.docx"),
        ("intro.docx", 9, "intro.do…"),
        ("intro.docx", 1, "i"),
        ("intro.docx", 0, ""),
        ("日本語版", 7, "日本語…"),
        ("日本語版", 6, "日本…"),
    ],
)
def test_a_long_text_is_cut_at_its_end(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("batch-6\\long-name.docx", 30, "batch-6\\long-name.docx"),
        ("batch-6\\long-name.docx", 15, "batch-6…me.docx"),
        ("abcdef", 3, "a…f"),
        ("abcdef", 2, "ab"),
        ("日本語の長い名前.docx", 12, "日本…前.docx"),
    ],
)
def test_a_long_name_is_cut_in_its_middle(text: str, width: int, shown: str) -> None:
    assert cut_middle(text, width) == shown


def test_without_utf_8_the_cut_is_three_dots() -> None:
    assert cut_middle("batch-6\\long-name.docx", 15, "...") == "batch-...e.docx"


@given(TEXTS, st.integers(0, 30))
def test_no_cut_is_wider_than_asked_for(text: str, width: int) -> None:
    assert cell_len(cut(text, width)) <= width
    assert cell_len(cut_middle(text, width)) <= width


@given(LINES, st.integers(0, 60))
def test_a_padded_line_has_exactly_the_width(spans: Line, width: int) -> None:
    assert width_of(pad(spans, width)) == width
    assert width_of(crop(spans, width)) <= width


def test_the_left_part_gives_way_to_the_right_one() -> None:
    assert text_of(ends(line("a long message"), line("5 new"), 12)) == "a long 5 new"
    assert text_of(ends(line("left"), line("right"), 12)) == "left   right"
    assert text_of(ends(line("left"), line("too long"), 4)) == "too "


@given(LINES)
def test_merging_spans_changes_no_letter_and_no_visible_role(spans: Line) -> None:
    assert text_of(merged(spans)) == text_of(spans)
    assert len(merged(spans)) <= len(spans)
    assert _visible(merged(spans)) == _visible(spans)


def _visible(spans: Line) -> list[tuple[str, Role]]:
    return [(letter, role) for text, role in spans for letter in text if letter != " "]


def test_blanks_take_the_role_beside_them_but_never_a_background() -> None:
    assert merged(line("  ", Span("! Error", Role.BAD), "  ", Span("", Role.KEY))) == (
        Span("  ! Error  ", Role.BAD),
    )
    badge = line(" ", Span("[1 A]", Role.ACTIVE), " ")
    assert merged(badge) == badge


def test_a_cursor_line_is_one_span() -> None:
    assert in_role(line("a", Span("b", Role.BAD)), Role.CURSOR) == (Span("ab", Role.CURSOR),)


@pytest.mark.parametrize(
    ("old", "new", "patches"),
    [
        ("abcdef", "abcdef", []),
        ("abcdef", "abXdef", [Patch(2, 1)]),
        ("a" + "b" * 10 + "c", "x" + "b" * 10 + "y", [Patch(0, 12)]),
        ("a" + "b" * 30 + "c", "x" + "b" * 30 + "y", [Patch(0, 1), Patch(31, 1)]),
        ("日本", "日木", [Patch(2, 2)]),
        ("日x", "abx", [Patch(0, 2)]),
        ("", "a", [Patch(0, 1)]),
        ("ab", "", [Patch(0, 2)]),
        ("👨\u200d👩\u200d👧 a", "👨\u200d👩\u200d👧 b", [Patch(0, 40)]),
    ],
)
def test_only_the_changed_cells_are_sent(old: str, new: str, patches: list[Patch]) -> None:
    assert changes(line(old), line(new), 40) == patches


def test_a_change_of_role_is_a_change() -> None:
    assert changes(line("ok"), line(Span("ok", Role.BAD)), 10) == [Patch(0, 2)]


@given(LINES, LINES, st.integers(1, 40))
def test_the_patches_cover_every_difference_and_nothing_outside(old: Line, new: Line, width: int) -> None:
    covered = {x for patch in changes(old, new, width) for x in range(patch.x, patch.x + patch.width)}
    before, after = _by_cell(old, width), _by_cell(new, width)
    different = {x for x in range(width) if before[x] != after[x]}
    assert different <= covered <= set(range(width))


def _by_cell(spans: Line, width: int) -> list[tuple[str, Role]]:
    cells = [
        (letter if part == 0 else "", role)
        for text, role in pad(spans, width)
        for letter in text
        for part in range(cell_len(letter))
    ]
    assert len(cells) == width
    return cells


@pytest.mark.parametrize(
    ("text", "width", "pieces"),
    [
        ("", 10, []),
        ("one two three", 7, ["one two", "three"]),
        ("a verylongword b", 5, ["a", "veryl", "ongwo", "rd b"]),
        ("日本語版", 3, ["日", "本", "語", "版"]),
        ("text", 0, []),
    ],
)
def test_text_is_wrapped_at_blanks(text: str, width: int, pieces: list[str]) -> None:
    assert wrap(text, width) == pieces


@given(TEXTS, st.integers(2, 30))
def test_wrapping_loses_no_letter(text: str, width: int) -> None:
    pieces = wrap(text, width)
    assert "".join(pieces).replace(" ", "") == "".join(text.split())
    assert all(cell_len(piece) <= width for piece in pieces)
