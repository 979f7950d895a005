from __future__ import annotations

import gzip
import zlib
from datetime import timedelta
from typing import Any

import pytest

from tests.simulator.caller import START, Caller, read
from wbtui.simulator.http_messages import Reply
from wbtui.simulator.instant import MESSAGES

LIST = "/api/it/requests"


def id_of(reply: Reply) -> str | None:
    body: dict[str, Any] = read(reply)
    assert reply.status == 400
    assert body["failed"] is True
    assert body["message"]
    found: str | None = body["id"]
    return found


def records(caller: Caller, **query: str) -> list[dict[str, Any]]:
    answer = read(caller.instant(LIST, token=caller.instant_token(), **query))
    assert answer.keys() == {"requests"}
    found: list[dict[str, Any]] = answer["requests"]
    return found


def test_connect_names_user_and_language() -> None:
    caller = Caller()
    answer = read(caller.instant("/api/connect", **caller.instant_login(ui="de")))
    assert answer.keys() == {"token", "platform", "company", "user", "ui"}
    assert answer["ui"] == "de"


@pytest.mark.parametrize(("asked", "given"), [("fr", "fr"), ("ja", "ja"), ("xx", "en"), ("", "en")])
def test_an_unknown_language_of_the_ui_becomes_english(asked: str, given: str) -> None:
    caller = Caller()
    assert read(caller.instant("/api/connect", **caller.instant_login(ui=asked)))["ui"] == given


def test_the_older_connect_tells_the_terms() -> None:
    caller = Caller(dialect="older")
    answer = read(caller.instant("/api/connect", **caller.instant_login()))
    assert answer["InstantTranslation"]["deadlineMandatory"] is True


@pytest.mark.parametrize("change", [{"pwd": "x"}, {"login": "x"}, {"account": "x"}, {"domain": "Beebox"}])
def test_wrong_credentials_and_a_wrong_domain_are_login_failed(change: dict[str, str]) -> None:
    caller = Caller()
    assert id_of(caller.instant("/api/connect", **caller.instant_login(**change))) == "LOGIN_FAILED"


def test_too_many_wrong_log_ins_disable_the_account() -> None:
    caller = Caller()
    for _ in range(10):
        caller.instant("/api/connect", **caller.instant_login(pwd="x"))
    assert id_of(caller.instant("/api/connect", **caller.instant_login())) == "LOGIN_DISABLED"


def test_a_right_log_in_forgets_the_wrong_ones() -> None:
    caller = Caller()
    for _ in range(3):
        for _ in range(9):
            caller.instant("/api/connect", **caller.instant_login(pwd="x"))
        assert caller.instant_token()


@pytest.mark.parametrize("error", ["LOGIN_DISABLED", "LOGIN_EXPIRED", "LOGIN_BADIP", "LOGIN_NOACCESS_DOMAIN"])
@pytest.mark.parametrize("ui", ["en", "fr", "de", "nl"])
def test_other_refusals_can_be_planned_and_are_localised(error: str, ui: str) -> None:
    caller = Caller(instant_login_error=error)
    reply = caller.instant("/api/connect", **caller.instant_login(ui=ui))
    assert id_of(reply) == error
    assert read(reply)["message"] == MESSAGES[error].get(ui, MESSAGES[error]["en"])


@pytest.mark.parametrize("missing", ["account", "login", "pwd", "domain"])
def test_a_missing_parameter_is_the_frameworks_404(missing: str) -> None:
    caller = Caller()
    login = caller.instant_login()
    del login[missing]
    reply = caller.instant("/api/connect", **login)
    assert reply.status == 404
    assert read(reply).keys() == {"Message", "MessageDetail"}


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", LIST), ("POST", "/api/connect"), ("GET", "/api/requests"), ("GET", "/")]
)
def test_unknown_paths_and_wrong_methods_are_the_frameworks_404(method: str, path: str) -> None:
    assert Caller().instant(path, method).status == 404


