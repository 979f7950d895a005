"""What has been made since the last time: pure.

The vendor's advice is to remember the newest `tfdate` fetched. Alone it loses files: two may carry the same
date, one may appear in the list later than a younger one, and a download may fail. So a day is looked at
once more, and what was fetched with the same date is left out.
Source: beebox/api-get-translated-content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from wbtui.domain.model import BeeboxFile, Item, ItemKey, State
from wbtui.domain.records import Fetched, made_text
from wbtui.domain.versions import made_of, same_version

Looked = Callable[[ItemKey], Fetched | None]
"""Tells what is known of the last download of an item."""

OVERLAP: Final = timedelta(days=1)
_TO_COME: Final = frozenset({State.READY, State.DONE})
"""States in which a file with a date can be fetched, or will be once it is built."""


def new_items(items: Iterable[Item], fetched: Looked, newest: Mapping[str, datetime]) -> list[Item]:
    """Return what is ready and was not fetched since it was made; `newest` is by Beebox locale."""
    return [item for item in items if item.state is State.READY and _is_new(item, fetched(item.key), newest)]


def _is_new(item: Item, before: Fetched | None, newest: Mapping[str, datetime]) -> bool:
    if not item.is_deliverable:
        return False
    if before is not None and same_version(before, made_of(item)):
        return False
    if not isinstance(item, BeeboxFile):
        return True
    since = newest.get(item.locale)
    if before is not None or since is None or not isinstance(item.made_at, datetime):
        return True
    return item.made_at >= since - OVERLAP


def newest_by_locale(
    items: Iterable[Item],
    fetched: Looked,
    newest: Mapping[str, datetime],
    until: datetime,
) -> dict[str, datetime]:
    """Return the newest date fetched per locale.

    `items` are all that are known, `newest` is what was returned before: no date goes back behind it. A date
    waits for the oldest new file that was not fetched, and for `until`, when the list was last read whole:
    what is not known yet may be older than what was fetched.
    """
    there: dict[str, datetime] = {}
    missing: dict[str, datetime] = {}
    for item in items:
        if not isinstance(item, BeeboxFile) or not isinstance(item.made_at, datetime):
            continue
        before, made, locale = fetched(item.key), item.made_at, item.locale
        if before is not None and before.made == made_text(made):
            there[locale] = max(made, there.get(locale, made))
        elif item.state in _TO_COME and _is_new(item, before, newest):
            missing[locale] = min(made, missing.get(locale, made))
    found = dict(newest)
    for locale, made in there.items():
        held = min(made, missing.get(locale, made), until)
        found[locale] = max(held, newest.get(locale, held))
    return found
