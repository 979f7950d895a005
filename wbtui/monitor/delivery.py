"""One download from the queue to its end: whether it may be, where it lies, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wbtui.clock import Clock
from wbtui.deeds import Action, TransferState
from wbtui.downloads import Folder, Overwrite, Saved
from wbtui.downloads.names import folded
from wbtui.errors import SaveError, ServiceError, WbtuiError
from wbtui.model import BeeboxFile, Item, Operation
from wbtui.monitor.board import Board
from wbtui.monitor.jobs import Job, Jobs, Places
from wbtui.monitor.ledger import Ledger
from wbtui.monitor.receiving import in_thread, receive
from wbtui.ports_acting import Arriving, Fetched, made_text
from wbtui.rules.offers import Refused, offers
from wbtui.safetext import safe

SHOWN_EVERY: Final = 0.5
"""Seconds between two publications of progress."""

Opened = AbstractAsyncContextManager[Arriving]


@dataclass(frozen=True, slots=True)
class Target:
    """Where downloads go, and what happens to files that lie there."""

    folder: Folder
    overwrite: Overwrite = Overwrite.NEVER

    @property
    def replaces(self) -> bool:
        """Tell whether a file that lies there may be replaced."""
        return self.overwrite is not Overwrite.NEVER


class Delivery:
    """Brings single files home.

    `changed` is called when the screen should be told, and `ended` with the item of each download that ended.
    """

    def __init__(
        self,
        *,
        board: Board,
        places: Places,
        ledger: Ledger,
        clock: Clock,
        target: Target,
        changed: Callable[[], None],
        ended: Callable[[Item], None],
    ) -> None:
        self.jobs = Jobs(clock)
        self.places = places
        self.target = target
        self._board = board
        self._ledger = ledger
        self._clock = clock
        self._changed = changed
        self._ended = ended
        self._told = float("-inf")

    async def bring(self, job: Job, opener: Callable[[], Opened] | None) -> None:
        """Fetch the file of a job unless that is refused or not needed; raises what hinders it."""
        if self._refused(job) or await self._kept(job):
            return
        if opener is None:
            raise ServiceError("this service could not be set up")
        async with opener() as arriving:
            unnamed = isinstance(job.item, Operation) and not job.item.reading.file_name
            path = self.places.path(
                job.item, other=job.transfer.other, arriving=arriving if unnamed else None
            )
            if unnamed and await self.keep(job, path):
                return
            self.jobs.place(job, path)
            saved = await receive(
                arriving,
                self.target.folder,
                path,
                lambda received, size: self._progress(job, received, size),
                replace=self.target.replaces,
            )
        self.delivered(job, saved)

    def _refused(self, job: Job) -> bool:
        known = self._board.find(job.item.key)
        job.item = known or job.item
        found = offers(job.item, read_only=False)
        offer = found.other if job.transfer.other else found.download
        if isinstance(offer, Refused):
            self.fail(job, SaveError(offer.reason))
            return True
        return False

    async def _kept(self, job: Job) -> bool:
        """Tell whether a file that is there is to stay, where its name is known beforehand."""
        item = job.item
        if not isinstance(item, Operation) or item.reading.file_name:
            return await self.keep(job, self.places.path(item, other=job.transfer.other))
        before = self.places.fetched.get(job.key)
        return before is not None and await self.keep(job, tuple(before.path.split("/")))

    async def keep(self, job: Job, path: tuple[str, ...]) -> bool:
        """Tell whether the file of this path stays as it is, and end the download if so."""
        target = self.target
        made = job.item.made_at if isinstance(job.item, BeeboxFile) else None
        made_at = made if isinstance(made, datetime) else None
        self.jobs.place(job, path)
        reason = await in_thread(lambda: target.folder.kept(path, target.overwrite, made_at))
        if reason:
            self.end(job, TransferState.KEPT, reason)
        return bool(reason)

    def delivered(self, job: Job, saved: Saved) -> None:
        """Take in that a file lies whole under its final name."""
        item = job.item
        made = made_text(item.made_at) if isinstance(item, BeeboxFile) else ""
        shown = "/".join(saved.path.relative_to(self.target.folder.root).parts)
        place = folded(shown.split("/"))
        self.places.save(
            Fetched(item.key, place, shown, self._clock.now(), saved.size, job.transfer.other, made)
        )
        self.jobs.progress(job, max(job.transfer.received, saved.size), job.transfer.size)
        self.end(job, TransferState.DONE, f"{safe(shown)}, {saved.size} bytes")

    def fail(self, job: Job, error: WbtuiError) -> None:
        """Take in why a download did not come about."""
        if not job.transfer.ended:
            self.end(job, TransferState.FAILED, error.message, error)

    def end(self, job: Job, state: TransferState, words: str, error: WbtuiError | None = None) -> None:
        """Take in how a download ended."""
        self.jobs.note(job, state, "" if state is TransferState.DONE else words)
        done = state in {TransferState.DONE, TransferState.KEPT}
        self._ledger.ended(Action.DOWNLOAD, job.item.key, words, error=error, done=done)
        self._ended(job.item)
        self.tell()

    def _progress(self, job: Job, received: int, size: int | None) -> None:
        self.jobs.progress(job, received, size)
        if self._clock.monotonic() - self._told >= SHOWN_EVERY:
            self.tell()

    def tell(self) -> None:
        """Put the downloads on the board and have them shown."""
        transfers = self.jobs.transfers()
        if transfers != self._board.transfers:
            self._told = self._clock.monotonic()
            self._board.transfers = transfers
            self._changed()
