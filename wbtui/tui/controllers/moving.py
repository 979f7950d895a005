"""The keys that move: in the table, or in the details where these have the focus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from wbtui.tui.controllers.base import Stage
from wbtui.tui.details_pane import DetailsPane
from wbtui.tui.status_table import StatusTable
from wbtui.tui.tabs.base import TABS

EVERYTHING: Final = 1 << 40
"""More rows than there are."""


def pane(screen: Stage) -> StatusTable | DetailsPane:
    """Return what the moving keys move."""
    return screen.details if screen.in_details else screen.table


def deeds(screen: Stage) -> Mapping[str, Callable[[], None]]:
    """Return what the keys do."""

    def move(distance: int) -> Callable[[], None]:
        return lambda: pane(screen).move(distance)

    def page(pages: float) -> Callable[[], None]:
        return lambda: pane(screen).page(pages)

    def step(distance: int) -> Callable[[], None]:
        tabs = screen.model
        return lambda: screen.show_tab(TABS[(TABS.index(tabs.tab) + distance) % len(TABS)])

    return {
        "cursor.down": move(1),
        "cursor.up": move(-1),
        "cursor.first": move(-EVERYTHING),
        "cursor.last": move(EVERYTHING),
        "cursor.page_down": page(1),
        "cursor.page_up": page(-1),
        "cursor.half_down": page(0.5),
        "cursor.half_up": page(-0.5),
        "scroll.left": lambda: pane(screen).sideways(-1),
        "scroll.right": lambda: pane(screen).sideways(1),
        "tab.previous": step(-1),
        "tab.next": step(1),
    }
