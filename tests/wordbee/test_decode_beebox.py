"""Beebox files by locale, and the project's languages."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wordbee.conftest import NOON
from tests.wordbee.test_json_node import JSON
from wbtui.domain.errors import BadAnswer
from wbtui.domain.item_keys import beebox_key
from wbtui.domain.model import BeeboxFile, State
from wbtui.domain.ports import BeeboxDetails
from wbtui.wordbee import beebox_records
from wbtui.wordbee.beebox import decode_details, decode_files
from wbtui.wordbee.wire import JsonNode

INTRO = {
    "file": "batch-7\\intro.docx",
    "locale": "fr",
    "localename": "French (fr)",
    "uptodate": True,
    "segments": 12,
    "words": 140,
    "folder": "",
    "status": 1,
    "statusc": "Uptodate",
    "sfdate": "2024-03-01T09:00:00Z",
    "sfdatemin": 180,
    "tfdate": "2024-03-01T11:30:00.1234567Z",
    "tfdatemin": 30,
}


def pack(value: object) -> bytes:
    return json.dumps(value).encode()


def one(**fields: object) -> BeeboxFile:
    """Read a record with these fields besides file and locale."""
    body = pack({"total": 1, "files": [{"file": "a.docx", "locale": "fr", **fields}]})
    return decode_files(body, 0, NOON).files[0]


def test_a_record_is_read_whole() -> None:
    page = decode_files(pack({"skip": 0, "count": 1, "total": 2, "files": [INTRO]}), 0, NOON)
    assert (page.skip, page.total) == (0, 2)
    assert page.files == (
        BeeboxFile(
            key=beebox_key("fr", "batch-7\\intro.docx"),
            path="batch-7\\intro.docx",
            locale="fr",
            state=State.READY,
            status=1,
            status_name="Uptodate",
            locale_name="French (fr)",
            words=140,
            segments=12,
            source_at=datetime(2024, 3, 1, 9, tzinfo=UTC),
            source_age=180.0,
            made_at=datetime(2024, 3, 1, 11, 30, 0, 123456, tzinfo=UTC),
            made_age=30.0,
            seen_at=NOON,
        ),
    )


@pytest.mark.parametrize(
    ("status", "state", "name"),
    [
        (0, State.UNKNOWN, "status 0"),
        (1, State.READY, "Uptodate"),
        (2, State.UNKNOWN, "status 2"),
        (3, State.UNKNOWN, "status 3"),
        (4, State.WAITING, "New"),
        (5, State.WAITING, "Submitting"),
        (6, State.RUNNING, "InProgress"),
        (7, State.DONE, "Done"),
        (8, State.FAILED, "Error"),
        (9, State.UNKNOWN, "status 9"),
        (10, State.CANCELLED, "Cancelled"),
        (11, State.UNKNOWN, "status 11"),
        ("6", State.RUNNING, "InProgress"),
        ("InProgress", State.RUNNING, "InProgress"),
        ("Baking", State.UNKNOWN, "Baking"),
        (True, State.UNKNOWN, ""),
        (None, State.UNKNOWN, ""),
        ([], State.UNKNOWN, ""),
    ],
)
def test_the_status_decides_where_uptodate_says_nothing(status: object, state: State, name: str) -> None:
    file = one(status=status)
    assert (file.state, file.status_name) == (state, name)


def test_a_status_without_a_number_is_known_by_its_name() -> None:
    file = one(statusc="Error")
    assert (file.state, file.status, file.status_name) == (State.FAILED, 8, "Error")


def test_the_messages_and_the_preliminary_file_come_from_tms() -> None:
    file = one(status=8, tms={"error": "No text\nfound", "info": "sent", "pfdt": "2024-03-01T09:00:00"})
    assert (file.error, file.info) == ("No text␊found", "sent")
    assert file.preliminary_at == "2024-03-01T09:00:00"
    assert one(tms={"pfdt": "0001-01-01T00:00:00"}).preliminary_at is None
    assert one(tms="junk").error == ""


def test_an_error_text_alone_is_no_failure() -> None:
    assert one(status=6, tms={"error": "an earlier one"}).state is State.RUNNING


def test_a_path_that_is_not_safe_keeps_its_wire_form_and_its_own_key() -> None:
    files = [{"file": path, "locale": "fr"} for path in ("a\u202eb", "a\u200bb", "a\\b.docx")]
    first, second, third = decode_files(pack({"files": files}), 0, NOON).files
    assert (first.path, first.wire_path) == ("a\ufffdb", "a\u202eb")
    assert (second.path, second.wire_path) == ("a\ufffdb", "a\u200bb")
    assert first.key != second.key
    assert (third.path, third.wire_path) == ("a\\b.docx", "")


def test_a_bad_record_is_left_out_and_the_others_stay() -> None:
    records: list[object] = [
        "junk",
        None,
        5,
        {"file": "a"},
        {"locale": "fr"},
        {"file": [], "locale": {}},
        INTRO,
    ]
    page = decode_files(pack({"total": 7, "files": records}), 100, NOON)
    assert [file.path for file in page.files] == ["batch-7\\intro.docx"]
    assert (page.skip, page.total) == (100, 7)


@pytest.mark.parametrize(
    ("answer", "total"),
    [
        ({"files": [INTRO]}, 101),
        ({"files": [INTRO], "total": "205"}, 205),
        ({"files": [INTRO], "total": -5}, 101),
        ({"files": None, "total": 0}, 0),
    ],
)
def test_the_total_is_taken_or_counted(answer: object, total: int) -> None:
    assert decode_files(pack(answer), 100, NOON).total == total


def test_a_full_page_without_a_total_is_not_taken_for_the_last_one() -> None:
    body = pack({"files": [INTRO, {**INTRO, "locale": "de"}]})
    assert decode_files(body, 100, NOON, 2).total == 103
    assert decode_files(body, 100, NOON, 3).total == 102


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"files": {}, "total": 5}', b"5", b"<html>", b"{"])
def test_no_list_of_files_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        decode_files(body, 0, NOON)


def test_the_languages_of_a_project_are_read() -> None:
    body = {
        "sourceLocale": "en",
        "targetLocales": ["fr", "de"],
        "targetLocaleItems": [{"v": "fr", "t": "French (fr)"}, {"v": "de", "t": "German (de)"}, "junk"],
        "connector": {"password": "s3cret"},
    }
    expected = BeeboxDetails("en", (("fr", "French (fr)"), ("de", "German (de)")))
    assert decode_details(pack(body)) == expected
    assert "s3cret" not in repr(decode_details(pack(body)))


def test_the_languages_of_a_project_are_read_from_the_two_lists() -> None:
    body = {"targetLocales": ["fr", "zh-CN"], "targetLocaleNames": ["French"]}
    assert decode_details(pack(body)) == BeeboxDetails("", (("fr", "French"), ("zh-CN", "")))
    with pytest.raises(BadAnswer):
        decode_details(b"[]")


FIELDS = [*INTRO, "statust", "tdate", "tms", "readyToBuild", "notReadyToBuild"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), JSON)
def test_any_record_is_read_or_left_out(record: dict[str, object], total: object) -> None:
    page = decode_files(pack({"total": total, "files": [record, INTRO]}), 0, NOON)
    assert page.files[-1].path == "batch-7\\intro.docx"
    for file in page.files:
        assert file.path.isprintable()
        assert file.status_name.isprintable()


ODD: tuple[object, ...] = (
    *(None, True, False, 0, 1, -1, 6, 8, 7.0, 1.5, 2**53 - 1, 2**53, -(2**53), 10**400, 1e300),
    *("", " ", "1", "-3", "1.5", "true", "Error", "error ", "fr", "a\u202eb.docx", "\ud800", "x" * 3000),
    *(
        "2024-03-01T09:00:00Z",
        "2024-03-01T09:00:00.1234567+00:00",
        "2024-02-30T09:00:00Z",
        "0001-01-01T00:00:00",
    ),
    *([], {}, [1], {"a": 1}, {"error": "No text\nfound", "info": 5, "pfdt": "2024-03-01"}),
    *({"Error": "in another case", "more": [1]}, {"error": None, "pfdt": "2024-03-01T09:00:00Z"}),
)
NAMES = [*FIELDS, "File", "STATUS", "Words", "tMs", "sfDate", "another", "unknown member", "\ud800"]


def both_ways(body: str) -> tuple[object, object]:
    """Read a page by type, and the same as JSON in a JSON string, which only the tolerant way reads."""
    found: list[object] = []
    for way in (body, json.dumps(body)):
        try:
            found.append(decode_files(way.encode(), 0, NOON, 3))
        except BadAnswer as error:
            found.append(error.message)
    return found[0], found[1]


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(ODD) | JSON, max_size=6), max_size=3))
def test_a_record_is_read_by_type_as_it_is_tolerantly(changes: list[dict[str, object]]) -> None:
    records = [{**INTRO, "tms": {"error": None}, **change} for change in changes]
    by_type, tolerantly = both_ways(json.dumps({"total": 3, "files": [*records, INTRO]}))
    assert by_type == tolerantly


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("name", NAMES)
def test_each_odd_value_is_read_both_ways_alike(name: str, value: object) -> None:
    without = {key: kept for key, kept in INTRO.items() if key not in {"status", "statusc", "uptodate"}}
    for record in (INTRO, without):
        by_type, tolerantly = both_ways(json.dumps({"total": 2, "files": [{**record, name: value}, INTRO]}))
        assert by_type == tolerantly


@pytest.mark.parametrize(
    "body",
    [
        '{"Files": [{"file": "a", "locale": "fr"}], "TOTAL": 7}',
        '{"files": null, "items": [{"file": "a", "locale": "fr"}]}',
        '{"files": [{"file": "a", "locale": "fr"}], "Files": null, "total": 0}',
        '{"files": [{"file": "a", "locale": "fr", "locale": "de"}]}',
        '{"files": [{"file": "a", "locale": "fr", "words": NaN, "sfdatemin": Infinity}]}',
        '{"files": [{"file": "a", "locale": "fr", "words": 01}]}',
        '{"files": [{"file": "a\nb", "locale": "fr"}]}',
        '{"files": [{"file": "a", "locale": "fr"}], "more": {"deep": [1e999]}}',
        '{"files": [{"file": "a", "locale": "fr"}]} x',
        '{"files": {"file": "a"}, "total": 0}',
        '{"files": [{"file": "a", "locale": "fr", "other": ' + "[" * 100_000 + "]" * 100_000 + "}]}",
        '{"files": [{"file": "a", "locale": "fr"}, {"file": "b", "locale": "fr"',
    ],
)
def test_an_odd_page_is_read_both_ways_alike(body: str) -> None:
    by_type, tolerantly = both_ways(body)
    assert by_type == tolerantly


def test_a_page_of_records_with_undocumented_members_is_read_by_type(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = {**INTRO, "words": "140"}
    records = [{**INTRO, "cost": {"a": 1}, "Not\ta name": None}] * 5 + [odd] + [{**INTRO, "cost": 3}] * 5
    tolerant: list[object] = []
    plain = beebox_records._tolerant

    def counted(record: JsonNode, seen_at: datetime) -> BeeboxFile | None:
        tolerant.append(record)
        return plain(record, seen_at)

    monkeypatch.setattr(beebox_records, "_tolerant", counted)
    page = decode_files(pack({"total": 11, "files": records}), 0, NOON)
    assert set(page.files) == {page.files[0]}
    assert len(page.files) == 11
    assert len(tolerant) == 7  # a name that cannot be printed is taken into no type


def test_what_records_have_in_common_is_held_once() -> None:
    other = {**INTRO, "locale": "de"}
    first, second = decode_files(pack({"files": [INTRO, other]}), 0, NOON).files
    third = decode_files(pack({"files": [INTRO]}), 0, NOON).files[0]
    for one, another in ((first, second), (first, third)):
        for name in ("path", "status_name", "locale_name", "source_at", "source_age", "words"):
            assert getattr(one, name) is getattr(another, name), name


@given(JSON | st.dictionaries(st.sampled_from(["targetLocaleItems", "targetLocales", "sourceLocale"]), JSON))
def test_any_details_are_read_or_a_bad_answer(value: object) -> None:
    try:
        locales = decode_details(pack(value)).locales
    except BadAnswer:
        locales = ()
    assert all(code and code.isprintable() for code, _ in locales)
