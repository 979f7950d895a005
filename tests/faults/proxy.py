"""A proxy on loopback before a simulated service: applies faults on real sockets, with or without TLS."""

from __future__ import annotations

import asyncio
import contextlib
import math
import ssl
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from tests.faults.apply import FaultOutcome, applied
from tests.faults.kinds import TLS, Fault, Kind
from tests.wordbee.scripted_server import Asked, read_request
from wbtui.domain.clock import SystemClock
from wbtui.simulator.http_messages import Reply

NOTHING: Final = Reply(503)
_HOP: Final = frozenset({"connection", "content-length", "transfer-encoding", "host"})


@dataclass
class FaultProxy:
    """Forwards each request and applies the current `fault` to its answer.

    `asked` are all requests received, forwarded or not. `sent` counts bytes of bodies, `connections` the
    connections that were established.
    """

    upstream: str
    contexts: Mapping[Kind | None, ssl.SSLContext] = field(default_factory=dict)
    fault: Fault | None = None
    asked: list[Asked] = field(default_factory=list)
    sent: int = 0
    connections: int = 0
    port: int = 0
    path: str = ""

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="proxy")
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()
        address = urlsplit(self.upstream)
        self._host, self._up, self.path = address.hostname or "", address.port or 0, address.path

    @property
    def url(self) -> str:
        """Return the address for clients."""
        return f"{'https' if self.contexts else 'http'}://127.0.0.1:{self.port}{self.path}"

    def start(self) -> None:
        """Listen on a free port."""
        self._thread.start()
        self._do(self._listen())

    def stop(self) -> None:
        """Close all connections and stop."""
        self._do(self._hang_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def suffer(self, fault: Fault | None) -> None:
        """Apply this fault to the next requests, on new connections."""
        self.fault = fault
        applied(fault, NOTHING)  # slow data is created before it is requested
        self._do(self._hang_up())
        if fault is None or fault.kind is not Kind.REFUSED:
            self._do(self._listen())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        context = self._context() if self.contexts else None
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    def _context(self) -> ssl.SSLContext:
        kind = self.fault.kind if self.fault else None
        return self.contexts[kind if kind in TLS else None]

    async def _hang_up(self) -> None:
        if self._server is not None:
            self._server.close()
        for talk in list(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        talk = asyncio.ensure_future(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            writer.transport.abort() if self.fault else writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection is kept."""
        asked = await read_request(reader)
        self.asked.append(asked)
        fault = self.fault if self.fault and self.fault.hits(urlsplit(asked.target).path) else None
        reply = NOTHING if fault and fault.lost else await self._handed_on(asked)
        outcome = applied(fault, reply, SystemClock().now())
        for _ in range(outcome.asked - 1):
            await self._handed_on(asked)
        await asyncio.sleep(3600 if math.isinf(outcome.wait) else outcome.wait)
        if outcome.raw or outcome.cut == -1:
            writer.write(outcome.raw)
            await writer.drain()
            return False
        for _ in range(outcome.answered):
            await self._send(outcome, writer)
        return outcome.cut is None

    async def _send(self, outcome: FaultOutcome, writer: asyncio.StreamWriter) -> None:
        writer.write(_head(outcome))
        left = outcome.head_filler
        while left > 0:
            writer.write((b"X-Filler: " + b"x" * 1000 + b"\r\n") * 16)
            await _drained(writer)
            left -= 16_000
        writer.write(b"\r\n")
        for piece in outcome.pieces():
            self.sent += len(piece)
            writer.write(piece)
            await _drained(writer)
            if outcome.gap:
                await asyncio.sleep(outcome.gap)
        await writer.drain()

    async def _handed_on(self, asked: Asked) -> Reply:
        reader, writer = await asyncio.open_connection(self._host, self._up)
        headers = {name: value for name, value in asked.headers.items() if name not in _HOP}
        headers |= {"Host": f"{self._host}:{self._up}", "Connection": "close"}
        if asked.body or asked.method in {"POST", "PUT"}:
            headers["Content-Length"] = str(len(asked.body))
        lines = [f"{asked.method} {asked.target} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode() + asked.body)
        try:
            return await _reply(reader)
        finally:
            writer.close()


async def _drained(writer: asyncio.StreamWriter) -> None:
    """Wait for the buffer to drain, and let the event loop notice a closed connection."""
    await writer.drain()
    await asyncio.sleep(0)


async def _reply(reader: asyncio.StreamReader) -> Reply:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    pairs = [line.partition(": ") for line in head[1:-2]]
    length = next((int(value) for name, _, value in pairs if name.lower() == "content-length"), 0)
    kept = tuple((name, value) for name, _, value in pairs if name.lower() not in _HOP)
    return Reply(int(head[0].split(" ")[1]), kept, await reader.readexactly(length))


def _head(outcome: FaultOutcome) -> bytes:
    status = outcome.reply.status
    known = status in HTTPStatus.__members__.values()
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase if known else 'Unknown'}"]
    lines += [f"{name}: {value}" for name, value in outcome.reply.headers]
    if status != HTTPStatus.NO_CONTENT:
        lines.append(f"Content-Length: {outcome.length}")
    return "\r\n".join([*lines, ""]).encode()


@contextmanager
def proxied(
    upstream: str, contexts: Mapping[Kind | None, ssl.SSLContext] | None = None
) -> Iterator[FaultProxy]:
    """Run a proxy in front of an address within the block."""
    proxy = FaultProxy(upstream, contexts or {})
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
