"""What is known of one profile now: items, Flex documents, Activity, alerts; and the snapshots made of it."""

from __future__ import annotations

import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

from wbtui.domain.clock import Clock
from wbtui.domain.errors import StoreError
from wbtui.domain.flex_answers import flex_health
from wbtui.domain.item_keys import find_service
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.merge import same_but_times
from wbtui.domain.model import (
    FINISHED,
    POST_EDIT,
    RESULT,
    BeeboxFile,
    FlexComponent,
    FlexDocument,
    FlexQuestion,
    InstantRequest,
    Item,
    ItemKey,
    Operation,
    Service,
)
from wbtui.domain.notices import News, came, news_lines, news_of
from wbtui.domain.ports import Publish, Store, TextStore
from wbtui.domain.snapshot import (
    Alert,
    Calls,
    Download,
    Event,
    Forecast,
    Health,
    HealthWord,
    Level,
    Outcome,
    Part,
    ReadOnly,
    Snapshot,
)
from wbtui.monitor.chunks import GcFreezer, Replaced
from wbtui.monitor.operations_index import OperationsIndex
from wbtui.monitor.read_log import ReadLog
from wbtui.monitor.stored_health import KnownParts

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


class FlexDocuments:
    """Holds the Flex documents by id, and writes what changes into the store."""

    def __init__(self, clock: Clock, store: Store) -> None:
        self._clock = clock
        self._store = store
        self._documents: dict[str, FlexDocument] = {}
        self.old_after: timedelta | None = None
        """From which age on answers count as old; None: from none on."""

    @property
    def by_id(self) -> Mapping[str, FlexDocument]:
        """Return the documents."""
        return self._documents

    def load(self) -> None:
        """Read the documents that the store kept; raises `StoreError`."""
        self._documents = {document.id: document for document in self._store.flex_documents()}

    def save_all(self) -> None:
        """Write all documents into a state file that was begun afresh."""
        self._store.save(Service.FLEX, list(self._documents.values()))

    def put(self, documents: Iterable[FlexDocument]) -> None:
        """Add or replace documents."""
        changed = [d for d in documents if self._documents.get(d.id) != d]
        for document in changed:
            self._documents[document.id] = document
        if changed:
            self._store.save(Service.FLEX, changed)

    def change(self, id: str, **fields: Any) -> None:
        """Set fields of a document, if it is known."""
        known = self._documents.get(id)
        if known is not None:
            self.put([replace(known, **fields)])

    def keep_only(self, ids: Collection[str]) -> None:
        """Forget the documents that are not among these."""
        lost = [document for document in self._documents if document not in ids]
        for document in lost:
            del self._documents[document]
        if lost:
            self._store.save(Service.FLEX, (), [ItemKey(document) for document in lost])

    def old_before(self) -> datetime | None:
        """Return before when an answer counts as old; None where that is not known."""
        return None if self.old_after is None else self._clock.now() - self.old_after

    def health(self, health: Health, question: FlexQuestion) -> Health:
        """Return the health of Flex with the true age of its answers to a question."""
        return flex_health(health, self._documents.values(), question, self.old_before())

    def part(self, question: FlexQuestion) -> Part | None:
        """Return how many documents have answered a question whole; None if all have."""
        documents = self._documents.values()
        answered = sum(document.answers(question) for document in documents)
        if answered < len(documents):
            return Part(answered, len(documents), "documents")
        whole = sum(not document.lost for document in documents)
        why = f"{sum(document.lost for document in documents)} components of the others cannot be read"
        return Part(whole, len(documents), "documents", why) if whole < len(documents) else None


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
    """Holds the items and how the services are doing; the only writer of items into the store."""

    def __init__(self, info: ProfileInfo, clock: Clock, store: Store, publish: Publish) -> None:
        self._info = info
        self._clock = clock
        self._store = store
        self._publish = publish
        self._items: dict[Service, dict[ItemKey, Item]] = {service: {} for service in Service}
        self._tuples: dict[Service, tuple[Item, ...]] = {}
        self._freezer = GcFreezer()
        self._store_opened = store.opened
        self.stamp = 0
        """That of the store before it was loaded: what others write from then on is not among the items."""
        self.replaced = Replaced(clock)
        """Items that were replaced by newer ones, until they are given back."""
        self.flex_documents = FlexDocuments(clock, store)
        self.events = EventLog(clock, store)
        self.index = OperationsIndex()
        """What is asked of all operations at each look."""
        self.health: dict[Service, Health] = {s: Health(HealthWord.OFF) for s in Service}
        self.calls = Calls()
        self.forecasts: Mapping[ItemKey, Forecast] = {}
        self.transfers: tuple[Download, ...] = ()
        self.transfers_before = 0
        """Ended downloads of this run that are not among them any more."""
        self.outcomes: tuple[Outcome, ...] = ()
        self.spoken_for: set[ItemKey] = set()
        """Operations of this run whose end is told by the outcomes of what they were for."""
        self.alerts = Alerts(store)
        self.preferred: frozenset[ItemKey] = frozenset()
        """What the user looks at or marked: asked for before others."""
        self.question = FlexQuestion()
        self.beebox_whole_at: datetime | None = None
        """When the last look over the whole Beebox project began, of those of this run that ended."""
        self.parts = KnownParts(store)
        self.reads = ReadLog()
        self.renews = False
        """Whether items that a reading finds unchanged are replaced all the same: for what is read once."""
        self.paused_at: datetime | None = None

    @property
    def read_only(self) -> ReadOnly:
        """Return whether nothing may be changed on a server."""
        return self._info.read_only

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
        return self.flex_documents.by_id

    def find(self, key: ItemKey) -> Item | None:
        """Return the item of a key, whatever its kind."""
        found = (items.get(key) for items in self._items.values())
        return next((item for item in found if item is not None), None)

    def load(self, services: Iterable[Service]) -> None:
        """Load what the store kept of these services, without news.

        What cannot be read at present stays as it is; the store says so.
        """
        self.stamp = self._store.stamp()
        with contextlib.suppress(StoreError):
            self._load_all(set(services))
        self.clamp()

    def _load_all(self, wanted: Collection[Service]) -> None:
        self._freezer.loading(self._size())
        for service in wanted:
            items = self._store.items(service)
            shown = filter(self._is_shown, items) if service is Service.OPERATIONS else items
            self._items[service] = {item.key: item for item in shown}
            self._tuples.pop(service, None)
        self.index.rebuild(self.operations.values())
        if Service.FLEX in wanted:
            self.flex_documents.load()
        self.events.load()
        self.parts.load(wanted)
        self._freezer.loaded(self._size())

    def _size(self) -> int:
        return sum(len(items) for items in self._items.values())

    def _is_shown(self, item: Item) -> bool:
        """Return whether an item did not finish so long ago that it is not shown any more."""
        finished = item.finished_at if isinstance(item, Operation) else None
        return finished is None or finished >= self._clock.now() - OPERATIONS_SHOWN

    def put(self, service: Service, items: Iterable[Item], gone: Iterable[ItemKey] = ()) -> bool:
        """Add or replace merged items and drop others; return whether more than times of sight changed."""
        news: list[News] = []
        changed, lost = self._take(service, items, gone, news)
        self._log_news(service, changed, news_lines(news))
        return bool(changed or lost)

    async def put_many(self, service: Service, parts: AsyncIterator[Iterable[Item]]) -> None:
        """Add or replace the items of a long list part by part; their news are logged together at the end."""
        news: list[News] = []
        changed: list[Item] = []
        try:
            async for items in parts:
                part = list(items)
                changed += self._take(service, part, (), news)[0]
                self._freezer.came(len(part))
        finally:
            self._log_news(service, changed, news_lines(news))

    def _take(
        self, service: Service, items: Iterable[Item], gone: Iterable[ItemKey], news: list[News]
    ) -> tuple[list[Item], list[ItemKey]]:
        known = self._items[service]
        changed: list[Item] = []
        replaced: list[Item] = []
        for item in items:
            old = known.get(item.key)
            if old is item:
                continue
            known[item.key] = item
            self._index(old, item)
            if old is not None:
                replaced.append(old)
            if old is None or not same_but_times(old, item):
                changed.append(item)
                news += news_of(old, item) if item.key not in self.spoken_for else ()
        if not self.renews:  # nobody shows what a single reading replaces
            self.replaced.add(replaced)
        lost = [item for item in (known.pop(key, None) for key in gone) if item is not None]
        for item in lost:
            self._index(item, None)
        keys = [item.key for item in lost]
        self.spoken_for.difference_update(keys)
        if changed or keys:
            self._store.save(service, changed, keys)
        return changed, keys

    def _index(self, old: Item | None, new: Item | None) -> None:
        """Take in that an item came, was replaced or went."""
        either = new or old
        if either is not None:
            self._tuples.pop(either.service, None)
        if isinstance(either, Operation):
            self.index.replace(cast("Operation | None", old), cast("Operation | None", new))

    def _log_news(
        self,
        service: Service,
        changed: Iterable[Item],
        lines: Iterable[tuple[Level, str, ItemKey | None]] = (),
    ) -> None:
        """Write the news into Activity, and the alerts that are raised by what changed.

        A line that says what an alert says stands there once, as the alert; the others are put together.
        """
        alerts = {alert.key: alert for alert in self.alerts.check(changed)}
        for level, text, key in lines:
            own = key in alerts and alerts[key].words == text
            if own and key is not None:
                del alerts[key]
            self.events.add(level, service.value, f"told: {text}" if own else text, key=key)
        if alerts:
            first, *others = alerts.values()
            more = f" and {len(others)} more" if others else ""
            self.events.add(Level.INFO, service.value, f"told: {first.words}{more}", key=first.key)

    def load_alerts(self) -> None:
        """Set the alerts of the run before; those are raised at once whose items were done in between."""
        self.alerts.load(self.find)
        for service, items in self._items.items():
            self._log_news(service, list(items.values()))

    def exchange_flex(self, cells: dict[ItemKey, FlexComponent]) -> None:
        """Put other components in the place of all that are there; that is no news."""
        gone = [key for key in self.flex if key not in cells]
        self._items[Service.FLEX] = cast("dict[ItemKey, Item]", cells)
        self._tuples.pop(Service.FLEX, None)
        self._store.save(Service.FLEX, tuple(cells.values()), gone)

    def keep_documents(self, ids: Collection[str]) -> None:
        """Forget the Flex documents that are not among these, with their components."""
        gone = [key for key, cell in self.flex.items() if cell.document not in ids]
        self.put(Service.FLEX, (), gone)
        self.flex_documents.keep_only(ids)

    def save_all_if_new(self) -> None:
        """Write all items into a state file that was begun afresh since the last time."""
        if self._store.opened != self._store_opened:
            self._store_opened = self._store.opened
            for service, items in self._items.items():
                self._store.save(service, list(items.values()))
            self.flex_documents.save_all()

    def clamp(self) -> None:
        """Set times of sight that lie ahead to the present, after the clock was set back.

        An answer older than what is known is ignored, and so would be all answers until the clock is there.
        """
        now = self._clock.now()
        for items in self._items.values():
            ahead = [item for item in items.values() if item.seen_at and item.seen_at > now]
            for item in ahead:
                items[item.key] = clamped = replace(item, seen_at=now)
                self._index(item, clamped)
        self.reads.clamp(now)

    def drop_old_operations(self) -> None:
        """Drop the operations that finished more than seven days ago; the store keeps them longer."""
        oldest = self._clock.now() - OPERATIONS_SHOWN
        known = self._items[Service.OPERATIONS]
        old = [k for k, o in self.operations.items() if o.finished_at and o.finished_at < oldest]
        for key in old:
            self._index(known.pop(key), None)

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
        items: dict[str, Any] = {service.value: self.listed(service) for service in Service}
        return Snapshot(
            profile=self._info.profile,
            at=self._clock.now(),
            **items,
            flex_documents=tuple(self.documents.values()),
            question=self.question,
            health={service: self._shown(service, health) for service, health in self.health.items()},
            calls=self.calls,
            events=self.events.all(),
            paused_at=self.paused_at,
            read_only=self._info.read_only,
            danger=self._info.danger,
            demo=self._info.demo,
            places=self.index.places(),
            forecasts=self.forecasts,
            server=self._info.server,
            downloads=self._info.downloads,
            purge_days=self._info.purge_days,
            transfers=self.transfers,
            transfers_before=self.transfers_before,
            outcomes=self.outcomes,
            not_kept=self._store.trouble,
            alerts_on=self.alerts.keys,
            alerts=self.alerts.raised,
            read_times=self.reads.times(),
        )

    def _shown(self, service: Service, health: Health) -> Health:
        """Return the health to show: with the part that is read, the true age of Flex, and PAUSED."""
        if health.word is HealthWord.OFF:
            return health
        part = self.parts.get(service)
        if service is Service.FLEX:
            health = self.flex_documents.health(health, self.question)
            part = part or self.flex_documents.part(self.question)
        word = HealthWord.CONNECTING if part and health.word is HealthWord.OK else health.word
        if word is not health.word or part != health.part:
            health = replace(health, word=word, part=part)
        if self.paused_at is None:
            return health
        return replace(health, word=HealthWord.PAUSED, at=self.paused_at, next_at=None)

    def publish_to(self, publish: Publish) -> None:
        """Set who gets the snapshots from now on."""
        self._publish = publish

    def publish(self) -> None:
        """Publish the present state."""
        self._publish(self.snapshot())


async def until_finished(
    state: MonitorState, clock: Clock, key: ItemKey, *, every: float
) -> Operation | None:
    """Wait until an operation is known to have ended, and return it; None if it was taken off the list."""
    while (operation := state.operations.get(key)) is not None and operation.state not in FINISHED:
        await clock.sleep(every)
    return operation
