"""Work on many rows in short steps, so that the event loop runs in between. Pure.

A `Steps` is a generator that does a little work at each step and returns its result at the end. `at_once`
runs all steps; the screen runs long ones step by step and waits a moment after each.
"""

from __future__ import annotations

import gc
from bisect import bisect_left, bisect_right
from collections import ChainMap
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from typing import Any, Final, TypeVar

R = TypeVar("R")
Result = TypeVar("Result")
Key = TypeVar("Key")

Steps = Generator[None, None, Result]

AT_ONCE = 8_000
"""Up to so many rows the work is shorter than a frame, and done at once."""

SLICE = 1_500
"""Rows of one step: 2 to 4 ms of plain Python."""

TABLE = SLICE * 8
"""Keys of one table of places."""

_KEY = itemgetter(0)

_Keyed = list[tuple[Any, R]]


def at_once(steps: Steps[Result]) -> Result:
    """Run the work to its end and return its result."""
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            result: Result = ended.value
            return result


def parts(rows: Sequence[R], size: int = SLICE) -> Iterator[list[R]]:
    """Yield the rows in lists of at most `size`."""
    left = iter(rows)
    while part := list(islice(left, size)):
        yield part


def filtered(rows: Sequence[R], wanted: Callable[[R], bool]) -> Steps[list[R]]:
    """Keep the rows that are wanted, in their order."""
    kept: list[R] = []
    for part in parts(rows):
        kept += [row for row in part if wanted(row)]
        yield
    return kept


def ordered(rows: Sequence[R], key: Callable[[R], Any], *, reverse: bool = False) -> Steps[list[R]]:
    """Sort the rows by a key; stable, also backwards, like `sorted`."""
    runs: list[_Keyed[R]] = []
    for part in parts(rows[::-1] if reverse else rows):
        keyed = [(key(row), row) for row in part]
        keyed.sort(key=_KEY)
        runs.append(keyed)
        yield
    while len(runs) > 1:
        runs = yield from _joined(runs)
    found = yield from _bare(runs[0] if runs else [])
    if not reverse:
        found.reverse()
    return found


def _bare(pairs: _Keyed[R]) -> Steps[list[R]]:
    """Return the rows of the pairs, last one first; free the keys in steps, since that takes time, too."""
    found: list[R] = []
    while pairs:
        found += [row for _, row in reversed(pairs[-SLICE * 4 :])]
        del pairs[-SLICE * 4 :]
        yield
    return found


def places(rows: Sequence[R], key: Callable[[R], Key]) -> Steps[ChainMap[Key, int]]:
    """Return the index of each key, in many small tables: growing a large one blocks for too long."""
    tables: list[dict[Key, int]] = []
    number = 0
    for part in parts(rows):
        if number % TABLE == 0:
            tables.append({})
        tables[-1].update((key(row), place) for place, row in enumerate(part, number))
        number += len(part)
        yield
    return ChainMap(*tables)


def numbers_of(rows: Sequence[R], wanted: Callable[[R], bool]) -> Steps[list[int]]:
    """Return the indexes of the rows that are wanted, in their order."""
    found: list[int] = []
    number = 0
    for part in parts(rows):
        found += [place for place, row in enumerate(part, number) if wanted(row)]
        number += len(part)
        yield
    return found


def released(rows: Sequence[object], size: int = SLICE) -> Steps[None]:
    """Free a list that nothing else refers to, in steps: freeing a long one at once takes too long."""
    while isinstance(rows, list) and rows:
        del rows[-size:]
        yield


def _joined(runs: list[_Keyed[R]]) -> Steps[list[_Keyed[R]]]:
    """Merge the sorted runs in pairs."""
    halves: list[_Keyed[R]] = []
    for index in range(0, len(runs) - 1, 2):
        merged = yield from _merged(runs[index], runs[index + 1])
        halves.append(merged)
    return halves + runs[len(halves) * 2 :]


def _merged(first: _Keyed[R], second: _Keyed[R]) -> Steps[_Keyed[R]]:
    """Merge two sorted runs; of equal keys those of the first come first."""
    merged: _Keyed[R] = []
    i = j = 0
    size = SLICE * 2
    while i < len(first) and j < len(second):
        to_i = min(i + size, len(first))
        to_j = bisect_left(second, first[to_i - 1][0], j, key=_KEY)
        if to_j - j > size:
            to_j = j + size
            to_i = bisect_right(first, second[to_j - 1][0], i, to_i, key=_KEY)
        merged += sorted(first[i:to_i] + second[j:to_j], key=_KEY)
        i, j = to_i, to_j
        yield
    merged += first[i:]
    merged += second[j:]
    return merged


SELDOM: Final = (20_000, 20, 20)
"""Thresholds of the garbage collector: new objects before generation 0 is collected, then of 1 and 2."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Disable the garbage collector during long work, and exclude what the work made from later collections.

    A full collection takes 0.1 s and more with 200 000 items in memory. Items hold no cycles, so they are
    freed without it. Recent cycles of Textual are collected first: once frozen they would never be freed.
    """
    gc.collect(0)
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


def settled() -> None:
    """Exclude all present objects from later garbage collections, and collect less often.

    A collection of generation 0 visits each item of a new tuple of 200 000, which takes 10 ms and more.
    """
    gc.freeze()
    gc.set_threshold(*SELDOM)
