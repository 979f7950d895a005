"""Which parts the screen has on a terminal of a given size. Pure."""

from __future__ import annotations

from enum import StrEnum

from wbtui.domain.lazy_dataclass import dataclass

SIDE_BY_SIDE = 110
WIDE = 160


class DetailsPlace(StrEnum):
    """Where the details are."""

    RIGHT = "right"
    BELOW = "below"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Layout:
    """Which parts of the screen there are, and how large; in cells and lines."""

    summary: bool = False
    """Too small for a table: one line with counts."""
    details: DetailsPlace = DetailsPlace.NOWHERE
    details_width: int = 0
    """For `RIGHT`: its width, the line before it included."""
    details_lines: int = 0
    """For `BELOW`: lines below the divider."""
    banner_lines: int = 1
    """Lines above the table at most: totals, the question, notices."""
    rule: bool = False
    """A line between the status line and the table."""
    news: int = 0
    """Lines of the Activity strip, its title not counted; 0: none."""


def layout_for(width: int, height: int, *, long_rows: bool = False, below: int = 2) -> Layout:
    """Return the layout for a terminal of that size; with `long_rows` the table keeps the whole width.

    `below` is how many lines of details there are below the table of a small terminal; 0: none.
    """
    if width < 40 or height < 8:
        return Layout(summary=True)
    banner = 4 if height >= 34 else 2 if height >= 18 else 1
    news = 3 if height >= 34 else 0
    if width >= SIDE_BY_SIDE and height >= 12 and not long_rows:
        size = 58 if width >= WIDE else width * 3 // 8
        return Layout(False, DetailsPlace.RIGHT, size, 0, banner, height >= 24, news)
    if height < 20 or not below:
        return Layout(False, DetailsPlace.NOWHERE, 0, 0, banner, height >= 34, news)
    usual = 9 if height >= 34 else 4 if long_rows else 2
    lines = usual if below == 2 else min(below, height // 3)
    return Layout(False, DetailsPlace.BELOW, 0, lines, banner, height >= 34, news)
