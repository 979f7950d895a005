from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from tests.simulator.caller import START, Caller, read
from wbtui.simulator.http_messages import Reply
from wbtui.simulator.media import MediaFile
from wbtui.simulator.operation import Ending, OperationKind, SimulatedOperation, envelope


def status(caller: Caller, headers: dict[str, str], number: object) -> Reply:
    return caller.translator("GET", "/api/trm/status", headers=headers, requestid=str(number))


def all_ended(**plan: Any) -> list[dict[str, Any]]:
    caller = Caller(**plan)
    caller.wait(3 * 3600)
    headers = caller.login()
    return [read(status(caller, headers, number)) for number in caller.world.operation_ids()]


def test_the_token_is_a_bare_json_string_and_an_upper_case_guid() -> None:
    token = Caller().login()["x-auth-token"]
    assert token == token.upper()
    assert len(token.split("-")) == 5


@pytest.mark.parametrize(
    "body",
    [{"accountid": "acme", "key": "wrong"}, {"accountid": "x", "key": "KEY"}, {"accountId": "acme"}, {}],
)
def test_wrong_credentials_are_a_400_with_the_documented_title(body: dict[str, str]) -> None:
    reply = Caller().translator("POST", "/api/auth/token", body)
    assert reply.status == 400
    assert read(reply)["error"]["title"] == read(reply)["reason"] == "Invalid private key."


@pytest.mark.parametrize(
    ("body", "word"), [(b"{oops", "valid JSON"), (b"[1]", "object"), (b"\xff", "valid JSON")]
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes, word: str) -> None:
    reply = Caller().translator("POST", "/api/auth/token", body)
    assert reply.status == 400
    assert word in read(reply)["reason"]


def test_json_sent_as_a_form_is_refused() -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    reply = Caller().translator("POST", "/api/auth/token", {"accountid": "acme"}, form)
    assert reply.status == 400


@pytest.mark.parametrize(
    ("dialect", "expected"), [("current", 400), ("older", 401)], ids=["documented", "seen in clients"]
)
def test_a_token_expires_after_thirty_idle_minutes(dialect: str, expected: int) -> None:
    caller = Caller(dialect=dialect)
    headers = caller.login()
    caller.wait(29 * 60)
    assert status(caller, headers, 5001).status == 200
    caller.wait(29 * 60)
    assert status(caller, headers, 5001).status == 200
    caller.wait(30 * 60)
    reply = status(caller, headers, 5001)
    assert reply.status == expected
    body = read(reply)
    assert body["error"]["title"] == "Token invalid or expired."
    assert body["error"]["messages"][0]["title"] == "Not authenticated"
    assert body["reason"].startswith("Not authenticated")


@pytest.mark.parametrize("headers", [{}, {"x-auth-token": "x"}, {"x-auth-accountid": "acme"}])
def test_a_call_without_its_headers_is_not_authenticated(headers: dict[str, str]) -> None:
    assert status(Caller(), headers, 5001).status == 400


def test_the_account_header_must_fit() -> None:
    caller = Caller()
    assert status(caller, caller.login() | {"x-auth-accountid": "other"}, 5001).status == 400


def test_a_deleted_token_is_dead_and_the_other_lives() -> None:
    caller = Caller()
    one, two = caller.login(), caller.login()
    assert caller.translator("DELETE", "/api/auth/token", headers=one).status == 204
    assert status(caller, one, 5001).status == 400
    assert status(caller, two, 5001).status == 200


@pytest.mark.parametrize("number", ["4999", "99999", "x", "", "-1", "1,2"])
def test_an_id_that_the_server_does_not_know_is_a_400_with_an_error(number: str) -> None:
    caller = Caller()
    reply = status(caller, caller.login(), number)
    assert reply.status == 400
    assert read(reply)["reason"] == read(reply)["error"]["title"]


def test_the_id_is_mandatory_and_letter_case_does_not_matter() -> None:
    caller = Caller()
    headers = caller.login()
    assert caller.translator("GET", "/api/trm/status", headers=headers).status == 400
    assert caller.translator("GET", "/api/trm/status", headers=headers, requestId="5001").status == 200


