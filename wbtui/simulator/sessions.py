"""Sessions that expire after some idle time, the hourly allowance, and the accounts."""

from __future__ import annotations

import string
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self
from uuid import UUID

from wbtui.simulator.plan import Plan

HOUR: Final = timedelta(hours=1)


class Sessions:
    """The open sessions of one service. A token expires `idle` after its last use."""

    def __init__(self, idle: timedelta, mint: Callable[[], str], born: datetime) -> None:
        self._idle = idle
        self._mint = mint
        self._used: dict[str, datetime] = {}
        self._ended = born

    def open(self, now: datetime) -> str:
        """Open a session and return its token."""
        token = self._mint()
        self._used[token] = now
        return token

    def use(self, token: str, now: datetime) -> bool:
        """Return whether the token is valid, and renew its idle time."""
        self._bury(now)
        if token not in self._used:
            return False
        self._used[token] = now
        return True

    def close(self, token: str, now: datetime) -> None:
        """End a session. An expired or unknown token is not an error."""
        self._bury(now)
        if self._used.pop(token, None) is not None:
            self._ended = max(self._ended, now)

    def count(self, now: datetime) -> int:
        """Return how many sessions are open."""
        self._bury(now)
        return len(self._used)

    @property
    def quiet_from(self) -> datetime:
        """Return when the last session ended, or will expire if unused."""
        ends = [used + self._idle for used in self._used.values()]
        return max([self._ended, *ends])

    def _bury(self, now: datetime) -> None:
        for token, used in list(self._used.items()):
            if used + self._idle <= now:
                del self._used[token]
                self._ended = max(self._ended, used + self._idle)


class HourlyAllowance:
    """Counts calls in a sliding hour; refused calls do not count."""

    def __init__(self, limit: int, others: int) -> None:
        self.limit = limit
        self._others = others
        self._calls: deque[datetime] = deque()

    def take(self, now: datetime) -> bool:
        """Count a call; return False if the allowance is used up."""
        if self.used(now) + self._others >= self.limit:
            return False
        self._calls.append(now)
        return True

    def used(self, now: datetime) -> int:
        """Return how many calls were counted in the hour before `now`, those of others left out."""
        while self._calls and self._calls[0] <= now - HOUR:
            self._calls.popleft()
        return len(self._calls)


@dataclass(frozen=True, slots=True)
class SimulatedAccounts:
    """The credentials of each service. They are invented and valid in the simulation only."""

    translator_account: str
    translator_key: str
    beebox_project: str
    beebox_login: str
    beebox_password: str
    instant_account: str
    instant_login: str
    instant_password: str

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Return the log-ins of this plan's seed."""
        chance = plan.chance("accounts")
        letters = string.ascii_letters + string.digits

        def word(length: int) -> str:
            return "".join(chance.choice(letters) for _ in range(length))

        return cls(
            translator_account="acme",
            translator_key=str(UUID(int=chance.getrandbits(128))).upper(),
            beebox_project=str(UUID(int=chance.getrandbits(128))),
            beebox_login="monitor",
            beebox_password=word(20) + "&+",
            instant_account="acme",
            instant_login="ann",
            instant_password=word(20) + "#ü",
        )
