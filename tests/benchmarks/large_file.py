"""A Beebox with one large file, in a process of its own, which sends it from the disk's cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

MEGABYTES: Final = 1000
RECORD: Final = {
    "file": "large.bin",
    "locale": "fr",
    "uptodate": True,
    "status": 1,
    "segments": 1,
    "words": 9,
}
LIST: Final = {"skip": 0, "count": 1, "total": 1, "files": [RECORD]}


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    source: int

    def do_GET(self) -> None:
        if "/files/file" in self.path:
            self._head(MEGABYTES * 1_000_000)
            sent = 0
            while sent < MEGABYTES * 1_000_000:
                sent += os.sendfile(self.connection.fileno(), self.source, sent, 1 << 20)
        elif "/connect" in self.path:
            self._whole(b"token")
        elif "/disconnect" in self.path:
            self._whole(b"")
        else:
            self._whole(json.dumps(LIST).encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Write no log."""

    def _whole(self, body: bytes) -> None:
        self._head(len(body))
        self.wfile.write(body)

    def _head(self, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.flush()


@contextmanager
def large_file_server() -> Iterator[str]:
    """Run the server for as long as the block lasts, and give its address."""
    words = [sys.executable, "-m", "tests.benchmarks.large_file"]
    server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def main() -> None:
    """Serve until killed; the port is printed."""
    with tempfile.TemporaryFile() as source:
        block = os.urandom(1_000_000)
        for _ in range(MEGABYTES):
            source.write(block)
        source.flush()
        _Connection.source = source.fileno()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Connection)
        sys.stdout.write(f"{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
