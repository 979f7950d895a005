"""The help: every key with its sentence, made from the table of actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from wbtui.ui.actions import ACTIONS, GROUPS, Action, key_name
from wbtui.ui.glyphs import SIGNS
from wbtui.ui.line_view import ScrolledLines
from wbtui.ui.lines import Line, Role, Span, line, wrap
from wbtui.ui.tabs import Tab

KEYS = 14
"""Width of the column of keys."""


def key_words(action: Action) -> str:
    """Return all keys of an action as a user reads them."""
    return " ".join(key_name(key) for key in action.keys)


def help_lines(tab: Tab, width: int, actions: Sequence[Action] = ACTIONS) -> list[Line]:
    """Return the whole help; keys that do not work on the tab say where they do."""
    lines: list[Line] = [line(Span(f"Keys on the tab {tab.label}", Role.TITLE)), ()]
    for group in GROUPS:
        lines.append(line(Span(group, Role.HEAD)))
        for action in (each for each in actions if each.group == group):
            lines += _entry(action, tab, width)
        lines.append(())
    return [*lines, *_legend()]


def _entry(action: Action, tab: Tab, width: int) -> list[Line]:
    text = action.help
    if action.refusal(tab):
        text += " (" + " and ".join(sorted(each.label for each in action.tabs)) + " only)"
    name = Span(f"  {key_words(action):<{KEYS}}", Role.KEY)
    blank = Span(" " * (KEYS + 2))
    pieces = wrap(text, max(12, width - KEYS - 2))
    return [(blank if index else name, Span(piece)) for index, piece in enumerate(pieces)]


def _legend() -> list[Line]:
    signs = [line("  ", Span(f"{each.glyph} {each.word}", each.role)) for each in SIGNS.values()]
    return [line(Span("Signs", Role.HEAD)), *signs]


class HelpScreen(ModalScreen[None], inherit_bindings=False):
    """Shows the help until esc, q or ? is pressed; data go on behind it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "close", show=False),
        Binding("ctrl+c", "app.quit", show=False),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("g,home", "move(-10000)", show=False),
        Binding("G,end", "move(10000)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("ctrl+d", "page(0.5)", show=False),
        Binding("ctrl+u", "page(-0.5)", show=False),
    ]

    def __init__(self, tab: Tab, actions: Sequence[Action] = ACTIONS, *, ascii_only: bool) -> None:
        super().__init__(classes="ascii" if ascii_only else "")
        self._tab = tab
        self._actions = actions

    def compose(self) -> ComposeResult:
        """Yield the one block of lines."""
        yield ScrolledLines("help-lines")

    def on_mount(self) -> None:
        """Fill it once its width is known."""
        self.call_after_refresh(self._fill)

    def on_resize(self) -> None:
        """Wrap again at the new width."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        block = self.query_one(ScrolledLines)
        block.fill(help_lines(self._tab, block.size.width, self._actions))

    def action_close(self) -> None:
        """Go back to the table."""
        self.dismiss(None)

    def action_move(self, distance: int) -> None:
        """Scroll by lines."""
        self.query_one(ScrolledLines).move(distance)

    def action_page(self, pages: float) -> None:
        """Scroll by windows."""
        self.query_one(ScrolledLines).page(pages)
