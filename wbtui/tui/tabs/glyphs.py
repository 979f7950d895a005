"""Glyph, word and role of each state, and the characters that lines and bars are made of."""

from __future__ import annotations

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import Item
from wbtui.domain.states import ASKED_WORDS, STATE_WORDS, StateWords, state_words
from wbtui.tui.toolkit.lines import Role, Span


@dataclass(frozen=True, slots=True)
class StateStyle:
    """How a state looks: one ASCII glyph, its word, and a role that only adds colour."""

    glyph: str
    word: str
    role: Role

    @property
    def span(self) -> Span:
        """Return glyph and word."""
        return Span(f"{self.glyph} {self.word}", self.role)


_ROLES = {
    "!": Role.BAD, "%": Role.WARN, "+": Role.GOOD, "=": Role.PLAIN, "~": Role.LIVE, ".": Role.PLAIN,
    "/": Role.LIVE, "x": Role.QUIET, "_": Role.QUIET, "?": Role.WARN, "-": Role.WARN, "^": Role.WARN,
}  # fmt: skip


def drawn(told: StateWords) -> StateStyle:
    """Return the style of a state from its words."""
    return StateStyle(told.glyph, told.word, _ROLES[told.glyph])


STATE_STYLES = {state: drawn(told) for state, told in STATE_WORDS.items()}
ASKED_STYLES = {asked: drawn(told) for asked, told in ASKED_WORDS.items()}


def style_of(item: Item) -> StateStyle:
    """Return how the item's state looks; words that wbtui does not know are shown as they came."""
    return drawn(state_words(item))


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
    hatched: str
    hatched_rest: str
    about: str = "±"

    def bar(self, share: float, width: int, *, partial: bool = False) -> tuple[Span, ...]:
        """Return a bar of `width` cells; never full before the share is 1, never empty above 0.

        With `partial` it is hatched: it shows the share of what is known so far, not of the whole.
        """
        filled = round(share * width)
        if 0 < share < 1:
            filled = min(width - 1, max(1, filled)) if width > 1 else 0
        full, rest = (self.hatched, self.hatched_rest) if partial else (self.full, self.rest)
        return (Span(full * filled, Role.BAR), Span(rest * (width - filled), Role.BAR_REST))

    def split(self, first: float, width: int) -> tuple[Span, ...]:
        """Return a bar of two parts that together fill `width` cells; a part above 0 gets at least a cell."""
        cells = round(first * width)
        if 0 < first < 1:
            cells = min(width - 1, max(1, cells))
        return (Span(self.full * cells, Role.BAR), Span(self.second * (width - cells), Role.BAR_SECOND))


UNICODE = Drawing("▆", "▃", "▁", "─", "│", "┬", "┴", "·", "…", "→", "▒", "░")
ASCII = Drawing("#", "=", "-", "-", "|", "+", "+", "-", "...", "->", ":", "'", "+/-")


def drawing(ascii_only: bool) -> Drawing:
    """Return the characters to draw with."""
    return ASCII if ascii_only else UNICODE
