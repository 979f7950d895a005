"""By which queries a round asks the Beebox for files that may have changed, and how large pages are. Pure.

A query names paths, and one target locale or none. Without a locale the answer holds a record for each target
locale of each path, with one it holds one record for each path. Which of them needs fewer records depends on
how many locales of a path are unfinished.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass

PATHS_PER_QUERY: Final = 500
"""Paths that one query names: no limit is documented, and so many are some 40 kB."""
BATCH: Final = 4_000
"""Paths whose queries are planned together: about as many as can be asked for in a session of two seconds."""
CALL_COST: Final = 100
"""The records whose transfer takes as long as one more call: some 32 kB."""

FIRST_PAGE: Final = 500
LARGEST_PAGE: Final = 2_000
"""Some 700 kB; a session of two seconds should hold several pages, lest the last one ends late."""
QUICK_SECONDS: Final = 0.25
"""A full page that came within this time lets the next one be twice as large."""
SLOW_SECONDS: Final = 0.8
"""A page that took longer halves the next one, as a session may last two seconds."""


@dataclass(frozen=True, slots=True)
class Query:
    """One filter of `translatedfiles`; empty members do not restrict it."""

    locale: str = ""
    paths: tuple[str, ...] = ()


def cheapest_queries(
    paths: Iterable[str],
    unfinished: Mapping[str, Collection[str]],
    locales: Sequence[str],
    *,
    restricted: bool,
) -> Iterator[Query]:
    """Yield queries that cover the `unfinished` locales of these paths, roughly in the order of the paths.

    `locales` are the target locales of the project, or the configured ones if the profile is `restricted` to
    them: then no query goes without a locale. Queries are planned for `BATCH` paths at a time, when needed.
    """
    left = iter(paths)
    while batch := list(islice(left, BATCH)):
        yield from _planned(batch, unfinished, len(locales), restricted=restricted)


def _planned(
    batch: Sequence[str], unfinished: Mapping[str, Collection[str]], locales: int, *, restricted: bool
) -> list[Query]:
    by_locale = _by_locale(batch, unfinished)
    if restricted:
        return by_locale
    many = [path for path in batch if 2 * len(unfinished[path]) >= locales]
    few = [path for path in batch if 2 * len(unfinished[path]) < locales]
    plans = (
        by_locale,
        _without_locale(batch),
        _without_locale(many) + _by_locale(few, unfinished),
    )
    return min(plans, key=lambda plan: sum(_cost(query, locales) for query in plan))


def _by_locale(paths: Iterable[str], unfinished: Mapping[str, Collection[str]]) -> list[Query]:
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        for locale in unfinished[path]:
            wanted[locale].append(path)
    return [Query(locale, part) for locale, each in wanted.items() for part in _parts(each)]


def _without_locale(paths: Sequence[str]) -> list[Query]:
    return [Query("", part) for part in _parts(paths)]


def _parts(paths: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(paths), PATHS_PER_QUERY):
        yield tuple(paths[start : start + PATHS_PER_QUERY])


def _cost(query: Query, locales: int) -> int:
    """Return what a query costs, in records."""
    records = len(query.paths) * (1 if query.locale else locales)
    calls = max(1, -(-records // FIRST_PAGE))
    return records + CALL_COST * calls


@dataclass(slots=True)
class PageSize:
    """How many records are asked for at once: as many as the server answers quickly."""

    count: int = FIRST_PAGE
    most: int = LARGEST_PAGE

    def answered(self, received: int, seconds: float) -> None:
        """Grow after a full page that came quickly, shrink after a slow one; never below the first size."""
        if seconds > SLOW_SECONDS:
            self.count = max(FIRST_PAGE, self.count // 2)
        elif received >= self.count and seconds < QUICK_SECONDS:
            self.count = min(self.most, self.count * 2)

    def refused(self) -> bool:
        """Keep to the first size from now on; return whether the refused page was larger."""
        helps = self.count > FIRST_PAGE
        self.most = self.count = FIRST_PAGE
        return helps
