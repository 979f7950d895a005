"""Actions inside of the running monitor, on the simulated services and a fake clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.world import Stage, make_stage
from wbtui.domain.commands import Cancel, DownloadItems, DownloadReady, Pause, Resume
from wbtui.domain.model import State
from wbtui.domain.snapshot import Snapshot
from wbtui.scheduling.beebox_batches import BATCH_SECONDS, FILES_AT_ONCE, SESSION_SECONDS, rest_after
from wbtui.simulator.api import LoggedCall
from wbtui.simulator.plan import Plan


async def until(stage: Stage, ready: Callable[[Snapshot], bool], limit: int = 3000) -> None:
    """Move the fake clock on bit by bit, with real time for the threads that write files."""
    for _ in range(limit):
        if ready(stage.latest):
            return
        await stage.clock.run_for(0.25)
        await asyncio.sleep(0.001)
    raise AssertionError("not reached")


@pytest.mark.slow
async def test_a_thousand_ready_files_come_in_batches_while_the_beebox_works_in_between(
    tmp_path: Path,
) -> None:
    stage = make_stage(tmp_path, Plan(files=220, locales=5, speed=0.01))
    stage.transport.seconds_for["/files/file"] = 0.5
    async with stage.monitoring() as monitor:
        await until(stage, lambda s: len(s.beebox) == 1100)
        ready = tuple(f.key for f in stage.latest.beebox if f.state is State.READY)
        stage.api.log.clear()
        assert monitor.do(DownloadReady(ready)) == f"downloading {len(ready)}"
        await until(stage, lambda s: bool(s.transfers) and all(t.ended for t in s.transfers))
        asked = [e for e in stage.api.log if e.service == "beebox"]
    assert len([p for p in (tmp_path / "downloads").rglob("*") if p.is_file()]) == len(ready)
    batches = sessions(asked)
    fetched = [files for _, _, files in batches]
    assert sum(fetched) >= len(ready) > 200
    longest = [(closed - opened).total_seconds() for opened, closed, files in batches if files]
    assert max(longest) <= SESSION_SECONDS
    assert max(fetched) <= FILES_AT_ONCE * (BATCH_SECONDS / 0.5 + 1)
    for (opened, closed, files), (following, _, _) in pairwise(batches):
        open_for = (closed - opened).total_seconds()
        assert not files or (following - closed).total_seconds() >= max(open_for, 4.9)
    said = [event.text for event in stage.latest.events if "rests" in event.text]
    assert len(said) == sum(files > 0 for _, _, files in batches) - 1 > 0
    assert said[0].startswith("the Beebox rests 26 s after 26 s of downloads: it has ")
    stage.store.close()


def runs(stage: Stage) -> int:
    return stage.world.beebox.runs


@pytest.mark.slow
async def test_the_beebox_works_and_the_monitor_looks_while_thousands_of_files_are_fetched(
    tmp_path: Path,
) -> None:
    stage = make_stage(tmp_path, Plan(files=400, locales=8, operations=0, requests=0, components=0))
    stage.transport.seconds_for["/files/file"] = 2.0
    async with stage.monitoring() as monitor:
        await until(stage, lambda s: len(s.beebox) == 3200)
        ready = tuple(f.key for f in stage.latest.beebox if f.state is State.READY)
        stage.api.log.clear()
        before, began = runs(stage), stage.clock.elapsed
        monitor.do(DownloadReady(ready))
        await until(stage, lambda s: bool(s.transfers) and all(t.ended for t in s.transfers), 20_000)
        passed = stage.clock.elapsed - began
        asked = [e for e in stage.api.log if e.service == "beebox"]
    assert len(ready) > 1000
    assert passed > 600
    assert abs(runs(stage) - before - passed / 60) <= 1
    assert all((closed - opened).total_seconds() <= SESSION_SECONDS for opened, closed, _ in sessions(asked))
    looks = [e.at for e in asked if e.path.endswith("/translatedfiles")]
    assert max((later - at).total_seconds() for at, later in pairwise(looks)) <= 60 + SESSION_SECONDS + 30
    stage.store.close()


@pytest.mark.parametrize(
    ("took", "waiting", "unfinished", "rest"),
    [
        (26, 1000, 1000, 26),
        (26, 10, 5000, 26),
        (26, 1000, 500, 13),
        (26, 1000, 1, 5),
        (26, 1000, 0, 2),
        (1, 9, 9, 5),
    ],
)
def test_the_beebox_rests_as_its_queue_needs_it(
    took: float, waiting: int, unfinished: int, rest: float
) -> None:
    assert rest_after(took, waiting=waiting, unfinished=unfinished) == rest
    assert rest_after(took, waiting=0, unfinished=unfinished) >= rest_after(
        took, waiting=waiting, unfinished=unfinished
    )


def sessions(asked: list[LoggedCall]) -> list[tuple[datetime, datetime, int]]:
    """Return when each session was opened and closed, and how many files were fetched in it."""
    found: list[tuple[datetime, datetime, int]] = []
    for entry in asked:
        if entry.path.endswith("/connect"):
            found.append((entry.at, entry.at, 0))
        elif found:
            opened, _, files = found[-1]
            found[-1] = (opened, entry.at, files + entry.path.endswith("/files/file"))
    return found


async def test_pause_stops_downloads_and_resume_goes_on(tmp_path: Path) -> None:
    stage = make_stage(tmp_path, Plan(speed=0.01))
    async with stage.monitoring() as monitor:
        await until(stage, lambda s: any(f.state is State.READY for f in s.beebox))
        keys = tuple(f.key for f in stage.latest.beebox if f.state is State.READY)[:5]
        monitor.do(Pause())
        assert "paused" in monitor.do(DownloadItems(keys))
        assert monitor.do(Cancel(keys)) == "paused: p resumes"
        await stage.clock.run_for(120)
        assert not any(t.ended for t in stage.latest.transfers)
        monitor.do(Resume())
        await until(stage, lambda s: all(t.ended for t in s.transfers))
    assert len([p for p in (tmp_path / "downloads").rglob("*") if p.is_file()]) == 5
    stage.store.close()
