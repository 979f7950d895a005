"""What large lists cost: per record, per look and in memory, as processor time.

`python -m tests.benchmarks.large_lists [NAME…]` prints all lines, or those of the named measurements.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.benchmarks.monitor_load import Meter, stage_under
from tests.benchmarks.result import Result
from tests.fakes import NOON
from tests.world import Stage, make_stage
from wbtui.app.stored_state import make_state
from wbtui.cli.output import stream
from wbtui.cli.status import status_json
from wbtui.config.values import UiSettings
from wbtui.domain.clock import SystemClock
from wbtui.domain.merge import merge_listed
from wbtui.domain.model import BeeboxFile, Service
from wbtui.monitor.chunks import chunks
from wbtui.monitor.monitor_state import MonitorState
from wbtui.simulator.plan import Plan
from wbtui.tui.chrome import Banner
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.glyphs import UNICODE
from wbtui.tui.toolkit.steps import Steps, undisturbed
from wbtui.tui.view_model import ScreenOptions, ViewModel
from wbtui.wordbee.beebox import decode_files
from wbtui.wordbee.envelopes import read_operations

PAGE: Final = 2_000
LOCALES: Final = 20
NAMES: Final = ("press release", "fiche technique", "Sicherheitshinweise", "price list", "取扱説明書")


def record(number: int, at: datetime) -> dict[str, Any]:
    """Return one record of a Beebox as the wire has it, always the same but for its ages."""
    file, locale = divmod(number, LOCALES)
    ready = number % 50 != 0
    source = NOON - timedelta(days=9, minutes=file)
    made = source + timedelta(hours=7, seconds=number)
    return {
        "file": f"batch-{file % 40}\\Module {file % 7:02}\\{NAMES[file % len(NAMES)]} v{file}.docx",
        "locale": f"l{locale:02}",
        "localename": f"Language {locale} (l{locale:02})",
        "uptodate": ready,
        "segments": 12 + file % 900,
        "words": 140 + 9 * file % 9000,
        "folder": "",
        "status": 1 if ready else 6,
        "statusc": "Uptodate" if ready else "Translating",
        "sfdate": f"{source:%Y-%m-%dT%H:%M:%SZ}",
        "sfdatemin": int((at - source).total_seconds() // 60),
        "tfdate": f"{made:%Y-%m-%dT%H:%M:%S}.1234567+00:00" if ready else None,
        "tfdatemin": int((at - made).total_seconds() // 60) if ready else None,
        "tms": {"error": None, "info": None, "pfdt": None},
    }


def pages(count: int, at: datetime = NOON) -> Iterator[tuple[int, bytes]]:
    """Yield the pages of a project of so many records, each with where it begins."""
    for skip in range(0, count, PAGE):
        files = [record(number, at) for number in range(skip, min(count, skip + PAGE))]
        yield skip, json.dumps({"total": count, "files": files}).encode()


def spent(work: Callable[[], object]) -> float:
    """Return the seconds of this thread on a processor that some work takes."""
    gc.collect()
    began = time.thread_time()
    work()
    return time.thread_time() - began


def decoding() -> list[Result]:
    """Compare the decoder of the Beebox with Python's JSON alone, which makes nothing of a record."""
    ours, rival = [], []
    for minute in range(15):
        at = NOON + timedelta(minutes=minute)
        _, body = next(pages(PAGE, at))
        ours.append(spent(lambda body=body, at=at: decode_files(body, 0, at)) / PAGE * 1e6)  # type: ignore[misc]
        rival.append(spent(lambda body=body: json.loads(body)) / PAGE * 1e6)  # type: ignore[misc]
    return [
        Result("decoding a record of the Beebox (json.loads)", "us", median(ours), median(rival), "<= 5 x")
    ]


async def merged(state: MonitorState, files: Sequence[BeeboxFile]) -> AsyncIterator[list[BeeboxFile]]:
    known = state.beebox
    async for part in chunks(files, SystemClock()):
        yield [merge_listed(known.get(f.key), f, renew=state.renews) for f in part]


