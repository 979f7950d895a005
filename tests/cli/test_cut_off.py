"""`wbtui download` over a line that breaks: whole with one command, and on from where it was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.conftest import User
from wbtui.domain.clock import SystemClock
from wbtui.simulator.byte_ranges import ranged
from wbtui.simulator.http_messages import Reply, Request, bytes_reply

RECORD = {"file": "large.bin", "locale": "fr", "uptodate": True, "status": 1}
LIST = {"skip": 0, "count": 1, "total": 1, "files": [RECORD]}


class LossyBeebox(ThreadingHTTPServer):
    """A Beebox with one file; the line breaks after so many bytes of it, as often as told."""

    daemon_threads = True

    def __init__(self, content: bytes, cuts: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.content = content
        self.cuts = cuts
        self.sent = 0
        self.ranges: list[str] = []
        self.open = 0
        self.stalls = threading.Event()
        """Whether a file that is cut stands still in place of breaking."""

    def file(self, headers: dict[str, str]) -> Reply:
        now = SystemClock().now()
        self.ranges.append(headers.get("range", ""))
        return ranged("etag", Request("GET", "/", headers=headers), bytes_reply(self.content, now), now)


class _Connection(BaseHTTPRequestHandler):
    server: LossyBeebox
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if "/files/file" in self.path:
            self._file(self.server.file({name.lower(): text for name, text in self.headers.items()}))
            return
        self.server.open += ("/connect" in self.path) - ("/disconnect" in self.path)
        answers = {"/connect": b"token", "/disconnect": b""}
        name = next((name for name in answers if name in self.path), "")
        self._send(Reply(200, (), answers.get(name, json.dumps(LIST).encode())))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Write no log."""

    def _file(self, reply: Reply) -> None:
        server = self.server
        most = server.cuts.pop(0) if server.cuts else len(reply.body)
        server.sent += min(most, len(reply.body))
        self._send(reply, most)
        if most < len(reply.body):
            if server.stalls.is_set():
                time.sleep(30)
            self.close_connection = True

    def _send(self, reply: Reply, most: int = 10**12) -> None:
        self.send_response_only(reply.status)
        for name, value in (*reply.headers, ("Content-Length", str(len(reply.body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[:most])


@contextmanager
def lossy(user: User, content: bytes, cuts: list[int]) -> Iterator[LossyBeebox]:
    server = LossyBeebox(content, cuts)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    user.write_config(
        'default_profile = "acme"\n[profiles.acme.beebox]\nproject = "p"\nlogin = "l"\n'
        f'url = "http://127.0.0.1:{server.server_port}"\n'
    )
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.slow
def test_forty_of_fifty_megabytes_lost_three_times_are_whole_with_one_command(
    user_for: Callable[..., User],
) -> None:
    user = user_for()
    content = os.urandom(50_000_000)
    with lossy(user, content, [40_000_000, 4_000_000, 3_000_000]) as server:
        ended = user.run("download", "bb:fr:large.bin", "--to", str(user.home / "files"))
    assert ended.returncode == 0, ended.stderr
    assert server.ranges == ["", "bytes=40000000-", "bytes=44000000-", "bytes=47000000-"]
    assert server.sent == len(content)
    assert server.open == 0
    files = [path for path in (user.home / "files").rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["large.bin"]
    assert files[0].read_bytes() == content
    assert ended.stderr.count("; goes on after ") == 3
    assert "bb:fr:large.bin: the connection to 127.0.0.1" in ended.stderr


@pytest.mark.slow
def test_after_kill_9_the_next_command_goes_on_from_what_was_synced(user_for: Callable[..., User]) -> None:
    user = user_for()
    content = os.urandom(50_000_000)
    to = user.home / "files"
    words = ["download", "bb:fr:large.bin", "--to", str(to)]
    with lossy(user, content, [40_000_000]) as server:
        server.stalls.set()
        program = subprocess.Popen(
            [sys.executable, "-m", "wbtui", *words], env=user.environment(), stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 60
        while _part_size(to) < 38_000_000:
            assert time.monotonic() < end
            time.sleep(0.05)
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
        assert [path.name for path in to.rglob("*") if path.is_file()] == ["large.bin.part"]
        ended = user.run(*words)
        assert ended.returncode == 0, ended.stderr
        start = int(server.ranges[-1].removeprefix("bytes=").removesuffix("-"))
    assert 33_000_000 < start < 40_000_000
    assert [path.read_bytes() == content for path in to.rglob("*") if path.is_file()] == [True]


def _part_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.part"))
