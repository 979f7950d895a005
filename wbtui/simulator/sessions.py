"""Sessions that end by themselves after some idle time, and the allowance of calls per hour."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

HOUR: Final = timedelta(hours=1)


class Sessions:
    """The open sessions of one service; a token dies `idle` after its last use."""

    def __init__(self, idle: timedelta, mint: Callable[[], str], born: datetime) -> None:
        self._idle = idle
        self._mint = mint
        self._used: dict[str, datetime] = {}
        self._ended = born

    def open(self, now: datetime) -> str:
        """Begin a session and return its token."""
        token = self._mint()
        self._used[token] = now
        return token

    def use(self, token: str, now: datetime) -> bool:
        """Tell whether the token is alive, and keep it so."""
        self._bury(now)
        if token not in self._used:
            return False
        self._used[token] = now
        return True

    def close(self, token: str, now: datetime) -> None:
        """End a session; a dead or unknown token is no error."""
        self._bury(now)
        if self._used.pop(token, None) is not None:
            self._ended = max(self._ended, now)

    def count(self, now: datetime) -> int:
        """Return how many sessions are open."""
        self._bury(now)
        return len(self._used)

    @property
    def quiet_from(self) -> datetime:
        """Return when the last session ended, or will end if nobody uses it again."""
        ends = [used + self._idle for used in self._used.values()]
        return max([self._ended, *ends])

    def _bury(self, now: datetime) -> None:
        for token, used in list(self._used.items()):
            if used + self._idle <= now:
                del self._used[token]
                self._ended = max(self._ended, used + self._idle)


class Allowance:
    """Calls counted in a sliding hour; a refused call is not counted."""

    def __init__(self, limit: int, others: int) -> None:
        self.limit = limit
        self._others = others
        self._calls: deque[datetime] = deque()

    def take(self, now: datetime) -> bool:
        """Count a call, or tell that the hour is used up."""
        if self.used(now) + self._others >= self.limit:
            return False
        self._calls.append(now)
        return True

    def used(self, now: datetime) -> int:
        """Return how many calls were counted in the hour before `now`, those of others left out."""
        while self._calls and self._calls[0] <= now - HOUR:
            self._calls.popleft()
        return len(self._calls)
