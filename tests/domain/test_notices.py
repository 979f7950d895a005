"""Which changes are worth a line of Activity, and in which words."""

from __future__ import annotations

import pytest

from tests.items import beebox_file, flex_component, instant_request, operation
from wbtui.domain.merge import unfinished
from wbtui.domain.model import FLEX_QUERY, FileOutcome, Item, State
from wbtui.domain.notices import news_lines, news_of, notice
from wbtui.domain.queue_places import QueuePlaces
from wbtui.domain.snapshot import Level

FILES = (FileOutcome("a.htm", True), FileOutcome("b.htm", False, "No segments."))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, operation(state=State.READY), None),
        (operation(), operation(state=State.RUNNING), None),
        (operation(state=State.READY), operation(state=State.READY), None),
        (
            operation(state=State.RUNNING),
            operation(state=State.READY, kind="Export", label="fr"),
            (Level.INFO, "Export 5001 fr is ready"),
        ),
        (operation(), operation(state=State.READY, kind=FLEX_QUERY), None),
        (
            operation(),
            operation(state=State.FAILED, kind=FLEX_QUERY, status_info="No rights"),
            (Level.ERROR, "Flex query 5001 failed: No rights"),
        ),
        (operation(), operation(state=State.DONE), (Level.INFO, "Operation 5001 is done")),
        (
            operation(),
            operation(state=State.FAILED, status_info="Parameter 'xy' is missing"),
            (Level.ERROR, "Operation 5001 failed: Parameter 'xy' is missing"),
        ),
        (
            operation(),
            operation(state=State.FAILED, status_text="Operation failed!"),
            (Level.ERROR, "Operation 5001 failed: Operation failed!"),
        ),
        (
            operation(),
            operation(state=State.PARTIAL, files=FILES),
            (
                Level.WARNING,
                "Operation 5001 finished, but some files failed: 1 of 2, first b.htm: No segments.",
            ),
        ),
        (
            operation(),
            operation(known=False),
            (Level.WARNING, "Operation 5001 is no longer known to the server"),
        ),
        (
            beebox_file(),
            beebox_file(state=State.READY),
            (Level.INFO, "batch-7\\intro.docx (fr) is ready"),
        ),
        (
            beebox_file(),
            beebox_file(state=State.FAILED, error="No text found"),
            (Level.ERROR, "batch-7\\intro.docx (fr) failed: No text found"),
        ),
        (
            instant_request(),
            instant_request(state=State.REMOVED),
            (Level.WARNING, "plan.docx (en to fr) is no longer known to the server"),
        ),
        (flex_component(state=State.RUNNING), flex_component(state=State.READY), None),
    ],
)
def test_notices(old: Item | None, new: Item, expected: tuple[Level, str] | None) -> None:
    assert notice(old, new) == expected


def test_an_operation_without_an_id_is_named_by_its_key() -> None:
    assert operation(0, kind="Upload").sentence_name == "Upload op:0"
    assert flex_component().sentence_name == "app.login (fr)"


def test_items_without_trouble_need_no_reason() -> None:
    assert operation(state=State.READY).reason == ""
    assert beebox_file(error="left over").reason == ""
    assert flex_component().reason == ""
    assert operation(state=State.PARTIAL, files=(FileOutcome("x", False),)).reason == "1 of 1"


def test_places_count_the_waiting_by_request_id() -> None:
    queue = [operation(9), operation(7), operation(8, State.RUNNING), operation(5, State.DONE)]
    assert dict(QueuePlaces.of(queue)) == {"op:7": 1, "op:9": 2}
    assert [o.key for o in unfinished(queue)] == ["op:7", "op:8", "op:9"]


def test_many_changes_of_one_reading_are_told_together() -> None:
    ready = [(beebox_file(f"f{n}"), beebox_file(f"f{n}", state=State.READY)) for n in range(9)]
    failed = [(beebox_file("bad"), beebox_file("bad", state=State.FAILED, error="No text"))]
    news = [one for old, new in ready + failed for one in news_of(old, new)]
    assert [(level, text) for level, text, _ in news_lines(news)] == [
        (Level.INFO, "9 are ready: f0 (fr) and 8 more"),
        (Level.ERROR, "bad (fr) failed: No text"),
    ]


def test_a_few_changes_get_a_line_each() -> None:
    news = [one for n in range(3) for one in news_of(operation(n), operation(n, State.DONE))]
    assert [text for _, text, _ in news_lines(news)] == [f"Operation {n or 'op:0'} is done" for n in range(3)]
