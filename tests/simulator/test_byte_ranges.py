"""Parts of files as RFC 9110 has them, and a server that gives none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wbtui.simulator.byte_ranges import ranged
from wbtui.simulator.http_messages import Reply, Request, bytes_reply

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WHOLE = bytes_reply(b"0123456789", NOW - timedelta(hours=1), ("Content-Type", "text/plain"))
MADE = "Sun, 01 Mar 2026 11:00:00 GMT"


def asked(kind: str, method: str = "GET", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ranged(kind, Request(method, "/x", headers=named), WHOLE, NOW)  # type: ignore[arg-type]


def header(reply: Reply, name: str) -> str | None:
    return dict(reply.headers).get(name)


@pytest.mark.parametrize(
    ("text", "body", "span"),
    [
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=2-3", b"23", "bytes 2-3/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
    ],
)
def test_a_range_is_given_with_its_place(text: str, body: bytes, span: str) -> None:
    reply = asked("etag", range=text)
    assert (reply.status, reply.body, header(reply, "Content-Range")) == (206, body, span)
    assert header(reply, "ETag") == header(asked("etag"), "ETag")


@pytest.mark.parametrize("text", ["bytes=5-2", "lines=1-2", "bytes=1-2,4-5", "bytes=-", "bytes", "bytes=x-"])
def test_what_is_no_single_range_is_ignored(text: str) -> None:
    assert (asked("etag", range=text).status, asked("etag", range=text).body) == (200, WHOLE.body)


@pytest.mark.parametrize("text", ["bytes=10-", "bytes=-0"])
def test_a_range_outside_is_refused_with_the_length(text: str) -> None:
    reply = asked("date", range=text)
    assert (reply.status, reply.body, header(reply, "Content-Range")) == (416, b"", "bytes */10")


@pytest.mark.parametrize(("kind", "name"), [("etag", "ETag"), ("date", "Last-Modified")])
def test_a_range_of_another_version_is_answered_by_the_whole(kind: str, name: str) -> None:
    validator = header(asked(kind), name) or ""
    assert asked(kind, range="bytes=4-", if_range=validator).status == 206
    for other in ('"other"', f"W/{validator}", "Sun, 01 Mar 2026 10:59:59 GMT"):
        assert asked(kind, range="bytes=4-", if_range=other).status == 200
        assert asked(kind, range="bytes=10-", if_range=other).status == 200


def test_the_date_is_that_of_the_file() -> None:
    assert header(asked("date"), "Last-Modified") == MADE
    assert header(asked("date"), "Date") == "Sun, 01 Mar 2026 12:00:00 GMT"


def test_a_server_without_ranges_and_what_is_no_file_stay_as_they_were() -> None:
    assert asked("none", range="bytes=4-") is WHOLE
    other = Reply(200, (), b"{}")
    assert ranged("etag", Request("GET", "/x", headers={"range": "bytes=1-"}), other, NOW) is other
    assert asked("etag", method="HEAD", range="bytes=4-") is WHOLE
