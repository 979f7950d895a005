"""Signs: glyph, word and role of each state, and the characters that lines and bars are made of."""

from __future__ import annotations

from dataclasses import dataclass

from wbtui.deeds import Action
from wbtui.model import BeeboxFile, FlexComponent, InstantRequest, Item, Operation, State
from wbtui.ui.lines import Role, Span


@dataclass(frozen=True, slots=True)
class Sign:
    """How a state looks: one ASCII glyph, its word, and a role that only adds colour."""

    glyph: str
    word: str
    role: Role

    @property
    def span(self) -> Span:
        """Return glyph and word."""
        return Span(f"{self.glyph} {self.word}", self.role)


SIGNS = {
    State.FAILED: Sign("!", "Failed", Role.BAD),
    State.PARTIAL: Sign("!", "Part failed", Role.WARN),
    State.READY: Sign("+", "Ready", Role.GOOD),
    State.DONE: Sign("=", "Done", Role.PLAIN),
    State.RUNNING: Sign("~", "In progress", Role.LIVE),
    State.WAITING: Sign(".", "Waiting", Role.PLAIN),
    State.CANCELLED: Sign("x", "Cancelled", Role.QUIET),
    State.REMOVED: Sign("x", "Removed", Role.QUIET),
    State.UNKNOWN: Sign("?", "unknown", Role.WARN),
}

BEEBOX_STATES = {4: State.WAITING, 5: State.RUNNING, 8: State.FAILED}
"""Beebox statuses that have a word of their own (API - Get translation status), and what they mean."""

BEEBOX_SIGNS = {
    State.WAITING: Sign(".", "New", Role.PLAIN),
    State.RUNNING: Sign("/", "Submitting", Role.LIVE),
    State.FAILED: Sign("!", "Error", Role.BAD),
}

FLEX_SIGNS = {
    State.READY: Sign("+", "Complete", Role.GOOD),
    State.RUNNING: Sign(".", "Open", Role.LIVE),
}


ASKED_SIGNS = {
    Action.CANCEL: Sign("-", "Cancel asked", Role.WARN),
    Action.RETRY: Sign("^", "Retry asked", Role.WARN),
}
"""What was asked of the Beebox, until it says something new of the file."""


def sign(item: Item) -> Sign:
    """Return how the item's state looks; words that wbtui does not know are shown as they came."""
    if isinstance(item, BeeboxFile) and item.asked in ASKED_SIGNS:
        return ASKED_SIGNS[item.asked]
    if item.state is State.UNKNOWN:
        return Sign("?", _raw_word(item), Role.WARN)
    if isinstance(item, FlexComponent):
        return FLEX_SIGNS.get(item.state, SIGNS[item.state])
    if (
        isinstance(item, BeeboxFile)
        and item.status in BEEBOX_STATES
        and BEEBOX_STATES[item.status] is item.state
    ):
        return BEEBOX_SIGNS[item.state]
    return SIGNS[item.state]


def _raw_word(item: Item) -> str:
    if isinstance(item, Operation):
        return item.reading.status or "unknown"
    if isinstance(item, BeeboxFile):
        return item.status_name or f"status {'none' if item.status is None else item.status}"
    if isinstance(item, InstantRequest):
        return item.status or "unknown"
    return "unknown"


@dataclass(frozen=True, slots=True)
class Drawing:
    """The characters lines and bars are made of."""

    full: str
    second: str
    rest: str
    across: str
    down: str
    tee: str
    foot: str
    dot: str
    ellipsis: str
    arrow: str
    about: str = "±"

    def bar(self, share: float, width: int) -> tuple[Span, ...]:
        """Return a bar of `width` cells; never full before the share is 1, never empty above 0."""
        filled = round(share * width)
        if 0 < share < 1:
            filled = min(width - 1, max(1, filled)) if width > 1 else 0
        return (Span(self.full * filled, Role.BAR), Span(self.rest * (width - filled), Role.BAR_REST))

    def split(self, first: float, width: int) -> tuple[Span, ...]:
        """Return a bar of two parts that together fill `width` cells; a part above 0 gets at least a cell."""
        cells = round(first * width)
        if 0 < first < 1:
            cells = min(width - 1, max(1, cells))
        return (Span(self.full * cells, Role.BAR), Span(self.second * (width - cells), Role.BAR_SECOND))


UNICODE = Drawing("▆", "▃", "▁", "─", "│", "┬", "┴", "·", "…", "→")
ASCII = Drawing("#", "=", "-", "-", "|", "+", "+", "-", "...", "->", "+/-")


def drawing(ascii_only: bool) -> Drawing:
    """Return the characters to draw with."""
    return ASCII if ascii_only else UNICODE
