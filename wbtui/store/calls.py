"""Memory of the calls that count against an hourly allowance, across runs and kill -9.

A call that is forgotten lets the next run exceed the allowance; a write to disk for each call is dear. So
calls are written down in advance, ten at a time: when the first call of a block is noted, ten *reserved*
calls of the latest possible time are written (one commit), and while the block lasts, at most a minute, no
further call costs a write. The next block puts the true times in their place. After kill -9 the reserved
calls stay and count: up to ten too many, never too few. The one gap is the commit of a block's first call
itself, which is queued: a kill in these milliseconds loses a call or two, and the 50 calls an hour that
pacing keeps aside outweigh that.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterable
from dataclasses import field
from datetime import UTC, datetime, timedelta
from typing import Final

from wbtui.domain.errors import StoreError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.store.database import Database
from wbtui.store.writer import Writer

BLOCK_CALLS: Final = 10
BLOCK_TIME: Final = timedelta(seconds=60)
KEPT: Final = timedelta(hours=2)
AHEAD: Final = timedelta(days=1)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_number(at: datetime) -> int:
    """Return microseconds since 1970, as they stand in the file."""
    return (at - _EPOCH) // _MICROSECOND


def from_number(number: int) -> datetime:
    """Return the time of such a number."""
    return _EPOCH + number * _MICROSECOND


@dataclass
class _Account:
    """What this run knows of one account: all its calls, and the block it is in."""

    times: list[datetime] = field(default_factory=list)
    """Oldest first, unless the clock was set back."""
    block_start: datetime | None = None
    block: list[datetime] = field(default_factory=list)


class CallLog:
    """The calls of all runs, those of this run from memory."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer
        self._run = uuid.uuid4().hex
        self._accounts: dict[str, _Account] = {}

    def note(self, name: str, at: datetime) -> None:
        """Write down one call; returns at once."""
        account = self._accounts.setdefault(name, _Account())
        account.times.append(at)
        start = account.block_start
        full = start is None or not start <= at < start + BLOCK_TIME or len(account.block) >= BLOCK_CALLS
        if full:
            true_times, account.block, account.block_start = account.block, [], at
            self._writer.put(self._exchange(name, true_times, at + BLOCK_TIME))
        account.block.append(at)

    def since(self, name: str, at: datetime) -> tuple[datetime, ...]:
        """Return the calls since then, oldest first; reserved ones of other runs count as made.

        Of other runs only what can be read, and nothing that lies a day or more ahead: that is no time of a
        call but damage, and would bar the account for ever.
        """
        values = (name, to_number(at), to_number(at + AHEAD), self._run)
        try:
            self._writer.settle()
            rows = self._database.read(_SINCE, values)
        except StoreError:
            rows = []
        account = self._accounts.get(name, _Account())
        own = [time for time in account.times if time >= at]
        return tuple(sorted([*own, *(from_number(int(number)) for (number,) in rows)]))

    def prune(self, now: datetime) -> None:
        """Forget what is older than two hours."""
        oldest = now - KEPT
        for account in self._accounts.values():
            account.times = [time for time in account.times if time >= oldest]
        self._writer.put(lambda connection: connection.execute(_PRUNE, (to_number(oldest),)))

    def close(self) -> None:
        """Give back what was reserved and not used."""
        for name, account in self._accounts.items():
            self._writer.put(self._exchange(name, account.block, None))

    def _exchange(
        self, name: str, made: Iterable[datetime], reserve_at: datetime | None
    ) -> Callable[[sqlite3.Connection], None]:
        """Return the work that puts calls made in the place of those reserved, and reserves the next."""
        rows = [(name, to_number(at), self._run, 0) for at in made]
        if reserve_at is not None:
            rows += [(name, to_number(reserve_at), self._run, 1)] * BLOCK_CALLS

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_RELEASE, (name, self._run))
            connection.executemany(_INSERT, rows)

        return work


_SINCE: Final = "SELECT at FROM calls WHERE account = ? AND at >= ? AND at < ? AND run <> ?"
_PRUNE: Final = "DELETE FROM calls WHERE at < ?"
_RELEASE: Final = "DELETE FROM calls WHERE account = ? AND run = ? AND reserved = 1"
_INSERT: Final = "INSERT INTO calls (account, at, run, reserved) VALUES (?, ?, ?, ?)"
