"""Messages between the parts of the screen."""

from __future__ import annotations

from typing import Any

from textual.events import Event
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen

from wbtui.domain.snapshot import Snapshot


class SnapshotArrived(Message):
    """A newer snapshot has arrived; it replaces an older one that is still queued."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Return whether the other message is a snapshot."""
        return isinstance(message, SnapshotArrived)


class Drawn(Message):
    """A screen was painted: from now on the user sees what keys act on."""

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self.screen = screen


class Handled(Message):
    """A key or a paste is handled: queued behind it, and then behind the messages that it caused."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event
        self.last = False
        """Whether it was queued again and now bubbles up to the application."""

    def go_on(self, node: MessagePump) -> None:
        """Queue it again at the target of the key, behind what the key caused; from there it bubbles up."""
        if not self.last:
            self.stop()
            again = Handled(self.event)
            again.last = True
            node.post_message(again)
