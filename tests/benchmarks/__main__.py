"""Measures wbtui, and its rival beside it in the same run: medians, and the ratio counts.

`python -m tests.benchmarks [--quick] [PART ...]`; without a part, all of `PARTS`. Seconds depend on the
machine; with `--quick` there are fewer repetitions, and the rival does not fill its large tables.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Final, Protocol, cast

from tests.benchmarks.result import Result, head

PARTS: Final = ("start", "idle", "disk", "profiles", "screen", "large_lists", "downloads")
"""The modules of this package that measure; each has a `results(quick)` that yields its lines."""


class Part(Protocol):
    """A module that measures something."""

    def results(self, quick: bool) -> Iterable[Result]: ...


def part(name: str) -> Part:
    """Return the module of a part."""
    return cast("Part", import_module(f"tests.benchmarks.{name}"))


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return the exit code."""
    chosen = [word for word in arguments if not word.startswith("-")] or PARTS
    if unknown := set(chosen) - set(PARTS):
        sys.stderr.write(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}\n")
        return 2
    sys.stdout.write(head() + "\n")
    for name in chosen:
        for result in part(name).results("--quick" in arguments):
            sys.stdout.write(result.text() + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
