"""What a confirm dialog proposes, and the lines it is drawn with. Pure.

The items are frozen by key when the dialog opens: what happens to them meanwhile is flagged, and one that
became unfit is left out and said so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from wbtui.domain.model import ItemKey
from wbtui.tui.toolkit.lines import Line, Role, Span, cut_middle, line, wrap

TYPED_FROM: Final = 10
"""So many items or more, and their number has to be typed."""
LISTED: Final = 500
"""Items named at most; the others are counted."""
ONE_BY_ONE: Final = 6
"""More languages of a file than this are told by state: "Ready fr, de, es; Error ja"."""
GUARD_SECONDS: Final = 0.3
"""Keys count only after the dialog has been open so long, so that none typed ahead confirms it."""


@dataclass(frozen=True, slots=True)
class ProposedItem:
    """One item of a proposal, with words on its present state."""

    key: ItemKey
    name: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An action that changes something on a server, put so that one can say yes or no to it."""

    title: str
    badge: str
    """Profile and its mode, such as "acme-prod [RW]"."""
    effect: str
    """What will happen, with the numbers: "Delete the source of 2 files in Beebox. ALL languages stop."."""
    items: tuple[ProposedItem, ...]
    yes: str
    """The words of the button that acts, such as "Yes, delete 2"."""
    no: str = "No, keep"
    whose: str = ""
    """Which items these are: the marked ones, or the one under the cursor."""
    caution: str = ""
    left_out: tuple[str, ...] = ()
    """Sentences on what was asked for and cannot be done."""
    word: str = ""
    """What must be typed instead of pressing a key; empty for a plain yes or no."""


def word_to_type(count: int, profile: str, *, danger: bool) -> str:
    """Return what must be typed to confirm: the profile's name where it is dangerous, else a large number."""
    if danger:
        return profile
    return str(count) if count >= TYPED_FROM else ""


@dataclass(frozen=True, slots=True)
class News:
    """What happened to a proposal's items since it was opened."""

    changed: Mapping[ItemKey, str]
    """Words on the new state of each item that changed and is still fit."""
    unfit: Mapping[ItemKey, str]
    """Why an item cannot be acted on any more."""


NOTHING_NEW: Final = News({}, {})


def still_fit(proposal: Proposal, news: News) -> tuple[ItemKey, ...]:
    """Return the keys that yes would act on."""
    return tuple(item.key for item in proposal.items if item.key not in news.unfit)


def head(proposal: Proposal, width: int) -> list[Line]:
    """Return what stands above the items: what will happen, and to which of them."""
    lines = [line(Span(piece, Role.STRONG)) for piece in wrap(proposal.effect, width)]
    return [*lines, *(line(Span(piece, Role.QUIET)) for piece in wrap(proposal.whose, width))]


def items(proposal: Proposal, news: News, width: int) -> list[Line]:
    """Return the items, each with its whole state, on as many lines as that takes."""
    lines: list[Line] = []
    for item in proposal.items[:LISTED]:
        lines += _item(item, news, width)
    more = len(proposal.items) - LISTED
    if more > 0:
        lines.append(line(Span(f"  and {more} more", Role.QUIET)))
    return lines


def foot(proposal: Proposal, news: News, width: int) -> list[Line]:
    """Return what stands below the items: what is left out, and what to beware of."""
    lines: list[Line] = []
    for sentence in proposal.left_out:
        lines += [line(Span(piece, Role.WARN)) for piece in wrap(sentence, width)]
    lost = len(proposal.items) - len(still_fit(proposal, news))
    if lost:
        lines.append(line(Span(f"{lost} no longer fit for this: left out", Role.WARN)))
    for piece in wrap(proposal.caution, width) if proposal.caution else ():
        lines.append(line(Span(piece, Role.WARN)))
    return lines


def _item(item: ProposedItem, news: News, width: int) -> list[Line]:
    name = cut_middle(item.name, max(10, width // 2))
    if item.key in news.unfit:
        return _told(Span(name, Role.QUIET), f"left out: {news.unfit[item.key]}", Role.WARN, width)
    told = _told(Span(name), item.state, Role.QUIET, width)
    if item.key in news.changed:
        words = f"{news.changed[item.key]} (changed just now)"
        told += [line(Span(f"    {piece}", Role.WARN)) for piece in wrap(words, max(8, width - 4))]
    return told


def _told(name: Span, words: str, role: Role, width: int) -> list[Line]:
    """Return a name with words behind it, or below it where they are too long for one line."""
    if cell_len(name.text) + cell_len(words) + 4 <= width:
        return [line("  ", name, Span(f"  {words}" if words else "", role))]
    pieces = wrap(words, max(8, width - 4))
    return [line("  ", name), *(line(Span(f"    {piece}", role)) for piece in pieces)]


def buttons(proposal: Proposal, *, on_yes: bool, can: bool, more: bool = False) -> Line:
    """Return the line of buttons; the focused one is marked by a sign and not by colour alone.

    With `more` there are items beyond the window, which has to be said: yes is about those, too.
    """
    no, yes = f"[ {proposal.no} ]", f"[ {proposal.yes} ]"
    parts: Sequence[str | Span] = (
        Span(f"{' ' if on_yes else '>'} {no}", Role.PLAIN if on_yes else Role.CURSOR),
        "    ",
        Span(f"{'>' if on_yes else ' '} {yes}", _yes_role(on_yes=on_yes, can=can)),
        Span(f"     {'esc: no' if proposal.word else 'y / n / esc'}", Role.QUIET),
        Span(f"   {'Up Down' if proposal.word else 'j k'}: more items" if more else "", Role.KEY),
    )
    return line(*parts)


def _yes_role(*, on_yes: bool, can: bool) -> Role:
    if not can:
        return Role.QUIET
    return Role.CURSOR if on_yes else Role.PLAIN
