"""The log of actions: one JSON object per line, in files that are rotated by size.

All values are worded by wbtui and sanitized. No address, token or password is ever part of them.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

LARGEST: Final = 1024 * 1024
KEPT: Final = 4
"""Older files that are kept beside the current one. Not fitted."""


class ActionLog:
    """Appends to `path`. A full file becomes `path.1`, the one before it `path.2`, and so on.

    If the log cannot be written, actions continue, and `trouble` says why.
    """

    def __init__(self, path: Path, *, largest: int = LARGEST) -> None:
        self.trouble = ""
        self._path = path
        self._largest = largest

    def write(self, at: datetime, **values: str | bool | None) -> None:
        """Append one line with the time and these values, in a single write."""
        line = (
            json.dumps({"at": at.astimezone(UTC).isoformat(timespec="seconds"), **_without_none(values)})
            + "\n"
        )
        try:
            self._rotate(len(line))
            self._append(line.encode())
        except OSError as error:
            self.trouble = f"the log of actions cannot be written: {error.strerror}"
        else:
            self.trouble = ""

    def _append(self, line: bytes) -> None:
        # if the path is a pipe, do not wait for a reader
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            opened = os.open(self._path, flags, 0o600)
        except FileNotFoundError:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            opened = os.open(self._path, flags, 0o600)
        try:
            if os.write(opened, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(opened)

    def _rotate(self, more: int) -> None:
        with contextlib.suppress(FileNotFoundError):
            if self._path.stat().st_size + more <= self._largest:
                return
            for number in range(KEPT, 1, -1):
                with contextlib.suppress(FileNotFoundError):
                    self._rotated(number - 1).replace(self._rotated(number))
            self._path.replace(self._rotated(1))

    def _rotated(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


def _without_none(values: Mapping[str, str | bool | None]) -> dict[str, str | bool]:
    return {name: value for name, value in values.items() if value is not None}
