"""Looks at Instant Translation: the unfinished by `ids=`, the whole list rarely; a session per look."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.merge import merge_listed, removed_request
from wbtui.domain.model import InstantRequest, Service, State
from wbtui.domain.ports import InstantGateway, InstantList, InstantSession
from wbtui.domain.snapshot import Part
from wbtui.monitor.chunks import chunks
from wbtui.monitor.monitor_state import MonitorState
from wbtui.monitor.pollers.poller import Poller
from wbtui.scheduling.intervals import POST_EDIT_GAP

IDS_A_CALL: Final = 200
REFRESH_FLOOR: Final = 5.0
OPEN: Final = frozenset({State.WAITING, State.RUNNING, State.DONE, State.UNKNOWN})
"""States in which the translation is still to come; DONE is "Finished" without `ready`."""


class InstantPoller(Poller):
    """Follows the requests of one user."""

    service = Service.INSTANT

    def __init__(
        self,
        gateway: InstantGateway,
        state: MonitorState,
        clock: Clock,
        *,
        poll_seconds: float,
        list_seconds: float,
        only: Collection[int] = (),
    ) -> None:
        """Follow all requests, or `only` those with these ids, which are then asked for by them."""
        self._gateway = gateway
        self._state = state
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._list_seconds = list_seconds
        self._only = frozenset(only)
        self._list_at: float | None = None if only else clock.monotonic()
        self._ids_at = clock.monotonic()
        self._edits_at = clock.monotonic()
        self._looked_at = float("-inf")

    def due(self) -> float | None:
        """Return when the list, the unfinished or the post-edits are due; None if nothing is open."""
        if self._only:
            return self._ids_at
        times = [] if self._list_at is None else [self._list_at]
        if any(r.state in OPEN for r in self._state.instant.values()):
            times.append(self._ids_at)
        if any(_editing(r) for r in self._state.instant.values()):
            times.append(self._edits_at)
        return min(times, default=None)

    async def look(self) -> None:
        """Ask for all, or for those that may have changed."""
        now = self._clock.monotonic()
        self._looked_at = now
        if self._list_at is not None and self._list_at <= now:
            async with self._gateway.session() as session:
                await self._all(session)
            return
        if self._only:
            await self._named(now)
            return
        wanted = self._wanted(now)
        async with self._gateway.session() as session:
            for start in range(0, len(wanted), IDS_A_CALL):
                await self._some(session, wanted[start : start + IDS_A_CALL])

    async def _all(self, session: InstantSession) -> None:
        # one that was sent while the list was on its way is not in it, and not gone
        asked_of = list(self._state.instant.values())
        asked_at = self._clock.now()
        found = await session.requests(None)
        self._state.parts.set(self.service, _part_of(found))
        await self._take(found, asked_of, asked_at)
        if found.whole:
            self._state.reads.whole(InstantRequest.listed_in, asked_at)
            self._state.reads.drop_older(self.service, asked_at)
        now = self._clock.monotonic()
        self._list_at = now + self._list_seconds if self._list_seconds > 0 else None
        self._ids_at = now + self._poll_seconds
        self._edits_at = now + POST_EDIT_GAP

    async def _named(self, now: float) -> None:
        """Ask for the named ones by their ids, whatever is known of them."""
        self._ids_at = now + self._poll_seconds
        known = self._state.instant.values()
        ids = sorted(self._only)
        async with self._gateway.session() as session:
            for start in range(0, len(ids), IDS_A_CALL):
                part = ids[start : start + IDS_A_CALL]
                asked_of, asked_at = [r for r in known if r.request_id in part], self._clock.now()
                await self._take(await session.requests(part), asked_of, asked_at)

    def _wanted(self, now: float) -> list[InstantRequest]:
        wanted = [r for r in self._state.instant.values() if r.state in OPEN]
        self._ids_at = now + self._poll_seconds
        if self._edits_at <= now:
            wanted += [r for r in self._state.instant.values() if _editing(r) and r.state not in OPEN]
            self._edits_at = now + POST_EDIT_GAP
        return wanted

    async def _some(self, session: InstantSession, wanted: Sequence[InstantRequest]) -> None:
        asked_at = self._clock.now()
        await self._take(await session.requests([r.request_id for r in wanted]), wanted, asked_at)

    async def _take(self, found: InstantList, wanted: Iterable[InstantRequest], asked_at: datetime) -> None:
        """Merge what came; what was asked for and did not come is gone, if all that came could be read."""
        there = {r.key for r in found.requests}
        missing = [r for r in wanted if r.key not in there] if found.whole else []
        await self._state.put_many(self.service, self._merged(found.requests))
        self._state.reads.some(self.service, there & self._state.instant.keys(), asked_at)
        self._state.put(self.service, [removed_request(r, asked_at) for r in missing])

    async def _merged(self, found: Iterable[InstantRequest]) -> AsyncIterator[list[InstantRequest]]:
        known = self._state.instant
        async for part in chunks(found, self._clock):
            yield [merge_listed(known.get(r.key), r, renew=self._state.renews) for r in part]

    def request_refresh(self) -> float:
        """Ask for the whole list, at least five seconds after the last look."""
        at = max(self._clock.monotonic(), self._looked_at + REFRESH_FLOOR)
        if self._only:
            self._ids_at = at
        else:
            self._list_at = at
        return at

    def stale_after(self) -> float:
        """Return two intervals."""
        return 2 * self._poll_seconds


def _part_of(found: InstantList) -> Part | None:
    """Return how many requests of the list could be read, where not all could."""
    if found.whole:
        return None
    return Part(len(found.requests), found.received, why="the others cannot be read")


def _editing(request: InstantRequest) -> bool:
    return (
        request.post_edit is not None and not request.post_edit_ready and request.state is not State.REMOVED
    )
