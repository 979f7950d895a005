"""When two pieces may be one file, and what is asked for and made of the answers over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.wordbee.scripted_server import Asked, Reply, ScriptedServer
from wbtui.domain.errors import BadAnswer
from wbtui.domain.ports import KeptPart
from wbtui.wordbee.files import as_file
from wbtui.wordbee.http import Http, open_client
from wbtui.wordbee.http_ranges import is_rest_of, span_of, validator_of
from wbtui.wordbee.response import Response

TAG = '"v1"'
MADE, LATER = "Sun, 01 Mar 2026 11:00:00 GMT", "Sun, 01 Mar 2026 12:00:00 GMT"
KEPT = KeptPart(4, 10, TAG)


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ({"etag": TAG}, TAG),
        ({"etag": 'W/"v1"'}, ""),
        ({"etag": 'W/"v1"', "last-modified": MADE, "date": LATER}, ""),
        ({"etag": "v1"}, ""),
        ({"etag": '"a"\r\nX: "b"'}, ""),
        ({"etag": TAG, "accept-ranges": "none"}, ""),
        ({"etag": TAG, "content-encoding": "gzip"}, ""),
        ({"etag": TAG, "content-encoding": "identity"}, TAG),
        ({"last-modified": MADE, "date": LATER}, MADE),
        ({"last-modified": MADE, "date": MADE}, ""),
        ({"last-modified": MADE}, ""),
        ({"last-modified": "yesterday", "date": LATER}, ""),
        ({"last-modified": "Sun, 99 Mar 2026 11:00:00 GMT", "date": LATER}, ""),
        ({}, ""),
    ],
)
def test_only_what_is_strong_tells_that_a_file_is_the_same(headers: dict[str, str], validator: str) -> None:
    assert validator_of(headers) == validator


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("bytes 4-9/10", (4, 9, 10)),
        ("Bytes 0-0/1", (0, 0, 1)),
        ("bytes 4-9/*", None),
        ("bytes */10", None),
        ("bytes 9-4/10", None),
        ("bytes 4-10/10", None),
        ("bytes 4-9", None),
        ("", None),
        ("bytes \u0664-9/10", None),
    ],
)
def test_a_place_is_read_only_where_it_is_whole(text: str, span: tuple[int, int, int] | None) -> None:
    assert span_of({"content-range": text}) == span


@pytest.mark.parametrize(
    ("headers", "fits"),
    [
        ({"content-range": "bytes 4-9/10", "etag": TAG}, True),
        ({"content-range": "bytes 4-7/10", "etag": TAG}, True),
        ({"content-range": "bytes 3-9/10", "etag": TAG}, False),
        ({"content-range": "bytes 4-10/11", "etag": TAG}, False),
        ({"content-range": "bytes 4-9/10", "etag": '"v2"'}, False),
        ({"content-range": "bytes 4-9/10"}, False),
        ({"etag": TAG}, False),
        ({"content-range": "bytes 4-9/10", "etag": TAG, "content-encoding": "gzip"}, False),
    ],
)
def test_a_piece_follows_only_in_its_place_and_of_the_same_file(headers: dict[str, str], fits: bool) -> None:
    assert is_rest_of(KEPT, headers) is fits


def test_by_date_another_date_is_another_file() -> None:
    kept = KeptPart(4, None, MADE)
    assert is_rest_of(kept, {"content-range": "bytes 4-9/10"})
    assert not is_rest_of(kept, {"content-range": "bytes 4-9/10", "last-modified": LATER})


@asynccontextmanager
async def fetched(
    kept: KeptPart | None, *replies: Reply
) -> AsyncIterator[tuple[Response | bytes, int, list[Asked]]]:
    """Fetch a file from a server that answers with these one after the other; give what came of it."""
    left = iter(replies)
    server = ScriptedServer(lambda _: next(left))
    await server.start()
    client = open_client()
    try:
        async with Http(client, server.url).fetch("file", kept=kept) as answer:
            if isinstance(answer, Response):
                yield answer, 0, server.asked
            else:
                arriving = as_file(answer)
                body = b"".join([chunk async for chunk in arriving.chunks])
                yield body, arriving.start, server.asked
    finally:
        await client.close()
        await server.stop()


REST = Reply(206, b"456789", {"Content-Range": "bytes 4-9/10", "ETag": TAG})
WHOLE = Reply(200, b"0123456789", {"ETag": TAG})


async def test_the_rest_is_asked_for_as_long_as_the_file_is_the_same() -> None:
    async with fetched(KEPT, REST) as (body, start, asked):
        assert (body, start) == (b"456789", 4)
        headers = asked[0].headers
        assert (headers["range"], headers["if-range"]) == ("bytes=4-", TAG)
        assert headers["accept-encoding"] == "identity"


async def test_a_server_that_sends_all_begins_afresh() -> None:
    async with fetched(KEPT, WHOLE) as (body, start, asked):
        assert (body, start, len(asked)) == (b"0123456789", 0, 1)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(416, b"", {"Content-Range": "bytes */3"}),
        Reply(206, b"56789", {"Content-Range": "bytes 5-9/10", "ETag": TAG}),
        Reply(206, b"456789", {"Content-Range": "bytes 4-9/10", "ETag": '"v2"'}),
        Reply(206, b"456789", {"ETag": TAG}),
    ],
)
async def test_what_does_not_follow_is_not_taken_and_all_is_asked_for(reply: Reply) -> None:
    async with fetched(KEPT, reply, WHOLE) as (body, start, asked):
        assert (body, start, len(asked)) == (b"0123456789", 0, 2)
        assert "range" not in asked[1].headers
        assert asked[1].headers["accept-encoding"] == "identity"


async def test_a_part_that_nobody_asked_for_is_no_file() -> None:
    with pytest.raises(BadAnswer, match="a part of the file"):
        async with fetched(None, REST):
            pass


async def test_a_refusal_is_given_as_it_came() -> None:
    async with fetched(KEPT, Reply(400, b"{}")) as (answer, _, asked):
        assert isinstance(answer, Response)
        assert (answer.status, len(asked)) == (400, 1)
