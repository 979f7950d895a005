"""Intervals of the services that are read as lists (Beebox, Instant, Flex), and back-off after failures."""

from __future__ import annotations

import random
from typing import Final

SLICE_SECONDS: Final = 2.0
"""The longest a Beebox session stays open in one round. An open session stops the Beebox's own work; with the
default round of 60 s this is at most 3 % of its time."""
PASS_LEAST: Final = 600.0
"""The least seconds between two full passes. Not fitted: what is unfinished is asked for in each round, so a
pass only finds files that were added meanwhile."""
PASS_FACTOR: Final = 30.0
"""A pass of `s` session seconds is repeated after 30 s: passes cost the Beebox about 3 % of its time."""
ERROR_GAP: Final = 300.0
"""Seconds between two questions for files in error, which change only when somebody acts. Not fitted."""
POST_EDIT_GAP: Final = 300.0
"""Seconds between two questions for requests in post-editing: people work for minutes to hours. Not
fitted."""
FLEX_LIST_GAP: Final = 300.0
"""Seconds between two readings of the Flex list, one call each: 12 calls per hour. Not fitted."""
FLEX_LEAST: Final = 900.0
"""The least seconds until an unchanged document is asked for again: no page of Wordbee promises that edits
and bookmarks change `dtchange`. Each question takes a slot of the customer's queue. Not fitted."""
FLEX_CALLS: Final = 12
"""About the calls for one document: two queries, each asked, looked at a few times and fetched."""
FLEX_SHARE: Final = 0.25
"""The share of the allowance that rechecks of unchanged documents may use. Not fitted: operations need
most."""
FLEX_RETRY: Final = 60.0
"""Seconds until a query that failed is asked again. Not fitted."""


def next_pass_after(session_seconds: float) -> float:
    """Return the seconds until the next full pass over a Beebox project.

    A session stops the Beebox's own work, so a longer pass is repeated more rarely.
    """
    return max(PASS_LEAST, PASS_FACTOR * session_seconds)


def flex_recheck(documents: int, calls_per_hour: int) -> float:
    """Return the seconds after which an unchanged Flex document is asked for again.

    15 minutes, or more where so many documents would use more than a quarter of the allowance.
    """
    per_hour = max(1.0, FLEX_SHARE * calls_per_hour)
    return max(FLEX_LEAST, documents * FLEX_CALLS * 3600.0 / per_hour)


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
