"""Which part of the screen has the keys: the table, the details, or the field in the status line."""

from __future__ import annotations

import asyncio

from textual.screen import Screen
from textual.widget import Widget


class Panes:
    """Moves the focus between the parts that can have it, and tells when no question is open."""

    def __init__(self, screen: Screen[None], table: Widget, details: Widget, field: Widget) -> None:
        self._screen = screen
        self._table, self._details, self._field = table, details, field
        self._front = asyncio.Event()

    @property
    def in_details(self) -> bool:
        """Return whether the keys are those of the details."""
        return self._screen.focused is self._details

    @property
    def in_field(self) -> bool:
        """Return whether what is typed goes into the field."""
        return self._screen.focused is self._field

    def focus_details(self, focus: bool) -> None:
        """Give the keys to the details, or to the table."""
        self._screen.set_focus(self._details if focus else self._table)

    def focus_field(self) -> None:
        """Give the keys to the field."""
        self._screen.set_focus(self._field)

    def restore(self, *, typing: bool) -> None:
        """Give the keys back to a part that had no place on a smaller terminal."""
        if self._screen.focused is None and self._screen.app.app_focus:
            self._screen.set_focus(self._field if typing else self._table)

    async def in_front(self) -> None:
        """Wait until no dialog is open and nothing is typed: a question must not take keys of these."""
        while self._screen.app.screen is not self._screen or self.in_field:
            self._front.clear()
            await self._front.wait()

    def came_to_front(self) -> None:
        """Go on with what waits for the end of a dialog or of typing."""
        self._front.set()
