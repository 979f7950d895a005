"""Messages between the parts of the screen."""

from __future__ import annotations

from typing import Any

from textual.events import Event
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen

from wbtui.domain.model import Snapshot


class SnapshotArrived(Message):
    """A newer snapshot is there; an older one still in the queue is dropped for it."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Tell that it may take the place of an older snapshot."""
        return isinstance(message, SnapshotArrived)


class Drawn(Message):
    """A screen has been painted: from now on it is seen what keys are pressed on."""

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self.screen = screen


class Handled(Message):
    """A key or a paste has done its work: comes behind it, and then behind what was posted because of it."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event
        self.last = False
        """Whether it is on its way up to the application."""

    def go_on(self, node: MessagePump) -> None:
        """Queue up once more where the key went, behind what it caused; from there it goes up."""
        if not self.last:
            self.stop()
            again = Handled(self.event)
            again.last = True
            node.post_message(again)
