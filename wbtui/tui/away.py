"""What happened while nobody was at the keys: one line for whoever comes back. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from wbtui.domain.model import PROBLEM, Item, Service, Snapshot, State
from wbtui.tui.tabs.base import Tab

AN_HOUR = 3600.0
"""Seconds without a key after which the line is shown."""


@dataclass(frozen=True, slots=True)
class Missed:
    """What became ready and what failed since a moment."""

    since: datetime
    ready: int = 0
    failed: int = 0
    tab: Tab | None = None
    """The first tab on which something failed."""

    def __bool__(self) -> bool:
        return bool(self.ready or self.failed)

    def words(self, clock: str) -> str:
        """Return the line; `clock` is the moment as it is shown."""
        counts = [f"{self.ready} ready"] if self.ready else []
        counts += [f"{self.failed} failed"] if self.failed else []
        leads = "   ! shows what failed" if self.failed else ""
        return f"since {clock}: {', '.join(counts)}{leads}"


def missed(snapshot: Snapshot, since: datetime) -> Missed:
    """Count the items that became ready or failed after a moment, as wbtui saw it."""
    ready = failed = 0
    tab: Tab | None = None
    for service, item in _items(snapshot):
        if item.changed_at is None or item.changed_at <= since:
            continue
        ready += item.state is State.READY
        if item.state in PROBLEM:
            failed += 1
            tab = tab or Tab(service.value)
    return Missed(since, ready, failed, tab)


def _items(snapshot: Snapshot) -> Iterator[tuple[Service, Item]]:
    for service in Service:
        for item in snapshot.items(service):
            yield service, item
