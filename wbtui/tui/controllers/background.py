"""What the screen does without a key: long work by chunks, view states, the title, what was missed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker

from wbtui.domain.commands import Prefer
from wbtui.domain.model import ItemKey, Service
from wbtui.domain.snapshot import Snapshot
from wbtui.tui.controllers.controller import Controller
from wbtui.tui.terminal_window import title, words
from wbtui.tui.toolkit.steps import undisturbed
from wbtui.tui.view_model import AN_HOUR, ViewModel, missed

PAUSE: Final = 0.004
"""Seconds between two slices of long work, about as long as one takes: keys get their turn in it."""
YIELD: Final = 0.04
"""The same once a key has come: its way to the terminal is longer than one turn of the loop."""
BETWEEN: Final = 1.0
"""Seconds between two long works while data stream in."""


class ChunkRunner:
    """Does the long work of a model in chunks, so that keys get their turn; `draw` shows what came of it."""

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


def looked_at(model: ViewModel) -> frozenset[ItemKey]:
    """Return the keys of what is marked, and of what a filter or a folder leaves of the present tab."""
    marked = (view.selection.marks for view in model.views.values())
    view = model.view
    return frozenset().union(*marked, view.selection.visible_keys if view.narrowed else ())


KEEP: Final = 1.0
"""Seconds after the last key before view states are written down."""


class Background:
    """Called after each key and with each snapshot."""

    def __init__(self, screen: Controller) -> None:
        self._screen = screen
        self._keep: Timer | None = None
        self._since: datetime | None = None
        self._counted: tuple[object, ...] = ()
        self._preferred: frozenset[ItemKey] = frozenset()
        self._rung = 0
        """The newest ring that the user was told of."""

    def acted(self) -> None:
        """Write down how the tabs are looked at once the keys have rested."""
        if self._keep is not None:
            self._keep.stop()
        self._keep = self._screen.set_timer(KEEP, self._rested)

    def _rested(self) -> None:
        model = self._screen.model
        model.keep()
        preferred = looked_at(model)
        if preferred != self._preferred:
            self._preferred = preferred
            self._screen.intents.do(Prefer(tuple(preferred)))

    def saw(self, snapshot: Snapshot) -> None:
        """Say in one line what happened, if there was no key for an hour, and bring the title up to date."""
        self._ring(snapshot)
        self._miss(snapshot)
        model = self._screen.model
        counts = (view.count for view in model.views.values())
        self._screen.program.window.set_title(title(snapshot.profile, counts))

    def _ring(self, snapshot: Snapshot) -> None:
        """Tell of what is done, all that one reading brought at once."""
        fresh = [each for each in snapshot.alerts if each.id > self._rung]
        if fresh:
            self._rung = fresh[-1].id
            self._screen.program.ring(fresh)
            self._screen.say(f"b: {words(fresh)}")

    def _miss(self, snapshot: Snapshot) -> None:
        idle = self._screen.program.idle_seconds()
        if idle < AN_HOUR:
            self._since = None
            return
        if self._since is None:
            self._since = snapshot.at - timedelta(seconds=idle)
        items = (self._since, *map(snapshot.items, Service))
        if list(map(id, items)) == list(map(id, self._counted)):
            return
        self._counted = items
        found = missed(snapshot, self._since)
        model = self._screen.model
        if found:
            model.missed = found
            model.message.say(model.missed_words)
