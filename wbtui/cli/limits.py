"""What the system allows the program to have: too little is said before it would end it in its work."""

from __future__ import annotations

import errno
import os
import resource
from typing import Final

from wbtui.domain.errors import SettingsError, WbtuiError

FILES: Final = 24
"""Open files that a command needs: sessions, the state file, the keyring's helper, downloads."""
FILES_OF_SCREEN: Final = 64

_SPENT: Final = frozenset(
    (
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.EAGAIN,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EROFS,
    )
)


def ensure_files(needed: int) -> None:
    """Have the system allow so many open files; raises `SettingsError` where it allows fewer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard == resource.RLIM_INFINITY or hard >= needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
        return
    raise SettingsError(
        f"the system allows {hard} open files, and wbtui needs {needed}", advice="Raise it: ulimit -n 1024"
    )


def spent(error: OSError) -> WbtuiError | None:
    """Return in words what the system has no more of, or None for an error of another kind."""
    if error.errno not in _SPENT:
        return None
    return WbtuiError(f"the system refuses more: {os.strerror(error.errno).lower()}", advice="See ulimit -a.")
