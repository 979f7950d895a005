"""A small HTTP/1.1 server on loopback that answers by a script and records the requests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path without `/api/`, decoded."""
        return unquote(urlsplit(self.target).path).removeprefix("/api/")

    @property
    def query(self) -> dict[str, str]:
        """The decoded parameters of the query."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The body's JSON value."""
        return json.loads(self.body)

    @property
    def call(self) -> str:
        """Method and path, as in `GET trm/status`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Reply:
    """What is answered; `cut` announces `more` bytes than are sent, then hangs up."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    more: int = 100


def as_json(value: object, status: int = 200, **headers: str) -> Reply:
    """Answer with a JSON value."""
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json", **headers})


def echo(asked: Asked) -> Reply:
    """Answer with what was asked."""
    return as_json({"target": asked.target, "body": asked.body.decode()})


def unused_port() -> int:
    """Return a port of loopback on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


Script = Callable[[Asked], Reply | Awaitable[Reply]]


class ScriptedServer:
    """Answers each request by its script; `calls` are the requests as method and path."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.port = 0
        self.scheme = "http"
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def start(self, context: ssl.SSLContext | None = None) -> None:
        """Listen on a free port of loopback."""
        self.scheme = "https" if context else "http"
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        """The address up to `/api`."""
        return f"{self.scheme}://127.0.0.1:{self.port}/api"

    @property
    def calls(self) -> list[str]:
        """What was asked, in order."""
        return [asked.call for asked in self.asked]

    async def stop(self) -> None:
        """Hang up on all and stop listening."""
        assert self._server is not None
        self._server.close()
        for talk in list(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.ensure_future(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        asked = await read_request(reader)
        self.asked.append(asked)
        reply = self.script(asked)
        if not isinstance(reply, Reply):
            reply = await reply
        length = len(reply.body) + (reply.more if reply.cut else 0)
        lines = [f"HTTP/1.1 {reply.status} Scripted"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        if reply.status != 204:
            lines.append(f"Content-Length: {length}")
        writer.write("\r\n".join([*lines, "", ""]).encode() + reply.body)
        await writer.drain()
        return not reply.cut


async def read_request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8").split("\r\n")
    method, target, _version = head[0].split(" ")
    headers = {}
    for line in head[1:-2]:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, target, headers, body)
