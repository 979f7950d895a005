"""A small dialog that asks yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import ModalScreen

from wbtui.ui.line_view import LineView
from wbtui.ui.lines import Role, Span, line, wrap


class YesNoScreen(ModalScreen[bool], inherit_bindings=False):
    """Returns whether yes was said; `enter` is what the enter key means. Data go on behind it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n,escape,ctrl+c,q", "answer(False)", show=False),
        Binding("enter", "enter", show=False),
    ]

    def __init__(
        self, title: str, sentences: Sequence[str], yes: str, *, enter: bool, ascii_only: bool
    ) -> None:
        super().__init__(classes="ascii" if ascii_only else "")
        self._enter = enter
        self._words = (title, sentences, yes)

    def compose(self) -> ComposeResult:
        """Yield the words."""
        with Container(id="yes-no-box"):
            yield LineView("yes-no-words", can_focus=True)

    def on_mount(self) -> None:
        """Fill it once its width is known."""
        self.call_after_refresh(self._fill)

    def on_resize(self) -> None:
        """Wrap again at the new width."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        title, sentences, yes = self._words
        words = self.query_one(LineView)
        width = max(1, words.size.width)
        pieces = [line(piece) for sentence in sentences for piece in wrap(sentence, width)]
        choices = line(*self._choice("n", "No", False), Span("   "), *self._choice("y", yes, True))
        lines = [line(Span(title, Role.TITLE)), (), *pieces, (), choices]
        words.styles.height = len(lines)
        words.put(lines)

    def _choice(self, key: str, words: str, answer: bool) -> tuple[Span, ...]:
        chosen = answer is self._enter
        return (Span(f"{'>' if chosen else ' '} [ {key}  {words} ]", Role.KEY if chosen else Role.QUIET),)

    def action_enter(self) -> None:
        """Close with what enter means."""
        self.dismiss(self._enter)

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)
