"""The dialog that asks before anything changes on a server: focus on No, nothing typed ahead counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from wbtui.domain.model import ItemKey
from wbtui.tui.dialogs.proposal import (
    GUARD_SECONDS,
    NOTHING_NEW,
    News,
    Proposal,
    buttons,
    foot,
    head,
    items,
    still_fit,
)
from wbtui.tui.toolkit.line_view import LineView, ScrolledLines
from wbtui.tui.toolkit.lines import Line, Role, Span, ends, line
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.toolkit.screens import LEAVING, Dialog

Answer = tuple[ItemKey, ...]

WIDEST: Final = 84
"""Cells of the dialog at most, as the style sheet has it."""
SIDES: Final = 4
"""Cells of the border and of the gap within it, on both sides together."""
FRAME: Final = 6
"""Lines of the border, the title, the buttons, and the gaps between them."""


class ConfirmScreen(Dialog[Answer], inherit_bindings=False):
    """Returns the keys to act on, or none; data go on behind it, and `tell` brings what changed.

    `monotonic` gives seconds, for the guard against keys that were typed ahead.
    """

    UNSEEN: ClassVar[frozenset[str]] = LEAVING | {"n", "q"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,escape,q,ctrl+c", "no", show=False),
        Binding("y", "yes", show=False),
        Binding("enter", "press", show=False),
        Binding("left,h,right,l,tab,shift+tab", "other", show=False),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("pagedown,ctrl+d", "move(10)", show=False),
        Binding("pageup,ctrl+u", "move(-10)", show=False),
    ]

    def __init__(self, proposal: Proposal, monotonic: Callable[[], float], *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self._proposal = proposal
        self._monotonic = monotonic
        self._opened = monotonic()
        self._news = NOTHING_NEW
        self._on_yes = False
        self._more = False
        """Whether there are more items than the window shows."""
        self._head = LineView("confirm-title")
        self._above = LineView("confirm-head")
        self._items = ScrolledLines("confirm-items", can_focus=not proposal.word)
        self._below = LineView("confirm-foot")
        self._field = Prompt("confirm-field", f"Type {proposal.word} to confirm: ")
        self._buttons = LineView("confirm-buttons")

    @property
    def proposal(self) -> Proposal:
        """Return what is proposed."""
        return self._proposal

    def compose(self) -> ComposeResult:
        """Yield the words, the field where something has to be typed, and the buttons."""
        with Container(id="confirm-box"):
            yield self._head
            yield self._above
            yield self._items
            yield self._below
            if self._proposal.word:
                yield self._field
            yield self._buttons

    def on_mount(self) -> None:
        """Fill it before it is painted for the first time; the guard begins to run now."""
        self._opened = self._monotonic()
        self.draw()

    def tell(self, news: News) -> None:
        """Take in what happened to the items meanwhile."""
        if news != self._news:
            self._news = news
            self.draw()

    def draw(self) -> None:
        """Give the items what room is left: the words round them and the buttons always stay in sight."""
        width = max(20, min(WIDEST, self.app.size.width) - SIDES)
        self._head.put([self._title(width)])
        above, below = head(self._proposal, width), foot(self._proposal, self._news, width)
        _put(self._above, above)
        _put(self._below, below)
        listed = items(self._proposal, self._news, width)
        used = FRAME + len(above) + len(below) + bool(self._proposal.word)
        room = max(1, min(len(listed), self.app.size.height - used))
        self._items.styles.height = room
        self._more = len(listed) > room
        self._items.fill(listed)
        self._draw_buttons()
        if self._proposal.word and self.focused is None and self.app.app_focus:
            self.set_focus(self._field)

    def _title(self, width: int) -> Line:
        left = line(Span(self._proposal.title, Role.TITLE))
        return ends(left, line(Span(self._proposal.badge, Role.WRITING)), width)

    def _draw_buttons(self) -> None:
        can = bool(still_fit(self._proposal, self._news))
        shown = buttons(self._proposal, on_yes=self._on_yes, can=can, more=self._more)
        self._buttons.put([shown])

    @property
    def _guarded(self) -> bool:
        return self._monotonic() - self._opened < GUARD_SECONDS

    def action_no(self) -> None:
        """Close without doing anything."""
        self.dismiss(())

    def action_yes(self) -> None:
        """Act, unless the key was typed ahead or a word has to be typed."""
        if not self._guarded and not self._proposal.word:
            self.dismiss(still_fit(self._proposal, self._news))

    def action_press(self) -> None:
        """Press the focused button."""
        if self._on_yes:
            self.action_yes()
        elif not self._guarded:
            self.action_no()

    def action_other(self) -> None:
        """Move the focus to the other button."""
        self._on_yes = not self._on_yes
        self._draw_buttons()

    def action_move(self, distance: int) -> None:
        """Scroll the items."""
        self._items.move(distance)

    def on_prompt_stepped(self, message: Prompt.Stepped) -> None:
        """Scroll the items while one types."""
        message.stop()
        self.action_move(message.distance)

    def on_prompt_finished(self, message: Prompt.Finished) -> None:
        """Act if exactly the word was typed; say what is missing otherwise."""
        message.stop()
        if message.text.strip() == self._proposal.word and not self._guarded:
            self.dismiss(still_fit(self._proposal, self._news))
        else:
            self._field.note(f"not {self._proposal.word}: nothing was done; esc leaves")

    def on_prompt_left(self, message: Prompt.Left) -> None:
        """Close without doing anything."""
        message.stop()
        self.action_no()


def _put(part: LineView, lines: list[Line]) -> None:
    """Give a part as many lines as it has."""
    part.display = bool(lines)
    part.styles.height = max(1, len(lines))
    part.put(lines)
