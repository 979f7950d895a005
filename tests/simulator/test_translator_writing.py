from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.simulator.caller import Caller, read
from tests.simulator.translator_calls import NEW, certain, ended, form, payload, post
from wbtui.simulator.projects import REPLACED


def double_jobs(caller: Caller) -> dict[tuple[int, str, str], int]:
    """Return the number of jobs for each project, file and locale that has more than one."""
    counted = Counter((job.project, job.file, job.locale) for job in caller.world.writes.jobs)
    return {place: number for place, number in counted.items() if number > 1}


def rows(caller: Caller, body: dict[str, Any]) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = ended(caller, post(caller, NEW, body))["custom"]["files"]
    return files


def test_files_become_documents_and_jobs_in_every_language() -> None:
    caller = certain()
    reply = post(
        caller, NEW, payload(caller, "ui/a.htm", "ui\\b.xml", deadline="2026-04-03T06:00:00Z", jobsCfs=[])
    )
    first = read(reply)["trm"]
    assert first["status"] in {"Waiting", "Executing"}
    answer = ended(caller, reply)
    files = answer["custom"]["files"]
    assert [(one["name"], one["success"], one["exists"], one["error"]) for one in files] == [
        ("ui/a.htm", True, False, None),
        ("ui/b.xml", True, False, None),
    ]
    assert all(one["did"] and one["segments"] for one in files)
    assert files[1]["format"]["formatDomain"] == "XML"
    request = answer["custom"]["request"]
    assert (request["projectId"], request["resourceId"], request["trgs"]) == (165, 220, ["fr", "de"])
    jobs = [(job.file, job.locale, job.operation, job.deadline) for job in caller.world.writes.jobs]
    number, date = first["requestid"], "2026-04-03T06:00:00Z"
    assert jobs == [(name, code, number, date) for name in ("ui/a.htm", "ui/b.xml") for code in ("fr", "de")]
    assert double_jobs(caller) == {}
    assert caller.world.titles()[number] == "a.htm and 1 more"


def test_the_same_files_sent_twice_make_a_second_set_of_jobs() -> None:
    caller = certain()
    body = payload(caller, workflow=None, allowUpdates=True)
    assert [one["exists"] for one in rows(caller, body)] == [False]
    (again,) = rows(caller, body)
    assert (again["exists"], again["success"]) == (True, True)
    assert double_jobs(caller) == {
        (165, "ui/new.htm", "fr"): 2,
        (165, "ui/new.htm", "de"): 2,
    }


def test_without_updates_a_file_that_exists_is_an_error_of_that_file_alone() -> None:
    caller = certain()
    known = next(iter(caller.world.projects._all[165].files))
    old, new = rows(caller, payload(caller, known, "ui/new.htm", allowUpdates=False))
    assert (old["exists"], old["success"], old["error"], old["did"]) == (True, False, REPLACED, None)
    assert (new["exists"], new["success"]) == (False, True)
    assert {job.file for job in caller.world.writes.jobs} == {"ui/new.htm"}


def test_a_workflow_of_none_makes_no_jobs() -> None:
    caller = certain()
    assert rows(caller, payload(caller, workflow="None"))[0]["success"]
    assert caller.world.writes.jobs == []


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.htm", b" ", "No segments."),
        ("a?.htm", b"x", "The file name is too long or contains invalid characters."),
        ("a" * 201 + ".htm", b"x", "The file name is too long or contains invalid characters."),
        ("a.xml", b"<p>", "Badly formatted XML: no element found: line 1, column 3."),
    ],
)
def test_a_file_that_cannot_be_processed_fails_alone(name: str, content: bytes, error: str) -> None:
    caller = certain()
    body = payload(caller, name, content=content)
    body["files"] += payload(caller, "good.htm")["files"]
    bad, good = rows(caller, body)
    assert (bad["success"], bad["error"], bad["did"], bad["segments"]) == (False, error, None, None)
    assert good["success"]
    assert {job.file for job in caller.world.writes.jobs} == {"good.htm"}


