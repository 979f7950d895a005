from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from tests.simulator.caller import Caller, read
from tests.simulator.translator_calls import certain, ended, fetched, post


@pytest.mark.parametrize(
    ("kind", "ending", "start"),
    [("xliff", ".xlf", b"<?xml"), ("word", ".docx", b"PK"), ("excel", ".xlsx", b"PK")],
)
@pytest.mark.parametrize("large", [0, 300_000])
def test_an_export_gives_a_file_of_its_type(kind: str, ending: str, start: bytes, large: int) -> None:
    caller = certain(large_bytes=large)
    body = {"scope": {"type": "Project", "projectid": 165}, "type": kind, "query": {}, "filename": "Größe"}
    answer = ended(caller, post(caller, "/api/resources/segments/view/export", body))
    assert answer["custom"]["filename"] == f"Größe{ending}"
    assert answer["result"]["items"][0]["v"] == answer["custom"]
    reply = fetched(caller, answer["custom"]["fileref"])
    assert reply.body.startswith(start)
    assert large <= len(reply.body) < large + 100_000
    assert fetched(caller, answer["custom"]["fileref"]).body == reply.body
    if start == b"PK":
        packed = zipfile.ZipFile(io.BytesIO(reply.body))
        assert packed.testzip() is None
        assert "[Content_Types].xml" in packed.namelist()
    else:
        assert reply.body.count(b"<trans-unit") == answer["custom"]["segments"]


@pytest.mark.parametrize(
    ("change", "info"),
    [
        ({"scope": None}, "Parameter 'scope' is missing"),
        ({"type": None}, "Parameter 'type' is missing"),
        ({"query": None}, "Parameter 'query' is missing"),
        ({"type": "pdf"}, "Parameters 'type', 'scope' or 'query' are not valid"),
        ({"scope": []}, "Parameters 'type', 'scope' or 'query' are not valid"),
    ],
)
def test_an_export_with_bad_parameters_fails_in_the_first_answer(change: dict[str, Any], info: str) -> None:
    body = {"scope": {"type": "Project"}, "type": "xliff", "query": {}} | change
    caller = certain()
    reply = post(caller, "/api/resources/segments/view/export", body)
    trm = read(reply)["trm"]
    assert (reply.status, trm["status"], trm["statusInfo"], trm["requestid"]) == (200, "Failed", info, 0)
    assert caller.world.operation_ids() == []


def test_an_export_without_a_name_is_called_export() -> None:
    caller = certain()
    body = {"scope": {}, "type": "xliff", "query": {}}
    answer = ended(caller, post(caller, "/api/resources/segments/view/export", body))
    assert answer["custom"]["filename"] == "Export.xlf"


def zipped(caller: Caller, body: Any = None) -> list[str]:
    custom = ended(caller, post(caller, "/api/orders/400/files/all/zip", body))["custom"]
    names = zipfile.ZipFile(io.BytesIO(fetched(caller, custom["filetoken"]).body)).namelist()
    assert custom["count"] == len(names)
    return names


def test_an_order_comes_as_a_zip_that_patterns_can_narrow() -> None:
    caller = certain()
    names = zipped(caller)
    assert len(names) > 1
    assert zipped(caller, {"excludeNames": [r"\.docx$"]}) == [n for n in names if not n.endswith(".docx")]
    assert zipped(caller, {"includeNames": [r"\.docx$"]}) == [n for n in names if n.endswith(".docx")]


def test_an_order_with_too_many_files_fails_and_says_so_in_the_status_text() -> None:
    caller = certain()
    trm = ended(caller, post(caller, "/api/orders/900/files/all/zip"))["trm"]
    assert (trm["status"], trm["statusText"]) == ("Failed", "The order has more than 2000 files.")


@pytest.mark.parametrize(
    ("order", "body"), [(4, None), (400, {"includeNames": "x"}), (400, {"excludeNames": ["("]})]
)
def test_bad_orders_and_patterns_are_refused(order: int, body: Any) -> None:
    assert post(certain(), f"/api/orders/{order}/files/all/zip", body).status == 400


def pulled(caller: Caller, document: str = "1000", **body: Any) -> list[dict[str, Any]]:
    answer = ended(caller, post(caller, f"/api/apps/wbflex/documents/{document}/contents/pull", body))
    reply = fetched(caller, answer["custom"]["filetoken"])
    content = read(reply)
    assert content.keys() == {
        *("type", "version", "major", "minor", "did", "dsid", "cfsConfig", "lblsConfig", "segments"),
    }
    segments: list[dict[str, Any]] = content["segments"]
    return segments


def flex(**plan: Any) -> Caller:
    return certain(components=9, edit_seconds=0.0, **plan)


