"""Downloads: two at a time, from the part of the allowance that is kept for the user.

Files of the Beebox and of Instant Translation come in batches, several at once in a session; a file that is
cut off is tried again, and goes on where it was if the server allows that. How long a session of the Beebox
may be, and how long it then rests, is told by `scheduling/beebox_batches.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, cast

from wbtui.domain.clock import Clock
from wbtui.domain.errors import (
    AllowanceUsed,
    BeingSaved,
    Busy,
    NoConnection,
    SaveError,
    ServerFault,
    ServiceError,
    SessionExpired,
    SlowFile,
    WbtuiError,
)
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import BeeboxFile, InstantRequest, ItemKey, Operation, Service, State
from wbtui.domain.ports import CUT_RESTS, BeeboxFiles, Gateways, InstantFiles
from wbtui.domain.snapshot import DownloadState, Level
from wbtui.domain.tasks import all_ended
from wbtui.monitor.account_rate_limit import AccountRateLimit
from wbtui.monitor.actions.download_job import DownloadRunner, Opener, SessionOver
from wbtui.monitor.actions.download_queue import DownloadJob, DownloadQueue, wire_path
from wbtui.monitor.actions.receive import in_thread
from wbtui.monitor.chunks import SCANNED, chunks
from wbtui.monitor.monitor_state import MonitorState
from wbtui.scheduling.beebox_batches import BATCH_SECONDS, FILES_AT_ONCE, LEAST_REST, rest_after

AT_ONCE: Final = 2
LEAST_FIRST_BYTE: Final = 1.0
"""Seconds that a file gets for its first byte also at the end of a batch."""
BUSY_RESTS: Final = (5.0, 10.0, 20.0, 40.0, 60.0)
LIMIT_REST: Final = 10.0
FAULT_RESTS: Final = (5.0, 20.0)
"""How long a service is left alone after a passing fault, each time; after that a file fails."""
LEAST_GAIN: Final = 64 * 1024
"""New bytes after which a file that was cut off is not given up yet: a line may be cut off ever again."""
SAVED_ELSEWHERE_GAP: Final = 1.0
LONGEST_REST: Final = 300.0
"""Seconds of a `Retry-After` that a download waits for; a longer one is told instead."""
PASSING: Final = frozenset({408, 425, 502, 503, 504})
SETTLED: Final = frozenset({State.READY, State.CANCELLED, State.REMOVED, State.FAILED})
"""States of a file for which the Beebox has nothing to do."""


@dataclass(slots=True)
class Batch:
    """The files of one session."""

    service: Service
    session: BeeboxFiles | InstantFiles
    until: float
    """Monotonic seconds after which no file is begun any more."""
    over: bool = False
    error: AllowanceUsed | None = None
    """Why it ended early, where all its files are to wait for that."""


class Downloads:
    """Runs the queue of a `DownloadRunner`."""

    def __init__(
        self,
        runner: DownloadRunner,
        state: MonitorState,
        gateways: Gateways,
        *,
        clock: Clock,
        allowance: AccountRateLimit | None,
        limited: Callable[[AllowanceUsed], None],
        say: Callable[[str], None],
    ) -> None:
        self.runner = runner
        self.jobs = runner.jobs
        self.slots = asyncio.Semaphore(AT_ONCE)
        self._state = state
        self._gateways = gateways
        self._clock = clock
        self._allowance = allowance
        self._limited = limited
        self._say = say
        self._wake = asyncio.Event()
        self._tasks: dict[asyncio.Task[None], Service] = {}
        self._working: dict[DownloadJob, asyncio.Task[None]] = {}
        self._rest_until: dict[Service, float] = {}
        self._busy = 0
        self._lost: dict[Service, int] = {}
        """How often each service that was reached in this run could not be reached since."""
        self._stopping: set[DownloadJob] = set()

    # -- the queue --------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Look at the queue again."""
        self._wake.set()

    async def run(self) -> None:
        """Start what may start, until cancelled; an unexpected error of a download is raised here."""
        await in_thread(self.runner.parts.remove_old)
        try:
            while True:
                self._wake.clear()
                self._collect()
                for service in (Service.OPERATIONS, Service.BEEBOX, Service.INSTANT):
                    self._start(service)
                self.runner.tell()
                await self._clock.wait(self._wake, self._seconds_to_next())
        finally:
            await self.halt()
            self.runner.tell()

    async def halt(self) -> None:
        """Stop what is under way; it waits again. Each of them closes its session."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    def _collect(self) -> None:
        for task in [task for task in self._tasks if task.done()]:
            del self._tasks[task]
            if not task.cancelled():
                task.result()

    def _start(self, service: Service) -> None:
        while self._may_start(service):
            job = self.jobs.first_waiting(service)
            assert job is not None
            self.jobs.note(job, DownloadState.RUNNING)
            work = self._single(job) if service is Service.OPERATIONS else self._batch(job)
            task = asyncio.create_task(work, name=f"download from {service}")
            self._tasks[task] = service
            task.add_done_callback(lambda _: self._wake.set())

    def _may_start(self, service: Service) -> bool:
        if self._state.paused_at is not None or len(self._tasks) >= AT_ONCE:
            return False
        if self.jobs.first_waiting(service) is None or self._ready_at(service) > self._clock.monotonic():
            return False
        return service is Service.OPERATIONS or service not in self._tasks.values()

    def _ready_at(self, service: Service) -> float:
        rest = self._rest_until.get(service, self._clock.monotonic())
        if service is Service.OPERATIONS and self._allowance is not None:
            return max(rest, self._allowance.ready_at(reserve=True))
        return rest

    def rest_until(self, service: Service) -> float:
        """Return until when looks are to leave a service alone, so that it can work between two batches.

        While a batch is under way, a look takes part in its session.
        """
        return self._rest_until.get(service, 0.0) if service is Service.BEEBOX else 0.0

    def _seconds_to_next(self) -> float | None:
        if self._state.paused_at is not None or len(self._tasks) >= AT_ONCE:
            return None
        now = self._clock.monotonic()
        waits = [self._ready_at(s) - now for s in Service if s is not Service.FLEX and self._pending(s)]
        held = self.jobs.next_at()
        if held is not None:
            waits.append(held - now)
        return max(0.05, min(waits)) if waits else None

    def _pending(self, service: Service) -> bool:
        alone = service is Service.OPERATIONS or service not in self._tasks.values()
        return alone and self.jobs.first_waiting(service) is not None

    def stop(self, keys: Sequence[ItemKey]) -> int:
        """Stop the downloads of these items; return how many there were."""
        found = self.jobs.of(keys)
        for job in found:
            self.runner.end(job, DownloadState.STOPPED, "stopped")
            if job not in self._working:
                self.runner.parts.give_up(job.key)
            task = self._working.get(job)
            if task is not None:
                self._stopping.add(job)
                task.cancel()
        self._wake.set()
        return len(found)

    # -- one download -----------------------------------------------------------------------------------

    async def _single(self, job: DownloadJob) -> None:
        media = self._gateways.media
        assert isinstance(job.item, Operation)
        token = job.item.reading.file_token
        if not await self._to_ask(job):
            return
        async with self.slots:
            await self._deliver(job, None if media is None else lambda kept: media.fetch(token, kept))

    async def _batch(self, first: DownloadJob) -> None:
        """Fetch file after file in one session, then leave the service alone."""
        service = first.transfer.service
        opened: float | None = None
        if not await self._to_ask(first):
            return
        try:
            async with self.slots, self._session(service) as session:
                opened = self._clock.monotonic()
                self._busy = self._lost[service] = 0
                await self._files(Batch(service, session, opened + BATCH_SECONDS), first)
        except Busy as error:
            rest = BUSY_RESTS[min(self._busy, len(BUSY_RESTS) - 1)]
            self._busy += 1
            self._rest(service, rest, error.message)
        except AllowanceUsed as error:
            self._rest(service, max(LIMIT_REST, error.retry_after or 0.0), error.message)
        except (ServerFault, NoConnection) as error:
            if not self._tried_again(first, error) and not self._reached_again(service, error):
                self._fail_all(service, error)
        except ServiceError as error:
            self._fail_all(service, error)
        finally:
            _requeue(self.jobs, first)
            if opened is not None and service is Service.BEEBOX:
                took = self._clock.monotonic() - opened
                self._rest_until[service] = self._clock.monotonic() + max(took, LEAST_REST)
        if opened is not None and service is Service.BEEBOX:
            await self._let_it_work(took)

    async def _let_it_work(self, took: float) -> None:
        """Let the Beebox rest as its queue needs it, and say so if files wait for that."""
        waiting = [job for job in self.jobs.unfinished(Service.BEEBOX) if job.waiting]
        unfinished = 0
        async for part in chunks(self._state.listed(Service.BEEBOX), self._clock, SCANNED):
            unfinished += sum(file.state not in SETTLED for file in part)
        rest = rest_after(took, waiting=len(waiting), unfinished=unfinished)
        self._rest_until[Service.BEEBOX] = self._clock.monotonic() + rest
        if not waiting:
            return
        words = f"the Beebox rests {rest:.0f} s"
        for job in waiting:
            self.jobs.note(job, DownloadState.WAITING, words)
        left = "1 file waits" if len(waiting) == 1 else f"{len(waiting)} files wait"
        work = f"it has {unfinished} unfinished" if unfinished else "nothing there is unfinished"
        self._tell(Service.BEEBOX, f"{words} after {took:.0f} s of downloads: {work}; {left}")

    def _tell(self, service: Service, words: str, key: ItemKey | None = None) -> None:
        self._state.events.add(Level.INFO, service.value, words, key=key)
        self._say(f"{key or service.value}: {words}")

    async def _to_ask(self, job: DownloadJob) -> bool:
        """Return whether a download has to ask the server; one that is under way elsewhere waits for that."""
        try:
            return not await self.runner.settled(job)
        except SaveError as error:
            if not self._tried_again(job, error):
                self.runner.fail(job, error)
            return False

    def _session(self, service: Service) -> AbstractAsyncContextManager[BeeboxFiles | InstantFiles]:
        gateway = self._gateways.beebox if service is Service.BEEBOX else self._gateways.instant
        if gateway is None:
            raise ServiceError("this service could not be set up")
        return gateway.files()

    async def _files(self, batch: Batch, first: DownloadJob) -> None:
        """Fetch the first file and what waits behind it; a slow one has a session of its own."""
        jobs = [first]
        while len(jobs) < FILES_AT_ONCE and not first.slow and (job := self._next(batch)) is not None:
            jobs.append(job)
        try:
            await all_ended(*(self._one_by_one(batch, job) for job in jobs))
        finally:
            for job in jobs:
                _requeue(self.jobs, job)
        if batch.error is not None:
            raise batch.error

    async def _one_by_one(self, batch: Batch, first: DownloadJob) -> None:
        job: DownloadJob | None = first
        while job is not None:
            job.until = batch.until if batch.service is Service.BEEBOX else float("inf")
            left = None if job.slow else max(LEAST_FIRST_BYTE, batch.until - self._clock.monotonic())
            try:
                going_on = job.transfer.ended or await self._deliver(job, _opener(batch.session, job, left))
            except AllowanceUsed as error:
                batch.error, going_on = error, False
            batch.over = batch.over or not going_on or first.slow
            job = self._next(batch)

    def _next(self, batch: Batch) -> DownloadJob | None:
        """Take the next file of a batch out of the queue, while there is time for one."""
        if batch.over or self._clock.monotonic() >= batch.until or self._state.paused_at is not None:
            return None
        job = self.jobs.first_waiting(batch.service)
        if job is None or job.slow:
            return None
        self.jobs.note(job, DownloadState.RUNNING)
        return job

    async def _deliver(self, job: DownloadJob, opener: Opener | None) -> bool:
        """Fetch one file; an error ends this download only. Return whether to go on in this session."""
        task = asyncio.current_task()
        assert task is not None
        if job.transfer.ended:  # stopped while it waited for a slot
            return True
        self._working[job] = task
        try:
            await self.runner.bring(job, opener)
            self._lost[job.transfer.service] = 0
        except AllowanceUsed as error:
            if job.transfer.service is not Service.OPERATIONS:
                raise
            self.back_to_queue([job], error)
            return False
        except SessionOver as over:
            self.jobs.note(job, DownloadState.WAITING, over.message)
            return False
        except (ServiceError, SaveError) as error:
            if not self._tried_again(job, error):
                self.runner.fail(job, error)
            return not isinstance(error, NoConnection | SessionExpired | ServerFault)
        except asyncio.CancelledError:
            if job not in self._stopping:
                _requeue(self.jobs, job)
                raise
            self._stopping.discard(job)
            self.runner.parts.give_up(job.key)
            task.uncancel()
        finally:
            self._working.pop(job, None)
        return True

    # -- what becomes of it -----------------------------------------------------------------------------

    def back_to_queue(self, jobs: Iterable[DownloadJob], error: AllowanceUsed) -> None:
        """Let downloads wait until the allowance holds calls again."""
        self._limited(error)
        for job in jobs:
            if not job.transfer.ended:
                self.jobs.note(job, DownloadState.WAITING, f"rests: {error.message}")

    def _tried_again(self, job: DownloadJob, error: WbtuiError) -> bool:
        """Send a download back into the queue if its fault may pass; return whether it did."""
        if isinstance(error, SlowFile) and self._slow(job, error):
            return True
        if isinstance(error, BeingSaved):
            self.wait_for_other(job, error)
            return True
        reached = job.transfer.service in self._lost and not isinstance(error, SlowFile)
        if isinstance(error, NoConnection) and (job.begun or reached):
            return self._cut_off(job, error)
        if not isinstance(error, ServerFault) or job.tries >= len(FAULT_RESTS):
            return False
        rest = error.retry_after
        if rest is None and error.status in PASSING:
            rest = FAULT_RESTS[job.tries]
        if rest is None or rest > LONGEST_REST:
            return False
        job.tries += 1
        self.jobs.note(job, DownloadState.WAITING)
        self._rest(job.transfer.service, rest, error.message)
        return True

    def _reached_again(self, service: Service, error: ServiceError) -> bool:
        """Wait for a service that had answered before and cannot be reached, unless that takes long."""
        lost = self._lost.get(service)
        if not isinstance(error, NoConnection) or lost is None or lost >= len(CUT_RESTS):
            return False
        self._lost[service] = lost + 1
        self._rest(service, CUT_RESTS[lost], error.message)
        self._tell(service, f"{error.message}; tried again in {CUT_RESTS[lost]:.0f} s")
        return True

    def _cut_off(self, job: DownloadJob, error: NoConnection) -> bool:
        """Try a file that was cut off again, unless nothing new has come for several times."""
        if job.kept >= job.best + LEAST_GAIN:
            job.best, job.cuts = job.kept, 0
        if job.cuts >= len(CUT_RESTS):
            return False
        rest = CUT_RESTS[job.cuts]
        job.cuts += 1
        job.not_before = self._clock.monotonic() + rest
        how = f"goes on after {job.kept} bytes" if job.kept else "begins again"
        words = f"{error.message}; {how} in {rest:.0f} s"
        self.jobs.note(job, DownloadState.WAITING, words)
        self._tell(job.transfer.service, words, job.item.key)
        return True

    def wait_for_other(self, job: DownloadJob, error: BeingSaved) -> None:
        """Let a download wait until another one of the same file has ended; it then ends like that one."""
        job.not_before = self._clock.monotonic() + SAVED_ELSEWHERE_GAP
        job.waits += 1
        self.jobs.note(job, DownloadState.WAITING, error.message)

    def _slow(self, job: DownloadJob, error: SlowFile) -> bool:
        """Give a file of the Beebox that is long in the making a session of its own, once.

        A batch is at most `BATCH_SECONDS` long, since the Beebox does nothing else meanwhile. A file that
        does not begin within that gets a longer session, behind all others, and a rest as long after it.
        """
        if job.transfer.service is not Service.BEEBOX or job.slow:
            return False
        job.slow = True
        self.jobs.postpone(job)
        self.jobs.note(job, DownloadState.WAITING, f"waits: {error.message}; it gets longer, alone")
        return True

    def _rest(self, service: Service, seconds: float, why: str) -> None:
        self._rest_until[service] = self._clock.monotonic() + seconds
        for job in self.jobs.unfinished(service):
            if job.waiting or job not in self._working:
                self.jobs.note(job, DownloadState.WAITING, f"waits: {why}")

    def _fail_all(self, service: Service, error: ServiceError) -> None:
        """Fail all downloads of a service that refuses the log-in, rather than log in for each of them."""
        for job in self.jobs.unfinished(service):
            self.runner.fail(job, error)


def _opener(session: BeeboxFiles | InstantFiles, job: DownloadJob, first_byte: float | None) -> Opener:
    item, other = job.item, job.transfer.other
    if isinstance(item, InstantRequest):
        instant, number = cast("InstantFiles", session), item.request_id
        return lambda kept: instant.post_edit(number, kept) if other else instant.file(number, kept)
    assert isinstance(item, BeeboxFile)
    beebox, path, locale = cast("BeeboxFiles", session), wire_path(item), item.locale
    ask = beebox.preliminary if other else beebox.file
    return lambda kept: ask(path, locale, first_byte=first_byte, kept=kept)


def _requeue(jobs: DownloadQueue, job: DownloadJob) -> None:
    """Let a download wait again that was under way."""
    if job.transfer.state is DownloadState.RUNNING:
        jobs.note(job, DownloadState.WAITING)