async def read_round(state: MonitorState, count: int, at: datetime) -> float:
    """Read a project whole, and return the seconds that took but for decoding."""
    took = 0.0
    for skip, body in pages(count, at):
        files = decode_files(body, skip, at, PAGE).files
        began = time.thread_time()
        await state.put_many(Service.BEEBOX, merged(state, files))
        took += time.thread_time() - began
    began = time.thread_time()
    state.snapshot()
    await state.replaced.release()
    return took + time.thread_time() - began


def rounds(count: int = 100_000) -> list[Result]:
    """Compare a round in which nothing changed with one that makes every record anew."""

    async def measure(stage: Stage) -> dict[bool, float]:
        state = make_state(stage.profile, stage.store, stage.clock, lambda _: None)
        await read_round(state, count, NOON)
        found: dict[bool, list[float]] = {False: [], True: []}
        for minute in range(1, 7):
            state.renews = minute % 2 == 0
            found[state.renews].append(await read_round(state, count, NOON + timedelta(minutes=minute)))
        return {renews: 1000 * median(times) for renews, times in found.items()}

    with TemporaryDirectory() as folder:
        stage = make_stage(Path(folder))
        found = asyncio.run(measure(stage))
        stage.store.close()
    what = f"a quiet round of {count:,} records (each made anew)"
    return [Result(what, "ms", found[False], found[True], "<= 0.5 x")]


def looks(many: int = 100_000) -> list[Result]:
    """Compare looks at one operation among many with looks among a hundred, the services left out."""

    async def measure(stage: Stage, meter: Meter) -> float:
        services = await stage.profile_services()
        poller, found = services.pollers[Service.OPERATIONS], []
        for _ in range(30):
            before, meter.others = time.thread_time(), 0.0
            await poller.look()
            due = poller.due() or 0.0
            services.state.snapshot()
            found.append(time.thread_time() - before - meter.others)
            stage.clock.elapsed += max(5.0, due - stage.clock.monotonic())
        await services.close()
        return 1000 * median(found)

    times = []
    for operations in (many, 100):
        still: dict[str, Any] = {"finished_share": 0.0, "operation_seconds": 1e7}
        plan = Plan(operations=operations, files=0, requests=0, components=0, **still)
        with TemporaryDirectory() as folder:
            meter = Meter()
            stage = stage_under(Path(folder), plan, meter)
            times.append(asyncio.run(measure(stage, meter)))
            stage.store.close()
    return [Result(f"a look with {many:,} operations watched (100)", "ms", times[0], times[1], "<= 1.5 x")]


def tracking() -> list[Result]:
    """Compare texts of many operations on one line with shorter ones."""

    def each(count: int) -> float:
        values = ({"trm": {"requestid": n, "status": "Waiting"}} for n in range(1, count + 1))
        text = " ".join(map(json.dumps, values)).encode()
        return spent(lambda: read_operations(text)) / count * 1e6

    times = [median(each(count) for _ in range(3)) for count in (8_000, 1_000)]
    return [Result("track -, one of 8 000 on a line (of 1 000)", "us", times[0], times[1], "<= 1.3 x")]


def arranging(count: int = 1_000_000) -> list[Result]:
    """Measure the longest step of counting, sorting and filtering a long list: keys are read between them."""
    with TemporaryDirectory() as folder:
        stage = make_stage(Path(folder))
        state = make_state(stage.profile, stage.store, stage.clock, lambda _: None)
        with undisturbed():
            for skip, body in pages(count):
                state.put(Service.BEEBOX, decode_files(body, skip, NOON, PAGE).files)
        view = screen_model()
        view.take(state.snapshot())
        view.show_tab(BEEBOX)
        found = {"counted": longest_step(view)}
        view.view.list.sort = "file"
        found["sorted"] = longest_step(view)
        view.choice.type("words>900")
        view.settle()
        found["filtered"] = longest_step(view)
        stage.store.close()
    return [
        Result(f"{count:,} records {what}: the loop is held", "ms", 1000 * took, None, "<= 50 ms")
        for what, took in found.items()
    ]


