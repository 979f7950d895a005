"""The state file itself: opening, versions, damage, transactions; and the one connection to it.

Each commit is synced, so that what was confirmed survives a power cut, too; but what the one that polls can
ask for again is synced every few seconds, in a write-ahead log. Else there is a rollback journal, because
homes may lie on NFS, where the log's shared memory does not work.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sqlite3
import stat
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

from wbtui.domain.errors import StoreDamaged, StoreError, StoreTooNew
from wbtui.files.places import on_local_disk
from wbtui.store.lock import PollerLock

BUSY_SECONDS: Final = 5.0
"""How long a file that another process holds is waited for."""
PAGE: Final = 1024
"""Bytes that are written for one changed record, at least: two or three records lie on a page."""
REPACKED: Final = 64 * 1024 * 1024
"""Bytes of a file with larger pages that is packed anew when it is polled with; a larger one keeps them."""
LOGGED: Final = 4 * 1024 * 1024
"""Bytes of the write-ahead log after which it is taken into the file."""
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
    time uses the connection. Raises `StoreTooNew`, `StoreDamaged` or `StoreError` when it is made; with
    `spare` only the first: what cannot be opened is replaced by a database in memory, which begins with what
    can be read of the file.
    """

    def __init__(
        self,
        path: Path,
        changed: Callable[[], None],
        *,
        busy_seconds: float = BUSY_SECONDS,
        spare: bool = False,
    ) -> None:
        """Open the file; `changed` is called, in any thread, when `notice` has changed later.

        `busy_seconds` is how long to wait for a file that another process holds.
        """
        self.path: Final = path
        self.notice = ""
        """What happened to a file that was set aside, in words."""
        self.not_kept = ""
        """Why nothing is kept and what to do about it, in words; empty while there is a file."""
        self.opened = 0
        """How many files have been opened: greater than one after one was set aside or lost."""
        self._changed = changed
        self._busy_seconds: Final = busy_seconds
        self._spare: Final = spare
        self._lock = threading.Lock()
        self._stamp = 0
        self._together = False
        self._identity: tuple[int, int] | None = None
        """The file that is open with a write-ahead log, by device and inode; None with a rollback journal."""
        self.unsynced = False
        """Whether something was committed that is not on disk yet."""
        self._connection = self._open()
        self.stamp()

    def read(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a query; raises `StoreError` if they cannot be had."""
        with self._lock:
            try:
                return self._mended(lambda: self._connection.execute(sql, values).fetchall())
            except _FAULTS as error:
                problem, advice = str(error), advice_for(error)
        raise StoreError(f"{self.path}: the state file cannot be read: {problem}", advice=advice)

    def write(self, work: Callable[[sqlite3.Connection], _Result], *, synced: bool = True) -> _Result:
        """Do some work as one transaction, and return what it returns; raises `sqlite3.Error`.

        It is on disk when this returns, unless it need not be `synced`; but it survives kill -9 always.
        """
        with self._lock:
            return self._mended(lambda: self._transaction(work, synced=synced))

    def sync_together(self) -> None:
        """Let commits that need not be synced wait for `sync`, if the file lies on a disk of this machine."""
        with self._lock:
            self._together = True
            self._begin_log()

    def sync(self) -> None:
        """Bring to disk what was committed without; raises `OSError`."""
        with self._lock:
            if self.unsynced:
                # closing this file gives up no lock: SQLite has none on it
                log = os.open(beside(self.path, "wal"), os.O_RDONLY | os.O_CLOEXEC)
                try:
                    os.fsync(log)
                finally:
                    os.close(log)
                self.unsynced = False

    def stamp(self) -> int:
        """Return a number that changes when another process has written; never waits.

        While somebody writes it may return the number of before: ask again.
        """
        if self._lock.acquire(blocking=False):
            try:
                version = _age(self.path) if self.not_kept else self._data_version()
                self._stamp = self.opened * 2**32 + version
            finally:
                self._lock.release()
        return self._stamp

    def readable(self) -> bool:
        """Return whether `reread` would find something: the file can be read, if not written."""
        return not self.not_kept or _can_be_read(self.path)

    def reread(self) -> None:
        """Put what the file holds now in the place of what is in memory; nothing to do where it is in use."""
        if self.not_kept and (found := _copy(self.path)) is not None:
            with self._lock:
                self._connection.close()
                self._connection = found

    def close(self) -> None:
        """Close the file; with a rollback journal again, if nobody else has it open."""
        with self._lock:
            if self._identity is not None:
                _end_log(self._connection)
            self._connection.close()

    def _data_version(self) -> int:
        try:
            self._connection.execute("PRAGMA busy_timeout = 0")
            return _number(self._connection, "PRAGMA data_version")
        except _FAULTS:
            return self._stamp % 2**32
        finally:
            with contextlib.suppress(*_FAULTS):
                self._connection.execute(f"PRAGMA busy_timeout = {self._busy_seconds * 1000:.0f}")

    def _begin_log(self) -> None:
        if self.not_kept or not on_local_disk(self.path):
            return
        with contextlib.suppress(sqlite3.Error):  # in use by others: it stays as it is
            connection = self._connection
            if _number(connection, "PRAGMA page_size") > PAGE and self.path.stat().st_size <= REPACKED:
                connection.execute("VACUUM")
            if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal":
                connection.execute(f"PRAGMA wal_autocheckpoint = {LOGGED // PAGE}")
                self._identity = _identity(self.path)

    def _transaction(self, work: Callable[[sqlite3.Connection], _Result], *, synced: bool) -> _Result:
        connection = self._connection
        if self._identity is not None:
            if _identity(self.path) != self._identity:
                raise _Moved("the file was moved or deleted")  # which SQLite finds out of a journal only
            connection.execute(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
        connection.execute("BEGIN IMMEDIATE")
        before = connection.total_changes
        try:
            result = work(connection)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:  # not committed; a full disk may have ended it already
                connection.execute("ROLLBACK")
        if self._identity is not None and connection.total_changes != before:
            self.unsynced = not synced
        return result

    def _mended(self, work: Callable[[], _Result]) -> _Result:
        try:
            return work()
        except _FAULTS as error:
            lost = _is_lost(error)
            if self.not_kept or not (lost or _is_damage(error)):
                raise
        self._connection.close()
        self._identity, self.unsynced = None, False
        if lost:
            self.notice = "The state file was moved or deleted; a fresh one was begun."
            self._connection = self._open()
        else:
            self._connection = self._open(damaged=True)
        if self._together:
            self._begin_log()
        self._changed()
        return work()

    def _open(self, *, damaged: bool = False) -> sqlite3.Connection:
        try:
            if damaged:
                self._set_aside("damaged", "was damaged")
            connection = self._open_file()
        except StoreTooNew:
            raise
        except StoreError as error:
            if not self._spare:
                raise
            self.not_kept = f"Nothing is kept: {error.message}. {error.advice}"
            connection = _copy(self.path) or _in_memory()
        self.opened += 1
        return connection

    def _open_file(self) -> sqlite3.Connection:
        try:
            connection = self._connect_unless_damaged()
        except StoreTooNew:
            if PollerLock(self.path, spare=True).holder() is not None:
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
        return connection

    def _connect_unless_damaged(self) -> sqlite3.Connection | None:
        try:
            return self._connect()
        except _FAULTS as error:
            if _is_damage(error):
                return None
            problem, advice = str(error), advice_for(error)
        except OSError as error:
            problem, advice = error.strerror or "no reason was given", advice_for(error)
        raise StoreError(f"{self.path}: the state file cannot be opened: {problem}", advice=advice)

    def _connect(self) -> sqlite3.Connection:
        if str(self.path).startswith(os.devnull):
            raise FileNotFoundError(errno.ENOENT, "no home folder is known")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except FileExistsError:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None
        # Only if it is not there: closing a file gives up all locks that this process holds on it, also those
        # of another connection.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        _check_writable(self.path)
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
        with contextlib.suppress(PermissionError):  # another user's, who lets this one write
            self.path.chmod(0o600)
        connection.execute(f"PRAGMA page_size = {PAGE}")  # of a file that is made now
        _end_log(connection)
        connection.execute(f"PRAGMA busy_timeout = {self._busy_seconds * 1000:.0f}")
        connection.execute("PRAGMA synchronous = FULL")
        _complete(connection, found)

    def _set_aside(self, ending: str, reason: str) -> None:
        """Give the file another name; raises `StoreDamaged` if that cannot be done."""
        number = 1
        try:
            while (aside := self.path.with_name(f"{self.path.name}.{ending}-{number}")).exists():
                number += 1
            self.path.rename(aside)
            # of another process that is writing; left behind, it would be played back into the fresh file
            for kind in ("journal", "wal", "shm"):
                with contextlib.suppress(FileNotFoundError):
                    beside(self.path, kind).rename(beside(aside, kind))
        except OSError as error:
            raise StoreDamaged(
                f"{self.path}: the state file {reason} and cannot be set aside: {error.strerror}",
                advice="Move it away by hand.",
            ) from None
        self.notice = f"The state file {reason}; it was set aside as {aside.name}, and a fresh one begun."


def beside(path: Path, ending: str) -> Path:
    """Return the file that SQLite keeps beside another."""
    return path.with_name(f"{path.name}-{ending}")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _end_log(connection: sqlite3.Connection) -> None:
    """Take a write-ahead log into the file and do without, unless others have it open."""
    with contextlib.suppress(sqlite3.OperationalError):
        if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("PRAGMA journal_mode = DELETE")


def _age(path: Path) -> int:
    """Return a number below 2**32 that changes when a file is written; 0 if there is none to be seen."""
    seen = []
    for each in (path, beside(path, "wal")):
        with contextlib.suppress(OSError):
            found = each.stat()
            seen.append((found.st_mtime_ns, found.st_size, found.st_ino))
    return hash(tuple(seen)) % 2**32 if seen else 0


def _check_writable(path: Path) -> None:
    """Raise `OSError` for what SQLite would not, or not clearly, refuse: it opens what it can only read."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    if not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    if not os.access(path.parent, os.W_OK | os.X_OK):  # where the journal must lie
        raise PermissionError(errno.EACCES, f"{os.strerror(errno.EACCES)} in its folder")


def _in_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    _complete(connection, 0)
    return connection


def _copy(path: Path, *, only_look: bool = False) -> sqlite3.Connection | None:
    """Return what a state file holds as a database in memory; None if it cannot be read, or not now."""
    memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    try:
        if not path.is_file():  # what is no file might be waited for without an end
            raise FileNotFoundError
        opened = sqlite3.connect(address, timeout=0.1, isolation_level=None, uri=True)
        with contextlib.closing(opened) as file:
            file.execute("BEGIN")
            # takes the lock, for which a backup would wait without an end
            found = _number(file, "PRAGMA user_version")
            if not 0 < found <= VERSION:
                raise _Foreign("not a state file of this wbtui")
            if not only_look:
                file.backup(memory)
                _complete(memory, found)
    except (*_FAULTS, OSError):
        memory.close()
        return None
    return memory


def _can_be_read(path: Path) -> bool:
    copy = _copy(path, only_look=True)
    if copy is None:
        return False
    copy.close()
    return True


def _complete(connection: sqlite3.Connection, found: int) -> None:
    """Bring a database up to this version, and look into each of its tables."""
    connection.text_factory = _text
    if found < VERSION:
        _bring_up(connection)
    for name in _TABLES:
        # reads one page of each: what is damaged there is found before anybody relies on it
        connection.execute(f"SELECT * FROM {name} LIMIT 1").fetchone()  # noqa: S608 - our own names


def _text(raw: bytes) -> str:
    """Return a text of the file; one that is damaged must not keep the rest from being read."""
    return raw.decode("utf-8", "replace")


def _bring_up(connection: sqlite3.Connection) -> None:
    """Create the schema, or add what a file of an older version lacks."""
    connection.execute("BEGIN IMMEDIATE")
    found = _number(connection, "PRAGMA user_version")  # another process may have been faster
    if found == 0 and _number(connection, "SELECT count(*) FROM sqlite_schema"):
        connection.execute("ROLLBACK")
        raise _Foreign("not a state file of wbtui")
    missing = [_SCHEMA] if found <= 0 else []
    missing += [schema for version, schema in _ADDED.items() if version > found]
    for statement in ";".join(missing).split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {max(found, VERSION)}")
    connection.execute("COMMIT")


class _Moved(sqlite3.OperationalError):
    """The file was moved or deleted while it was open."""


class _Foreign(sqlite3.DatabaseError):
    """The file is a database of something else, or cannot be one."""


_FAULTS: Final = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; the second where its own message quotes bytes of a damaged file."""


def _number(connection: sqlite3.Connection, sql: str) -> int:
    found = connection.execute(sql).fetchone()[0]
    assert isinstance(found, int)
    return found


def _code(error: Exception) -> int:
    """Return the primary code of SQLite for an error; it is the low byte of an extended one."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _is_damage(error: Exception) -> bool:
    if isinstance(error, _Foreign | UnicodeDecodeError):
        return True
    if _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return True
    # it could be written when it was opened, so it is the file's head that says it can not
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY:
        return True
    # in a file of our version what lacks a table or a column of ours is damaged, too
    return any(words in str(error) for words in _BROKEN_SCHEMA)


_BROKEN_SCHEMA: Final = ("no such table", "no such column", "no column named", "unsupported file format")


def _is_lost(error: Exception) -> bool:
    """Return whether the file was moved or deleted while it was open."""
    moved = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED
    return moved or isinstance(error, _Moved)


def fault_of(path: Path) -> StoreError | None:
    """Return what keeps a state file that is there from being used, without changing anything of it."""
    try:
        _check_writable(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        problem, advice = error.strerror, advice_for(error)
    else:
        if _can_be_read(path):
            return None
        problem, advice = (
            "it is damaged, of another version, or locked",
            "See what the next start says of it.",
        )
    return StoreError(f"{path}: the state file cannot be opened: {problem}", advice=advice)


def advice_for(error: Exception) -> str:
    """Return what a user can do about a state file that cannot be used."""
    if isinstance(error, OSError) and error.errno == errno.ENOENT:
        return "Set HOME, or XDG_STATE_HOME to a folder that can be written."
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if full or _code(error) == sqlite3.SQLITE_FULL:
        return "Free some space, or set XDG_STATE_HOME to a folder on another disk."
    if _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
        return "End the program that holds it; on a network file system set XDG_STATE_HOME to a local folder."
    return "Put that right, or set XDG_STATE_HOME to a folder that can be written."
