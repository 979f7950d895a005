"""Files written so that a final name only ever stands for what is whole.

A download grows in a `.part` beside its target, under a lock, is synced and then renamed. Every folder on
the way is opened without following symbolic links, so nothing is written outside of the download folder.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from wbtui.downloads.names import PART_ENDING
from wbtui.errors import SaveError

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NO_LINKS: Final = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EMLINK})
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS})
_NO_HARD_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EXDEV, errno.EMLINK})


class Overwrite(StrEnum):
    """What happens to a file that lies there already."""

    NEVER = "never"
    OLDER = "older"
    """It is replaced if it is older than what the server has."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Saved:
    """A file that is whole and lies under its final name."""

    path: Path
    size: int


class Folder:
    """A download folder; it may itself be a symbolic link, since the user chose it."""

    def __init__(self, root: Path) -> None:
        self.root: Final = root

    def kept(self, path: Sequence[str], overwrite: Overwrite, made_at: datetime | None) -> str:
        """Return why the file that lies under this name stays as it is, or an empty text.

        `made_at` is when the server made what it has now. Raises `SaveError` if something other than a file
        is in the way.
        """
        with _in_our_words(path, self.root), self._opened(path[:-1], make=False) as folder:
            found = _status(path[-1], folder) if folder is not None else None
        if found is None or overwrite is Overwrite.ALWAYS:
            return ""
        if overwrite is Overwrite.NEVER:
            return "a file of this name is there already"
        if made_at is None:
            return "a file of this name is there already, and the server does not say how old its own is"
        newer = found.st_mtime >= made_at.timestamp()
        return "the file that is there is newer than the server's" if newer else ""

    @contextmanager
    def saving(self, path: Sequence[str], *, replace: bool) -> Iterator[Saving]:
        """Give a file to write to; without `Saving.finish` nothing of it remains.

        Raises `SaveError` in words for a full disk, missing rights, a link in the way, or another wbtui
        that fetches the same file.
        """
        with _in_our_words(path, self.root), self._opened(path[:-1], make=True) as folder:
            assert folder is not None
            _status(path[-1], folder)
            part = _part(path[-1] + PART_ENDING, folder)
            saving = Saving(self.root.joinpath(*path), folder, part, replace=replace)
            try:
                yield saving
            finally:
                saving.abandon()

    @contextmanager
    def _opened(self, parts: Sequence[str], *, make: bool) -> Iterator[int | None]:
        if make:
            self.root.mkdir(parents=True, exist_ok=True)
        try:
            folder = os.open(self.root, _FOLDER)
        except FileNotFoundError:
            yield None
            return
        try:
            for part in parts:
                inner = _folder(part, folder, make=make)
                os.close(folder)
                folder = -1
                if inner is None:
                    break
                folder = inner
            yield folder if folder >= 0 else None
        finally:
            if folder >= 0:
                os.close(folder)


class Saving:
    """A download under way; its methods block, and raise `OSError`s that `Folder.saving` words."""

    def __init__(self, path: Path, folder: int, part: int, *, replace: bool) -> None:
        self.size = 0
        self._path = path
        self._name = path.name
        self._folder = folder
        self._part = part
        self._replace = replace
        self._open = True

    def write(self, data: bytes) -> None:
        """Append bytes."""
        view = memoryview(data)
        while view:
            written = os.write(self._part, view)
            view = view[written:]
            self.size += written

    def beginning(self, most: int) -> bytes:
        """Return the first bytes of what was written, at most so many."""
        return os.pread(self._part, most, 0)

    def finish(self) -> Saved:
        """Put what was written on the disk and give it its final name."""
        os.fsync(self._part)
        part = self._name + PART_ENDING
        if self._replace:
            os.rename(part, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        else:
            self._rename_if_free(part)
        self._open = False
        os.fsync(self._folder)
        os.close(self._part)
        return Saved(self._path, self.size)

    def _rename_if_free(self, part: str) -> None:
        """Give the name without replacing a file that has come there meanwhile."""
        try:
            os.link(part, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            if _status(self._name, self._folder) is not None:
                raise FileExistsError(errno.EEXIST, "exists") from None
            os.rename(part, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        else:
            os.unlink(part, dir_fd=self._folder)

    def abandon(self) -> None:
        """Remove what was written, unless it is finished."""
        if not self._open:
            return
        self._open = False
        with contextlib.suppress(OSError):
            os.unlink(self._name + PART_ENDING, dir_fd=self._folder)
        os.close(self._part)


def _folder(name: str, parent: int, *, make: bool) -> int | None:
    if make:
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o777, dir_fd=parent)
    try:
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=parent)
    except FileNotFoundError:
        return None


def _status(name: str, folder: int) -> os.stat_result | None:
    """Return what stands under a name; anything but a plain file is in the way."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISREG(found.st_mode):
        return found
    if stat.S_ISLNK(found.st_mode):
        raise OSError(errno.ELOOP, "link")
    raise IsADirectoryError(errno.EISDIR, "no file")


def _part(name: str, folder: int) -> int:
    """Open and lock the file to write to; one that an earlier run left behind is emptied."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    opened = os.open(name, flags, 0o666, dir_fd=folder)
    with contextlib.ExitStack() as undo:
        undo.callback(os.close, opened)
        with _unless(_NO_LOCKS):
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        there = _status(name, folder)
        mine = os.fstat(opened)
        if there is None or (there.st_ino, there.st_dev) != (mine.st_ino, mine.st_dev):
            raise BlockingIOError(errno.EWOULDBLOCK, "taken")
        os.ftruncate(opened, 0)
        undo.pop_all()
    return opened


@contextmanager
def _unless(codes: frozenset[int]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in codes:
            raise


@contextmanager
def _in_our_words(path: Sequence[str], root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        failure = _save_error(error, "/".join(path), root)
    else:
        return
    raise failure


def _save_error(error: OSError, shown: str, root: Path) -> SaveError:
    if isinstance(error, BlockingIOError):
        return SaveError(f"{shown}: another wbtui is fetching this file")
    if isinstance(error, FileExistsError):
        return SaveError(f"{shown}: a file of this name has appeared meanwhile; it was left as it is")
    if error.errno in _NO_LINKS:
        return SaveError(f"{shown}: a link or a file is in the way", advice="Take it away, or use --to.")
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        why = os.strerror(error.errno or 0).lower()
        return SaveError(f"{shown}: cannot be written: {why}", advice=f"Make room below {root}.")
    why = os.strerror(error.errno).lower() if error.errno else "unknown reason"
    return SaveError(f"{shown}: cannot be written: {why}")
