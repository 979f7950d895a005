from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest

from tests.simulator.caller import Caller, read
from wbtui.simulator.http_messages import Reply


def requests_by_hash(caller: Caller) -> dict[str, list[int]]:
    """Return the requests created with each hash. More than one is a double translation."""
    created: dict[str, list[int]] = {}
    for one in caller.world.writes.submissions:
        created.setdefault(one.hash, [])
        if one.created and one.request is not None:
            created[one.hash].append(one.request)
    return created


LIST = "/api/it/requests"
QUERY = {"filename": "plan.docx", "src": "en", "trg": "fr", "option": "0", "foption": "0", "hash": "h-1"}


def deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


def certain(**plan: Any) -> Caller:
    return Caller(**({"requests": 0, "failed_share": 0.0, "removal_share": 0.0, "locales": 3} | plan))


def send(caller: Caller, content: bytes = b"Hello there", **change: str) -> Reply:
    return caller.submit(deflate(content), token=caller.instant_token(), **(QUERY | change))


def record(caller: Caller, number: int) -> dict[str, Any]:
    answer = read(caller.instant(LIST, token=caller.instant_token(), ids=str(number)))
    (found,) = answer["requests"]
    result: dict[str, Any] = found
    return result


def refusal(reply: Reply) -> tuple[Any, Any]:
    assert reply.status == 400
    body = read(reply)
    assert body["failed"] is True
    return body["id"], body["info"]


@pytest.mark.parametrize("form", ["", "deflate", "Deflate", "gzip", "GZip"])
def test_a_submitted_file_is_translated_and_comes_back(form: str) -> None:
    caller = certain()
    more = {"compress": form} if form else {}
    packed = gzip.compress(b"Hello there") if form.lower() == "gzip" else deflate(b"Hello there")
    reply = caller.submit(packed, token=caller.instant_token(), **QUERY, **more)
    assert reply.status == 200
    number = read(reply)["id"]
    first = record(caller, number)
    assert (first["fname"], first["src"], first["trg"], first["ready"]) == ("plan.docx", "en", "fr", False)
    assert first["pe_status"] is None
    caller.wait(600)
    last = record(caller, number)
    assert (last["status"], last["ready"], last["words"]) == ("Finished", True, 2)
    body = caller.instant(LIST + "/file", token=caller.instant_token(), id=str(number)).body
    assert zlib.decompress(body, wbits=-15) == b"[fr, machine] plan.docx\nHello there"
    assert caller.world.writes.uploads[0].content == b"Hello there"


def test_a_file_without_text_fails() -> None:
    caller = certain()
    number = read(send(caller, b" "))["id"]
    caller.wait(600)
    assert record(caller, number)["status"] == "Failed"


def test_ids_go_on_and_a_hash_of_its_own_makes_a_request_of_its_own() -> None:
    caller = certain(requests=3)
    ids = [read(send(caller, hash=guard))["id"] for guard in ("a", "b")]
    assert ids == [42, 43]
    assert requests_by_hash(caller) == {"a": [42], "b": [43]}


def test_a_repeated_hash_gets_the_request_that_exists() -> None:
    caller = certain()
    assert read(send(caller)) == read(send(caller, filename="other.docx"))
    assert requests_by_hash(caller) == {"h-1": [39]}
    assert [one.created for one in caller.world.writes.submissions] == [True, False]
    assert len(caller.world.instant.present(caller.now)) == 1


def test_a_repeated_hash_is_an_error_if_the_plan_says_so() -> None:
    caller = certain(repeated_hash="error")
    assert send(caller).status == 200
    assert refusal(send(caller)) == ("BAD_PARAMETERS", "hash")
    assert send(caller, hash="h-2").status == 200
    assert requests_by_hash(caller) == {"h-1": [39], "h-2": [40]}


