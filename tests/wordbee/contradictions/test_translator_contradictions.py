from __future__ import annotations

import json

import pytest

from tests.wordbee.conftest import NOON
from tests.wordbee.contradictions.conftest import ENVELOPE, Build, pack
from tests.wordbee.minimal_services import EXPIRED
from tests.wordbee.scripted_server import as_json
from wbtui.domain.errors import AllowanceUsed, SessionExpired
from wbtui.domain.model import FlexQuestion, Metric, OperationReading, State
from wbtui.wordbee.error_answers import translator_fault
from wbtui.wordbee.flex import FlexGateway, decode_components
from wbtui.wordbee.response import Response
from wbtui.wordbee.translator_answers import decode_envelope


def envelope(status: str, more: dict[str, object] | None = None) -> OperationReading:
    return decode_envelope(pack({"trm": {"requestid": 559, "status": status}, **(more or {})}))


@pytest.mark.parametrize("at_the_end", [0, 13432])
async def test_translator_contradiction_01_the_id_at_the_end_may_be_zero(
    build: Build, at_the_end: int
) -> None:
    ended = {"trm": {"requestid": at_the_end, "status": "Finished", "statusText": "Finished!"}}
    gateway, server = await build.translator(lambda _: as_json(ended))
    reading = await gateway.read(8123)
    assert server.asked[-1].query == {"requestid": "8123"}
    assert (reading.state, reading.request_id) == (State.DONE, at_the_end)


@pytest.mark.parametrize("word", ["Finished", "Success", "SUCCESS", "finished"])
def test_translator_contradiction_02_success_counts_as_finished(word: str) -> None:
    assert envelope(word).state is State.DONE
    assert envelope(word, {"custom": {"filetoken": "abc"}}).state is State.READY


@pytest.mark.parametrize(
    "results",
    [
        {"custom": {"fileref": "abc"}},
        {"result": {"items": [{"k": "res", "v": {"fileref": "abc"}}]}},
        {"results": {"items": [{"k": "res", "v": {"fileref": "abc"}}]}},
        {"custom": None, "result": [{"k": "res", "v": {"filetoken": "abc"}}]},
        {"custom": {"fileref": "abc"}, "result": {"items": [{"v": {"fileref": "other"}}]}},
    ],
)
def test_translator_contradiction_03_results_lie_in_several_places(results: dict[str, object]) -> None:
    assert envelope("Finished", results).file_token == "abc"


@pytest.mark.parametrize("info", [None, "", "The parameter xy was not properly supplied"])
def test_translator_contradiction_04_the_error_text_is_in_either_field(info: str | None) -> None:
    trm = {"requestid": 1, "status": "Failed", "statusText": "More than 2000 files", "statusInfo": info}
    reading = decode_envelope(pack({"trm": trm}))
    assert (reading.status_info or reading.status_text) == (info or "More than 2000 files")


def test_translator_contradiction_06_isbatch_may_be_missing() -> None:
    without = decode_envelope(pack(ENVELOPE))
    trm = {**ENVELOPE["trm"], "isbatch": False}
    assert decode_envelope(pack({"trm": trm})) == without


async def test_translator_contradiction_10_the_metric_is_always_sent(build: Build) -> None:
    for metric in Metric:
        asked = await build.question(FlexQuestion(metric=metric))
        assert asked.json["metric"] in {"StatusNoneOk", "StatusOk", "BookmarkBlue"}


@pytest.mark.parametrize(
    ("hours", "changed"),
    [
        (24, "2026-03-01T12:00:00Z"),
        (7 * 24, "2026-02-23T12:05:00Z"),
        (400 * 24, "2026-02-23T12:05:00Z"),
    ],
)
async def test_translator_contradiction_11_changed_is_always_sent_and_within_seven_days(
    build: Build, hours: float, changed: str
) -> None:
    asked = await build.question(FlexQuestion(), hours)
    assert asked.json["changed"] == changed


async def test_translator_contradiction_12_locales_are_sent_as_locales(build: Build) -> None:
    asked = await build.question(FlexQuestion(locales=("fr", "de")))
    assert asked.json["locales"] == ["fr", "de"]
    assert "status" not in asked.json