def test_a_waiting_an_executing_and_a_finished_one_look_as_documented() -> None:
    caller = Caller()
    headers = caller.login()
    seen = {}
    for number in caller.world.operation_ids():
        trm = read(status(caller, headers, number))["trm"]
        seen[trm["status"]] = trm
        if trm["status"] in {"Waiting", "Executing"}:
            assert trm["requestid"] == number
    assert seen["Waiting"]["statusText"] == "Waiting..."
    assert seen["Executing"]["statusText"].startswith("Executing...")
    assert seen["Finished"]["statusText"] == "Finished!"


def test_progress_is_worded_and_never_complete_before_the_end() -> None:
    caller = Caller(operations=1, finished_share=0.0, operation_seconds=300.0)
    (operation,) = caller.world.queue.known().values()
    assert operation.started is not None
    operation.units = 10
    texts = [
        envelope(operation, operation.started + operation.duration * share)["trm"]["statusText"]
        for share in (0.0, 0.35, 1.0)
    ]
    assert texts == ["Executing...", "Executing... 3 of 10", "Executing... 9 of 10"]


def test_the_request_id_at_the_end_is_zero_for_some_and_real_for_others() -> None:
    ids = [one["trm"]["requestid"] for one in all_ended(operations=60)]
    assert ids.count(0) > 10
    assert len(ids) - ids.count(0) > 10


@pytest.mark.parametrize(("share", "zeros"), [(0.0, 0), (1.0, 30)])
def test_the_share_of_zero_ids_can_be_chosen(share: float, zeros: int) -> None:
    ids = [one["trm"]["requestid"] for one in all_ended(operations=30, zero_id_share=share)]
    assert ids.count(0) == zeros


def test_failures_say_why_in_one_place_or_another_or_not_at_all() -> None:
    failed = [one["trm"] for one in all_ended(operations=120, failed_share=1.0)]
    assert all(one["status"] == "Failed" for one in failed)
    shapes = {("statusInfo" in one, bool(one.get("statusInfo")), one["statusText"]) for one in failed}
    assert (True, True, "Operation failed!") in shapes
    assert (True, False, "Operation failed!") in shapes
    assert (False, False, "Operation failed!") in shapes
    assert (False, False, "The order has more than 2000 files.") in shapes


def test_results_are_under_custom_and_those_of_exports_under_result_too() -> None:
    answers = [
        one for one in all_ended(operations=80, failed_share=0.0) if one["trm"]["status"] == "Finished"
    ]
    exports = [one for one in answers if "fileref" in one["custom"]]
    assert exports
    for one in exports:
        assert one["result"]["items"] == [{"k": "res", "v": one["custom"]}]
    assert any("filetoken" in one["custom"] and one["custom"]["count"] for one in answers)
    assert any("files" in one["custom"] and "request" in one["custom"] for one in answers)


def test_the_older_dialect_says_success_and_answers_exports_under_results_alone() -> None:
    answers = all_ended(operations=40, failed_share=0.0, dialect="older")
    assert {one["trm"]["status"] for one in answers} == {"Success"}
    assert any("custom" not in one and "fileref" in one["results"]["items"][0]["v"] for one in answers)


def test_an_upload_can_finish_with_files_that_failed() -> None:
    answers = all_ended(operations=80, failed_share=0.0, partial_share=0.5)
    files = [file for one in answers for file in one.get("custom", {}).get("files", ())]
    bad = [file for file in files if not file["success"]]
    assert bad
    assert all(file["error"] and file["did"] is None and file["segments"] is None for file in bad)
    assert all(
        file["error"] is None and file["did"] and file["segments"] for file in files if file["success"]
    )


def test_partial_uploads_are_told_in_the_truth() -> None:
    caller = Caller(operations=80, failed_share=0.0, partial_share=1.0)
    caller.wait(7200)
    truth = caller.world.truth(caller.now)
    kinds = {OperationKind.UPLOAD.value}
    assert {item["kind"] for item in truth.values() if item.get("partial")} == kinds


