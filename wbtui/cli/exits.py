"""The exit codes, which scripts rely on, and which error leads to which."""

from __future__ import annotations

from enum import IntEnum

from wbtui.domain.errors import (
    AllowanceUsed,
    BadAnswer,
    Busy,
    LoginRefused,
    NoConnection,
    NotAllowed,
    SecretError,
    ServerFault,
    SettingsError,
    WbtuiError,
)


class Exit(IntEnum):
    """What a command's end means."""

    OK = 0
    ERROR = 1
    USAGE = 2
    """Usage or configuration."""
    CONNECTION = 3
    UNFINISHED = 4
    """Not finished in time."""
    LOGIN = 5
    """Log-in or rights."""
    ALLOWANCE = 6
    PARTLY = 7
    """Some of it was done."""
    FAILED = 8
    """Failed on the server."""
    INTERRUPTED = 130


def exit_for(error: WbtuiError) -> Exit:
    """Return the exit code that an error leads to where nothing else was done."""
    if isinstance(error, SettingsError):
        return Exit.USAGE
    if isinstance(error, SecretError | LoginRefused | NotAllowed):
        return Exit.LOGIN
    if isinstance(error, AllowanceUsed):
        return Exit.ALLOWANCE
    if isinstance(error, NoConnection | BadAnswer | ServerFault | Busy):
        return Exit.CONNECTION
    return Exit.ERROR
