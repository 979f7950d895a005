"""Intervals of the services that are read as lists (Beebox, Instant, Flex)."""

from __future__ import annotations

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