def longest_step(view: ViewModel) -> float:
    """Do the work that is due, and return the seconds of its longest step."""
    longest = 0.0
    while (steps := view.work()) is not None:
        with undisturbed():
            left = True
            while left:
                began = time.thread_time()
                left = one_step(steps)
                longest = max(longest, time.thread_time() - began)
    return longest


def one_step(steps: Steps[None]) -> bool:
    return next(steps, steps) is not steps


def screen_model() -> ViewModel:
    return ViewModel(ScreenOptions(Banner("acme"), UNICODE, UiSettings()))


def memory(counts: Sequence[int] = (200_000, 1_000_000)) -> list[Result]:
    """Measure processes that read a project again and again for an hour, and show it."""
    bars = {200_000: "<= 200 MB", 1_000_000: "<= 800 MB"}
    found = {count: of_a_child("refreshes", count) for count in counts}
    return [
        Result(f"{count:,} records after an hour of refreshes", "MB", took[-1], None, bars.get(count, ""))
        for count, took in found.items()
    ]


def streaming(count: int = 200_000) -> list[Result]:
    """Measure how much more a process takes while it writes the state as JSON."""
    loaded, written = of_a_child("status", count)
    what = f"status --json of {count:,} records: above the store's own"
    return [Result(what, "MB", written - loaded, None, "<= 60 MB")]


def of_a_child(what: str, count: int) -> list[float]:
    """Return the figures that a process of its own prints: `what` of the children below."""
    command = [sys.executable, "-m", "tests.benchmarks.large_lists", f"child:{what}", str(count)]
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    return [float(word) for word in ended.stderr.decode().split()]


def tell_memory(field: str) -> None:
    """Write the memory of this process to stderr, in MB: `VmRSS` now, `VmHWM` at most."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    sys.stderr.write(f"{int(status.split(f'{field}:')[1].split()[0]) / 1024:.0f}\n")


def refreshes(count: int) -> None:
    """Read the project every ten minutes for an hour, and bring the screen's lines up to date."""

    async def hour(stage: Stage, state: MonitorState, view: ViewModel) -> None:
        for minute in range(0, 70, 10):
            await read_round(state, count, NOON + timedelta(minutes=minute))
            stage.store.flush()
            view.take(state.snapshot())
            view.show_tab(BEEBOX)
            longest_step(view)
            await state.replaced.release()

    with TemporaryDirectory() as folder:
        stage = make_stage(Path(folder))
        state = make_state(stage.profile, stage.store, stage.clock, lambda _: None)
        asyncio.run(hour(stage, state, screen_model()))
        tell_memory("VmRSS")
        stage.store.close()


def status(count: int) -> None:
    """Fill a store, then write all of it as `status --json` does, in the state that was loaded from it."""

    async def write(stage: Stage) -> None:
        services = await stage.profile_services()
        tell_memory("VmHWM")
        stream(status_json(services.state.snapshot(), services))
        tell_memory("VmHWM")
        await services.close()

    with TemporaryDirectory() as folder:
        stage = make_stage(Path(folder))
        for skip, body in pages(count):
            stage.store.save(Service.BEEBOX, decode_files(body, skip, NOON, PAGE).files)
            stage.store.flush()
        asyncio.run(write(stage))
        stage.store.close()


MEASUREMENTS: Final[dict[str, Callable[[], list[Result]]]] = {
    "decoding": decoding,
    "rounds": rounds,
    "looks": looks,
    "tracking": tracking,
    "streaming": streaming,
    "arranging": arranging,
    "memory": memory,
}
LONG: Final = ("arranging", "memory")
CHILDREN: Final = {"child:refreshes": refreshes, "child:status": status}


def results(quick: bool) -> Iterator[Result]:
    """Yield the lines; with `quick` without a million records, which take minutes."""
    for name, measure in MEASUREMENTS.items():
        if not (quick and name in LONG):
            yield from measure()


def main(arguments: Sequence[str]) -> None:
    """Print the lines of the named measurements, or of all."""
    if arguments and (child := CHILDREN.get(arguments[0])) is not None:
        child(int(arguments[1]))
        return
    for name in arguments or MEASUREMENTS:
        for result in MEASUREMENTS[name]():
            sys.stdout.write(result.text() + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