@pytest.mark.parametrize(
    ("dialect", "method", "expected", "other"), [("current", "PUT", 204, "GET"), ("older", "GET", 203, "PUT")]
)
def test_disconnect_ends_the_session_and_is_never_an_error(
    dialect: str, method: str, expected: int, other: str
) -> None:
    caller = Caller(dialect=dialect)
    token = caller.instant_token()
    assert caller.instant("/api/disconnect", other, token=token).status == 404
    for _ in range(2):
        assert caller.instant("/api/disconnect", method, token=token).status == expected
    assert id_of(caller.instant(LIST, token=token)) == "SESSION_EXPIRED"


def test_a_session_expires_after_ten_idle_minutes_in_its_language() -> None:
    caller = Caller()
    token = caller.instant_token(ui="fr")
    for gap in (9 * 60, 9 * 60):
        caller.wait(gap)
        assert caller.instant(LIST, token=token).status == 200
    caller.wait(10 * 60)
    reply = caller.instant(LIST, token=token)
    assert id_of(reply) == "SESSION_EXPIRED"
    assert read(reply)["message"] == "Votre session est terminée."


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (LIST, {"ids": "1,x"}),
        (LIST, {"ids": "1,,2"}),
        (LIST, {"ids": "-4"}),
        (LIST + "/file", {"id": "x"}),
        (LIST + "/file", {"id": "41", "compress": "zip"}),
        (LIST + "/postedit/file", {"id": ""}),
    ],
)
def test_bad_parameters(path: str, query: dict[str, str]) -> None:
    caller = Caller()
    assert id_of(caller.instant(path, token=caller.instant_token(), **query)) == "BAD_PARAMETERS"


@pytest.mark.parametrize("path", [LIST, "/api/it/configuration", LIST + "/file", LIST + "/postedit/file"])
def test_a_call_without_a_token_or_its_id_is_the_frameworks_404(path: str) -> None:
    caller = Caller()
    assert caller.instant(path).status == 404
    if path != LIST:
        assert caller.instant(path, token=caller.instant_token()).status == 404


@pytest.mark.parametrize("ids", [None, "", " "])
def test_without_ids_everything_comes_back(ids: str | None) -> None:
    assert len(records(Caller(requests=25), **({} if ids is None else {"ids": ids}))) == 25


def test_ids_choose_and_an_unknown_one_does_not_come_back() -> None:
    found = records(Caller(), ids="41, 39 ,4000,45")
    assert [one["id"] for one in found] == [41, 39, 45]


def test_requests_disappear_and_an_asked_one_does_not_come_back() -> None:
    caller = Caller(removal_share=0.0)
    assert len(records(caller, ids="40,41")) == 2
    caller.wait(6 * 60)
    assert [one["id"] for one in records(caller, ids="40,41")] == [41]


def test_records_are_as_documented() -> None:
    for one in records(Caller(requests=60)):
        assert {"id", "fname", "src", "trg", "dt", "pe_status", "pe_ready", "pe_url"} <= one.keys()
        assert (one["srct"], one["ready"]) == ("English", one["status"] == "Finished")
        assert "\\" not in one["fname"]
        assert len(one["dt"]) == len("2015-05-06T08:00:58.56Z")
        if one["ready"]:
            memory = one["wordsTM100"] + one["wordsTM110"] + one["wordsTMFuzzy"]
            assert one["words"] == one["wordsMT"] + memory
            assert min(one["wordsTM100"], one["wordsTM110"], one["wordsTMFuzzy"], one["wordsMT"]) >= 0


def test_titles_are_in_the_language_of_the_ui() -> None:
    caller = Caller()
    found = read(caller.instant(LIST, token=caller.instant_token(ui="de")))["requests"]
    assert {one["srct"] for one in found} == {"Englisch"}


