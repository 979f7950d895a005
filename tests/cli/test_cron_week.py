"""`status` and `download --new` by cron: the disk ends as the servers' newest, each version fetched once.

Both run every ten minutes, while the servers change.

`python -m tests.cli.test_cron_week` runs it for a week (some minutes); the test for a day.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

import pytest

from tests.untraced import untraced
from tests.world import Stage, make_stage
from wbtui.cli.context import opened_context
from wbtui.cli.download import _download
from wbtui.cli.exit_codes import Exit
from wbtui.cli.status import read_and_print
from wbtui.domain.model import ItemKey, Service, State
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import HealthWord, Snapshot
from wbtui.domain.versions import Overwrite
from wbtui.files.names import marked, safe_path
from wbtui.files.saving import DOUBTFUL
from wbtui.simulator.api import Service as ServiceName
from wbtui.simulator.http_messages import Reply, Request, parsed
from wbtui.simulator.operation import OperationKind
from wbtui.simulator.plan import Plan
from wbtui.store import open_store

GAP: Final = timedelta(minutes=10)
METRIC: Final = "StatusNoneOk"
"""What the profile takes for complete."""
PLAN: Final = Plan(
    files=8,
    locales=3,
    operations=6,
    requests=8,
    components=6,
    seed=11,
    autorun_seconds=900.0,
    edit_seconds=1_200.0,
    foreign_seconds=20_000.0,
    request_seconds=20_000.0,
    trm_list=True,
    failed_share=0.0,
    flex_failed_share=0.0,
    calls_per_hour=10_000,
)
OFF: Final = ("ready", "dry_run", "other", "json")


Result = TypeVar("Result")


class Watched:
    """Notes what the servers gave and when: which version of which file, which components were pulled."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.given = Counter[tuple[object, ...]]()
        self.completions = Counter[tuple[str, str]]()
        """How often each component was seen complete in one language or another."""
        self._complete: set[str] = set()
        self._answer, stage.api.answer = stage.api.answer, self.answer  # type: ignore[method-assign]

    def answer(self, service: ServiceName, request: Request, now: Any) -> Reply:
        reply = self._answer(service, request, now)
        asked = {name: values[0] for name, values in request.query.items() if values}
        if reply.status != 200:
            return reply
        if request.method == "GET" and request.path.endswith("files/file"):
            path, locale = asked["filename"], asked["locale"]
            self.given[path, locale, self.stage.world.beebox.files[path].cells[locale].made] += 1
        elif request.path.endswith("it/requests/file"):
            self.given["it", asked["id"]] += 1
        elif request.path.endswith("contents/pull"):
            document = request.path.split("/")[-3]
            self.given.update(("fx", document, name) for name in parsed(request.body)["components"])
        return reply

    def look(self) -> None:
        """Note which components have been completed since the last look."""
        for key, truth in self.stage.world.flex.truth().items():
            if not truth[METRIC]:
                self._complete.discard(key)
            elif key not in self._complete:
                self._complete.add(key)
                _, document, _, component = key.split(":", 3)
                self.completions[document, component] += 1


async def in_turn(stage: Stage, work: Coroutine[Any, Any, Result]) -> Result:
    """Run one command to its end, as a process of its own would: nothing but the store goes on."""
    task = asyncio.create_task(work)
    while not task.done():
        await stage.clock.run_for(1.0)
    return await task


@dataclass
class Run:
    """How one `wbtui download` ended."""

    code: Exit = Exit.ERROR
    unread: frozenset[Service] = frozenset()
    """Services that could not be read, or in part only."""
    not_done: tuple[str, ...] = ()


async def download(
    stage: Stage, *keys: ItemKey, overwrite: Overwrite | None = None, accept: bool = False
) -> Run:
    words = argparse.Namespace(**dict.fromkeys(OFF, False), new=not keys, accept=accept, service=None)
    run, environment = Run(), stage.environment()

    async def work() -> None:
        async with opened_context(
            stage.profile, stage.store, environment, to=None, overwrite=overwrite, named=keys
        ) as context:
            run.code = await _download(context, keys, words)
            run.unread = frozenset(context.unread.keys() | context.partly)
            run.not_done = tuple(o.key for o in context.executor.audit.outcomes if not o.done)

    stage.store = open_store(stage.path)
    try:
        await in_turn(stage, work())
    finally:
        stage.store.close()
    return run


