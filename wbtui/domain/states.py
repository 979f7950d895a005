"""The one table of states: signs, words and verbs for the screen, the commands and sentences. Pure.

A sign never means two states: whoever sees it without its word knows what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import NOT_KNOWN_YET, Action, BeeboxFile, FlexComponent, Item, State
from wbtui.domain.snapshot import Level


@dataclass(frozen=True, slots=True)
class StateWords:
    """What is shown of a state: one ASCII sign, a word, and what a sentence says of an item in it."""

    glyph: str
    word: str
    verb: str
    plural: str = ""
    """What a sentence says of several items that came into it at once."""
    level: Level | None = None
    """How much it matters that an item comes into it; None where that is not worth a line of Activity."""


STATE_WORDS: Final[Mapping[State, StateWords]] = {
    State.FAILED: StateWords("!", "Failed", "failed", "failed", Level.ERROR),
    State.PARTIAL: StateWords(
        "%",
        "Partly failed",
        "finished, but some files failed",
        "finished, but some of their files failed",
        Level.WARNING,
    ),
    State.READY: StateWords("+", "Ready", "is ready", "are ready", Level.INFO),
    State.DONE: StateWords("=", "Done", "is done", "are done", Level.INFO),
    State.RUNNING: StateWords("~", "In progress", "is in progress"),
    State.WAITING: StateWords(".", "Waiting", "is waiting"),
    State.CANCELLED: StateWords("x", "Cancelled", "was cancelled", "were cancelled", Level.WARNING),
    State.REMOVED: StateWords(
        "_",
        "Removed",
        "is no longer known to the server",
        "are no longer known to the server",
        Level.WARNING,
    ),
    State.UNKNOWN: StateWords("?", "unknown", "has a state that wbtui does not know"),
}

FLEX_WORDS: Final[Mapping[State, StateWords]] = {
    State.READY: StateWords("+", "Complete", "is complete"),
    State.RUNNING: StateWords("~", "Open", "is open"),
}

ASKED_WORDS: Final[Mapping[Action, StateWords]] = {
    Action.CANCEL: StateWords("-", "Cancel asked", "was asked to stop"),
    Action.RETRY: StateWords("^", "Retry asked", "was sent again"),
}
"""What was asked of the Beebox, until it says something new of the file."""


@dataclass(frozen=True, slots=True)
class Status:
    """A status of the Beebox by its documented name, what it means here, and its words."""

    name: str
    state: State
    words: StateWords


def _plain(name: str, state: State) -> Status:
    return Status(name, state, STATE_WORDS[state])


BEEBOX_STATUSES: Final[Mapping[int, Status]] = {
    1: _plain("Uptodate", State.READY),
    4: Status("New", State.WAITING, StateWords(".", "New", "is new")),
    5: Status("Submitting", State.WAITING, StateWords("/", "Submitting", "is being submitted")),
    6: _plain("InProgress", State.RUNNING),
    7: _plain("Done", State.DONE),
    8: Status("Error", State.FAILED, StateWords("!", "Error", "failed")),
    10: _plain("Cancelled", State.CANCELLED),
}
"""The documented statuses by number. Source: beebox/api-get-translation-status (bb/pages/365262)."""


def state_words(item: Item) -> StateWords:
    """Return the words of an item's state; a status that wbtui does not know keeps the server's word."""
    if isinstance(item, BeeboxFile) and item.asked is not None and item.asked in ASKED_WORDS:
        return ASKED_WORDS[item.asked]
    words = STATE_WORDS[item.state]
    if item.state is State.UNKNOWN:
        own = item.own_status
        not_yet = own == NOT_KNOWN_YET
        return replace(
            words, word=own, verb="is not known to the server yet" if not_yet else f"{words.verb}: {own}"
        )
    if isinstance(item, FlexComponent):
        return FLEX_WORDS.get(item.state, words)
    if isinstance(item, BeeboxFile) and item.status is not None:
        status = BEEBOX_STATUSES.get(item.status)
        if status is not None and status.state is item.state:
            return status.words
    return words
