"""The base of all screens: each draws itself once its size is known, notes when, and returns one result."""

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
    """A screen that makes its parts in `__init__`, so that its methods can be called before it is mounted.

    The application passes it no key or click before it was drawn; of those that came earlier it passes only
    what the screen `takes_unseen`.
    """

    UNSEEN: ClassVar[frozenset[str]] = LEAVING
    """Keys that count although they were pressed before it was drawn."""

    seen_since = math.inf
    """The time of the first frame that the user can have seen, on the clock of events."""
    painted_since = math.inf
    """The time at which the first frame with all content began to be sent."""
    painted_at = math.inf
    """The time at which the last frame began to be sent."""
    bound = BindingsMap()
    """What keys do here before anything else takes them; unlike `BINDINGS` each screen has its own."""
    has_content = False
    """Whether `draw` was called."""
    _answered = False
    _held_back: tuple[Result | None] | None = None

    def draw(self) -> None:
        """Lay out and fill all parts; called as soon as the size is known, and whenever it changes."""

    def on_mount(self) -> None:
        """Draw once the size is known."""
        self.call_after_refresh(self._draw_now)

    def on_resize(self) -> None:
        """Draw in the new size."""
        self.call_after_refresh(self._draw_now)

    def _draw_now(self) -> None:
        self.draw()
        self.tell_drawn()

    def tell_drawn(self) -> None:
        """Post `Drawn` to the application once the present content was painted."""
        self.has_content = True
        if self.seen_since == math.inf:
            self.call_after_refresh(lambda: self.app.post_message(Drawn(self)))

    def begin_painting(self, at: float) -> None:
        """Note when a frame begins to be sent: keys count from the first frame with all content.

        Where `draw` changes nothing that is the last frame before it.
        """
        self.painted_at = at
        if self.has_content:
            self.painted_since = min(self.painted_since, at)

    def notice(self, words: str) -> None:
        """Show a message, if the screen has a place for one."""

    def takes_unseen(self, event: events.Key | events.Paste) -> bool:
        """Return whether a key or a paste counts although it came before this screen was drawn."""
        return isinstance(event, events.Key) and event.key in self.UNSEEN

    async def handle_key(self, event: events.Key) -> bool:  # noqa: ARG002 - Textual's
        """Do nothing: Textual would look for an attribute that is called like the key."""
        return False

    def on_handled(self, handled: Handled) -> None:
        """Queue the message again, behind the messages that the key has caused."""
        handled.go_on(self)

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close this screen with a result; only the first call counts."""
        if self._answered:
            return AwaitComplete()
        self._answered = True
        if self.app.screen is not self:  # another screen is above it
            self._held_back = (result,)
            return AwaitComplete()
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        """Close now if `dismiss` was called while another screen was above."""
        if self._held_back is not None:
            (result,), self._held_back = self._held_back, None
            super().dismiss(result)


class Dialog(ModalScreen[Result], OwnScreen[Result], inherit_bindings=False):
    """A screen above the others."""

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(classes="ascii" if ascii_only else "")

    def notice(self, words: str) -> None:
        """Show it in the lower edge of the frame."""
        for box in self.query_children(Container):
            box.border_subtitle = words
        self.app.refresh()  # a frame alone is not sent again


class TypingDialog(Dialog[Result], inherit_bindings=False):
    """A dialog with one field, which keeps the focus while the dialog is open.

    What was typed before the dialog was drawn goes into the field, except enter.
    """

    field: Prompt
    """Made by the subclass."""

    def on_mount(self) -> None:
        """Focus the field."""
        self.set_focus(self.field)

    def draw(self) -> None:
        """Focus the field again: a terminal without room for it has taken the focus away."""
        if self.focused is None and self.app.app_focus:
            self.set_focus(self.field)

    def on_key(self, event: events.Key) -> None:
        """Pass a key on to the field, also while it has no room and so no focus."""
        self.field.on_key(event)

    def takes_unseen(self, event: events.Key | events.Paste) -> bool:
        """Return whether it is text; enter has to be pressed in sight of the dialog."""
        return isinstance(event, events.Paste) or event.key != "enter"
