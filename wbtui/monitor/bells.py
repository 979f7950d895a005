"""Which items the user wants to be told of when they are done; kept in the store over a restart."""

from __future__ import annotations

import contextlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from wbtui.domain.bells import POST_EDIT, RESULT, awaited, came
from wbtui.domain.deeds import Ring
from wbtui.domain.model import Item, ItemKey

MOST: Final = 5000
"""Items that one may wait for: they are written down together."""
NAME: Final = "bells"
"""The name under which the store keeps them."""
NOTHING: Final = "it is done already: nothing more is to come of it"


class Memory(Protocol):
    """A store that keeps small texts."""

    def remember(self, name: str, value: str) -> None:
        """Keep a text under a name."""
        ...

    def recall(self, name: str) -> str | None:
        """Return the text kept under a name."""
        ...


class Bells:
    """Holds the bells by key; one that has rung is taken away."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._waiting: dict[ItemKey, str] = {}
        self._rings: deque[Ring] = deque(maxlen=MOST)
        self._number = 0
        self.keys: frozenset[ItemKey] = frozenset()
        """What is waited for; to be read, not written."""
        self.rings: tuple[Ring, ...] = ()
        """The last that rang, oldest first; to be read, not written."""

    def recollect(self, find: Callable[[ItemKey], Item | None]) -> None:
        """Take up what the store kept, without operations that have left the list since.

        Other items may be missing only because their service has not been read as widely as before.
        """
        left = _decoded(self._memory.recall(NAME))
        self._waiting = {
            key: waited for key, waited in left.items() if find(key) is not None or not key.startswith("op:")
        }
        self.keys = frozenset(self._waiting)

    def toggle(self, items: Sequence[Item]) -> str:
        """Wait for what is still to come of these items, or no longer if that is done; return words."""
        pending = {item.key: waited for item in items if (waited := awaited(item))}
        if not pending:
            return NOTHING if len(items) == 1 else f"none of the {len(items)} has anything to come"
        if len(self.keys | pending.keys()) > MOST:
            return f"that would be more than {MOST} items to wait for: filter or mark fewer"
        if pending.keys() <= self.keys:
            self._keep({key: waited for key, waited in self._waiting.items() if key not in pending})
            return f"no longer tells you of {'it' if len(pending) == 1 else f'{len(pending)} items'}"
        self._keep(self._waiting | pending)
        left = len(items) - len(pending)
        already = f"; {left} {'is' if left == 1 else 'are'} done already" if left else ""
        if len(pending) == 1:
            return f"tells you when it is done{already}"
        return f"tells you of {len(pending)} items as they get done{already}"

    def heed(self, items: Iterable[Item]) -> list[Ring]:
        """Look whether one of these items is waited for and done; return the new rings."""
        if not self._waiting:
            return []
        done = [
            (item, waited)
            for item in items
            if (waited := self._waiting.get(item.key)) is not None and awaited(item) not in {waited, RESULT}
        ]
        rings = [self._ring(item, waited) for item, waited in done]
        if rings:
            rung = {ring.key for ring in rings}
            self._keep({key: waited for key, waited in self._waiting.items() if key not in rung})
            self._rings.extend(rings)
            self.rings = tuple(self._rings)
        return rings

    def _ring(self, item: Item, waited: str) -> Ring:
        self._number += 1
        return Ring(self._number, item.key, item.state.value, came(item, waited))

    def _keep(self, waiting: dict[ItemKey, str]) -> None:
        self._waiting = waiting
        self.keys = frozenset(waiting)
        self._memory.remember(NAME, json.dumps(waiting))


def _decoded(text: str | None) -> dict[ItemKey, str]:
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(text or "{}")
        if isinstance(found, dict):
            return {ItemKey(key): waited for key, waited in found.items() if waited in (RESULT, POST_EDIT)}
    return {}
