"""What is new since the last time, in words: before it is downloaded, and where there is nothing. Pure."""

from __future__ import annotations

from datetime import tzinfo
from typing import Final

from wbtui.domain.snapshot import NewIn, Novelty
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit import times

ONE_BY_ONE: Final = 6
"""Locales that are told on a line each; more of them stand in one sentence."""
NAMED: Final = 40
"""Locales that are named at the most."""
UNREAD: Final = "The Beebox's list has not been read whole yet: there may be more."


def nothing(novelty: Novelty, tab: TabSpec) -> str:
    """Return that there is nothing to download, or why that cannot be told."""
    if novelty.refusal:
        return novelty.refusal
    return tab.nothing_new if novelty.whole else f"{tab.nothing_new}. {UNREAD}"


def sentences(
    novelty: Novelty, tab: TabSpec, zone: tzinfo | None, *, folder: str, filtered: bool
) -> tuple[str, ...]:
    """Return what stands in the dialog: how many of each locale, since when, and where they will lie."""
    said = [_head(novelty, tab, zone), *_by_locale(novelty.locales, zone)]
    if filtered:
        said.append("The filter does not count here: what it hides is among them.")
    if not novelty.whole:
        said.append(UNREAD)
    return (*said, f"Into {folder}.") if folder else tuple(said)


def _head(novelty: Novelty, tab: TabSpec, zone: tzinfo | None) -> str:
    count = _counted(len(novelty.keys), tab.result_noun)
    if not novelty.locales:
        return f"{count} that {'was' if len(novelty.keys) == 1 else 'were'} never downloaded."
    dates = [each.since for each in novelty.locales if each.since is not None]
    if not dates:
        return f"{count}, for the first time: all that is ready."
    return f"{count} made since the last time (since {times.date(min(dates), zone)})."


def _by_locale(locales: tuple[NewIn, ...], zone: tzinfo | None) -> list[str]:
    if len(locales) <= ONE_BY_ONE:
        first = all(each.since is None for each in locales)  # then the head has said so
        counted = (f"{each.locale}: {_counted(each.count, 'file')}" for each in locales)
        since = ("" if first else f", {_since(each, zone)}" for each in locales)
        return [f"{count}{date}" for count, date in zip(counted, since, strict=True)]
    named = ", ".join(f"{each.locale} {each.count}" for each in locales[:NAMED])
    more = f" and {len(locales) - NAMED} more locales" if len(locales) > NAMED else ""
    return [f"By locale: {named}{more}."]


def _since(each: NewIn, zone: tzinfo | None) -> str:
    return "for the first time" if each.since is None else f"since {times.date(each.since, zone)}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
