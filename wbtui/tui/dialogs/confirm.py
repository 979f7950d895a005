"""The dialog that asks before anything changes on a server: focus on No, nothing typed ahead counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ItemKey
from wbtui.tui.toolkit.line_view import LineView, ScrolledLines
from wbtui.tui.toolkit.lines import Line, Role, Span, cut_middle, ends, line, wrap
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.toolkit.screens import LEAVING, Dialog

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
class ProposalNews:
    """What happened to a proposal's items since it was opened."""

    changed: Mapping[ItemKey, str]
    """Words on the new state of each item that changed and is still fit."""
    unfit: Mapping[ItemKey, str]
    """Why an item cannot be acted on any more."""


NOTHING_NEW: Final = ProposalNews({}, {})


def still_fit(proposal: Proposal, news: ProposalNews) -> tuple[ItemKey, ...]:
    """Return the keys that yes would act on."""
    return tuple(item.key for item in proposal.items if item.key not in news.unfit)


def head(proposal: Proposal, width: int) -> list[Line]:
    """Return what stands above the items: what will happen, and to which of them."""
    lines = [line(Span(piece, Role.STRONG)) for piece in wrap(proposal.effect, width)]
    return [*lines, *(line(Span(piece, Role.QUIET)) for piece in wrap(proposal.whose, width))]


def items(proposal: Proposal, news: ProposalNews, width: int) -> list[Line]:
    """Return the items, each with its whole state, on as many lines as that takes."""
    lines: list[Line] = []
    for item in proposal.items[:LISTED]:
        lines += _item(item, news, width)
    more = len(proposal.items) - LISTED
    if more > 0:
        lines.append(line(Span(f"  and {more} more", Role.QUIET)))
    return lines


def foot(proposal: Proposal, news: ProposalNews, width: int) -> list[Line]:
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


def _item(item: ProposedItem, news: ProposalNews, width: int) -> list[Line]:
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


Answer = tuple[ItemKey, ...]

WIDEST: Final = 84
"""Cells of the dialog at most, as the style sheet has it."""
SIDES: Final = 4
"""Cells of the border and of the gap within it, on both sides together."""
FRAME: Final = 6
"""Lines of the border, the title, the buttons, and the gaps between them."""


class ConfirmScreen(Dialog[Answer], inherit_bindings=False):
    """Returns the keys to act on, or none; data go on behind it, and `tell` brings what changed.

    `monotonic` gives seconds, for the guard against keys that were typed ahead.
    """

    UNSEEN: ClassVar[frozenset[str]] = LEAVING | {"n", "q"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,escape,q,ctrl+c", "no", show=False),
        Binding("y", "yes", show=False),
        Binding("enter", "press", show=False),
        Binding("left,h,right,l,tab,shift+tab", "other", show=False),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("pagedown,ctrl+d", "move(10)", show=False),
        Binding("pageup,ctrl+u", "move(-10)", show=False),
    ]

    def __init__(self, proposal: Proposal, monotonic: Callable[[], float], *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self._proposal = proposal
        self._monotonic = monotonic
        self._opened = monotonic()
        self._news = NOTHING_NEW
        self._on_yes = False
        self._more = False
        """Whether there are more items than the window shows."""
        self._head = LineView("confirm-title")
        self._above = LineView("confirm-head")
        self._items = ScrolledLines("confirm-items", can_focus=not proposal.word)
        self._below = LineView("confirm-foot")
        self._field = Prompt("confirm-field", f"Type {proposal.word} to confirm: ")
        self._buttons = LineView("confirm-buttons")

    @property
    def proposal(self) -> Proposal:
        """Return what is proposed."""
        return self._proposal

    def compose(self) -> ComposeResult:
        """Yield the words, the field where something has to be typed, and the buttons."""
        with Container(id="confirm-box"):
            yield self._head
            yield self._above
            yield self._items
            yield self._below
            if self._proposal.word:
                yield self._field
            yield self._buttons

    def on_mount(self) -> None:
        """Fill it before it is painted for the first time; the guard begins to run now."""
        self._opened = self._monotonic()
        self.draw()

    def tell(self, news: ProposalNews) -> None:
        """Show what happened to the items meanwhile."""
        if news != self._news:
            self._news = news
            self.draw()

    def draw(self) -> None:
        """Give the items what room is left: the words round them and the buttons always stay in sight."""
        width = max(20, min(WIDEST, self.app.size.width) - SIDES)
        self._head.put([self._title(width)])
        above, below = head(self._proposal, width), foot(self._proposal, self._news, width)
        _put(self._above, above)
        _put(self._below, below)
        listed = items(self._proposal, self._news, width)
        used = FRAME + len(above) + len(below) + bool(self._proposal.word)
        room = max(1, min(len(listed), self.app.size.height - used))
        self._items.styles.height = room
        self._more = len(listed) > room
        self._items.fill(listed)
        self._draw_buttons()
        if self._proposal.word and self.focused is None and self.app.app_focus:
            self.set_focus(self._field)

    def _title(self, width: int) -> Line:
        left = line(Span(self._proposal.title, Role.TITLE))
        return ends(left, line(Span(self._proposal.badge, Role.WRITING)), width)

    def _draw_buttons(self) -> None:
        can = bool(still_fit(self._proposal, self._news))
        shown = buttons(self._proposal, on_yes=self._on_yes, can=can, more=self._more)
        self._buttons.put([shown])

    @property
    def _guarded(self) -> bool:
        return self._monotonic() - self._opened < GUARD_SECONDS

    def action_no(self) -> None:
        """Close without doing anything."""
        self.dismiss(())

    def action_yes(self) -> None:
        """Act, unless the key was typed ahead or a word has to be typed."""
        if not self._guarded and not self._proposal.word:
            self.dismiss(still_fit(self._proposal, self._news))

    def action_press(self) -> None:
        """Press the focused button."""
        if self._on_yes:
            self.action_yes()
        elif not self._guarded:
            self.action_no()

    def action_other(self) -> None:
        """Move the focus to the other button."""
        self._on_yes = not self._on_yes
        self._draw_buttons()

    def action_move(self, distance: int) -> None:
        """Scroll the items."""
        self._items.move(distance)

    def on_prompt_stepped(self, message: Prompt.Stepped) -> None:
        """Scroll the items while one types."""
        message.stop()
        self.action_move(message.distance)

    def on_prompt_finished(self, message: Prompt.Finished) -> None:
        """Act if exactly the word was typed; say what is missing otherwise."""
        message.stop()
        if message.text.strip() == self._proposal.word and not self._guarded:
            self.dismiss(still_fit(self._proposal, self._news))
        else:
            self._field.note(f"not {self._proposal.word}: nothing was done; esc leaves")

    def on_prompt_left(self, message: Prompt.Left) -> None:
        """Close without doing anything."""
        message.stop()
        self.action_no()


def _put(part: LineView, lines: list[Line]) -> None:
    """Give a part as many lines as it has."""
    part.display = bool(lines)
    part.styles.height = max(1, len(lines))
    part.put(lines)
