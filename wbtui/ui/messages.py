"""Messages between the rooms of the screen."""

from __future__ import annotations

from typing import Any

from textual.message import Message
from textual.screen import Screen

from wbtui.model import Snapshot


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
