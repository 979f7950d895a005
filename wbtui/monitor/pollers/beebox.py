"""Looks at the Beebox in short sessions, since an open one stops the Beebox's own work.

Each session of two seconds begins with what is unfinished: items that have an alert or are waited for before
others, then those seen longest ago. A full pass over the project, if one is due, has the rest of it.
A file counts as removed after two complete passes without it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import field
from datetime import datetime
from heapq import merge
from itertools import chain
from typing import Final, cast

from wbtui.domain.clock import Clock
from wbtui.domain.errors import BadAnswer, Rejected
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.merge import may_be_missing, merge_listed, removed_file
from wbtui.domain.model import BeeboxFile, ItemKey, Service, State
from wbtui.domain.ports import BeeboxGateway, BeeboxPage, BeeboxSession
from wbtui.domain.read_times import ReadTimes
from wbtui.domain.snapshot import Health, Part
from wbtui.monitor.chunks import SCANNED, chunks
from wbtui.monitor.monitor_state import MonitorState
from wbtui.monitor.pollers.beebox_queries import PATHS_PER_QUERY, PageSize, Query, cheapest_queries
from wbtui.monitor.pollers.poller import Poller
from wbtui.scheduling.intervals import ERROR_GAP, SLICE_SECONDS, next_pass_after

SLICE_PAUSE: Final = 2.0
"""How long the Beebox is left alone between two slices of a pass that is read for a command."""
PASS_SHARE: Final = 0.4
"""The share of a session that a full pass has at least, however much is unfinished."""
MOSTLY: Final = 0.5
"""Where more than this share of the records is unfinished, a pass reads them as fast as asking for them."""
REFRESH_FLOOR: Final = 10.0
SETTLED: Final = frozenset({State.READY, State.CANCELLED, State.REMOVED})


@dataclass(frozen=True, slots=True)
class BeeboxScope:
    """Which part of a project is watched; empty means all."""

    locales: tuple[str, ...] = ()
    pattern: str = ""
    paths: tuple[str, ...] = ()
    part: bool = False
    """True if this is only what a command asks for: what lies outside is not missing."""

    def holds(self, file: BeeboxFile) -> bool:
        """Return whether a file that is known belongs to what is asked for."""
        return not self.part or (file.wire_path or file.path) in self.paths


def pass_queries(scope: BeeboxScope) -> tuple[Query, ...]:
    """Return the queries that together cover the scope."""
    locales = scope.locales or ("",)
    starts = range(0, len(scope.paths), PATHS_PER_QUERY) if scope.paths else range(1)
    parts = [scope.paths[start : start + PATHS_PER_QUERY] for start in starts]
    return tuple(Query(locale, paths) for locale in locales for paths in parts)


@dataclass(slots=True)
class Unfinished:
    """Files that may have changed: the locales of each path, and the paths in the order of asking."""

    locales: dict[str, list[str]] = field(default_factory=dict)
    runs: list[list[tuple[float, str]]] = field(default_factory=list)
    """Sorted parts of (last seen, path): sorting all at once would take 60 ms."""
    records: int = 0

    def add(self, files: Iterable[BeeboxFile], read_times: ReadTimes) -> None:
        """Add what may have changed of one part of the list."""
        seen: dict[str, float] = {}
        for file in files:
            read_at = read_times.of(file)
            path, at = file.wire_path or file.path, read_at.timestamp() if read_at else 0.0
            seen[path] = min(at, seen.get(path, at))
            self.locales.setdefault(path, []).append(file.locale)
            self.records += 1
        self.runs.append(sorted((at, path) for path, at in seen.items()))

    def paths(self) -> Iterator[str]:
        """Yield each path once, the one that was seen longest ago first."""
        asked: set[str] = set()
        for _, path in merge(*self.runs):
            if path not in asked:
                asked.add(path)
                yield path


@dataclass(slots=True)
class Pass:
    """A full pass under way: where it stands, and what it has met."""

    index: int = 0
    skip: int = 0
    total: int | None = None
    totals: dict[int, int] = field(default_factory=dict)
    shifted: bool = False
    received: int = 0
    """Records that came, with those that could not be read."""
    lost: int = 0
    """Records that could not be read: then it is unknown which files are missing."""
    seen: set[ItemKey] = field(default_factory=set)
    seconds: float = 0.0
    began_at: datetime | None = None


class BeeboxPoller(Poller):
    """Follows the files of one project."""

    service = Service.BEEBOX

    def __init__(
        self,
        gateway: BeeboxGateway,
        state: MonitorState,
        clock: Clock,
        *,
        scope: BeeboxScope,
        poll_seconds: float,
    ) -> None:
        self._gateway = gateway
        self._state = state
        self._clock = clock
        self._queries = pass_queries(scope)
        self._scope = scope
        self._pages = PageSize()
        self._wanted: frozenset[ItemKey] = frozenset()
        self._poll_seconds = poll_seconds
        self._round_at = clock.monotonic()
        self._ended_at = float("-inf")
        self._pass: Pass | None = Pass()
        self._pass_at = float("inf")
        self._long = False
        """Whether the last pass took more than one session."""
        self._pass_waited = False
        """Whether the last session had no time left for the pass, since a call took too long."""
        self._repeated = False
        self._totals: dict[int, int] = {}
        self._missed: dict[ItemKey, int] = {}
        self._errors_at = clock.monotonic() + ERROR_GAP

    @property
    def passing(self) -> bool:
        """Return whether a full pass is under way."""
        return self._pass is not None

    def due(self) -> float | None:
        """Return the time of the next round."""
        return self._round_at

    async def look(self) -> None:
        """Open a session for at most two seconds: read what is unfinished, then a pass if one is due."""
        await self._read_in_session(self._read)

    async def read_once(self, _until: float, _named: frozenset[ItemKey]) -> str:
        """Read a full pass, in sessions of at most two seconds and nothing else."""
        while self.passing:
            await self._read_in_session(self._read_pass)
            if self.passing:
                await self._clock.sleep(SLICE_PAUSE)
        return ""

    def knows_all(self, health: Health) -> bool:
        """Return whether a full pass has ended, and its service told all."""
        return not self.passing and super().knows_all(health)

    async def _read_in_session(self, read: Callable[[BeeboxSession, float], Awaitable[None]]) -> None:
        self._round_at = self._clock.monotonic() + self._poll_seconds
        try:
            async with self._gateway.session() as session:
                await read(session, self._clock.monotonic() + SLICE_SECONDS)
        finally:
            self._ended_at = self._clock.monotonic()

    async def _read(self, session: BeeboxSession, until: float) -> None:
        now = self._clock.monotonic()
        if self._pass is None and (now >= self._pass_at or await self._total_changed(session)):
            self._pass = Pass()
        walk = self._pass
        if walk is None:
            await self._ask_unfinished(session, until)
        elif (walk.began_at is not None or self._long) and not self._pass_waited:
            await self._ask_unfinished(session, until - PASS_SHARE * (until - now))
        received = -1 if walk is None else walk.received
        await self._read_pass(session, until)
        self._pass_waited = walk is not None and walk.received == received

    async def _read_pass(self, session: BeeboxSession, until: float) -> None:
        if self._pass is not None:
            await self._go_on(session, self._pass, until)

    async def _page(self, session: BeeboxSession, query: Query, skip: int) -> BeeboxPage:
        """Return a page of the size that is answered quickly; after a refusal, one of the first size."""
        began = self._clock.monotonic()
        count = self._pages.count
        try:
            page = await self._some(session, query, skip, count)
        except (Rejected, BadAnswer):
            if not self._pages.refused():
                raise
            return await self._some(session, query, skip, self._pages.count)
        self._pages.answered(page.received, self._clock.monotonic() - began)
        return page

    async def _some(self, session: BeeboxSession, query: Query, skip: int, count: int) -> BeeboxPage:
        return await session.page(
            locale=query.locale, pattern=self._scope.pattern, paths=query.paths, skip=skip, count=count
        )

    async def _total_changed(self, session: BeeboxSession) -> bool:
        page = await self._some(session, self._queries[0], 0, 1)
        return page.total != self._totals.get(0)

    async def _go_on(self, session: BeeboxSession, walk: Pass, until: float) -> None:
        began = self._clock.monotonic()
        walk.began_at = walk.began_at or self._clock.now()
        try:
            while walk.index < len(self._queries) and self._clock.monotonic() < until:
                page = await self._page(session, self._queries[walk.index], walk.skip)
                await self._take_page(walk, page)
        finally:
            self._state.parts.keep()
        walk.seconds += self._clock.monotonic() - began
        if walk.index >= len(self._queries):
            await self._end_pass(walk)

    async def _take_page(self, walk: Pass, page: BeeboxPage) -> None:
        """Merge a page and step on by what came, since a server may give fewer than asked for."""
        known = self._state.beebox
        walk.seen.update((known.get(file.key) or file).key for file in page.files)
        walk.received += page.received
        walk.lost += max(0, page.received - len(page.files))
        walk.shifted = walk.shifted or (walk.total is not None and page.total != walk.total)
        walk.total = page.total
        walk.skip += page.received
        if page.received == 0 or walk.skip >= page.total:
            walk.totals[walk.index] = page.total
            walk.index, walk.skip, walk.total = walk.index + 1, 0, None
        if self._partial or self._total_of(walk) != sum(self._totals.values()):
            self._state.parts.set(self.service, Part(walk.received, self._total_of(walk)))
        await self._put(page.files)

    @property
    def _partial(self) -> bool:
        """Return whether the list was never read whole, in this run or the one before."""
        return self._state.beebox_whole_at is None or self._state.parts.get(self.service) is not None

    def _total_of(self, walk: Pass) -> int | None:
        """Return how many records there are, as far as each question of the pass has been told of."""
        told = {**self._totals, **walk.totals}
        if walk.total is not None:
            told[walk.index] = walk.total
        return sum(told.values()) if len(told) == len(self._queries) else None

    async def _end_pass(self, walk: Pass) -> None:
        """Close a pass; one whose total changed on the way is repeated once, since pages shift."""
        self._totals = dict(walk.totals)
        if walk.shifted and not self._repeated:
            self._repeated = True
            self._pass = Pass(seconds=walk.seconds)
            return
        self._repeated = False
        self._long = walk.seconds > SLICE_SECONDS
        self._pass = None
        left = _part_left(walk)
        if not self._scope.part:
            self._state.parts.set(self.service, left)
        if left is None and not self._scope.part:
            self._state.beebox_whole_at = walk.began_at
        missing = left is None and await self._count_missing(walk.seen)
        self._record_pass(walk, whole=left is None and not self._scope.part)
        again = self._poll_seconds if missing else next_pass_after(walk.seconds)
        self._pass_at = self._clock.monotonic() + again

    def _record_pass(self, walk: Pass, *, whole: bool) -> None:
        """Record when the list was read: what a pass has met was asked for after it began."""
        assert walk.began_at is not None
        if not whole:
            self._state.reads.some(self.service, walk.seen, walk.began_at)
            return
        self._state.reads.whole(BeeboxFile.listed_in, walk.began_at, self._missed)
        self._state.reads.drop_older(self.service, walk.began_at)

    async def _count_missing(self, seen: set[ItemKey]) -> bool:
        """Mark what two complete passes did not meet; return whether any is missing."""
        missed: dict[ItemKey, int] = {}
        now = self._clock.now()
        async for part in chunks(self._all(), self._clock, SCANNED):
            for file in part:
                if file.key in seen or file.state is State.REMOVED or not self._scope.holds(file):
                    continue
                if not may_be_missing(file, now):
                    missed[file.key] = self._missed.get(file.key, 0) + 1
        gone = [key for key, times in missed.items() if times >= 2]
        self._missed = {key: times for key, times in missed.items() if times < 2}
        await self._state.put_many(self.service, self._removed(gone))
        return bool(self._missed)

    def _all(self) -> tuple[BeeboxFile, ...]:
        """Return all records; touching each of them for a list of its own would take 20 ms."""
        return cast("tuple[BeeboxFile, ...]", self._state.listed(self.service))

    async def _removed(self, gone: Iterable[ItemKey]) -> AsyncIterator[list[BeeboxFile]]:
        known = self._state.beebox
        async for keys in chunks(gone, self._clock):
            yield [removed_file(known[key], self._clock.now()) for key in keys]

    async def _ask_unfinished(self, session: BeeboxSession, until: float) -> None:
        """Ask for what may have changed, until that time."""
        for query in await self._unfinished():
            skip = 0
            while self._clock.monotonic() < until:
                page = await self._page(session, query, skip)
                await self._put(page.files)
                self._read_some(page.files)
                skip += page.received
                if page.received == 0 or skip >= page.total:
                    break
            if self._clock.monotonic() >= until:
                break

    async def _unfinished(self) -> Iterator[Query]:
        """Return the queries for what may have changed, first for what somebody waits for or looks at."""
        now = self._clock.monotonic()
        with_errors = now >= self._errors_at
        if with_errors:
            self._errors_at = now + ERROR_GAP
        settled = SETTLED if with_errors else SETTLED | {State.FAILED}
        project: dict[str, None] = {}
        preferred = self._wanted | self._state.alerts.keys | self._state.preferred
        first, others, read_times = Unfinished(), Unfinished(), self._state.reads.times()
        async for part in chunks(self._all(), self._clock, SCANNED):
            project.update(dict.fromkeys(file.locale for file in part))
            found = [f for f in part if f.state not in settled and self._scope.holds(f)]
            first.add((f for f in found if f.key in preferred), read_times)
            others.add((f for f in found if f.key not in preferred), read_times)
        if self._pass is not None and others.records > MOSTLY * len(self._all()):
            others = Unfinished()
        locales, restricted = self._scope.locales or tuple(project), bool(self._scope.locales)
        return chain.from_iterable(
            cheapest_queries(each.paths(), each.locales, locales, restricted=restricted)
            for each in (first, others)
        )

    async def _put(self, files: Iterable[BeeboxFile]) -> None:
        await self._state.put_many(self.service, self._merged(files))

    def _read_some(self, files: Sequence[BeeboxFile]) -> None:
        """Record that these were read apart from a pass."""
        known = self._state.beebox
        keys = [known[file.key].key for file in files if file.key in known]
        if files and files[0].seen_at is not None:
            self._state.reads.some(self.service, keys, files[0].seen_at)

    async def _merged(self, files: Iterable[BeeboxFile]) -> AsyncIterator[list[BeeboxFile]]:
        known = self._state.beebox
        async for part in chunks(files, self._clock):
            for file in part:
                self._missed.pop(file.key, None)
            yield [merge_listed(known.get(f.key), f, renew=self._state.renews) for f in part]

    def request_refresh(self) -> float:
        """Begin a full pass, with the session closed for ten seconds at least before it."""
        now = self._clock.monotonic()
        if self._pass is None:
            self._pass_at = now
        self._round_at = max(now, self._ended_at + REFRESH_FLOOR)
        return self._round_at

    def want(self, keys: frozenset[ItemKey], /) -> None:
        """Ask for these items before others."""
        self._wanted = keys

    def stale_after(self) -> float:
        """Return the seconds after which a round that does not end makes the data old."""
        return 2 * self._poll_seconds


def _part_left(walk: Pass) -> Part | None:
    """Return what a pass that has ended leaves unknown: what could not be read, and what did not come."""
    total = max(sum(walk.totals.values()), walk.received)
    parts = []
    if walk.lost:
        parts.append("1 record cannot be read" if walk.lost == 1 else f"{walk.lost} records cannot be read")
    if walk.received < total:
        parts.append("the server gave no more")
    return Part(walk.received - walk.lost, total, why=", ".join(parts)) if parts else None