def test_the_plan_can_make_files_and_operations_fail() -> None:
    partial = certain(partial_share=1.0)
    found = rows(partial, payload(partial, "a.htm", "b.htm", "c.htm"))
    assert [one["success"] for one in found].count(False) == 1
    failed = certain(failed_share=1.0)
    assert ended(failed, post(failed, NEW, payload(failed)))["trm"]["status"] == "Failed"
    assert failed.world.writes.jobs == []


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({"src": "fr"}, "Invalid parameter 'src': Invalid source locale"),
        ({"src": None}, "Invalid parameter 'src': Invalid source locale"),
        ({"trgs": ["fr", "xx"]}, "Invalid parameter 'trgs': Invalid target locale"),
        ({"trgs": []}, "Invalid parameter 'trgs': Invalid target locale"),
        ({"trgs": "fr"}, "Invalid parameter 'trgs': Invalid target locale"),
        ({"files": []}, "Invalid parameter 'files': At least one file is needed"),
        ({"files": None}, "Invalid parameter 'files': At least one file is needed"),
        ({"files": [{"name": "a.htm"}]}, "Invalid parameter 'files': The token is missing"),
        ({"files": ["a.htm"]}, "Invalid parameter 'files': The token is missing"),
        ({"files": [{"token": "x"}]}, "Invalid parameter 'files': The name is missing"),
        ({"files": [{"token": "x", "name": "a.htm"}]}, "Invalid parameter 'files': The token is unknown"),
        ({"deadline": "2026-04-03T06:00:00"}, "Invalid parameter 'deadline': Not a date with time zone"),
        ({"deadline": 5}, "Invalid parameter 'deadline': Not a date with time zone"),
        ({"workflow": "Some"}, "Invalid parameter 'workflow': Unknown option"),
        ({"allowUpdates": "no"}, "Invalid parameter 'allowUpdates': Not a boolean"),
        ({"jobsCfs": {}}, "Invalid parameter 'jobsCfs': Not a list of custom fields"),
        (
            {"jobsCfs": [{"value": "x"}]},
            "Invalid parameter 'jobsCfs': A custom field needs its id or its title",
        ),
    ],
)
def test_an_invalid_payload_is_refused_at_once(change: dict[str, Any], title: str) -> None:
    caller = certain()
    reply = post(caller, NEW, payload(caller) | change)
    assert reply.status == 400
    assert read(reply)["reason"] == read(reply)["error"]["title"] == title
    assert caller.world.operation_ids() == []


def test_custom_fields_are_taken_by_id_or_title() -> None:
    caller = certain()
    fields = [{"id": 4, "value": "A-221"}, {"title": "Activity", "value": "Fulltime"}]
    assert post(caller, NEW, payload(caller, jobsCfs=fields)).status == 200


def test_the_project_must_exist_and_the_method_be_post() -> None:
    caller = certain()
    reply = post(caller, "/api/projects/9/workflows/new", payload(caller))
    assert (reply.status, read(reply)["reason"]) == (400, "The project 9 does not exist.")
    assert caller.translator("PUT", NEW, payload(caller), caller.login()).status == 405
    assert post(caller, "/api/projects/x/workflows/new", {}).status == 404


@pytest.mark.parametrize(("reuse", "expected"), [("many", 200), ("once", 400)])
def test_the_plan_says_how_often_a_token_can_be_submitted(reuse: str, expected: int) -> None:
    caller = certain(upload_tokens=reuse)
    body = payload(caller)
    assert post(caller, NEW, body | {"src": "xx"}).status == 400
    assert post(caller, NEW, body).status == 200
    assert post(caller, NEW, body).status == expected


def test_a_call_can_be_finished_in_the_submitting_answer() -> None:
    caller = certain(quick_calls_share=1.0)
    answer = read(post(caller, NEW, payload(caller)))
    assert (answer["trm"]["requestid"], answer["trm"]["status"]) == (0, "Finished")
    assert answer["custom"]["files"][0]["success"]
    assert len(caller.world.writes.jobs) == 2


def test_writes_are_logged_without_tokens() -> None:
    caller = certain()
    body = payload(caller)
    post(caller, NEW, body)
    entries = {one.path: one for one in caller.api.log}
    assert entries["/api/media/upload"].body == {"bytes": len(form("a.htm", b"<p>Hello</p>")[1])}
    assert entries[NEW].body["files"] == [{"token": "***", "name": "ui/new.htm"}]
    assert body["files"][0]["token"] not in repr(caller.api.log)
