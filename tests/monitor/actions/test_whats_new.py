"""What is new since the last time: counted, fetched and kept, on scripted and on simulated services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.fakes import NOON
from tests.items import beebox_file, instant_request, operation
from tests.monitor.actions.conftest import Bench, Works
from tests.monitor.actions.test_monitor import until
from tests.wordbee.scripted_server import Asked, Reply, as_json
from tests.world import Stage, make_stage
from wbtui.app.sharing import RemoteMonitor
from wbtui.domain.clock import SystemClock
from wbtui.domain.commands import DownloadItems, StopDownloads
from wbtui.domain.model import BeeboxFile, ItemKey, Service, State
from wbtui.domain.records import Fetched
from wbtui.domain.snapshot import DownloadState, Health, HealthWord, NewIn, Novelty
from wbtui.monitor.loop import Monitor
from wbtui.simulator.plan import Plan

Make = Callable[..., Awaitable[Bench]]


def made(name: str, hours: float = 0, locale: str = "fr") -> BeeboxFile:
    return beebox_file(name, locale, state=State.READY, status=1, made_at=NOON + timedelta(hours=hours))


def work(asked: Asked) -> Reply:
    """Give each file its name as content; those named `bad` cannot be fetched."""
    name = asked.query["filename"]
    return as_json({"message": "gone"}, 500) if name.startswith("bad") else Reply(200, name.encode())


async def beebox(bench_for: Make, *files: BeeboxFile, whole: bool = True) -> Bench:
    bench = await bench_for(Works(beebox=work))
    bench.state.health[Service.BEEBOX] = Health(HealthWord.OK)
    bench.state.beebox_whole_at = NOON + timedelta(days=1) if whole else None
    bench.put(*files)
    return bench


async def names(bench: Bench) -> set[str]:
    return {key.rpartition(":")[2] for key in (await bench.executor.whats_new.find([Service.BEEBOX])).keys}


async def fetch(bench: Bench) -> None:
    """Fetch what is new, as the screen does."""
    bench.executor.download(DownloadItems((await bench.executor.whats_new.find([Service.BEEBOX])).keys))
    await bench.finished()


def kept(bench: Bench, locale: str = "fr") -> str | None:
    return bench.store.recall(f"beebox.newest.{locale}")


async def test_what_is_new_is_counted_by_locale_with_the_newest_date_of_the_last_time(
    bench_for: Make,
) -> None:
    bench = await beebox(bench_for, made("a"), made("b", -1), made("c", 0, "de"))
    first = await bench.executor.whats_new.find([Service.BEEBOX])
    assert first.locales == (NewIn("fr", 2), NewIn("de", 1))
    assert (len(first.keys), first.whole) == (3, True)
    await fetch(bench)
    assert (await bench.executor.whats_new.find([Service.BEEBOX])).keys == ()
    bench.put(made("late", -5), made("young", 2), made("old", -30))
    again = await bench.executor.whats_new.find([Service.BEEBOX])
    assert again.locales == (NewIn("fr", 2, NOON),)
    assert await names(bench) == {"late", "young"}


async def test_a_file_that_failed_is_new_again_and_holds_the_date_back(bench_for: Make) -> None:
    bench = await beebox(bench_for, made("bad", -48), made("good"))
    await fetch(bench)
    assert kept(bench) == (NOON - timedelta(hours=48)).isoformat()
    assert await names(bench) == {"bad"}


async def test_a_file_that_was_stopped_is_new_again(bench_for: Make) -> None:
    bench = await beebox(bench_for, made("slow", -48), made("good"))
    bench.executor.download(DownloadItems((await bench.executor.whats_new.find([Service.BEEBOX])).keys))
    bench.executor.stop(StopDownloads((made("slow").key,)))
    await bench.finished()
    assert await names(bench) == {"slow"}
    assert kept(bench) == (NOON - timedelta(hours=48)).isoformat()


async def test_a_file_that_was_made_anew_is_new_again(bench_for: Make) -> None:
    bench = await beebox(bench_for, made("a"))
    await fetch(bench)
    bench.put(replace(made("a"), made_at=NOON + timedelta(hours=3)))
    assert await names(bench) == {"a"}


async def test_a_single_download_leaves_what_is_older_new(bench_for: Make) -> None:
    bench = await beebox(bench_for, made("old", -72), made("young"))
    bench.executor.download(DownloadItems((made("young").key,)))
    await bench.finished()
    assert await names(bench) == {"old"}


async def test_until_the_list_was_read_whole_no_date_is_kept_and_that_is_said(bench_for: Make) -> None:
    bench = await beebox(bench_for, made("young"), whole=False)
    assert not (await bench.executor.whats_new.find([Service.BEEBOX])).whole
    await fetch(bench)
    assert kept(bench) is None
    bench.put(made("on a later page", -72))
    assert await names(bench) == {"on a later page"}


async def test_what_another_process_has_fetched_meanwhile_is_not_new(bench_for: Make) -> None:
    bench = await beebox(bench_for, made("a"), made("b"))
    other = await bench_for(Works())
    other.store.records.save_fetched(
        Fetched(made("a").key, "p", "p", SystemClock().now(), 1, made=NOON.isoformat())
    )
    other.store.flush()
    assert await names(bench) == {"b"}


async def test_of_the_other_services_what_was_never_fetched_is_new(bench_for: Make) -> None:
    bench = await bench_for(Works(translator=lambda _: Reply(200, b"content")))
    ready = operation(5001, State.READY, file_token="f", file_name="a.zip")
    bench.put(ready, operation(5002, State.RUNNING), instant_request(ready=True, state=State.READY))
    assert (await bench.executor.whats_new.find([Service.OPERATIONS])).keys == (ready.key,)
    assert (await bench.executor.whats_new.find([Service.INSTANT])).keys == (ItemKey("it:39"),)
    bench.executor.download(DownloadItems((ready.key,)))
    (outcome,) = await bench.finished()
    assert outcome.done
    found = await bench.executor.whats_new.find([Service.OPERATIONS])
    assert (found.keys, found.locales, found.whole) == ((), (), True)


async def test_a_screen_that_only_looks_says_who_can_tell(bench_for: Make) -> None:
    bench = await bench_for(Works())
    follower = RemoteMonitor(bench.store, SystemClock(), "wbtui (process 7) polls this profile")
    assert "process 7" in (await follower.whats_new(Service.BEEBOX)).refusal


async def seen(stage: Stage, monitor: Monitor, ready: Callable[[Novelty], bool]) -> Novelty:
    """Move the fake clock on until what is new is so; return it."""
    for _ in range(3000):
        found = await monitor.whats_new(Service.BEEBOX)
        if ready(found):
            return found
        await stage.clock.run_for(0.25)
    raise AssertionError("not reached")


async def test_on_the_simulated_beebox_what_is_new_comes_once_and_the_next_time_only_what_followed(
    tmp_path: Path,
) -> None:
    stage = make_stage(tmp_path, Plan(files=40, locales=3, speed=1.0))
    async with stage.monitoring() as monitor:
        await until(stage, lambda s: len(s.beebox) == 120)
        first = await seen(stage, monitor, lambda found: found.whole)
        ready = {f.key for f in stage.latest.beebox if f.state is State.READY}
        assert set(first.keys) == ready
        assert sum(each.count for each in first.locales) == len(ready) > 10
        monitor.do(DownloadItems(first.keys))
        await until(stage, lambda s: bool(s.transfers) and all(t.ended for t in s.transfers))
        assert {t.state for t in stage.latest.transfers} == {DownloadState.DONE}
        again = await seen(stage, monitor, lambda found: bool(found.keys))
        assert not set(again.keys) & ready
        assert all(each.since is not None for each in again.locales)
    assert len({t.path for t in stage.latest.transfers}) == len(ready)
    stage.store.close()
