"""How old an answer is, and who is asked again: readings by cron, beside a poller, with a slow Flex."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import User
from tests.cli.test_watch import Watching, watching
from tests.world import Stage, make_stage
from wbtui.app.services import ProfileServices
from wbtui.cli.exit_codes import Exit
from wbtui.cli.status import read_and_print, status_json
from wbtui.domain.clock import SystemClock
from wbtui.domain.model import Service
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import Snapshot
from wbtui.simulator.http_messages import Reply
from wbtui.simulator.plan import Plan
from wbtui.store import open_store

SMALL: dict[str, Any] = {"operations": 0, "edit_seconds": 0.0, "files": 1, "requests": 1, "locales": 2}
SMALL |= {"components": 9}


class Cron:
    """Runs `status --json` on a fake clock, as a process of its own would: with what the store keeps."""

    def __init__(self, folder: Path, **plan: Any) -> None:
        self.stage: Stage = make_stage(folder, Plan(**SMALL | plan))
        self.documents: list[dict[str, Any]] = []

    async def run(self, *, wait: float = 20.0, max_age: float | None = None) -> Exit:
        def write(snapshot: Snapshot, profile_services: ProfileServices) -> None:
            self.documents.append(json.loads("".join(status_json(snapshot, profile_services))))

        stage = self.stage
        reading = asyncio.create_task(
            read_and_print(
                stage.profile, stage.store, stage.environment(), wait=wait, max_age=max_age, write=write
            )
        )
        await stage.clock.run_until(reading.done, 300)
        return await reading

    @property
    def flex(self) -> dict[str, Any]:
        found: dict[str, Any] = self.documents[-1]["services"]["flex"]
        return found

    def asked(self) -> list[datetime]:
        return [entry.at for entry in self.stage.log("translator", "/components/status", "POST")]


@pytest.fixture
def cron_for(tmp_path: Path) -> Callable[..., Cron]:
    return lambda **plan: Cron(tmp_path, **plan)


@pytest.mark.slow
async def test_over_three_days_of_cron_flex_is_asked_whenever_its_answer_is_older_than_five_minutes(
    cron_for: Callable[..., Cron],
) -> None:
    cron = cron_for(speed=50.0)
    codes: list[int] = []
    for _ in range(3 * 4):
        codes.append(await cron.run())
        asked = len(cron.asked())
        await cron.stage.clock.run_for(120.0)
        codes.append(await cron.run())  # this one is told from the store
        assert len(cron.asked()) == asked
        assert 120 <= cron.flex["age_seconds"] < 150
        await cron.stage.clock.run_for(21_480.0)
    assert set(codes) == {Exit.OK}
    assert len(cron.asked()) == 3 * 4 * 6


async def test_read_at_is_when_the_first_of_the_queries_was_sent(cron_for: Callable[..., Cron]) -> None:
    cron = cron_for(speed=50.0)
    assert await cron.run() == Exit.OK
    first = min(cron.asked())
    for later in (0.0, 100.0):
        await cron.stage.clock.run_for(later)
        assert await cron.run() == Exit.OK
        assert datetime.fromisoformat(cron.flex["read_at"]) == first.replace(microsecond=0)
        age = (cron.stage.clock.now() - first).total_seconds()
        assert cron.flex["age_seconds"] == round(age)
    assert len(cron.asked()) == 6


@pytest.mark.slow
async def test_a_slow_flex_is_partly_done_only_until_its_round_is_through(
    cron_for: Callable[..., Cron],
) -> None:
    cron = cron_for(speed=0.4)  # a query takes longer than a reading waits, six of them longer than 5 min
    codes = []
    for _ in range(40):
        codes.append(await cron.run())
        await cron.stage.clock.run_for(40.0)
    ends = [number for number, code in enumerate(codes) if code == Exit.OK]
    assert len(ends) >= 2
    assert codes[0] == Exit.PARTLY
    assert set(codes) == {Exit.OK, Exit.PARTLY}
    done = cron.documents[ends[0]]["services"]["flex"]
    assert done["state"] == "ok"
    assert done["age_seconds"] > 0
    sides = [(e.path, bool(e.body.get("invert"))) for e in cron.stage.log("translator", "/components/status")]
    assert len(set(sides[:6])) == 6, "no query is sent twice within a round"


async def test_a_slow_flex_with_an_answer_within_max_age_is_no_part(cron_for: Callable[..., Cron]) -> None:
    cron = cron_for(speed=50.0)
    assert await cron.run() == Exit.OK
    await cron.stage.clock.run_for(1200.0)
    before = len(cron.stage.api.log)
    assert await cron.run(max_age=1800.0) == Exit.OK
    assert len(cron.stage.api.log) == before
    assert all(1200 <= each["age_seconds"] < 1300 for each in cron.documents[-1]["services"].values())
    assert await cron.run(wait=0.0) == Exit.PARTLY
    assert cron.flex["state"] == "OLD"
    assert cron.flex["age_seconds"] >= 1200
    assert "3 of 3 documents have not answered yet" in cron.flex["message"]


async def test_a_failed_query_is_told_at_once_in_its_words_and_not_sent_again_by_the_next_run(
    cron_for: Callable[..., Cron],
) -> None:
    cron = cron_for(speed=50.0, flex_failed_share=1.0)
    began = cron.stage.clock.now()
    assert await cron.run(wait=300.0) == Exit.PARTLY
    assert cron.stage.clock.now() - began < timedelta(seconds=60)
    assert "failed: " in cron.flex["message"]
    assert "not answered yet" not in cron.flex["message"]
    failed = next(o for o in cron.documents[-1]["operations"] if o["state"] == "failed")
    assert failed["reason"] in cron.flex["message"]
    asked = len(cron.asked())
    assert asked == 3
    await cron.stage.clock.run_for(60.0)
    assert await cron.run(wait=300.0) == Exit.PARTLY
    assert "failed: " in cron.flex["message"]
    assert len(cron.asked()) == asked
    await cron.stage.clock.run_for(300.0)
    await cron.run(wait=300.0)
    assert len(cron.asked()) == 2 * asked


async def test_what_was_just_tracked_is_asked_whatever_the_age_of_the_rest(
    cron_for: Callable[..., Cron],
) -> None:
    cron = cron_for(speed=50.0, operations=3)
    assert await cron.run() == Exit.OK
    number = cron.stage.world.operation_ids()[0]
    cron.stage.store.track([Tracked(number)], cron.stage.clock.now())
    assert await cron.run(max_age=3600.0) == Exit.OK
    assert [o["seen_at"] is not None for o in cron.documents[-1]["operations"] if o["key"] == f"op:{number}"]
    assert [e for e in cron.stage.log("translator", "trm/status") if e.query["requestid"] == str(number)]


@pytest.fixture
def one_job(user_for: Callable[..., User]) -> User:
    """Return a user whose Flex is asked about one job only, which takes two queries."""
    user = user_for(speed=50.0, autorun_seconds=1e6)
    text = user.config.read_text()
    user.config.write_text(text.replace('changed = "7d"', 'changed = "7d"\ndocuments = ["c300"]'))
    return user


@pytest.mark.slow
def test_beside_a_poller_status_asks_nothing_and_says_how_old_it_is(one_job: User) -> None:
    def told(run: Watching, service: str) -> dict[str, Any]:
        found = [o for o in run.objects() if o["event"] == "service" and o["service"] == service]
        return found[-1] if found else {"state": "", "message": ""}

    with watching(one_job, "--json") as run:
        for service in ("operations", "beebox", "instant", "flex"):
            run.until(lambda name=service: told(run, name)["state"] == "ok")  # type: ignore[misc]
        run.until(lambda: any(o["service"] == "flex" for o in run.objects() if o["event"] == "item"))
        run.until(lambda: told(run, "flex")["message"] == "")
        before = len(one_job.running.api.log)
        other = User(one_job.home, one_job.running, {})  # it has no secret, and needs none
        code, document = other.status()
        table = other.run("status")
        strict = other.run("status", "--max-age", "0")
        log = list(one_job.running.api.log)[before:]
    assert (code, table.returncode, strict.returncode) == (0, 0, 7), document["services"]
    assert not [e for e in log if "flex" in e.path or "connect" in e.path]
    for name, service in document["services"].items():
        assert service["state"] == "ok", name
        assert f"polled by pid {run.process.pid}" in service["message"]
        assert 0 <= service["age_seconds"] < 90
    assert table.stdout.count("as of ") == 4


@pytest.mark.slow
def test_status_by_process_asks_again_what_is_older_than_max_age(one_job: User) -> None:
    def asked() -> int:
        return len([e for e in one_job.running.api.log if "/components/status" in e.path])

    assert one_job.status()[0] == 0
    assert asked() == 2
    everything = len(one_job.running.api.log)
    code, document = one_job.status("--max-age", "600")
    assert code == 0
    assert len(one_job.running.api.log) == everything
    assert all(service["age_seconds"] >= 0 for service in document["services"].values())
    assert document["beebox"]
    assert {item["asked_of"] for item in document["flex"]} == {"job"}
    assert one_job.status("--max-age", "0")[0] == 0
    assert asked() == 4
    one_job.config.write_text(one_job.config.read_text().replace('changed = "7d"', 'changed = "6h"'))
    code, document = one_job.status()
    assert (code, asked()) == (0, 6)
    assert document["services"]["flex"]["question"]["changed_seconds"] == 6 * 3600


def test_max_age_is_refused_where_it_would_mean_nothing(user: User) -> None:
    ended = user.run("status", "--watch", "--max-age", "5")
    assert ended.returncode == 2
    assert "--max-age does not go together with --watch" in ended.stderr


@pytest.mark.slow
def test_a_download_takes_no_answer_of_yesterday_for_one_of_now(one_job: User) -> None:
    def asked() -> int:
        return len([e for e in one_job.running.api.log if "/components/status" in e.path])

    words = ("download", "--new", "--service", "flex", "--dry-run")
    assert one_job.run(*words).returncode == 0
    assert one_job.run(*words).returncode == 0
    assert asked() == 2
    (path,) = (one_job.home / "state").rglob("acme.sqlite3")
    store = open_store(path)
    yesterday = SystemClock().now() - timedelta(days=1)
    store.save(Service.FLEX, [replace(d, read_at=yesterday) for d in store.flex_documents()])
    store.close()
    one_job.running.api.broken["translator"] = Reply(503)
    ended = one_job.run(*words)
    assert "going by what was known as of" in ended.stderr
    assert "24 h ago" in ended.stderr
    one_job.running.api.broken.clear()
    assert one_job.run(*words).returncode == 0
    assert asked() == 4
