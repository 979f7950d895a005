"""The lines of Activity, kept in the store as they come."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.model import ItemKey
from wbtui.domain.ports import Store
from wbtui.domain.snapshot import Event, Level

EVENTS_KEPT: Final = 10_000


class EventLog:
    """Holds the newest events by their ids, oldest first."""

    def __init__(self, clock: Clock, store: Store) -> None:
        self._clock = clock
        self._store = store
        self._events: dict[int, Event] = {}
        self._tuple: tuple[Event, ...] | None = ()
        self._store_notice = self._store_trouble = ""

    def load(self) -> None:
        """Read the events that the store kept; raises `StoreError`."""
        self._events = {event.id: event for event in self._store.events(EVENTS_KEPT)}
        self._tuple = None

    def all(self) -> tuple[Event, ...]:
        """Return the events, the same tuple for as long as none comes."""
        if self._tuple is None:
            self._tuple = tuple(self._events.values())
        return self._tuple

    def add(self, level: Level, source: str, text: str, *, key: ItemKey | None = None) -> Event:
        """Add a line."""
        number = next(reversed(self._events), 0) + 1
        event = Event(self._clock.now(), level, source, text, key=key, id=number)
        self._record(event)
        return event

    def repeat(self, event: Event, text: str) -> Event:
        """Count one more of a repeated event, with its newest words."""
        repeated = replace(event, text=text, count=event.count + 1, until=self._clock.now())
        self._record(repeated)
        return repeated

    def add_store_trouble(self) -> None:
        """Add a line on what is new about the state file: a notice, trouble, or the end of trouble."""
        trouble = self._store.trouble
        notice = self._store.notice.removesuffix(trouble).strip()
        if notice not in ("", self._store_notice):
            self.add(Level.WARNING, "wbtui", notice)
        if trouble != self._store_trouble:
            level = Level.WARNING if trouble else Level.INFO
            self.add(level, "wbtui", trouble or "The state file can be written again.")
        self._store_notice, self._store_trouble = notice, trouble

    def _record(self, event: Event) -> None:
        """Add an event, or replace the one with its id."""
        self._events[event.id] = event
        self._tuple = None
        while len(self._events) > EVENTS_KEPT:
            del self._events[next(iter(self._events))]
        self._store.save_event(event)
