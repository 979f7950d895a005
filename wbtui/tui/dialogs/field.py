"""A dialog with a title, sentences, one field, and a line on what was typed into it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container

from wbtui.domain.sanitize import sanitize
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Role, Span, line, wrap
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.toolkit.screens import TypingDialog


class FieldDialog(TypingDialog[str | None], inherit_bindings=False):
    """Returns what the subclass makes of the field, or None if the dialog was left; `name` begins its ids."""

    def __init__(
        self, name: str, field: Prompt, title: str, sentences: Sequence[str], hint: str, *, ascii_only: bool
    ) -> None:
        super().__init__(ascii_only=ascii_only)
        self.field = field
        self._heading, self._sentences = title, sentences
        self._said = (hint, Role.QUIET)
        self._words, self._fault = LineView(f"{name}-words"), LineView(f"{name}-fault")
        self._box = Container(id=f"{name}-box")

    def compose(self) -> ComposeResult:
        """Yield the words, the field, and the line below it."""
        with self._box:
            yield self._words
            yield self.field
            yield self._fault

    @property
    def _width(self) -> int:
        return max(1, self._box.size.width)

    def draw(self) -> None:
        """Wrap the words to the width."""
        super().draw()
        pieces = [line(piece) for each in self._sentences for piece in wrap(sanitize(each), self._width)]
        self._words.styles.height = len(pieces) + 3
        self._words.put([line(Span(self._heading, Role.TITLE)), (), *pieces])
        self._say(*self._said)

    def _say(self, text: str, role: Role) -> None:
        """Say something below the field."""
        self._said = (text, role)
        self._fault.put([line(Span(text, role))])

    def on_prompt_left(self) -> None:
        """Leave the dialog."""
        self.action_leave()

    def action_leave(self) -> None:
        """Leave it all as it is."""
        self.dismiss(None)
