"""`download --new` every ten minutes: the disk ends as the servers' newest, and the exit codes are true.

`python -m tests.acting.test_cron_week` runs it for a week (some minutes); the test for a day.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from tests.untraced import untraced
from tests.world import Stage, make_stage
from wbtui.commands.download import _download
from wbtui.commands.exits import Exit
from wbtui.commands.room import opened_room
from wbtui.demo.plan import Plan
from wbtui.downloads import local_path
from wbtui.downloads.names import marked
from wbtui.downloads.saving import DOUBTFUL
from wbtui.store import open_store

GAP: Final = timedelta(minutes=10)
PLAN: Final = Plan(
    files=8,
    locales=3,
    operations=6,
    requests=8,
    components=6,
    seed=11,
    autorun_seconds=900.0,
    edit_seconds=14_400.0,
    pipeline_seconds=0.0,
    request_seconds=20_000.0,
    failed_share=0.0,
)
WORDS: Final = argparse.Namespace(
    accept=False, ready=False, new=True, dry_run=False, other=False, json=False, service=None
)


async def turn(stage: Stage) -> Exit:
    """Run `wbtui download --new` once, as a process of its own would: nothing but the store goes on."""
    stage.store = open_store(stage.path)
    try:
        async with opened_room(
            stage.profile, stage.store, stage.around(), to=None, overwrite=None, named=()
        ) as room:
            task = asyncio.create_task(_download(room, (), WORDS))
            while not task.done():
                await stage.clock.run_for(1.0)
            return await task
    finally:
        stage.store.close()


def content(stage: Stage, path: str, locale: str) -> bytes | None:
    return stage.world.beebox.content(path, locale)


@pytest.mark.slow
async def test_downloads_of_what_is_new_by_cron(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with untraced():
        await nights(tmp_path, timedelta(hours=24))
    capsys.readouterr()


async def nights(tmp_path: Path, span: timedelta) -> None:
    stage = make_stage(tmp_path, PLAN)
    stage.store.close()
    chance, codes = random.Random(3), Counter[Exit]()
    inbox = stage.world.beebox.inbox
    end = stage.clock.now() + span
    number = 0
    while stage.clock.now() < end:
        due = stage.clock.now() + GAP
        stage.world.advance(stage.clock.now())
        number += 1
        if number % 40 == 0:  # made again: the source is sent anew
            path = chance.choice(sorted(stage.world.beebox.files))
            inbox.put(path, b"version %d" % number, stage.clock.now())
        if number % 90 == 0:  # renamed: gone under the old name, there under a new one
            path = chance.choice(sorted(stage.world.beebox.files))
            inbox.delete(path)
            inbox.put(f"renamed\\{number}.txt", b"renamed %d" % number, stage.clock.now())
        stage.transport.down = {"instant.test"} if number % 70 == 0 else set()
        if number % 35 == 0:  # a page in the place of the next file
            stage.transport.pages_for = {"files/file": 1}
        before = dict(stage.transport.pages_for)
        code = await turn(stage)
        codes[code] += 1
        if stage.transport.pages_for != before:
            assert code in {Exit.PARTLY, Exit.CONNECTION}, number
        else:
            assert (code is Exit.PARTLY) == bool(stage.transport.down), (number, code)
        await stage.clock.run_for(max(0.0, (due - stage.clock.now()).total_seconds()))
    stage.transport.pages_for, stage.transport.down = {}, set()
    assert await turn(stage) is Exit.OK
    fetched = len(stage.log("beebox", "files/file"))
    assert await turn(stage) is Exit.OK
    assert len(stage.log("beebox", "files/file")) == fetched, "nothing is fetched twice"
    assert codes[Exit.OK] > 0.9 * number
    check_beebox(stage)
    check_others(stage)


def check_beebox(stage: Stage) -> None:
    folder = stage.profile.downloads
    for path, file in stage.world.beebox.files.items():
        for locale, cell in file.cells.items():
            if cell.status != 1:
                continue
            local = folder.joinpath(*local_path(("beebox", locale), path))
            if local.with_name(marked(local.name, DOUBTFUL)).exists():
                continue
            assert local.read_bytes() == content(stage, path, locale), path
    fetched = Counter((entry.path, str(entry.query)) for entry in stage.log("beebox", "files/file", "GET"))
    assert fetched


def check_others(stage: Stage) -> None:
    folder = stage.profile.downloads
    for key, truth in stage.world.instant.truth(stage.clock.now()).items():
        if truth.get("ready"):
            number = key.removeprefix("it:")
            assert list(folder.glob(f"instant/*/{number} *")), key


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        asyncio.run(nights(Path(place), timedelta(days=7)))
