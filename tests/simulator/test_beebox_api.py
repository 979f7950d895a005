from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.simulator.caller import START, Caller, read
from wbtui.simulator.beebox import NAMES
from wbtui.simulator.http_messages import Reply

WORK = "/api/workprogress/translatedfiles"


def until_busy(caller: Caller) -> None:
    while not caller.world.beebox.busy:
        caller.wait(1)
        caller.world.advance(caller.now)


def error_of(reply: Reply) -> dict[str, Any]:
    body: dict[str, Any] = read(reply)
    assert reply.status == 400
    assert body["failed"] is True
    assert body["type"] == "Api error"
    return body


def listing(caller: Caller, wanted: Any = None, **query: str) -> dict[str, Any]:
    more = {} if wanted is None else {"filter": json.dumps(wanted)}
    reply = caller.beebox("GET", WORK, token=caller.beebox_token(), **more, **query)
    assert reply.status == 200
    answer: dict[str, Any] = read(reply)
    return answer


def test_whois_needs_no_session_and_lies_outside_the_api() -> None:
    assert read(Caller().beebox("GET", "/whois"))["name"].lower() == "beebox api"


def test_connect_by_get_gives_the_token_as_plain_text() -> None:
    reply = Caller().beebox("GET", "/api/connect", **Caller().beebox_login(waitsecs="1", connector="wbtui"))
    assert reply.status == 200
    assert dict(reply.headers)["Content-Type"].startswith("text/plain")
    assert len(reply.body.decode().split("-")) == 5


@pytest.mark.parametrize("form", ["text", "string", "object"])
def test_connect_by_post_gives_the_token_in_the_form_of_the_plan(form: str) -> None:
    caller = Caller(connect_answer=form)
    reply = caller.beebox("POST", "/api/connect", caller.beebox_login())
    assert reply.status == 200
    if form == "text":
        token = reply.body.decode()
    else:
        token = read(reply) if form == "string" else read(reply)["token"]
    assert caller.beebox("GET", "/api/details", token=token).status == 200


def test_an_older_beebox_knows_no_connect_by_post() -> None:
    caller = Caller(dialect="older")
    assert caller.beebox("POST", "/api/connect", caller.beebox_login()).status == 404
    assert caller.beebox_token()


@pytest.mark.parametrize("change", [{"pwd": "wrong"}, {"login": "x"}, {"project": "x"}])
def test_wrong_credentials_are_a_400_without_an_id(change: dict[str, str]) -> None:
    caller = Caller()
    for reply in (
        caller.beebox("GET", "/api/connect", **caller.beebox_login(**change)),
        caller.beebox("POST", "/api/connect", caller.beebox_login(**change)),
    ):
        assert "id" not in error_of(reply)


@pytest.mark.parametrize("waits", ["soon", "-1"])
def test_waitsecs_must_be_a_number(waits: str) -> None:
    caller = Caller()
    assert error_of(caller.beebox("GET", "/api/connect", **caller.beebox_login(waitsecs=waits)))


@pytest.mark.parametrize("missing", ["project", "login", "pwd"])
def test_a_missing_parameter_is_the_frameworks_404_which_repeats_the_address(missing: str) -> None:
    caller = Caller()
    login = caller.beebox_login()
    del login[missing]
    by_get = caller.beebox("GET", "/api/connect", **login)
    assert by_get.status == caller.beebox("POST", "/api/connect", login).status == 404
    assert read(by_get).keys() == {"Message", "MessageDetail"}
    assert "/api/connect?" in read(by_get)["Message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api/files/file"),
        ("GET", "/api/nothing"),
        ("POST", "/api/disconnect"),
        ("GET", "/"),
        ("HEAD", "/whois"),
    ],
)
def test_unknown_paths_and_wrong_methods_are_the_frameworks_404(method: str, path: str) -> None:
    assert Caller().beebox(method, path).status == 404


def test_disconnect_is_204_also_for_a_dead_token() -> None:
    caller = Caller()
    token = caller.beebox_token()
    for _ in range(2):
        reply = caller.beebox("GET", "/api/disconnect", token=token)
        assert (reply.status, reply.body) == (204, b"")
    assert error_of(caller.beebox("GET", "/api/details", token=token))["id"] == "LOGGEDOUT"
    assert caller.beebox("GET", "/api/disconnect").status == 404


