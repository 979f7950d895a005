"""The thread that writes: takes work from a queue, so that nobody else waits for the disk."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

from wbtui.domain.clock import SystemClock
from wbtui.domain.errors import StoreError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.store.database import Database, advice_for

Work = Callable[[sqlite3.Connection], object]
"""Something to do inside a transaction; may be done again if the transaction fails."""

SYNC_SECONDS: Final = 5.0
"""The longest that a power cut reaches back, into what the servers can tell again."""
_TOGETHER: Final = 20
"""Pieces of work in one transaction, at most: others who want to read wait so long."""
_Result = TypeVar("_Result")
_CLOCK: Final = SystemClock()


@dataclass(frozen=True, slots=True)
class _Job:
    work: Work | None
    """None: nothing to do but to say when its turn has come."""
    done: Future[Any] | None = None
    last: bool = False
    synced: bool = True


class Writer:
    """Does work in the order in which it came.

    Work that fails, because the disk is full or another process holds the file, is tried again with the next
    work or after `retry_seconds`; at most `kept` pieces wait for that, then the oldest is given up. `trouble`
    says so meanwhile, and `changed` is called in the writer's thread whenever it changes.
    """

    def __init__(
        self,
        database: Database,
        changed: Callable[[], None],
        *,
        retry_seconds: float = 5.0,
        kept: int = 2000,
        monotonic: Callable[[], float] = _CLOCK.monotonic,
    ) -> None:
        self.trouble = ""
        self._retry_seconds: Final = retry_seconds
        self._kept: Final = kept
        self._database = database
        self._changed = changed
        self._queue: SimpleQueue[_Job] = SimpleQueue()
        self._late: deque[_Job] = deque()
        self._monotonic: Final = monotonic
        self._sync_at: float | None = None
        """When what was committed without is synced; None while everything is on disk."""
        self._given_up = 0
        self._gate = threading.Lock()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="wbtui-store", daemon=True)
        self._thread.start()

    def put(self, work: Work, *, synced: bool = True) -> None:
        """Do some work later; returns at once. Work that need not be `synced` is after `SYNC_SECONDS`."""
        self._put(_Job(work, synced=synced))

    def call(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Do some work after all that was put before, and return its result; raises `StoreError`."""
        done: Future[_Result] = Future()
        self._put(_Job(work, done))
        try:
            return done.result()
        except sqlite3.Error as error:
            raise StoreError(
                f"the state file cannot be written: {error} ({self._database.path})", advice=advice_for(error)
            ) from None

    def settle(self) -> None:
        """Wait until all that was put before has been written or has failed."""
        done: Future[None] = Future()
        self._put(_Job(None, done))
        done.result()

    def read_few(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a query, or none if they cannot be had: for what can be done without."""
        try:
            self.settle()
            return self._database.read(sql, values)
        except StoreError:
            return []

    def flush(self) -> None:
        """Wait until all that was put before is on disk; raises `StoreError` if it cannot be written."""
        self.settle()
        if self.trouble:
            raise StoreError(f"{self._database.path}: {self.trouble}")

    def close(self) -> None:
        """Write what is left, as far as possible, and end the thread."""
        with self._gate:
            self._queue.put(_Job(None, last=True))
        self._thread.join()

    def _put(self, job: _Job) -> None:
        with self._gate:
            if self._ended:
                raise StoreError(f"{self._database.path}: the state file is closed")
            self._queue.put(job)

    def _run(self) -> None:
        jobs: list[_Job] = []
        try:
            while not any(job.last for job in jobs):
                jobs = self._take()
                self._do(jobs)
        finally:
            self._refuse_the_rest(jobs)

    def _take(self) -> list[_Job]:
        """Wait for a job, or until it is time to sync or try again; return what goes into one transaction."""
        jobs: list[_Job] = []
        waits = [self._retry_seconds] if self._late else []
        if self._sync_at is not None:
            waits.append(max(0.0, self._sync_at - self._monotonic()))
        try:
            jobs.append(self._queue.get(timeout=min(waits, default=None)))
            while jobs[-1].done is None and not jobs[-1].last and len(jobs) < _TOGETHER:
                jobs.append(self._queue.get_nowait())
        except Empty:
            pass
        return jobs

    def _do(self, jobs: Iterable[_Job]) -> None:
        self._late.extend(job for job in jobs if job.work and job.done is None)
        self._write_late()
        for job in jobs:
            if job.done:
                self._answer(job.work, job.done)
        self._sync(now=any(job.last for job in jobs))

    def _write_late(self) -> None:
        while self._late:
            batch = [self._late[i] for i in range(min(_TOGETHER, len(self._late)))]
            try:
                works = [job.work for job in batch if job.work]
                self._database.write(partial(_all, works), synced=any(job.synced for job in batch))
            except (sqlite3.Error, StoreError) as error:
                self._fail(error)
                return
            for _ in batch:
                self._late.popleft()
        self._report("")

    def _sync(self, *, now: bool) -> None:
        """Sync what has waited long enough."""
        if not self._database.unsynced:
            self._sync_at = None
            return
        at = self._monotonic()
        if self._sync_at is None:
            self._sync_at = at + SYNC_SECONDS
        if not now and at < self._sync_at:
            return
        self._sync_at = None
        try:
            self._database.sync()
        except OSError as error:
            self._sync_at = at + SYNC_SECONDS
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        while len(self._late) > self._kept:
            self._late.popleft()
            self._given_up += 1
        lost = f"; {self._given_up} changes were given up" if self._given_up else ""
        advice = error.advice if isinstance(error, StoreError) else advice_for(error)
        advice = f" {advice}" if advice else ""
        self._report(f"The state file cannot be written: {error}{lost}.{advice} It is tried again.")

    def _report(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self._changed()

    def _answer(self, work: Work | None, done: Future[Any]) -> None:
        try:
            done.set_result(self._database.write(work) if work else None)
        except (sqlite3.Error, StoreError) as error:
            done.set_exception(error)

    def _refuse_the_rest(self, taken: Iterable[_Job]) -> None:
        """Let nobody wait for a thread that has ended, be it by a fault of the program."""
        with self._gate:
            self._ended = True
            left = list(taken)
            while not self._queue.empty():
                left.append(self._queue.get_nowait())
        for job in left:
            if job.done and not job.done.done():
                job.done.set_exception(StoreError("the writer of the state file has ended"))


def _all(works: Iterable[Work], connection: sqlite3.Connection) -> None:
    for work in works:
        work(connection)
