"""One-line text fields. The cursor does not blink, and a keystroke repaints the changed cells only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rich.cells import cell_len
from textual import events
from textual.message import Message

from wbtui.domain.credentials import Secret, entered
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.sanitize import sanitize
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Line, Role, Span, crop, cut, ends, width_of

LONGEST: Final = 500
"""The default limit in characters: longer than any filter, name or address."""
GAP: Final = 2
"""Cells between a field with a background and the note beside it."""
LONGEST_PATH: Final = 4096
"""The limit of a field for a path: no system takes longer ones."""


class Typed:
    """A text and the position of its cursor. Pure."""

    def __init__(self, text: str = "", most: int = LONGEST) -> None:
        self.text = text
        self.most = most
        """The limit in characters."""
        self.place = len(text)
        """Characters before the cursor."""

    def insert(self, text: str) -> str:
        """Insert text at the cursor, whole or not at all; return why not, or an empty text."""
        text = self.cleaned(text)
        if len(self.text) + len(text) > self.most:
            return f"too long: this takes {self.most} characters"
        self.text = self.text[: self.place] + text + self.text[self.place :]
        self.place += len(text)
        return ""

    def cleaned(self, text: str) -> str:
        """Return the text as it is kept."""
        return sanitize(text, max(1, len(text)))

    def move(self, place: int) -> None:
        """Move the cursor behind so many characters."""
        self.place = max(0, min(len(self.text), place))

    def erase(self, until: int) -> None:
        """Erase between the cursor and a position."""
        first, last = sorted((self.place, max(0, min(len(self.text), until))))
        self.text = self.text[:first] + self.text[last:]
        self.place = first

    def word_start(self) -> int:
        """Return the position of the start of the word before the cursor."""
        before = self.text[: self.place].rstrip()
        return before.rfind(" ") + 1


_EDITING: dict[str, Callable[[Typed], None]] = {
    "left": lambda typed: typed.move(typed.place - 1),
    "right": lambda typed: typed.move(typed.place + 1),
    "home": lambda typed: typed.move(0),
    "ctrl+a": lambda typed: typed.move(0),
    "end": lambda typed: typed.move(len(typed.text)),
    "ctrl+e": lambda typed: typed.move(len(typed.text)),
    "backspace": lambda typed: typed.erase(typed.place - 1),
    "ctrl+h": lambda typed: typed.erase(typed.place - 1),
    "delete": lambda typed: typed.erase(typed.place + 1),
    "ctrl+u": lambda typed: typed.erase(0),
    "ctrl+k": lambda typed: typed.erase(len(typed.text)),
    "ctrl+w": lambda typed: typed.erase(typed.word_start()),
}

_STEPS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "ctrl+p": -1, "ctrl+n": 1}


class Prompt(LineView):
    """A text field: while it has the focus, keys only type, edit, finish or leave.

    With `once` it ignores keys after enter or esc until `open` or `go_on` is called. It holds at most `most`
    characters.
    """

    @dataclass
    class Changed(Message):
        """The text has changed."""

        text: str

    @dataclass
    class Finished(Message):
        """Enter was pressed."""

        text: str

    class Left(Message):
        """Esc was pressed."""

    @dataclass
    class Completing(Message):
        """Tab was pressed, to complete the text."""

        text: str

    @dataclass
    class Stepped(Message):
        """Up or down was pressed, for a list beside the field."""

        distance: int

    def __init__(self, id: str, lead: str = "", *, once: bool = False, most: int = LONGEST) -> None:
        super().__init__(id, can_focus=True)
        self._once = once
        self._typed = Typed(most=most)
        self._ended = False
        self._lead = lead
        self._note = ""
        self._refused = ""
        """Why the last text was refused."""
        self._examples: tuple[str, ...] = ()
        self._cells, self._blank = 0, " "

    @property
    def text(self) -> str:
        """Return what was typed."""
        return self._typed.text

    def open(self, text: str = "", lead: str | None = None) -> None:
        """Start with this text, behind the words of `lead`."""
        self._typed = Typed(text, self._typed.most)
        self._refused = ""
        self._ended = False
        self._lead = self._lead if lead is None else lead
        self._draw()

    def go_on(self) -> None:
        """Take keys again after enter, so that the text can be corrected."""
        self._ended = False

    def note(self, words: str) -> None:
        """Show a note at the right end of the line."""
        self._note = words
        self._draw()

    def refuse(self, why: str) -> None:
        """Show why a text was refused, until something is typed."""
        self._refused = why
        self._draw()

    def example(self, words: str, *shorter: str) -> None:
        """Show an example while the text is empty; one of `shorter` where the line is narrow."""
        self._examples = (words, *shorter)
        self._draw()

    def ground(self, cells: int, blank: str = " ") -> None:
        """Show a background of so many cells, also while the field is empty, and of more for a longer text.

        Notes are shown right behind it. `blank` is the character of an empty cell.
        """
        self._cells, self._blank = cells, blank
        self._draw()

    def on_key(self, event: events.Key) -> None:
        """Handle every key: none acts on anything but the field."""
        event.stop()
        event.prevent_default()
        if self._ended:
            return
        if event.key in {"escape", "ctrl+c"}:
            self._ended = self._once
            self.post_message(self.Left())
        elif event.key == "enter":
            self._ended = self._once
            self.post_message(self.Finished(self.text))
        elif event.key == "tab":
            self.post_message(self.Completing(self.text))
        elif event.key in _STEPS:
            self.post_message(self.Stepped(_STEPS[event.key]))
        elif event.key in _EDITING:
            self._edit(_EDITING[event.key])
        elif event.character is not None and event.is_printable:
            self._insert(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Insert what was pasted: all of it, or nothing."""
        event.stop()
        event.prevent_default()
        self._insert(self._line_of(event.text))

    def _line_of(self, pasted: str) -> str:
        """Return what was pasted as one line."""
        return " ".join(pasted.split())

    def _insert(self, text: str) -> None:
        self._edit(lambda typed: typed.insert(text))

    def _edit(self, change: Callable[[Typed], str | None]) -> None:
        before = self._typed.text
        self._refused = change(self._typed) or ""
        self._draw()
        if self._typed.text != before:
            self.post_message(self.Changed(self.text))

    def on_resize(self) -> None:
        """Show the part around the cursor in the new width."""
        self._draw()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show or hide the cursor; `on_focus` and `on_blur` come before the value has changed."""
        super().watch_has_focus(has_focus)
        self._draw()

    def _draw(self) -> None:
        width = self.size.width
        if width < 1:
            return
        lead: Line = (Span(self._lead, Role.KEY),)
        if self._cells:
            self.put([(*lead, *self._grounded(width - width_of(lead)))])
            return
        words = self._said(width)
        note: Line = (Span(f"{words} ", Role.QUIET),) if words else ()
        room = width - width_of(note) - width_of(lead) - 2
        self.put([ends((*lead, *self._window(max(4, room))), note, width)])

    def _said(self, room: int) -> str:
        """Return the note beside the text, in the longest form that fits."""
        if self._refused or self._note:
            return self._refused or self._note
        examples = () if self._typed.text else self._examples
        return next((each for each in examples if cell_len(each) <= room), "".join(examples[-1:]))

    def _grounded(self, width: int) -> Line:
        """Return the field with its background, and the note right behind it."""
        said = self._said(width - self._cells - GAP)
        cells = min(self._cells, width)
        room = width - (min(cell_len(said), width - cells - GAP) + GAP if said else 0)
        cells = max(cells, min(room, cell_len(self._typed.text) + 2))
        typed = self._window(cells - 1)
        if not self.has_focus and typed[-1:] == (Span(" "),):  # where the cursor would be
            typed = typed[:-1]
        blank = Span(self._blank * (cells - width_of(typed)), Role.FIELD)
        field = (Span(text, Role.FIELD if role is Role.PLAIN else role) for text, role in (*typed, blank))
        beside = Span(cut(said, width - cells - GAP), Role.QUIET)
        return (*field, Span(" " * GAP), beside) if said else tuple(field)

    def _window(self, room: int) -> Line:
        """Return the part of the text around the cursor that fits, with the cursor as one cell."""
        near = 4 * room  # a cell may hold a letter and its marks
        place = self._typed.place
        before, after = self.text[max(0, place - near) : place], self.text[place : place + near]
        while cell_len(before) >= room:
            before = before[1:]
        under = after[:1] or " "
        role = Role.CURSOR if self.has_focus else Role.PLAIN
        return crop((Span(before), Span(under, role), Span(after[1:])), room + 1)


STAR = "*"
LONGEST_SECRET = 4000
"""Characters: keys that are tokens have up to some thousand."""
NOT_UTF8 = "\ufffd"


class TypedSecret(Typed):
    """A secret text: kept as it was typed, since a password may have any character."""

    def insert(self, text: str) -> str:
        """Insert text at the cursor; refuse replacement characters, which would go unnoticed among stars."""
        if NOT_UTF8 in text:
            return "not taken: the terminal did not send UTF-8"
        return super().insert(text)

    def cleaned(self, text: str) -> str:
        """Return the text without line ends, which are not part of a secret."""
        return text.replace("\r", "").replace("\n", "")


class Masked(Prompt):
    """A field that shows a star for each character; `secret` gives what was typed, `clear` forgets it."""

    def __init__(self, id: str, lead: str = "") -> None:
        super().__init__(id, lead)
        self._typed = TypedSecret(most=LONGEST_SECRET)
        self._line_ends = False

    @property
    def text(self) -> str:
        """Return an empty text: the messages of a field carry this."""
        return ""

    @property
    def secret(self) -> Secret:
        """Return what was typed, without the blanks around it."""
        return entered(self._typed.text)[0]

    @property
    def trimmed(self) -> bool:
        """Return whether blanks or line ends around the secret are left out."""
        return self._line_ends or entered(self._typed.text)[1]

    def clear(self) -> None:
        """Forget what was typed, and take keys again."""
        self._typed = TypedSecret(most=LONGEST_SECRET)
        self._line_ends = False
        self._note = self._refused = ""
        self._ended = False
        self._draw()

    def open(self, text: str = "", lead: str | None = None) -> None:
        """Start empty, behind the words of `lead`."""
        super().open("", lead)
        self._typed = TypedSecret(text, LONGEST_SECRET)

    def _edit(self, change: Callable[[Typed], str | None]) -> None:
        """Note while one types that blanks at an end are left out: among stars they cannot be seen."""
        super()._edit(change)
        if not self._typed.text:
            self._line_ends = False
        self.note("blanks around it are left out" if self.trimmed else "")

    def _line_of(self, pasted: str) -> str:
        """Return the paste unchanged; blanks around it are noted, and left out by `secret`."""
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
