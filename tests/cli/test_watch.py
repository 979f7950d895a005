"""`wbtui status --watch`: what changes, in words and as JSON, by one poller at a time."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import pseudo
from tests.forked import Piped, piped
from tests.slowness import patience
from wbtui.simulator.api import Service
from wbtui.simulator.http_messages import Reply


class Watching:
    """A running `status --watch`, and what it has written."""

    def __init__(self, process: Piped) -> None:
        self.process = process
        self.out = b""
        self.err = b""

    def until(self, ready: Callable[[], bool], seconds: float = 60.0) -> None:
        """Read until the condition holds."""
        began = time.monotonic()
        while not ready():
            left = began + patience(seconds) - time.monotonic()
            assert left > 0, (self.out[-2000:], self.err[-2000:])
            self._take(left)

    def lines(self) -> list[str]:
        return self.out.decode().splitlines()

    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.decode().rpartition("\n")[0].splitlines()]

    def ended(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(10)

    def _take(self, seconds: float) -> None:
        for stream in select.select([self.process.stdout, self.process.stderr], [], [], seconds)[0]:
            piece = os.read(stream.fileno(), 65536)
            if stream is self.process.stdout:
                self.out += piece
            else:
                self.err += piece


@contextmanager
def watching(user: User, *words: str) -> Iterator[Watching]:
    with piped("wbtui", ["status", "--watch", *words], user.environment()) as process:
        yield Watching(process)


def ok(line: str, title: str) -> bool:
    return f"  {title}: ok" in line


def open_sessions(user: User) -> dict[str, int]:
    return dict(user.running.look(lambda world: world.open_sessions(world.now)))


@pytest.mark.parametrize(("end", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_what_changes_is_appended_in_words_until_a_signal_comes(
    user_for: Callable[..., User], end: int, code: int
) -> None:
    user = user_for(speed=20.0, failed_share=1.0, autorun_seconds=1e6)
    with watching(user, "--plain") as run:
        run.until(lambda: all(any(ok(li, t) for li in run.lines()) for t in ("Beebox", "Instant")))
        assert user.run("track", str(user.world.operation_ids()[0])).returncode == 0
        run.until(lambda: b"failed" in run.out)
        assert run.ended(end) == code
    assert open_sessions(user) == {"translator": 0, "beebox": 0, "instant": 0}
    assert any("Beebox: 240 new items: " in line for line in run.lines())
    assert all(line[2] == ":" and line[8:10] == "  " for line in run.lines())
    assert b"\x1b" not in run.out


def test_each_line_of_json_is_one_object_with_the_whole_item(user: User) -> None:
    with watching(user, "--json") as run:
        run.until(lambda: sum(one["event"] == "item" for one in run.objects()) >= 270)
        run.ended(signal.SIGTERM)
    objects = run.objects()
    assert {one["service"] for one in objects if one["event"] == "service"} == set(
        ("operations", "beebox", "instant", "flex")
    )
    items = [one for one in objects if one["event"] == "item"]
    assert all({"at", "change", "before", "key", "state", "label", "seen_at"} <= set(one) for one in items)
    new = [one["key"] for one in items if one["change"] == "new"]
    assert len(new) == len(set(new))


def test_an_outage_and_its_end_are_told(user: User) -> None:
    text = user.config.read_text()
    user.write_config('default_profile = "acme"\n' + text[text.index("[profiles.acme.instant]") :])
    user.config.write_text(user.config.read_text() + "poll_seconds = 5\n")
    with watching(user, "--plain") as run:
        run.until(lambda: any(ok(line, "Instant") for line in run.lines()))
        user.running.api.broken["instant"] = Reply(502, (("Content-Type", "text/html"),), b"<h1>no</h1>")
        run.until(lambda: b"Instant: DOWN next " in run.out)
        del user.running.api.broken["instant"]
        run.until(lambda: sum(ok(line, "Instant") for line in run.lines()) == 2)


def test_the_second_follows_the_first_and_takes_over_when_that_ends(user: User) -> None:
    with watching(user, "--plain") as first:
        first.until(lambda: any(ok(line, "Beebox") for line in first.lines()))
        with watching(user, "--plain") as second:
            by = f"polled by pid {first.process.pid}"
            second.until(lambda: by.encode() in second.err and b"Beebox: ok: " + by.encode() in second.out)
            assert any("240 new items" in line for line in second.lines())
            before = len(user.running.api.log)
            first.ended(signal.SIGKILL)
            second.until(lambda: b"taking over" in second.err)
            second.until(lambda: len(user.running.api.log) > before + 2)
            assert second.ended(signal.SIGTERM) == 143


def test_following_makes_no_call(user: User) -> None:
    other = User(user.home, user.running, {})
    with watching(user, "--plain") as first:
        first.until(lambda: any(ok(line, "Beebox") for line in first.lines()))
        with watching(other, "--plain") as second:  # it has no secret, and needs none
            second.until(lambda: b"Beebox: ok: polled by" in second.out)
            assert b"LOGIN" not in second.out


def test_it_ends_where_every_service_refuses(user: User) -> None:
    user.without_secrets()
    with watching(user, "--plain") as run:
        assert run.process.wait(15) == 5
        run.until(lambda: run.out.count(b"LOGIN") == 4)


def test_nobody_reading_ends_it_and_closes_the_sessions(user: User) -> None:
    with piped("wbtui", ["status", "--watch"], user.environment()) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(20) == 1
        assert b"nobody reads" in process.stderr.read()
    assert open_sessions(user) == {"translator": 0, "beebox": 0, "instant": 0}


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("words", "env", "coloured"), [((), {}, True), (("--plain",), {}, False), ((), {"NO_COLOR": "1"}, False)]
)
def test_colour_is_for_terminals_that_want_it(
    user: User, words: Sequence[str], env: dict[str, str], coloured: bool
) -> None:
    services: tuple[Service, ...] = ("translator", "beebox", "instant")
    for service in services:
        user.running.api.broken[service] = Reply(502, (), b"no")
    with pseudo(["status", "--watch", *words], user.environment() | env) as run:
        run.until("Instant: DOWN")
        assert (b"\x1b[31m" in run.written) is coloured


def test_one_reading_in_sentences(user: User) -> None:
    ended = user.run("status", "--plain")
    assert ended.returncode == 0
    assert any(line.startswith("Beebox: ok; 240 items, ") for line in ended.stdout.splitlines())
    assert any(
        line.startswith("Beebox: bb:") and line.endswith(" is ready") for line in ended.stdout.splitlines()
    )
