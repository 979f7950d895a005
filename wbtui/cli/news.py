"""What changed between two snapshots: the lines of `wbtui status --watch`, in words and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.merge import same_but_times
from wbtui.domain.model import FINISHED, PROBLEM, InstantRequest, Item, ItemKey, Operation, Service
from wbtui.domain.notices import is_routine, state_sentence
from wbtui.domain.serialize import age_seconds, item_to_json, message_of, value_to_json
from wbtui.domain.snapshot import Health, HealthWord, Snapshot
from wbtui.domain.states import state_words
from wbtui.monitor.pollers.operations_plan import MINUTE
from wbtui.tui.toolkit.times import age, near

SINGLY: Final = 10
"""Up to so many new items of one service get a line each; more share one with their number."""


@dataclass(frozen=True, slots=True)
class ServiceNews:
    """A service is doing otherwise than before."""

    at: datetime
    service: Service
    health: Health
    items: tuple[Item, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as one JSON object."""
        health = self.health
        return {
            "at": value_to_json(self.at),
            "event": "service",
            "service": self.service.value,
            "state": health.word.value,
            "since_or_until": value_to_json(health.at),
            "message": message_of(health),
            "advice": health.advice,
            "partial": value_to_json(health.part),
            "read_at": value_to_json(health.read_at),
            "age_seconds": age_seconds(health, self.at),
            "items": len(self.items),
            "open": sum(item.state not in FINISHED for item in self.items),
        }

    def words(self) -> str:
        """Return it as a sentence."""
        head = f"{self.service.label}: {health_words(self.health)}"
        if self.health.word is HealthWord.LOGIN:
            return head
        return f"{head}; {counts(self.items, so_far=self.health.part is not None)}"


@dataclass(frozen=True, slots=True)
class ItemNews:
    """An item is new, has changed or is gone; `old` is None for a new one."""

    at: datetime
    service: Service
    change: str
    """`new`, `changed` or `gone`."""
    item: Item
    old: Item | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as one JSON object: the item itself, and what happened to it."""
        return {
            "at": value_to_json(self.at),
            "event": "item",
            "service": self.service.value,
            "change": self.change,
            "before": self.old.state.value if self.old else None,
            **item_to_json(self.item),
        }

    def words(self) -> str:
        """Return it as a sentence, or an empty text if it is not worth one."""
        item, old = self.item, self.old
        name = f"{self.service.label}: {item.sentence_name}"
        if is_routine(item):
            return ""
        if self.change == "gone":
            return f"{name} left the list"
        if old is None or old.state is not item.state:
            return f"{name} {state_sentence(item)}" + ("" if old else " (new)")
        edit, before = _post_edit(item), _post_edit(old)
        return f"{name}: post-edit {edit or 'withdrawn'}" if edit != before else ""


def news(old: Snapshot | None, new: Snapshot) -> Iterator[ServiceNews | ItemNews]:
    """Yield what changed, services first; everything is new where there is no old snapshot."""
    for service in Service:
        health = new.health[service]
        before = old.health[service] if old else None
        if before is None or _told(before) != _told(health):
            yield ServiceNews(new.at, service, health, new.items(service))
    for service in Service:
        yield from _items(old, new, service)


def in_words(found: Iterable[ServiceNews | ItemNews]) -> Iterator[tuple[datetime, str]]:
    """Yield time and sentence of what is worth one; many new items of a service become one sentence."""
    changes = list(found)
    fresh: dict[Service, list[ItemNews]] = {}
    for one in changes:
        if isinstance(one, ItemNews) and one.change == "new" and not is_routine(one.item):
            fresh.setdefault(one.service, []).append(one)
    many = {service for service, ones in fresh.items() if len(ones) > SINGLY}
    for service in many:
        items = [one.item for one in fresh[service]]
        yield fresh[service][0].at, f"{service.label}: {len(items)} new items: {by_state(items)}"
    for one in changes:
        if isinstance(one, ItemNews) and one.change == "new" and one.service in many:
            continue
        words = one.words()
        if words:
            yield one.at, words


def _items(old: Snapshot | None, new: Snapshot, service: Service) -> Iterator[ItemNews]:
    now = new.items(service)
    past = old.items(service) if old else ()
    if now is past:
        return
    known: dict[ItemKey, Item] = {item.key: item for item in past}
    for item in now:
        before = known.pop(item.key, None)
        if before is item:
            continue
        if before is None:
            yield ItemNews(new.at, service, "new", item)
        elif not _same(before, item):
            yield ItemNews(new.at, service, "changed", item, before)
    for item in known.values():
        yield ItemNews(new.at, service, "gone", item, item)


def _same(old: Item, new: Item) -> bool:
    if isinstance(old, Operation) and isinstance(new, Operation):
        return (old.reading, old.known, old.label, old.kind) == (
            new.reading,
            new.known,
            new.label,
            new.kind,
        )
    return same_but_times(old, new)


def _told(health: Health) -> tuple[HealthWord, str, bool]:
    """Return what is news of a service; not how far a reading has come, which would be a line a minute."""
    return health.word, health.message, health.part is not None


def _post_edit(item: Item) -> str | None:
    return item.post_edit if isinstance(item, InstantRequest) else None


def health_words(health: Health) -> str:
    """Return word, time, message and advice of a service's health."""
    word = health.word.value
    if health.at is not None:
        preposition = {HealthWord.OLD: "since", HealthWord.PAUSED: "since", HealthWord.DOWN: "next"}
        word += f" {preposition.get(health.word, 'until')} {health.at.astimezone():%H:%M:%S}"
    message = message_of(health)
    parts = (word, f": {message}" if message else "", f" ({health.advice})")
    return "".join(parts[: 3 if health.advice else 2])


def counts(items: Iterable[Item], *, so_far: bool = False) -> str:
    """Return in words how many items there are, how many of them are open, and how many have problems.

    With `so_far` these are not all.
    """
    states = [item.state for item in items]
    if not states:
        return "nothing there" + (" so far" if so_far else "")
    words = f"{len(states)} item{'s' if len(states) > 1 else ''}" + (" so far" if so_far else "")
    unfinished = sum(state not in FINISHED for state in states)
    problems = sum(state in PROBLEM for state in states)
    words += f", {unfinished} open" if unfinished else ""
    return words + (f", {problems} with problems" if problems else "")


def age_words(health: Health, at: datetime) -> str:
    """Return when the service was asked for what is shown: "as of 14:02:05, 3 min ago", or nothing."""
    seconds = age_seconds(health, at)
    if health.read_at is None or seconds is None:
        return ""
    ago = f", {age(seconds)} ago" if seconds >= MINUTE else ""
    return f"as of {near(health.read_at, at, None)}{ago}"


def by_state(items: Iterable[Item]) -> str:
    """Return in words how many items are in which state, the most frequent one first."""
    found = Counter(state_words(item).word.lower() for item in items)
    return ", ".join(f"{count} {word}" for word, count in found.most_common())


def sentences(snapshot: Snapshot) -> Iterator[str]:
    """Yield the whole snapshot as sentences, for `status --plain`."""
    for service in Service:
        health = snapshot.health[service]
        parts = [health_words(health), counts(snapshot.items(service), so_far=health.part is not None)]
        yield f"{service.label}: {'; '.join(filter(None, [*parts, age_words(health, snapshot.at)]))}"
        for item in snapshot.items(service):
            yield f"{service.label}: {item.key}: {item.sentence_name} {state_sentence(item)}"
