"""Columns: which fit, what a row says, and in what order rows come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.tui import scenes
from wbtui.domain.model import BeeboxFile, InstantRequest, Operation, OperationReading, State
from wbtui.domain.snapshot import Event, Level
from wbtui.tui.tabs.activity import ACTIVITY
from wbtui.tui.tabs.all import TABS
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.column import Column, Context, fit, gutter_of, head_line, last_skip, row_line
from wbtui.tui.tabs.filter_language import parse
from wbtui.tui.tabs.flex import FLEX
from wbtui.tui.tabs.glyphs import ASCII, UNICODE
from wbtui.tui.tabs.instant import INSTANT
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.tabs.row import Row, row_key
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.lines import Role, text_of, width_of

CONTEXT = Context(scenes.AT, scenes.ZONE, scenes.places(), UNICODE)
SNAPSHOT = scenes.snapshot()


def ids(tab: TabSpec, width: int, skip: int = 0) -> list[str]:
    return [placed.column.id for placed in fit(tab.columns_for(width), width, skip)]


def cell(row: Any, tab: TabSpec, id: str, width: int = 30) -> str:
    return text_of(tab.column(id).cell(row, CONTEXT, width)).strip()


def arranged(rows: Sequence[Row], column: Column, context: Context, *, reverse: bool) -> list[Row]:
    """Return the rows sorted by a column; stable, also backwards."""
    return sorted(rows, key=lambda row: column.order(row, context), reverse=reverse != column.newest_first)


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("width", [36, 40, 58, 60, 74, 80, 104, 120, 160, 240])
@pytest.mark.parametrize("skip", [0, 2])
def test_every_row_of_every_tab_has_exactly_the_width_of_its_columns(
    tab: TabSpec, width: int, skip: int
) -> None:
    placed = fit(tab.columns_for(width), width, skip)
    head = width_of(head_line(placed, placed[0].column.id, False))
    assert head <= width
    for row in scenes.rows_of(SNAPSHOT, tab):
        assert width_of(row_line(row, placed, CONTEXT)) == head


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (38, ["state", "file", "locale"]),
        (58, ["state", "file", "locale"]),
        (60, ["state", "file", "locale", "changed"]),
        (79, ["state", "file", "locale", "words", "changed"]),
        (104, ["state", "file", "locale", "words", "changed", "message"]),
    ],
)
def test_columns_are_dropped_by_priority(width: int, shown: list[str]) -> None:
    assert ids(BEEBOX, width) == shown


def test_where_it_is_narrow_the_state_is_its_glyph() -> None:
    placed = fit(BEEBOX.columns_for(40), 40)
    assert text_of(row_line(SNAPSHOT.beebox[0], placed, CONTEXT)).startswith("  !  batch-7\\intro.docx")


def test_every_column_can_be_scrolled_to_while_the_first_ones_stay() -> None:
    for tab in TABS:
        columns = tab.columns_for(56)
        fixed = [each.id for each in columns if each.fixed]
        reached = set(ids(tab, 56))
        for skip in range(last_skip(columns) + 1):
            shown = ids(tab, 56, skip)
            assert shown[: len(fixed)] == fixed or skip == 0
            reached |= set(shown)
        assert reached == {each.id for each in columns}


def test_the_sorted_head_bears_a_sign_in_text() -> None:
    placed = fit(BEEBOX.columns_for(79), 79)
    assert "Words v" in text_of(head_line(placed, "words", reverse=False))
    assert "Words ^" in text_of(head_line(placed, "words", reverse=True))


@pytest.mark.parametrize(
    ("cursor", "marked", "shown"), [(True, True, ">*"), (True, False, "> "), (False, True, " *")]
)
def test_cursor_and_mark_have_signs_of_their_own(cursor: bool, marked: bool, shown: str) -> None:
    assert gutter_of(cursor=cursor, marked=marked) == shown


def test_what_needs_a_person_comes_first_and_the_queue_in_its_order() -> None:
    rows = arranged(SNAPSHOT.operations, OPERATIONS.column("state"), CONTEXT, reverse=False)
    states = [row.state for row in rows if isinstance(row, Operation)]
    assert states[:6] == [
        State.FAILED, State.PARTIAL, State.UNKNOWN, State.RUNNING, State.RUNNING, State.READY,
    ]  # fmt: skip
    waiting = [CONTEXT.places[row_key(row)] for row in rows if row_key(row) in CONTEXT.places]
    assert waiting == list(range(1, 11))


@pytest.mark.parametrize(
    ("tab", "id", "first"),
    [
        (BEEBOX, "words", "bb:zh-Hans:batch-7\\pricing.xlsx"),
        (BEEBOX, "file", "bb:de:batch-5\\マニュアル 日本語版.docx"),
        (INSTANT, "sent", "it:39"),
        (ACTIVITY, "time", "event:5"),
        (ACTIVITY, "level", "event:3"),
    ],
)
def test_figures_and_dates_come_largest_and_newest_first(tab: TabSpec, id: str, first: str) -> None:
    rows = arranged(scenes.rows_of(SNAPSHOT, tab), tab.column(id), CONTEXT, reverse=False)
    if id == "words":
        words = [row.words for row in rows if isinstance(row, BeeboxFile)]
        assert words == sorted(words, key=lambda each: -(each or 0))
    else:
        assert row_key(rows[0]) == first


def test_rows_that_are_equal_keep_their_order_both_ways() -> None:
    files = [replace(file, locale="de") for file in SNAPSHOT.beebox]
    by_locale = BEEBOX.column("locale")
    assert arranged(files, by_locale, CONTEXT, reverse=False) == files
    assert arranged(files, by_locale, CONTEXT, reverse=True) == files


@pytest.mark.parametrize("tab", TABS)
def test_every_column_can_be_sorted_by(tab: TabSpec) -> None:
    rows = scenes.rows_of(SNAPSHOT, tab)
    for each in tab.columns_for(200):
        assert len(arranged(rows, each, CONTEXT, reverse=True)) == len(rows)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "+ Ready"),
        (1, "% Partly failed"),
        (2, "! Failed"),
        (3, "~ In progress"),
        (5, ". Waiting"),
        (15, "= Done"),
        (16, "? Paused"),
    ],
)
def test_an_operation_shows_its_state_as_glyph_and_word(number: int, shown: str) -> None:
    assert cell(SNAPSHOT.operations[number], OPERATIONS, "state") == shown


def test_a_partly_failed_operation_is_not_green() -> None:
    spans = OPERATIONS.column("state").cell(SNAPSHOT.operations[1], CONTEXT, 20)
    assert spans[0].role is Role.WARN
    assert cell(SNAPSHOT.operations[1], OPERATIONS, "result") == "1 of 3 files failed"


def test_an_operation_that_the_server_does_not_know_any_more_is_removed() -> None:
    gone = replace(SNAPSHOT.operations[0], known=False)
    assert cell(gone, OPERATIONS, "state") == "_ Removed"


@pytest.mark.parametrize(("number", "shown"), [(5, "1st"), (6, "2nd"), (7, "3rd"), (8, "4th"), (0, "")])
def test_a_waiting_operation_shows_its_place_in_the_queue(number: int, shown: str) -> None:
    assert cell(SNAPSHOT.operations[number], OPERATIONS, "place") == shown


def test_the_project_of_an_operation_is_a_column_and_a_filter() -> None:
    partly, other = SNAPSHOT.operations[1], SNAPSHOT.operations[0]
    assert cell(partly, OPERATIONS, "project") == "1200"
    assert cell(other, OPERATIONS, "project") == ""
    chosen = parse("project:1200", OPERATIONS.filter_fields)
    assert [row for row in SNAPSHOT.operations if chosen.holds(row, CONTEXT)] == [partly]


@pytest.mark.parametrize(
    ("reading", "shown"),
    [
        (OperationReading(State.READY, file_name="a.xlsx"), "a.xlsx"),
        (
            OperationReading(State.DONE, counts={"segments": 1204, "components": 3}),
            "1 204 segments, 3 components",
        ),
        (OperationReading(State.FAILED, status_info="locked"), "locked"),
        (OperationReading(State.FAILED, status_text="Failed by the server"), "Failed by the server"),
        (OperationReading(State.RUNNING), ""),
    ],
)
def test_the_result_says_what_came_of_it(reading: OperationReading, shown: str) -> None:
    row = scenes.operation(1, State.DONE, reading=reading)
    assert cell(row, OPERATIONS, "result") == shown


@pytest.mark.parametrize(
    ("status", "state", "shown"),
    [
        (8, State.FAILED, "! Error"),
        (4, State.WAITING, ". New"),
        (5, State.WAITING, "/ Submitting"),
        (6, State.RUNNING, "~ In progress"),
        (1, State.READY, "+ Ready"),
        (1, State.FAILED, "! Failed"),
        (3, State.UNKNOWN, "? status 3"),
        (None, State.UNKNOWN, "? status none"),
    ],
)
def test_a_beebox_file_shows_the_words_of_its_status(status: int | None, state: State, shown: str) -> None:
    row = replace(SNAPSHOT.beebox[0], status=status, state=state, status_name="")
    assert cell(row, BEEBOX, "state") == shown


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ({"source_age": 30.0}, "30 min"),
        ({"source_age": 180.0, "made_age": 5.0, "state": State.READY}, "5 min"),
        ({"source_age": 180.0, "made_age": 5.0, "state": State.RUNNING}, "3 h"),
        ({"source_age": None, "changed_at": scenes.ago(days=3)}, "3 d"),
        ({"source_age": None}, ""),
    ],
)
def test_the_age_of_a_file_comes_from_the_minutes_that_the_server_gave(
    more: dict[str, Any], shown: str
) -> None:
    row = replace(SNAPSHOT.beebox[3], seen_at=scenes.AT, **more)
    assert cell(row, BEEBOX, "changed") == shown


def request(**more: object) -> InstantRequest:
    return replace(SNAPSHOT.instant[0], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("machine", "memory", "shown"),
    [
        (5, 5, "▆▆▆▆▆▃▃▃▃▃"),
        (0, 10, "▃▃▃▃▃▃▃▃▃▃"),
        (10, 0, "▆▆▆▆▆▆▆▆▆▆"),
        (1, 999, "▆▃▃▃▃▃▃▃▃▃"),
        (999, 1, "▆▆▆▆▆▆▆▆▆▃"),
        (None, 3, ""),
        (0, 0, ""),
    ],
)
def test_the_split_of_a_request_is_a_bar(machine: int | None, memory: int, shown: str) -> None:
    assert cell(request(words_machine=machine, words_memory=memory), INSTANT, "split", 10) == shown


def test_without_utf_8_the_bar_is_ascii() -> None:
    context = replace(CONTEXT, drawing=ASCII)
    spans = INSTANT.column("split").cell(request(words_machine=3, words_memory=1), context, 8)
    assert text_of(spans) == "######=="


@pytest.mark.parametrize(
    ("more", "id", "shown"),
    [
        ({"sent_at": scenes.AT - timedelta(days=12)}, "purge", "in 18 d"),
        ({"sent_at": scenes.AT - timedelta(days=45)}, "purge", "in 0 d"),
        ({"sent_at": "12/02/2026 10:00"}, "purge", ""),
        ({"sent_at": "12/02/2026 10:00"}, "sent", "12/02/2026 10:00"),
        ({"sent_at": None}, "sent", ""),
        ({"post_edit": "In progress"}, "post", "In progress"),
        ({"post_edit": "Done", "post_edit_ready": True}, "post", "+ Ready"),
        ({"post_edit": None, "post_edit_ready": False}, "post", ""),
    ],
)
def test_a_request_shows_its_age_and_its_post_edit(more: dict[str, Any], id: str, shown: str) -> None:
    assert cell(request(**more), INSTANT, id) == shown


def test_a_repeated_event_is_counted_and_dated_by_its_last_time() -> None:
    event = Event(
        scenes.ago(hours=2), Level.ERROR, "beebox", "down", count=7, until=scenes.ago(minutes=1), id=9
    )
    assert cell(event, ACTIVITY, "count") == "7"
    assert cell(event, ACTIVITY, "time") == "14:30:55"
    assert cell(event, ACTIVITY, "level") == "! error"


def test_an_event_of_another_day_bears_its_date() -> None:
    event = Event(scenes.ago(days=2), Level.INFO, "wbtui", "started", id=1)
    assert cell(event, ACTIVITY, "time") == "02-27 14:31"


def test_flex_shows_what_is_complete_or_with_invert_what_is_open() -> None:
    question = replace(SNAPSHOT.question, invert=True)
    complete = scenes.rows_of(SNAPSHOT, FLEX)
    open_ones = scenes.rows_of(replace(SNAPSHOT, question=question), FLEX)
    assert {cell(row, FLEX, "state") for row in complete} == {"+ Complete"}
    assert {cell(row, FLEX, "state") for row in open_ones} == {"~ Open"}
    assert len(complete) + len(open_ones) == len(SNAPSHOT.flex)


def test_markup_in_a_name_is_only_text() -> None:
    row = replace(SNAPSHOT.beebox[0], path="[red]x[/] a [/oops] b")
    assert cell(row, BEEBOX, "file") == "[red]x[/] a [/oops] b"


def test_the_days_until_a_request_is_purged_are_those_of_the_profile() -> None:
    row, purge = request(sent_at=scenes.AT - timedelta(days=12)), INSTANT.column("purge")
    context = replace(CONTEXT, purge_days=14)
    assert text_of(purge.cell(row, context, 20)) == "in 2 d"
    assert purge.order(row, context) == 2
