"""Whether a server's version is new, or on the disk already, and what happens to the one that lies there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import BeeboxFile, FlexComponent, Item, ItemKey, State, When
from wbtui.domain.records import Fetched, made_text

Looked = Callable[[ItemKey], Fetched | None]
"""Tells what is known of the last download of an item."""

OVERLAP: Final = timedelta(days=1)
_TO_COME: Final = frozenset({State.READY, State.DONE})
"""States in which a file with a date can be fetched, or will be once it is built."""


def new_items(items: Iterable[Item], fetched: Looked, newest: Mapping[str, datetime]) -> list[Item]:
    """Return what is ready and was not fetched since it was made; `newest` is by Beebox locale.

    The vendor's advice is to remember the newest `tfdate` fetched. Alone it loses files: two may carry the
    same date, one may appear in the list later than a younger one, and a download may fail. So a day is
    looked at once more, and what was fetched with the same date is left out. Source:
    beebox/api-get-translated-content.
    """
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


UNKNOWN_AGE = "a file of this name is there already, and the server does not say how old its own is"


class Overwrite(StrEnum):
    """What happens to a file that lies there and is not known to be the version that the server has."""

    NEVER = "never"
    OLDER = "older"
    """It is replaced if it is older than what the server has."""
    ALWAYS = "always"
    KEEP_BOTH = "keep both"
    """If the server's is newer, it takes the name, and the old one gets its date into its own."""
    REPLACE = "replace"
    """If the server's is newer, it takes the place of the old one."""


@dataclass(frozen=True, slots=True)
class Lying:
    """A file that lies under the name that a download is for."""

    changed_at: datetime
    size: int


class Step(StrEnum):
    """What a download comes to before anything is asked of the server."""

    FETCH = "fetch"
    THERE = "there"
    """The version that the server has lies there already."""
    KEPT = "kept"
    """Another file lies there and stays."""
    DOUBTFUL = "doubtful"
    """The version that the server has was fetched, and lies aside since it is in doubt."""


@dataclass(frozen=True, slots=True)
class VersionPlan:
    """A step, and why; `replaces` a file that lies there, after setting it `aside` where that is a date."""

    step: Step
    words: str = ""
    replaces: bool = False
    aside: str = ""


def made_of(item: Item, *, other: bool = False) -> str:
    """Return which version of its file an item has, by the server's own date; empty where there is none."""
    return made_text(made_at(item, other=other))


def made_at(item: Item, *, other: bool = False) -> When:
    """Return when the file that an item has now was made, where anybody knows."""
    if isinstance(item, BeeboxFile):
        return item.preliminary_at if other else item.made_at
    return item.completed_at if isinstance(item, FlexComponent) else None


def same_version(before: Fetched, made: str) -> bool:
    """Return whether what was fetched is what there is now; without a date nothing says that it is not."""
    return not made or before.made == made


def plan(
    overwrite: Overwrite, before: Fetched | None, made: str, made_at: When, lying: Lying | None
) -> VersionPlan:
    """Return what to do about one file.

    `before` is what was fetched last of the item, `made` and `made_at` say which version the server has,
    `lying` is what lies under the file's name.
    """
    if overwrite is Overwrite.ALWAYS:
        return VersionPlan(Step.FETCH, replaces=lying is not None)
    same = before is not None and same_version(before, made)
    if before is not None and same and before.doubt:
        return VersionPlan(Step.DOUBTFUL, before.doubt)
    if lying is None:
        return VersionPlan(Step.FETCH)
    if same:
        return VersionPlan(Step.THERE, "it is there already")
    dated = made_at if isinstance(made_at, datetime) else None
    if before is None and (dated is None or dated <= lying.changed_at):
        return VersionPlan(Step.KEPT, _kept(overwrite, dated))
    return _newer(overwrite, before, lying)


def _kept(overwrite: Overwrite, made_at: datetime | None) -> str:
    if overwrite is not Overwrite.OLDER:
        return "a file of this name is there already"
    return UNKNOWN_AGE if made_at is None else "the file that is there is newer than the server's"


def _newer(overwrite: Overwrite, before: Fetched | None, lying: Lying) -> VersionPlan:
    if overwrite is Overwrite.NEVER:
        return VersionPlan(Step.KEPT, "newer on the server")
    if overwrite is Overwrite.KEEP_BOTH:
        return VersionPlan(
            Step.FETCH, replaces=True, aside=stamp(before.made if before else "", lying.changed_at)
        )
    return VersionPlan(Step.FETCH, replaces=True)


def stamp(made: str, changed_at: datetime) -> str:
    """Return the date of an old version for its name, in UTC: the server's, else that of the file itself."""
    try:
        date = datetime.fromisoformat(made)
    except ValueError:
        date = changed_at
    # a date without a zone is taken as it came: which zone it is in nobody says
    aware = date.astimezone(UTC) if date.tzinfo else date
    return f"{aware:%Y%m%dT%H%M%S}{'Z' if date.tzinfo else ''}"
