"""The items that another process waits for, left in the store for the process that polls."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from wbtui.domain.errors import StoreError
from wbtui.domain.model import ItemKey
from wbtui.domain.ports import Store

PREFIX: Final = "wanted."
"""The name in the store: this, and who waits."""


def leave_wanted(store: Store, run: str, keys: Collection[ItemKey], until: datetime) -> None:
    """Leave word to the one that polls that `run` waits for these until then; for none, take it back."""
    text = json.dumps({"until": until.isoformat(), "keys": sorted(keys)}) if keys else ""
    store.remember(PREFIX + run, text)


def wanted(store: Store, now: datetime) -> frozenset[ItemKey]:
    """Return the items that any process waits for; word of one that was killed is forgotten in time."""
    try:
        left = store.recall_all(PREFIX)
    except StoreError:  # the next time, then
        return frozenset()
    keys: set[ItemKey] = set()
    for name, text in left.items():
        until, named = _read(text)
        if until is None or until <= now:
            store.remember(name, "")
        else:
            keys |= named
    return frozenset(keys)


def _read(text: str) -> tuple[datetime | None, set[ItemKey]]:
    try:
        found: Any = json.loads(text)
        return datetime.fromisoformat(found["until"]), {ItemKey(str(key)) for key in found["keys"]}
    except (ValueError, TypeError, KeyError):  # left by another version
        return None, set()
