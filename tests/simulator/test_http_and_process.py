from __future__ import annotations

import http.client
import io
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.simulator.caller import START
from tests.slowness import patience
from wbtui.simulator.api import Api
from wbtui.simulator.http_messages import Reply, Request
from wbtui.simulator.http_server import PortInUse, Running, serve
from wbtui.simulator.plan import Plan
from wbtui.simulator.process import serve_until_interrupted
from wbtui.simulator.world import World


class Hands:
    """A clock that its owner moves."""

    def __init__(self) -> None:
        self.now = START

    def read(self) -> datetime:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def running(hands: Hands) -> Iterator[Running]:
    running = serve(Api(World(Plan(), START)), hands.read)
    yield running
    running.stop()


def connect(url: str) -> http.client.HTTPConnection:
    address = urlsplit(url)
    return http.client.HTTPConnection(address.hostname or "", address.port, timeout=patience(10))


def call(connection: http.client.HTTPConnection, method: str, path: str, **more: Any) -> tuple[int, bytes]:
    connection.request(method, path, **more)
    response = connection.getresponse()
    return response.status, response.read()


def raw(url: str, data: bytes) -> bytes:
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=patience(10)) as link:
        link.sendall(data)
        link.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: link.recv(65536), b""))


def test_three_services_listen_on_loopback(running: Running) -> None:
    assert list(running.urls) == ["translator", "beebox", "instant"]
    assert all(url.startswith("http://127.0.0.1:") for url in running.urls.values())
    assert running.urls["translator"].endswith("/api")
    assert len({urlsplit(url).port for url in running.urls.values()}) == 3


def test_one_connection_serves_many_calls(running: Running) -> None:
    accounts = running.api.world.accounts
    login = {
        "project": accounts.beebox_project,
        "login": accounts.beebox_login,
        "pwd": accounts.beebox_password,
    }
    connection = connect(running.urls["beebox"])
    status, token = call(connection, "GET", f"/api/connect?{urlencode(login)}")
    assert status == 200
    link = connection.sock
    session = urlencode({"token": token.decode()})
    status, body = call(connection, "GET", f"/api/workprogress/translatedfiles?{session}&count=500")
    assert status == 200
    assert json.loads(body)["total"] == 240
    assert call(connection, "GET", f"/api/disconnect?{session}") == (204, b"")
    assert call(connection, "HEAD", "/whois") == (404, b"")
    assert call(connection, "PATCH", "/whois")[0] == 404
    assert connection.sock is link
    connection.close()


def test_time_is_that_of_the_owner(running: Running, hands: Hands) -> None:
    assert running.look(lambda world: world.automatic_runs) == 0
    hands.now = START + timedelta(minutes=10)
    assert running.look(lambda world: world.automatic_runs) in {9, 10}


def test_a_translator_call_over_the_wire(running: Running) -> None:
    accounts = running.api.world.accounts
    connection = connect(running.urls["translator"])
    body = json.dumps({"accountid": accounts.translator_account, "key": accounts.translator_key})
    status, token = call(
        connection, "POST", "/api/auth/token", body=body, headers={"Content-Type": "application/json"}
    )
    assert status == 200
    headers = {"X-Auth-Token": json.loads(token), "X-Auth-AccountId": accounts.translator_account}
    status, answer = call(connection, "GET", "/api/trm/status?requestid=5001", headers=headers)
    assert (status, json.loads(answer)["trm"]["status"]) == (200, "Finished")
    connection.close()


