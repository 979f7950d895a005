"""The private names of the HTTP library do what they are used for, and without them answers are read."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from wbtui.wordbee import http_internals
from wbtui.wordbee.http import Http, open_client
from wbtui.wordbee.http_internals import TO_TRAILING_DATA, has_read_beyond

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    """Answer every request on every connection with these bytes; give the address."""

    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            writer.write(answer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for writer in writers:
            writer.close()
            await writer.wait_closed()


@pytest.mark.parametrize(("answer", "beyond"), [(ANSWER, False), (ANSWER + ANSWER, True)])
async def test_what_was_read_behind_an_answer_is_seen(answer: bytes, beyond: bool) -> None:
    async with (
        answering(answer) as address,
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("GET", address) as response,
    ):
        assert isinstance(response.stream, httpx.AsyncByteStream)
        stream: object = response.stream
        assert b"".join([piece async for piece in response.stream]) == b"{}"
        assert has_read_beyond(stream) is beyond
        for name in TO_TRAILING_DATA:
            stream = getattr(stream, name)
        assert stream == (ANSWER if beyond else b"", False)


@pytest.mark.parametrize("missing", range(len(TO_TRAILING_DATA)))
async def test_without_a_name_answers_are_read_all_the_same(
    missing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{name}_elsewhere" if at == missing else name for at, name in enumerate(TO_TRAILING_DATA)]
    monkeypatch.setattr(http_internals, "TO_TRAILING_DATA", names)
    client = open_client()
    async with answering(ANSWER) as address:
        http = Http(client, f"{address}/api")
        for _ in range(2):
            response = await http.request("GET", "x")
            assert response.status == 200
        await client.close()


def test_the_librarys_command_line_is_not_loaded() -> None:
    program = "import sys, wbtui.wordbee, httpx; print(*sys.modules); httpx.AsyncClient()"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"click", "rich", "pygments"} & set(ended.stdout.split())


def test_httpx_looks_for_its_command_line_under_this_name() -> None:
    for needed in ("click", "pygments", "rich"):  # without these it has none
        pytest.importorskip(needed)
    program = "import sys, httpx; print('httpx._main' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "True"
