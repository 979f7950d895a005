"""A small dialog that asks for one line of text."""

from __future__ import annotations

import asyncio

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import ModalScreen

from wbtui.ui.dialogs import Question
from wbtui.ui.line_view import LineView
from wbtui.ui.lines import Role, Span, line, wrap
from wbtui.ui.paths import completed
from wbtui.ui.prompt import Prompt


class AskScreen(ModalScreen[str | None], inherit_bindings=False):
    """Returns the text that was typed, or None; data go on behind it."""

    def __init__(self, question: Question, *, ascii_only: bool) -> None:
        super().__init__(classes="ascii" if ascii_only else "")
        self._question = question
        self._checking = False

    def compose(self) -> ComposeResult:
        """Yield the words and the field."""
        with Container(id="ask-box"):
            yield LineView("ask-words")
            yield Prompt("ask-field", "> ", most=self._question.most)
            yield LineView("ask-fault")

    def on_mount(self) -> None:
        """Fill it once its width is known."""
        self.query_one(Prompt).open(self._question.text)
        self.set_focus(self.query_one(Prompt))
        self.call_after_refresh(self._fill)

    def on_resize(self) -> None:
        """Wrap again at the new width."""
        self.call_after_refresh(self._words)

    def _fill(self) -> None:
        self._words()
        self._help()

    def _help(self) -> None:
        tab = "Tab completes it, " if self._question.path else ""
        self._say(f"enter takes it, {tab}esc leaves", Role.QUIET)

    def _words(self) -> None:
        words = self.query_one("#ask-words", LineView)
        width = max(1, self.query_one("#ask-box").size.width)
        pieces = [piece for sentence in self._question.sentences for piece in wrap(sentence, width)]
        words.styles.height = len(pieces) + 3
        words.put([line(Span(self._question.title, Role.TITLE)), (), *(line(piece) for piece in pieces)])

    def _say(self, text: str, role: Role) -> None:
        self.query_one("#ask-fault", LineView).put([line(Span(text, role))])

    def on_key(self, event: events.Key) -> None:
        """Hand a key on that came before the field had the focus."""
        self.query_one(Prompt).on_key(event)

    def on_prompt_completing(self, typed: Prompt.Completing) -> None:
        """Complete a path; the folder may be slow, so it is read beside the loop."""
        if self._question.path:
            self.run_worker(self._complete(typed.text), group="path", exclusive=True)

    async def _complete(self, text: str) -> None:
        found = await asyncio.to_thread(completed, text)
        field = self.query_one(Prompt)
        if field.text != text:  # something else has been typed meanwhile
            return
        field.open(found.text)
        if found.words:
            self._say(found.words, Role.QUIET)
        else:
            self._help()

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
