"""A line of the details: a name and what is said under it, as the tabs build them and the pane shows them."""

from __future__ import annotations

from datetime import datetime

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import Item
from wbtui.tui.tabs.column import Context
from wbtui.tui.toolkit import times
from wbtui.tui.toolkit.lines import Line, Role, Span, line, wrap

LABEL = 10
"""Width of the column of names."""


@dataclass(frozen=True, slots=True)
class DetailField:
    """A name and what is said under it; `line` instead of `text` where it is drawn."""

    name: str
    text: str = ""
    role: Role = Role.PLAIN
    line: Line = ()
    brief: bool = False
    """Whether the two lines for a small screen say it, too."""
    named: bool = False
    """Whether they say its name before it."""

    @property
    def brief_text(self) -> str:
        """Return what the lines for a small screen say of it, or nothing."""
        if not self.brief or not self.text:
            return ""
        return f"{self.name.lower()} {self.text}" if self.named else self.text


def field_lines(field: DetailField, width: int) -> list[Line]:
    """Return a field's name and words, wrapped; nothing if there are no words."""
    name = Span(f"{field.name:<{LABEL - 1}} ", Role.QUIET)
    if field.line:
        return [(name, *field.line)]
    if not field.text:
        return []
    label = len(name.text)
    pieces = wrap(field.text, max(8, width - label))
    blank = Span(" " * label)
    return [(blank if index else name, Span(piece, field.role)) for index, piece in enumerate(pieces)]


def heading(text: str) -> list[Line]:
    """Return the head of a section, with the blank line before it."""
    return [(), line(Span(text, Role.HEAD))]


def date_field(name: str, when: object, context: Context) -> DetailField:
    """Return a date with its age; no words if it is not known."""
    if isinstance(when, datetime):
        moment = times.full(when, context.at, context.zone)
        return DetailField(name, f"{moment}  {ago(times.age_of(when, context.at))}")
    return DetailField(name, f"{when}" if when else "")


def read_field(row: Item, context: Context) -> DetailField:
    """Return when an item was last read."""
    return DetailField("Read", times.clock(context.read_times.of(row), context.zone))


def ago(age: str) -> str:
    """Return an age as a sentence says it."""
    return "just now" if age == "now" else f"{age} ago"
