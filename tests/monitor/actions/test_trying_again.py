"""The same item tried again and again: once unasked, and whatever knows of the first time is believed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.items import beebox_file, instant_request, operation
from tests.monitor.actions.conftest import Bench, Works
from tests.wordbee.scripted_server import Asked, Reply, as_json
from wbtui.domain.commands import Cancel, Retry
from wbtui.domain.errors import Uncertain
from wbtui.domain.item_keys import instant_key
from wbtui.domain.model import FLEX_QUERY, Item, ItemKey, RequestRecord, Service, State
from wbtui.monitor.actions.repeats import KEPT, NOBODY_KNOWS, NOTHING_NEW

Make = Callable[..., Awaitable[Bench]]
ZIP = RequestRecord("POST", "/orders/7/files/all/zip", "{}")
REFUSED = {"id": "X", "message": "Not today.", "failed": True, "reason": "Not today."}
CUT = Reply(200, b'{"tr', cut=True)


ITEMS: dict[str, Item] = {
    "operation": operation(5001, State.FAILED, request=ZIP),
    "beebox": beebox_file("plan.docx", state=State.FAILED),
    "instant": instant_request(39, state=State.FAILED),
}
SAID = {
    "op": "it was sent again as op:9001, which is waiting",
    "bb": NOTHING_NEW,
    "it": "it was sent again as it:101, which is waiting",
}


class Server:
    """Answers as each of the three services does; `answers` go first."""

    def __init__(self) -> None:
        self.number = {"operation": 9000, "instant": 100}
        self.answers: list[Reply] = []
        self.sent = 0

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "details":
            return as_json({"sourceLocale": "en"})
        if asked.path == "it/configuration":
            return as_json({"option": 0, "options": ["Default"]})
        if asked.query.get("filename", "").endswith(".beebox"):
            return Reply(204)
        self.sent += 1
        if self.answers:
            return self.answers.pop(0)
        if "hash" in asked.query:
            self.number["instant"] += 1
            return as_json({"id": self.number["instant"]})
        if "filename" in asked.query:
            return Reply(204)
        self.number["operation"] += 1
        return as_json({"trm": {"requestid": self.number["operation"], "status": "Waiting"}})


@dataclass
class Scene:
    bench: Bench
    key: ItemKey
    server: Server
    sources: dict[ItemKey, Path]
    make: Make

    async def retry(self, *, again: bool = False, bench: Bench | None = None) -> str:
        """Try the item again; return why it was not done, or an empty text."""
        bench = bench or self.bench
        bench.executor.retry(
            Retry((self.key,), self.sources, again=frozenset({self.key}) if again else frozenset())
        )
        outcome = (await bench.finished())[-1]
        return "" if outcome.done else outcome.words

    async def tried(self, bench: Bench | None = None) -> str:
        plans = await (bench or self.bench).executor.retry_plan([self.key], self.sources)
        return plans[self.key].tried

    def becomes(self, state: State) -> None:
        """Let the server say what became of what was sent last."""
        known = self.bench.state
        now = self.bench.executor.changes._clock.now() + timedelta(seconds=1)
        if self.key.startswith("bb:"):
            file = replace(known.beebox[self.key], state=state, asked=None, changed_at=now)
            known.put(Service.BEEBOX, [file])
        elif self.key.startswith("it:"):
            key = instant_key(self.server.number["instant"])
            known.put(Service.INSTANT, [replace(known.instant[key], state=state)])
        else:
            made = known.operations[ItemKey(f"op:{self.server.number['operation']}")]
            known.put(Service.OPERATIONS, [replace(made, reading=replace(made.reading, state=state))])


@pytest.fixture(params=sorted(ITEMS))
async def scene(request: pytest.FixtureRequest, bench_for: Make, tmp_path: Path) -> Scene:
    source = tmp_path / "plan.docx"
    source.write_bytes(b"plan")
    server = Server()
    works = Works(translator=server, beebox=server, instant=server)

    async def make() -> Bench:
        return await bench_for(works)

    bench = await make()
    (key,) = bench.put(ITEMS[request.param])
    return Scene(bench, key, server, {} if key.startswith("op:") else {key: source}, make)


async def test_it_is_sent_once_however_often_it_is_asked_for(scene: Scene) -> None:
    assert (await scene.tried()) == ""
    assert await scene.retry() == ""
    for _ in range(3):
        refused = await scene.retry()
        assert refused.startswith(SAID[scene.key[:2]])
        assert "retry --again" in refused
    assert scene.server.sent == 1
    assert (await scene.tried()) == SAID[scene.key[:2]]


async def test_twice_before_the_first_is_sent_is_once(scene: Scene) -> None:
    for _ in range(2):
        scene.bench.executor.retry(Retry((scene.key,), scene.sources))
    assert (await scene.tried()) == "it is being sent again"
    outcomes = await scene.bench.finished()
    assert sorted(outcome.done for outcome in outcomes) == [False, True]
    assert scene.server.sent == 1


@pytest.mark.parametrize("state", [State.RUNNING, State.READY, State.PARTIAL, State.REMOVED])
async def test_one_that_is_unfinished_or_went_well_is_sent_once_more_when_told(
    scene: Scene, state: State
) -> None:
    await scene.retry()
    scene.becomes(state)
    assert await scene.retry() != ""
    assert await scene.retry(again=True) == ""
    assert scene.server.sent == 2
    assert (await scene.tried()) != ""


async def test_one_that_failed_is_tried_again_freely_and_counted(scene: Scene) -> None:
    for _ in range(2):
        await scene.retry()
        scene.becomes(State.FAILED)
        assert (await scene.tried()) == ""
    assert await scene.retry() == ""
    assert scene.server.sent == 3
    attempts = [each.attempt for each in scene.bench.state.operations.values()]
    assert attempts in ([], [1, 2, 3, 4])


async def test_it_is_known_after_a_restart_and_to_another_process(scene: Scene) -> None:
    await scene.retry()
    scene.bench.store.flush()
    other = await scene.make()
    assert (await scene.tried(other)) == SAID[scene.key[:2]]
    assert await scene.retry(bench=other) != ""
    assert scene.server.sent == 1


async def test_another_process_that_is_faster_is_seen_right_before_it_is_sent(scene: Scene) -> None:
    scene.bench.store.flush()
    other = await scene.make()
    other.executor.retry(Retry((scene.key,), scene.sources))
    await scene.retry()
    scene.bench.store.flush()
    (outcome,) = await other.finished()
    assert not outcome.done
    assert scene.server.sent == 1


async def test_what_may_have_arrived_is_not_sent_again_unasked(scene: Scene) -> None:
    scene.server.answers = [CUT]
    assert "may have been done" in await scene.retry()
    assert isinstance(list(scene.bench.executor.audit.errors.values())[-1], Uncertain)
    scene.bench.store.flush()
    assert (await scene.tried(await scene.make())) == NOBODY_KNOWS
    assert (await scene.retry()).startswith(NOBODY_KNOWS)
    assert await scene.retry(again=True) == ""


async def test_what_the_server_refused_may_be_sent_again(scene: Scene) -> None:
    scene.server.answers = [as_json(REFUSED, 400)]
    assert "Not today." in await scene.retry()
    assert (await scene.tried()) == ""
    assert await scene.retry() == ""


async def test_a_file_that_was_cancelled_since_may_be_put_again(bench_for: Make, tmp_path: Path) -> None:
    (tmp_path / "plan.docx").write_bytes(b"plan")
    server = Server()
    bench = await bench_for(Works(beebox=server), source_dir=tmp_path)
    fr, de = bench.put(*(beebox_file("plan.docx", locale, state=State.FAILED) for locale in ("fr", "de")))
    bench.executor.retry(Retry((fr,)))
    await bench.finished()
    plans = await bench.executor.retry_plan([fr, de], {})
    assert [plan.tried for plan in plans.values()] == [NOTHING_NEW, NOTHING_NEW]
    bench.executor.do(Cancel((de,)))
    await bench.finished()
    assert (await bench.executor.retry_plan([fr], {}))[fr].tried == ""


async def test_queries_and_pulls_are_known_by_the_operations_that_repeat_them(bench_for: Make) -> None:
    bench = await bench_for(Works())
    first, _ = bench.put(
        operation(5001, State.FAILED, kind=FLEX_QUERY),
        operation(5002, State.RUNNING, kind=FLEX_QUERY, forerunner=ItemKey("op:5001"), attempt=2),
    )
    bench.executor.retry(Retry((first,)))
    (outcome,) = await bench.finished()
    assert outcome.words.startswith("it was sent again as op:5002, which is in progress")


async def test_old_tries_are_forgotten(bench_for: Make) -> None:
    bench = await bench_for(Works(translator=Server()))
    now = bench.executor.changes._clock.now() - KEPT - timedelta(days=1)
    bench.store.remember(
        "tried.op:1", f'{{"at": "{now.isoformat()}", "made": [], "arrived": true, "under_way": true}}'
    )
    bench.store.remember("tried.op:2", "nonsense")
    bench.executor.retry(Retry(bench.put(operation(3, State.FAILED, request=ZIP))))
    await bench.finished()
    assert list(bench.store.recall_all("tried.")) == ["tried.op:3"]


async def test_the_plan_names_the_files_and_a_folder_is_searched_for_them(
    bench_for: Make, tmp_path: Path
) -> None:
    folder = tmp_path / "sources"
    (folder / "batch-7").mkdir(parents=True)
    below, plain = folder / "batch-7" / "intro.docx", folder / "plan.docx"
    bench = await bench_for(Works())
    keys = bench.put(beebox_file(state=State.FAILED), instant_request(state=State.FAILED))
    missing = await bench.executor.retry_plan(keys, dict.fromkeys(keys, folder))
    assert [plan.needed.endswith(f"is not in {folder}") for plan in missing.values()] == [True, True]
    below.write_bytes(b"x")
    plain.write_bytes(b"x")
    found = await bench.executor.retry_plan(keys, dict.fromkeys(keys, folder))
    assert [plan.files for plan in found.values()] == [(str(below),), (str(plain),)]
