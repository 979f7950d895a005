"""Measures the monitor under the largest supported loads, against the simulated services on fake time.

`python -m tests.benchmarks.scale [--week]`. Each load is watched for an hour in which nothing changes but
what the program itself asks for. With `--week`, a usual profile is watched for seven simulated days, some
50 000 refreshes, and its memory is told day by day.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.benchmarks.monitor_load import Meter, metered, stage_under
from tests.world import Stage
from wbtui.domain.snapshot import Snapshot
from wbtui.simulator.plan import Plan

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
STILL: Final[dict[str, Any]] = {"edit_seconds": 0.0, "removal_share": 0.0}
LOADS: Final = {
    "10 000 operations": Plan(
        operations=10_000, finished_share=0.0, files=0, requests=0, components=0, operation_seconds=1e7
    ),
    "5 000 IT requests": Plan(operations=0, files=0, requests=5_000, components=0, speed=50.0, **STILL),
    "50 000 components": Plan(operations=0, files=0, requests=0, components=50_000, locales=2, **STILL),
    "10 000 files x 20 locales": Plan(
        operations=0,
        files=10_000,
        locales=20,
        requests=0,
        components=0,
        speed=2000.0,
        autorun_seconds=20_000.0,
    ),
}


@dataclass(frozen=True)
class Figures:
    """What was measured in one stretch of simulated time."""

    share: float
    """Of a core, in percent."""
    longest: float
    """Milliseconds for which the loop was held, the collector's rounds left out."""
    collected: float
    """Milliseconds of the collector's longest round."""
    calls: int
    items: int
    where: str


class LatestSnapshot(list[Snapshot]):
    """Keeps the last snapshot only."""

    def append(self, snapshot: Snapshot) -> None:
        self[:] = [snapshot]


class Load:
    """One profile under load, watched."""

    def __init__(self, stage: Stage, meter: Meter) -> None:
        self.stage = stage
        self.meter = meter

    async def stretch(self, seconds: float) -> Figures:
        """Let that much simulated time go by."""
        stage, meter = self.stage, self.meter
        await asyncio.sleep(0)  # what the caller did since is no work of the program
        meter.begin()
        before = len(stage.api.log)
        await stage.clock.run_for(seconds)
        shown = stage.latest
        return Figures(
            100 * meter.spent / seconds,
            1000 * meter.longest,
            1000 * meter.collected,
            len(stage.api.log) - before,
            len(shown.operations) + len(shown.beebox) + len(shown.instant) + len(shown.flex),
            meter.where,
        )

    def objects(self) -> int:
        """Return how many objects of the program there are, those of the simulated services left out."""
        self.stage.store.flush()
        gc.unfreeze()
        gc.collect()
        names = (type(each).__module__ for each in gc.get_objects())
        return sum(name.startswith("wbtui.") and not name.startswith("wbtui.simulator.") for name in names)


@asynccontextmanager
async def loaded(plan: Plan, folder: Path) -> AsyncIterator[tuple[Load, Figures]]:
    """Watch the services of a plan; gives the load, and the figures of the start."""
    meter = Meter()
    stage = stage_under(folder, plan, meter)
    stage.seen = LatestSnapshot()
    try:
        with metered(meter):
            async with stage.monitoring():
                load = Load(stage, meter)
                yield load, await load.stretch(600.0)
    finally:
        stage.store.close()


def resident() -> float:
    """Return the memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


def line(what: str, found: Figures) -> str:
    return (
        f"{what:<40} {found.share:>6.2f} % {found.longest:>6.0f} ms {found.collected:>6.0f} ms"
        f" {found.calls:>7} {found.items:>8}   {found.where if found.longest > 50 else ''}\n"
    )


async def hours() -> None:
    heads = ("core", "loop held", "collector", "calls", "items")
    sys.stdout.write(f"{'':<40} {heads[0]:>8} {heads[1]:>9} {heads[2]:>9} {heads[3]:>7} {heads[4]:>8}\n")
    for name, plan in LOADS.items():
        with TemporaryDirectory() as folder:
            async with loaded(plan, Path(folder)) as (load, start):
                sys.stdout.write(line(f"{name}, first 10 min", start))
                sys.stdout.write(line(f"{name}, an hour in which nothing changes", await load.stretch(HOUR)))
                sys.stdout.flush()


async def week() -> None:
    # little comes to the services meanwhile: they keep it all, and it would look like the program's memory
    plan = Plan(**STILL)
    with TemporaryDirectory() as folder:
        async with loaded(plan, Path(folder)) as (load, _):
            for day in range(1, 8):
                found = await load.stretch(DAY)
                load.stage.api.log.clear()
                objects = load.objects()
                sys.stdout.write(line(f"day {day}: {objects} objects, {resident():.0f} MB", found))
                sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(week() if "--week" in sys.argv[1:] else hours())
