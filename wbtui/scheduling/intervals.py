"""The intervals of what is read as lists (Beebox, Instant, Flex), and the back-off after failures."""

from __future__ import annotations

import random
from typing import Final

SLICE_SECONDS: Final = 2.0
"""The longest a Beebox session stays open in one round."""
PASS_LEAST: Final = 600.0
PASS_FACTOR: Final = 30.0
ERROR_GAP: Final = 300.0
"""How often a file in error is asked for."""
POST_EDIT_GAP: Final = 300.0
FLEX_LIST_GAP: Final = 300.0
FLEX_LEAST: Final = 900.0
FLEX_CALLS: Final = 12
"""About what one document's two queries cost: asking, looks, fetching."""
FLEX_SHARE: Final = 0.25
FLEX_RETRY: Final = 60.0


def next_pass_after(session_seconds: float) -> float:
    """Return the seconds until the next full pass over a Beebox project.

    A session stops the Beebox's own work, so a costly pass comes more rarely.
    """
    return max(PASS_LEAST, PASS_FACTOR * session_seconds)


def flex_recheck(documents: int, calls_per_hour: int) -> float:
    """Return the seconds after which an unchanged Flex document is asked again.

    15 minutes, or more where many documents would use more than a quarter of the allowance.
    """
    per_hour = max(1.0, FLEX_SHARE * calls_per_hour)
    return max(FLEX_LEAST, documents * FLEX_CALLS * 3600.0 / per_hour)


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
