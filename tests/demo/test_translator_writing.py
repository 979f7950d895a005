from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from tests.demo.caller import Caller, read
from wbtui.demo.exchange import Reply
from wbtui.demo.projects import REPLACED

NEW = "/api/projects/165/workflows/new"
CERTAIN = {"operations": 0, "failed_share": 0.0, "partial_share": 0.0, "locales": 3}


def certain(**plan: Any) -> Caller:
    return Caller(**(CERTAIN | plan))


def form(name: str, content: bytes, part: str = 'name="file"') -> tuple[dict[str, str], bytes]:
    head = f'Content-Disposition: form-data; {part}; filename="{name}"\r\nContent-Type: x/y'.encode()
    body = b"--b0und\r\n" + head + b"\r\n\r\n" + content + b"\r\n--b0und--\r\n"
    return {"content-type": "multipart/form-data; boundary=b0und"}, body


def upload(caller: Caller, name: str, content: bytes, **query: str) -> Reply:
    kind, body = form(name, content)
    return caller.translator("POST", "/api/media/upload", body, caller.login() | kind, **query)


def token(caller: Caller, content: bytes = b"<p>Hello</p>") -> str:
    value: str = read(upload(caller, "a.htm", content))["result"]["token"]
    return value


def payload(caller: Caller, *names: str, content: bytes = b"<p>Hello</p>", **more: Any) -> dict[str, Any]:
    files = [{"token": token(caller, content), "name": name} for name in names or ("ui/new.htm",)]
    return {"files": files, "src": "en", "trgs": ["fr", "de"]} | more


def post(caller: Caller, path: str, body: Any = None) -> Reply:
    return caller.translator("POST", path, body, caller.login())


def ended(caller: Caller, reply: Reply) -> dict[str, Any]:
    """Return the last envelope of an operation that was submitted."""
    assert reply.status == 200
    number = read(reply)["trm"]["requestid"]
    caller.wait(1200)
    answer: dict[str, Any] = read(
        caller.translator("GET", "/api/trm/status", headers=caller.login(), requestid=str(number))
    )
    return answer


def fetched(caller: Caller, file_token: str) -> Reply:
    return caller.translator("GET", f"/api/media/get/{file_token}", headers=caller.login())


def rows(caller: Caller, body: dict[str, Any]) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = ended(caller, post(caller, NEW, body))["custom"]["files"]
    return files


@pytest.mark.parametrize(
    "content", [b"plain", b"", b"\r\n--b0\r\n\x00\xff\r\n", b"a\r\n\r\nb", b"\n", b"-" * 100_000]
)
def test_an_upload_keeps_every_byte_and_gives_a_token(content: bytes) -> None:
    caller = certain()
    answer = read(upload(caller, "manual.docx", content))
    assert answer["result"]["name"] == "manual.docx"
    assert len(answer["result"]["token"]) == 36
    (kept,) = caller.world.ledger.uploads
    assert (kept.service, kept.place, kept.name, kept.content) == (
        "translator",
        "media",
        "manual.docx",
        content,
    )


def test_the_name_in_the_answer_is_not_the_name_to_submit() -> None:
    caller = certain()
    assert read(upload(caller, "ui/Größe.htm", b"x"))["result"]["name"] == "Gr__e.htm"
    assert caller.world.ledger.uploads[0].name == "ui/Größe.htm"


def test_the_query_overrides_the_name_of_the_part() -> None:
    caller = certain()
    upload(caller, "a.bin", b"x", filename="b.docx")
    assert caller.world.ledger.uploads[0].name == "b.docx"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('name="file"; filename="a%22b.htm"', 'a"b.htm'),
        ('name="file"; filename="a\\"b.htm"', 'a"b.htm'),
        ('name="file"; filename="a\\\\b.htm"', "a\\b.htm"),
        ('name="file"; filename="a\\b.htm"', "a\\b.htm"),
        ("name=file; filename=plain.htm", "plain.htm"),
        ('name="file"; filename="x.htm"; filename*=UTF-8\'\'%E4%BA%A7.htm', "产.htm"),
    ],
)
def test_names_are_read_in_the_forms_that_clients_write(head: str, name: str) -> None:
    caller = certain()
    body = f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\nx\r\n--b--\r\n".encode()
    kind = {"content-type": 'multipart/form-data; boundary="b"'}
    assert caller.translator("POST", "/api/media/upload", body, caller.login() | kind).status == 200
    assert caller.world.ledger.uploads[0].name == name


