"""How the services did when they were asked last, and how much of their lists was read, kept in the store."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Final

from wbtui.domain.model import Service
from wbtui.domain.ports import Publish, Store
from wbtui.domain.snapshot import Health, HealthWord, Part, Snapshot

HEALTHS: Final = "health"
"""The name under which the services' health stands in the store."""
READ_GAP: Final = timedelta(seconds=30)
"""How far behind the time of the last reading may be that is left; each look would be a write else."""


def leave_healths(store: Store, publish: Publish) -> Publish:
    """Return a `publish` that also leaves the services' health in the store, whenever it changes."""
    last = ""
    left: Mapping[Service, Health] = {}

    def publish_and_leave(snapshot: Snapshot) -> None:
        nonlocal last, left
        text = json.dumps({service.value: _words(health) for service, health in snapshot.health.items()})
        if text != last or _behind(left, snapshot.health):
            last, left = text, snapshot.health
            store.remember(HEALTHS, _text(snapshot.health), synced=False)
        publish(snapshot)

    return publish_and_leave


def leave_readings(store: Store, healths: Mapping[Service, Health]) -> None:
    """Leave how these services did when a command asked them, beside what is left of the others."""
    store.remember(HEALTHS, _text({**left_healths(store), **healths}))


def left_healths(store: Store) -> dict[Service, Health]:
    """Return what was left, without what cannot be read."""
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(store.recall(HEALTHS) or "")
        if isinstance(found, dict):
            decoded = {service: _decoded(found.get(service.value)) for service in Service}
            return {service: health for service, health in decoded.items() if health is not None}
    return {}


def behind_poller(store: Store, services: Collection[Service], poller: str) -> dict[Service, Health]:
    """Return each service's health as the one that polls left it, which `poller` names in the message."""
    left = left_healths(store)
    return {service: _named(left.get(service, Health(HealthWord.CONNECTING)), poller) for service in services}


def _named(health: Health, poller: str) -> Health:
    message = f"{health.message}; {poller}" if health.message else poller
    return replace(health, message=message)


def _behind(left: Mapping[Service, Health], healths: Mapping[Service, Health]) -> bool:
    for service, health in healths.items():
        before = left[service].read_at if service in left else None
        if health.read_at is not None and (before is None or abs(health.read_at - before) >= READ_GAP):
            return True
    return False


def _text(healths: Mapping[Service, Health]) -> str:
    return json.dumps(
        {
            service.value: _words(health) | {"read_at": _iso(health.read_at)}
            for service, health in healths.items()
        }
    )


def _words(health: Health) -> dict[str, Any]:
    # where looks are held back, the minute of the next one
    next_at = health.next_at if health.word is HealthWord.LIMIT else None
    return {
        "next": next_at.replace(second=0).isoformat() if next_at else None,
        "word": health.word.value,
        "at": _iso(health.at),
        "message": health.message,
        "advice": health.advice,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _decoded(left: Any) -> Health | None:
    """Return the health; None where another version left it, or none was left."""
    try:
        at = datetime.fromisoformat(left["at"]) if left["at"] else None
        read_at = datetime.fromisoformat(left["read_at"]) if left.get("read_at") else None
        next_at = datetime.fromisoformat(left["next"]) if left.get("next") else None
        words = (str(left["message"]), str(left["advice"]))
        return Health(HealthWord(left["word"]), at, *words, read_at=read_at, next_at=next_at)
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


PARTS: Final = "parts"


class KnownParts:
    """How much was read of the lists that are not wholly known; survives the program."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._parts: dict[Service, Part] = {}
        self._kept: dict[Service, Part] = {}

    def load(self, services: Collection[Service]) -> None:
        """Read what the store kept of these services."""
        self._parts = {s: part for s, part in parts_left(self._store).items() if s in services}
        self._kept = dict(self._parts)

    def get(self, service: Service) -> Part | None:
        """Return how much of a service's list was read; None if all was, or it was never begun."""
        return self._parts.get(service)

    def set(self, service: Service, part: Part | None, *, keep: bool = True) -> None:
        """Set how much of a service's list was read, None for all of it.

        That it is a part is written down at once, unless `keep` is False; how much when `keep()` is called.
        """
        before = self._parts.pop(service, None)
        if part is not None:
            self._parts[service] = part
        if keep and (before is None) is not (part is None):
            self.keep()

    def keep(self) -> None:
        """Save how much of each list was read, if that has changed."""
        if self._parts != self._kept:
            self._kept = dict(self._parts)
            leave_parts(self._store, self._parts)


def leave_parts(store: Store, parts: Mapping[Service, Part]) -> None:
    """Save how much of each list was read."""
    store.remember(PARTS, json.dumps({service.value: asdict(part) for service, part in parts.items()}))


def parts_left(store: Store) -> dict[Service, Part]:
    """Return what was kept; nothing where it cannot be read."""
    try:
        found = json.loads(store.recall(PARTS) or "{}")
        return {Service(name): _part_from(each) for name, each in found.items()}
    except (ValueError, TypeError, AttributeError, KeyError):
        return {}


def _part_from(found: Any) -> Part:
    total = found["total"]
    return Part(
        int(found["read"]), None if total is None else int(total), str(found["what"]), str(found["why"])
    )
