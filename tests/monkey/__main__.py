"""By hand: `python -m tests.monkey --seeds 20 --events 20000 [--first SEED] [--jobs N] [--life LIFE]`.

Prints a line for each seed, and below it what was found, the events before it, and how to see it again; last
how often each kind was found. Exits with 1 if anything was. `--spare` leaves kinds of events out, to see past
what they find.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.monkey.monkey_run import play_alone


def main(arguments: Sequence[str]) -> int:
    """Play the seeds and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.monkey")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--life", type=int, help="only this one of the lives of each seed")
    parser.add_argument("--spare", nargs="*", default=[], help="such as bad, odd, pasting, size")
    chosen = parser.parse_args(arguments)
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    clean, kinds = True, Counter[str]()
    with ProcessPoolExecutor(max_workers=chosen.jobs) as pool:
        running = [
            pool.submit(play_alone, seed, chosen.events, chosen.life, frozenset(chosen.spare))
            for seed in seeds
        ]
        for ended in as_completed(running):
            verdict = ended.result()
            kinds.update(problem.kind() for problem in verdict.problems)
            clean = clean and not verdict.problems
            told = [verdict.line(), *(problem.told() for problem in verdict.problems)]
            sys.stdout.write("\n".join(told) + "\n")
            sys.stdout.flush()
    for kind, count in kinds.most_common():
        sys.stdout.write(f"{count} times: {kind}\n")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
