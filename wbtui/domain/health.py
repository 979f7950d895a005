"""How a service is doing, and how much of its allowance is used; part of the model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HealthWord(StrEnum):
    """The closed list of words for a service's condition."""

    OK = "ok"
    CONNECTING = "connecting"
    BUSY = "BUSY"
    OLD = "OLD"
    DOWN = "DOWN"
    LIMIT = "LIMIT"
    LOGIN = "LOGIN"
    PAUSED = "PAUSED"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a list is known, where that is not all of it; nothing counted of it is of the whole."""

    read: int
    total: int | None = None
    """None where the server has not said it."""
    what: str = ""
    """What is counted, such as "documents"; empty for records."""
    why: str = ""
    """Why the rest is not there and will not come by reading on; empty while the reading goes on."""

    def words(self) -> str:
        """Return it in words: `reading: 15 000 of 40 000`."""
        of = "" if self.total is None else f" of {_figure(self.total)}"
        known = f"{_figure(self.read)}{of}" + (f" {self.what}" if self.what else "")
        so_far = " so far" if self.total is None else ""
        return f"read {known}: {self.why}" if self.why else f"reading: {known}{so_far}"


def _figure(number: int) -> str:
    return f"{number:,}".replace(",", " ")


@dataclass(frozen=True, slots=True)
class Health:
    """How one service is doing; clock times only, never running ages."""

    word: HealthWord
    at: datetime | None = None
    """OLD and PAUSED: since; DOWN: next try; LIMIT: until."""
    message: str = ""
    """What happened, in the server's or our words."""
    advice: str = ""
    read_at: datetime | None = None
    """The last good reading."""
    next_at: datetime | None = None
    """The next look that is planned, if any."""
    asked_at: datetime | None = None
    part: Part | None = None
    """How much was read of the service's list; None where it is known whole."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of the last hour against the allowance of Translator API 2."""

    used: int = 0
    limit: int = 0
    """wbtui's own ceiling, or the server's if that is lower."""