def test_a_session_ends_after_fifteen_idle_minutes_with_loggedout_as_400() -> None:
    caller = Caller()
    token = caller.beebox_token()
    for gap, expected in ((14 * 60, 200), (14 * 60, 200), (15 * 60, 400)):
        caller.wait(gap)
        assert caller.beebox("GET", "/api/details", token=token).status == expected
    assert error_of(caller.beebox("GET", WORK, token=token))["id"] == "LOGGEDOUT"
    assert error_of(caller.beebox("POST", WORK, {"token": token}))["id"] == "LOGGEDOUT"


def test_automatic_runs_come_about_once_a_minute() -> None:
    caller = Caller()
    caller.world.advance(START + timedelta(minutes=30))
    assert caller.world.automatic_runs in {29, 30}


@pytest.mark.parametrize("speed", [5.0, 60.0])
def test_speed_brings_automatic_runs_closer_together(speed: float) -> None:
    caller = Caller(speed=speed)
    caller.world.advance(START + timedelta(minutes=10))
    assert caller.world.automatic_runs == pytest.approx(10 * speed, abs=2)


def test_nothing_moves_while_a_session_is_open() -> None:
    caller = Caller()
    caller.wait(1)
    token = caller.beebox_token()
    before = caller.world.beebox.truth()
    for _ in range(20):
        caller.wait(300)
        assert caller.beebox("GET", "/api/details", token=token).status == 200
    assert caller.world.automatic_runs == 0
    assert caller.world.beebox.truth() == before
    caller.beebox("GET", "/api/disconnect", token=token)
    caller.wait(5)
    caller.world.advance(caller.now)
    assert caller.world.automatic_runs == 1
    assert caller.world.beebox.truth() != before


def test_a_forgotten_session_stops_the_beebox_for_fifteen_minutes() -> None:
    caller = Caller()
    caller.beebox_token()
    caller.world.advance(START + timedelta(minutes=15))
    assert caller.world.automatic_runs == 0
    caller.world.advance(START + timedelta(minutes=20))
    assert caller.world.automatic_runs == pytest.approx(5, abs=1)


def test_short_sessions_cost_no_automatic_run() -> None:
    alone, watched = Caller(), Caller()
    alone.world.advance(START + timedelta(minutes=10))
    for _ in range(10):
        while (reply := watched.beebox("GET", "/api/connect", **watched.beebox_login())).status != 200:
            watched.wait(1)
        watched.wait(2)
        watched.beebox("GET", "/api/disconnect", token=reply.body.decode())
        watched.wait(58)
    watched.world.advance(START + timedelta(minutes=10))
    assert abs(watched.world.automatic_runs - alone.world.automatic_runs) <= 1


def test_while_it_works_connect_answers_busy_and_afterwards_a_token() -> None:
    caller = Caller()
    until_busy(caller)
    assert error_of(caller.beebox("GET", "/api/connect", **caller.beebox_login()))["id"] == "BUSY"
    assert "id" not in error_of(caller.beebox("GET", "/api/connect", **caller.beebox_login(pwd="wrong")))
    caller.wait(5)
    assert caller.beebox("GET", "/api/connect", **caller.beebox_login()).status == 200


def test_details_name_the_locales_in_the_same_order() -> None:
    caller = Caller(locales=3)
    details = read(caller.beebox("GET", "/api/details", token=caller.beebox_token()))
    assert details["sourceLocale"] == "en"
    assert details["targetLocales"] == ["fr", "de", "zh-CN"]
    assert details["targetLocaleNames"][1] == "German (de)"
    assert details["targetLocaleItems"][2] == {"v": "zh-CN", "t": "Chinese (China) (zh-CN)"}
    assert details["sourceLocaleRTL"] is False
    assert ".docx" in details["extensions"]


def test_without_a_filter_there_is_one_record_per_file_and_locale_a_hundred_at_most() -> None:
    answer = listing(Caller(files=40, locales=6))
    assert (answer["skip"], answer["count"], answer["total"], len(answer["files"])) == (0, 100, 240, 100)


