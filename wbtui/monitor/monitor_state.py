"""What is known at this moment of one profile, and the snapshots that are made of it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, cast

from wbtui.domain.clock import Clock
from wbtui.domain.errors import StoreError
from wbtui.domain.merge import same_but_times
from wbtui.domain.model import (
    FINISHED,
    BeeboxFile,
    Calls,
    Download,
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
    ReadOnly,
    Service,
    Snapshot,
)
from wbtui.domain.notices import News, news_lines, news_of
from wbtui.domain.ports import Publish, Store
from wbtui.monitor.alerts import Alerts
from wbtui.monitor.chunks import GcFreezer, Replaced
from wbtui.monitor.event_log import EventLog
from wbtui.monitor.flex_documents import FlexDocuments
from wbtui.monitor.operations_index import OperationsIndex
from wbtui.monitor.read_log import ReadLog
from wbtui.monitor.stored_health import KnownParts

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
        with contextlib.suppress(StoreError):
            self._load_all(set(services))
        self.clamp()

    def _load_all(self, wanted: Collection[Service]) -> None:
        self._freezer.loading(self._size())
        if Service.OPERATIONS in wanted:
            self._load(Service.OPERATIONS, self._fresh(self._store.operations()))
        if Service.BEEBOX in wanted:
            self._load(Service.BEEBOX, self._store.beebox())
        if Service.INSTANT in wanted:
            self._load(Service.INSTANT, self._store.instant())
        if Service.FLEX in wanted:
            self._load(Service.FLEX, self._store.flex())
            self.flex_documents.load()
        self.events.load()
        self.parts.load(wanted)
        self._freezer.loaded(self._size())

    def _size(self) -> int:
        return sum(len(items) for items in self._items.values())

    def _load(self, service: Service, items: Iterable[Item]) -> None:
        self._items[service] = {item.key: item for item in items}
        self._tuples.pop(service, None)
        if service is Service.OPERATIONS:
            self.index.rebuild(self.operations.values())

    def _fresh(self, operations: Iterable[Operation]) -> Iterable[Operation]:
        """Leave out what finished so long ago that it is not shown any more."""
        oldest = self._clock.now() - OPERATIONS_SHOWN
        return (o for o in operations if o.finished_at is None or o.finished_at >= oldest)

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
        return Snapshot(
            profile=self._info.profile,
            at=self._clock.now(),
            operations=cast("tuple[Operation, ...]", self.listed(Service.OPERATIONS)),
            beebox=cast("tuple[BeeboxFile, ...]", self.listed(Service.BEEBOX)),
            instant=cast("tuple[InstantRequest, ...]", self.listed(Service.INSTANT)),
            flex=cast("tuple[FlexComponent, ...]", self.listed(Service.FLEX)),
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

    def publish(self) -> None:
        """Publish the present state."""
        self._publish(self.snapshot())
