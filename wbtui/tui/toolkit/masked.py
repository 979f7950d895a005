"""A field for a secret: what is typed into it is never drawn, and no message carries it."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len

from wbtui.domain.credentials import Secret, entered
from wbtui.tui.toolkit.lines import Line, Role, Span, crop
from wbtui.tui.toolkit.prompt import Prompt, Typed

STAR = "*"
LONGEST_SECRET = 4000
"""Characters: keys that are tokens have up to some thousand."""
NOT_UTF8 = "\ufffd"


class TypedSecret(Typed):
    """The text of a secret: kept as it was typed, since a password may have any character."""

    def insert(self, text: str) -> str:
        """Put text in at the cursor; what stands for bytes that cannot be read would go unseen here."""
        if NOT_UTF8 in text:
            return "not taken: the terminal did not send UTF-8"
        return super().insert(text)

    def cleaned(self, text: str) -> str:
        """Return the text without what ends a line, which is no part of a secret."""
        return text.replace("\r", "").replace("\n", "")


class Masked(Prompt):
    """A field that shows a star for each character; `secret` gives what was typed, `clear` forgets it."""

    def __init__(self, id: str, lead: str = "") -> None:
        super().__init__(id, lead)
        self._typed = TypedSecret(most=LONGEST_SECRET)
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
        self._typed = TypedSecret(most=LONGEST_SECRET)
        self._line_ends = False
        self._note = self._refused = ""
        self._ended = False
        self._draw()

    def open(self, text: str = "", lead: str | None = None) -> None:
        """Begin empty, behind these words."""
        super().open("", lead)
        self._typed = TypedSecret(text, LONGEST_SECRET)

    def _edit(self, change: Callable[[Typed], str | None]) -> None:
        """Say it while one types when blanks stand at an end: nobody sees them among stars."""
        super()._edit(change)
        if not self._typed.text:
            self._line_ends = False
        self.note("blanks around it are left out" if self.trimmed else "")

    def _line_of(self, pasted: str) -> str:
        """Return all that was pasted; the blanks around it are seen, and left out by `secret`."""
        self._line_ends = self._line_ends or pasted != pasted.strip("\r\n")
        return pasted

    def _window(self, room: int) -> Line:
        count, place = len(self._typed.text), self._typed.place
        before = STAR * min(place, max(0, room - 1))
        after = STAR * max(0, count - place)
        role = Role.CURSOR if self.has_focus else Role.PLAIN
        return crop(
            (Span(before), Span(after[:1] or " ", role), Span(after[1:])), max(room, cell_len(before)) + 1
        )
