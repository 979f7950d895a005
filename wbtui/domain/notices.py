"""Which changes of an item are worth a line of Activity, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wbtui.domain.model import (
    FINISHED,
    FLEX_QUERY,
    BeeboxFile,
    FlexComponent,
    InstantRequest,
    Item,
    ItemKey,
    Level,
    Operation,
    State,
)
from wbtui.domain.states import look
from wbtui.domain.uploads import replaced_words

_WORTH = {
    State.READY: Level.INFO,
    State.DONE: Level.INFO,
    State.PARTIAL: Level.WARNING,
    State.FAILED: Level.ERROR,
    State.CANCELLED: Level.WARNING,
    State.REMOVED: Level.WARNING,
}
_WELL: Final = frozenset({State.WAITING, State.RUNNING, State.READY, State.DONE})

CROWD: Final = 8
"""More news than this of one reading are told together, a line for each state."""

TOGETHER: Final = {
    State.READY: "are ready",
    State.DONE: "are done",
    State.PARTIAL: "finished, but some of their files failed",
    State.FAILED: "failed",
    State.CANCELLED: "were cancelled",
    State.REMOVED: "are no longer known to the server",
}


@dataclass(frozen=True, slots=True)
class News:
    """One change that is worth a line, before it is decided whether it gets one of its own."""

    level: Level
    text: str
    key: ItemKey
    state: State
    name: str


def news_of(old: Item | None, new: Item) -> list[News]:
    """Return the news in the step from `old` to `new`: one, or none."""
    found = notice(old, new)
    return [] if found is None else [News(found[0], found[1], new.key, new.state, named(new))]


def told(news: Sequence[News]) -> list[tuple[Level, str, ItemKey | None]]:
    """Return the lines for the news of one reading, so that many at once are no flood."""
    if len(news) <= CROWD:
        return [(one.level, one.text, one.key) for one in news]
    lines: list[tuple[Level, str, ItemKey | None]] = []
    for state, words in TOGETHER.items():
        same = [one for one in news if one.state is state]
        if len(same) == 1:
            lines.append((same[0].level, same[0].text, same[0].key))
        elif same:
            lines.append(
                (same[0].level, f"{len(same)} {words}: {same[0].name} and {len(same) - 1} more", same[0].key)
            )
    return lines


def notice(old: Item | None, new: Item) -> tuple[Level, str] | None:
    """Return level and words for the step from `old` to `new`, or None if it is not worth a line.

    The first sight of an item is news only if it was being watched already (an operation).
    """
    before = old.state if old is not None else None
    if before is None or before is new.state or new.state not in _WORTH or isinstance(new, FlexComponent):
        return None
    if is_routine(new):
        return None
    reason = remark(new)
    words = f"{named(new)} {look(new).verb}" + (f": {reason}" if reason else "")
    return _worth(new), words


def _worth(item: Item) -> Level:
    """Return how much a change matters; that files were replaced is to be seen, however well it went."""
    level = _WORTH[item.state]
    return Level.WARNING if level is Level.INFO and replaced_words(item) else level


def is_routine(item: Item) -> bool:
    """Return whether this is one of wbtui's own queries of Flex going well, of which there are many."""
    return isinstance(item, Operation) and item.kind == FLEX_QUERY and item.state in _WELL


def named(item: Item) -> str:
    """Return how an item is called in a sentence."""
    if isinstance(item, Operation):
        what = item.kind or "Operation"
        name = f" {item.label}" if item.label else ""
        return f"{what} {item.request_id or item.key}{name}"
    if isinstance(item, BeeboxFile):
        return f"{item.path} ({item.locale})"
    if isinstance(item, InstantRequest):
        return f"{item.name} ({item.source} to {item.target})"
    return f"{item.component} ({item.locale})"


def remark(item: Item) -> str:
    """Return what a sentence about the item's state goes on with: the reason, and what else came of it."""
    return "; ".join(filter(None, (why(item), replaced_words(item))))


def why(item: Item) -> str:
    """Return the server's reason for the item's state, or an empty text."""
    if isinstance(item, Operation):
        if item.state is State.PARTIAL:
            failed = [f for f in item.reading.files if not f.success]
            first = failed[0] if failed else None
            return f"{len(failed)} of {len(item.reading.files)}" + (
                f", first {first.name}: {first.error}" if first and first.error else ""
            )
        if item.state is State.FAILED:
            return item.reading.status_info or item.reading.status_text
        return ""
    if isinstance(item, BeeboxFile):
        return item.error if item.state is State.FAILED else ""
    return ""


RESULT: Final = "result"
POST_EDIT: Final = "post-edit"
_BUILT: Final = FINISHED - {State.DONE}


def awaited(item: Item) -> str:
    """Return what is to come next: `RESULT`, `POST_EDIT`, or nothing if the item is done."""
    if isinstance(item, FlexComponent):
        return "" if item.state is State.READY else RESULT
    if isinstance(item, BeeboxFile):
        # translated is not done: the Beebox has still to build the file
        return "" if item.state in _BUILT else RESULT
    if item.state not in FINISHED:
        return RESULT
    running = isinstance(item, InstantRequest) and item.post_edit is not None and not item.post_edit_ready
    return POST_EDIT if running and item.state is State.READY else ""


def came(item: Item, waited: str) -> str:
    """Return in words what became of an item of which `waited` was to come."""
    if waited == POST_EDIT and isinstance(item, InstantRequest) and item.post_edit_ready:
        return f"the post-edit of {named(item)} is ready"
    reason = remark(item)
    return f"{named(item)} {look(item).verb}" + (f": {reason}" if reason else "")
