"""Long lists merged and given back piece by piece, with the garbage collector kept off the items."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterable
from itertools import islice
from typing import Final, TypeVar

from wbtui.domain.clock import Clock

Piece = TypeVar("Piece")

MERGED: Final = 400
"""Records that are merged at once: some 10 ms."""
SCANNED: Final = 10_000
"""Items of which one field is read at once: some 5 ms."""


async def chunks(items: Iterable[Piece], clock: Clock, size: int = MERGED) -> AsyncIterator[list[Piece]]:
    """Give the items in lists of at most `size`, and way to others after each but the last."""
    left = iter(items)
    part = list(islice(left, size))
    while part:
        yield part
        part = list(islice(left, size))
        if part:
            await clock.sleep(0)


MANY: Final = 5_000
"""New items before they are left out of later rounds: a round over so many takes some 5 ms."""


class GcFreezer:
    """Leaves items out of the collector's rounds as they come; a full round over 200 000 takes 0.3 s.

    Items hold no cycles, so they are given back without it. What lies in cycles is collected before, since
    it would stay otherwise. A profile with few items is left to the usual rounds.
    """

    def __init__(self) -> None:
        self._new = 0

    def came(self, count: int) -> None:
        """Count new items."""
        self._new += count
        if self._new >= MANY:
            self._new = 0
            gc.collect()
            gc.freeze()

    @staticmethod
    def loading(count: int) -> None:
        """Collect what lies in cycles before so many items are replaced by newly loaded ones."""
        if count >= MANY:
            gc.collect()  # the items are left out already

    @staticmethod
    def loaded(count: int) -> None:
        """Leave out what was just made of the store, without a round over it."""
        if count >= MANY:
            gc.freeze()


FREED: Final = 2_000
"""Items that are given back at once: some 2 ms."""


class Replaced:
    """Holds items that were replaced, so that who drops a snapshot does not free 200 000 of them in one go.

    That would take 0.1 s.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._new: list[object] = []
        self._older: list[object] = []

    def add(self, items: Iterable[object]) -> None:
        """Hold items that newer ones have replaced."""
        self._new.extend(items)

    async def release(self) -> None:
        """Give back, bit by bit, what was replaced before the last snapshot but one."""
        left, self._older, self._new = self._older, self._new, []
        while left:
            del left[-FREED:]
            if left:
                await self._clock.sleep(0)
