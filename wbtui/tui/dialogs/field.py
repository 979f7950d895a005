"""A dialog with one field and a line on what was typed into it, where a path is completed by Tab."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from textual.app import ComposeResult
from textual.containers import Container

from wbtui.domain.errors import SourceError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.sanitize import sanitize
from wbtui.files.user_files import typed_path
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Role, Span, line, wrap
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.toolkit.screens import TypingDialog

LOOKED_AT: Final = 20_000
"""Names of a folder that are looked at."""
TOLD: Final = 12
"""Names that are told where several begin so."""


@dataclass(frozen=True, slots=True)
class Completion:
    """The path as far as it can be told, and words where that is not all."""

    text: str
    words: str = ""


def completed(text: str) -> Completion:
    """Return what a typed path can only go on with; reads the folder, so it is to be called in a thread."""
    typed = text.lstrip()
    if typed == "~":
        return Completion("~/")
    folder, slash, begun = typed.rpartition("/")
    lead = f"{folder}{slash}"
    try:
        names = sorted(_names(typed_path(lead), begun))
    except (OSError, SourceError):
        return Completion(text, "there is no such folder")
    if not names:
        return Completion(text, "nothing there begins so")
    common = f"{lead}{os.path.commonprefix(names)}"  # noqa: RUF071 - letters, as shells do
    if len(names) == 1:
        return Completion(common)
    more = f"   and {len(names) - TOLD} more" if len(names) > TOLD else ""
    return Completion(common, "   ".join(names[:TOLD]) + more)


def _names(folder: Path, begun: str) -> Iterator[str]:
    """Yield the names that begin so, folders with a slash; hidden ones only where a dot is typed."""
    with os.scandir(folder) as entries:
        for entry in islice(entries, LOOKED_AT):
            name = entry.name
            hidden = name.startswith(".") and not begun.startswith(".")
            if name.startswith(begun) and name.isprintable() and not hidden:
                yield f"{name}/" if entry.is_dir() else name


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
