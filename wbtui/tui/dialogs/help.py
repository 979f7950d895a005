"""The help: every key with its sentence, made from the table of actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from wbtui.tui.actions import ACTIONS, GROUPS, KeyAction, key_name
from wbtui.tui.dialogs.text import MOVES, QUITTING, ReadingScreen
from wbtui.tui.tabs.glyphs import ASKED_STYLES, STATE_STYLES
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.line_view import ScrolledLines
from wbtui.tui.toolkit.lines import Line, Role, Span, ends, line, wrap
from wbtui.tui.toolkit.prompt import Prompt

KEYS = 14
"""Width of the column of keys."""


def key_words(action: KeyAction) -> str:
    """Return all keys of an action as a user reads them."""
    return " ".join(key_name(key) for key in action.keys)


def help_lines(tab: TabSpec, width: int, actions: Sequence[KeyAction] = ACTIONS) -> list[Line]:
    """Return the whole help; keys that do not work on the tab say where they do."""
    title = line(Span(f"Keys on the tab {tab.label}", Role.TITLE))
    lines: list[Line] = [ends(title, line(Span("/ search   esc back", Role.QUIET)), width), ()]
    for group in GROUPS:
        lines.append(line(Span(group, Role.HEAD)))
        for action in (each for each in actions if each.group == group):
            lines += _entry(action, tab, width)
        lines.append(())
    return [*lines, *_legend()]


def _entry(action: KeyAction, tab: TabSpec, width: int) -> list[Line]:
    text = action.help
    if action.refusal(tab):
        text += " (" + " and ".join(sorted(each.label for each in action.tabs)) + " only)"
    name = Span(f"  {key_words(action):<{KEYS}}", Role.KEY)
    blank = Span(" " * (KEYS + 2))
    pieces = wrap(text, max(12, width - KEYS - 2))
    return [(blank if index else name, Span(piece)) for index, piece in enumerate(pieces)]


def _legend() -> list[Line]:
    signs = [
        line("  ", Span(f"{each.glyph} {each.word}", each.role))
        for each in (*STATE_STYLES.values(), *ASKED_STYLES.values())
    ]
    return [line(Span("Signs", Role.HEAD)), *signs]


class HelpScreen(ReadingScreen, inherit_bindings=False):
    """Shows the help until esc, q or ? is pressed; `/` searches in it. Data go on behind it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("q,question_mark,f1,enter", "close", show=False),
        Binding("slash", "search", show=False),
        Binding("n", "hit(1)", show=False),
        Binding("N", "hit(-1)", show=False),
        QUITTING,
        *MOVES,
    ]

    def __init__(self, tab: TabSpec, actions: Sequence[KeyAction] = ACTIONS, *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self._tab = tab
        self._actions = actions
        self.block = ScrolledLines("help-lines")
        self._field = Prompt("help-field", "/")
        self._field.display = False

    def compose(self) -> ComposeResult:
        """Yield the one block of lines, and the field below it."""
        with Container(id="help-box"):
            yield self.block
            yield self._field

    def on_mount(self) -> None:
        """Give the keys to the lines."""
        self.set_focus(self.block)

    def draw(self) -> None:
        """Wrap the help to the width."""
        self.block.fill(help_lines(self._tab, self.block.size.width, self._actions))

    def action_search(self) -> None:
        """Open the field for what is searched for."""
        self._field.display = True
        self._field.open(self.block.needle)
        self.set_focus(self._field)

    def on_prompt_changed(self, changed: Prompt.Changed) -> None:
        """Search while one types."""
        self.block.find(changed.text)
        self._field.note(f"{self.block.count_hits()} lines")

    def on_prompt_finished(self) -> None:
        """Keep the search and leave the field."""
        self._leave_field()

    def on_prompt_left(self) -> None:
        """Leave the field."""
        self._leave_field()

    def _leave_field(self) -> None:
        self._field.display = False
        self.set_focus(self.block)

    def action_hit(self, step: int) -> None:
        """Go to the next hit, or the one before."""
        self.block.step_to_hit(step)

    def action_back(self) -> None:
        """Take the search away, else go back to the table."""
        if self.block.needle:
            self.block.find("")
        else:
            self.dismiss(None)
