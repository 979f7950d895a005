"""What is known at this moment, the snapshots made of it, and the alerts that are set on items."""

from __future__ import annotations

import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol, cast

from wbtui.domain.clock import Clock
from wbtui.domain.errors import StoreError
from wbtui.domain.flex_answers import flex_health
from wbtui.domain.keys import find_service
from wbtui.domain.merge import places, same_but_times
from wbtui.domain.model import (
    FINISHED,
    POST_EDIT,
    RESULT,
    Alert,
    BeeboxFile,
    Calls,
    Download,
    Event,
    FlexComponent,
    FlexDocument,
    FlexQuestion,
    Forecast,
    Health,
    HealthWord,
    InstantRequest,
    Item,
    ItemKey,
    Level,
    Operation,
    Outcome,
    Part,
    ReadOnly,
    Service,
    Snapshot,
)
from wbtui.domain.notices import News, came, news_lines, news_of
from wbtui.domain.ports import Publish, Store
from wbtui.monitor.chunks import GcFreezer
from wbtui.monitor.stored_health import leave_parts, parts_left

MOST: Final = 5000
"""Items that one may wait for: they are written down together."""
NAME: Final = "bells"
"""The name under which the store keeps them."""
NOTHING: Final = "it is done already: nothing more is to come of it"


class TextStore(Protocol):
    """A store that keeps small texts."""

    def remember(self, name: str, value: str) -> None:
        """Keep a text under a name."""
        ...

    def recall(self, name: str) -> str | None:
        """Return the text kept under a name."""
        ...


class Bells:
    """Holds the bells by key; one that has rung is taken away."""

    def __init__(self, memory: TextStore) -> None:
        self._memory = memory
        self._waiting: dict[ItemKey, str] = {}
        self._rings: deque[Alert] = deque(maxlen=MOST)
        self._number = 0
        self.keys: frozenset[ItemKey] = frozenset()
        """What is waited for; to be read, not written."""
        self.rings: tuple[Alert, ...] = ()
        """The last that rang, oldest first; to be read, not written."""

    def recollect(self, find: Callable[[ItemKey], Item | None]) -> None:
        """Take up what the store kept, without operations that have left the list since.

        Other items may be missing only because their service has not been read as widely as before.
        """
        left = _decoded(self._memory.recall(NAME))
        self._waiting = {
            key: waited
            for key, waited in left.items()
            if find(key) is not None or find_service(key) is not Service.OPERATIONS
        }
        self.keys = frozenset(self._waiting)

    def toggle(self, items: Sequence[Item]) -> str:
        """Wait for what is still to come of these items, or no longer if that is done; return words."""
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

    def heed(self, items: Iterable[Item]) -> list[Alert]:
        """Look whether one of these items is waited for and done; return the new rings."""
        if not self._waiting:
            return []
        done = [
            (item, waited)
            for item in items
            if (waited := self._waiting.get(item.key)) is not None and item.awaited not in {waited, RESULT}
        ]
        rings = [self._ring(item, waited) for item, waited in done]
        if rings:
            rung = {ring.key for ring in rings}
            self._keep({key: waited for key, waited in self._waiting.items() if key not in rung})
            self._rings.extend(rings)
            self.rings = tuple(self._rings)
        return rings

    def _ring(self, item: Item, waited: str) -> Alert:
        self._number += 1
        return Alert(self._number, item.key, item.state.value, came(item, waited))

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


EVENTS_KEPT: Final = 10_000
FREED: Final = 2_000
"""Items that are given back at once: some 2 ms."""
OPERATIONS_SHOWN: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ProfileInfo:
    """What the header says of the profile itself."""

    profile: str
    server: str = ""
    read_only: ReadOnly = ReadOnly.NO
    demo: bool = False
    danger: bool = False
    downloads: str = ""
    """The folder that files are downloaded into, made safe for showing."""
    purge_days: int = 30
    """After how many days the platform deletes Instant Translation requests."""