@pytest.mark.parametrize("kind", ["fileref", "filetoken"])
def test_a_token_gives_the_file_with_its_name_and_type(kind: str) -> None:
    caller = Caller(operations=60, failed_share=0.0)
    caller.wait(7200)
    headers = caller.login()
    answers = [read(status(caller, headers, number)) for number in caller.world.operation_ids()]
    token = next(one["custom"][kind] for one in answers if kind in one["custom"])
    reply = caller.translator("GET", f"/api/media/get/{token}", headers=headers)
    assert reply.status == 200
    fields = dict(reply.headers)
    assert fields["Content-Disposition"].startswith('attachment; filename="')
    if kind == "fileref":
        assert fields["Content-Type"] == "application/x-xliff+xml"
        assert reply.body.startswith(b"<?xml")
    else:
        assert "filename*=UTF-8''Bestellung%20" in fields["Content-Disposition"]
        assert zipfile.ZipFile(io.BytesIO(reply.body)).testzip() is None


def test_a_quote_in_a_name_does_not_end_the_header() -> None:
    caller = Caller()
    token = caller.world.media.add(1, MediaFile('a"b\\c\r\n.txt', "text/plain", b"x"))
    reply = caller.translator("GET", f"/api/media/get/{token}", headers=caller.login())
    value = dict(reply.headers)["Content-Disposition"]
    assert value == "attachment; filename=\"a_b_c__.txt\"; filename*=UTF-8''a%22b%5Cc%0D%0A.txt"


def test_a_dead_file_token_is_the_documented_400() -> None:
    caller = Caller()
    reply = caller.translator("GET", "/api/media/get/0000", headers=caller.login())
    assert (reply.status, read(reply)["reason"]) == (400, "The requested file does not exist.")


def test_the_hourly_allowance_refuses_in_another_shape_and_slides() -> None:
    caller = Caller(calls_per_hour=3)
    headers = caller.login()
    caller.wait(60)
    for _ in range(3):
        assert status(caller, headers, 5001).status == 200
    reply = status(caller, headers, 5001)
    text = "Requests throttled. Maximum allowed 3 per 01:00:00."
    assert reply.status == 429
    assert read(reply) == {"error": {"type": "Throttling error", "message": text}, "reason": text}
    assert "retry-after" not in {name.lower() for name, _ in reply.headers}
    assert caller.login()
    caller.wait(3599)
    headers = caller.login()
    assert status(caller, headers, 5001).status == 429
    caller.wait(1)
    assert status(caller, headers, 5001).status == 200


def test_others_with_the_same_key_use_up_the_allowance_too() -> None:
    caller = Caller(calls_per_hour=10, other_calls_per_hour=8)
    headers = caller.login()
    assert [status(caller, headers, 5001).status for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("PUT", "/api/trm/status", 405),
        ("GET", "/api/trm/nothing", 404),
        ("DELETE", "/api/apps/wbflex/list", 405),
        ("POST", "/api/trm/list", 404),
    ],
)
def test_unknown_paths_and_wrong_methods(method: str, path: str, expected: int) -> None:
    caller = Caller()
    reply = caller.translator(method, path, headers=caller.login())
    assert reply.status == expected
    assert "Message" in read(reply)


@pytest.mark.parametrize(("method", "path", "expected"), [("GET", "/", 404), ("GET", "/api/auth/token", 405)])
def test_what_needs_no_token_is_refused_without_one(method: str, path: str, expected: int) -> None:
    assert Caller().translator(method, path).status == expected


def test_the_list_of_operations_exists_only_if_the_plan_says_so() -> None:
    caller = Caller(trm_list=True, operations=30, pipeline_seconds=0.0, foreign_seconds=1.0)
    caller.wait(30)
    headers = caller.login()
    answer = read(caller.translator("POST", "/api/trm/list", {"take": 25, "skip": 10}, headers))
    assert (answer["total"], answer["count"]) == (30, 20)
    assert answer["rows"][0]["requestid"] == 5011
    assert {"status", "statusText", "created", "title", "isbatch"} <= answer["rows"][0].keys()
    assert read(caller.translator("POST", "/api/trm/list", headers=headers))["count"] == 20


def test_an_operation_that_waits_has_no_end_yet() -> None:
    ending = Ending(zero_id=True)
    waiting = SimulatedOperation(9, OperationKind.ZIP, START, START - START, ending, lambda _at: {})
    assert waiting.ends is None
    assert envelope(waiting, START)["trm"]["requestid"] == 9
