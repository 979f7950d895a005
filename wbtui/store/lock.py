"""Who asks the services of a profile: the first of several wbtui holds a lock, the others read the store.

The lock is one of the operating system on a file beside the store. It ends with the process that holds it,
however that ends, so nothing has to beat like a heart and nothing stale is left behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from wbtui.domain.errors import StoreError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.sanitize import sanitize

_LONGEST: Final = 300
"""Bytes read of a lock file: a process id and the name of a machine."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that polls; `machine` is empty where it is this one (homes may be shared by several)."""

    pid: int
    machine: str = ""

    def words(self) -> str:
        """Return it as it is shown: "polled by pid 4711"."""
        who = f"pid {self.pid}" if self.pid else "another wbtui"
        return f"polled by {who}" + (f" on {self.machine}" if self.machine else "")


class PollerLock:
    """The right to poll one profile; `store` is the path of its state file, and the lock lies beside it.

    Every method raises `StoreError` if the file cannot be opened at all; with `spare` it is then as if there
    were no lock: better two that poll than none.
    """

    def __init__(self, store: Path, *, spare: bool = False) -> None:
        self.path: Final = store.with_suffix(".lock")
        self._spare: Final = spare
        self._file: int | None = None
        self._without = False

    @property
    def held(self) -> bool:
        """Return whether this object holds the lock."""
        return self._file is not None or self._without

    def acquire(self) -> bool:
        """Take the lock if nobody else has it, and return whether it is held now; never waits."""
        if self._file is not None:
            return True
        file = self._open()
        self._without = file is None
        if file is None:
            return True
        if not _locked(file, fcntl.LOCK_EX):
            os.close(file)
            return False
        self._file = file
        with contextlib.suppress(OSError):  # a full disk: the others then do not learn who it is
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()} {socket.gethostname()}\n".encode(), 0)
        return True

    def release(self) -> None:
        """Let the next one poll; harmless if it is not held."""
        self._without = False
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, 0)
            with contextlib.suppress(OSError):
                # a child that is just being started may have the file open for a moment longer
                fcntl.flock(self._file, fcntl.LOCK_UN)
            os.close(self._file)
            self._file = None

    def holder(self) -> Holder | None:
        """Return who else holds the lock, or None if nobody does."""
        if self._file is not None:
            return None
        file = self._open()
        if file is None:
            return None
        try:
            if _locked(file, fcntl.LOCK_SH):
                return None
            return _read(_content(file))
        finally:
            os.close(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _open(self) -> int | None:
        flags = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self.path, os.O_RDWR | os.O_CREAT | flags, 0o600)
        except OSError as error:
            if not self._spare:
                raise StoreError(
                    f"{self.path}: the lock file cannot be opened: {error.strerror}",
                    advice="Put that right, or set XDG_STATE_HOME to a folder that can be written.",
                ) from None
        # where it can only be read, it still tells who else polls
        with contextlib.suppress(OSError):
            return os.open(self.path, os.O_RDONLY | flags)
        return None


def _locked(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system without locks: better two that poll than none.
        return True
    return True


def _content(file: int) -> bytes:
    with contextlib.suppress(OSError):
        return os.pread(file, _LONGEST, 0)
    return b""


def _read(content: bytes) -> Holder:
    """Return who wrote the file; 0 stands for one that has not got round to it."""
    number, _, machine = content.decode("utf-8", "replace").strip().partition(" ")
    pid = int(number) if number.isascii() and number.isdecimal() and len(number) < 12 else 0
    return Holder(pid, "" if machine == socket.gethostname() else sanitize(machine, 80))
