"""Measures downloads by `wbtui download` over real HTTP: many small files, and a large one beside bare httpx.

The small files come from the simulated Beebox, whose log tells how long its sessions were; of the large one
processor time counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from tests.benchmarks.large_file import MEGABYTES, large_file_server
from tests.benchmarks.result import Result
from wbtui.domain.clock import SystemClock
from wbtui.scheduling.beebox_batches import SESSION_SECONDS
from wbtui.simulator.api import Api
from wbtui.simulator.http_server import serve
from wbtui.simulator.plan import Plan
from wbtui.simulator.world import World

SMALL: Final = Plan(
    files=430, locales=12, large_bytes=2000, operations=0, requests=0, components=0, edit_seconds=0.0
)
"""About 2 000 of its 5 160 records are ready, and as many unfinished: the Beebox has work to do."""
TIMES: Final = 5
BARE: Final = """
import asyncio, sys, httpx
async def main():
    async with httpx.AsyncClient() as client:
        async with client.stream("GET", sys.argv[1]) as answer:
            with open(sys.argv[2], "wb") as target:
                async for chunk in answer.aiter_raw():
                    target.write(chunk)
asyncio.run(main())
"""
CONFIG: Final = """\
default_profile = "bench"
[profiles.bench.beebox]
url = "{url}"
project = "{project}"
login = "{login}"
"""


@dataclass(frozen=True)
class Run:
    """What a process took, in seconds, and what it said on stderr."""

    wall: float
    processor: float
    said: str


def timed(words: list[str], env: dict[str, str]) -> Run:
    """Run a process to its good end."""
    with TemporaryDirectory() as folder:
        said = Path(folder) / "stderr"
        with said.open("wb") as stderr:
            began = time.perf_counter()
            process = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=stderr)
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - began
        text = said.read_text(encoding="utf-8")
    if process.returncode:
        raise SystemExit(f"{words[-1]} ended with {process.returncode}: {text}")
    return Run(wall, used.ru_utime + used.ru_stime, text)


@contextmanager
def home(url: str, project: str, login: str, password: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """Give a home with a configuration for one Beebox, and the environment for it."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "config.toml").write_text(CONFIG.format(url=url, project=project, login=login))
        env = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "XDG_STATE_HOME": str(place / "state"),
            "WBTUI_CONFIG": str(place / "config.toml"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "WBTUI_BEEBOX_PASSWORD": password,
        }
        yield place, env


def longest_session(api: Api) -> float:
    """Return the seconds for which the longest session of the Beebox was open."""
    longest, opened = timedelta(), None
    for call in api.log:
        if call.path.endswith("/connect") and call.status == 200:
            opened = call.at
        elif call.path.endswith("/disconnect") and opened is not None:
            longest = max(longest, call.at - opened)
    return longest.total_seconds()


def small_files() -> Iterator[Result]:
    """Fetch the small files, until none is left."""
    clock = SystemClock()
    running = serve(Api(World(SMALL, clock.now())), clock.now)
    accounts = running.look(lambda world: world.accounts)
    login = (accounts.beebox_project, accounts.beebox_login, accounts.beebox_password)
    try:
        with home(running.urls["beebox"], *login) as (place, env):
            words = [sys.executable, "-m", "wbtui", "download", "--ready", "--service", "beebox"]
            run = timed([*words, "--to", str(place / "files")], env)
            count = sum(path.is_file() for path in (place / "files").rglob("*"))
    finally:
        running.stop()
    what = f"downloads: {count} files of 2 kB"
    yield Result(what, "s", run.wall, None, "<= 30 s")
    yield Result(f"{what}, processor", "s", run.processor, None, "")
    bar = f"<= {SESSION_SECONDS:g} s"
    yield Result("downloads: longest session of the Beebox", "s", longest_session(running.api), None, bar)


def large_file(times: int) -> Result:
    """Fetch the large file by both in turn; the figures are processor time."""
    ours, rival = [], []
    with large_file_server() as url, home(url, "p", "l", "secret") as (place, env):
        target = str(place / "files")
        command = [sys.executable, "-m", "wbtui", "download", "bb:fr:large.bin", "--to", target]
        bare = [sys.executable, "-c", BARE, f"{url}/api/files/file", str(place / "bare.bin")]
        for _ in range(times):
            ours.append(timed([*command, "--overwrite", "always"], env).processor)
            rival.append(timed(bare, env).processor)
    what = f"downloads: {MEGABYTES} MB in one file, processor"
    return Result(what, "s", median(ours), median(rival), "<= 1.3 x rival", "bare httpx to a file")


def results(quick: bool) -> Iterator[Result]:
    """Yield the figures of downloads."""
    yield from small_files()
    yield large_file(3 if quick else TIMES)
