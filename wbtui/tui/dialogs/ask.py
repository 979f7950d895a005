"""A small dialog that asks for one line of text."""

from __future__ import annotations

import asyncio

from textual.app import ComposeResult
from textual.containers import Container

from wbtui.tui.dialogs.factory import Question
from wbtui.tui.dialogs.path_completion import completed
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Role, Span, line, wrap
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.toolkit.screens import TypingDialog


class AskScreen(TypingDialog[str | None], inherit_bindings=False):
    """Returns the text that was typed, or None; data go on behind it."""

    def __init__(self, question: Question, *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self._question = question
        self._checking = False
        self._said = (self._hint(), Role.QUIET)
        self._words = LineView("ask-words")
        self.field = Prompt("ask-field", "> ", most=question.most)
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

    def _hint(self) -> str:
        tab = "Tab completes it, " if self._question.path else ""
        return f"enter takes it, {tab}esc leaves"

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

    def on_prompt_completing(self, typed: Prompt.Completing) -> None:
        """Complete a path; the folder may be slow, so it is read beside the loop."""
        if self._question.path:
            self.run_worker(self._complete(typed.text), group="path", exclusive=True)

    async def _complete(self, text: str) -> None:
        found = await asyncio.to_thread(completed, text)
        if self.field.text != text:  # something else has been typed meanwhile
            return
        self.field.open(found.text)
        self._say(found.words or self._hint(), Role.QUIET)

    def on_prompt_finished(self, finished: Prompt.Finished) -> None:
        """Take the text if nothing is wrong with it."""
        if not self._checking:
            self._checking = True
            self.run_worker(self._check(finished.text))

    async def _check(self, text: str) -> None:
        fault = await asyncio.to_thread(self._question.fault, text)
        self._checking = False
        if fault:
            self._say(fault, Role.BAD)
        else:
            self.dismiss(text)

    def on_prompt_left(self) -> None:
        """Leave it all as it is."""
        self.dismiss(None)
