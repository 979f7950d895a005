"""One download from the queue to its end: whether it may be, where it lies, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.errors import BeingSaved, NoConnection, NotTaken, SaveError, ServiceError, WbtuiError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import Action, Item, ItemKey, Operation, Service
from wbtui.domain.offers import Refused, offers
from wbtui.domain.ports import Arriving, KeptPart
from wbtui.domain.records import Fetched
from wbtui.domain.sanitize import sanitize
from wbtui.domain.snapshot import DownloadState, ReadOnly
from wbtui.domain.versions import Overwrite, Step, VersionPlan, made_at, made_of, plan
from wbtui.files.doubtful import DownloadCheck, ExpectedFile, ReceivedFile
from wbtui.files.names import folded, marked
from wbtui.files.saving import DOUBTFUL, Folder, Saving
from wbtui.monitor.actions.audit import Audit
from wbtui.monitor.actions.download_queue import DownloadJob, DownloadQueue, Places
from wbtui.monitor.actions.parts import FilePart
from wbtui.monitor.actions.receive import Destination, Received, in_thread, receive
from wbtui.monitor.monitor_state import MonitorState

OVERWRITE: Final = "To fetch it in its place: wbtui download KEY --overwrite always."
ACCEPT: Final = "Look at it; K, or wbtui download --accept, gives it its name."
MOST_WAITS: Final = 10_000
"""Turns of a second that a download waits for another one of the same file."""
SHOWN_EVERY: Final = 0.5
"""Seconds between two publications of progress."""

Opened = AbstractAsyncContextManager[Arriving]
Opener = Callable[[KeptPart | None], Opened]
"""Asks a server for a file, or for what follows on a part of it."""


class SessionOver(NoConnection):
    """A file is left for the next session, in which it goes on."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where downloads go, and what happens to files that lie there."""

    folder: Folder
    overwrite: Overwrite = Overwrite.KEEP_BOTH


