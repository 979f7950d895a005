"""How one service is doing: faults become a health word, one Activity entry per outage, and a pause."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.errors import (
    AllowanceUsed,
    Busy,
    LoginRefused,
    NotAllowed,
    SecretError,
    ServerFault,
    ServiceError,
    SessionLeft,
    WbtuiError,
)
from wbtui.domain.model import Service
from wbtui.domain.snapshot import Event, Health, HealthWord, Level
from wbtui.monitor.monitor_state import MonitorState
from wbtui.scheduling.backoff import LONGEST, LONGEST_AFTER_LOST, Backoff

HOLD_TOLD_GAP: Final = 1800.0
"""The least seconds between two lines of Activity on looks that the allowance holds back."""


HELD_OVER: Final = frozenset({HealthWord.OK, HealthWord.OLD, HealthWord.CONNECTING})
"""What is no trouble of its own, so that it may give way to the word that looks are held back."""


class ServiceHealth:
    """Keeps a service's health in the state, and the time before which it is left alone."""

    def __init__(self, service: Service, state: MonitorState, clock: Clock, backoff: Backoff) -> None:
        self.service = service
        self._state = state
        self._clock = clock
        self._backoff = backoff
        self._outage: Event | None = None
        self._outage_began: datetime | None = None
        self._not_before = clock.monotonic()
        self._stopped = False
        self._before_held: Health | None = None
        """What was said before the allowance held looks back; None while it does not."""
        self._hold_told = float("-inf")

    @property
    def health(self) -> Health:
        """Return the health as it stands in the state."""
        return self._state.health[self.service]

    def suspend(self, error: WbtuiError) -> None:
        """Suspend the service until the user has done something: no secret, or refused credentials."""
        self._stopped = True
        word = HealthWord.LOGIN if isinstance(error, LoginRefused | SecretError) else HealthWord.OFF
        self._set(
            replace(self.health, word=word, at=None, message=error.message, advice=error.advice, next_at=None)
        )
        self._fault(error, Level.ERROR)

    def not_before(self) -> float | None:
        """Return the monotonic time before which the service is left alone; None if it is stopped."""
        return None if self._stopped else self._not_before

    def allow_now(self) -> None:
        """Let the next look through at once, since the user asked."""
        self._stopped = False
        self._not_before = self._clock.monotonic()

    def restart(self) -> None:
        """Start again after the user has given another secret."""
        self.allow_now()
        self._set(replace(self.health, word=HealthWord.CONNECTING, at=None, message="", advice=""))

    def asking(self) -> None:
        """Record that a look has begun."""
        self._set(replace(self.health, asked_at=self._clock.now()))

    def succeeded(self) -> None:
        """Record a good answer."""
        self._backoff.succeeded()
        now = self._clock.now()
        if self._outage is not None:
            self._recovered(now)
        asked_at = self.health.asked_at or now
        self._set(Health(HealthWord.OK, read_at=asked_at, asked_at=asked_at))

    def failed(self, error: ServiceError) -> None:
        """Record a failed look: what is known stays, with its age."""
        if isinstance(error, Busy):
            self._back_off(HealthWord.BUSY, self._backoff.busy(), error)
        elif isinstance(error, LoginRefused):
            self.suspend(error)
        elif isinstance(error, NotAllowed):
            self._backoff.failed()
            self._back_off(HealthWord.DOWN, LONGEST, error)
            self._fault(error, Level.ERROR)
        elif isinstance(error, AllowanceUsed):
            self._back_off(HealthWord.LIMIT, self._pause(error.retry_after), error)
            self._fault(error, Level.WARNING)
        else:
            longest = LONGEST_AFTER_LOST if isinstance(error, SessionLeft) else LONGEST
            asked = error.retry_after if isinstance(error, ServerFault) else None
            self._back_off(HealthWord.DOWN, self._pause(asked, longest), error)
            self._fault(error, Level.WARNING)

    def limited(self, error: AllowanceUsed, until: float) -> None:
        """Record that the allowance is used up until then (monotonic seconds).

        That our own count stops a call during an outage is no news: the server's words stay.
        """
        seconds = max(0.0, until - self._clock.monotonic())
        if error.ours and self._outage is not None:
            self._rest(HealthWord.LIMIT, seconds)
            return
        self._back_off(HealthWord.LIMIT, seconds, error)
        self._fault(error, Level.WARNING)

    def stale(self, message: str) -> None:
        """Record that what is shown is older than it should be."""
        if self.health.word in {HealthWord.OK, HealthWord.CONNECTING}:
            since = self.health.read_at or self._clock.now()
            self._set(replace(self.health, word=HealthWord.OLD, at=since, message=message))

    def held(self, until: float | None, words: str) -> None:
        """Record until when (monotonic seconds) the allowance holds looks back; with None, that it does not.

        Other troubles are told before this one.
        """
        if until is None:
            if self._before_held is not None:
                before, self._before_held = self._before_held, None
                self._set(replace(self.health, word=before.word, at=before.at, message=before.message))
            return
        if self.health.word not in HELD_OVER and self._before_held is None:
            return
        minute = timedelta(minutes=1)
        at = self._clock.now() + timedelta(seconds=until - self._clock.monotonic()) + minute
        at = at.replace(second=0, microsecond=0)
        if self._before_held is None and self._clock.monotonic() >= self._hold_told + HOLD_TOLD_GAP:
            self._hold_told = self._clock.monotonic()
            self._state.events.add(Level.WARNING, self.service.value, f"looks are held back: {words}")
        self._before_held = self._before_held or self.health
        self._set(replace(self.health, word=HealthWord.LIMIT, at=at, message=words))

    def planned(self, at: float | None) -> None:
        """Record the next planned look (monotonic seconds), for display."""
        next_at = None
        if at is not None:
            next_at = self._clock.now() + timedelta(seconds=max(0.0, at - self._clock.monotonic()))
            next_at = next_at.replace(microsecond=0)
        if self.health.next_at != next_at:
            self._set(replace(self.health, next_at=next_at))

    def _pause(self, asked: float | None, longest: float = LONGEST) -> float:
        """Return the seconds to wait: our own, or those that the server asked for if they are more."""
        return max(self._backoff.failed(longest), asked or 0.0)

    def _back_off(self, word: HealthWord, seconds: float, error: ServiceError) -> None:
        self._set(replace(self.health, message=error.message, advice=error.advice))
        self._rest(word, seconds)

    def _rest(self, word: HealthWord, seconds: float) -> None:
        self._not_before = self._clock.monotonic() + seconds
        until = self._clock.now() + timedelta(seconds=seconds)
        self._set(replace(self.health, word=word, at=until, next_at=until))

    def _fault(self, error: WbtuiError, level: Level) -> None:
        text = error.message + (f" ({error.advice})" if error.advice else "")
        if self._outage is None:
            self._outage_began = self._clock.now()
            self._outage = self._state.events.add(level, self.service.value, text)
        else:
            self._outage = self._state.events.repeat(self._outage, text)

    def _recovered(self, now: datetime) -> None:
        began = self._outage_began or now
        minutes = max(1, round((now - began).total_seconds() / 60))
        tries = self._outage.count if self._outage else 1
        words = f"answers again after {minutes} min ({tries} failed {'try' if tries == 1 else 'tries'})"
        self._state.events.add(Level.INFO, self.service.value, words)
        self._outage = None

    def _set(self, health: Health) -> None:
        if health.word is not HealthWord.LIMIT:
            self._before_held = None
        self._state.health[self.service] = health
