"""The details: every fact of an item, why it is so, and what could be done."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.tui import scenes
from wbtui.domain.model import Action, BeeboxFile, ItemKey, State
from wbtui.domain.offers import Allowed, Offer, Offers, Refused, offers
from wbtui.domain.snapshot import ReadOnly, Snapshot
from wbtui.tui import details_pane
from wbtui.tui.tab_view import TabView
from wbtui.tui.tabs.all import TABS
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.details import Subject, brief, details, offer_words
from wbtui.tui.tabs.flex import FLEX
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.tabs.row import Cell, Row
from wbtui.tui.toolkit.lines import text_of, width_of
from wbtui.tui.toolkit.steps import at_once

SNAPSHOT = scenes.snapshot()
CONTEXT = Context(scenes.AT, scenes.ZONE, scenes.places())


def text(subject: Subject, width: int = 60) -> str:
    return "\n".join(text_of(line).rstrip() for line in details(subject, CONTEXT, width))


def whole(row: Row, snapshot: Snapshot) -> Subject:
    siblings: tuple[Cell, ...] = ()
    if isinstance(row, BeeboxFile):
        view = TabView(BEEBOX)
        view.take(snapshot, CONTEXT)
        at_once(view.work(CONTEXT, shown=True))
        siblings = view.counts.siblings(row)
    return details_pane.subject(scenes.tab_of(row), row, siblings, snapshot)


def subject(key: str) -> Subject:
    rows = [row for tab in TABS for row in scenes.rows_of(SNAPSHOT, tab)]
    row = next(row for row in rows if row.key == ItemKey(key))
    return whole(row, SNAPSHOT)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (
            "op:5003",
            ["price list", "! Failed", "document is locked", "POST /workflows/new", "3 h ago", "14:19:55"],
        ),
        ("op:5002", ["1 of 3 files failed", "! preise 2026.xlsx", "password protected", "+ intro.docx"]),
        ("op:5006", [". Waiting", "1st to start", "40 min ago"]),
        ("bb:de:batch-7\\intro.docx", ["! Error (8 Error)", "No text found.", "German", "fr      + Ready"]),
        ("bb:fr:batch-7\\intro.docx", ["19 min ago", "379 words, 37 segments", "is Ready"]),
        ("it:42", ["MT 60 %, memory 40 %", "in 23 days", "In progress"]),
        ("fx:1000:fr:app.login", ["app.login", "4, 4 satisfy the metric", "+ Complete"]),
    ],
)
def test_the_details_tell_all_that_is_known(key: str, words: list[str]) -> None:
    found = text(subject(key))
    assert [word for word in words if word not in found] == []


def test_an_event_is_shown_in_full() -> None:
    event = SNAPSHOT.events[-1]
    found = text(whole(event, SNAPSHOT), 40)
    assert "did not answer (timeout 30 s);" in found
    assert "data of 14:28:07" in found
    assert scenes.tab_of(event).title(event) == "instant"


def test_what_is_not_known_is_not_shown() -> None:
    bare = scenes.operation(1, State.RUNNING, label="", kind="", tracked_at=None, looks=0)
    found = text(Subject(OPERATIONS, bare))
    assert [name for name in ("Label", "Kind", "Sent", "Looked", "Request", "Files") if name in found] == []


@pytest.mark.parametrize("width", [30, 45, 58, 110])
def test_no_line_is_wider_than_the_pane(width: int) -> None:
    for tab in TABS:
        for row in scenes.rows_of(SNAPSHOT, tab):
            lines = details(whole(row, SNAPSHOT), CONTEXT, width)
            assert max(width_of(line) for line in lines) <= width


def test_a_long_name_of_a_field_does_not_run_into_what_it_says() -> None:
    row = replace(SNAPSHOT.beebox[0], preliminary_at=scenes.ago(minutes=5))
    shown = text(replace(subject(row.key), row=row), 80)
    assert re.search(r"^Preliminary 14:26:55 ", shown, re.MULTILINE)


@pytest.mark.parametrize(
    ("offer", "words"),
    [
        (Allowed(), "possible"),
        (Allowed("ALL languages stop"), "ALL languages stop"),
        (Refused("no such call"), "off: no such call"),
        (Refused("no such call", "x hides it"), "off: no such call; x hides it"),
    ],
)
def test_each_key_says_what_it_would_do_or_why_not(offer: Offer, words: str) -> None:
    assert offer_words(offer) == words


def test_in_a_read_only_profile_the_server_actions_are_off() -> None:
    row = SNAPSHOT.beebox[0]
    found = text(replace(subject(row.key), offers=offers(row, read_only=ReadOnly.WRITTEN)))
    assert found.count("this profile is read-only") == 2


@pytest.mark.parametrize("width", [60, 80])
def test_the_brief_form_has_two_lines(width: int) -> None:
    for tab in TABS:
        for row in scenes.rows_of(SNAPSHOT, tab):
            lines = brief(whole(row, SNAPSHOT), CONTEXT, width)
            assert 1 <= len(lines) <= 2
            assert all(width_of(line) <= width for line in lines)


def test_the_brief_form_says_why_and_what_the_server_keys_would_do() -> None:
    first, second = brief(subject("bb:de:batch-7\\intro.docx"), CONTEXT, 120)
    assert "No text found." in text_of(first)
    assert "T needs the source file" in text_of(second)
    assert "X deletes the source file" in text_of(second)


def test_other_languages_are_those_of_the_same_path_byte_for_byte() -> None:
    one, two = SNAPSHOT.beebox[0], SNAPSHOT.beebox[1]
    twin = replace(two, wire_path="batch-7\\intro\x07.docx", key=ItemKey("bb:fr:other"))
    found = whole(one, replace(SNAPSHOT, beebox=(one, two, twin)))
    assert found.siblings == (two,)


def test_a_markup_like_message_is_only_text() -> None:
    row = replace(SNAPSHOT.beebox[0], error="[red]no[/] [/oops]")
    nothing = Refused("no")
    assert "[red]no[/] [/oops]" in text(Subject(BEEBOX, row, Offers(nothing, nothing, nothing, nothing)))


@pytest.mark.parametrize(
    ("asked", "glyph"), [(Action.CANCEL, "- Cancel asked"), (Action.RETRY, "^ Retry asked")]
)
def test_what_was_asked_of_the_beebox_is_said_beside_its_own_word(asked: Action, glyph: str) -> None:
    file = replace(scenes.beebox()[3], asked=asked, asked_at=scenes.ago(minutes=29, seconds=55))
    said = text(Subject(BEEBOX, file, offers(file, read_only=ReadOnly.NO)))
    assert f"{glyph} ({file.status} {file.status_name})" in said
    assert f"{asked} asked 14:02: waiting for the Beebox" in said
    lines = [text_of(line) for line in brief(Subject(BEEBOX, file), CONTEXT, 80)]
    assert f"{glyph}  {asked} asked 14:02" in lines[0]


def test_the_project_of_an_operation_is_named() -> None:
    assert "Project   1200" in text(subject("op:5002"))
    assert "Project" not in text(subject("op:5001"))


@pytest.mark.parametrize(("looks", "said"), [(0, ""), (1, "at 14:31"), (3, "at 14:31")])
def test_when_an_operation_was_looked_at_is_said_by_the_minute(looks: int, said: str) -> None:
    operation = replace(SNAPSHOT.operations[0], looks=looks)
    shown = text(whole(operation, SNAPSHOT))
    assert f"Looked    {said}\n" in shown if said else "Looked" not in shown


def test_the_days_until_a_request_is_purged_are_those_of_the_profile() -> None:
    row = replace(SNAPSHOT.instant[0], sent_at=scenes.AT)
    lines = details(whole(row, SNAPSHOT), replace(CONTEXT, purge_days=300), 60)
    assert re.search("Purged +in 300 days", "\n".join(map(text_of, lines)))


@pytest.mark.parametrize(
    ("document", "said"), [("1000", "1000 (asked as a document)"), ("c300", "c300 (asked as a job)")]
)
def test_a_component_says_whether_a_job_or_the_document_was_asked(document: str, said: str) -> None:
    assert said in text(Subject(FLEX, replace(SNAPSHOT.flex[0], document=document)))
