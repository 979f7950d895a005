"""The alerts that the user has set on items: each is raised once, when what he waits for has come."""

from __future__ import annotations

import contextlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from wbtui.domain.item_keys import find_service
from wbtui.domain.model import POST_EDIT, RESULT, Item, ItemKey, Service
from wbtui.domain.notices import came
from wbtui.domain.ports import TextStore
from wbtui.domain.snapshot import Alert

MOST: Final = 5000
"""Items that may have an alert: they are written down together."""
NAME: Final = "bells"
"""The name under which the store keeps them."""
NOTHING: Final = "it is done already: nothing more is to come of it"


class Alerts:
    """Holds the alerts by key; one that has been raised is no longer set."""

    def __init__(self, store: TextStore) -> None:
        self._store = store
        self._waiting: dict[ItemKey, str] = {}
        self._raised: deque[Alert] = deque(maxlen=MOST)
        self._number = 0
        self.keys: frozenset[ItemKey] = frozenset()
        """The items that have an alert; to be read, not written."""
        self.raised: tuple[Alert, ...] = ()
        """The last that were raised, oldest first; to be read, not written."""

    def load(self, find: Callable[[ItemKey], Item | None]) -> None:
        """Set the alerts that the store kept, without operations that have left the list since.

        Other items may be missing only because their service has not been read as widely as before.
        """
        left = _decoded(self._store.recall(NAME))
        self._waiting = {
            key: waited
            for key, waited in left.items()
            if find(key) is not None or find_service(key) is not Service.OPERATIONS
        }
        self.keys = frozenset(self._waiting)

    def toggle(self, items: Sequence[Item]) -> str:
        """Set alerts on what is still to come of these items, or clear them if all are set; return words."""
        pending = {item.key: waited for item in items if (waited := item.awaited)}
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

    def check(self, items: Iterable[Item]) -> list[Alert]:
        """Raise and return the alerts of those among these items for which the wait is over."""
        if not self._waiting:
            return []
        done = [
            (item, waited)
            for item in items
            if (waited := self._waiting.get(item.key)) is not None and item.awaited not in {waited, RESULT}
        ]
        new = [self._alert(item, waited) for item, waited in done]
        if new:
            keys = {alert.key for alert in new}
            self._keep({key: waited for key, waited in self._waiting.items() if key not in keys})
            self._raised.extend(new)
            self.raised = tuple(self._raised)
        return new

    def _alert(self, item: Item, waited: str) -> Alert:
        self._number += 1
        return Alert(self._number, item.key, item.state.value, came(item, waited))

    def _keep(self, waiting: dict[ItemKey, str]) -> None:
        self._waiting = waiting
        self.keys = frozenset(waiting)
        self._store.remember(NAME, json.dumps(waiting))


def _decoded(text: str | None) -> dict[ItemKey, str]:
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(text or "{}")
        if isinstance(found, dict):
            return {ItemKey(key): waited for key, waited in found.items() if waited in (RESULT, POST_EDIT)}
    return {}
