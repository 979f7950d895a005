"""Writes files so that only a complete file has its final name.

A download is written to a `.part` beside its target, under a lock, synced and then renamed; where it is cut
off, the part may stay. No folder of a path is a symbolic link, so nothing is written outside of the folder.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from wbtui.domain.errors import BeingSaved, SaveError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.versions import Lying
from wbtui.files.names import PART_ENDING, marked

DOUBTFUL: Final = "doubtful"
"""The mark in the name of a file that may not be what was asked for."""
MOST_OF_ONE_DATE: Final = 1000
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NO_LINKS: Final = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EMLINK})
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS})
_NO_HARD_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EXDEV, errno.EMLINK})


TAIL: Final = 64 * 1024
_BLOCK: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Saved:
    """A complete file under its final name."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Written:
    """How much of a part is safely on the disk, and a digest of the last bytes of that.

    By the digest it is known again: another program may have written to a part of the same name since.
    """

    size: int
    tail: str
    whole: bool = False
    """Whether nothing is missing; its last byte is dropped then, since no server gives a range of nothing."""


class Folder:
    """A download folder. It may itself be a symbolic link, since the user chose it."""

    def __init__(self, root: Path) -> None:
        self.root: Final = root

    def existing(self, path: Sequence[str]) -> Lying | None:
        """Return the file of this name, if it exists; raises `SaveError` if it is not a regular file."""
        with _translated_errors(path, self.root), self._open_folder(path[:-1], make=False) as folder:
            found = _status(path[-1], folder) if folder is not None else None
        return found and Lying(datetime.fromtimestamp(found.st_mtime, UTC), found.st_size)

    def is_locked(self, path: Sequence[str]) -> bool:
        """Return whether another download of this file is in progress, here or in another process."""
        with _translated_errors(path, self.root), self._open_folder(path[:-1], make=False) as folder:
            return folder is not None and _locked(path[-1] + PART_ENDING, folder)

    def accept(self, path: Sequence[str], *, aside: str) -> Saved:
        """Rename a file that was stored as doubtful to its final name.

        An existing file is renamed with the date `aside`, or replaced. Raises `SaveError` if there is no
        doubtful file.
        """
        with _translated_errors(path, self.root), self._open_folder(path[:-1], make=False) as folder:
            doubtful = marked(path[-1], DOUBTFUL)
            found = _status(doubtful, folder) if folder is not None else None
            if folder is None or found is None:
                raise FileNotFoundError(errno.ENOENT, "none")
            _rename_with_date(path[-1], aside, folder)
            os.rename(doubtful, path[-1], src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
            return Saved(self.root.joinpath(*path), found.st_size)

    def remove_part(self, path: Sequence[str]) -> None:
        """Remove the part of a download that was given up, unless one is in progress."""
        with (
            contextlib.suppress(OSError, SaveError),
            self._open_folder(path[:-1], make=False) as folder,
        ):
            part = path[-1] + PART_ENDING
            if folder is not None and _status(part, folder) is not None and not _locked(part, folder):
                os.unlink(part, dir_fd=folder)

    @contextmanager
    def saving(
        self, path: Sequence[str], *, replace: bool, aside: str = "", known: Written | None = None
    ) -> Iterator[Saving]:
        """Yield a file to write to. Without `Saving.finish` or `Saving.stay` it is removed.

        It begins with what is `known` of an earlier part, if that is still there. With `replace` it replaces
        an existing file, which is renamed with the date `aside` if that is given.
        Raises `SaveError`, with a message for the user, for a full disk, missing rights, a symbolic link in
        the path, or another wbtui that downloads the same file.
        """
        with _translated_errors(path, self.root), self._open_folder(path[:-1], make=True) as folder:
            assert folder is not None
            _status(path[-1], folder)
            part = _open_part(path[-1] + PART_ENDING, folder)
            saving = Saving(self.root.joinpath(*path), folder, part, replace=replace, aside=aside)
            try:
                saving.begin(known)
                yield saving
            finally:
                saving.abandon()

    @contextmanager
    def _open_folder(self, parts: Sequence[str], *, make: bool) -> Iterator[int | None]:
        folder = _opened_root(self.root, make=make)
        if folder is None:
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
    """A download in progress. Its methods block, and raise `OSError`, which `Folder.saving` translates."""

    def __init__(self, path: Path, folder: int, part: int, *, replace: bool, aside: str) -> None:
        self.size = 0
        self._path = path
        self._name = path.name
        self._folder = folder
        self._open_part = part
        self._replace = replace
        self._aside = aside
        self._open = True
        self._stays = False

    def begin(self, known: Written | None = None) -> None:
        """Begin with what is `known` of an earlier part, or with nothing."""
        there = os.fstat(self._open_part).st_size
        self.size = known.size if known is not None and known.size <= there else 0
        if known is None or self._tail() != known.tail:
            self.size = 0
        elif known.whole and self.size:
            self.size -= 1
        self._stays = self.size > 0  # until something comes in its place
        os.ftruncate(self._open_part, self.size)
        os.lseek(self._open_part, self.size, os.SEEK_SET)

    def sync(self) -> Written:
        """Put what has come safely on the disk."""
        os.fsync(self._open_part)
        return Written(self.size, self._tail())

    def stay(self, *, stays: bool = True) -> None:
        """Leave what has come where it is at the end, also without `finish`; or remove it then."""
        self._stays = stays

    def digest(self) -> str:
        """Return a digest of what has come."""
        found = hashlib.sha256()
        for block in _blocks(self._open_part):
            found.update(block)
        return found.hexdigest()

    def unpack(self, unpacked: Callable[[Iterator[bytes]], Iterable[bytes]]) -> None:
        """Put what the part unpacks to in its place; raises what `unpacked` raises."""
        part = self._name + PART_ENDING
        other = part + PART_ENDING  # the name of no other file: none ends like a part
        opened = _open_part(other, self._folder)
        packed, self._open_part = self._open_part, opened
        with contextlib.ExitStack() as ending:
            ending.callback(os.close, packed)
            ending.callback(os.unlink, other, dir_fd=self._folder)
            self.begin()
            for piece in unpacked(_blocks(packed)):
                self.write(piece)
            os.rename(other, part, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            ending.pop_all()
            os.close(packed)

    def _tail(self) -> str:
        last = os.pread(self._open_part, min(TAIL, self.size), max(0, self.size - TAIL))
        return hashlib.sha256(last).hexdigest()

    def write(self, data: bytes) -> None:
        """Append bytes."""
        view = memoryview(data)
        while view:
            written = os.write(self._open_part, view)
            view = view[written:]
            self.size += written

    def beginning(self, most: int) -> bytes:
        """Return the first bytes that were written, at most `most`."""
        return os.pread(self._open_part, most, 0)

    def finish(self, *, doubtful: bool = False) -> Saved:
        """Sync the file and rename it to its final name, or to one marked as doubtful."""
        os.fsync(self._open_part)
        part = self._name + PART_ENDING
        name = marked(self._name, DOUBTFUL) if doubtful else self._name
        if doubtful:
            _status(name, self._folder)
        elif self._replace:
            _rename_with_date(name, self._aside, self._folder)
        if doubtful or self._replace:
            os.rename(part, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        else:
            self._rename_if_free(part)
        self._open = False
        os.fsync(self._folder)
        os.close(self._open_part)
        return Saved(self._path.with_name(name), self.size)

    def _rename_if_free(self, part: str) -> None:
        """Rename without replacing a file that was created in the meantime."""
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
        """Remove the file, unless it is finished or stays."""
        if not self._open:
            return
        self._open = False
        with contextlib.suppress(OSError):
            if not self._stays:
                os.unlink(self._name + PART_ENDING, dir_fd=self._folder)
        os.close(self._open_part)


def _blocks(opened: int) -> Iterator[bytes]:
    """Yield the content of an open file."""
    place = 0
    while block := os.pread(opened, _BLOCK, place):
        place += len(block)
        yield block


def _opened_root(root: Path, *, make: bool) -> int | None:
    try:
        return os.open(root, _FOLDER)
    except FileNotFoundError:
        if not make:
            return None
    root.mkdir(parents=True, exist_ok=True)
    return os.open(root, _FOLDER)


def _folder(name: str, parent: int, *, make: bool) -> int | None:
    try:
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=parent)
    except FileNotFoundError:
        if not make:
            return None
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o777, dir_fd=parent)
    return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=parent)


