"""The one table of actions: bindings, key line, help and manual are made from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.binding import Binding

from wbtui.ui.tabs import TABS, Tab

EVERYWHERE = frozenset(TABS)
_FLEX = frozenset({Tab.FLEX})
_BEEBOX = frozenset({Tab.BEEBOX})
_BY_LOCALE = frozenset({Tab.BEEBOX, Tab.FLEX})


@dataclass(frozen=True, slots=True)
class Action:
    """Something the user can do with a key; `id` is its name in configuration, help and manual."""

    id: str
    keys: tuple[str, ...]
    """Default keys as Textual names them; the first is shown."""
    label: str
    """One or two words for the key line."""
    help: str
    """One sentence for the help."""
    group: str
    shown: str = ""
    """The key as a user reads it, if that differs from the first of `keys`."""
    tabs: frozenset[Tab] = EVERYWHERE
    line: int = 0
    """Its place on the key line, lowest first and kept longest; 0: not there."""

    @property
    def key(self) -> str:
        """Return the key as a user reads it."""
        return self.shown or self.keys[0]

    def refusal(self, tab: Tab) -> str:
        """Return why it cannot act on a tab, or nothing if it can."""
        if tab in self.tabs:
            return ""
        places = " and ".join(each.label for each in TABS if each in self.tabs)
        return f"{self.key}: {self.label} works on {places} only"


MOVING, LOOKING, DATA, FLEX, PROGRAM = "Moving", "Looking", "Data", "Flex", "Program"
GROUPS = (MOVING, LOOKING, DATA, FLEX, PROGRAM)

ACTIONS = (
    Action("cursor.down", ("j", "down"), "move", "Moves one row down.", MOVING, "j k", line=5),
    Action("cursor.up", ("k", "up"), "up", "Moves one row up.", MOVING, "k"),
    Action("cursor.first", ("g", "home"), "first", "Goes to the first row.", MOVING),
    Action("cursor.last", ("G", "end"), "last", "Goes to the last row.", MOVING),
    Action("cursor.page_down", ("pagedown",), "page", "Moves one page down.", MOVING, "PgDn"),
    Action("cursor.page_up", ("pageup",), "page up", "Moves one page up.", MOVING, "PgUp"),
    Action("cursor.half_down", ("ctrl+d",), "half page", "Moves half a page down.", MOVING),
    Action("cursor.half_up", ("ctrl+u",), "half page up", "Moves half a page up.", MOVING),
    Action("scroll.left", ("h", "left"), "columns left",
           "Scrolls the columns back, or moves to the language before.", MOVING),
    Action("scroll.right", ("l", "right"), "columns",
           "Scrolls to the next columns, or moves to the next language.", MOVING),
    *(
        Action(f"tab.{tab}", (str(number),), tab.label, f"Shows the tab {tab.label}.", LOOKING)
        for number, tab in enumerate(TABS, 1)
    ),
    Action("tab.previous", ("[",), "previous tab", "Goes to the previous tab.", LOOKING),
    Action("tab.next", ("]",), "next tab", "Goes to the next tab.", LOOKING, "]"),
    Action("pane.next", ("tab",), "next pane", "Moves between table and details.", LOOKING),
    Action("pane.previous", ("shift+tab",), "previous pane", "Moves between details and table.", LOOKING),
    Action("item.details", ("enter",), "details", "Goes to the details; there, to the full screen.", LOOKING,
           line=6),
    Action("view.full", ("f",), "full screen", "Shows the details on the full screen, and back.", LOOKING),
    Action("view.back", ("escape",), "back", "Goes one step back; never quits.", LOOKING, "esc"),
    Action("view.matrix", ("m",), "matrix", "Changes between the matrix of languages and the list.", LOOKING,
           tabs=_BY_LOCALE, line=2),
    Action("view.jobs", ("J",), "folders", "Adds the files up by their first folder, and back.", LOOKING,
           tabs=_BEEBOX, line=3),
    Action("table.sort", ("s",), "sort", "Sorts by the next column.", LOOKING, line=7),
    Action("table.reverse", ("S",), "reverse", "Reverses the order.", LOOKING),
    Action("data.refresh", ("r", "f5"), "refresh",
           "Looks again at this tab's service, as soon as its floor allows.", DATA, line=3),
    Action("data.refresh_all", ("R",), "refresh all", "Looks again at every service.", DATA),
    Action("data.pause", ("p",), "pause", "Stops all calls and closes all sessions; once more goes on.", DATA,
           line=4),
    Action("flex.metric", ("M",), "metric",
           "Changes what counts as complete: no errors, all green, bookmarked blue.", FLEX, tabs=_FLEX,
           line=1),
    Action("flex.invert", ("i",), "invert", "Shows what is not complete instead, and back.", FLEX,
           tabs=_FLEX, line=1),
    Action("flex.shorter", ("<",), "window", "Looks less far back for changes.", FLEX, tabs=_FLEX),
    Action("flex.longer", (">",), "window", "Looks further back: 1 h, 6 h, 24 h, 3 d, 7 d.", FLEX,
           "< >", tabs=_FLEX, line=2),
    Action("screen.repaint", ("ctrl+l",), "repaint", "Draws the whole screen again.", PROGRAM),
    Action("app.help", ("?", "f1"), "help", "Shows this help.", PROGRAM),
    Action("app.quit", ("q", "ctrl+c"), "quit", "Closes all sessions and quits.", PROGRAM),
)  # fmt: skip

ALWAYS = ("app.help", "app.quit")
"""What the key line ends with, however narrow it is."""


def action(id: str) -> Action:
    """Return the action of that id; raises KeyError for one that there is not."""
    for found in ACTIONS:
        if found.id == id:
            return found
    raise KeyError(id)


def bindings() -> Iterator[Binding]:
    """Yield one Textual binding per key; each bears its action's id, so that a key map can move it."""
    for each in ACTIONS:
        for key in each.keys:
            yield Binding(key, f"do('{each.id}')", each.label, show=False, id=each.id, tooltip=each.help)


def on_key_line(tab: Tab) -> list[Action]:
    """Return the actions that the key line of a tab offers, most wanted first."""
    wanted = [each for each in ACTIONS if each.line and tab in each.tabs]
    return sorted(wanted, key=lambda each: each.line)
