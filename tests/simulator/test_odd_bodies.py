"""Any body that a client may send has an answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.caller import Caller, read
from tests.simulator.translator_calls import payload

DEEP = b'{"a":' * 100_000


@pytest.mark.parametrize(
    "path", ["/api/auth/token", "/api/apps/wbflex/list", "/api/apps/wbflex/documents/1000/contents/pull"]
)
def test_json_that_is_nested_too_deeply_is_no_json(path: str) -> None:
    caller = Caller()
    reply = caller.translator("POST", path, DEEP, caller.login())
    assert (reply.status, read(reply)["reason"]) == (400, "The request body is not valid JSON.")


def test_instructions_that_are_nested_too_deeply_are_as_good_as_none() -> None:
    caller = Caller(files=1)
    token = caller.beebox_token()
    put = {"token": token, "locale": "en"}
    assert caller.beebox("PUT", "/api/files/file", DEEP, filename="new.docx.beebox", **put).status == 204
    assert caller.beebox("PUT", "/api/files/file", b"a text", filename="new.docx", **put).status == 204
    caller.beebox("GET", "/api/disconnect", token=token)
    caller.wait(120)
    keys = [key for key in caller.world.truth(caller.now) if key.endswith("new.docx")]
    assert len(keys) == len(caller.world.beebox.locales)


@pytest.mark.parametrize("window", [{"hours": 1e308}, {"days": float("inf")}, {"hours": float("nan")}])
def test_a_date_filter_that_leads_beyond_all_dates_is_refused(window: dict[str, float]) -> None:
    caller = Caller()
    pull = {"dtchange": window}
    reply = caller.translator("POST", "/api/apps/wbflex/documents/1000/contents/pull", pull, caller.login())
    assert reply.status == 400
    assert "dtchange" in read(reply)["reason"]


@pytest.mark.parametrize(
    ("name", "value"), [("workflow", {}), ("workflow", []), ("allowUpdates", {}), ("allowUpdates", 1)]
)
def test_a_parameter_of_another_type_is_refused(name: str, value: Any) -> None:
    caller = Caller()
    body = payload(caller, "a.html", **{name: value})
    reply = caller.translator("POST", "/api/projects/165/workflows/new", body, caller.login())
    assert reply.status == 400
    assert name in read(reply)["reason"]


def test_an_export_type_that_is_no_text_fails_at_once() -> None:
    caller = Caller()
    body: dict[str, Any] = {"scope": {}, "type": {}, "query": {}}
    reply = caller.translator("POST", "/api/resources/segments/view/export", body, caller.login())
    assert read(reply)["trm"]["status"] == "Failed"


def test_half_a_surrogate_pair_comes_back_as_it_went_in() -> None:
    caller = Caller()
    reply = caller.beebox(
        "GET", "/api/files/file", token=caller.beebox_token(), locale="fr", filename="a\ud800"
    )
    assert (reply.status, read(reply)["message"]) == (400, "The file 'a\ud800' does not exist.")
    assert caller.beebox("GET", "/nowhere", filename="a\ud800").status == 404
