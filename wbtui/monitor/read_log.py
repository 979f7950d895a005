"""Keeps when the lists of the services were read, so that items which did not change need not say it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from wbtui.domain.model import ItemKey, Service
from wbtui.domain.read_times import ReadTimes


class ReadLog:
    """Takes in readings, and gives their times as one frozen value."""

    def __init__(self) -> None:
        self._lists: dict[str, datetime] = {}
        self._missed: dict[str, frozenset[ItemKey]] = {}
        self._single: dict[Service, dict[ItemKey, datetime]] = {}
        self._times: ReadTimes | None = ReadTimes()

    def whole(self, name: str, at: datetime, missed: Collection[ItemKey] = ()) -> None:
        """Record that the whole list of that name was asked for, and that known items were `missed` in it."""
        self._lists[name] = at
        self._missed[name] = frozenset(missed)
        self._times = None

    def some(self, service: Service, keys: Iterable[ItemKey], at: datetime) -> None:
        """Record that these items were asked for apart from their list."""
        self._single.setdefault(service, {}).update(dict.fromkeys(keys, at))
        self._times = None

    def drop_older(self, service: Service, at: datetime) -> None:
        """Forget what was asked for apart from a list that was read whole since."""
        self._single[service] = {k: t for k, t in self._single.get(service, {}).items() if t > at}
        self._times = None

    def clamp(self, now: datetime) -> None:
        """Set times that lie ahead to the present, after the clock was set back."""
        self._lists = {name: min(at, now) for name, at in self._lists.items()}
        for times in self._single.values():
            times.update({key: now for key, at in times.items() if at > now})
        self._times = None

    def times(self) -> ReadTimes:
        """Return the times, the same value for as long as nothing is read."""
        if self._times is None:
            missed = frozenset[ItemKey]().union(*self._missed.values())
            single = {key: at for times in self._single.values() for key, at in times.items()}
            self._times = ReadTimes(dict(self._lists), missed, single)
        return self._times