@pytest.mark.parametrize("missing", list(QUERY))
def test_a_missing_parameter_name_is_the_frameworks_404(missing: str) -> None:
    caller = certain()
    query = {name: value for name, value in QUERY.items() if name != missing}
    reply = caller.submit(deflate(b"x"), token=caller.instant_token(), **query)
    assert reply.status == 404
    assert read(reply).keys() == {"Message", "MessageDetail"}
    assert caller.submit(deflate(b"x"), **QUERY).status == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("filename", "plan.exe"),
        ("filename", "plan"),
        ("filename", "a\\plan.docx"),
        ("filename", "a/plan.docx"),
        ("filename", ""),
        ("src", "fr"),
        ("trg", "en"),
        ("trg", "xx"),
        ("option", "x"),
        ("option", "-1"),
        ("foption", "2"),
        ("foption", "x"),
        ("hash", " "),
        ("compress", "zip"),
    ],
)
def test_a_value_that_is_not_allowed_is_bad_parameters(name: str, value: str) -> None:
    caller = certain()
    query = QUERY | {name: value}
    reply = caller.submit(deflate(b"x"), token=caller.instant_token(), **query)
    assert refusal(reply) == ("BAD_PARAMETERS", name)
    assert caller.world.writes.submissions == []


def test_an_option_that_does_not_exist_silently_means_the_first() -> None:
    caller = certain()
    for option, guard in (("1", "a"), ("7", "b")):
        assert send(caller, option=option, hash=guard).status == 200
    assert [one.option for one in caller.world.instant.present(caller.now).values()] == [1, 0]


@pytest.mark.parametrize(
    ("packed", "compress", "word"),
    [
        (b"plain text", "deflate", "not deflate"),
        (gzip.compress(b"x"), "deflate", "not deflate"),
        (deflate(b"x"), "gzip", "not gzip"),
        (gzip.compress(b"x" * 1000)[:-4], "gzip", "not complete gzip"),
        (deflate(b"x") + b"more", "deflate", "not complete deflate"),
        (b"", "deflate", "not complete deflate"),
        (deflate(b"x" * 5001), "deflate", "too large"),
        (gzip.compress(b"\0" * 10_000_000), "gzip", "too large"),
    ],
    # The bytes themselves would be part of the test's name, and a gzip header carries the time.
    ids=["plain", "gzip", "deflate", "cut", "with more", "empty", "large", "bomb"],
)
def test_a_body_that_is_not_what_it_says_is_refused(packed: bytes, compress: str, word: str) -> None:
    caller = certain(largest_upload=5000)
    reply = caller.submit(packed, token=caller.instant_token(), compress=compress, **QUERY)
    error_id, info = refusal(reply)
    assert error_id == "BAD_PARAMETERS"
    assert word in info


def test_multipart_is_not_supported() -> None:
    caller = certain()
    caller.extra = {"content-type": "multipart/form-data; boundary=b"}
    assert refusal(send(caller))[0] == "BAD_PARAMETERS"


@pytest.mark.parametrize("path", ["", "/postedit"])
def test_writing_needs_a_living_session(path: str) -> None:
    reply = certain().instant(LIST + path, "POST", token="dead", ids="39", reference="x")
    assert refusal(reply)[0] == "SESSION_EXPIRED"


def settings(caller: Caller, option: str = "0") -> dict[str, Any]:
    reply = caller.instant("/api/it/configuration", token=caller.instant_token(), option=option)
    result: dict[str, Any] = read(reply)
    return result


def test_the_configuration_tells_languages_formats_and_limits() -> None:
    answer = settings(certain(largest_upload=1234))
    assert answer["locales"]["src"] == [{"v": "en", "t": "English"}]
    assert {one["v"] for one in answer["locales"]["trg"]} == {"fr", "de", "zh-CN"}
    assert {"foption": 1, "title": "With comments"} in answer["formats"][0]["options"]
    assert answer["maxFileSize"] == 1234
    assert answer["postEdit"]["deadlineMandatory"] is None
    assert settings(certain(dialect="older"))["postEdit"]["deadlineMandatory"] is True


def test_a_sparse_configuration_tells_no_more_than_the_sample() -> None:
    answer = settings(certain(sparse_configuration=True), option="1")
    assert answer == {"option": 1, "options": ["Default", "Technical"], "locales": {}}
    assert send(certain(sparse_configuration=True)).status == 200


def ready(caller: Caller, *names: str) -> str:
    """Submit files, wait until they are translated, and return their ids."""
    ids = [str(read(send(caller, filename=name, hash=name))["id"]) for name in names]
    caller.wait(600)
    return ", ".join(ids)


def order(caller: Caller, ids: str, **more: str) -> Reply:
    query = {"token": caller.instant_token(), "ids": ids, "reference": "R-1"} | more
    return caller.instant(LIST + "/postedit", "POST", **query)