class DownloadRunner:
    """Brings single files home.

    `changed` is called when the screen should be told, and `ended` with the item of each download that ended;
    `wanted` returns what is known beforehand of an item's file, by its name.
    """

    def __init__(
        self,
        *,
        state: MonitorState,
        places: Places,
        audit: Audit,
        clock: Clock,
        target: Target,
        changed: Callable[[], None],
        ended: Callable[[Item], None],
        wanted: Callable[[Item, str], ExpectedFile],
    ) -> None:
        self.jobs = DownloadQueue(clock)
        self.places = places
        self.target = target
        self._state = state
        self._audit = audit
        self._clock = clock
        self._changed = changed
        self._ended = ended
        self.wanted = wanted
        self.parts = places.parts
        self._judges: dict[Service, DownloadCheck] = {}
        self._told = float("-inf")

    async def bring(self, job: DownloadJob, opener: Opener | None) -> None:
        """Fetch the file of a job unless that is refused or not needed; raises what hinders it."""
        if self._refused(job):
            return
        path = self._known_path(job)
        place = await self.place(job, path) if path else None
        if path and place is None:
            return
        if opener is None:
            raise ServiceError("this service could not be set up")
        async with AsyncExitStack() as held:
            part = self.parts.of(job.key, self.target.folder)
            saving = None
            if place is not None:
                # held before the server is asked, whose first byte may take minutes
                known = part.written if part is not None and part.path == place.path else None
                saving = held.enter_context(place.saving(known))
            arriving = await held.enter_async_context(opener(_kept(job, saving, part)))
            if place is None:
                named = self.places.path(job.item, other=job.transfer.other, arriving=arriving)
                place = await self.place(job, named)
            if place is None:
                return
            saving = saving or held.enter_context(place.saving())
            received = await self._receive(job, arriving, saving, place)
        self.delivered(job, received, place)

    async def _receive(
        self, job: DownloadJob, arriving: Arriving, saving: Saving, place: Destination
    ) -> Received:
        """Receive a file; what cannot be gone on with is forgotten."""

        def progress(count: int, size: int | None) -> None:
            self._progress(job, count, size)
            begun = arriving.validator and arriving.start < count and count != size
            if begun and self._clock.monotonic() >= job.until:
                raise SessionOver("its session is over; it goes on in the next one")

        going_on = False
        try:
            return await receive(
                arriving,
                saving,
                progress,
                lambda came: self._doubt(job, came, place.path),
                kept=self.parts.keeper(job.key, place, arriving),
            )
        except (NoConnection, asyncio.CancelledError):
            going_on = bool(arriving.validator)
            job.begun = job.begun or saving.size > 0
            job.kept = saving.size if going_on else 0
            raise
        finally:
            if not going_on:
                self.parts.forget(job.key)

    async def settled(self, job: DownloadJob) -> bool:
        """Return whether a download has ended without anything being asked of the server.

        Raises `BeingSaved` while another download of the same file is under way, here or elsewhere.
        """
        path = self._known_path(job)
        if path is None:
            return False
        if await in_thread(lambda: self.target.folder.is_locked(path)):
            raise BeingSaved(f"{sanitize('/'.join(path))}: another wbtui is fetching this file")
        return self._refused(job) or await self.place(job, path) is None

    def _doubt(self, job: DownloadJob, came: ReceivedFile, path: tuple[str, ...]) -> str:
        judge = self._judges.setdefault(job.transfer.service, DownloadCheck())
        return judge.doubt(came, self.wanted(job.item, path[-1]))

    def _known_path(self, job: DownloadJob) -> tuple[str, ...] | None:
        """Return where a file will lie; None if only the answer itself names it."""
        item, before = job.item, self.places.fetched.get(job.key)
        if not isinstance(item, Operation) or item.reading.file_name:
            return self.places.path(item, other=job.transfer.other)
        part = self.parts.of(job.key, self.target.folder)
        if part is not None:
            return part.path
        return tuple(before.path.split("/")) if before is not None else None

    def _refused(self, job: DownloadJob) -> bool:
        known = self._state.find(job.item.key)
        job.item = known or job.item
        found = offers(job.item, read_only=ReadOnly.NO)
        offer = found.other if job.transfer.other else found.download
        if isinstance(offer, Refused):
            self.fail(job, SaveError(offer.reason))
            return True
        return False

    async def place(self, job: DownloadJob, path: tuple[str, ...]) -> Destination | None:
        """Return where the file of a job goes; None if nothing is to be fetched, and the download has ended.

        Raises `BeingSaved` where one that it waited for has just put the file there, and has yet to say so.
        """
        target, other = self.target, job.transfer.other
        self.jobs.place(job, path)
        if job.waits:
            await in_thread(lambda: self.places.look_at(path))
        lying = await in_thread(lambda: target.folder.existing(path))
        found = plan(
            target.overwrite,
            self.places.fetched.get(job.key),
            made_of(job.item, other=other),
            made_at(job.item, other=other),
            lying,
        )
        if found.step is Step.KEPT and 0 < job.waits < MOST_WAITS:
            raise BeingSaved(found.words)
        if found.step is Step.FETCH:
            return Destination(target.folder, path, found.replaces, found.aside)
        self._not_fetched(job, found, lying.size if lying else 0)
        return None

    def _not_fetched(self, job: DownloadJob, found: VersionPlan, size: int) -> None:
        if found.step is Step.THERE:
            self.jobs.progress(job, size, size)
            self.end(job, DownloadState.DONE, f"{job.transfer.path}, {found.words}")
        elif found.step is Step.DOUBTFUL:
            self._doubtful(job, found.words)
        else:
            self.end(job, DownloadState.KEPT, found.words, NotTaken(found.words, advice=OVERWRITE))

    def _doubtful(self, job: DownloadJob, doubt: str) -> None:
        words = f"stored as {marked(job.transfer.path.rpartition('/')[2], DOUBTFUL)}: {doubt}"
        self.end(job, DownloadState.DOUBTFUL, words, NotTaken(words, advice=ACCEPT))

    def delivered(self, job: DownloadJob, received: Received, place: Destination) -> None:
        """Record that a file lies whole under its final name, or aside if it is doubtful."""
        item, saved, path = job.item, received.saved, place.path
        shown, other = "/".join(path), job.transfer.other
        self.places.save(
            Fetched(
                key=item.key,
                place=folded(path),
                path=shown,
                at=self._clock.now(),
                size=saved.size,
                other=other,
                made=made_of(item, other=other),
                doubt=received.doubt,
                aside=place.aside if received.doubt else "",
            )
        )
        self.jobs.progress(job, max(job.transfer.received, saved.size), job.transfer.size)
        if received.doubt:
            self._doubtful(job, received.doubt)
        else:
            self.end(job, DownloadState.DONE, f"{sanitize(shown)}, {saved.size} bytes")

    def accept(self, key: ItemKey) -> str:
        """Give the doubtful files of an item their final names; return why not, or an empty text."""
        known = (self.places.fetched.get((key, other)) for other in (False, True))
        error: WbtuiError | None = None
        try:
            words = [self._accepted(fetched) for fetched in known if fetched is not None and fetched.doubt]
        except SaveError as failure:
            error, words = failure, []
        if not words and error is None:
            error = SaveError("no file of it was stored as doubtful")
        self._audit.ended(Action.DOWNLOAD, key, error.message if error else ", ".join(words), error=error)
        return error.message if error else ""

    def _accepted(self, fetched: Fetched) -> str:
        path = tuple(fetched.path.split("/"))
        saved = self.target.folder.accept(path, aside=fetched.aside)
        self.places.save(replace(fetched, size=saved.size, doubt="", aside=""))
        return f"{sanitize(fetched.path)}, accepted"

    def fail(self, job: DownloadJob, error: WbtuiError) -> None:
        """Record why a download failed."""
        if not job.transfer.ended:
            self.end(job, DownloadState.FAILED, error.message, error)

    def end(
        self, job: DownloadJob, state: DownloadState, words: str, error: WbtuiError | None = None
    ) -> None:
        """Record how a download ended."""
        self.jobs.note(job, state, "" if state is DownloadState.DONE else words)
        done = state is DownloadState.DONE
        self._audit.ended(Action.DOWNLOAD, job.item.key, words, error=error, done=done)
        self._ended(job.item)
        if self.jobs.any_unfinished():
            self._tell_now_and_then()
        else:
            self.tell()

    def _progress(self, job: DownloadJob, received: int, size: int | None) -> None:
        if self._clock.monotonic() - job.shown_at >= SHOWN_EVERY:
            job.shown_at = self._clock.monotonic()
            self.jobs.progress(job, received, size)
        self._tell_now_and_then()

    def _tell_now_and_then(self) -> None:
        if self._clock.monotonic() - self._told >= SHOWN_EVERY:
            self.tell()

    def tell(self) -> None:
        """Put the downloads into the state and have them shown."""
        transfers = self.jobs.transfers()
        if transfers != self._state.transfers:
            self._told = self._clock.monotonic()
            self._state.transfers = transfers
            self._state.transfers_before = self.jobs.forgotten
            self._changed()


def _kept(job: DownloadJob, saving: Saving | None, part: FilePart | None) -> KeptPart | None:
    """Return what the server is told of a part; one that was cut off before is asked for as it is."""
    if saving is not None and saving.size and part is not None:
        return KeptPart(saving.size, part.total, part.validator)
    return KeptPart() if job.begun else None
