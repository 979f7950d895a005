"""Reads files that a user names: in a dialog, on the command line, in the configuration.

Such a path may lead to a pipe or a device, which would block the program for ever, or to endless data. So
only regular files are opened, and no more is read than the purpose needs. All functions wait for the file
system: they must not run in the event loop.
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


def typed_path(text: str) -> Path:
    """Return the path that a user typed, with `~` expanded.

    Raises `SourceError` with the reason, without the path, if the text cannot be a path.
    """
    if "\0" in text:
        raise SourceError("no path has a NUL in it")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise SourceError("the home folder of that user is not known") from None


def named(path: Path | str) -> str:
    """Return a path, sanitized for showing."""
    return sanitize(str(path), 300)


def why_not(error: OSError | ValueError) -> str:
    """Return a message on why a path cannot be used."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "there is no such file"
    return f"cannot be read: {_words(error)}"


def no_file(path: Path) -> str:
    """Return why a path is not a readable regular file, or an empty text."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        return why_not(error)
    return _no_regular(mode)


def is_file(path: Path) -> bool:
    """Return whether a path leads to a regular file; False if it cannot be examined."""
    return not no_file(path)


def is_folder(path: Path) -> bool:
    """Return whether a path leads to a folder; False if it cannot be examined."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def nothing_at(path: Path) -> bool:
    """Return whether certainly nothing has this name, not even a broken link or an unreadable entry."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def not_new(path: Path) -> str:
    """Return why no new file can be created under this name, or an empty text."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return "" if is_folder(path.parent) else "there is no such folder"
    except (OSError, ValueError) as error:
        return f"cannot be written: {_words(error)}"
    return "there is such a file already"


def open_file(path: Path) -> BufferedReader:
    """Open a regular file for reading; raises `SourceError` for anything else."""
    problem = no_file(path)  # opening some devices has an effect
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
    """Translate errors of reading a file into `SourceError`."""
    try:
        yield
    except OSError as error:
        failure = SourceError(f"{named(path)}: {why_not(error)}")
    else:
        return
    raise failure


def read_file(path: Path, most: int) -> bytes:
    """Return the content of a file; raises `SourceError` if it cannot be read or exceeds `most` bytes."""
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