def test_a_post_edit_is_ordered_and_done() -> None:
    caller = certain()
    ids = ready(caller, "a.docx")
    assert read(order(caller, ids)) == {"trmid": None, "status": "Finished"}
    assert record(caller, int(ids))["pe_status"] == "Requested"
    assert refusal(order(caller, ids))[0] is None
    caller.wait(6 * 3600)
    assert record(caller, int(ids))["pe_ready"] is True
    reply = caller.instant(LIST + "/postedit/file", token=caller.instant_token(), id=ids)
    one = caller.world.instant.present(caller.now)[int(ids)]
    assert one.post_edit is not None
    if one.post_edit.online_only:
        assert refusal(reply)[0] == "PE_FILE_ONLINE_ONLY"
    else:
        assert gzip.decompress(reply.body) == b"[fr, post-edited] a.docx\nHello there"


def test_several_post_edits_are_an_operation_that_waits() -> None:
    caller = certain()
    answer = read(order(caller, ready(caller, "a.docx", "b.docx")))
    assert answer["status"] == "Waiting"
    assert isinstance(answer["trmid"], int)


@pytest.mark.parametrize(
    ("change", "info"),
    [
        ({"ids": ""}, "ids"),
        ({"ids": "x"}, "ids"),
        ({"ids": "99"}, "ids"),
        ({"comments": "x" * 501}, "comments"),
        ({"deadline": "soon"}, "deadline"),
        ({"deadline": "2020-01-01T00:00:00Z"}, "deadline"),
    ],
)
def test_a_post_edit_order_with_bad_values_is_refused(change: dict[str, str], info: str) -> None:
    caller = certain()
    ids = ready(caller, "a.docx")
    assert refusal(order(caller, **({"ids": ids} | change))) == ("BAD_PARAMETERS", info)


def test_a_post_edit_order_needs_ids_and_a_reference() -> None:
    caller = certain()
    token = caller.instant_token()
    assert caller.instant(LIST + "/postedit", "POST", token=token, ids="39").status == 404
    assert caller.instant(LIST + "/postedit", "POST", token=token, reference="x").status == 404
    assert caller.instant(LIST + "/postedit/cost", token=token).status == 404


def test_what_is_not_translated_cannot_be_post_edited() -> None:
    caller = certain()
    number = str(read(send(caller))["id"])
    assert refusal(order(caller, number)) == (None, None)


@pytest.mark.parametrize(
    ("deadline", "expected"), [("", 400), ("2026-03-02T12:00:00Z", 400), ("2026-03-02T14:00:00Z", 200)]
)
def test_an_older_platform_demands_a_deadline_hours_ahead(deadline: str, expected: int) -> None:
    caller = certain(dialect="older")
    ids = ready(caller, "a.docx")
    assert order(caller, ids, **({"deadline": deadline} if deadline else {})).status == expected


def test_the_cost_is_told_by_language_and_option_without_a_price() -> None:
    caller = certain()
    ids = ready(caller, "a.docx", "b.docx")
    other = str(read(send(caller, trg="de", option="1", hash="x", filename="c.docx"))["id"])
    reply = caller.instant(
        LIST + "/postedit/cost", token=caller.instant_token(), ids=f"{ids},{other},{other}"
    )
    records = read(reply)["records"]
    assert [(one["docs"], one["trgt"], one["mtoption"], one["costed"]) for one in records] == [
        (2, "French", "Default", False),
        (1, "German", "Technical", False),
    ]
    assert (records[0]["words"], records[0]["documents"]) == (4, ["a.docx", "b.docx"])


def test_a_download_can_be_made_large_before_it_is_packed() -> None:
    caller = certain(large_bytes=100_000)
    number = ready(caller, "a.docx")
    reply = caller.instant(LIST + "/file", token=caller.instant_token(), id=number)
    plain = zlib.decompress(reply.body, wbits=-15)
    assert len(plain) >= 100_000
    assert len(reply.body) > 40_000


def test_a_submission_is_logged_with_its_length() -> None:
    caller = certain()
    send(caller)
    entry = caller.api.log[-1]
    assert (entry.method, entry.path, entry.status) == ("POST", LIST, 200)
    assert entry.body == {"bytes": len(deflate(b"Hello there"))}
    assert entry.query["hash"] == "h-1"
