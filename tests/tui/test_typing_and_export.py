"""The pure parts behind the keys: lines that are typed, ids, exports, titles, and what was missed."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tui import scenes
from wbtui.domain.model import BeeboxFile, State
from wbtui.tui.controllers.copy_export import as_csv, as_json, as_line, text_for
from wbtui.tui.dialogs.palette import COMMANDS, command_of, entry_line, matching
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.row import Count
from wbtui.tui.terminal_window import code, title, understood
from wbtui.tui.toolkit.lines import Line, Role, Span, behind, following, hits, line, lit, text_of
from wbtui.tui.toolkit.prompt import Typed
from wbtui.tui.view_model import missed
from wbtui.tui.view_state import RowFilter

CONTEXT = Context(scenes.AT, scenes.ZONE, scenes.places())


@pytest.mark.parametrize(
    ("handlers", "text", "place"),
    [
        ([("insert", "abc"), ("move", 1), ("insert", "X")], "aXbc", 2),
        ([("insert", "abc"), ("erase", 2)], "ab", 2),
        ([("insert", "abc"), ("move", 0), ("erase", 1)], "bc", 0),
        ([("insert", "abc"), ("erase", -5)], "", 0),
        ([("insert", "abc"), ("move", 99)], "abc", 3),
        ([("insert", "a\x1b[2Jb\nc")], "a␛[2Jb␊c", 8),
    ],
)
def test_a_line_is_typed_and_corrected(handlers: list[tuple[str, object]], text: str, place: int) -> None:
    typed = Typed()
    for name, value in handlers:
        getattr(typed, name)(value)
    assert (typed.text, typed.place) == (text, place)


@pytest.mark.parametrize(("text", "start"), [("one two", 4), ("one two ", 4), ("one", 0), ("", 0)])
def test_a_word_begins_after_a_blank(text: str, start: int) -> None:
    assert Typed(text).word_start() == start


def test_an_export_has_a_line_per_row_with_all_fields_but_no_tokens() -> None:
    operations = scenes.operations()
    shapes = json.loads(as_json(operations))
    assert [each["key"] for each in shapes] == [each.key for each in operations]
    assert shapes[1]["files"][1]["error"] == "The file is password protected."
    rows = list(csv.DictReader(io.StringIO(as_csv(operations))))
    assert [row["label"] for row in rows] == [each.label for each in operations]
    for text in (as_json(operations), as_csv(operations), as_line(operations[0])):
        assert "file_token" not in text
        assert "/workflows/new" not in text


def test_an_export_never_holds_a_formula_or_a_wire_path() -> None:
    file = replace(scenes.beebox()[0], path="=HYPERLINK(1)", wire_path="raw")
    rows = list(csv.DictReader(io.StringIO(as_csv([file]))))
    assert rows[0]["path"] == "'=HYPERLINK(1)"
    assert "raw" not in as_csv([file])


def test_the_ending_of_the_name_decides_the_form() -> None:
    events = scenes.events()
    assert json.loads(text_for("x.JSON", events))[0]["text"] == "started"
    assert text_for("x.csv", events).startswith("at,level,source,text")


def test_the_title_says_what_failed_and_what_is_ready() -> None:
    assert title("acme", [Count(9, 2, 3), Count(4, 0, 1)]) == "wbtui acme 2! 4+"
    assert title("acme", [Count(9)]) == "wbtui acme"
    assert code(title("a\x1b]0;x\x07", [])).count("\x1b") == 1
    assert [understood({"TERM": term}) for term in ("xterm", "linux", "dumb", "")] == [
        True,
        False,
        False,
        False,
    ]


def test_what_was_missed_is_counted_from_the_moment_on() -> None:
    since = scenes.ago(hours=1)
    files: tuple[BeeboxFile, ...] = tuple(
        replace(file, changed_at=scenes.ago(minutes=minutes), state=state)
        for file, minutes, state in zip(
            scenes.beebox(), (5, 70, 30, 59, 2),
            (State.READY, State.READY, State.FAILED, State.PARTIAL, State.RUNNING), strict=False,
        )
    )  # fmt: skip
    found = missed(scenes.snapshot(operations=(), instant=(), flex=(), beebox=files), since)
    assert (found.ready, found.failed, found.tab) == (1, 2, BEEBOX)
    assert found.words("13:05") == "since 13:05: 1 ready, 2 failed   ! shows what failed"
    assert not missed(scenes.snapshot(beebox=files), scenes.AT + timedelta(hours=1))


def test_a_choice_keeps_its_test_until_it_changes_or_looks_at_ages() -> None:
    choice = RowFilter(BEEBOX)
    assert choice.test(CONTEXT) is None
    assert choice.type("locale:fr") == ""
    first = choice.test(CONTEXT)
    assert choice.test(CONTEXT) is first
    assert choice.type("locale>fr").startswith("character 8: locale holds words")
    assert choice.test(CONTEXT) is first
    assert choice.words == "/locale:fr"
    choice.type("age<2h")
    assert choice.test(CONTEXT) is not choice.test(CONTEXT)


def test_filter_problems_and_what_was_taken_away_hold_together() -> None:
    choice = RowFilter(BEEBOX)
    files = scenes.beebox()
    choice.type("batch-7")
    choice.toggle_problems()
    hidden = next(file for file in files if file.state is State.FAILED and "batch-7" in file.path)
    choice.hide([hidden.key])
    test = choice.test(CONTEXT)
    assert test is not None
    wanted = [f for f in files if "batch-7" in f.path and f.state is State.FAILED and f is not hidden]
    assert [file for file in files if test(file)] == wanted
    choice.clear()
    test = choice.test(CONTEXT)
    assert test is not None
    assert [file for file in files if not test(file)] == [hidden]
    choice.show_again([hidden.key])
    assert choice.test(CONTEXT) is None


LINES: list[Line] = [line("alpha"), line(Span("be", Role.BAD), "ta beta"), line("gamma"), line("Beta")]


def test_hits_are_found_and_set_off() -> None:
    assert hits(LINES, "beta") == [1, 3]
    assert hits(LINES, "") == []
    lighted = lit(LINES[1], "BETA")
    assert text_of(lighted) == text_of(LINES[1])
    assert "".join(span.text for span in lighted if span.role is Role.CURSOR) == "betabeta"
    assert lit(LINES[0], "beta") is LINES[0]


@pytest.mark.parametrize(
    ("present", "step", "found"), [(-1, 1, 1), (1, 1, 3), (3, 1, 1), (3, -1, 1), (1, -1, 3)]
)
def test_hits_go_round(present: int, step: int, found: int) -> None:
    assert following([1, 3], present, step) == found
    assert following([], present, step) is None


def test_what_stands_behind_a_cell_keeps_its_role() -> None:
    assert text_of(behind(line("abc", Span("def", Role.BAD)), 4)) == "ef"
    assert behind(line("abc"), 3) == ()


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("goto 5001", ("goto", "5001")),
        (":Theme ansi", ("theme", "ansi")),
        ("clip", ("clip", "")),
        ("pause", None),
        ("", None),
    ],
)
def test_a_typed_command_is_known_by_its_first_word(text: str, command: tuple[str, str] | None) -> None:
    assert command_of(text) == command


def test_the_palette_finds_by_all_words_and_shows_first_what_begins_so() -> None:
    entries = [command.entry for command in COMMANDS]
    assert [each.id for each in matching(entries, "mouse")] == ["mouse"]
    assert matching(entries, "filter")[0].id == "filter"
    assert matching(entries, "no such words") == []
    shown = text_of(entry_line(entries[0], 60, "…", chosen=True))
    assert len(shown) == 60
    assert shown.startswith("> :goto 5001")