async def status(stage: Stage) -> tuple[Exit, Snapshot]:
    seen = list[Snapshot]()
    stage.store = open_store(stage.path)
    try:
        code = await in_turn(
            stage,
            read_and_print(
                stage.profile,
                stage.store,
                stage.environment(),
                wait=120.0,
                max_age=None,
                write=lambda s, _: seen.append(s),
            ),
        )
    finally:
        stage.store.close()
    return code, seen[-1]


@pytest.mark.slow
async def test_status_and_downloads_of_what_is_new_by_cron(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with untraced():
        await nights(tmp_path, timedelta(hours=24))
    capsys.readouterr()


class Nights:
    """What happens on the servers while cron goes on, and what the two commands say of it."""

    def __init__(self, stage: Stage, seed: int = 3) -> None:
        self.stage = stage
        self.watched = Watched(stage)
        self.chance = random.Random(seed)
        self.codes = Counter[Exit]()
        self.number = 0

    def happens(self) -> None:
        """Let the servers change: remade, renamed, away, and a log-in page in the place of a file."""
        stage, number = self.stage, self.number
        now, inbox = stage.clock.now(), stage.world.beebox.inbox
        if number % 13 == 0:
            inbox.put(self._a_source(), b"version %d" % number, now)
        if number % 31 == 0:
            path = self._a_source()
            inbox.delete(path)
            name = path.rpartition("\\")[2]
            inbox.put(f"renamed {number}\\{name}", b"renamed %d" % number, now)
        stage.transport.down = {"instant.test"} if number % 29 == 0 else set()
        if number % 17 == 0:
            stage.transport.pages_for = {"files/file": 1}

    def _a_source(self) -> str:
        return self.chance.choice(sorted(self.stage.world.beebox.inbox.sources))

    async def turn(self) -> None:
        """Run both commands, and hold their exit codes against what is so."""
        stage = self.stage
        self.number += 1
        stage.world.advance(stage.clock.now())
        self.happens()
        self.watched.look()
        pages = dict(stage.transport.pages_for)
        code, snapshot = await status(stage)
        words = {health.word for health in snapshot.health.values()}
        assert (code is Exit.OK) == (words == {HealthWord.OK}), (self.number, code, words)
        assert (HealthWord.DOWN in words) == bool(stage.transport.down), self.number
        self.holds(snapshot)
        run = await download(stage)
        self.codes[run.code] += 1
        if not run.unread and not run.not_done:
            assert run.code is Exit.OK, self.number
        else:
            assert run.code in {Exit.PARTLY, Exit.CONNECTION}, self.number
        assert (Service.INSTANT in run.unread) == bool(stage.transport.down), self.number
        assert not run.unread & {Service.OPERATIONS, Service.FLEX}, self.number
        assert bool(run.not_done) == (stage.transport.pages_for != pages), self.number

    def holds(self, snapshot: Snapshot) -> None:
        """Hold what `status` says of the Beebox against what is so, but for what changed meanwhile."""
        truth = self.stage.world.beebox.truth()
        changed = [
            file.key
            for file in snapshot.beebox
            if file.state is State.READY and not _is_ready(truth, file.key)
        ]
        assert len(changed) <= len(self.stage.world.beebox.locales) * 2, changed


def _is_ready(truth: Any, key: str) -> bool:
    return bool(truth.get(key, {}).get("uptodate"))


async def nights(tmp_path: Path, span: timedelta) -> str:
    stage = make_stage(tmp_path, PLAN)
    assert stage.profile.translator is not None
    stage.profile = replace(
        stage.profile, translator=replace(stage.profile.translator, calls_per_hour=PLAN.calls_per_hour)
    )
    stage.store.track([Tracked(number) for number in stage.world.operation_ids()], stage.clock.now())
    stage.store.close()
    told = Nights(stage)
    end = stage.clock.now() + span
    while stage.clock.now() < end:
        due = stage.clock.now() + GAP
        await told.turn()
        await stage.clock.run_for(max(0.0, (due - stage.clock.now()).total_seconds()))
    stage.transport.pages_for, stage.transport.down = {}, set()
    assert told.codes[Exit.OK] > 0.6 * told.number, told.codes
    await settle(stage, told.watched)
    check_once(told.watched)
    check_beebox(stage)
    check_others(stage)
    files = sum(each.is_file() for each in stage.profile.downloads.rglob("*"))
    again = sum(told.watched.completions.values()) - len(told.watched.completions)
    codes = {code.name: times for code, times in told.codes.items()}
    return f"{told.number} turns, exit codes {codes}, {files} files, {again} components completed again"


async def settle(stage: Stage, watched: Watched) -> None:
    """Let all work end, fetch what is in doubt anew, and see that nothing is fetched any more."""
    for _ in range(12):
        await stage.clock.run_for(GAP.total_seconds())
        await download(stage)
        watched.look()
    for path in sorted(stage.profile.downloads.rglob(f"*~{DOUBTFUL}*")):
        key = key_of(stage, path)
        if key is not None:
            _, locale, wire = key.split(":", 2)
            newest, local = stage.world.beebox.content(wire, locale), local_of(stage, wire, locale)
            if local.exists() and local.read_bytes() == newest:
                continue  # a later version came right
            right = path.read_bytes() == newest
            run = await download(stage, key, accept=right, overwrite=None if right else Overwrite.ALWAYS)
            assert run.code is Exit.OK
    before = dict(watched.given)
    await download(stage)
    assert {key for key in watched.given if before.get(key) != watched.given[key] and key[0] != "fx"} == set()


def key_of(stage: Stage, doubtful: Path) -> ItemKey | None:
    """Return the key of the file that lies in doubt; None if the server has it no more."""
    for path, file in stage.world.beebox.files.items():
        for locale in file.cells:
            local = local_of(stage, path, locale)
            if local.with_name(marked(local.name, DOUBTFUL)) == doubtful and file.cells[locale].status == 1:
                return ItemKey(f"bb:{locale}:{path}")
    return None


def local_of(stage: Stage, path: str, locale: str) -> Path:
    return stage.profile.downloads.joinpath(*safe_path(("beebox", locale), path))


def check_once(watched: Watched) -> None:
    pulled = {key[1:]: times for key, times in watched.given.items() if key[0] == "fx"}
    assert pulled
    for (document, component), times in pulled.items():
        assert times <= watched.completions[str(document), str(component)], (document, component)
    others = {key: times for key, times in watched.given.items() if key[0] != "fx" and times > 1}
    assert not others, others


def check_beebox(stage: Stage) -> None:
    compared = 0
    for path, file in stage.world.beebox.files.items():
        for locale, cell in file.cells.items():
            if cell.status == 1:
                compared += 1
                assert local_of(stage, path, locale).read_bytes() == stage.world.beebox.content(
                    path, locale
                ), path
    assert compared > 5


def check_others(stage: Stage) -> None:
    folder = stage.profile.downloads
    now = stage.clock.now()
    for key, truth in stage.world.instant.truth(now).items():
        if truth.get("ready"):
            number = key.removeprefix("it:")
            assert len(list(folder.glob(f"instant/*/{number} *"))) == 1, key
    known = stage.world.queue.known()
    exports = [
        number
        for number in stage.world.operation_ids()[:6]
        if known[number].kind in {OperationKind.EXPORT, OperationKind.ZIP}
    ]
    assert exports
    for request in exports:
        assert len(list(folder.glob(f"operations/{request}/*"))) == 1, request
    complete = [key for key, truth in stage.world.flex.truth().items() if truth[METRIC]]
    assert complete
    for key in complete:
        _, document, locale, component = key.split(":", 3)
        assert (folder / "flex" / document / locale / f"{component}.json").exists(), key


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        sys.stdout.write(asyncio.run(nights(Path(place), timedelta(days=7))) + "\n")
