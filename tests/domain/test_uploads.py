"""What an upload did beyond what it was asked for: files that were replaced, and what is known of each."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.items import operation
from tests.tui import scenes
from wbtui.domain.model import FileFormat, FileOutcome, Operation, RequestRecord, State
from wbtui.domain.notices import file_words, notice, replaced_words
from wbtui.domain.serialize import item_to_json
from wbtui.domain.snapshot import Level
from wbtui.tui.tabs import operations
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.details import Subject, details
from wbtui.tui.toolkit.lines import text_of
from wbtui.wordbee.translator_answers import decode_envelope

ANSWER = {
    "trm": {"requestid": 0, "status": "Finished", "statusText": "Finished!"},
    "custom": {
        "files": [
            {
                "name": "ui/a.htm", "exists": True, "success": True, "error": None, "did": 5501,
                "segments": 1012, "format": {"formatId": 71, "formatName": "Default", "formatDomain": "HTML"},
            },
            {"name": "ui/b.htm", "exists": False, "success": True, "did": 5502, "segments": 1},
            {"name": "ui/c.htm", "exists": True, "success": False, "error": "No segments.", "format": None},
        ]
    },
}  # fmt: skip


def upload(body: str | None = None) -> Operation:
    reading = decode_envelope(json.dumps(ANSWER).encode(), polled=True)
    request = None if body is None else RequestRecord("POST", "/projects/165/workflows/new", body)
    return replace(operation(), reading=reading, request=request)


def test_exists_and_format_are_read() -> None:
    first, second, third = upload().reading.files
    assert (first.exists, second.exists, third.exists) == (True, False, True)
    assert first.format == FileFormat(71, "Default", "HTML")
    assert third.format is None
    assert [file.replaced for file in (first, second, third)] == [True, False, False]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (FileOutcome("a", True, exists=True), "was there already: replaced"),
        (FileOutcome("a", False, exists=True), "was there already"),
        (FileOutcome("a", True, segments=1, document_id=7, exists=False), "1 segment; document 7"),
        (FileOutcome("a", True, format=FileFormat(3)), "format 3"),
        (FileOutcome("a", True, format=FileFormat(3, "Default", "HTML")), "HTML (Default)"),
        (FileOutcome("a", True, format=FileFormat(domain="HTML")), "HTML"),
        (FileOutcome("a", True), ""),
    ],
)
def test_what_is_known_of_a_file(file: FileOutcome, words: str) -> None:
    assert file_words(file) == words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "1 file was there already and was replaced: a second set of jobs arose"),
        ('{"workflow":"Default"}', "1 file was there already and was replaced: a second set of jobs arose"),
        ('{"workflow":"None"}', "1 file was there already and was replaced"),
        ("[", "1 file was there already and was replaced: a second set of jobs arose"),
    ],
)
def test_what_came_of_replacing(body: str | None, words: str) -> None:
    assert replaced_words(upload(body)) == words


def test_every_door_says_that_a_file_was_replaced() -> None:
    done = upload()
    told = notice(operation(), done)
    assert told is not None
    assert told[0] is Level.WARNING
    assert "replaced: a second set of jobs arose" in told[1]
    assert operations.result(done) == "1 of 3 files failed, 1 replaced"
    lines = [
        text_of(line)
        for line in details(Subject(operations.OPERATIONS, done), Context(scenes.AT, scenes.ZONE), 60)
    ]
    text = "\n".join(lines)
    assert "was there already: replaced; 1 012 segments; document" in text
    assert "HTML (Default)" in text
    assert item_to_json(done)["files"][0] == {
        "name": "ui/a.htm", "success": True, "error": "", "segments": 1012, "document_id": 5501,
        "exists": True, "format": {"id": 71, "name": "Default", "domain": "HTML"},
    }  # fmt: skip


def test_that_all_went_well_is_a_warning_where_a_file_was_replaced() -> None:
    done = upload()
    well = replace(done, reading=replace(done.reading, state=State.DONE, files=done.reading.files[:1]))
    told = notice(operation(), well)
    assert told is not None
    assert told[0] is Level.WARNING
    assert notice(operation(), operation(state=State.DONE)) == (Level.INFO, "Operation 5001 is done")
