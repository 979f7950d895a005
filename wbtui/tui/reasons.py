"""Why the keys that act can do nothing with what they would act on: for dimmed keys and the palette. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from wbtui.domain.bells import awaited
from wbtui.domain.model import Event, ReadOnly
from wbtui.tui.offered_actions import Act, choose, refusal
from wbtui.tui.tabs.base import Row

LOOKED_AT: Final = 200
"""Items that are looked at; of more it is taken that something can be done with one of them."""

ACTS: Final[Mapping[str, Act]] = {
    "item.download": Act.DOWNLOAD,
    "item.other": Act.OTHER,
    "item.retry": Act.RETRY,
    "item.cancel": Act.CANCEL,
}


def reasons(rows: Sequence[Row], *, read_only: ReadOnly) -> Mapping[str, str]:
    """Return the ids of the actions that can do nothing with any of these rows, each with why."""
    if len(rows) > LOOKED_AT:
        return {}
    items = [row for row in rows if not isinstance(row, Event)]
    if not items:
        return {}
    found = {id: refusal(choose(items, act, read_only=read_only)) for id, act in ACTS.items()}
    if not any(awaited(item) for item in items):
        found["item.tell"] = "b: nothing more is to come of it"
    return {id: why for id, why in found.items() if why}
