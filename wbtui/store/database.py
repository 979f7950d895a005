"""The state file itself: opening, versions, damage, transactions; and the one connection to it.

A rollback journal and not a write-ahead log, because homes may lie on NFS, where the log's shared memory
does not work. Each commit is synced, so that what was confirmed survives a power cut, too.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from wbtui.errors import StoreDamaged, StoreError, StoreTooNew
from wbtui.store.lock import PollerLock

VERSION: Final = 2
"""The version of the schema below, kept in `PRAGMA user_version`."""

_SCHEMA: Final = """
CREATE TABLE operations (key TEXT UNIQUE NOT NULL, data BLOB NOT NULL, ended INTEGER);
CREATE TABLE beebox (key TEXT UNIQUE NOT NULL, data BLOB NOT NULL);
CREATE TABLE instant (key TEXT UNIQUE NOT NULL, data BLOB NOT NULL);
CREATE TABLE flex (key TEXT UNIQUE NOT NULL, data BLOB NOT NULL);
CREATE TABLE flex_documents (key TEXT UNIQUE NOT NULL, data BLOB NOT NULL);
CREATE TABLE told (key TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE calls (account TEXT NOT NULL, at INTEGER NOT NULL, run TEXT NOT NULL, reserved INTEGER NOT NULL);
CREATE INDEX calls_by_time ON calls (account, at);
CREATE TABLE events (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE memory (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
_ADDED: Final = {
    2: """
CREATE TABLE fetched (key TEXT NOT NULL, other INTEGER NOT NULL, place TEXT NOT NULL, data BLOB NOT NULL,
                      PRIMARY KEY (key, other));
CREATE INDEX fetched_by_place ON fetched (place);
CREATE TABLE sent (key TEXT PRIMARY KEY, data BLOB NOT NULL);
"""
}
"""What each later version added to the schema of version 1."""
_TABLES: Final = tuple(re.findall("TABLE ([a-z_]+)", "".join([_SCHEMA, *_ADDED.values()])))
_Result = TypeVar("_Result")


class Database:
    """An open state file; a damaged one is set aside, when it is opened or later, and a fresh one begun.

    So is one of a newer wbtui, unless that is running and polls the profile. Any thread may call: one at a
    time uses the connection. Raises `StoreTooNew`, `StoreDamaged` or `StoreError` when it is made.
    """

    def __init__(self, path: Path, changed: Callable[[], None], *, busy_seconds: float = 5.0) -> None:
        """Open the file; `changed` is called, in any thread, when `notice` has changed later.

        `busy_seconds` is how long to wait for a file that another process holds.
        """
        self.path: Final = path
        self.notice = ""
        """What happened to a file that was set aside, in words."""
        self._changed = changed
        self._busy_seconds: Final = busy_seconds
        self._lock = threading.Lock()
        self._opened = 0
        self._stamp = 0
        self._connection = self._open()
        self.stamp()

    def read(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a query; raises `StoreError` if they cannot be had."""
        with self._lock:
            try:
                return self._mended(lambda: self._connection.execute(sql, values).fetchall())
            except sqlite3.Error as error:
                raise StoreError(f"{self.path}: the state file cannot be read: {error}") from None

    def write(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Do some work as one transaction, which is on disk when this returns; raises `sqlite3.Error`."""
        with self._lock:
            return self._mended(lambda: self._transaction(work))

    def stamp(self) -> int:
        """Return a number that changes when another process has written; never waits.

        While somebody writes it may return the number of before: ask again.
        """
        if self._lock.acquire(blocking=False):
            try:
                self._stamp = self._opened * 2**32 + self._data_version()
            finally:
                self._lock.release()
        return self._stamp

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _data_version(self) -> int:
        try:
            self._connection.execute("PRAGMA busy_timeout = 0")
            return _number(self._connection, "PRAGMA data_version")
        except sqlite3.Error:
            return self._stamp % 2**32
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {self._busy_seconds * 1000:.0f}")

    def _transaction(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:  # not committed; a full disk may have ended it already
                connection.execute("ROLLBACK")
        return result

    def _mended(self, work: Callable[[], _Result]) -> _Result:
        try:
            return work()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._connection.close()
            self._set_aside("damaged", "was damaged")
            self._connection = self._open()
        self._changed()
        return work()

    def _open(self) -> sqlite3.Connection:
        try:
            connection = self._connect_unless_damaged()
        except StoreTooNew:
            if PollerLock(self.path).holder() is not None:
                raise  # moved away, it would be torn out of the hands of that one
            self._set_aside("newer", "is of a newer wbtui")
            connection = self._connect_unless_damaged()
        if connection is None:
            self._set_aside("damaged", "was damaged")
            connection = self._connect_unless_damaged()
        if connection is None:
            raise StoreDamaged(
                f"{self.path}: a fresh state file is damaged at once", advice="Check the disk."
            )
        self._opened += 1
        return connection

    def _connect_unless_damaged(self) -> sqlite3.Connection | None:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if _is_damage(error):
                return None
            raise StoreError(f"{self.path}: the state file cannot be opened: {error}") from None
        except OSError as error:
            raise StoreError(f"{self.path}: the state file cannot be opened: {error.strerror}") from None

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Only if it is not there: closing a file gives up all locks that this process holds on it, also those
        # of another connection.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(
            self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        with contextlib.ExitStack() as undo:
            undo.callback(connection.close)
            self._prepare(connection)
            undo.pop_all()
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        found = _number(connection, "PRAGMA user_version")
        if found > VERSION:
            raise StoreTooNew(
                f"{self.path}: the state file has version {found}, this wbtui knows versions up to {VERSION}",
                advice="A newer wbtui is running with it: update this one, or end that one.",
            )
        self.path.chmod(0o600)
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = FULL")
        if found < VERSION:
            _bring_up(connection)
        for name in _TABLES:
            # reads one page of each: what is damaged there is found before anybody relies on it
            connection.execute(f"SELECT * FROM {name} LIMIT 1").fetchone()  # noqa: S608 - our own names

    def _set_aside(self, ending: str, reason: str) -> None:
        """Give the file another name; raises `StoreDamaged` if that cannot be done."""
        number = 1
        try:
            while (aside := self.path.with_name(f"{self.path.name}.{ending}-{number}")).exists():
                number += 1
            self.path.rename(aside)
            # of another process that is writing; left behind, it would be played back into the fresh file
            with contextlib.suppress(FileNotFoundError):
                _journal(self.path).rename(_journal(aside))
        except OSError as error:
            raise StoreDamaged(
                f"{self.path}: the state file {reason} and cannot be set aside: {error.strerror}",
                advice="Move it away by hand.",
            ) from None
        self.notice = f"The state file {reason}; it was set aside as {aside.name}, and a fresh one begun."


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _bring_up(connection: sqlite3.Connection) -> None:
    """Create the schema, or add what a file of an older version lacks."""
    connection.execute("BEGIN IMMEDIATE")
    found = _number(connection, "PRAGMA user_version")  # another process may have been faster
    if found == 0 and _number(connection, "SELECT count(*) FROM sqlite_schema"):
        connection.execute("ROLLBACK")
        raise _Foreign("not a state file of wbtui")
    missing = [_SCHEMA] if found == 0 else []
    missing += [schema for version, schema in _ADDED.items() if version > found]
    for statement in ";".join(missing).split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {max(found, VERSION)}")
    connection.execute("COMMIT")


class _Foreign(sqlite3.DatabaseError):
    """The file is a database of something else."""


def _number(connection: sqlite3.Connection, sql: str) -> int:
    found = connection.execute(sql).fetchone()[0]
    assert isinstance(found, int)
    return found


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    if isinstance(error, _Foreign):
        return True
    # the low byte is the primary code of an extended one
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    # a table that is missing in a file of our version is damage, too
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such table" in str(error)