@pytest.mark.parametrize(
    ("kind", "body", "word"),
    [
        ("application/octet-stream", b"raw", "multipart/form-data"),
        ("application/json", b"{}", "multipart/form-data"),
        ("multipart/form-data", b"--b--", "multipart/form-data"),
        ("multipart/mixed; boundary=b", b"--b--", "multipart/form-data"),
        ("multipart/form-data; boundary=b", b"raw", "incomplete"),
        ("multipart/form-data; boundary=b", b"--b\r\nx\r\n\r\ny\r\n--b", "incomplete"),
        ("multipart/form-data; boundary=b", b"--b\r\nx\r\n\r\ny\r\n--b--", "no file"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="data"; filename="a"\r\n\r\ny\r\n--b--',
            "no file",
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\ny\r\n--b--',
            "no name",
        ),
    ],
)
def test_what_is_no_upload_is_refused(kind: str, body: bytes, word: str) -> None:
    caller = certain()
    reply = caller.translator("POST", "/api/media/upload", body, caller.login() | {"content-type": kind})
    assert reply.status == 400
    assert word in read(reply)["reason"]
    assert caller.world.ledger.uploads == []


@pytest.mark.parametrize(
    ("size", "query", "expected"),
    [(100, {}, 200), (101, {}, 400), (11, {"maxsize": "10"}, 400), (10, {"maxsize": "10"}, 200)],
)
def test_the_size_has_two_limits(size: int, query: dict[str, str], expected: int) -> None:
    assert upload(certain(largest_upload=100), "a.htm", b"x" * size, **query).status == expected


@pytest.mark.parametrize("most", ["0", "x", "-1"])
def test_maxsize_must_be_a_number(most: str) -> None:
    assert "maxsize" in read(upload(certain(), "a.htm", b"x", maxsize=most))["reason"]


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
    jobs = [(job.file, job.locale, job.operation, job.deadline) for job in caller.world.ledger.jobs]
    number, date = first["requestid"], "2026-04-03T06:00:00Z"
    assert jobs == [(name, code, number, date) for name in ("ui/a.htm", "ui/b.xml") for code in ("fr", "de")]
    assert caller.world.ledger.double_jobs() == {}
    assert caller.world.titles()[number] == "a.htm and 1 more"


def test_the_same_files_sent_twice_make_a_second_set_of_jobs() -> None:
    caller = certain()
    body = payload(caller, workflow=None, allowUpdates=True)
    assert [one["exists"] for one in rows(caller, body)] == [False]
    (again,) = rows(caller, body)
    assert (again["exists"], again["success"]) == (True, True)
    assert caller.world.ledger.double_jobs() == {
        (165, "ui/new.htm", "fr"): 2,
        (165, "ui/new.htm", "de"): 2,
    }


def test_without_updates_a_file_that_exists_is_an_error_of_that_file_alone() -> None:
    caller = certain()
    known = next(iter(caller.world.projects._all[165].files))
    old, new = rows(caller, payload(caller, known, "ui/new.htm", allowUpdates=False))
    assert (old["exists"], old["success"], old["error"], old["did"]) == (True, False, REPLACED, None)
    assert (new["exists"], new["success"]) == (False, True)
    assert {job.file for job in caller.world.ledger.jobs} == {"ui/new.htm"}


def test_a_workflow_of_none_makes_no_jobs() -> None:
    caller = certain()
    assert rows(caller, payload(caller, workflow="None"))[0]["success"]
    assert caller.world.ledger.jobs == []


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
    assert {job.file for job in caller.world.ledger.jobs} == {"good.htm"}


def test_the_plan_can_make_files_and_operations_fail() -> None:
    partial = certain(partial_share=1.0)
    found = rows(partial, payload(partial, "a.htm", "b.htm", "c.htm"))
    assert [one["success"] for one in found].count(False) == 1
    failed = certain(failed_share=1.0)
    assert ended(failed, post(failed, NEW, payload(failed)))["trm"]["status"] == "Failed"
    assert failed.world.ledger.jobs == []


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
    assert len(caller.world.ledger.jobs) == 2


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


def test_writes_are_logged_without_tokens() -> None:
    caller = certain()
    body = payload(caller)
    post(caller, NEW, body)
    entries = {one.path: one for one in caller.face.log}
    assert entries["/api/media/upload"].body == {"bytes": len(form("a.htm", b"<p>Hello</p>")[1])}
    assert entries[NEW].body["files"] == [{"token": "***", "name": "ui/new.htm"}]
    assert body["files"][0]["token"] not in repr(caller.face.log)
