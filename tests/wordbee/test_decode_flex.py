"""Flex documents and components."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wordbee.test_json_node import JSON
from wbtui.domain.errors import BadAnswer
from wbtui.domain.model import FlexDocument
from wbtui.domain.ports import FlexAnswer, FlexRow
from wbtui.wordbee.flex import decode_components, decode_document, decode_documents

ROW = {
    "id": "1000",
    "did": 1000,
    "jid": None,
    "name": "app\\strings.wbflex",
    "dtchange": "2026-03-01T10:00:00.0000000Z",
    "src": "en",
    "srct": "English",
    "paragraphs": 420,
    "segments": 431,
    "pid": 165,
    "preference": "Mobile app",
    "connector": None,
}
DOCUMENT = FlexDocument(
    id="1000",
    name="app\\strings.wbflex",
    changed_at=datetime(2026, 3, 1, 10, tzinfo=UTC),
    source="en",
    segments=431,
    project="Mobile app",
)


def pack(value: object) -> bytes:
    return json.dumps(value).encode()


def test_the_list_of_documents_is_read() -> None:
    assert decode_documents(pack({"total": 3, "count": 1, "rows": [ROW]})) == ((DOCUMENT,), 1, 3)
    assert decode_documents(pack({"items": [ROW]})) == ((DOCUMENT,), 1, 1)
    assert decode_documents(pack({"total": 0, "rows": None})) == ((), 0, 0)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"id": "c300"}, ["c300"]),
        ({"id": None, "did": 1001}, ["1001"]),
        ({"id": 1002}, ["1002"]),
    ],
)
def test_a_document_is_known_by_its_id_as_text(row: object, found: list[str]) -> None:
    documents, received, _ = decode_documents(pack({"rows": [row]}))
    assert [document.id for document in documents] == found
    assert received == 1


@pytest.mark.parametrize("row", [{}, {"id": "a\x1bb"}, "junk", None])
def test_a_document_without_an_id_is_left_out_unless_no_other_is_there(row: object) -> None:
    assert decode_documents(pack({"rows": [row, ROW]})) == ((DOCUMENT,), 2, 2)
    with pytest.raises(BadAnswer, match="none that can be read"):
        decode_documents(pack({"rows": [row]}))


@pytest.mark.parametrize("body", [b"", b"[]", b"5", b"{}", b'{"rows": {}}', b"<html>"])
def test_no_list_of_documents_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        decode_documents(body)


def test_one_document_is_kept_under_the_id_that_was_asked_for() -> None:
    body = pack({"id": 1000, "name": "x", "dtchange": "2026-03-01T10:00:00Z", "src": {"v": "en", "t": "E"}})
    document = decode_document(body, "c300")
    assert (document.id, document.source) == ("c300", "en")
    assert document.changed_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    with pytest.raises(BadAnswer):
        decode_document(b"[]", "c300")


def test_the_components_of_an_answer_are_read() -> None:
    body = pack(
        [
            {"k": "app.login", "s": 8, "l": {"fr": 8, "de": "8"}},
            {"k": "app.cart", "s": None, "l": {"fr": None}},
            {"k": 42, "s": 1, "l": {}},
            {"s": 8, "l": {"fr": 8}},
            "junk",
            None,
        ]
    )
    assert decode_components(body) == FlexAnswer(
        (
            FlexRow("app.login", 8, {"fr": 8, "de": 8}),
            FlexRow("app.cart", None, {"fr": None}),
            FlexRow("42", 1, {}),
        ),
        lost=3,
    )


def test_a_component_that_is_not_safe_keeps_its_wire_form() -> None:
    row = decode_components(pack([{"k": "app\x1b[2J", "s": 1, "l": {}}])).rows[0]
    assert (row.component, row.wire_component) == ("app␛[2J", "app\x1b[2J")


@pytest.mark.parametrize("body", [b"", b" \n", b"[]", b"null"])
def test_an_empty_file_is_an_empty_answer(body: bytes) -> None:
    assert decode_components(body) == FlexAnswer()


@pytest.mark.parametrize("body", [b"{}", b"5", b'"x"', b"<html>", b"[{"])
def test_a_file_that_is_no_list_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        decode_components(body)


@given(st.lists(JSON), JSON, JSON)
def test_any_list_is_read(elements: list[object], number: object, locales: object) -> None:
    answer = decode_components(pack([*elements, {"k": "x", "s": number, "l": locales}]))
    assert answer.rows[-1].component == "x"
    assert all(locale.isprintable() for row in answer.rows for locale in row.locales)


@given(JSON, st.dictionaries(st.sampled_from(["id", "did", "name", "dtchange", "src"]), JSON))
def test_any_documents_are_read(total: object, row: dict[str, object]) -> None:
    documents, received, _ = decode_documents(pack({"total": total, "rows": [row, ROW]}))
    assert received == 2
    assert documents[-1] == DOCUMENT
