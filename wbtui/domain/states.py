"""How states are told: one table of signs, words and verbs for the screen, the commands and sentences. Pure.

A sign never means two states: whoever sees it without its word knows what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from wbtui.domain.model import (
    NOT_KNOWN_YET,
    Action,
    BeeboxFile,
    FlexComponent,
    InstantRequest,
    Item,
    Operation,
    State,
)


@dataclass(frozen=True, slots=True)
class StateWords:
    """How a state is told: one ASCII sign, a word, and what a sentence says of an item in it."""

    glyph: str
    word: str
    verb: str


LOOKS: Final[Mapping[State, StateWords]] = {
    State.FAILED: StateWords("!", "Failed", "failed"),
    State.PARTIAL: StateWords("%", "Partly failed", "finished, but some files failed"),
    State.READY: StateWords("+", "Ready", "is ready"),
    State.DONE: StateWords("=", "Done", "is done"),
    State.RUNNING: StateWords("~", "In progress", "is in progress"),
    State.WAITING: StateWords(".", "Waiting", "is waiting"),
    State.CANCELLED: StateWords("x", "Cancelled", "was cancelled"),
    State.REMOVED: StateWords("_", "Removed", "is no longer known to the server"),
    State.UNKNOWN: StateWords("?", "unknown", "has a state that wbtui does not know"),
}

FLEX_LOOKS: Final[Mapping[State, StateWords]] = {
    State.READY: StateWords("+", "Complete", "is complete"),
    State.RUNNING: StateWords("~", "Open", "is open"),
}

ASKED_LOOKS: Final[Mapping[Action, StateWords]] = {
    Action.CANCEL: StateWords("-", "Cancel asked", "was asked to stop"),
    Action.RETRY: StateWords("^", "Retry asked", "was sent again"),
}
"""What was asked of the Beebox, until it says something new of the file."""


@dataclass(frozen=True, slots=True)
class Status:
    """A status of the Beebox by its documented name, what it means here, and how it is told."""

    name: str
    state: State
    look: StateWords


def _plain(name: str, state: State) -> Status:
    return Status(name, state, LOOKS[state])


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


def look(item: Item) -> StateWords:
    """Return how an item's state is told; words that wbtui does not know are told as they came."""
    if isinstance(item, BeeboxFile) and item.asked is not None and item.asked in ASKED_LOOKS:
        return ASKED_LOOKS[item.asked]
    if item.state is State.UNKNOWN:
        word = _own_word(item)
        if word == NOT_KNOWN_YET:
            return replace(LOOKS[State.UNKNOWN], word=word, verb="is not known to the server yet")
        return replace(LOOKS[State.UNKNOWN], word=word, verb=f"{LOOKS[State.UNKNOWN].verb}: {word}")
    if isinstance(item, FlexComponent):
        return FLEX_LOOKS.get(item.state, LOOKS[item.state])
    if isinstance(item, BeeboxFile) and item.status is not None:
        status = BEEBOX_STATUSES.get(item.status)
        if status is not None and status.state is item.state:
            return status.look
    return LOOKS[item.state]


def _own_word(item: Item) -> str:
    if isinstance(item, Operation):
        return item.reading.status or "unknown"
    if isinstance(item, BeeboxFile):
        return item.status_name or f"status {'none' if item.status is None else item.status}"
    if isinstance(item, InstantRequest):
        return item.status or "unknown"
    return "unknown"