class MonitorState:
    """Holds the items, healths and events; the only writer of items into the store."""

    def __init__(self, sign: ProfileInfo, clock: Clock, store: Store, publish: Publish) -> None:
        self._sign = sign
        self._clock = clock
        self._store = store
        self._publish = publish
        self._items: dict[Service, dict[ItemKey, Item]] = {service: {} for service in Service}
        self._tuples: dict[Service, tuple[Item, ...]] = {}
        self._replaced: list[Item] = []
        self._leftover: list[Item] = []
        self._aside = GcFreezer()
        self._store_notice = self._store_trouble = ""
        self._store_opened = store.opened
        self._documents: dict[str, FlexDocument] = {}
        self._events: dict[int, Event] = {}
        self._places: Mapping[ItemKey, int] = {}
        self.health: dict[Service, Health] = {s: Health(HealthWord.OFF) for s in Service}
        self.calls = Calls()
        self.forecasts: Mapping[ItemKey, Forecast] = {}
        self.transfers: tuple[Download, ...] = ()
        self.transfers_before = 0
        """Ended downloads of this run that are not among them any more."""
        self.outcomes: tuple[Outcome, ...] = ()
        self.spoken_for: set[ItemKey] = set()
        """Operations of this run whose end is told by the outcomes of what they were for."""
        self.bells = Bells(store)
        self.question = FlexQuestion()
        self.flex_old_after: timedelta | None = None
        """From which age on answers of Flex count as old; None: from none on."""
        self.beebox_whole_at: datetime | None = None
        """When the last look over the whole Beebox project began, of those of this run that ended."""
        self.parts: dict[Service, Part] = {}
        """How much was read of the lists of which not all is known; survives the program."""
        self._parts_kept: dict[Service, Part] = {}
        self.paused_at: datetime | None = None

    @property
    def read_only(self) -> ReadOnly:
        """Return whether nothing may be changed on a server."""
        return self._sign.read_only

    @property
    def operations(self) -> dict[ItemKey, Operation]:
        """Return the operations by key; to be read, not written."""
        return cast("dict[ItemKey, Operation]", self._items[Service.OPERATIONS])

    @property
    def beebox(self) -> dict[ItemKey, BeeboxFile]:
        """Return the Beebox files by key; to be read, not written."""
        return cast("dict[ItemKey, BeeboxFile]", self._items[Service.BEEBOX])

    @property
    def instant(self) -> dict[ItemKey, InstantRequest]:
        """Return the IT requests by key; to be read, not written."""
        return cast("dict[ItemKey, InstantRequest]", self._items[Service.INSTANT])

    @property
    def flex(self) -> dict[ItemKey, FlexComponent]:
        """Return the Flex components by key; to be read, not written."""
        return cast("dict[ItemKey, FlexComponent]", self._items[Service.FLEX])

    def items(self, service: Service) -> Collection[Item]:
        """Return the items of a service, of whatever kind."""
        return self._items[service].values()

    @property
    def documents(self) -> Mapping[str, FlexDocument]:
        """Return the Flex documents by id."""
        return self._documents

    def find(self, key: ItemKey) -> Item | None:
        """Return the item of a key, whatever its kind."""
        found = (items.get(key) for items in self._items.values())
        return next((item for item in found if item is not None), None)

    def load(self, services: Iterable[Service]) -> None:
        """Take in what the store kept of these services, without news.

        What cannot be read at present stays as it is; the store says so.
        """
        with contextlib.suppress(StoreError):
            self._load_all(set(services))
        self.clamp()

    def _load_all(self, wanted: Collection[Service]) -> None:
        self._aside.loading(self._size())
        if Service.OPERATIONS in wanted:
            self._load(Service.OPERATIONS, self._fresh(self._store.operations()))
        if Service.BEEBOX in wanted:
            self._load(Service.BEEBOX, self._store.beebox())
        if Service.INSTANT in wanted:
            self._load(Service.INSTANT, self._store.instant())
        if Service.FLEX in wanted:
            self._load(Service.FLEX, self._store.flex())
            self._documents = {document.id: document for document in self._store.flex_documents()}
        self._events = {event.id: event for event in self._store.events(EVENTS_KEPT)}
        self.parts = {s: part for s, part in parts_left(self._store).items() if s in wanted}
        self._parts_kept = dict(self.parts)
        self._aside.loaded(self._size())

    def _size(self) -> int:
        return sum(len(items) for items in self._items.values())

    def _load(self, service: Service, items: Iterable[Item]) -> None:
        self._items[service] = {item.key: item for item in items}
        self._tuples.pop(service, None)

    def _fresh(self, operations: Iterable[Operation]) -> Iterable[Operation]:
        """Leave out what finished so long ago that it is not shown any more."""
        oldest = self._clock.now() - OPERATIONS_SHOWN
        return (o for o in operations if o.finished_at is None or o.finished_at >= oldest)

    def put(self, service: Service, items: Iterable[Item], gone: Iterable[ItemKey] = ()) -> bool:
        """Take in merged items and forget others; return whether anything but times of sight changed."""
        news: list[News] = []
        changed, lost = self._take(service, items, gone, news)
        self._tell(service, news, changed)
        return bool(changed or lost)

    async def put_many(self, service: Service, parts: AsyncIterator[Iterable[Item]]) -> None:
        """Take in a long reading part by part; its news are told together at the end."""
        news: list[News] = []
        changed: list[Item] = []
        try:
            async for items in parts:
                part = list(items)
                changed += self._take(service, part, (), news)[0]
                self._aside.came(len(part))
        finally:
            self._tell(service, news, changed)

    def _tell(self, service: Service, news: Sequence[News], changed: Iterable[Item]) -> None:
        self._ring(service, changed, news_lines(news))

    def _take(
        self, service: Service, items: Iterable[Item], gone: Iterable[ItemKey], news: list[News]
    ) -> tuple[list[Item], list[ItemKey]]:
        known = self._items[service]
        changed: list[Item] = []
        for item in items:
            old = known.get(item.key)
            if old is item:
                continue
            known[item.key] = item
            self._tuples.pop(service, None)
            if old is not None:
                self._replaced.append(old)
            if old is None or not same_but_times(old, item):
                changed.append(item)
                news += news_of(old, item) if item.key not in self.spoken_for else ()
        lost = [key for key in gone if known.pop(key, None) is not None]
        if lost:
            self.spoken_for.difference_update(lost)
            self._tuples.pop(service, None)
        if changed or lost:
            self._store.save(service, changed, lost)
        return changed, lost

    def _ring(
        self,
        service: Service,
        changed: Iterable[Item],
        lines: Iterable[tuple[Level, str, ItemKey | None]] = (),
    ) -> None:
        """Write the news into Activity, and which of them the user is told of: that is an action of his, too.

        A line that says what he is told stands there once, as what he is told; the others are put together.
        """
        rings = {ring.key: ring for ring in self.bells.heed(changed)}
        for level, text, key in lines:
            own = key in rings and rings[key].words == text
            if own and key is not None:
                del rings[key]
            self.log(level, service.value, f"told: {text}" if own else text, key=key)
        if rings:
            first, *others = rings.values()
            more = f" and {len(others)} more" if others else ""
            self.log(Level.INFO, service.value, f"told: {first.words}{more}", key=first.key)

    def recollect_bells(self) -> None:
        """Take up the bells of the run before; what was done in between rings at once."""
        self.bells.recollect(self.find)
        for service, items in self._items.items():
            self._ring(service, list(items.values()))

    def put_documents(self, documents: Iterable[FlexDocument]) -> None:
        """Take in Flex documents."""
        changed = [d for d in documents if self._documents.get(d.id) != d]
        for document in changed:
            self._documents[document.id] = document
        if changed:
            self._store.save(Service.FLEX, changed)

    def exchange_flex(self, cells: dict[ItemKey, FlexComponent]) -> None:
        """Put other components in the place of all that are there; that is no news."""
        gone = [key for key in self.flex if key not in cells]
        self._items[Service.FLEX] = cast("dict[ItemKey, Item]", cells)
        self._tuples.pop(Service.FLEX, None)
        self._store.save(Service.FLEX, tuple(cells.values()), gone)

    def keep_documents(self, ids: Iterable[str]) -> None:
        """Forget the Flex documents that are not among these, with their components."""
        wanted = set(ids)
        lost = [document for document in self._documents if document not in wanted]
        for document in lost:
            del self._documents[document]
        gone = [key for key, cell in self.flex.items() if cell.document not in wanted]
        self.put(Service.FLEX, (), gone)
        if lost:
            self._store.save(Service.FLEX, (), [ItemKey(document) for document in lost])

    def log(self, level: Level, source: str, text: str, *, key: ItemKey | None = None) -> Event:
        """Add a line to Activity."""
        number = next(reversed(self._events), 0) + 1
        event = Event(self._clock.now(), level, source, text, key=key, id=number)
        self.record(event)
        return event

    def record(self, event: Event) -> None:
        """Add an event, or replace the one with its id."""
        self._events[event.id] = event
        while len(self._events) > EVENTS_KEPT:
            del self._events[next(iter(self._events))]
        self._store.save_event(event)

    def heed_store(self) -> None:
        """Say in Activity what is new about the state file, and write all anew into one begun afresh."""
        trouble = self._store.trouble
        notice = self._store.notice.removesuffix(trouble).strip()
        if notice not in ("", self._store_notice):
            self.log(Level.WARNING, "wbtui", notice)
        if trouble != self._store_trouble:
            level = Level.WARNING if trouble else Level.INFO
            self.log(level, "wbtui", trouble or "The state file can be written again.")
        self._store_notice, self._store_trouble = notice, trouble
        if self._store.opened != self._store_opened:
            self._store_opened = self._store.opened
            for service, items in self._items.items():
                self._store.save(service, list(items.values()))
            self._store.save(Service.FLEX, list(self._documents.values()))

    def again(self, event: Event, text: str) -> Event:
        """Count one more of a repeated event, with its newest words."""
        repeated = replace(event, text=text, count=event.count + 1, until=self._clock.now())
        self.record(repeated)
        return repeated

    def clamp(self) -> None:
        """Take back times of sight that lie ahead, after the clock was set back.

        An answer older than what is known is ignored, and so would be all answers until the clock is there.
        """
        now = self._clock.now()
        for service, items in self._items.items():
            ahead = [item for item in items.values() if item.seen_at and item.seen_at > now]
            for item in ahead:
                items[item.key] = replace(item, seen_at=now)
            if ahead:
                self._tuples.pop(service, None)

    def tidy(self) -> None:
        """Take operations from the list that finished more than seven days ago."""
        oldest = self._clock.now() - OPERATIONS_SHOWN
        known = self._items[Service.OPERATIONS]
        old = [k for k, o in self.operations.items() if o.finished_at and o.finished_at < oldest]
        for key in old:
            del known[key]
            self._tuples.pop(Service.OPERATIONS, None)

    def unfinished(self) -> list[Operation]:
        """Return the operations that may still change, in no order."""
        return [o for o in self.operations.values() if o.state not in FINISHED]

    def listed(self, service: Service) -> tuple[Item, ...]:
        """Return all items of a service, the same tuple for as long as nothing in it changes."""
        if service not in self._tuples:
            self._tuples[service] = tuple(self._items[service].values())
        return self._tuples[service]

    def snapshot(self) -> Snapshot:
        """Return all of it as one frozen value."""
        if Service.OPERATIONS not in self._tuples:
            self._places = places(self.operations.values())
        return Snapshot(
            profile=self._sign.profile,
            at=self._clock.now(),
            operations=cast("tuple[Operation, ...]", self.listed(Service.OPERATIONS)),
            beebox=cast("tuple[BeeboxFile, ...]", self.listed(Service.BEEBOX)),
            instant=cast("tuple[InstantRequest, ...]", self.listed(Service.INSTANT)),
            flex=cast("tuple[FlexComponent, ...]", self.listed(Service.FLEX)),
            flex_documents=tuple(self._documents.values()),
            question=self.question,
            health={service: self._shown(service, health) for service, health in self.health.items()},
            calls=self.calls,
            events=tuple(self._events.values()),
            paused_at=self.paused_at,
            read_only=self._sign.read_only,
            danger=self._sign.danger,
            demo=self._sign.demo,
            places=self._places,
            forecasts=self.forecasts,
            server=self._sign.server,
            downloads=self._sign.downloads,
            purge_days=self._sign.purge_days,
            transfers=self.transfers,
            transfers_before=self.transfers_before,
            outcomes=self.outcomes,
            not_kept=self._store.trouble,
            bells=self.bells.keys,
            rings=self.bells.rings,
        )

    def know_part(self, service: Service, part: Part | None) -> None:
        """Take in how much of a service's list is known; None: all of it.

        That it is a part is written down at once, and how much when `keep_parts` is called.
        """
        before = self.parts.pop(service, None)
        if part is not None:
            self.parts[service] = part
        if (before is None) is not (part is None):
            self.keep_parts()

    def keep_parts(self) -> None:
        """Write down how much of which lists is known, if that has changed."""
        if self.parts != self._parts_kept:
            self._parts_kept = dict(self.parts)
            leave_parts(self._store, self.parts)

    def _shown(self, service: Service, health: Health) -> Health:
        """Say of a part of a list that it is read, of Flex its true age, and PAUSED while that holds."""
        if health.word is HealthWord.OFF:
            return health
        if service is Service.FLEX:
            documents = self._documents.values()
            health = flex_health(health, documents, self.question, self.flex_old_before())
        part = self._flex_part() if service is Service.FLEX else None
        part = self.parts.get(service, part)
        word = HealthWord.CONNECTING if part and health.word is HealthWord.OK else health.word
        if word is not health.word or part != health.part:
            health = replace(health, word=word, part=part)
        if self.paused_at is None:
            return health
        return replace(health, word=HealthWord.PAUSED, at=self.paused_at, next_at=None)

    def flex_old_before(self) -> datetime | None:
        """Return before when an answer of Flex counts as old; None where that is not known."""
        return None if self.flex_old_after is None else self._clock.now() - self.flex_old_after

    def _flex_part(self) -> Part | None:
        """Return how many documents have answered whole, where not all have."""
        documents = self._documents.values()
        answered = sum(document.answers(self.question) for document in documents)
        if answered < len(documents):
            return Part(answered, len(documents), "documents")
        whole = sum(not document.lost for document in documents)
        why = f"{sum(document.lost for document in documents)} components of the others cannot be read"
        return Part(whole, len(documents), "documents", why) if whole < len(documents) else None

    def publish(self) -> None:
        """Hand the present state to whoever shows it."""
        self._publish(self.snapshot())

    async def let_go(self) -> None:
        """Give back, bit by bit, what was replaced before the last snapshot but one.

        Whoever drops a snapshot would otherwise free 200 000 items in one go, which takes 0.1 s.
        """
        left, self._leftover, self._replaced = self._leftover, self._replaced, []
        while left:
            del left[-FREED:]
            if left:
                await self._clock.sleep(0)
