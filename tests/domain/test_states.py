"""One table of states: the same word everywhere, and no sign for two states."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from tests.items import beebox_file, flex_component, instant_request, operation
from tests.tui import scenes
from wbtui.cli.status import table
from wbtui.domain.model import Action, BeeboxFile, Item, Service, State
from wbtui.domain.notices import notice
from wbtui.domain.states import ASKED_WORDS, BEEBOX_STATUSES, state_words
from wbtui.tui.tabs.glyphs import style_of
from wbtui.wordbee.beebox import decode_files

SNAPSHOT = scenes.snapshot()


def wire_file(status: int) -> BeeboxFile:
    body = b'{"total":1,"files":[{"file":"a.docx","locale":"fr","status":%d}]}' % status
    return decode_files(body, 0, scenes.AT).files[0]


def every_item() -> list[Item]:
    return [
        *(operation(state=state, status="Odd") for state in State),
        *(instant_request(state=state, status="Odd") for state in State),
        *(flex_component(state=state) for state in (State.READY, State.RUNNING)),
        *(wire_file(status) for status in range(12)),
        beebox_file(state=State.REMOVED, status=1),
        *(beebox_file(asked=asked) for asked in ASKED_WORDS),
    ]


def test_no_sign_means_two_states() -> None:
    meanings: dict[str, set[object]] = defaultdict(set)
    for item in every_item():
        asked = item.asked if isinstance(item, BeeboxFile) else None
        meanings[state_words(item).glyph].add(asked or item.state)
    assert {glyph: found for glyph, found in meanings.items() if len(found) > 1} == {}
    assert len(meanings) == 12


@pytest.mark.parametrize(
    ("status", "told"), [(4, ". New"), (5, "/ Submitting"), (8, "! Error"), (3, "? status 3"), (1, "+ Ready")]
)
def test_a_status_of_the_beebox_is_told_alike_on_the_screen_and_by_status(status: int, told: str) -> None:
    file = wire_file(status)
    assert style_of(file).span.text == told
    assert told in table(replace(SNAPSHOT, beebox=(file,)))


def test_screen_and_status_tell_every_item_alike() -> None:
    text = table(SNAPSHOT)
    for service in Service:
        for item in SNAPSHOT.items(service):
            assert style_of(item).span.text in text


def test_a_state_that_does_not_fit_its_status_is_told_by_the_state() -> None:
    assert state_words(beebox_file(state=State.FAILED, status=1)).word == "Failed"
    assert state_words(beebox_file(state=State.DONE, status=1)).word == "Done"


@pytest.mark.parametrize(
    ("change", "verb"),
    [
        ({"state": State.WAITING, "status": 5}, "is being submitted"),
        ({"state": State.UNKNOWN, "status": None, "status_name": "odd"}, "does not know: odd"),
        ({"asked": Action.CANCEL}, "was asked to stop"),
    ],
)
def test_a_sentence_says_what_the_word_says(change: dict[str, Any], verb: str) -> None:
    assert state_words(beebox_file(**change)).verb.endswith(verb)


def test_the_documented_statuses_are_known_by_name() -> None:
    assert {number: status.name for number, status in BEEBOX_STATUSES.items()} == {
        1: "Uptodate", 4: "New", 5: "Submitting", 6: "InProgress", 7: "Done", 8: "Error", 10: "Cancelled",
    }  # fmt: skip


def test_a_notice_says_the_verb_of_the_state() -> None:
    old, new = beebox_file(), beebox_file(state=State.FAILED, status=8, error="No text found")
    told = notice(old, new)
    assert told is not None
    assert told[1] == "batch-7\\intro.docx (fr) failed: No text found"
