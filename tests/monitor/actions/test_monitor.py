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
    assert max(fetched) <= 100
    for (opened, closed, files), (following, _, _) in pairwise(batches):
        open_for = (closed - opened).total_seconds()
        assert open_for <= 31
        assert not files or (following - closed).total_seconds() >= max(open_for, 4.9)
    stage.store.close()


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
