"""What was asked for and what became of it: on the screen, in Activity, and in the log of actions."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.errors import WbtuiError
from wbtui.domain.item_keys import find_service
from wbtui.domain.model import Action, ItemKey
from wbtui.domain.snapshot import Level, Outcome
from wbtui.files.audit_log import ActionLog
from wbtui.monitor.monitor_state import MonitorState

KEPT: Final = 2000
"""Outcomes that the snapshot carries."""
MOST: Final = 500_000
"""Outcomes that are held for the end of a command: more than it can well be told to do."""


class Audit:
    """Writes down each action and its outcome; keeps the errors of this run for exit codes."""

    def __init__(self, state: MonitorState, clock: Clock, log: ActionLog) -> None:
        self.errors: dict[int, WbtuiError] = {}
        """The error behind an outcome that was not done, by the outcome's id."""
        self._state = state
        self._clock = clock
        self._log = log
        self.outcomes: deque[Outcome] = deque(maxlen=MOST)
        """All outcomes of this run, oldest first; the snapshot carries the last of them."""
        self._outcomes: deque[Outcome] = deque(maxlen=KEPT)
        self._number = 0

    @property
    def trouble(self) -> str:
        """Return in words why the log of actions cannot be written, or an empty text."""
        return self._log.trouble

    def asked(self, action: Action, key: ItemKey, words: str) -> None:
        """Write down that something is about to be done, so that even a crash leaves a trace of it."""
        self._write(self._clock.now(), step="asked", action=action.value, key=key, text=words)

    def ended(
        self,
        action: Action,
        key: ItemKey,
        words: str,
        *,
        error: WbtuiError | None = None,
        new_key: ItemKey | None = None,
        done: bool = True,
        told: bool = False,
    ) -> Outcome:
        """Write down what became of it; `error` says why it was not done.

        With `told` Activity says it already.
        """
        self._number += 1
        done = done and error is None
        outcome = Outcome(self._number, action, key, done, words, self._clock.now(), new_key)
        self._outcomes.append(outcome)
        self.outcomes.append(outcome)
        if error is not None:
            self.errors[outcome.id] = error
            self.errors.pop(outcome.id - MOST, None)
        self._state.outcomes = tuple(self._outcomes)
        level = Level.INFO if done else Level.ERROR
        if not told:
            self._state.events.add(level, _source(key), f"{action.value}: {words}", key=key)
        self._write(
            outcome.at,
            step="ended",
            action=action.value,
            key=key,
            done=done,
            text=words,
            new_key=new_key,
        )
        return outcome

    def _write(self, at: datetime, **values: str | bool | None) -> None:
        """Write a line into the log of actions; log once why it cannot be written."""
        before = self._log.trouble
        self._log.write(at, **values)
        if self._log.trouble and self._log.trouble != before:
            self._state.events.add(Level.WARNING, "wbtui", self._log.trouble)


def _source(key: ItemKey) -> str:
    service = find_service(key)
    return "wbtui" if service is None else service.value
