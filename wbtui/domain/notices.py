"""Which changes of an item are worth a line of Activity, and in which words; those of an upload's files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import (
    FLEX_QUERY,
    POST_EDIT,
    FileOutcome,
    FlexComponent,
    InstantRequest,
    Item,
    ItemKey,
    Operation,
    State,
)
from wbtui.domain.snapshot import Level
from wbtui.domain.states import STATE_WORDS, state_words

NEW_JOBS: Final = "a second set of jobs arose"


def replaced_words(item: Item) -> str:
    """Return how many files were replaced and what came of that, or nothing.

    Source: projects/{pid}/workflows/new: a file that the project has already is replaced, unless
    `allowUpdates` is false, and a new set of jobs is created for the same workers, unless `workflow` is
    `None`.
    """
    if not isinstance(item, Operation):
        return ""
    count = sum(file.replaced for file in item.reading.files)
    if not count:
        return ""
    files = "1 file was there already and was" if count == 1 else f"{count} files were there already and were"
    return f"{files} replaced" + ("" if _without_jobs(item) else f": {NEW_JOBS}")


def file_words(file: FileOutcome) -> str:
    """Return what is known of one file besides its name and error, or nothing.

    Such as `was there already: replaced; 12 segments; document 5501; HTML (Default)`.
    """
    parts = []
    if file.exists:
        parts.append("was there already: replaced" if file.success else "was there already")
    if file.segments is not None:
        parts.append(f"{file.segments:,} segment{'' if file.segments == 1 else 's'}".replace(",", " "))
    if file.document_id is not None:
        parts.append(f"document {file.document_id}")
    parts.append(_format_words(file))
    return "; ".join(filter(None, parts))


def _format_words(file: FileOutcome) -> str:
    found = file.format
    if found is None:
        return ""
    name = found.name or (f"format {found.id}" if found.id is not None else "")
    return f"{found.domain} ({name})" if found.domain and name else found.domain or name


def _without_jobs(item: Operation) -> bool:
    """Return whether the request, where it is known, asked for no jobs at all."""
    try:
        body = json.loads(item.request.body) if item.request is not None and item.request.body else {}
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and body.get("workflow") == "None"


_WELL: Final = frozenset({State.WAITING, State.RUNNING, State.READY, State.DONE})

CROWD: Final = 8
"""More news than this of one reading share a line for each state."""


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
    return [] if found is None else [News(found[0], found[1], new.key, new.state, new.sentence_name)]


def news_lines(news: Sequence[News]) -> list[tuple[Level, str, ItemKey | None]]:
    """Return the lines for the news of one reading; many news share a line for each state."""
    if len(news) <= CROWD:
        return [(one.level, one.text, one.key) for one in news]
    lines: list[tuple[Level, str, ItemKey | None]] = []
    for state in State:
        same = [one for one in news if one.state is state]
        if not same:
            continue
        words = f"{len(same)} {STATE_WORDS[state].plural}: {same[0].name} and {len(same) - 1} more"
        lines.append((same[0].level, words if len(same) > 1 else same[0].text, same[0].key))
    return lines


def notice(old: Item | None, new: Item) -> tuple[Level, str] | None:
    """Return level and words for the step from `old` to `new`, or None if it is not worth a line.

    The first sight of an item is news only if it was being watched already (an operation).
    """
    level = STATE_WORDS[new.state].level
    if old is None or old.state is new.state or level is None:
        return None
    if isinstance(new, FlexComponent) or is_routine(new):
        return None
    if level is Level.INFO and replaced_words(new):
        level = Level.WARNING  # that files were replaced is to be seen, however well it went
    return level, f"{new.sentence_name} {state_sentence(new)}"


def is_routine(item: Item) -> bool:
    """Return whether this is one of wbtui's many own queries of Flex that goes well."""
    return isinstance(item, Operation) and item.kind == FLEX_QUERY and item.state in _WELL


def remark(item: Item) -> str:
    """Return what a sentence about the item's state goes on with: the reason, and what else came of it."""
    return "; ".join(filter(None, (item.reason, replaced_words(item))))


def came(item: Item, waited: str) -> str:
    """Return a sentence on how an item ended whose `waited` part was to come."""
    if waited == POST_EDIT and isinstance(item, InstantRequest) and item.post_edit_ready:
        return f"the post-edit of {item.sentence_name} is ready"
    return f"{item.sentence_name} {state_sentence(item)}"


def state_sentence(item: Item) -> str:
    """Return the verb of a sentence about the item's state, with the server's reason if it failed."""
    words, reason = state_words(item).verb, remark(item)
    return f"{words}: {reason}" if reason else words
