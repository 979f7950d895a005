"""The state of a profile for as long as a command runs, and what there is to say of it on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wbtui.cli.output import say
from wbtui.config import Profile, store_path
from wbtui.store import SqliteStore, open_or_in_memory


@contextmanager
def state_of(profile: Profile) -> Iterator[SqliteStore]:
    """Open the store of a profile, in memory where nothing can be kept; say so, also of what came later."""
    store = open_or_in_memory(store_path(profile.name))
    said = store.notice
    if said:
        say(f"wbtui: {said}")
    try:
        yield store
    finally:
        store.close()
        if store.notice not in ("", said):
            say(f"wbtui: {store.notice}")
