"""Long lists taken in piece by piece, so that the event loop gets its turn in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from itertools import islice
from typing import Final, TypeVar

from wbtui.domain.clock import Clock

Piece = TypeVar("Piece")

MERGED: Final = 400
"""Records that are merged at once: some 10 ms."""
SCANNED: Final = 10_000
"""Items of which one field is read at once: some 5 ms."""


async def slices(items: Iterable[Piece], clock: Clock, size: int = MERGED) -> AsyncIterator[list[Piece]]:
    """Give the items in lists of at most `size`, and way to others after each but the last."""
    left = iter(items)
    part = list(islice(left, size))
    while part:
        yield part
        part = list(islice(left, size))
        if part:
            await clock.sleep(0)
