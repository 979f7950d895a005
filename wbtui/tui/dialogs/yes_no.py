"""A small dialog that asks yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Role, Span, line, wrap
from wbtui.tui.toolkit.screens import LEAVING, Dialog


class YesNoScreen(Dialog[bool], inherit_bindings=False):
    """Returns whether yes was said; `enter` is what the enter key means. Data go on behind it."""

    UNSEEN: ClassVar[frozenset[str]] = LEAVING | {"n", "q"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n,escape,ctrl+c,q", "answer(False)", show=False),
        Binding("enter", "enter", show=False),
    ]

    def __init__(
        self, title: str, sentences: Sequence[str], yes: str, *, enter: bool, ascii_only: bool
    ) -> None:
        super().__init__(ascii_only=ascii_only)
        self._enter = enter
        self._wording = (title, sentences, yes)
        self._words = LineView("yes-no-words", can_focus=True)

    def compose(self) -> ComposeResult:
        """Yield the words."""
        with Container(id="yes-no-box"):
            yield self._words

    def draw(self) -> None:
        """Wrap the words to the width."""
        title, sentences, yes = self._wording
        width = max(1, self._words.size.width)
        pieces = [line(piece) for sentence in sentences for piece in wrap(sentence, width)]
        choices = line(*self._choice("n", "No", False), Span("   "), *self._choice("y", yes, True))
        lines = [line(Span(title, Role.TITLE)), (), *pieces, (), choices]
        self._words.styles.height = len(lines)
        self._words.put(lines)

    def _choice(self, key: str, words: str, answer: bool) -> tuple[Span, ...]:
        chosen = answer is self._enter
        return (Span(f"{'>' if chosen else ' '} [ {key}  {words} ]", Role.KEY if chosen else Role.QUIET),)

    def action_enter(self) -> None:
        """Close with what enter means."""
        self.dismiss(self._enter)

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)
