"""The pane of details: beside the table, below it, or on the full screen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias

from textual.message import Message

from wbtui.domain.model import Action, ItemKey
from wbtui.domain.offers import offers
from wbtui.domain.snapshot import Event, Snapshot
from wbtui.tui.layout import DetailsPlace
from wbtui.tui.matrix import FolderRow, Group
from wbtui.tui.tabs import details, row_details
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.details import HISTORY, Subject
from wbtui.tui.tabs.row import Cell, Row, row_key
from wbtui.tui.tabs.row_details import WholeRow
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.line_view import ScrolledLines
from wbtui.tui.toolkit.lines import Line, Role, Span, behind, crop, cut_middle, ends, pad, width_of

LEAST = 20
"""Narrower than this nothing is shown: the pane is hidden, or has not got its size yet."""

BRIEF = 4
"""With fewer lines than this below the divider, only the brief form is shown."""


UNWRAPPED = 4000
"""Cells of a line that is not wrapped."""

STRIDE = 8
"""Cells by which such lines are moved."""


AnySubject: TypeAlias = Subject | WholeRow


def _details(subject: AnySubject, context: Context, width: int) -> list[Line]:
    if isinstance(subject, WholeRow):
        return row_details.details(subject, context, width)
    return details.details(subject, context, width)


def _brief(subject: AnySubject, context: Context, width: int) -> list[Line]:
    if isinstance(subject, WholeRow):
        return row_details.brief(subject, context, width)
    return details.brief(subject, context, width)


def _title(subject: AnySubject) -> str:
    if isinstance(subject, WholeRow):
        return row_details.title(subject)
    return subject.tab.title(subject.row)


def _entered(subject: AnySubject) -> str:
    """Return what enter in the table leads to."""
    if isinstance(subject, WholeRow):
        return "open" if isinstance(subject.row, FolderRow) else "all"
    return "its item" if isinstance(subject.row, Event) and subject.row.key is not None else "all"


class DetailsPane(ScrolledLines):
    """Shows one subject; keeps its place in the text while the subject stays the same."""

    class Outdated(Message):
        """The pane has another size or focus, and needs its subject again."""

    def __init__(self, id: str) -> None:
        super().__init__(id, fixed=1)
        self.place = DetailsPlace.RIGHT
        self.full = False
        self.wrapped = True
        """Whether long lines are broken; else they are cut, and scrolled sideways."""
        self._shift = 0
        self._key: object = None

    def show(self, subject: AnySubject | None, key: object, context: Context | None) -> None:
        """Show the subject, from its start if it is another one; nothing for None."""
        rewind = key != self._key
        self._key = key
        if subject is None or context is None or self.size.width < LEAST:
            edge = [self._edge((), context)] * self.size.height
            self.fill(edge if self.place is DetailsPlace.RIGHT else [], rewind=True)
            return
        self.fill(self._drawn(subject, context), rewind=rewind)

    def _drawn(self, subject: AnySubject, context: Context) -> list[Line]:
        width, height = self.size
        if self.place is DetailsPlace.BELOW and not self.full:
            short = height < BRIEF
            body = (_brief if short else _details)(subject, context, width - 2)
            indent = 0 if short else 1
            return [self._divider(subject, context), *((Span(" " * indent), *each) for each in body)]
        edge = 2 if self.place is DetailsPlace.RIGHT and not self.full else 1
        body = self._body(subject, context, width - edge - 2)
        heading = self._heading(subject, context, width - edge - 1)
        lines = [heading, (), *body] if height > BRIEF * 2 else [heading, *body]
        lines += [()] * max(0, height - len(lines))
        return [self._edge(each, context) for each in lines]

    def _body(self, subject: AnySubject, context: Context, width: int) -> list[Line]:
        """Return the lines wrapped to the width, or whole and moved along."""
        if self.wrapped:
            self._shift = 0
            return _details(subject, context, width)
        lines = _details(subject, context, UNWRAPPED)
        self._shift = max(0, min(self._shift, max(map(width_of, lines), default=0) - width))
        return [crop(behind(each, self._shift), width) for each in lines]

    def sideways(self, distance: int) -> None:
        """Move along lines that are not wrapped."""
        if not self.wrapped:
            self._shift += distance * STRIDE
            self.post_message(self.Outdated())

    def _edge(self, spans: Line, context: Context | None) -> Line:
        """Return the line behind the pane's left edge; a pane that fills the screen has none."""
        if self.full or self.place is not DetailsPlace.RIGHT:
            return (Span(" "), *spans)
        down = context.drawing.down if context is not None else " "
        return (Span(down, Role.RULE), Span(" "), *spans)

    def _heading(self, subject: AnySubject, context: Context, width: int) -> Line:
        mark = "> " if self.has_focus else ""
        hint = "esc back" if self.full else "f full screen"
        left = (Span(f"{mark}Details", Role.HEAD),)
        if self.full:
            name = cut_middle(_title(subject), width - 24, context.drawing.ellipsis)
            left = (Span(f"{mark}{name}", Role.HEAD),)
        return ends(left, (Span(f"{hint} ", Role.QUIET),), width)

    def _divider(self, subject: AnySubject, context: Context) -> Line:
        across = context.drawing.across
        hint = f" enter: {_entered(subject)} " if not self.has_focus else " enter: full screen "
        width = self.size.width
        name = cut_middle(_title(subject), width - len(hint) - 8, context.drawing.ellipsis)
        left: Line = (Span(across * 2 + " ", Role.RULE), Span(name, Role.STRONG), Span(" "))
        room = width - width_of(left) - len(hint) - 2
        end = (Span(across * room, Role.RULE), Span(hint, Role.QUIET), Span(across * 2, Role.RULE))
        return pad((*left, *end), width)

    def on_resize(self) -> None:
        """Ask for the subject again, since everything is wrapped to the width."""
        self.post_message(self.Outdated())

    def on_focus(self) -> None:
        """Show that the keys move this pane now."""
        self.post_message(self.Outdated())

    def on_blur(self) -> None:
        """Show that they do not any more."""
        self.post_message(self.Outdated())


