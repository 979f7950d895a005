"""The envelope of asynchronous operations, as documented and as it really comes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wordbee.test_json_node import JSON
from wbtui.domain.errors import BadAnswer
from wbtui.domain.model import FileOutcome, OperationReading, State
from wbtui.wordbee.translator_answers import decode_envelope, decode_list

EXPORT = {
    "trm": {"requestid": 0, "isbatch": False, "status": "Finished", "statusText": "Finished!"},
    "custom": {"fileref": "ea9c1adeb02f4a9ebe8771583c12fa6b", "filename": "export_en_fr.xlf", "segments": 10},
}
UPLOAD = {
    "trm": {"requestid": 20417, "isbatch": False, "status": "Finished", "statusText": "Finished!"},
    "custom": {
        "files": [
            {"name": "ui/a.htm", "success": True, "error": None, "did": 5501, "segments": 12},
            {"name": "ui/b.htm", "success": False, "error": "No segments.", "did": None, "segments": None},
        ],
        "request": {"src": "en", "trgs": ["fr-FR"], "projectId": 165, "resourceId": 220},
    },
}


def read(value: object) -> OperationReading:
    return decode_envelope(json.dumps(value).encode())


def trm(status: object, **more: object) -> dict[str, object]:
    return {"trm": {"requestid": 8123, "status": status, **more}}


def test_a_waiting_operation_is_read() -> None:
    reading = read(trm("Waiting", isbatch=False, statusText="Waiting..."))
    assert reading == OperationReading(
        state=State.WAITING, status="Waiting", status_text="Waiting...", request_id=8123
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Waiting", State.WAITING),
        ("Executing", State.RUNNING),
        ("Finished", State.DONE),
        ("Success", State.DONE),
        ("Failed", State.FAILED),
        ("FINISHED", State.DONE),
        (" failed ", State.FAILED),
        ("Cancelled", State.UNKNOWN),
        ("", State.UNKNOWN),
        (None, State.UNKNOWN),
        (7, State.UNKNOWN),
        (True, State.UNKNOWN),
        ({"a": 1}, State.UNKNOWN),
    ],
)
def test_the_status_word_decides_the_state(status: object, state: State) -> None:
    assert read(trm(status)).state is state


def test_an_unknown_word_is_kept_as_it_came() -> None:
    assert read(trm("Paused\x1b[2J")).status == "Paused␛[2J"


def test_a_finished_export_can_be_downloaded() -> None:
    reading = read(EXPORT)
    assert reading.state is State.READY
    assert reading.file_token == "ea9c1adeb02f4a9ebe8771583c12fa6b"
    assert reading.file_name == "export_en_fr.xlf"
    assert reading.counts == {"segments": 10}


def test_an_upload_with_a_failed_file_is_partial() -> None:
    reading = read(UPLOAD)
    assert reading.state is State.PARTIAL
    assert reading.files == (
        FileOutcome(name="ui/a.htm", success=True, segments=12, document_id=5501),
        FileOutcome(name="ui/b.htm", success=False, error="No segments."),
    )
    assert reading.project_id == 165


def test_a_failed_file_outweighs_a_file_to_download() -> None:
    both = {**trm("Finished"), "custom": {"filetoken": "abc", "files": [{"name": "x", "success": False}]}}
    assert read(both).state is State.PARTIAL


@pytest.mark.parametrize(
    ("record", "success"),
    [
        ({"success": True, "error": "odd"}, True),
        ({"success": "false"}, False),
        ({"success": None, "error": None}, True),
        ({"error": "Bad name"}, False),
        ({"success": [], "error": "Bad"}, False),
    ],
)
def test_the_outcome_of_a_file_without_a_plain_answer(record: object, success: bool) -> None:
    reading = read({**trm("Finished"), "custom": {"files": [record, "junk", None]}})
    assert [file.success for file in reading.files] == [success]


@pytest.mark.parametrize(
    ("custom", "token"),
    [
        ({"filetoken": "abc"}, "abc"),
        ({"fileref": "abc"}, "abc"),
        ({"filetoken": None, "fileref": "abc"}, "abc"),
        ({"FileToken": "abc"}, "abc"),
        ({"filetoken": 4711}, "4711"),
        ({"filetoken": ""}, ""),
        ({"filetoken": " "}, ""),
        ({"filetoken": "a\x00b"}, ""),
        ({"filetoken": "x" * 600}, ""),
        ({"filetoken": ["abc"]}, ""),
        (["abc"], ""),
    ],
)
def test_a_file_token_is_taken_only_as_the_server_gives_them(custom: object, token: str) -> None:
    reading = read({**trm("Finished"), "custom": custom})
    assert reading.file_token == token
    assert reading.state is (State.READY if token else State.DONE)


def test_counts_are_numbers_and_not_too_many() -> None:
    custom = {"segments": 10, "ok": True, "name": "x", "huge": 10**30, "minus": -1, "x\x1b": 1}
    assert read({**trm("Finished"), "custom": custom}).counts == {"segments": 10, "x␛": 1}
    many = {f"n{number}": number for number in range(100)}
    assert len(read({**trm("Finished"), "custom": many}).counts) == 32


@pytest.mark.parametrize(
    ("body", "state", "request_id"),
    [(b"559", State.WAITING, 559), (b'"559"', State.WAITING, 559), (b"0", State.DONE, 0)],
)
def test_a_bare_number_is_an_envelope(body: bytes, state: State, request_id: int) -> None:
    reading = decode_envelope(body)
    assert (reading.state, reading.request_id) == (state, request_id)


def test_an_envelope_wrapped_in_a_string_is_read() -> None:
    assert decode_envelope(json.dumps(json.dumps(EXPORT)).encode()).state is State.READY


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"true", b"-5", b"1.5", b"[]", b"{}", b'{"trm": null}', b'{"trm": 5}', b"abc", b"{"],
)
def test_what_holds_no_operation_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        decode_envelope(body)


@pytest.mark.parametrize("request_id", [0, "", None, "abc", -5])
@pytest.mark.parametrize("status", ["Waiting", "Executing", "Queued"])
def test_an_operation_that_runs_without_an_id_cannot_be_watched(request_id: object, status: str) -> None:
    body = json.dumps({"trm": {"requestid": request_id, "status": status}}).encode()
    with pytest.raises(BadAnswer, match="no id"):
        decode_envelope(body)
    assert decode_envelope(body, polled=True).request_id == 0


def test_an_answer_to_a_poll_may_lack_its_status() -> None:
    assert decode_envelope(b'{"custom": null}', polled=True).state is State.UNKNOWN
    for body in (b'{"error": {"title": "x"}}', b"[]", b"null"):
        with pytest.raises(BadAnswer):
            decode_envelope(body, polled=True)


@given(JSON, JSON, JSON, JSON)
def test_any_envelope_is_read_or_a_bad_answer(one: object, two: object, three: object, four: object) -> None:
    envelope = {
        "trm": {"status": "Finished", "requestid": one, "statusText": two, "statusInfo": three},
        "custom": {"files": [one, {"name": two, "success": three, "error": four}], "request": four},
        "result": {"items": [two, {"k": one, "v": three}]},
        "results": four,
    }
    reading = read(envelope)
    assert reading.status_text.isprintable()
    assert reading.request_id >= 0


@given(st.binary(max_size=100) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_or_a_bad_answer(body: bytes) -> None:
    for polled in (False, True):
        try:
            state = decode_envelope(body, polled=polled).state
        except BadAnswer:
            state = State.UNKNOWN
        assert state in set(State)


LISTED = {
    "total": 2,
    "rows": [
        {"trm": {"requestid": 7, "status": "Executing"}, "name": "Export", "created": "2026-03-02T09:00:00Z"},
        {"id": 8, "status": "Waiting", "dt": "yesterday"},
    ],
}


def test_a_list_in_the_shared_shape_is_read() -> None:
    page = decode_list(json.dumps(LISTED).encode())
    assert page is not None
    operations, received, total = page
    assert (received, total) == (2, 2)
    assert [(each.request_id, each.reading.state, each.label) for each in operations] == [
        (7, State.RUNNING, "Export"),
        (8, State.WAITING, ""),
    ]
    assert operations[0].submitted_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert operations[1].submitted_at is None


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b'{"rows": 5}',
        b'{"rows": [{"id": 5, "status": "Kind of done"}]}',
        b'{"rows": [{"status": "Waiting"}]}',
        b'{"rows": [{"id": 5, "status": "Waiting"}, 7]}',
    ],
)
def test_a_list_that_makes_no_sense_is_none(body: bytes) -> None:
    assert decode_list(body) is None


def test_an_empty_list_makes_sense() -> None:
    assert decode_list(b'{"total": 0, "rows": []}') == ((), 0, 0)