def test_counts_before_the_end_are_zero_null_or_absent() -> None:
    early = [one for one in records(Caller(requests=90)) if not one["ready"]]
    assert {one.get("words", "absent") for one in early} == {0, None, "absent"}


def test_post_edits_go_from_none_to_done_with_or_without_url_and_order() -> None:
    caller = Caller(requests=120, removal_share=0.0, speed=10.0)
    seen: set[tuple[str, bool]] = set()
    urls, orders = set(), set()
    for _ in range(30):
        for one in records(caller):
            seen.add((one["pe_status"], one["pe_ready"]))
            if one["pe_status"]:
                urls.add(type(one["pe_url"]))
                orders.add(type(one.get("pe_orderid")))
        caller.wait(20)
    done = ("Post-edit completed", True)
    assert seen == {(None, False), ("Requested", False), ("In progress", False), done}
    assert urls == {str, type(None)}
    assert orders == {int, str, type(None)}


def test_the_configuration_falls_back_to_the_first_option() -> None:
    caller = Caller(locales=2)
    token = caller.instant_token()
    for option, expected in (("1", 1), ("0", 0), ("7", 0), ("x", 0)):
        answer = read(caller.instant("/api/it/configuration", token=token, option=option))
        assert answer["option"] == expected
        assert answer["options"] == ["Default", "Technical"]
        assert [one["v"] for one in answer["locales"]["trg"]] == ["fr", "de"]


def test_a_translation_comes_as_raw_deflate_or_as_gzip() -> None:
    caller = Caller()
    token = caller.instant_token()
    ready = next(one for one in records(caller) if one["ready"])
    path, key = LIST + "/file", str(ready["id"])
    plain = zlib.decompress(caller.instant(path, token=token, id=key).body, wbits=-15)
    assert plain.startswith(f"[{ready['trg']}, machine] {ready['fname']}".encode())
    for form in ("deflate", "Deflate"):
        assert (
            zlib.decompress(caller.instant(path, token=token, id=key, compress=form).body, wbits=-15) == plain
        )
    for form in ("gzip", "GZip"):
        assert gzip.decompress(caller.instant(path, token=token, id=key, compress=form).body) == plain


def test_what_is_not_ready_or_not_there_cannot_be_downloaded() -> None:
    caller = Caller()
    token = caller.instant_token()
    early = next(one for one in records(caller) if one["status"] == "Waiting")
    unedited = next(one for one in records(caller) if one["pe_status"] is None)
    assert id_of(caller.instant(LIST + "/file", token=token, id=str(early["id"]))) is None
    assert id_of(caller.instant(LIST + "/file", token=token, id="9999")) is None
    assert id_of(caller.instant(LIST + "/postedit/file", token=token, id=str(unedited["id"]))) is None


@pytest.mark.parametrize("dialect", ["current", "older"])
def test_a_post_edit_comes_compressed_or_is_online_only(dialect: str) -> None:
    caller = Caller(requests=150, dialect=dialect)
    token = caller.instant_token()
    done = [one for one in records(caller) if one["pe_ready"]]
    replies = [caller.instant(LIST + "/postedit/file", token=token, id=str(one["id"])) for one in done]
    refused = [reply for reply in replies if reply.status != 200]
    given = [reply.body for reply in replies if reply.status == 200]
    assert refused
    assert {id_of(reply) for reply in refused} == {"PE_FILE_ONLINE_ONLY"}
    assert given
    for body in given:
        plain = gzip.decompress(body) if dialect == "current" else zlib.decompress(body, wbits=-15)
        assert b", post-edited]" in plain


def test_the_truth_is_the_record_of_the_wire() -> None:
    caller = Caller()
    truth = caller.world.truth(START)
    for one in records(caller):
        assert truth[f"it:{one['id']}"] == one


def test_sent_dates_lie_within_the_last_thirty_days() -> None:
    caller = Caller(requests=80)
    for one in caller.world.instant.present(START).values():
        assert timedelta() <= START - one.sent < timedelta(days=30)
