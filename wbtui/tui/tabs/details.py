"""An item in full: what it is, why it is so, what was seen of it, and what could be done to it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.offers import Allowed, Offer, Offers, Refused
from wbtui.domain.snapshot import Event
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.detail_fields import field_lines, heading
from wbtui.tui.tabs.glyphs import style_of
from wbtui.tui.tabs.row import Cell, Row
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit import times
from wbtui.tui.toolkit.lines import Line, Role, Span, crop, cut, line, wrap

HISTORY = 8
"""Events of an item that are shown."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything the details say of one row besides itself."""

    tab: TabSpec
    row: Row
    offers: Offers | None = None
    siblings: Sequence[Cell] = ()
    """The same file in its other languages."""
    history: Sequence[Event] = ()
    """Events about it, oldest first."""
    bell: bool = False
    """Whether the user is told when it is done."""
    marked: int = 0
    """Marked items: while there are any, the keys act on them."""


def details(subject: Subject, context: Context, width: int) -> list[Line]:
    """Return all lines for a pane of that width."""
    lines: list[Line] = []
    for field in subject.tab.details(subject.row, context, width):
        lines.extend(field_lines(field, width))
    lines += subject.tab.sections(subject.row, context, width)
    lines += siblings_lines("Other languages", subject.siblings, width)
    lines += history_lines(subject.history, context, width)
    lines += _actions(subject, width)
    return [crop(each, width) for each in lines]


def brief(subject: Subject, context: Context, width: int) -> list[Line]:
    """Return the two lines for a small screen: why it is so, and what T and X would do."""
    row = subject.row
    if isinstance(row, Event):
        return [line(f" {piece}") for piece in wrap(row.text, width - 2)[:2]]
    style, ellipsis = style_of(row), context.drawing.ellipsis
    said = "  ".join(filter(None, (each.brief_text for each in subject.tab.details(row, context, 200))))
    first = line(" ", Span(f"{style.glyph} {style.word}", style.role), f"  {said}")
    lines = [crop((*first[:-1], Span(cut(first[-1].text, width - 16, ellipsis))), width)]
    if subject.offers is not None and subject.marked:
        lines += marked_lines(subject.marked, width)[:1]
    elif subject.offers is not None:
        half = (width - 4) // 2
        retry = cut(f"T {offer_words(subject.offers.retry)}", half, ellipsis)
        cancel = cut(f"X {offer_words(subject.offers.cancel)}", half, ellipsis)
        lines.append(line(Span(f" {retry:<{half}}  {cancel}", Role.QUIET)))
    return lines


def offer_words(offer: Offer) -> str:
    """Return what a key would do, or why it does nothing."""
    if isinstance(offer, Allowed):
        return offer.warning or "possible"
    return f"off: {offer.reason}" + (f"; {offer.instead}" if offer.instead else "")


def _telling(subject: Subject) -> Offer:
    if subject.bell:
        return Allowed("on: rings when it is done")
    if isinstance(subject.row, Event) or subject.row.awaited:
        return Allowed()
    return Refused("it is done already")


def siblings_lines(head: str, siblings: Sequence[Cell], width: int) -> list[Line]:
    """Return the languages with their states, as many on a line as there is room for."""
    if not siblings:
        return []
    lines = heading(head)
    widest = max(cell_len(item.locale) for item in siblings)
    current: list[Span] = [Span("  ")]
    for item in siblings:
        style = style_of(item)
        name = Span(item.locale + " " * (widest + 1 - cell_len(item.locale)))
        entry = (name, Span(f"{style.glyph} {style.word:<12}", style.role))
        if sum(len(span.text) for span in (*current, *entry)) > width and len(current) > 1:
            lines.append(tuple(current))
            current = [Span("  ")]
        current.extend(entry)
    return [*lines, tuple(current)]


def history_lines(events: Sequence[Event], context: Context, width: int) -> list[Line]:
    """Return what was seen of it, the last at the end; that there was more is said."""
    if not events:
        return []
    last = f", the last {HISTORY}" if len(events) > HISTORY else ""
    lines = heading(f"History (seen by wbtui{last})")
    for event in events[-HISTORY:]:
        time = times.near(event.until or event.at, context.at, context.zone)
        for index, piece in enumerate(wrap(event.text, max(8, width - 14))):
            lines.append(line(Span(f"  {'' if index else time:<11} ", Role.QUIET), piece))
    return lines


def _actions(subject: Subject, width: int) -> list[Line]:
    offers = subject.offers
    if offers is None:
        return []
    lines = heading("Actions")
    if subject.marked:
        return lines + marked_lines(subject.marked, width)
    named = (
        ("d download", offers.download),
        ("P other file", offers.other),
        ("T try again", offers.retry),
        ("X cancel", offers.cancel),
        ("b tell me", _telling(subject)),
    )
    for name, offer in named:
        lines += action_lines(name, (offer_words(offer), isinstance(offer, Allowed)), width)
    return lines


def action_lines(name: str, told: tuple[str, bool], width: int) -> list[Line]:
    """Return what a key does, wrapped; quietly if it does nothing."""
    words, can = told
    role = Role.PLAIN if can else Role.QUIET
    pieces = wrap(words, max(8, width - 16))
    return [
        line(Span(f"  {'' if index else name:<13} ", role), Span(piece, role))
        for index, piece in enumerate(pieces)
    ]


def marked_lines(count: int, width: int) -> list[Line]:
    """Return that the keys act on the marked items, and not on the row that the details are of."""
    words = f"{count} marked: the keys act on what is marked, not on this row; u takes the marks away"
    return [line(Span(f" {piece}", Role.WARN)) for piece in wrap(words, max(8, width - 2))]
