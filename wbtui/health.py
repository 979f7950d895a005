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


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of the last hour against the allowance of Translator API 2."""

    used: int = 0
    limit: int = 0
    """wbtui's own ceiling, or the server's if that is lower."""