def _status(name: str, folder: int) -> os.stat_result | None:
    """Return the status of a regular file, or None if nothing has the name; raises `SaveError` otherwise."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISREG(found.st_mode):
        return found
    if stat.S_ISLNK(found.st_mode):
        raise OSError(errno.ELOOP, "link")
    raise IsADirectoryError(errno.EISDIR, "no file")


def _open_part(name: str, folder: int) -> int:
    """Open and lock the file to write to. It may hold what an earlier run left."""
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
        undo.pop_all()
    return opened


def _locked(name: str, folder: int) -> bool:
    try:
        opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return False
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(opened)
    return False


def _rename_with_date(name: str, stamp: str, folder: int) -> None:
    """Rename an existing file to a free name with the date `stamp`; do nothing without a date."""
    if not stamp:
        return
    for number in range(1, MOST_OF_ONE_DATE):
        other = marked(name, stamp if number == 1 else f"{stamp}-{number}")
        try:
            os.link(name, other, src_dir_fd=folder, dst_dir_fd=folder)
        except FileExistsError:
            continue
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            if _status(other, folder) is not None:
                continue
            os.rename(name, other, src_dir_fd=folder, dst_dir_fd=folder)
        return
    raise FileExistsError(errno.EEXIST, "exists")


@contextmanager
def _unless(codes: frozenset[int]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in codes:
            raise


@contextmanager
def _translated_errors(path: Sequence[str], root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        failure = _save_error(error, "/".join(path), root)
    else:
        return
    raise failure


def _save_error(error: OSError, shown: str, root: Path) -> SaveError:
    if isinstance(error, BlockingIOError):
        return BeingSaved(f"{shown}: another wbtui is fetching this file")
    if isinstance(error, FileNotFoundError):
        return SaveError(f"{shown}: no file of this name was stored as doubtful")
    if isinstance(error, FileExistsError):
        return SaveError(f"{shown}: a file of this name has appeared meanwhile; it was left as it is")
    if error.errno in _NO_LINKS:
        return SaveError(f"{shown}: a link or a file is in the way", advice="Take it away, or use --to.")
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        why = os.strerror(error.errno or 0).lower()
        return SaveError(f"{shown}: cannot be written: {why}", advice=f"Make room below {root}.")
    why = os.strerror(error.errno).lower() if error.errno else "unknown reason"
    return SaveError(f"{shown}: cannot be written: {why}")
