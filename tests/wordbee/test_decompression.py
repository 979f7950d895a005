"""Compressed answers are decompressed up to the size limit."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from tests.wordbee.conftest import Serve
from tests.wordbee.scripted_server import Reply
from wbtui.domain.errors import BadAnswer
from wbtui.wordbee.http import Client, Http


async def test_a_small_body_that_inflates_beyond_the_cap_is_refused(client: Client, serve: Serve) -> None:
    packed = zlib.compress(b"\0" * 3_000_000)
    server = await serve(lambda _: Reply(200, packed, {"Content-Encoding": "deflate"}))
    with pytest.raises(BadAnswer, match="larger than 1 MiB"):
        await Http(client, server.url).request("GET", "x", cap_bytes=1024 * 1024)


async def test_damaged_compression_is_a_bad_answer(client: Client, serve: Serve) -> None:
    server = await serve(lambda _: Reply(200, b"no gzip at all", {"Content-Encoding": "gzip"}))
    with pytest.raises(BadAnswer, match="cannot be decompressed"):
        await Http(client, server.url).request("GET", "x")


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b'{"a": 1}', mtime=0)),
        ("x-gzip", gzip.compress(b'{"a"', mtime=0) + gzip.compress(b": 1}", mtime=0)),
        ("deflate", zlib.compress(b'{"a": 1}')),
        ("deflate", zlib.compress(b'{"a": 1}', wbits=-15)),
        ("identity", b'{"a": 1}'),
        ("identity, gzip", gzip.compress(b'{"a": 1}', mtime=0)),
    ],
)
async def test_a_packed_answer_is_unpacked(
    client: Client, serve: Serve, encoding: str, packed: bytes
) -> None:
    server = await serve(lambda _: Reply(200, packed, {"Content-Encoding": encoding}))
    assert (await Http(client, server.url).request("GET", "x")).body == b'{"a": 1}'


@pytest.mark.parametrize(
    ("encoding", "packed", "words"),
    [
        ("gzip", gzip.compress(b"x" * 1000, mtime=0)[:-9], "cut off"),
        ("deflate", zlib.compress(b"x" * 1000)[:-9], "cut off"),
        ("br", b"x", "not asked for"),
    ],
)
async def test_an_answer_that_is_packed_wrongly_is_a_bad_answer(
    client: Client, serve: Serve, encoding: str, packed: bytes, words: str
) -> None:
    server = await serve(lambda _: Reply(200, packed, {"Content-Encoding": encoding}))
    with pytest.raises(BadAnswer, match=words):
        await Http(client, server.url).request("GET", "x")


async def test_an_empty_answer_that_calls_itself_packed_is_empty(client: Client, serve: Serve) -> None:
    server = await serve(lambda _: Reply(204, b"", {"Content-Encoding": "gzip"}))
    assert (await Http(client, server.url).request("GET", "x")).body == b""


async def test_a_bomb_swells_no_further_than_the_cap(client: Client, serve: Serve) -> None:
    bomb = zlib.compress(bytes(40 * 1024 * 1024), 9)
    server = await serve(lambda _: Reply(200, bomb, {"Content-Encoding": "deflate"}))
    tracemalloc.start()
    with pytest.raises(BadAnswer, match="larger than 4 MiB"):
        await Http(client, server.url).request("GET", "x")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * 1024 * 1024
