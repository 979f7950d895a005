"""The tab bar: one line that says which tab was clicked."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message

from wbtui.tui.toolkit.line_view import LineView


class TabBar(LineView):
    """The line of tabs."""

    @dataclass
    class Clicked(Message):
        """The user clicked at this cell of the bar."""

        x: int

    def on_click(self, event: events.Click) -> None:
        """Tell where the click was."""
        self.post_message(self.Clicked(event.x))
