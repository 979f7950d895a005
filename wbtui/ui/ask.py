"""A small dialog that asks for one line of text."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Container

from wbtui.ui.dialogs import Question
from wbtui.ui.line_view import LineView
from wbtui.ui.lines import Role, Span, line, wrap
from wbtui.ui.prompt import Prompt
from wbtui.ui.screens import TypingDialog

HINT: Final = "enter takes it, esc leaves"


class AskScreen(TypingDialog[str | None], inherit_bindings=False):
    """Returns the text that was typed, or None; data go on behind it."""

    def __init__(self, question: Question, *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self._question = question
        self._said = (HINT, Role.QUIET)
        self._words = LineView("ask-words")
        self.field = Prompt("ask-field", "> ")
        self._fault = LineView("ask-fault")
        self._box = Container(id="ask-box")

    def compose(self) -> ComposeResult:
        """Yield the words and the field."""
        with self._box:
            yield self._words
            yield self.field
            yield self._fault

    def on_mount(self) -> None:
        """Begin with what stands in the field at first."""
        self.field.open(self._question.text)

    def draw(self) -> None:
        """Wrap the words to the width."""
        super().draw()
        width = max(1, self._box.size.width)
        pieces = [piece for sentence in self._question.sentences for piece in wrap(sentence, width)]
        self._words.styles.height = len(pieces) + 3
        self._words.put(
            [line(Span(self._question.title, Role.TITLE)), (), *(line(piece) for piece in pieces)]
        )
        self._fault.put([line(Span(*self._said))])

    def _say(self, text: str, role: Role) -> None:
        self._said = (text, role)
        self._fault.put([line(Span(text, role))])

    def on_prompt_finished(self, finished: Prompt.Finished) -> None:
        """Take the text if nothing is wrong with it."""
        fault = self._question.fault(finished.text)
        if fault:
            self._say(fault, Role.BAD)
        else:
            self.dismiss(finished.text)

    def on_prompt_left(self) -> None:
        """Leave it all as it is."""
        self.dismiss(None)