def test_pages_together_are_the_whole() -> None:
    caller = Caller(files=11, locales=3)
    seen = []
    for skip in range(0, 40, 7):
        answer = listing(caller, skip=str(skip), count="7")
        assert answer["total"] == 33
        assert answer["count"] == len(answer["files"])
        seen += [(one["file"], one["locale"]) for one in answer["files"]]
    assert len(seen) == len(set(seen)) == 33


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({}, lambda _path, _locale: True),
        ({"targetLocale": "de"}, lambda _path, locale: locale == "de"),
        ({"targetLocale": "xx"}, lambda _path, _locale: False),
        ({"patterns": {"fpath": "^batch-7\\\\"}}, lambda path, _locale: path.startswith("batch-7\\")),
        (
            {"patterns": {"fpath": "(\\.docx?)|(^web\\\\)"}},
            lambda path, _l: ".doc" in path or path[:4] == "web\\",
        ),
        ({"patterns": {}}, lambda _path, _locale: True),
        (
            {"targetLocale": "fr", "filePaths": [{"Item1": "", "Item2": "batch-7\\intro.docx"}] * 2},
            lambda path, locale: (path, locale) == ("batch-7\\intro.docx", "fr"),
        ),
        ({"filePaths": [{"Item1": "", "Item2": "no such"}]}, lambda _path, _locale: False),
        ({"filePaths": []}, lambda _path, _locale: False),
    ],
)
def test_filters_in_both_forms(wanted: dict[str, Any], fits: Any) -> None:
    caller = Caller()
    keys = [key.split(":", 2) for key in caller.world.beebox.truth()]
    expected = {(path, locale) for _bb, locale, path in keys if fits(path, locale)}
    token = caller.beebox_token()
    by_get = read(caller.beebox("GET", WORK, token=token, filter=json.dumps(wanted), count="999"))
    by_post = read(caller.beebox("POST", WORK, {"token": token, "filter": wanted, "skip": 0, "count": 999}))
    assert by_get == by_post
    assert {(one["file"], one["locale"]) for one in by_get["files"]} == expected
    assert by_get["total"] == len(expected)


@pytest.mark.parametrize(
    "text",
    ["{oops", '"{}"', "[]", '{"patterns":{"fpath":"("}}', '{"filePaths":"a"}', '{"filePaths":["a"]}',
     '{"filePaths":[{"Item1":"x","Item2":"a"}]}', '{"filePaths":[{"Item1":"","Item2":5}]}'],
)  # fmt: skip
def test_a_bad_filter_is_refused(text: str) -> None:
    caller = Caller()
    assert error_of(caller.beebox("GET", WORK, token=caller.beebox_token(), filter=text))


def test_the_post_form_refuses_a_filter_that_is_a_string() -> None:
    caller = Caller()
    token = caller.beebox_token()
    assert error_of(caller.beebox("POST", WORK, {"token": token, "filter": '{"targetLocale":"de"}'}))


@pytest.mark.parametrize("query", [{"skip": "x"}, {"count": "-1"}, {"skip": "1.5"}])
def test_skip_and_count_are_numbers(query: dict[str, str]) -> None:
    caller = Caller()
    assert error_of(caller.beebox("GET", WORK, token=caller.beebox_token(), **query))
    body = {"token": caller.beebox_token(), "count": []}
    assert error_of(caller.beebox("POST", WORK, body))


@pytest.mark.parametrize("body", [b"{oops", b"[]"])
def test_a_post_without_a_json_object_is_refused(body: bytes) -> None:
    assert error_of(Caller().beebox("POST", WORK, body))


def test_calls_without_a_token_are_the_frameworks_404() -> None:
    caller = Caller()
    assert caller.beebox("GET", WORK).status == caller.beebox("POST", WORK, {"filter": {}}).status == 404
    assert error_of(caller.beebox("POST", WORK, {"token": 5}))["id"] == "LOGGEDOUT"


def test_pass_through_records_have_all_statuses_and_dates_in_many_forms() -> None:
    files = listing(Caller(files=150), count="9999")["files"]
    assert {one["status"] for one in files} == {1, 4, 5, 6, 7, 8, 10}
    assert all(one["statusc"] == NAMES[one["status"]] for one in files)
    assert all(one["uptodate"] is (one["status"] == 1) for one in files)
    assert all("readyToBuild" not in one and one["folder"] == "" for one in files)
    assert all(one["tms"]["error"] for one in files if one["status"] == 8)
    assert any(one["tms"]["pfdt"] for one in files if one["status"] == 6)
    assert all(one["tfdate"] for one in files if one["status"] == 1)
    assert {len(one["sfdate"]) for one in files} == {17, 20, 23, 28, 33}
    absent = {repr(one.get("tfdate", "absent")) for one in files if one["status"] == 4}
    assert absent == {"None", "'absent'", "'0001-01-01T00:00:00'"}


