"""The simulated services on loopback: three HTTP/1.1 listeners with keep-alive in daemon threads."""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from wbtui.simulator.api import SERVICES, Api, Service
from wbtui.simulator.http_messages import Reply, Request
from wbtui.simulator.world import World

HOST: Final = "127.0.0.1"
BEAT: Final = 0.1
"""Seconds between two checks whether the state that a client waits for has ended."""
CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
LINE: Final = 4096
"""The longest line around a chunk that is read."""
LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a request body that are read; more is answered with 413."""

T = TypeVar("T")


class PortInUse(Exception):
    """A requested port cannot be used; the message says which and why."""


class Running:
    """The three running listeners. `urls` by service: the Translator's ends in `/api`."""

    def __init__(
        self,
        api: Api,
        now: Callable[[], datetime],
        ports: Mapping[Service, int],
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self.api = api
        self._now = now
        self._pause = pause
        self._ending = False
        self._lock = threading.Lock()
        self._listeners = self._listen(ports)
        roots = {name: f"http://{HOST}:{one.server_port}" for name, one in self._listeners.items()}
        self.urls: Mapping[Service, str] = MappingProxyType(
            {**roots, "translator": roots["translator"] + "/api"}
        )
        for listener in self._listeners.values():
            listener.start()

    def answer(self, service: Service, request: Request) -> Reply:
        """Answer a request at the present time, one at a time over all services.

        A reply with patience is computed again until it changes or the patience is over.
        """
        with self._lock:
            began = self._now()
            reply = self.api.answer(service, request, began)
        late = False
        while reply.patience and self._pause is not None and not late and not self._ending:
            self._pause(BEAT)
            with self._lock:
                late = self._now() >= began + timedelta(seconds=reply.patience)
                reply = self.api.answer(service, request, self._now())
        return reply

    def look(self, reader: Callable[[World], T]) -> T:
        """Advance the world to the present and read from it, while no request is answered."""
        with self._lock:
            self.api.world.advance(self._now())
            return reader(self.api.world)

    def stop(self) -> None:
        """Stop listening, close all connections, and wait for their threads."""
        self._ending = True
        for listener in self._listeners.values():
            listener.stop()

    def _listen(self, ports: Mapping[Service, int]) -> dict[Service, _Listener]:
        listeners: dict[Service, _Listener] = {}
        try:
            for service in SERVICES:
                listeners[service] = _Listener(self, service, ports.get(service, 0))
        except OSError as reason:
            for listener in listeners.values():
                listener.server_close()
            port = ports.get(service, 0)
            raise PortInUse(f"cannot listen on port {port}: {reason.strerror}") from None
        return listeners


def serve(
    api: Api,
    now: Callable[[], datetime],
    ports: Mapping[Service, int] | None = None,
    pause: Callable[[float], object] | None = None,
) -> Running:
    """Serve an API on loopback, on free ports unless given; raises PortInUse.

    With `pause`, which sleeps, a request waits for a busy Beebox as long as it asks; otherwise BUSY comes at
    once.
    """
    return Running(api, now, ports or {}, pause)


class _Listener(ThreadingHTTPServer):
    """The listener of one service. Keeps its connections, so that `stop` ends them."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, running: Running, service: Service, port: int) -> None:
        self.running = running
        self.service: Service = service
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._guard = threading.Lock()
        self._loop = threading.Thread(target=self._serve, name=f"demo {service}", daemon=True)
        super().__init__((HOST, port), _Connection)

    def start(self) -> None:
        """Begin to accept connections."""
        self._loop.start()

    def stop(self) -> None:
        """Stop accepting, cut the connections, and wait for the threads."""
        self.shutdown()
        self._loop.join()
        self.server_close()
        with self._guard:
            connections = dict(self._connections)
        for connection, thread in connections.items():
            _cut(connection)
            thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own that `stop` can find."""
        arguments = (request, client_address)
        name = f"demo {self.service} connection"
        thread = threading.Thread(target=self.process_request_thread, args=arguments, name=name, daemon=True)
        with self._guard:
            self._connections[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        super().shutdown_request(request)
        with self._guard:
            self._connections.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report a fault of the simulation on stderr, but not a connection that the client broke."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def _serve(self) -> None:
        self.serve_forever(poll_interval=0.05)


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It was closed in the meantime.
        return


class _Connection(BaseHTTPRequestHandler):
    """One connection. Header and body leave in one write: two of them cost 40 ms each time (Nagle)."""

    protocol_version = "HTTP/1.1"
    timeout = 120
    server: _Listener

    def _answer(self) -> None:
        body = self._body()
        if body is None:
            return
        address = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(address.path),
            query=parse_qs(address.query, keep_blank_values=True),
            headers=_lower(self.headers),
            body=body,
        )
        self._send(self.server.running.answer(self.server.service, request))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Write no log: the addresses carry tokens."""

    def _body(self) -> bytes | None:
        """Return the body, or None after a refusal."""
        body = self._in_chunks() if "Transfer-Encoding" in self.headers else self._of_known_length()
        if not isinstance(body, HTTPStatus):
            return body
        self.close_connection = True
        page = f"<html><body><h1>{body.phrase}</h1></body></html>".encode()
        self._send(Reply(body, (("Content-Type", "text/html"), ("Connection", "close")), page))
        return None

    def _of_known_length(self) -> bytes | HTTPStatus | None:
        """Return a body by its Content-Length; like IIS, insist on one for PUT."""
        length = self.headers.get("Content-Length")
        if length is None:
            return HTTPStatus.LENGTH_REQUIRED if self.command == "PUT" else b""
        if not (length.isascii() and length.isdigit()):
            return HTTPStatus.BAD_REQUEST
        if len(length) > 12 or int(length) > LARGEST:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else None

    def _in_chunks(self) -> bytes | HTTPStatus | None:
        """Return a body that comes in HTTP chunks."""
        if self.headers["Transfer-Encoding"].strip().lower() != "chunked":
            return HTTPStatus.NOT_IMPLEMENTED
        body = bytearray()
        while True:
            size = CHUNK.match(self.rfile.readline(LINE))
            length = int(size[1], 16) if size else 0
            if size is None or len(body) + length > LARGEST:
                return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if size else HTTPStatus.BAD_REQUEST
            if length == 0:
                return bytes(body) if self._trailers_end() else None
            body += self.rfile.read(length)
            if self.rfile.readline(LINE) != b"\r\n":
                return None

    def _trailers_end(self) -> bool:
        """Read to the empty line after the last chunk; return whether it came."""
        while (line := self.rfile.readline(LINE)) not in {b"\r\n", b""}:
            if not line.endswith(b"\n"):
                return False
        return line == b"\r\n"

    def _send(self, reply: Reply) -> None:
        headers = [("Server", "Microsoft-IIS/10.0"), *reply.headers]
        if reply.status != HTTPStatus.NO_CONTENT:
            headers.append(("Content-Length", str(len(reply.body))))
        lines = [f"HTTP/1.1 {reply.status:d} {HTTPStatus(reply.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self.wfile.write(head if self.command == "HEAD" else head + reply.body)


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
