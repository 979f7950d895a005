"""An application that passes on keys in order, each to a screen that was drawn before it."""

from __future__ import annotations

import math
from collections import deque
from typing import Any, Final

from textual import events
from textual.await_complete import AwaitComplete
from textual.message import Message
from textual.screen import Screen

from wbtui.tui.actions import key_name
from wbtui.tui.toolkit.line_view import AppResult, LineApp
from wbtui.tui.toolkit.messages import Drawn, Handled
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.toolkit.screens import NOT_DONE, OwnScreen
from wbtui.tui.toolkit.textual_internals import time_of

HANDLED_WITHIN: Final = 1.0
"""Seconds after which a key is taken to have done its work, whatever became of it."""
NAMED: Final = 6
"""Keys that are named when they were not done; more are counted."""


class InputApp(LineApp[AppResult], inherit_bindings=False):
    """Queues what is typed before the first frame, and what comes faster than it is handled.

    A key goes where it would go if it came alone, however many come at once. A key whose target was not drawn
    yet does nothing, and a message says so.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._typed: deque[events.Event] = deque()
        """Keys, pastes and clicks that were not passed on yet."""
        self._under_way: events.Event | None = None
        """The key that a screen is handling."""
        self._closed_by, self._closed_at = "", 0.0
        """The key that closed a screen, and when."""
        self._not_done: list[str] = []
        """Names of keys that came too early."""
        self._framed = False
        self.ending = False
        """Whether the application is exiting: keys are ignored then."""

    def say(self, text: str) -> None:
        """Show a message."""
        raise NotImplementedError

    def begin_input(self, screen: Screen[Any]) -> None:
        """Pass on keys from now on, those that are queued first; `screen` is in the first frame."""
        self._framed = True
        self.post_message(Drawn(screen))

    def before_frame(self, screen: Screen[Any]) -> None:
        """Note the time: a key that is pressed while the frame is sent may answer to it."""
        if isinstance(screen, OwnScreen):
            screen.begin_painting(time_of(Message()))

    async def on_event(self, event: events.Event) -> None:
        """Queue what is typed; every other event is handled by Textual."""
        if not isinstance(event, events.InputEvent | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        await self._pass_on()

    async def _pass_on(self) -> None:
        """Pass on queued keys: each once the one before is handled and the screen was drawn."""
        while self._typed and (screen := self._screen_drawn()) is not None:
            late = time_of(self._typed[-1]) - HANDLED_WITHIN
            if self._under_way is not None and time_of(self._under_way) > late:
                return
            event = self._typed.popleft()
            if self._counts(screen, event):
                target = self.focused or screen
                if not await self._do_bound(screen, event):
                    await super().on_event(event)
                if event.is_forwarded and not _only_types(target, event):
                    self._under_way = event
                    target.post_message(Handled(event))
        self._tell_not_done()

    async def _do_bound(self, screen: OwnScreen[Any], event: events.Event) -> bool:
        """Do what a key is bound to on this screen; return False if it is bound to nothing."""
        bound = screen.bound.key_to_bindings.get(event.key, ()) if isinstance(event, events.Key) else ()
        if bound:
            self.app_focus = True  # some terminals do not tell that they have it again
        for each in bound:
            if await self.run_action(each.action, screen):
                return True
        return False

    def _screen_drawn(self) -> OwnScreen[Any] | None:
        """Return the screen in front, or None while it was not drawn."""
        stack = self.screen_stack if self._framed and not self.ending else []
        screen = stack[-1] if stack else None
        return screen if isinstance(screen, OwnScreen) and screen.seen_since < math.inf else None

    def _counts(self, screen: OwnScreen[Any], event: events.Event) -> bool:
        """Return whether an event came after the screen was drawn, or counts anyway.

        A click before that is ignored, since its target is not known. So is the key that closed a dialog, if
        it was pressed again before the dialog disappeared.
        """
        at, typed = time_of(event), event if isinstance(event, events.Key | events.Paste) else None
        closing = isinstance(event, events.Key) and event.key == self._closed_by and at < self._closed_at
        if typed is not None and not closing:
            self._closed_by = ""
        if closing or at >= screen.seen_since:
            return not closing
        if typed is not None and not screen.takes_unseen(typed):
            self._not_done.append(_named(typed))
            return False
        return typed is not None

    async def on_drawn(self, drawn: Drawn) -> None:
        """Pass on what was typed before this screen was drawn."""
        if self._framed and isinstance(drawn.screen, OwnScreen):
            screen = drawn.screen
            painted = min(screen.painted_since, screen.painted_at)
            screen.seen_since = min(screen.seen_since, painted, time_of(drawn))
            await self._pass_on()

    async def on_handled(self, handled: Handled) -> None:
        """Pass on the next key: this one is handled."""
        if handled.event is self._under_way:
            self._under_way = None
            await self._pass_on()

    def pop_screen(self) -> AwaitComplete:
        """Close the screen in front; a key that it is handling counts as handled."""
        popped = super().pop_screen()
        if isinstance(self._under_way, events.Key):
            done = Handled(self._under_way)
            self._closed_by, self._closed_at = self._under_way.key, time_of(done)
            self.post_message(done)
        return popped

    def _tell_not_done(self) -> None:
        """Name the keys that came too early, once the queue is empty."""
        names = list(dict.fromkeys(self._not_done))
        if names and not self._typed:
            self._not_done.clear()
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            self.say_in_front(f"{' '.join(names[:NAMED])}{more}: {NOT_DONE}")

    def say_in_front(self, words: str) -> None:
        """Show a message in the message line, and on the screen in front."""
        self.say(words)
        if isinstance(self.screen, OwnScreen):
            self.screen.notice(words)


def _named(event: events.Key | events.Paste) -> str:
    """Return what was typed as a user reads it."""
    if isinstance(event, events.Paste):
        return "a paste"
    shown = event.is_printable and event.character and event.character.strip()
    return shown or key_name(event.key)


def _only_types(target: object, event: events.Event) -> bool:
    """Return whether this is a click, or only adds text to a field: the next key need not wait for it."""
    if not isinstance(event, events.Key):
        return True
    return isinstance(target, Prompt) and event.is_printable
