"""The contradictions listed in the three fact sheets, by their numbers there.

Those about calls that change something, and about calls nobody makes: translator 5, 7, 8, 9, 18, 19, 20, 26,
Beebox 10, 12, 13, 16, Instant 3, 4, 5, 7, 13, are in test_contradictions_of_writing.
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.gateways.conftest import NOON, Serve, StillClock
from tests.gateways.server import Asked, Reply, ScriptedServer, as_json
from tests.gateways.services import (
    BEEBOX_LOGIN,
    EXPIRED,
    INSTANT_LOGIN,
    TRANSLATOR_LOGIN,
    Sessions,
    Translator,
    Work,
)
from wbtui.errors import AllowanceUsed, SessionExpired
from wbtui.gateways._http import Client, Http, base_address
from wbtui.gateways.answer import Answer
from wbtui.gateways.beebox import BeeboxGateway
from wbtui.gateways.decode_beebox import decode_files
from wbtui.gateways.decode_flex import decode_components
from wbtui.gateways.decode_instant import decode_requests
from wbtui.gateways.decode_translator import decode_envelope
from wbtui.gateways.faults import instant_fault, translator_fault
from wbtui.gateways.flex import FlexGateway
from wbtui.gateways.instant import InstantGateway
from wbtui.gateways.translator import TranslatorGateway
from wbtui.model import BeeboxFile, FlexQuestion, InstantRequest, Metric, OperationReading, State


def pack(value: object) -> bytes:
    return json.dumps(value).encode()


class Build:
    def __init__(self, client: Client, serve: Serve, clock: StillClock) -> None:
        self.client, self.serve, self.clock = client, serve, clock

    async def translator(self, work: Work) -> tuple[TranslatorGateway, ScriptedServer]:
        server = await self.serve(Translator(work))
        return TranslatorGateway(Http(self.client, server.url), TRANSLATOR_LOGIN, self.clock), server

    async def question(self, question: FlexQuestion, hours: float = 1) -> Asked:
        """Ask Flex a question and return what reached the server."""
        gateway, server = await self.translator(lambda _: as_json(ENVELOPE))
        await FlexGateway(gateway.session).ask("1000", question, NOON - timedelta(hours=hours))
        return server.asked[-1]

    async def beebox(self, script: Work) -> tuple[BeeboxGateway, ScriptedServer]:
        server = await self.serve(script)
        return BeeboxGateway(Http(self.client, server.url), BEEBOX_LOGIN, self.clock), server

    async def instant(self, script: Work) -> tuple[InstantGateway, ScriptedServer]:
        server = await self.serve(script)
        return InstantGateway(Http(self.client, server.url), INSTANT_LOGIN, self.clock), server


@pytest.fixture
def build(client: Client, serve: Serve, clock: StillClock) -> Build:
    return Build(client, serve, clock)


ENVELOPE = {"trm": {"requestid": 32230, "status": "Waiting", "statusText": "Waiting..."}}


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
    assert translator_fault(Answer(409, {}, pack(body)), NOON).message == message


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
    assert isinstance(translator_fault(Answer(status, {}, pack(body)), NOON), SessionExpired)


def test_translator_contradiction_23_the_throttling_error_has_a_shape_of_its_own() -> None:
    text = "Requests throttled. Maximum allowed 1000 per 01:00:00."
    fault = translator_fault(
        Answer(429, {}, pack({"error": {"type": "Throttling error", "message": text}})), NOON
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


def record(**fields: object) -> BeeboxFile:
    body = {"total": 1, "files": [{"file": "a.docx", "locale": "fr", **fields}]}
    return decode_files(pack(body), 0, NOON).files[0]


@pytest.mark.parametrize("name", ["files", "items"])
def test_beebox_contradiction_01_the_records_are_called_files_or_items(name: str) -> None:
    page = decode_files(pack({"total": 1, name: [{"file": "a.docx", "locale": "fr"}]}), 0, NOON)
    assert [file.path for file in page.files] == ["a.docx"]


def test_beebox_contradiction_02_an_unknown_array_of_totals_is_ignored() -> None:
    body = {"totals": [{"locale": "fr", "files": 9}], "files": [{"file": "a", "locale": "fr"}], "total": 1}
    assert len(decode_files(pack(body), 0, NOON).files) == 1


@pytest.mark.parametrize("number", [0, 2, 3, 9, 42])
def test_beebox_contradiction_03_unknown_numbers_are_shown_as_they_came(number: int) -> None:
    assert (record(status=number).state, record(status=number).status_name) == (
        State.UNKNOWN,
        f"status {number}",
    )
    assert record(status=number, statusc="Baking").status_name == "Baking"
    assert record(status=number, uptodate=True).state is State.READY


@pytest.mark.parametrize("name", ["statusc", "statust"])
def test_beebox_contradiction_04_the_status_name_had_another_name(name: str) -> None:
    assert record(status=5, **{name: "Submitting!"}).status_name == "Submitting!"


@pytest.mark.parametrize(
    ("fields", "age", "dated"),
    [
        ({"tdate": 30}, 30.0, False),
        ({"tdate": "30"}, 30.0, False),
        ({"tfdatemin": 31, "tdate": 30}, 31.0, False),
        ({"tdate": "2024-03-01T11:30:00Z"}, None, True),
        ({"tfdate": "2024-03-01T11:30:00Z", "tdate": 5.5}, 5.5, True),
        ({}, None, False),
    ],
)
def test_beebox_contradiction_05_tdate_is_minutes_or_a_date(
    fields: dict[str, object], age: float | None, dated: bool
) -> None:
    file = record(**fields)
    assert file.made_age == age
    assert (file.made_at is not None) is dated


def test_beebox_contradiction_06_uptodate_is_ready() -> None:
    assert record(status=1, statusc="Uptodate", uptodate=True).state is State.READY


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"uptodate": True, "status": 6}, State.READY),
        ({"uptodate": "true", "status": 10}, State.READY),
        ({"uptodate": False, "status": 1}, State.DONE),
        ({"uptodate": False, "status": 7, "notReadyToBuild": True}, State.DONE),
        ({"status": 6, "readyToBuild": True}, State.RUNNING),
        ({"uptodate": False, "readyToBuild": True}, State.DONE),
        ({"readyToBuild": False, "notReadyToBuild": True}, State.RUNNING),
        ({"readyToBuild": False, "notReadyToBuild": False}, State.UNKNOWN),
    ],
)
def test_beebox_contradiction_07_uptodate_decides_then_the_status_then_the_booleans(
    fields: dict[str, object], state: State
) -> None:
    assert record(**fields).state is state


def test_beebox_contradiction_08_labels_of_the_prose_are_no_names() -> None:
    file = record(localename="French", tms={"error": "x"}, status=8)
    assert (file.locale_name, file.error) == ("French", "x")


async def test_beebox_contradiction_09_the_filter_is_a_string_by_get_and_an_object_by_post(
    build: Build,
) -> None:
    beebox, server = await build.beebox(Sessions(lambda _: as_json({"total": 0, "files": []})))
    async with beebox.session() as session:
        await session.page(locale="fr")
        await session.page(locale="fr", paths=["a"])
    assert json.loads(server.asked[1].query["filter"]) == {"targetLocale": "fr"}
    assert server.asked[2].json["filter"]["targetLocale"] == "fr"


def test_beebox_contradiction_11_the_address_is_what_the_user_gives() -> None:
    assert base_address("http://localhost:8089") == "http://localhost:8089/api"
    assert base_address("https://beebox.acme.example") == "https://beebox.acme.example/api"


async def test_beebox_contradiction_14_connect_names_a_project_and_no_account(build: Build) -> None:
    beebox, server = await build.beebox(Sessions())
    async with beebox.session():
        pass
    assert set(server.asked[0].json) == {"project", "login", "pwd", "waitsecs", "connector", "version"}


@pytest.mark.parametrize("status", [200, 202, 203, 204])
async def test_beebox_contradiction_15_any_success_ends_the_session(build: Build, status: int) -> None:
    service = Sessions()

    def script(asked: Asked) -> Reply:
        reply = service(asked)
        assert isinstance(reply, Reply)
        return Reply(status) if asked.path == "disconnect" else reply

    beebox, server = await build.beebox(script)
    async with beebox.session():
        pass
    assert server.calls == ["POST connect", "GET disconnect"]


def request(**fields: object) -> InstantRequest:
    return decode_requests(pack({"requests": [{"id": 39, **fields}]}), NOON).requests[0]


@pytest.mark.parametrize("status", [404, 405])
async def test_instant_contradiction_01_disconnect_is_put_or_get(build: Build, status: int) -> None:
    service = Sessions(token="object")

    def older(asked: Asked) -> Reply:
        if asked.method == "PUT":
            return Reply(status)
        reply = service(asked)
        assert isinstance(reply, Reply)
        return Reply(203) if asked.path == "disconnect" else reply

    instant, server = await build.instant(older)
    for _ in range(2):
        async with instant.session():
            pass
    once = ["GET connect", "PUT disconnect", "GET disconnect"]
    assert server.calls == [*once, "GET connect", "GET disconnect"]
    assert service.living == set()


async def test_instant_contradiction_02_requests_lie_below_it(build: Build) -> None:
    instant, server = await build.instant(Sessions(lambda _: as_json({"requests": []}), token="object"))
    async with instant.session() as session:
        await session.requests(None)
    assert server.asked[1].target.startswith("/api/it/requests?")


@pytest.mark.parametrize("node", [{}, {"InstantTranslation": {"urlTerms": None, "deadlineMandatory": True}}])
async def test_instant_contradiction_06_the_terms_at_connect_may_be_missing(
    build: Build, node: dict[str, object]
) -> None:
    service = Sessions(lambda _: as_json({"requests": []}))

    def script(asked: Asked) -> Reply:
        if asked.path == "connect":
            service.living.add("7b1e")
            return as_json({"token": "7b1e", "platform": "Alpha", "ui": "en", **node})
        reply = service(asked)
        assert isinstance(reply, Reply)
        return reply

    instant, server = await build.instant(script)
    async with instant.session() as session:
        assert (await session.requests(None)).requests == ()
    assert server.asked[1].query["token"] == "7b1e"


@pytest.mark.parametrize(
    ("fields", "order"),
    [({}, ""), ({"pe_orderid": 55}, "55"), ({"pe_orderid": "A-55"}, "A-55"), ({"pe_orderid": None}, "")],
)
def test_instant_contradiction_08_the_order_of_a_post_edit_may_be_missing(
    fields: dict[str, object], order: str
) -> None:
    assert request(**fields).post_edit_order == order


def test_instant_contradiction_09_only_ready_can_be_downloaded() -> None:
    assert request(status="Finished", ready=False).state is State.DONE
    assert request(status="Finished", ready=True).state is State.READY


def test_instant_contradiction_10_an_error_that_is_almost_json_is_understood() -> None:
    slip = b'{"id":"SESSION_EXPIRED","message":"Your session has ended.","info":null "failed":true}'
    fault = instant_fault(Answer(400, {}, slip), NOON)
    assert isinstance(fault, SessionExpired)
    other = instant_fault(Answer(400, {}, b'{"message":"Your file is odd" "failed":true}'), NOON)
    assert "Your file is odd" in other.message


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_instant_contradiction_11_the_address_is_what_the_user_gives(scheme: str) -> None:
    assert (
        base_address(f"{scheme}://userapi.acme.example:8443") == f"{scheme}://userapi.acme.example:8443/api"
    )


async def test_instant_contradiction_12_connect_names_an_account_and_no_project(build: Build) -> None:
    instant, server = await build.instant(Sessions(token="object"))
    async with instant.session():
        pass
    assert set(server.asked[0].query) == {"account", "login", "pwd", "domain", "ui"}
