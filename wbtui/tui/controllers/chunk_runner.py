"""Long work on many rows, done a slice at a time, so that keys get their turn in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from textual.screen import Screen
from textual.worker import Worker

from wbtui.tui.toolkit.steps import undisturbed
from wbtui.tui.view_model import ViewModel

PAUSE: Final = 0.004
"""Seconds between two slices of long work, about as long as one takes: keys get their turn in it."""
YIELD: Final = 0.04
"""The same once a key has come: its way to the terminal is longer than one turn of the loop."""
BETWEEN: Final = 1.0
"""Seconds between two long works while data stream in."""


class ChunkRunner:
    """Sees to it that the long work of a model is done; `draw` shows what came of it."""

    def __init__(self, screen: Screen[None], model: ViewModel, draw: Callable[[], None]) -> None:
        self._screen = screen
        self._model = model
        self._draw = draw
        self._worker: Worker[None] | None = None
        self.typed = False
        """Set when a key has come: the next pause is then a little longer."""

    def go_on(self, *, restart: bool = False) -> None:
        """Start the pending work; with `restart`, cancel the work in progress first: the user waits."""
        idle = self._worker is None or self._worker.is_finished
        if (restart or idle) and self._model.work() is not None:
            self._worker = self._screen.run_worker(self._slices, group="slices", exclusive=True)

    async def _slices(self) -> None:
        """Do the long work, a slice at a time, then rest: at most once a second while data stream in."""
        while (steps := self._model.work()) is not None:
            with undisturbed():
                for _ in steps:
                    await asyncio.sleep(YIELD if self.typed else PAUSE)
                    self.typed = False
            self._draw()
            await asyncio.sleep(BETWEEN)
