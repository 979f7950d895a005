"""The exit codes of the commands, and which one an error or a set of outcomes leads to."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from wbtui.domain.errors import (
    AllowanceUsed,
    BadAnswer,
    Busy,
    LoginRefused,
    NoConnection,
    NotAllowed,
    NotTaken,
    Rejected,
    SecretError,
    ServerFault,
    SettingsError,
    SourceError,
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


_WORST_FIRST: Final = (
    Exit.FAILED,
    Exit.LOGIN,
    Exit.CONNECTION,
    Exit.ALLOWANCE,
    Exit.USAGE,
    Exit.PARTLY,
    Exit.ERROR,
)


def exit_of(codes: Iterable[Exit]) -> Exit:
    """Return the exit code of a command by those of its parts: 0 if all are, 7 if some, else the worst."""
    found = set(codes)
    if Exit.OK in found:
        return Exit.OK if found == {Exit.OK} else Exit.PARTLY
    return next((code for code in _WORST_FIRST if code in found), Exit.OK)


def exit_for(error: WbtuiError | None) -> Exit:
    """Return the exit code that an error leads to where nothing else was done."""
    if isinstance(error, SettingsError):
        return Exit.USAGE
    if isinstance(error, SecretError | LoginRefused | NotAllowed):
        return Exit.LOGIN
    if isinstance(error, AllowanceUsed):
        return Exit.ALLOWANCE
    if isinstance(error, NoConnection | BadAnswer | ServerFault | Busy):
        return Exit.CONNECTION
    return Exit.OK if error is None else Exit.ERROR


def exit_for_action(error: WbtuiError | None) -> Exit:
    """Return the exit code that an error of one action on an item leads to."""
    if isinstance(error, SourceError):
        return Exit.USAGE
    if isinstance(error, NotTaken):
        return Exit.PARTLY
    return Exit.FAILED if isinstance(error, Rejected) else exit_for(error)
