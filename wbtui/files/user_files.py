"""Files that a user names: in a dialog, on the command line, in the configuration. They are read here alone.

A path may lead anywhere: to a pipe or a device, which would hold the program for ever, or to something
without an end. So nothing is opened but a regular file, and no more is read of it than its purpose needs. All
of this waits for the file system: it does not belong into the event loop.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Final

from wbtui.domain.errors import SourceError
from wbtui.domain.sanitize import sanitize

_ONLY_LOOKING: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_PIECE: Final = 1024 * 1024
_MIB: Final = 1024 * 1024


def local_path(text: str) -> Path:
    """Return the path that a user means, `~` being a home folder.

    Raises `SourceError` with the reason alone, without the path, for what can be none.
    """
    if "\0" in text:
        raise SourceError("no path has a NUL in it")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise SourceError("the home folder of that user is not known") from None


def named(path: Path | str) -> str:
    """Return a path as it may be shown."""
    return sanitize(str(path), 300)


def why_not(error: OSError | ValueError) -> str:
    """Return in words why a path cannot be used."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "there is no such file"
    return f"cannot be read: {_words(error)}"


def no_file(path: Path) -> str:
    """Return why a path is no regular file that could be read, or nothing."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        return why_not(error)
    return _no_regular(mode)


def is_file(path: Path) -> bool:
    """Return whether a path leads to a regular file; what may not be looked at is none."""
    return not no_file(path)


def is_folder(path: Path) -> bool:
    """Return whether a path leads to a folder; what may not be looked at is none."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def nothing_at(path: Path) -> bool:
    """Return whether certainly nothing has this name, not even a link or an unreadable entry."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def not_new(path: Path) -> str:
    """Return why no new file can be made under this name, or nothing."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return "" if is_folder(path.parent) else "there is no such folder"
    except (OSError, ValueError) as error:
        return f"cannot be written: {_words(error)}"
    return "there is such a file already"


def open_file(path: Path) -> BufferedReader:
    """Open a regular file for reading; raises `SourceError` in words for anything else."""
    problem = no_file(path)  # some devices do something when they are opened
    if not problem:
        with reading(path):
            opened = os.open(path, _ONLY_LOOKING)
        problem = _no_regular(os.fstat(opened).st_mode)
        if not problem:
            return os.fdopen(opened, "rb")
        os.close(opened)
    raise SourceError(f"{named(path)}: {problem}")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a file is read into a `SourceError` in words."""
    try:
        yield
    except OSError as error:
        failure = SourceError(f"{named(path)}: {why_not(error)}")
    else:
        return
    raise failure


def read_file(path: Path, most: int) -> bytes:
    """Return what a file holds; raises `SourceError` for one of more than `most` bytes, as for no file."""
    found = bytearray()
    with open_file(path) as file, reading(path):
        while len(found) <= most and (piece := file.read(min(_PIECE, most + 1 - len(found)))):
            found += piece
    if len(found) > most:
        raise SourceError(f"{named(path)}: is larger than {most // _MIB} MiB")
    return bytes(found)


def _words(error: OSError | ValueError) -> str:
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number).lower() if number else "it is no path"


def _no_regular(mode: int) -> str:
    if stat.S_ISREG(mode):
        return ""
    return "is a folder, no file" if stat.S_ISDIR(mode) else "is no regular file"
