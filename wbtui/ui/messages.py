"""Messages between the rooms of the screen."""

from __future__ import annotations

from textual.message import Message

from wbtui.model import Snapshot


class SnapshotArrived(Message):
    """A newer snapshot is there; an older one still in the queue is dropped for it."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Tell that it may take the place of an older snapshot."""
        return isinstance(message, SnapshotArrived)