_TO_THE_SOURCE = tuple(f"{each.value}: " for each in (Action.RETRY, Action.CANCEL))


def subject(
    tab: TabSpec, row: Row, siblings: Sequence[Cell], snapshot: Snapshot, *, marked: int = 0
) -> Subject:
    """Return all that the details say of a row of a tab; `siblings` are its other languages."""
    if isinstance(row, Event):
        return Subject(tab, row)
    key = row_key(row)
    languages = {item.key for item in siblings}
    return Subject(
        tab,
        row,
        offers(row, read_only=snapshot.read_only),
        siblings,
        _history(snapshot.events, {key}, languages),
        bell=key in snapshot.alerts_on,
        marked=marked,
    )


def whole_row(
    tab: TabSpec,
    row: Group | FolderRow,
    snapshot: Snapshot,
    *,
    marked: int = 0,
    so_far: bool = False,
    locale: str | None = None,
) -> WholeRow:
    """Return all that the details say of a whole row of a matrix."""
    keys = {cell.key for cell in row.cells.values()} if isinstance(row, Group) else set()
    return WholeRow(
        tab,
        row,
        read_only=snapshot.read_only,
        history=_history(snapshot.events, keys) if keys else (),
        bells=len(keys & snapshot.alerts_on),
        marked=marked,
        so_far=so_far,
        locale=locale,
    )


def _history(
    events: Sequence[Event], keys: Collection[ItemKey | None], languages: Collection[ItemKey | None] = ()
) -> tuple[Event, ...]:
    """Return the last events about these items, oldest first; one more than is shown, if there are more.

    Of other `languages` of a file only what was done to the source of all of them.
    """
    found: list[Event] = []
    for event in reversed(events):
        if event.key in keys or (event.key in languages and event.text.startswith(_TO_THE_SOURCE)):
            found.append(event)
        if len(found) > HISTORY:
            break
    return tuple(reversed(found))
