"""The long soak, by hand: `python -m tests.soak --seeds 200 --hours 24 [--first SEED] [--jobs N] [--http]`.

Prints a line for each seed and the problems below it; exits with 1 if there is any. With `--http` the hours
go over real sockets.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.soak.soak_run import SoakVerdict, soak, soak_over_http


def play(seed: int, hours: float, http: bool) -> SoakVerdict:
    """Play one soak in a folder of its own."""
    with TemporaryDirectory() as folder:
        if http:
            return asyncio.run(soak_over_http(seed, hours * 60.0, Path(folder)))
        return asyncio.run(soak(seed, hours, Path(folder)))


def main(arguments: Sequence[str]) -> int:
    """Play the seeds and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--http", action="store_true")
    chosen = parser.parse_args(arguments)
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    clean = True
    with ProcessPoolExecutor(max_workers=chosen.jobs) as pool:
        running = [pool.submit(play, seed, chosen.hours, chosen.http) for seed in seeds]
        for ended in as_completed(running):
            verdict = ended.result()
            clean = clean and not verdict.problems
            sys.stdout.write(verdict.line() + "\n")
            sys.stdout.flush()
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