def test_regular_records_say_twice_whether_they_are_ready_to_build() -> None:
    files = listing(Caller(project_kind="regular", files=100), count="9999")["files"]
    assert {one["status"] for one in files} == {1, 6, 7, 10}
    for one in files:
        assert "tms" not in one
        assert one["readyToBuild"] is (one["status"] == 7)
        assert one["notReadyToBuild"] is (one["status"] == 6)
        assert one["words"] > 0


def test_the_older_dialect_uses_the_other_names() -> None:
    answer = listing(Caller(dialect="older"))
    assert "files" not in answer
    assert all("statust" in one and "statusc" not in one for one in answer["items"])
    assert any("tdate" in one for one in answer["items"])
    assert not any("tfdatemin" in one for one in answer["items"])


@pytest.mark.parametrize("kind", ["pass-through", "regular"])
def test_statuses_follow_the_documented_order(kind: str) -> None:
    caller = Caller(project_kind=kind, speed=10.0)
    allowed = {(4, 5), (5, 6), (5, 8), (6, 7), (6, 10), (7, 1)}
    before = {key: item["status"] for key, item in caller.world.beebox.truth().items()}
    seen = set()
    for second in range(1, 900):
        caller.world.advance(START + timedelta(seconds=second))
        after = {key: item["status"] for key, item in caller.world.beebox.truth().items()}
        seen |= {(before[key], after[key]) for key in after if after[key] != before[key]}
        before = after
    assert seen <= allowed
    assert (7, 1) in seen
    assert set(before.values()) <= {1, 8, 10}


def test_ages_are_minutes_since_and_grow() -> None:
    caller = Caller(files=5)
    first = listing(caller)["files"]
    caller.wait(600)
    second = {(one["file"], one["locale"]): one for one in listing(caller)["files"]}
    for one in first:
        assert second[one["file"], one["locale"]]["sfdatemin"] == one["sfdatemin"] + 10


def ready_and_open(caller: Caller) -> tuple[str, str]:
    truth = caller.world.beebox.truth()
    ready = next(key for key, item in truth.items() if item["uptodate"])
    unready = next(key for key, item in truth.items() if item["status"] == 6 and not item["preliminary"])
    return ready, unready


def download(caller: Caller, **query: str) -> Reply:
    return caller.beebox("GET", "/api/files/file", token=caller.beebox_token(), **query)


def test_a_ready_file_can_be_downloaded_in_the_documented_and_in_the_older_way() -> None:
    caller = Caller()
    _bb, locale, path = ready_and_open(caller)[0].split(":", 2)
    documented = download(caller, locale=locale, filename=path)
    assert documented.status == 200
    assert documented.body.startswith(f"[{locale}] {path}".encode())
    assert not any(name == "Content-Disposition" for name, _ in documented.headers)
    assert download(caller, locale="", folder=locale, filename=path) == documented
    folder, _, name = path.rpartition("\\")
    assert download(caller, locale=locale, folder=folder, filename=name) == documented


@pytest.mark.parametrize("locale", ["en", "xx", ""])
def test_a_file_that_is_not_there_is_a_400(locale: str) -> None:
    caller = Caller()
    _bb, right, path = ready_and_open(caller)[1].split(":", 2)
    assert error_of(download(caller, locale=right, filename=path))["inner"]
    assert error_of(download(caller, locale=locale, filename=path))
    assert error_of(download(caller, locale=right, filename=path + ".prelim"))
    assert error_of(download(caller, locale=right, filename="no such.prelim"))
    assert download(caller, locale=right).status == 404


def test_a_preliminary_file_is_there_under_the_appended_suffix_alone() -> None:
    caller = Caller()
    key = next(key for key, item in caller.world.beebox.truth().items() if item["preliminary"])
    _bb, locale, path = key.split(":", 2)
    stem, _, ending = path.rpartition(".")
    assert error_of(download(caller, locale=locale, filename=f"{stem}.prelim.{ending}"))
    assert download(caller, locale=locale, filename=f"{path}.prelim").body.startswith(
        f"[{locale}, draft]".encode()
    )


def test_preliminary_files_appear_while_the_work_goes_on() -> None:
    caller = Caller(speed=10.0)
    before = sum(item["preliminary"] for item in caller.world.beebox.truth().values())
    caller.world.advance(START + timedelta(minutes=3))
    assert sum(item["preliminary"] for item in caller.world.beebox.truth().values()) > before
