"""What the order of the queue tells: Wordbee starts operations first-in first-out (seeds, first page)."""

from __future__ import annotations

from collections.abc import Iterable

from wbtui.domain.model import FINISHED, ItemKey, Operation, State


def by_arrival(operation: Operation) -> tuple[int, str]:
    """Return the sort key of the order in which operations came: by request id (assumed, and checked)."""
    return (operation.request_id, operation.key)


def unfinished(operations: Iterable[Operation]) -> list[Operation]:
    """Return those that may still change, oldest first."""
    return sorted((o for o in operations if o.state not in FINISHED), key=by_arrival)


def places(operations: Iterable[Operation]) -> dict[ItemKey, int]:
    """Return the place in the queue of each waiting operation that is watched, 1 for the next to start."""
    waiting = sorted((o for o in operations if o.state is State.WAITING), key=by_arrival)
    return {operation.key: place for place, operation in enumerate(waiting, start=1)}