async def test_translator_contradiction_13_components_are_ids_not_bookmarks(build: Build) -> None:
    asked = await build.question(FlexQuestion(components=("frontend.module1", "backend.sql")))
    assert asked.json["components"] == ["frontend.module1", "backend.sql"]


async def test_translator_contradiction_14_the_component_filter_is_valid_json(build: Build) -> None:
    asked = await build.question(FlexQuestion(component_value="frontend.", component_mode="Prefix"))
    assert json.loads(asked.body)["component"] == {"value": "frontend.", "mode": "Prefix"}


@pytest.mark.parametrize(
    ("locales", "expected"),
    [({"fr": 8, "de": 8}, {"fr": 8, "de": 8}), (["fr", "de"], {"fr": None, "de": None}), (None, {})],
)
def test_translator_contradiction_15_locales_are_an_object_or_a_list(
    locales: object, expected: dict[str, int | None]
) -> None:
    assert decode_components(pack([{"k": "a", "s": 8, "l": locales}])).rows[0].locales == expected


def test_translator_contradiction_16_none_ok_is_labelled_no_errors() -> None:
    assert Metric.NO_ERRORS.value == "StatusNoneOk"
    assert Metric.NO_ERRORS.label == "no errors"


async def test_translator_contradiction_17_dates_are_sent_with_zeros(build: Build) -> None:
    asked = await build.question(FlexQuestion(), hours=29.5)
    assert asked.json["changed"] == "2026-03-01T06:30:00Z"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"reason": "R", "error": {"title": "T", "message": "M"}}, "R"),
        ({"error": {"title": "T", "message": "M", "details": "D"}}, "T"),
        ({"reason": None, "error": {"message": "M", "details": "D"}}, "M"),
        ({"reason": "", "error": {"title": None, "details": "D"}}, "D"),
        ({"error": {"messages": [{"title": "C"}, {"title": "E"}]}}, "C"),
        ({"error": "plain"}, "plain"),
        ({"error": {"messages": []}}, "HTTP 409 Conflict"),
        ({}, "HTTP 409 Conflict"),
    ],
)
def test_translator_contradiction_21_the_message_is_looked_for_in_order(body: object, message: str) -> None:
    assert translator_fault(Response(409, {}, pack(body)), NOON).message == message


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, EXPIRED),
        (401, EXPIRED),
        (401, {}),
        (403, {"reason": "Not authenticated - x"}),
        (400, {"error": {"title": "Token invalid or expired."}}),
    ],
)
def test_translator_contradiction_22_an_expired_token_is_400_or_401(status: int, body: object) -> None:
    assert isinstance(translator_fault(Response(status, {}, pack(body)), NOON), SessionExpired)


def test_translator_contradiction_23_the_throttling_error_has_a_shape_of_its_own() -> None:
    text = "Requests throttled. Maximum allowed 1000 per 01:00:00."
    fault = translator_fault(
        Response(429, {}, pack({"error": {"type": "Throttling error", "message": text}})), NOON
    )
    assert isinstance(fault, AllowanceUsed)
    assert (fault.message, fault.limit, fault.per_seconds) == (text, 1000, 3600)


async def test_translator_contradiction_24_take_is_always_sent(build: Build) -> None:
    gateway, server = await build.translator(lambda _: as_json({"total": 0, "rows": []}))
    await FlexGateway(gateway.session).documents()
    await gateway.listed()
    assert [asked.json["take"] for asked in server.asked[1:]] == [200, 200]


async def test_translator_contradiction_25_the_api_prefix_is_always_sent(build: Build) -> None:
    gateway, server = await build.translator(lambda _: as_json({"total": 0, "rows": []}))
    await FlexGateway(gateway.session).documents()
    assert [asked.target for asked in server.asked] == ["/api/auth/token", "/api/apps/wbflex/list"]


def test_translator_contradiction_27_property_names_are_read_in_any_case() -> None:
    body = {"Trm": {"requestId": 7, "Status": "Failed", "StatusInfo": "x"}}
    reading = decode_envelope(pack(body))
    assert (reading.request_id, reading.state, reading.status_info) == (7, State.FAILED, "x")
