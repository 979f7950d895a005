"""The places of waiting operations in the queue, found when they are asked for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

from wbtui.domain.item_keys import id_part
from wbtui.domain.merge import by_arrival
from wbtui.domain.model import ItemKey, Operation, State

Order = tuple[int, str]
"""What `by_arrival` gives."""


class QueuePlaces(Mapping[ItemKey, int]):
    """The place of each waiting operation, 1 for the next to start: O(log n), and nothing is made for it."""

    def __init__(self, orders: tuple[Order, ...] = ()) -> None:
        """Take the orders of all that wait, sorted."""
        self._orders = orders

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> QueuePlaces:
        """Return the places of those operations that wait."""
        return cls(tuple(sorted(by_arrival(o) for o in operations if o.state is State.WAITING)))

    def __getitem__(self, key: ItemKey) -> int:
        digits = id_part(key)
        order = (int(digits) if digits.isdecimal() else 0, key)
        index = bisect_left(self._orders, order)
        if index == len(self._orders) or self._orders[index] != order:
            raise KeyError(key)
        return index + 1

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(ItemKey(key)) is not None

    def __iter__(self) -> Iterator[ItemKey]:
        return (ItemKey(key) for _, key in self._orders)

    def __len__(self) -> int:
        return len(self._orders)

    def __eq__(self, other: object) -> bool:
        return self._orders == other._orders if isinstance(other, QueuePlaces) else NotImplemented

    __hash__ = None  # type: ignore[assignment]
