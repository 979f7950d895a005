"""What has been made since the last time: pure.

The vendor's advice is to remember the newest `tfdate` fetched. Alone it loses files: two may carry the same
date, one may appear in the list later than a younger one, and a download may fail. So a day is looked at
once more, and what was fetched with the same date is left out.
Source: beebox/api-get-translated-content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from wbtui.model import BeeboxFile, Item, ItemKey, State
from wbtui.ports_acting import Fetched, made_text

OVERLAP: Final = timedelta(days=1)


def new_items(
    items: Iterable[Item], fetched: Mapping[ItemKey, Fetched], newest: Mapping[str, datetime]
) -> list[Item]:
    """Return what is ready and was not fetched since it was made; `newest` is by Beebox locale."""
    ready = (item for item in items if item.state is State.READY)
    return [item for item in ready if _is_new(item, fetched.get(item.key), newest)]


def _is_new(item: Item, before: Fetched | None, newest: Mapping[str, datetime]) -> bool:
    if not isinstance(item, BeeboxFile):
        return before is None
    if before is not None and before.made == made_text(item.made_at):
        return False
    since = newest.get(item.locale)
    if before is not None or since is None or not isinstance(item.made_at, datetime):
        return True
    return item.made_at >= since - OVERLAP


def newest_by_locale(
    wanted: Iterable[Item], fetched: Mapping[ItemKey, Fetched], newest: Mapping[str, datetime]
) -> dict[str, datetime]:
    """Return the newest date fetched per locale, held back by the oldest wanted file that is missing."""
    dates: dict[str, list[datetime]] = {}
    missing: dict[str, list[datetime]] = {}
    for item in wanted:
        if not isinstance(item, BeeboxFile) or not isinstance(item.made_at, datetime):
            continue
        before = fetched.get(item.key)
        there = before is not None and before.made == made_text(item.made_at)
        (dates if there else missing).setdefault(item.locale, []).append(item.made_at)
    found = dict(newest)
    for locale, made in dates.items():
        found[locale] = max([*made, *([newest[locale]] if locale in newest else [])])
    for locale, made in missing.items():
        if locale in found:
            found[locale] = min(found[locale], *made)
    return found
