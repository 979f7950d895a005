"""How long a batch of downloads may keep the Beebox from its own work, and how long it then rests.

A person waits for the files, and the Beebox does nothing for anybody while a session is open. Looks of the
monitor have a budget of their own (`SLICE_SECONDS` in a round); a batch has this one beside it.
"""

from __future__ import annotations

from typing import Final

from wbtui.scheduling.intervals import SLICE_SECONDS

SESSION_SECONDS: Final = 30.0
"""The longest session. An automatic run that is due waits so long at most, and begins in the rest that
follows: with runs a minute apart, none is left out. Shorter ones would cost more log-ins. Not fitted."""
BATCH_SECONDS: Final = SESSION_SECONDS - 2 * SLICE_SECONDS
"""Seconds of a session in which a batch begins files: both share it with looks of the monitor, of which one
may come before and one behind."""
LEAST_REST: Final = 5.0
"""The least seconds that the Beebox rests while it has work: a run that is due begins when no session is
open, and how soon the Beebox notices that is not documented."""
IDLE_REST: Final = 2.0
"""Seconds that it rests when nothing is unfinished: a run would only find sources that were added meanwhile,
and 2 s in 30 let one begin."""
FILES_AT_ONCE: Final = 6
"""Files that are fetched at the same time in a session, so that it is short: as many as a browser takes from
one host, for which servers provide."""


def rest_after(session_seconds: float, *, waiting: int, unfinished: int) -> float:
    """Return the seconds that the Beebox rests after a session.

    Time goes to those who wait: if as many files are `unfinished` on the Beebox as are `waiting` to be
    fetched, or more, it rests as long as the session was; if fewer, in proportion.
    """
    if unfinished == 0:
        return IDLE_REST
    share = min(1.0, unfinished / waiting) if waiting else 1.0
    return max(LEAST_REST, share * session_seconds)