def test_a_pull_gives_the_texts_of_the_components_in_every_language() -> None:
    caller = flex()
    segments = pulled(caller, components=["app.login"])
    assert {one["component"] for one in segments} == {"app.login"}
    cells = caller.world.flex.documents[0].components["app.login"]
    assert len(segments) == cells["en"].segments
    for locale in ("fr", "de", "zh-CN"):
        texts = [one["texts"][locale] for one in segments]
        assert [text["st"] for text in texts].count(2) == cells[locale].red
        assert [text["st"] for text in texts].count(1) == cells[locale].green
        assert sum(text["bk"] for text in texts) == cells[locale].blue
        assert all((text["v"] == "") == (text["st"] == 2) for text in texts)
    assert segments[0].keys() == {
        *("key", "component", "dt", "format", "bsid", "chmin", "chmax", "cfs", "texts"),
    }
    assert segments[0]["texts"]["en"].keys() == {"v", "st", "bk", "ed", "dt", "cfs"}


def test_a_pull_can_copy_the_source_where_a_text_is_missing() -> None:
    caller = flex()
    texts = [text for one in pulled(caller, copySourceToTarget=True) for text in one["texts"].values()]
    assert any(text["st"] == 2 for text in texts)
    assert all(text["v"] for text in texts)


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ({"components": ["app.login", "App.Cart"]}, lambda one: one["component"] == "app.login"),
        ({"component": {"value": "app.", "mode": "Prefix"}}, lambda one: one["component"][:4] == "app."),
        ({"component": {"value": "APP.", "mode": "Prefix"}}, lambda one: False),
        ({"key": {"value": ".TEXT1", "mode": "Suffix"}}, lambda one: one["key"].endswith(".text1")),
        ({"keys": ["APP.login.text2"]}, lambda one: one["key"] == "app.login.text2"),
        ({"segments": [1, 5, 99999]}, lambda one: one["bsid"] in {1, 5}),
        ({"bsidMin": 3, "bsidMax": 6}, lambda one: 3 <= one["bsid"] <= 6),
        ({"dtchange": {"days": 40, "hours": 1}}, lambda one: True),
        ({"dtchange": {"min": "2026-03-01T00:00:00Z"}}, lambda one: one["dt"] >= "2026-03-01"),
        ({"dtchange": {"max": "2026-03-01T00:00:00Z"}}, lambda one: one["dt"] < "2026-03-01"),
        ({"component": None, "unknown": 1, "includeComments": False}, lambda one: True),
    ],
)
def test_a_pull_can_be_narrowed(body: dict[str, Any], fits: Any) -> None:
    caller = flex()
    everything = pulled(caller)
    expected = [one for one in everything if fits(one)]
    answer = ended(caller, post(caller, "/api/apps/wbflex/documents/1000/contents/pull", body))
    file_token = answer["custom"]["filetoken"]
    found = [] if file_token is None else read(fetched(caller, file_token))["segments"]
    assert found == expected


def test_an_empty_pull_comes_with_and_without_a_token() -> None:
    caller = flex()
    path = "/api/apps/wbflex/documents/1000/contents/pull"
    tokens = [ended(caller, post(caller, path, {"components": []}))["custom"]["filetoken"] for _ in range(2)]
    assert tokens.count(None) == 1
    empty = read(fetched(caller, next(one for one in tokens if one)))
    assert empty["segments"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"components": ["x"] * 501},
        {"components": "x"},
        {"keys": ["x"] * 501},
        {"segments": [1] * 501},
        {"segments": ["a"]},
        {"bsidMin": "1"},
        {"bsidMax": True},
        {"dtchange": "2026-03-01T00:00:00Z"},
        {"dtchange": {"min": "2018-10-1T..."}},
        {"dtchange": {"days": "1"}},
        {"includeCustomFields": "yes"},
        {"component": "app."},
        {"key": {"value": "x", "mode": "Wildcard"}},
        {"component": {"value": "(", "mode": "Regex"}},
    ],
)
def test_a_bad_pull_is_refused_at_once(body: dict[str, Any]) -> None:
    caller = flex()
    assert post(caller, "/api/apps/wbflex/documents/1000/contents/pull", body).status == 400
    assert caller.world.operation_ids() == []


def test_a_pull_of_an_unknown_document_and_one_that_fails() -> None:
    caller = flex(flex_failed_share=1.0)
    assert post(caller, "/api/apps/wbflex/documents/7/contents/pull", {}).status == 400
    reply = post(caller, "/api/apps/wbflex/documents/c300/contents/pull", {})
    assert ended(caller, reply)["trm"]["status"] == "Failed"


def test_a_pulled_file_can_be_made_large_and_is_json_still() -> None:
    caller = flex(large_bytes=2_000_000)
    answer = ended(caller, post(caller, "/api/apps/wbflex/documents/1000/contents/pull", {}))
    reply = fetched(caller, answer["custom"]["filetoken"])
    assert len(reply.body) == 2_000_000
    assert json.loads(reply.body)["did"] == 1000
