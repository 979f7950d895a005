"""Pauses after faults: they double, are spread by chance, and never grow past five minutes."""

from __future__ import annotations

import random
from typing import Final

FIRST: Final = 5.0
LONGEST: Final = 300.0
LONGEST_AFTER_LOST: Final = 1800.0
"""The same where each try may leave a session open for 15 minutes, in which the Beebox does nothing."""
JITTER: Final = 0.2
BUSY_FIRST: Final = 5.0
BUSY_LONGEST: Final = 60.0


class Backoff:
    """The pause before the next try of one service."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._failures = 0
        self._busy = 0

    def failed(self, longest: float = LONGEST) -> float:
        """Count a failure and return the seconds to wait: 5 s doubling to 5 min, or `longest`, ± 20 %."""
        pause = min(longest, FIRST * 2.0 ** min(self._failures, 10))
        self._failures += 1
        return min(longest, pause * self._chance.uniform(1 - JITTER, 1 + JITTER))

    def busy(self) -> float:
        """Count a busy Beebox and return the seconds to wait, which double from 5 s to 60 s."""
        pause = min(BUSY_LONGEST, BUSY_FIRST * 2.0 ** min(self._busy, 10))
        self._busy += 1
        return pause

    def succeeded(self) -> None:
        """Start afresh."""
        self._failures = 0
        self._busy = 0
