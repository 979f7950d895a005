"""What all screens have in common: each is drawn when it can be, knows since when, and answers once."""

from __future__ import annotations

import math
from typing import ClassVar, Final, TypeVar

from textual import events
from textual.await_complete import AwaitComplete
from textual.binding import BindingsMap
from textual.containers import Container
from textual.screen import ModalScreen

from wbtui.tui.toolkit.messages import Drawn, Handled
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.toolkit.textual_internals import FrameScreen

Result = TypeVar("Result")

LEAVING: Final = frozenset({"escape", "ctrl+c"})
"""Keys that leave a screen without doing anything."""
NOT_DONE: Final = "typed before this was drawn, so not done."


class OwnScreen(FrameScreen[Result], inherit_bindings=False):
    """A screen whose parts are made with it, so that it may be told something at any moment of its life.

    The application passes it no key or click before it has been drawn, and of those that came before that
    only what it `takes_unseen`.
    """

    UNSEEN: ClassVar[frozenset[str]] = LEAVING
    """Keys that count although they were pressed before it was drawn."""

    seen_since = math.inf
    """The time, as events have it, from which on it could be seen; set once the application was told."""
    painted_since = math.inf
    """The time at which its first frame with all of its content began to be sent."""
    painted_at = math.inf
    """The time at which its last frame began to be sent."""
    bound = BindingsMap()
    """What keys do here before anything else takes them; unlike `BINDINGS` each screen has its own."""
    has_content = False
    """Set once everything has been put in its place."""
    _answered = False
    _held_back: tuple[Result | None] | None = None

    def draw(self) -> None:
        """Put everything in its place; called as soon as the size is known, and again at every other one."""

    def on_mount(self) -> None:
        """Draw it once its size is known."""
        self.call_after_refresh(self._draw_now)

    def on_resize(self) -> None:
        """Draw it in its new size."""
        self.call_after_refresh(self._draw_now)

    def _draw_now(self) -> None:
        self.draw()
        self.tell_drawn()

    def tell_drawn(self) -> None:
        """Tell the application, once what was put in its place now has been painted."""
        self.has_content = True
        if self.seen_since == math.inf:
            self.call_after_refresh(lambda: self.app.post_message(Drawn(self)))

    def begin_painting(self, at: float) -> None:
        """Note when a frame begins to be sent: keys count from the first one on that has all content.

        Where putting it in its place changes nothing, that was the last one before.
        """
        self.painted_at = at
        if self.has_content:
            self.painted_since = min(self.painted_since, at)

    def notice(self, words: str) -> None:
        """Say something beside what the screen is about; one that has no place for it says nothing."""

    def takes_unseen(self, event: events.Key | events.Paste) -> bool:
        """Return whether a key or a paste counts that came before this screen was drawn."""
        return isinstance(event, events.Key) and event.key in self.UNSEEN

    async def handle_key(self, event: events.Key) -> bool:  # noqa: ARG002 - Textual's
        """Do nothing: Textual would look for an attribute that is called like the key."""
        return False

    def on_handled(self, handled: Handled) -> None:
        """Let it queue up behind what the key has caused."""
        handled.go_on(self)

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close with an answer: the first one counts, and closes this screen and no other."""
        if self._answered:
            return AwaitComplete()
        self._answered = True
        if self.app.screen is not self:  # another one is open above it
            self._held_back = (result,)
            return AwaitComplete()
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        """Close now, if the answer came while another screen was open above."""
        if self._held_back is not None:
            (result,), self._held_back = self._held_back, None
            super().dismiss(result)


class Dialog(ModalScreen[Result], OwnScreen[Result], inherit_bindings=False):
    """A screen that is opened above the others."""

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(classes="ascii" if ascii_only else "")

    def notice(self, words: str) -> None:
        """Say it in the lower edge of the frame."""
        for box in self.query_children(Container):
            box.border_subtitle = words
        self.app.refresh()  # a frame alone is not sent again


class TypingDialog(Dialog[Result], inherit_bindings=False):
    """A dialog with one field, which has the focus for as long as the dialog is open.

    What was typed before it was drawn stands in the field then; enter has to be pressed in sight of it.
    """

    field: Prompt
    """Made by the subclass."""

    def on_mount(self) -> None:
        """Give the keys to the field."""
        self.set_focus(self.field)

    def draw(self) -> None:
        """Give the keys back to the field, which is not on a terminal that has no room for it."""
        if self.focused is None and self.app.app_focus:
            self.set_focus(self.field)

    def on_key(self, event: events.Key) -> None:
        """Hand a key on that came while the field was not there."""
        self.field.on_key(event)

    def takes_unseen(self, event: events.Key | events.Paste) -> bool:
        """Take what is typed, and no more."""
        return isinstance(event, events.Paste) or event.key != "enter"
