"""Instant Translation requests and their post-edits."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wordbee.conftest import NOON
from tests.wordbee.test_json_node import JSON
from wbtui.domain.errors import BadAnswer
from wbtui.domain.model import InstantRequest, ItemKey, State
from wbtui.wordbee.instant import decode_requests

FINISHED = {
    "id": 39,
    "ready": True,
    "status": "Finished",
    "fname": "My Sample File.docx",
    "src": "en",
    "srct": "English",
    "trg": "fr",
    "trgt": "French",
    "dt": "2015-05-06T08:00:58.56Z",
    "segs": 42,
    "words": 372,
    "chars": 2184,
    "wordsMT": 300,
    "wordsTM100": 72,
    "wordsTM110": 0,
    "wordsTMFuzzy": 0,
    "pe_status": None,
    "pe_ready": False,
    "pe_url": None,
}
COUNTS = ("segs", "words", "chars", "wordsMT", "wordsTM100", "wordsTM110", "wordsTMFuzzy")


def pack(value: object) -> bytes:
    return json.dumps(value).encode()


def one(**fields: object) -> InstantRequest:
    return decode_requests(pack({"requests": [{"id": 39, **fields}]}), NOON).requests[0]


def test_the_sample_of_the_documents_is_read_whole() -> None:
    assert decode_requests(pack({"requests": [FINISHED]}), NOON).requests == (
        InstantRequest(
            key=ItemKey("it:39"),
            request_id=39,
            name="My Sample File.docx",
            state=State.READY,
            status="Finished",
            ready=True,
            source="en",
            target="fr",
            source_title="English",
            target_title="French",
            sent_at=datetime(2015, 5, 6, 8, 0, 58, 560000, tzinfo=UTC),
            segments=42,
            words=372,
            characters=2184,
            words_machine=300,
            words_memory=72,
            words_identical=72,
            words_context=0,
            words_fuzzy=0,
            seen_at=NOON,
        ),
    )


@pytest.mark.parametrize(
    ("status", "ready", "state"),
    [
        ("Waiting", False, State.WAITING),
        ("Executing", False, State.RUNNING),
        ("Finished", True, State.READY),
        ("finished", "true", State.READY),
        ("Finished", False, State.DONE),
        ("Finished", None, State.DONE),
        ("Failed", False, State.FAILED),
        ("Failed", True, State.FAILED),
        ("Baking", False, State.UNKNOWN),
        ("Baking", True, State.READY),
        (None, None, State.UNKNOWN),
    ],
)
def test_only_ready_means_that_the_file_is_there(status: object, ready: object, state: State) -> None:
    assert one(status=status, ready=ready).state is state


def test_before_the_server_counted_there_are_no_counts() -> None:
    for early in (dict.fromkeys(COUNTS, 0), dict.fromkeys(COUNTS), {}):
        request = one(status="Executing", ready=False, **early)
        assert (request.words, request.segments, request.words_machine) == (None, None, None)
        assert request.words_memory is None


def test_counts_of_a_ready_request_may_be_zero_or_missing() -> None:
    assert one(ready=True, **dict.fromkeys(COUNTS, 0)).words_memory == 0
    assert one(ready=True, words=10).words_memory is None
    assert one(ready=True, wordsTM100=None, wordsTM110=3).words_memory == 3


def test_a_post_edit_is_there_only_with_a_status() -> None:
    running = one(pe_status="In progress", pe_ready=False, pe_url="https://pe.example/7", pe_orderid=55)
    assert (running.post_edit, running.post_edit_ready) == ("In progress", False)
    assert (running.post_edit_url, running.post_edit_order) == ("https://pe.example/7", "55")
    none = one(pe_status=None, pe_ready=True, pe_url="https://pe.example/7")
    assert (none.post_edit, none.post_edit_ready, none.post_edit_url) == (None, False, "")
    assert one(pe_status="Done", pe_ready=True).post_edit_ready


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://a b", "https://a\x1b[2J", "file:///etc", "", None, 5]
)
def test_an_address_that_no_browser_should_get_is_left_out(address: object) -> None:
    assert one(pe_status="x", pe_url=address).post_edit_url == ""


def test_a_bad_record_is_left_out_and_the_others_stay() -> None:
    records = ["junk", None, {}, {"id": None}, {"id": -1}, {"id": True}, {"id": "x"}, {"id": "40"}, FINISHED]
    requests = decode_requests(pack({"requests": records}), NOON).requests
    assert [request.request_id for request in requests] == [40, 39]


@pytest.mark.parametrize(("records", "whole"), [([FINISHED], True), ([FINISHED, {}], False), ([], True)])
def test_a_list_is_whole_if_every_record_can_be_read(records: list[object], whole: bool) -> None:
    assert decode_requests(pack({"requests": records}), NOON).whole is whole


def test_a_list_of_which_nothing_can_be_read_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer, match="none that can be read"):
        decode_requests(pack({"requests": [{}, {"id": "x"}]}), NOON)


def test_a_list_without_its_object_is_read() -> None:
    assert decode_requests(pack([FINISHED]), NOON).requests[0].request_id == 39


@pytest.mark.parametrize("body", [b"", b"{}", b"5", b'{"requests": {}}', b'{"requests": null}', b"<html>"])
def test_no_list_of_requests_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        decode_requests(body, NOON)


@given(st.dictionaries(st.sampled_from([*FINISHED, "pe_orderid"]), JSON))
def test_any_record_is_read_or_left_out(record: dict[str, object]) -> None:
    requests = decode_requests(pack({"requests": [record, FINISHED]}), NOON).requests
    assert requests[-1].request_id == 39
    assert all(request.name.isprintable() and request.status.isprintable() for request in requests)
