"""Downloads that are cut off go on where they were, are tried again, and never end as half a file."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from tests.items import beebox_file, flex_component, instant_request, operation
from tests.monitor.actions.conftest import Bench, Works
from tests.slowness import patience
from tests.wordbee.scripted_server import Asked, Reply, as_json
from wbtui.domain.clock import SystemClock
from wbtui.domain.commands import DownloadItems, StopDownloads
from wbtui.domain.model import Item, State
from wbtui.domain.ports import CUT_RESTS
from wbtui.domain.snapshot import DownloadState
from wbtui.files.saving import TAIL
from wbtui.monitor.actions.parts import PREFIX, part_from
from wbtui.simulator.byte_ranges import ranged
from wbtui.simulator.http_messages import Request, bytes_reply
from wbtui.simulator.plan import ByteRanges

Make = Callable[..., Awaitable[Bench]]
CONTENT = os.urandom(3_000_000)
OTHER = os.urandom(3_000_000)


@dataclass
class FileServer:
    """Serves one content by a usual web server's rules, and hangs up after so many bytes as often as told."""

    kind: ByteRanges = "etag"
    content: bytes = CONTENT
    cuts: list[int] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    sent: int = 0
    made: datetime = field(default_factory=lambda: SystemClock().now() - timedelta(hours=1))

    def __call__(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        now = SystemClock().now()
        whole = bytes_reply(self.content, self.made)
        reply = ranged(self.kind, Request("GET", "/", headers=asked.headers), whole, now)
        headers = dict(reply.headers)
        if self.cuts and len(reply.body) > self.cuts[0]:
            body = reply.body[: self.cuts.pop(0)]
            self.sent += len(body)
            return Reply(reply.status, body, headers, cut=True, more=len(reply.body) - len(body))
        self.sent += len(reply.body)
        return Reply(reply.status, reply.body, headers)

    @property
    def ranges(self) -> list[str]:
        """Return which ranges were asked for, an empty text for a whole file."""
        return [asked.headers.get("range", "") for asked in self.asked]


ITEMS: dict[str, Item] = {
    "translator": operation(5001, State.READY, file_token="f0", file_name="a.bin"),
    "beebox": beebox_file("a.bin", state=State.READY, status=1),
    "instant": instant_request(state=State.READY, ready=True),
}
SERVICES = sorted(ITEMS)


def serving(service: str, server: FileServer) -> Works:
    if service == "instant":
        server.content = gzip.compress(server.content, 1, mtime=0)
    return Works(**{service: server})


def right(bench: Bench, content: bytes = CONTENT) -> bool:
    digests = [hashlib.sha256(data).digest() for data in bench.files().values()]
    return digests == [hashlib.sha256(content).digest()]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("kind", ["etag", "date"])
async def test_a_file_that_is_lost_three_times_is_whole_with_one_command(
    bench_for: Make, service: str, kind: ByteRanges
) -> None:
    server = FileServer(kind=kind, cuts=[1_200_000, 700_000, 400_000])
    bench = await bench_for(serving(service, server))
    bench.executor.download(DownloadItems(bench.put(ITEMS[service])))
    (outcome,) = await bench.finished()
    assert outcome.done, outcome.words
    assert right(bench)
    assert server.ranges == ["", "bytes=1200000-", "bytes=1900000-", "bytes=2300000-"]
    assert server.sent == len(server.content)
    assert bench.store.recall_all(PREFIX) == {}
    said = [event.text for event in bench.state.snapshot().events if "goes on after" in event.text]
    assert said[0].endswith("broke off; goes on after 1200000 bytes in 1 s")
    assert len(said) == 3


@pytest.mark.parametrize("service", SERVICES)
async def test_without_ranges_it_begins_again_and_is_whole(bench_for: Make, service: str) -> None:
    server = FileServer(kind="none", cuts=[1_200_000, 700_000])
    bench = await bench_for(serving(service, server))
    bench.executor.download(DownloadItems(bench.put(ITEMS[service])))
    (outcome,) = await bench.finished()
    assert outcome.done, outcome.words
    assert right(bench)
    assert server.ranges == ["", "", ""]


@pytest.mark.parametrize("service", SERVICES)
async def test_one_that_never_gets_further_is_given_up(bench_for: Make, service: str) -> None:
    server = FileServer(cuts=[1_200_000] + [0] * 10)
    bench = await bench_for(serving(service, server))
    bench.executor.download(DownloadItems(bench.put(ITEMS[service])))
    (outcome,) = await bench.finished()
    assert not outcome.done
    assert len(server.asked) == 1 + len(CUT_RESTS)
    assert [name.endswith(".part") for name in bench.files()] == [True]
    assert bench.sessions["beebox"].living == set()


@pytest.mark.parametrize("service", SERVICES)
async def test_the_next_command_goes_on_from_the_part(bench_for: Make, service: str) -> None:
    server = FileServer(cuts=[1_200_000] + [0] * 10)
    works = serving(service, server)
    bench = await bench_for(works)
    bench.executor.download(DownloadItems(bench.put(ITEMS[service])))
    await bench.finished()
    bench.store.flush()
    server.cuts.clear()
    server.asked.clear()
    later = await bench_for(works)
    later.executor.download(DownloadItems(later.put(ITEMS[service])))
    outcome = (await later.finished())[-1]
    assert outcome.done, outcome.words
    assert server.ranges == ["bytes=1200000-"]
    assert right(later)
    assert later.store.recall_all(PREFIX) == {}


async def test_a_program_that_ends_meanwhile_leaves_a_part_to_go_on_from(bench_for: Make) -> None:
    stuck, second = asyncio.Event(), asyncio.Event()

    async def work(asked: Asked) -> Reply:
        reply = server(asked)
        if stuck.is_set() and asked.headers.get("range"):
            second.set()
            await asyncio.Event().wait()
        stuck.set()
        return reply

    server = FileServer(cuts=[1_500_000])
    bench = await bench_for(Works(translator=work))
    bench.executor.download(DownloadItems(bench.put(ITEMS["translator"])))
    async with bench.running(), asyncio.timeout(patience(20)):
        await second.wait()
    assert [name.endswith(".part") for name in bench.files()] == [True]
    bench.store.flush()
    later = await bench_for(Works(translator=server))
    later.executor.download(DownloadItems(later.put(ITEMS["translator"])))
    assert (await later.finished())[-1].done
    assert server.ranges[-1] == "bytes=1500000-"
    assert right(later)


async def test_a_file_that_has_changed_meanwhile_is_fetched_whole(bench_for: Make) -> None:
    server = FileServer(cuts=[1_200_000])
    bench = await bench_for(Works(beebox=server))

    def work(asked: Asked) -> Reply:
        reply = server(asked)
        server.content = OTHER
        return reply

    bench.sessions["beebox"].work = work
    bench.executor.download(DownloadItems(bench.put(ITEMS["beebox"])))
    (outcome,) = await bench.finished()
    assert outcome.done
    assert right(bench, OTHER)


async def test_a_part_that_is_whole_ends_with_its_last_byte(bench_for: Make) -> None:
    server = FileServer(cuts=[1_200_000] + [0] * 10)
    bench = await bench_for(Works(beebox=server))
    bench.executor.download(DownloadItems(bench.put(ITEMS["beebox"])))
    await bench.finished()
    (part,) = bench.folder.rglob("*.part")
    part.write_bytes(CONTENT)
    tail = hashlib.sha256(CONTENT[-TAIL:]).hexdigest()
    ((name, text),) = bench.store.recall_all(PREFIX).items()
    bench.store.remember(name, json.dumps({**json.loads(text), "size": len(CONTENT), "tail": tail}))
    bench.store.flush()
    server.cuts.clear()
    later = await bench_for(Works(beebox=server))
    later.executor.download(DownloadItems(later.put(ITEMS["beebox"])))
    assert (await later.finished())[-1].done
    assert server.ranges[-1] == "bytes=2999999-"
    assert right(later)


@pytest.mark.parametrize("damage", ["other bytes", "shorter", "gone"])
async def test_a_part_that_is_not_what_it_was_is_not_gone_on_with(bench_for: Make, damage: str) -> None:
    server = FileServer(cuts=[1_200_000] + [0] * 10)
    bench = await bench_for(Works(beebox=server))
    bench.executor.download(DownloadItems(bench.put(ITEMS["beebox"])))
    await bench.finished()
    (part,) = [path for path in bench.folder.rglob("*.part")]
    if damage == "gone":
        part.unlink()
    else:
        part.write_bytes(os.urandom(1_200_000) if damage == "other bytes" else part.read_bytes()[:-1])
    server.cuts.clear()
    bench.executor.download(DownloadItems((ITEMS["beebox"].key,)))
    assert (await bench.finished())[-1].done
    assert server.ranges[-1] == ""
    assert right(bench)


async def test_stopping_gives_the_part_up(bench_for: Make) -> None:
    server = FileServer(cuts=[1_200_000] + [0] * 10)
    bench = await bench_for(Works(beebox=server))
    keys = bench.put(ITEMS["beebox"])
    bench.executor.download(DownloadItems(keys))
    (job,) = bench.executor.transfers.jobs
    async with bench.running(), asyncio.timeout(patience(20)):
        while not job.cuts:  # noqa: ASYNC110 -- no event tells of it
            await asyncio.sleep(0)
        bench.executor.stop(StopDownloads(keys))
        await bench.executor.drain()
        await asyncio.sleep(0.05)
    assert bench.state.transfers[0].state is DownloadState.STOPPED
    assert bench.files() == {}
    assert bench.store.recall_all(PREFIX) == {}


async def test_a_part_that_turns_out_to_be_no_file_is_removed(bench_for: Make) -> None:
    page = b"<!DOCTYPE html><html>" + b" " * 2_000_000
    server = FileServer(content=page, cuts=[1_200_000])
    bench = await bench_for(Works(beebox=server))
    bench.executor.download(DownloadItems(bench.put(beebox_file("a.docx", state=State.READY, status=1))))
    (outcome,) = await bench.finished()
    assert "web page" in outcome.words
    assert bench.files() == {}
    assert bench.store.recall_all(PREFIX) == {}


async def test_old_parts_are_removed_and_young_ones_stay(bench_for: Make) -> None:
    server = FileServer(cuts=[1_200_000] + [0] * 10)
    works = Works(beebox=server)
    bench = await bench_for(works)
    bench.executor.download(DownloadItems(bench.put(ITEMS["beebox"])))
    await bench.finished()
    ((name, text),) = bench.store.recall_all(PREFIX).items()
    young = await bench_for(works)
    await young.finished()
    assert len(young.files()) == 1
    part = part_from(text)
    assert part is not None
    bench.store.remember(name, text.replace(part.at, (SystemClock().now() - timedelta(days=8)).isoformat()))
    bench.store.flush()
    old = await bench_for(works)
    async with old.running():
        await asyncio.sleep(0)
    assert old.files() == {}
    assert old.store.recall_all(PREFIX) == {}


@pytest.mark.parametrize(
    "text",
    ["", "no json", "[]", "{}", '{"root": 1}']
    + [
        f'{{"root": "/x", "path": {path}, "size": {size}, "tail": "", "total": {total}, '
        f'"validator": "", "at": "{at}"}}'
        for path, size, total, at in [
            ('["a"]', "-1", "null", "2026-03-01T12:00:00+00:00"),
            ('["a"]', "5", "4", "2026-03-01T12:00:00+00:00"),
            ('["a"]', '"5"', "null", "2026-03-01T12:00:00+00:00"),
            ('["..", "a"]', "5", "null", "2026-03-01T12:00:00+00:00"),
            ('["a/b"]', "5", "null", "2026-03-01T12:00:00+00:00"),
            ("[]", "5", "null", "2026-03-01T12:00:00+00:00"),
            ('["a"]', "5", "null", "2026-03-01T12:00:00"),
            ('["a"]', "5", "null", "yesterday"),
        ]
    ],
)
def test_what_the_store_cannot_have_kept_is_no_part(text: str) -> None:
    assert part_from(text) is None


@pytest.mark.parametrize("kind", ["etag", "none"])
async def test_a_pull_that_is_cut_off_goes_on_too(bench_for: Make, kind: ByteRanges) -> None:
    segments = [{"key": "1", "component": "app.login", "texts": {"fr": {"v": "Oui" * 9000}}}]
    text = as_json({"type": "flex", "segments": segments}).body
    server = FileServer(kind=kind, content=text, cuts=[20_000])

    def work(asked: Asked) -> Reply:
        if asked.path.endswith("contents/pull"):
            return as_json({"trm": {"requestid": 0, "status": "Finished"}, "custom": {"filetoken": "p1"}})
        return server(asked)

    bench = await bench_for(Works(translator=work))
    bench.executor.download(DownloadItems(bench.put(flex_component("app.login", "fr"))))
    (outcome,) = await bench.finished()
    assert outcome.done, outcome.words
    assert server.ranges == ["", "bytes=20000-" if kind == "etag" else ""]


async def test_a_large_file_of_the_beebox_is_spread_over_sessions(
    bench_for: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = FileServer(content=CONTENT[:400_000])
    monkeypatch.setattr("wbtui.monitor.actions.downloads.BATCH_SECONDS", 0.0)
    bench = await bench_for(Works(beebox=server))
    bench.executor.download(DownloadItems(bench.put(ITEMS["beebox"])))
    (outcome,) = await bench.finished()
    assert outcome.done, outcome.words
    assert right(bench, server.content)
    sessions = bench.servers["beebox"].calls.count("POST connect")
    assert sessions == len(server.asked) > 2
    assert bench.sessions["beebox"].living == set()


async def test_a_damaged_packed_file_is_not_gone_on_with(bench_for: Make) -> None:
    packed = zlib.compress(CONTENT)
    damaged = packed[:-5000] + bytes(5000)
    server = FileServer(content=damaged, cuts=[1_200_000])
    bench = await bench_for(Works(instant=server))
    bench.executor.download(DownloadItems(bench.put(ITEMS["instant"])))
    (outcome,) = await bench.finished()
    assert not outcome.done
    assert bench.files() == {}
    assert bench.store.recall_all(PREFIX) == {}
