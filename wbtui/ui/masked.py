"""A field for a secret: what is typed into it is never drawn, and no message carries it."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from textual import events

from wbtui.credentials import Secret, entered
from wbtui.ui.lines import Line, Role, Span, crop
from wbtui.ui.prompt import LONGEST, Prompt, Typed

STAR = "*"


class TypedSecret(Typed):
    """The text of a secret: kept as it was typed, since a password may have any character."""

    def insert(self, text: str) -> None:
        """Put text in at the cursor; what ends a line is no part of a secret."""
        text = text.replace("\r", "").replace("\n", "")[: LONGEST - len(self.text)]
        self.text = self.text[: self.place] + text + self.text[self.place :]
        self.place += len(text)


class Masked(Prompt):
    """A field that shows a star for each character; `secret` gives what was typed, `clear` forgets it."""

    def __init__(self, id: str, lead: str = "") -> None:
        super().__init__(id, lead)
        self._typed = TypedSecret()
        self._line_ends = False

    @property
    def text(self) -> str:
        """Return nothing: this is what the messages of a field carry."""
        return ""

    @property
    def secret(self) -> Secret:
        """Return what was typed, without the blanks around it."""
        return entered(self._typed.text)[0]

    @property
    def trimmed(self) -> bool:
        """Tell whether blanks or line ends around the secret are left out."""
        return self._line_ends or entered(self._typed.text)[1]

    def clear(self) -> None:
        """Forget what was typed, and take keys again."""
        self._typed = TypedSecret()
        self._line_ends = False
        self._note = ""
        self._ended = False
        self._draw()

    def open(self, text: str = "", lead: str | None = None) -> None:
        """Begin empty, behind these words."""
        super().open("", lead)
        self._typed = TypedSecret(text)

    def on_paste(self, event: events.Paste) -> None:
        """Put in what was pasted; the blanks around it are seen, and left out by `secret`."""
        event.stop()
        event.prevent_default()
        text = event.text
        self._line_ends = self._line_ends or text != text.strip("\r\n")
        self._edit(lambda typed: typed.insert(text))

    def _edit(self, change: Callable[[Typed], None]) -> None:
        """Say it while one types when blanks stand at an end: nobody sees them among stars."""
        super()._edit(change)
        if not self._typed.text:
            self._line_ends = False
        self.note("blanks around it are left out" if self.trimmed else "")

    def _window(self, room: int) -> Line:
        count, place = len(self._typed.text), self._typed.place
        before = STAR * min(place, max(0, room - 1))
        after = STAR * max(0, count - place)
        role = Role.CURSOR if self.has_focus else Role.PLAIN
        return crop(
            (Span(before), Span(after[:1] or " ", role), Span(after[1:])), max(room, cell_len(before)) + 1
        )
