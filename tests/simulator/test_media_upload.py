from __future__ import annotations

import pytest

from tests.simulator.caller import read
from tests.simulator.translator_calls import certain, upload


@pytest.mark.parametrize(
    "content", [b"plain", b"", b"\r\n--b0\r\n\x00\xff\r\n", b"a\r\n\r\nb", b"\n", b"-" * 100_000]
)
def test_an_upload_keeps_every_byte_and_gives_a_token(content: bytes) -> None:
    caller = certain()
    answer = read(upload(caller, "manual.docx", content))
    assert answer["result"]["name"] == "manual.docx"
    assert len(answer["result"]["token"]) == 36
    (kept,) = caller.world.writes.uploads
    assert (kept.service, kept.place, kept.name, kept.content) == (
        "translator",
        "media",
        "manual.docx",
        content,
    )


def test_the_name_in_the_answer_is_not_the_name_to_submit() -> None:
    caller = certain()
    assert read(upload(caller, "ui/Größe.htm", b"x"))["result"]["name"] == "Gr__e.htm"
    assert caller.world.writes.uploads[0].name == "ui/Größe.htm"


def test_the_query_overrides_the_name_of_the_part() -> None:
    caller = certain()
    upload(caller, "a.bin", b"x", filename="b.docx")
    assert caller.world.writes.uploads[0].name == "b.docx"


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
    assert caller.world.writes.uploads[0].name == name


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
    assert caller.world.writes.uploads == []


@pytest.mark.parametrize(
    ("size", "query", "expected"),
    [(100, {}, 200), (101, {}, 400), (11, {"maxsize": "10"}, 400), (10, {"maxsize": "10"}, 200)],
)
def test_the_size_has_two_limits(size: int, query: dict[str, str], expected: int) -> None:
    assert upload(certain(largest_upload=100), "a.htm", b"x" * size, **query).status == expected


@pytest.mark.parametrize("most", ["0", "x", "-1"])
def test_maxsize_must_be_a_number(most: str) -> None:
    assert "maxsize" in read(upload(certain(), "a.htm", b"x", maxsize=most))["reason"]