def test_a_file_comes_in_whole_over_the_wire_and_every_download_tells_its_length(running: Running) -> None:
    accounts, world = running.api.world.accounts, running.api.world
    login = {
        "project": accounts.beebox_project,
        "login": accounts.beebox_login,
        "pwd": accounts.beebox_password,
    }
    connection = connect(running.urls["beebox"])
    session = {"token": call(connection, "GET", f"/api/connect?{urlencode(login)}")[1].decode()}
    path, content = "产品\\q&a + 100%.html", bytes(range(256)) * 4000
    query = urlencode(session | {"locale": "en", "filename": path})
    status, body = call(connection, "PUT", f"/api/files/file?{query}", body=content)
    assert (status, body) == (204, b"")
    assert running.look(lambda world: world.writes.uploads[-1].content) == content
    ready = next(key for key, one in world.beebox.truth().items() if one["uptodate"]).split(":", 2)
    query = urlencode(session | {"locale": ready[1], "filename": ready[2]})
    connection.request("GET", f"/api/files/file?{query}")
    response = connection.getresponse()
    assert int(response.headers["Content-Length"]) == len(response.read()) > 0
    connection.close()


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"PUT /api/disconnect?token=x HTTP/1.1\r\nHost: a\r\n\r\n", 411),
        (b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", 400),
        (b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n", 413),
        (b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST /api/connect HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n", 400),
        (b"POST /api/connect HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"GARBAGE\r\n\r\n", 400),
        (b"BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    ],
)
def test_bad_requests_are_refused_and_the_listener_lives(
    running: Running, request_line: bytes, status: int
) -> None:
    url = running.urls["instant"]
    assert str(status).encode() in raw(url, request_line)
    assert raw(url, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").startswith(
        b"HTTP/1.1 404 Not Found"
    )


def test_a_body_may_come_in_chunks_or_not_at_all(running: Running) -> None:
    accounts = running.api.world.accounts
    connection = connect(running.urls["translator"])
    key = json.dumps({"accountid": accounts.translator_account, "key": accounts.translator_key}).encode()
    header = {"Content-Type": "Application/JSON", "Transfer-Encoding": "chunked"}
    pieces = iter([key[:7], key[7:]])
    status, token = call(
        connection, "POST", "/api/auth/token", body=pieces, headers=header, encode_chunked=True
    )
    assert status == 200
    login = {"X-Auth-Token": json.loads(token), "X-Auth-AccountId": accounts.translator_account}
    lines = "".join(f"{name}: {value}\r\n" for name, value in login.items())
    bodiless = f"POST /api/apps/wbflex/list HTTP/1.1\r\nHost: a\r\n{lines}\r\n".encode()
    assert b'"total": 3' in raw(running.urls["translator"], bodiless)
    connection.close()


@pytest.mark.parametrize("rest", [b"5\r\nab", b"2\r\nabcd\r\n", b"0\r\n", b"0\r\nX: y"])
def test_half_a_chunk_is_dropped_in_silence(running: Running, rest: bytes) -> None:
    sent = b"POST /api/connect HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + rest
    assert raw(running.urls["beebox"], sent) == b""


def test_a_log_in_waits_for_the_end_of_an_automatic_run_as_long_as_it_asked(hands: Hands) -> None:
    def pause(_seconds: float) -> None:
        hands.now += timedelta(seconds=1)

    world = World(Plan(), START)
    running = serve(Api(world), hands.read, pause=pause)
    while not running.look(lambda world: world.beebox.busy):
        pause(1)
    accounts = world.accounts
    login = {"project": accounts.beebox_project, "login": "monitor", "pwd": accounts.beebox_password}
    connection = connect(running.urls["beebox"])
    asked = [call(connection, "GET", f"/api/connect?{urlencode(login | {'waitsecs': n})}") for n in (0, 1)]
    assert [(status, json.loads(body)["id"]) for status, body in asked] == [(400, "BUSY")] * 2
    assert call(connection, "GET", f"/api/connect?{urlencode(login)}")[0] == 200
    connection.close()
    running.stop()


def test_half_a_body_is_dropped_in_silence(running: Running) -> None:
    sent = b"POST /api/connect HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{"
    assert raw(running.urls["beebox"], sent) == b""


def test_a_fault_of_ours_is_reported(hands: Hands, capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> datetime:
        raise ArithmeticError("no time")

    running = serve(Api(World(Plan(), START)), broken)
    assert raw(running.urls["beebox"], b"GET /whois HTTP/1.1\r\nHost: a\r\n\r\n") == b""
    running.stop()
    assert "no time" in capsys.readouterr().err


def test_stopping_cuts_idle_connections(hands: Hands) -> None:
    running = serve(Api(World(Plan(), START)), hands.read)
    connection = connect(running.urls["beebox"])
    assert call(connection, "GET", "/whois")[0] == 200
    running.stop()
    assert not [one.name for one in threading.enumerate() if one.name.startswith("demo ")]
    with pytest.raises((OSError, http.client.HTTPException)):
        call(connection, "GET", "/whois")
    connection.close()


def test_a_port_in_use_is_named(running: Running, hands: Hands) -> None:
    port = urlsplit(running.urls["beebox"]).port
    assert port is not None
    with pytest.raises(PortInUse, match=f"port {port}"):
        serve(Api(World(Plan(), START)), hands.read, {"instant": port})


def test_the_log_keeps_every_call_and_no_secret(hands: Hands) -> None:
    api = Api(World(Plan(), START))
    accounts = api.world.accounts
    login = {"project": [accounts.beebox_project], "login": ["monitor"], "pwd": [accounts.beebox_password]}
    token = api.answer("beebox", Request("GET", "/api/connect", login), START).body.decode()
    body = json.dumps({"token": token, "filter": {"targetLocale": "fr"}}).encode()
    header = {"content-type": "application/json"}
    api.answer("beebox", Request("POST", "/api/workprogress/translatedfiles", {}, header, body), START)
    key = json.dumps({"accountid": "acme", "key": accounts.translator_key}).encode()
    api.answer("translator", Request("POST", "/api/auth/token", {}, header, key), START)
    api.answer("translator", Request("POST", "/api/auth/token", {"empty": []}, header, b"[]"), START)
    assert [(one.service, one.path.rsplit("/")[-1], one.status) for one in api.log] == [
        ("beebox", "connect", 200),
        ("beebox", "translatedfiles", 200),
        ("translator", "token", 200),
        ("translator", "token", 400),
    ]
    assert api.log[1].body == {"token": "***", "filter": {"targetLocale": "fr"}}
    for secret in (token, accounts.beebox_password, accounts.translator_key):
        assert secret not in str(api.log)


def test_a_service_can_be_made_to_answer_anything() -> None:
    api = Api(World(Plan(), START))
    api.broken["instant"] = Reply(502, (("Content-Type", "text/html"),), b"<html>")
    assert api.answer("instant", Request("GET", "/"), START).status == 502
    assert api.answer("beebox", Request("GET", "/whois"), START).status == 200
    del api.broken["instant"]
    assert api.answer("instant", Request("GET", "/"), START).status == 404


class Patience:
    """A sleep that moves the clock, and sends the signal when its rounds are used up."""

    def __init__(self, hands: Hands, rounds: int, number: int) -> None:
        self.hands = hands
        self.rounds = rounds
        self.number = number

    def sleep(self, seconds: float) -> None:
        self.hands.now += timedelta(seconds=seconds)
        self.rounds -= 1
        if self.rounds <= 0:
            signal.raise_signal(self.number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("stream", [False, True])
def test_the_process_prints_one_line_and_streams_what_is_submitted(
    hands: Hands, number: int, stream: bool
) -> None:
    out = io.StringIO()
    before = signal.getsignal(number)
    plan = Plan(pipeline_seconds=2.0, quick_share=0.0)
    ended = serve_until_interrupted(plan, hands.read, out, Patience(hands, 100, number).sleep, stream=stream)
    assert ended == number
    assert signal.getsignal(number) == before
    first, *rest = [json.loads(line) for line in out.getvalue().splitlines()]
    assert first.keys() == {"translator", "beebox", "instant", "operations", "titles"}
    assert all(first["titles"][str(number)] for number in first["operations"])
    assert first["translator"].keys() == {"url", "account", "key"}
    assert first["beebox"].keys() == {"url", "project", "login", "password"}
    assert first["instant"].keys() == {"url", "account", "login", "password"}
    assert first["operations"] == list(range(5001, 5025))
    ids = [one["trm"]["requestid"] for line in rest for one in line["submitted"]]
    assert ids == list(range(5025, 5025 + len(ids)))
    assert bool(ids) is stream


class BrokenPipe(io.StringIO):
    """A pipe whose reader leaves after the first line."""

    def flush(self) -> None:
        if self.getvalue().count("\n") > 1:
            raise BrokenPipeError


def test_a_reader_that_leaves_ends_the_process(hands: Hands) -> None:
    plan = Plan(pipeline_seconds=2.0)
    patience = Patience(hands, 10_000, signal.SIGTERM)
    assert serve_until_interrupted(plan, hands.read, BrokenPipe(), patience.sleep, stream=True) == 0


PROGRAM = """
import sys, threading
from datetime import UTC, datetime
from wbtui.simulator.plan import Plan
from wbtui.simulator.process import serve_until_interrupted
wait = threading.Event().wait
sys.exit(serve_until_interrupted(Plan(), lambda: datetime.now(UTC), sys.stdout, wait, stream=True))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_real_process_ends_cleanly_on_a_signal(number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        url = json.loads(child.stdout.readline())["beebox"]["url"]
        connection = connect(url)
        assert call(connection, "GET", "/whois")[0] == 200
        child.send_signal(number)
        _, complaints = child.communicate(timeout=patience(10))
        connection.close()
    assert (child.returncode, complaints) == (number, b"")


def test_a_streaming_process_ends_with_its_parent() -> None:
    starter = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[1]]); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", starter, PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert b"translator" in parent.stdout.readline()
        # The child holds the pipe as well: it is at its end only when both processes are.
        rest, _ = parent.communicate(timeout=patience(10))
    assert (rest, parent.returncode) == (b"", 0)
