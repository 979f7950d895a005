"""Downloads side by side and one after the other: sessions that end, slots that are taken, names kept."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import zlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from tests.items import beebox_file, instant_request, operation
from tests.monitor.actions.conftest import Bench, Works
from tests.slowness import patience
from tests.wordbee.scripted_server import Asked, Reply, as_json
from wbtui.domain.commands import DownloadItems, StopDownloads
from wbtui.domain.model import Item, State
from wbtui.domain.snapshot import DownloadState
from wbtui.files.saving import Folder, Saving

Make = Callable[..., Awaitable[Bench]]
CONTENTS = {f"f{number}.bin": os.urandom(20_000) for number in range(8)}


def digests(files: dict[str, bytes]) -> dict[str, str]:
    return {name.rpartition("/")[2]: hashlib.sha256(data).hexdigest() for name, data in files.items()}


@pytest.mark.parametrize("ends_at", [1, 3, 8])
async def test_a_session_that_ends_in_the_middle_of_a_batch_is_followed_by_another(
    bench_for: Make, ends_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wbtui.monitor.actions.downloads.BATCH_SECONDS", 1e6)  # on a slow machine, too
    asked_for: list[str] = []

    def work(asked: Asked) -> Reply:
        asked_for.append(asked.query["filename"])
        return Reply(200, CONTENTS[asked.query["filename"]])

    bench = await bench_for(Works(beebox=work))
    sessions = bench.sessions["beebox"]

    def ending(asked: Asked) -> Reply:
        reply = work(asked)
        if len(asked_for) == ends_at - 1:
            sessions.expire()
        return reply

    sessions.work = ending
    if ends_at == 1:
        let_in = sessions.connect
        first = iter([True])

        def connect(parameters: dict[str, str]) -> Reply:
            reply = let_in(parameters)
            if next(first, False):
                sessions.expire()
            return reply

        sessions.connect = connect  # type: ignore[method-assign]
    files = [beebox_file(name, state=State.READY, status=1) for name in CONTENTS]
    bench.executor.download(DownloadItems(bench.put(*files)))
    outcomes = await bench.finished()
    assert [outcome.done for outcome in outcomes] == [True] * 8
    assert digests(bench.files()) == digests(CONTENTS)
    assert sorted(asked_for) == sorted(CONTENTS)
    assert bench.servers["beebox"].calls.count("POST connect") == 2
    assert sessions.living == set()


@pytest.mark.parametrize("service", ["beebox", "instant"])
async def test_a_session_that_ends_every_time_fails_the_file_and_does_not_go_on_for_ever(
    bench_for: Make, service: str
) -> None:
    bench = await bench_for(Works())
    sessions = bench.sessions[service]
    let_in = sessions.connect

    def connect(parameters: dict[str, str]) -> Reply:
        reply = let_in(parameters)
        sessions.expire()
        return reply

    sessions.connect = connect  # type: ignore[method-assign]
    item: Item = beebox_file(state=State.READY, status=1)
    if service == "instant":
        item = instant_request(state=State.READY, ready=True)
    bench.executor.download(DownloadItems(bench.put(item)))
    (outcome,) = await bench.finished()
    assert not outcome.done
    assert bench.files() == {}
    assert outcome.words
    assert sum(asked.path == "connect" for asked in bench.servers[service].asked) <= 2


async def test_a_file_whose_name_the_server_gives_is_kept_where_it_lies_already(bench_for: Make) -> None:
    reply = Reply(200, b"content", {"Content-Disposition": 'attachment; filename="export.xlf"'})
    bench = await bench_for(Works(translator=lambda _: reply))
    keys = bench.put(operation(5001, State.READY, file_token="f0"))
    for calls in (1, 1):  # the second time by what the store remembers: no call is spent on it
        bench.executor.download(DownloadItems(keys))
        assert (await bench.finished())[-1].done
        assert len(bench.calls("translator")) == calls
    assert bench.state.transfers[0].state is DownloadState.DONE
    bench.executor.places.fetched.clear()
    bench.executor.download(DownloadItems(keys))
    assert not (await bench.finished())[-1].done
    assert [each.state for each in bench.state.transfers] == [DownloadState.KEPT]
    assert bench.state.transfers[0].note == "a file of this name is there already"
    assert list(bench.files().values()) == [b"content"]


async def test_what_is_stopped_while_it_waits_for_its_turn_is_not_fetched(bench_for: Make) -> None:
    bench = await bench_for(Works())
    keys = bench.put(operation(5001, State.READY, file_token="f0", file_name="a.xlf"))
    transfers = bench.executor.transfers
    async with asyncio.timeout(patience(20)), bench.running():
        async with transfers.slots, transfers.slots:
            bench.executor.download(DownloadItems(keys))
            for _ in range(10):
                await asyncio.sleep(0)
            assert [job.waiting for job in transfers.jobs] == [False]
            assert bench.executor.stop(StopDownloads(keys)) == "stopped 1 download"
        await bench.executor.drain()
        await asyncio.gather(*transfers._tasks)
    assert [each.state for each in bench.state.transfers] == [DownloadState.STOPPED]
    assert bench.calls("translator") == []
    assert bench.files() == {}


class FullFolder(Folder):
    """A folder on a disk that takes so many bytes and no more."""

    room = 30_000

    @contextmanager
    def saving(self, path: Sequence[str], **options: Any) -> Iterator[Saving]:
        with super().saving(path, **options) as saving:
            write = saving.write

            def limited(data: bytes) -> None:
                write(data[: self.room])
                if len(data) > self.room:
                    raise OSError(errno.ENOSPC, "No space left on device")

            saving.write = limited  # type: ignore[method-assign]
            yield saving


@pytest.mark.parametrize("kind", ["operation", "beebox", "instant"])
async def test_a_full_disk_fails_one_file_in_words_and_trying_again_ends_with_the_right_bytes(
    bench_for: Make, kind: str
) -> None:
    content = os.urandom(400_000)
    packed = zlib.compress(content) if kind == "instant" else content
    bench = await bench_for(Works(*[lambda _: Reply(200, packed)] * 3))
    items: dict[str, Item] = {
        "operation": operation(5001, State.READY, file_token="f0", file_name="a.bin"),
        "beebox": beebox_file("a.bin", state=State.READY, status=1),
        "instant": instant_request(state=State.READY, ready=True),
    }
    runner = bench.executor.transfers.runner
    good = runner.target
    runner.target = replace(good, folder=FullFolder(good.folder.root))
    keys = bench.put(items[kind])
    bench.executor.download(DownloadItems(keys))
    (outcome,) = await bench.finished()
    assert not outcome.done
    assert "no space left on device" in outcome.words
    assert bench.files() == {}
    runner.target = good
    bench.executor.download(DownloadItems(keys))
    assert (await bench.finished())[-1].done
    assert list(digests(bench.files()).values()) == [hashlib.sha256(content).hexdigest()]


async def test_a_429_in_the_middle_of_a_batch_lets_it_rest_and_go_on(bench_for: Make) -> None:
    calls: list[str] = []

    def work(asked: Asked) -> Reply:
        calls.append(asked.query["filename"])
        if len(calls) == 4:
            return as_json({"id": "THROTTLED", "message": "Too many requests", "failed": True}, 429)
        return Reply(200, CONTENTS[asked.query["filename"]])

    bench = await bench_for(Works(beebox=work))
    files = [beebox_file(name, state=State.READY, status=1) for name in CONTENTS]
    bench.executor.download(DownloadItems(bench.put(*files)))
    outcomes = await bench.finished()
    assert [outcome.done for outcome in outcomes] == [True] * 8
    assert digests(bench.files()) == digests(CONTENTS)
    assert len(calls) == 9
    assert bench.servers["beebox"].calls.count("POST connect") == 2
    assert bench.sessions["beebox"].living == set()
