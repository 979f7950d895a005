"""The pauses after failures of a service that is read as a list (Beebox, Instant, Flex)."""

from __future__ import annotations

import random
from typing import Final

FIRST: Final = 5.0
"""The first pause after a failure: the default floor of an operation. Doubles with each failure."""
LONGEST: Final = 300.0
"""The longest pause: a service that is back is noticed within 5 minutes. Not fitted."""
LONGEST_AFTER_LOST: Final = 1800.0
"""The longest pause where each try may leave a session open for 15 minutes, in which the Beebox does nothing:
half of its time at most."""
JITTER: Final = 0.2
"""Share by which a pause varies, so that clients that failed together do not return together."""
BUSY_FIRST: Final = 5.0
"""The first pause when a Beebox is busy. Doubles with each busy answer."""
BUSY_LONGEST: Final = 60.0
"""The longest pause when a Beebox is busy: the default round. It is at work, not broken."""
DOUBLINGS: Final = 10
"""Doublings that are computed at most. Every pause reaches its maximum earlier; this bounds the power."""


class Backoff:
    """The pause before the next try of one service."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._failures = 0
        self._busy = 0

    def failed(self, longest: float = LONGEST) -> float:
        """Count a failure and return the seconds to wait: 5 s doubling to 5 min, or `longest`, ± 20 %."""
        pause = min(longest, FIRST * 2.0 ** min(self._failures, DOUBLINGS))
        self._failures += 1
        return min(longest, pause * self._chance.uniform(1 - JITTER, 1 + JITTER))

    def busy(self) -> float:
        """Count a busy Beebox and return the seconds to wait, which double from 5 s to 60 s."""
        pause = min(BUSY_LONGEST, BUSY_FIRST * 2.0 ** min(self._busy, DOUBLINGS))
        self._busy += 1
        return pause

    def succeeded(self) -> None:
        """Reset both pauses to their first value."""
        self._failures = 0
        self._busy = 0
