"""The list of profiles, from which another one is taken; drawn from the configuration alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.setup import ProfileLine
from wbtui.tui.tabs.glyphs import drawing
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Line, Role, Span, cut, in_role, line, pad, width_of
from wbtui.tui.toolkit.screens import LEAVING, Dialog

HEAD = 2
FOOT = 2
DANGER = "[DANGER]"


def badge_role(color: str) -> Role:
    """Return the role in which a profile's name is drawn."""
    return Role(f"badge-{color}") if color else Role.TITLE


@dataclass(frozen=True, slots=True)
class Widths:
    """The cells that the columns of a list of profiles take."""

    name: int
    writes: int
    danger: int


def widths_of(profiles: Sequence[ProfileLine]) -> Widths:
    """Return what the longest of each column needs; no column for a danger that no profile has."""
    return Widths(
        max((cell_len(each.name) for each in profiles), default=0),
        max((len(_writes(each)) for each in profiles), default=0),
        len(DANGER) if any(each.danger for each in profiles) else 0,
    )


def _writes(each: ProfileLine) -> str:
    return "[READ-ONLY]" if each.read_only else "[RW]"


def profile_line(
    each: ProfileLine, columns: Widths, width: int, ellipsis: str, *, chosen: bool, present: bool
) -> Line:
    """Return a profile as a line: its name in its colour, what may be done, and its services."""
    role = Role.READ_ONLY if each.read_only else Role.WRITING
    spans = line(
        Span(f"{'>' if chosen else ' '} {'*' if present else ' '} ", Role.KEY),
        *pad(line(Span(each.name, badge_role(each.color))), columns.name),
        Span("  "),
        *pad(line(Span(_writes(each), role)), columns.writes),
        Span("  "),
        *pad(line(Span(DANGER if each.danger else "", Role.BAD), Span("  ")), columns.danger + 2),
    )
    room = max(0, width - width_of(spans))
    services = cut(", ".join(each.services) or "no service", room, ellipsis)
    padded = pad((*spans, Span(services, Role.QUIET)), width)
    return in_role(padded, Role.CURSOR) if chosen else padded


class ProfilesScreen(Dialog[str | None], inherit_bindings=False):
    """Returns the name of the profile that was taken, or None if it was left or is the present one."""

    UNSEEN: ClassVar[frozenset[str]] = LEAVING | {"q", "C"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("g,home", "move(-10000)", show=False),
        Binding("G,end", "move(10000)", show=False),
        Binding("enter", "take", show=False),
        Binding("escape,q,C,ctrl+c", "leave", show=False),
    ]

    def __init__(self, profiles: Sequence[ProfileLine], present: str, *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self._profiles = tuple(profiles)
        self._present = present
        self._ellipsis = drawing(ascii_only).ellipsis
        names = [each.name for each in self._profiles]
        self._place = names.index(present) if present in names else 0
        self._list = LineView("profiles-list", can_focus=True)
        self._list.styles.height = len(self._profiles) + HEAD + FOOT

    def compose(self) -> ComposeResult:
        """Yield the list."""
        with Container(id="profiles-box"):
            yield self._list

    def on_mount(self) -> None:
        """Give the keys to the list."""
        self.set_focus(self._list)

    def draw(self) -> None:
        """Draw the part of the list that there is room for."""
        width, height = self._list.size
        columns = widths_of(self._profiles)
        room = max(1, height - HEAD - FOOT)
        top = max(0, min(self._place - room + 1, len(self._profiles) - room))
        lines = [
            profile_line(
                each,
                columns,
                width,
                self._ellipsis,
                chosen=number == self._place,
                present=each.name == self._present,
            )
            for number, each in enumerate(self._profiles)
        ]
        foot = line(Span("enter takes it, esc leaves; * is shown now", Role.QUIET))
        self._list.put([line(Span("Profiles", Role.TITLE)), (), *lines[top : top + room], (), foot])

    def action_move(self, distance: int) -> None:
        """Move the cursor."""
        self._place = max(0, min(len(self._profiles) - 1, self._place + distance))
        self.draw()

    def action_take(self) -> None:
        """Take the profile under the cursor."""
        name = self._profiles[self._place].name if self._profiles else self._present
        self.dismiss(None if name == self._present else name)

    def action_leave(self) -> None:
        """Stay with the present one."""
        self.dismiss(None)
