"""One line to type into. Its cursor does not blink, and a keystroke sends the changed cells only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from textual import events
from textual.message import Message

from wbtui.domain.credentials import Secret, entered
from wbtui.domain.sanitize import sanitize
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Line, Role, Span, crop, cut, ends, width_of

LONGEST: Final = 500
"""Characters that a field takes unless told otherwise: more makes no filter, name or address."""
GAP: Final = 2
"""Cells between a field on its ground and what is said beside it."""
LONGEST_PATH: Final = 4096
"""That of a field for a path: no system takes longer ones."""


class Typed:
    """The text of a line and the place of its cursor. Pure."""

    def __init__(self, text: str = "", most: int = LONGEST) -> None:
        self.text = text
        self.most = most
        """Characters that there may be."""
        self.place = len(text)
        """Characters before the cursor."""

    def insert(self, text: str) -> str:
        """Put text in at the cursor, whole or not at all; return why not, or nothing."""
        text = self.cleaned(text)
        if len(self.text) + len(text) > self.most:
            return f"too long: this takes {self.most} characters"
        self.text = self.text[: self.place] + text + self.text[self.place :]
        self.place += len(text)
        return ""

    def cleaned(self, text: str) -> str:
        """Return how text stands in the line."""
        return sanitize(text, max(1, len(text)))

    def move(self, place: int) -> None:
        """Put the cursor behind so many characters."""
        self.place = max(0, min(len(self.text), place))

    def erase(self, until: int) -> None:
        """Erase between the cursor and a place."""
        first, last = sorted((self.place, max(0, min(len(self.text), until))))
        self.text = self.text[:first] + self.text[last:]
        self.place = first

    def word_start(self) -> int:
        """Return where the word before the cursor begins."""
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
    """A field: while it has the focus, keys only type, correct, finish or leave.

    With `once` it takes no key after enter or esc until it is opened again, or told to `go_on`. It takes at
    most `most` characters.
    """

    @dataclass
    class Changed(Message):
        """The text is another one now."""

        text: str

    @dataclass
    class Finished(Message):
        """Enter was pressed."""

        text: str

    class Left(Message):
        """The field was left by esc."""

    @dataclass
    class Completing(Message):
        """Tab was pressed: what is typed may be completed."""

        text: str

    @dataclass
    class Stepped(Message):
        """Up or down was pressed, for a list that goes with the field."""

        distance: int

    def __init__(self, id: str, lead: str = "", *, once: bool = False, most: int = LONGEST) -> None:
        super().__init__(id, can_focus=True)
        self._once = once
        self._typed = Typed(most=most)
        self._ended = False
        self._lead = lead
        self._note = ""
        self._refused = ""
        """Why the last text was not taken."""
        self._examples: tuple[str, ...] = ()
        self._cells, self._blank = 0, " "

    @property
    def text(self) -> str:
        """Return what was typed."""
        return self._typed.text

    def open(self, text: str = "", lead: str | None = None) -> None:
        """Begin with this text, behind these words."""
        self._typed = Typed(text, self._typed.most)
        self._refused = ""
        self._ended = False
        self._lead = self._lead if lead is None else lead
        self._draw()

    def go_on(self) -> None:
        """Take keys again after enter: what was typed is to be mended."""
        self._ended = False

    def note(self, words: str) -> None:
        """Say something at the right end of the line."""
        self._note = words
        self._draw()

    def refuse(self, why: str) -> None:
        """Say why a text was not taken, until something is typed."""
        self._refused = why
        self._draw()

    def example(self, words: str, *shorter: str) -> None:
        """Say something beside what is typed for as long as that is nothing; `shorter` where it is narrow."""
        self._examples = (words, *shorter)
        self._draw()

    def ground(self, cells: int, blank: str = " ") -> None:
        """Show where the field is, also while it is empty: so many cells, and more for a longer text.

        What is said stands right behind it. `blank` is what an empty cell shows.
        """
        self._cells, self._blank = cells, blank
        self._draw()

    def on_key(self, event: events.Key) -> None:
        """Take every key: none of them acts on anything but the field."""
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
        """Put in what was pasted: all of it, or nothing."""
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
        """Show the end that is typed at in the new width."""
        self._draw()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show the cursor, or show it no more; `on_focus` and `on_blur` come before the value has changed."""
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
        """Return what stands beside the text, in its longest form that there is room for."""
        if self._refused or self._note:
            return self._refused or self._note
        examples = () if self._typed.text else self._examples
        return next((each for each in examples if cell_len(each) <= room), "".join(examples[-1:]))

    def _grounded(self, width: int) -> Line:
        """Return the field on its ground, and what is said right behind it."""
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
        """Return the part of the text round the cursor that fits, with the cursor as a cell of its own."""
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
