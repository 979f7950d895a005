"""What was made since the last time, and since when the next time: for the command and the screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.model import BeeboxFile, Item, ItemKey, Service
from wbtui.domain.ports import Store
from wbtui.domain.records import Fetched
from wbtui.domain.snapshot import HealthWord, NewIn, Novelty
from wbtui.domain.versions import new_items, newest_by_locale
from wbtui.monitor.actions.download_queue import Places
from wbtui.monitor.chunks import chunks
from wbtui.monitor.monitor_state import MonitorState

NEWEST: Final = "beebox.newest."
LOOKED_AT: Final = 2000
"""Items that are looked at at once: some 10 ms."""


class WhatIsNew:
    """Compares what is known with what was fetched; `may_come` tells whether an item can be downloaded."""

    def __init__(
        self,
        state: MonitorState,
        places: Places,
        store: Store,
        clock: Clock,
        may_come: Callable[[Item], bool],
    ) -> None:
        self._state = state
        self._places = places
        self._store = store
        self._clock = clock
        self._may_come = may_come
        self._stamp = store.stamp()
        self._touched: set[str] = set()

    async def find(self, services: Collection[Service]) -> Novelty:
        """Return what of these services is ready and was not fetched since it was made."""
        stamp = self._store.stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            self._places.look_again()
        newest: dict[str, datetime] = {}
        found: list[ItemKey] = []
        counts: Counter[str] = Counter()
        items = [item for service in services for item in self._state.items(service)]
        async for part in chunks(items, self._clock, LOOKED_AT):
            newest |= self._newest(_locales(part) - newest.keys())
            new = [item for item in new_items(part, self._fetched, newest) if self._may_come(item)]
            found += [item.key for item in new]
            counts.update(item.locale for item in new if isinstance(item, BeeboxFile))
        locales = tuple(NewIn(locale, count, newest.get(locale)) for locale, count in counts.most_common())
        return Novelty(tuple(found), locales, whole=self._whole(services))

    def _whole(self, services: Collection[Service]) -> bool:
        off = self._state.health[Service.BEEBOX].word is HealthWord.OFF
        if off or Service.BEEBOX not in services:
            return True
        return self._state.beebox_whole_at is not None and self._state.parts.get(Service.BEEBOX) is None

    def ended(self, item: Item) -> None:
        """Record that a download has ended, however; `remember` is due when nothing is under way."""
        if isinstance(item, BeeboxFile):
            self._touched.add(item.locale)

    def remember(self) -> None:
        """Save the newest date fetched of each locale with ended downloads.

        Only what lies whole under its final name counts: what failed, or was stopped, is new again.
        """
        touched, until = self._touched, self._state.beebox_whole_at
        if not touched or until is None:
            return
        before = self._newest(touched)
        files: Iterable[Item] = (f for f in self._state.beebox.values() if f.locale in touched)
        for locale, made in newest_by_locale(files, self._fetched, before, until).items():
            if made != before.get(locale):
                self._store.remember(f"{NEWEST}{locale}", made.isoformat())
        touched.clear()

    def _newest(self, locales: Iterable[str]) -> dict[str, datetime]:
        kept = {locale: _moment(self._store.recall(f"{NEWEST}{locale}")) for locale in locales}
        return {locale: at for locale, at in kept.items() if at is not None}

    def _fetched(self, key: ItemKey) -> Fetched | None:
        return self._places.fetched.get((key, False))


def _moment(text: str | None) -> datetime | None:
    """Return a date that was kept; None where there is none, or none that can be compared."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _locales(items: Iterable[Item]) -> set[str]:
    return {item.locale for item in items if isinstance(item, BeeboxFile)}
