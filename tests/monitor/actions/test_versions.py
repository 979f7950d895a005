"""Translations that are made again, or in doubt, or fetched twice at once, over real HTTP and files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.items import beebox_file, flex_component, operation
from tests.monitor.actions.conftest import Bench, Works
from tests.wordbee.scripted_server import Asked, Reply
from wbtui.domain.commands import AcceptDoubtful, DownloadItems, DownloadReady
from wbtui.domain.errors import NotTaken
from wbtui.domain.merge import FlexSide, flex_cells, merge_listed
from wbtui.domain.model import FLEX_PULL, FLEX_QUERY, Service, State
from wbtui.domain.ports import FlexAnswer, FlexRow
from wbtui.domain.records import Fetched
from wbtui.domain.snapshot import DownloadState
from wbtui.domain.versions import Overwrite, new_items

Make = Callable[..., Awaitable[Bench]]
MADE = datetime(2026, 3, 1, 11, tzinfo=UTC)
NAME = "beebox/fr/batch-7/intro"
PAGE = b"<!DOCTYPE html><html><title>Just a moment...</title></html>"


def numbered() -> Callable[[object], Reply]:
    count = iter(range(1, 100))
    return lambda _: Reply(200, b"version %d" % next(count))


@pytest.mark.parametrize(
    ("overwrite", "files", "done"),
    [
        (
            Overwrite.KEEP_BOTH,
            {f"{NAME}.docx": b"version 2", f"{NAME}~20260301T110000Z.docx": b"version 1"},
            True,
        ),
        (Overwrite.REPLACE, {f"{NAME}.docx": b"version 2"}, True),
        (Overwrite.NEVER, {f"{NAME}.docx": b"version 1"}, False),
    ],
)
async def test_a_translation_that_was_made_again(
    bench_for: Make, overwrite: Overwrite, files: dict[str, bytes], done: bool
) -> None:
    bench = await bench_for(Works(beebox=numbered()), overwrite=overwrite)
    first = beebox_file(state=State.READY, status=1, made_at=MADE)
    for item in (first, replace(first, made_at=MADE + timedelta(days=1))):
        bench.executor.download(DownloadItems(bench.put(item)))
        outcomes = await bench.finished()
    assert bench.files() == files
    assert outcomes[-1].done is done
    assert done or outcomes[-1].words == "newer on the server"
    found = await bench.executor.whats_new.find({Service.BEEBOX})
    assert list(found.keys) == ([] if done else [first.key]), "what was fetched is not new again"


async def test_a_doubtful_file_is_accepted_and_the_older_version_keeps_its_date(bench_for: Make) -> None:
    bodies = iter([b"<html>Bonjour</html>", PAGE])
    bench = await bench_for(Works(beebox=lambda _: Reply(200, next(bodies))))
    first = beebox_file("a.html", state=State.READY, status=1, made_at=MADE)
    for item in (first, replace(first, made_at=MADE + timedelta(days=1))):
        (key,) = bench.put(item)
        bench.executor.download(DownloadItems((key,)))
        outcomes = await bench.finished()
    assert not outcomes[-1].done
    assert isinstance(bench.executor.audit.errors[outcomes[-1].id], NotTaken)
    assert set(bench.files()) == {"beebox/fr/a.html", "beebox/fr/a~doubtful.html"}
    assert not (await bench.executor.whats_new.find({Service.BEEBOX})).keys
    bench.executor.download(DownloadItems((key,)))
    await bench.finished()
    assert bench.state.transfers[-1].state is DownloadState.DOUBTFUL
    assert bench.executor.accept(AcceptDoubtful((key,))) == "accepted 1"
    assert bench.files() == {
        "beebox/fr/a.html": PAGE,
        "beebox/fr/a~20260301T110000Z.html": b"<html>Bonjour</html>",
    }
    bench.executor.download(DownloadItems((key,)))
    assert (await bench.finished())[-1].words.endswith("it is there already")
    assert "no file of it was stored as doubtful" in bench.executor.accept(AcceptDoubtful((key,)))


async def test_a_second_download_of_the_same_file_waits_for_the_first_and_ends_like_it(
    bench_for: Make,
) -> None:
    bench = await bench_for(Works(beebox=numbered()))
    item = beebox_file(state=State.READY, status=1, made_at=MADE)
    other = await bench_for(Works(beebox=numbered()))
    first = other.executor
    path = first.places.path(item, other=False)
    with first.transfers.runner.target.folder.saving(path, replace=False) as saving:
        bench.executor.download(DownloadItems(bench.put(item)))
        async with bench.running():
            while "another wbtui" not in "".join(each.note for each in bench.state.transfers):
                await bench.executor._clock.sleep(0.1)
            assert bench.servers["beebox"].asked == [], "no session is opened to wait in"
            saving.write(b"from the first")
            saved = saving.finish()
            from wbtui.monitor.actions.download_queue import DownloadJob
            from wbtui.monitor.actions.receive import Destination, Received

            first.transfers.jobs.add(item, other=False)
            job: DownloadJob = next(iter(first.transfers.jobs))
            first.transfers.runner.delivered(
                job, Received(saved), Destination(first.transfers.runner.target.folder, path)
            )
            other.store.flush()
            await bench.executor.drain()
    assert bench.state.outcomes[-1].done
    assert bench.servers["beebox"].asked == []
    assert list(bench.files().values()) == [b"from the first"]


@pytest.mark.parametrize("kind", [FLEX_QUERY, FLEX_PULL])
async def test_what_wbtui_asked_for_itself_is_no_deliverable(bench_for: Make, kind: str) -> None:
    bench = await bench_for(Works())
    keys = bench.put(operation(5001, State.READY, file_token="f0", file_name="a.json", kind=kind))
    assert not (await bench.executor.whats_new.find({Service.OPERATIONS})).keys
    assert "nothing here is ready" in bench.executor.download_ready(DownloadReady(keys))


def test_a_flex_cell_that_was_reopened_and_completed_again_is_new_again() -> None:
    first = flex_component("app.login", "fr", seen_at=MADE)
    side = FlexSide(first.document, State.READY, MADE + timedelta(hours=2))
    opened = merge_listed(first, replace(first, state=State.RUNNING, seen_at=MADE + timedelta(hours=1)))
    again = merge_listed(opened, replace(first, seen_at=side.at))
    assert again.completed_at == side.at
    assert merge_listed(again, replace(first, seen_at=side.at + timedelta(hours=1))).completed_at == side.at
    fetched = Fetched(first.key, "a", "a", MADE, 4)
    for item, new in ((first, []), (opened, []), (again, [again])):
        assert new_items([item], lambda _: fetched, {}) == new
    answer = FlexAnswer((FlexRow("app.login", 4, {"fr": 4}),))
    assert [flex_cells(side, answer, again=late)[0].completed_at for late in (False, True)] == [None, side.at]


async def test_the_file_is_held_from_before_the_server_is_asked_for_it(bench_for: Make) -> None:
    held: list[bool] = []

    def work(asked: Asked) -> Reply:
        if asked.path.endswith("files/file"):
            held.append(bench.executor.transfers.runner.target.folder.is_locked(path))
        return Reply(200, b"content")

    bench = await bench_for(Works(beebox=work))
    item = beebox_file(state=State.READY, status=1, made_at=MADE)
    path = bench.executor.places.path(item, other=False)
    bench.executor.download(DownloadItems(bench.put(item)))
    (outcome,) = await bench.finished()
    assert outcome.done
    assert held == [True]


async def test_nothing_of_a_file_that_was_held_is_left_where_the_server_refuses(bench_for: Make) -> None:
    bench = await bench_for(Works(beebox=lambda _: Reply(500, b"no")))
    bench.executor.download(DownloadItems(bench.put(beebox_file(state=State.READY, status=1, made_at=MADE))))
    (outcome,) = await bench.finished()
    assert not outcome.done
    assert bench.files() == {}
