"""The one table of actions: bindings, key line, help and manual are made from it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import combinations
from typing import Final

from textual.binding import Binding

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.tui.tabs.activity import ACTIVITY
from wbtui.tui.tabs.all import ITEM_TABS, TABS
from wbtui.tui.tabs.flex import FLEX
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.tabs.tab_spec import TabSpec

EVERYWHERE = frozenset(TABS)
_FLEX = frozenset({FLEX})
_OPERATIONS = frozenset({OPERATIONS})
_ACTIVITY = frozenset({ACTIVITY})
_ITEMS = frozenset(tab for tab, _ in ITEM_TABS)
_BY_FOLDER = frozenset(tab for tab in TABS if tab.folder is not None)
_BY_LOCALE = frozenset(tab for tab in TABS if tab.grouping is not None)


class Need(StrEnum):
    """What an action may need besides its tab; the value says why it cannot act without."""

    ROW = "there is no row here"
    MARKS = "nothing is marked"
    UNDO = "nothing was taken away"
    SEARCH = "nothing was searched for; / searches in the details and in the help"
    SERVICES = "the services are still being opened"


@dataclass(frozen=True, slots=True)
class KeyAction:
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
    tabs: frozenset[TabSpec] = EVERYWHERE
    line: int = 0
    """Its place on the key line, lowest first and kept longest; 0: not there."""
    needs: Need | None = None
    unseen: bool = False
    """Whether it may be done although its key was pressed before the screen was drawn; see `needs_sight`."""
    server: bool = False
    """Whether it changes something on a server: then it may not lie on every key."""

    @property
    def key(self) -> str:
        """Return the key as a user reads it."""
        return self.shown or (key_name(self.keys[0]) if self.keys else ":")

    @property
    def on_row(self) -> bool:
        """Return whether it shows or changes the row under the cursor, which then stays chosen."""
        return self.id.startswith(("item.", "mark.", "pane.")) or self.id in {"view.full", "activity.item"}

    @property
    def needs_sight(self) -> bool:
        """Return whether its key counts only once the rows are drawn; moving, looking and leaving do not."""
        return not self.unseen and self.group not in {MOVING, LOOKING, PROGRAM}

    def refusal(self, tab: TabSpec, missing: Collection[Need] = ()) -> str:
        """Return why it cannot act on a tab where these needs are not met, or nothing if it can."""
        if tab in self.tabs:
            return f"{self.key}: {self.needs}" if self.needs in missing else ""
        places = " and ".join(each.label for each in TABS if each in self.tabs)
        return f"{self.key}: {self.label} works on {places} only"


_NAMES = {
    "pagedown": "PgDn", "pageup": "PgUp", "escape": "esc", "home": "Home", "end": "End",
    "left": "Left", "right": "Right", "up": "Up", "down": "Down", "comma": ",",
}  # fmt: skip


def key_name(key: str) -> str:
    """Return a key as a user reads it."""
    return key.upper() if re.fullmatch(r"f\d+", key) else _NAMES.get(key, key)


MOVING, LOOKING, FINDING, TAKING = "Moving", "Looking", "Finding and marking", "Taking along"
ACTING, DATA, ABOUT_FLEX, PROGRAM = "Acting", "Data", "Flex", "Program"
GROUPS = (MOVING, LOOKING, FINDING, ACTING, TAKING, DATA, ABOUT_FLEX, PROGRAM)

ACTIONS = (
    KeyAction("cursor.down", ("j", "down"), "move", "Moves one row down.", MOVING, "j k", line=5),
    KeyAction("cursor.up", ("k", "up"), "up", "Moves one row up.", MOVING, "k"),
    KeyAction("cursor.first", ("g", "home"), "first", "Goes to the first row.", MOVING),
    KeyAction("cursor.last", ("G", "end"), "last", "Goes to the last row.", MOVING),
    KeyAction("cursor.page_down", ("pagedown",), "page", "Moves one page down.", MOVING, "PgDn"),
    KeyAction("cursor.page_up", ("pageup",), "page up", "Moves one page up.", MOVING, "PgUp"),
    KeyAction("cursor.half_down", ("ctrl+d",), "half page", "Moves half a page down.", MOVING),
    KeyAction("cursor.half_up", ("ctrl+u",), "half page up", "Moves half a page up.", MOVING),
    KeyAction("scroll.left", ("h", "left"), "columns left",
              "Scrolls the columns back, or moves to the language before.", MOVING),
    KeyAction("scroll.right", ("l", "right"), "columns",
              "Scrolls to the next columns, or moves to the next language.", MOVING),
    *(
        KeyAction(f"tab.{tab.id}", (str(number),), tab.label, f"Shows the tab {tab.label}.", LOOKING)
        for number, tab in enumerate(TABS, 1)
    ),
    KeyAction("tab.previous", ("[",), "previous tab", "Goes to the previous tab.", LOOKING),
    KeyAction("tab.next", ("]",), "next tab", "Goes to the next tab.", LOOKING, "]"),
    KeyAction("pane.next", ("tab",), "next pane", "Moves between table and details.", LOOKING),
    KeyAction("pane.previous", ("shift+tab",), "previous pane", "Moves between details and table.", LOOKING),
    KeyAction("item.details", ("enter",), "details",
              "Goes to the details; there, to the full screen. Opens a folder: esc goes back to the folders.",
              LOOKING, tabs=_ITEMS, line=6),
    KeyAction("activity.item", ("enter",), "its item",
              "Goes to the item that the event is about; f shows the event itself.", LOOKING, tabs=_ACTIVITY,
              line=6),
    KeyAction("view.full", ("f",), "full screen", "Shows the details on the full screen, and back.", LOOKING),
    KeyAction("view.back", ("escape",), "back", "Goes one step back; never quits.", LOOKING, "esc"),
    KeyAction("view.matrix", ("m",), "matrix", "Changes between the matrix of languages and the list.",
              LOOKING, tabs=_BY_LOCALE, line=2),
    KeyAction("view.jobs", ("J",), "folders", "Adds the files up by their first folder, and back.", LOOKING,
              tabs=_BY_FOLDER, line=3),
    KeyAction("view.times", ("t",), "times", "Shows ages, local clock times or UTC.", LOOKING),
    KeyAction("view.wide", ("w",), "more columns", "Shows more columns; in the details: long lines in one.",
              LOOKING),
    KeyAction("table.sort", ("s",), "sort", "Sorts by the next column.", LOOKING, line=8),
    KeyAction("table.reverse", ("S",), "reverse", "Reverses the order.", LOOKING),
    KeyAction("table.filter", ("/",), "filter",
              "Filters the rows while one types; in the details: searches in them.", FINDING, line=4,
              unseen=True),
    KeyAction("table.problems", ("!",), "problems", "Shows only what went wrong, and everything again.",
              FINDING, unseen=True),
    KeyAction("activity.errors", ("a",), "errors only", "Shows only errors, and everything again.", FINDING,
              tabs=_ACTIVITY, line=2, unseen=True),
    KeyAction("table.follow", ("F",), "follow",
              "Keeps the item in view wherever the order takes it, until the cursor is moved.", FINDING,
              needs=Need.ROW),
    KeyAction("search.next", ("n",), "next hit", "Goes to the next hit in the details or the help.", FINDING,
              needs=Need.SEARCH),
    KeyAction("search.previous", ("N",), "hit before", "Goes to the hit before.", FINDING, needs=Need.SEARCH),
    KeyAction("mark.toggle", ("space",), "mark", "Marks the row or takes its mark away, and moves down.",
              FINDING, line=6, needs=Need.ROW),
    KeyAction("mark.range", ("v",), "range", "Begins a range of marks; once more: marks all up to here.",
              FINDING, needs=Need.ROW),
    KeyAction("mark.all", ("*",), "mark all", "Marks all rows in view, the scrolled ones included.", FINDING,
              needs=Need.ROW),
    KeyAction("mark.none", ("u",), "unmark", "Takes all marks away.", FINDING, needs=Need.MARKS),
    KeyAction("item.download", ("d",), "download", "Downloads the item, or the marked ones.", ACTING,
              tabs=_ITEMS, line=5, needs=Need.ROW),
    KeyAction("table.download", ("D",), "all ready", "Downloads everything in view that is ready.", ACTING,
              tabs=_ITEMS, needs=Need.ROW),
    KeyAction("table.download_new", ("W",), "what is new",
              "Downloads what was made since the last time, whatever the filter hides; says first how much.",
              ACTING, tabs=_ITEMS),
    KeyAction("item.other", ("P",), "other file",
              "Downloads the other deliverable: the preliminary file, or the post-edit.", ACTING, tabs=_ITEMS,
              needs=Need.ROW),
    KeyAction("item.accept", ("K",), "accept", "Gives a file that was stored as doubtful its name.", ACTING,
              tabs=_ITEMS, needs=Need.ROW),
    KeyAction("item.retry", ("T",), "try again", "Sends it to the server again; asks first.", ACTING,
              tabs=_ITEMS, line=7, needs=Need.ROW, server=True),
    KeyAction("item.cancel", ("X",), "cancel", "Cancels on the server what can be cancelled; asks first.",
              ACTING, tabs=_ITEMS, line=7, needs=Need.ROW, server=True),
    KeyAction("item.tell", ("b",), "tell me",
              "Rings when the item, or each of the marked ones, is done; once more: no longer.", ACTING,
              tabs=_ITEMS, line=7, needs=Need.ROW),
    KeyAction("table.tell", ("B",), "tell me of all",
              "Rings as everything in view gets done that is not done yet; once more: no longer.", ACTING,
              tabs=_ITEMS, needs=Need.ROW),
    KeyAction("downloads.show", ("0",), "downloads",
              "Shows all downloads: there x stops one, A all, d fetches it again, o copies its folder.",
              ACTING,
              unseen=True),
    KeyAction("item.copy", ("y", "c"), "copy", "Copies the key of the item, or of the marked ones.", TAKING,
              "y", line=9, needs=Need.ROW),
    KeyAction("item.copy_json", ("Y",), "copy JSON", "Copies the item, or the marked ones, as JSON.", TAKING,
              needs=Need.ROW),
    KeyAction("item.web", ("o",), "web address", "Shows the item's web address and copies it.", TAKING,
              needs=Need.ROW),
    KeyAction("table.export", ("E",), "export", "Writes the rows in view to a file, as CSV or JSON.", TAKING,
              needs=Need.ROW),
    KeyAction("item.hide", ("x",), "take away",
              "Stops the download; else takes the item off this screen, or stops watching the operation.",
              TAKING, needs=Need.ROW),
    KeyAction("item.take_back", ("z",), "take back", "Takes the last x back, until wbtui is quit.", TAKING,
              needs=Need.UNDO),
    KeyAction("operations.add", ("a",), "add id", "Watches an operation by its request id.", DATA,
              tabs=_OPERATIONS, line=2, unseen=True),
    KeyAction("operations.add_file", ("A",), "add file", "Watches the operations that a file names.", DATA,
              tabs=_OPERATIONS, unseen=True),
    KeyAction("data.refresh", ("r", "f5"), "refresh",
              "Looks again at this tab's service, as soon as its floor allows.", DATA, line=3, unseen=True),
    KeyAction("data.refresh_all", ("R",), "refresh all", "Looks again at every service.", DATA, unseen=True),
    KeyAction("data.pause", ("p",), "pause", "Stops all calls and closes all sessions; once more goes on.",
              DATA, line=4),
    KeyAction("flex.metric", ("M",), "metric",
              "Changes what counts as complete: no errors, all green, bookmarked blue.", ABOUT_FLEX,
              tabs=_FLEX, line=1),
    KeyAction("flex.invert", ("i",), "invert", "Shows what is not complete instead, and back.", ABOUT_FLEX,
              tabs=_FLEX, line=1),
    KeyAction("flex.shorter", ("<",), "window", "Looks less far back for changes.", ABOUT_FLEX, tabs=_FLEX),
    KeyAction("flex.longer", (">",), "window", "Looks further back: 1 h, 6 h, 24 h, 3 d, 7 d.", ABOUT_FLEX,
              "< >", tabs=_FLEX, line=2),
    KeyAction("app.palette", (":", "ctrl+p"), "command",
              "Finds an action by its name, or takes a command such as :goto 5001.", PROGRAM, ":", line=10),
    KeyAction("app.profiles", ("C",), "profiles", "Lists the profiles, and changes to another one.", PROGRAM),
    KeyAction("app.login", ("L",), "log in",
              "Asks for the secret of a service that refuses the log-in, tries it and stores it.", PROGRAM),
    KeyAction("screen.repaint", ("ctrl+l",), "repaint", "Draws the whole screen again.", PROGRAM),
    KeyAction("app.help", ("?", "f1"), "help", "Shows this help.", PROGRAM),
    KeyAction("app.suspend", ("ctrl+z",), "to the shell",
              "Closes all sessions and stops wbtui; fg goes on with it.", PROGRAM),
    KeyAction("app.quit", ("q", "ctrl+c"), "quit", "Closes all sessions and quits.", PROGRAM),
)  # fmt: skip

ALWAYS = ("app.help", "app.quit")
"""What the key line ends with, however narrow it is."""


def action(id: str, actions: Sequence[KeyAction] = ACTIONS) -> KeyAction:
    """Return the action of that id; raises KeyError for one that there is not."""
    for found in actions:
        if found.id == id:
            return found
    raise KeyError(id)


def bindings(actions: Sequence[KeyAction] = ACTIONS) -> Iterator[Binding]:
    """Yield one Textual binding per key; a key that means something else on another tab bears both ids.

    They have priority: a key that opens a field must have done so before the next one is looked at, or the
    letters of a filter that come fast, or all at once over a slow line, would act as keys.
    """
    ids: dict[str, list[str]] = {}
    for each in actions:
        for key in each.keys:
            ids.setdefault(key, []).append(each.id)
    for key, found in ids.items():
        first = action(found[0], actions)
        yield Binding(
            key,
            f"do('{' '.join(found)}')",
            first.label,
            show=False,
            priority=True,
            tooltip=first.help,
            id=first.id,
        )


def on_key_line(tab: TabSpec, actions: Sequence[KeyAction] = ACTIONS) -> list[KeyAction]:
    """Return the actions that the key line of a tab offers, most wanted first."""
    wanted = [each for each in actions if each.line and each.keys and tab in each.tabs]
    return sorted(wanted, key=lambda each: each.line)


NONE: Final = "none"
"""What is written to leave an action without a key; the command palette still reaches it."""

_EATEN: Final = frozenset(f"ctrl+{letter}" for letter in "abshijm")
"""Terminals, tmux, screen and flow control take these, or send other keys for them."""

_ERASING: Final = frozenset({"backspace", "delete"})

_NAMED: Final = frozenset(
    ("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "tab", "enter")
) | {"escape", "space", "comma", *(f"f{number}" for number in range(1, 25))}

_OTHER_NAMES: Final = {"pgdn": "pagedown", "pgup": "pageup", "esc": "escape", "return": "enter"}


@dataclass(frozen=True, slots=True)
class Keyed:
    """The actions with the keys of this run, and what of the configuration could not be done."""

    actions: tuple[KeyAction, ...] = ACTIONS
    problems: tuple[str, ...] = ()


def remapped(wanted: Mapping[str, str], actions: Sequence[KeyAction] = ACTIONS) -> Keyed:
    """Return the actions with other keys; `wanted` is `[ui.keys]`: action id to keys with commas between.

    An entry that names no action, a key that does not exist or one that is forbidden is left out, and so is
    one that would take the key of another action on the same tab.
    """
    known = {each.id: each for each in actions}
    problems: list[str] = []
    taken: dict[str, KeyAction] = {}
    for id, text in wanted.items():
        fault = _unknown(id, known) if id not in known else ""
        keys = () if fault else _keys(text)
        fault = fault or next(filter(None, (_fault(key, known[id]) for key in keys)), "")
        if fault:
            problems.append(f"[ui.keys] {id}: {fault}")
        else:
            taken[id] = replace(known[id], keys=keys, shown="")
    problems += _without_clashes(taken, actions)
    return Keyed(tuple(taken.get(each.id, each) for each in actions), tuple(problems))


def _unknown(id: str, known: Mapping[str, KeyAction]) -> str:
    near = difflib.get_close_matches(id, known, n=1)
    return "there is no such action" + (f"; did you mean {near[0]}?" if near else "")


def _keys(text: str) -> tuple[str, ...]:
    """Return the keys of an entry as Textual names them."""
    if text.strip().lower() == NONE:
        return ()
    words = [word.strip() for word in text.split(",")] if text.strip() != "," else ["comma"]
    return tuple(dict.fromkeys(_key(word) for word in words))


def _key(word: str) -> str:
    if len(word) == 1:
        return word
    *modifiers, name = word.lower().split("+")
    return "+".join([*modifiers, _OTHER_NAMES.get(name, name)])


def _fault(key: str, action: KeyAction) -> str:
    """Return why an action cannot lie on a key, or nothing."""
    if not key:
        return f"no key between two commas; write {NONE} for no key at all"
    if key in _EATEN or key.startswith("alt+"):
        return f"{key} never arrives: a terminal, tmux or screen takes it"
    if key in _ERASING:
        return f"{key} is for correcting what one types, and never acts"
    if len(key) == 1:
        return "" if key.isprintable() and not key.isspace() else "that is no key"
    plain = re.sub(r"^(ctrl|shift)\+", "", key)
    if plain not in _NAMED and not (key.startswith("ctrl+") and re.fullmatch(r"[a-z]", plain)):
        return f"{key} is no key that wbtui knows"
    if action.server and (key.startswith("ctrl+") or plain == "enter"):
        return f"{key_name(key)} is too easily pressed for what changes the server"
    return ""


def _without_clashes(taken: dict[str, KeyAction], actions: Sequence[KeyAction]) -> list[str]:
    """Take out of `taken` whatever shares a key with another action on one tab; return words on each."""
    problems: list[str] = []
    while True:
        present = [taken.get(each.id, each) for each in actions]
        clash = next(filter(None, (_clash(a, b, taken) for a, b in combinations(present, 2))), None)
        if clash is None:
            return problems
        loser, other, key = clash
        del taken[loser.id]
        problems.append(f"[ui.keys] {loser.id}: {key_name(key)} is the key of {other.id}")


def _clash(
    first: KeyAction, second: KeyAction, taken: Mapping[str, KeyAction]
) -> tuple[KeyAction, KeyAction, str] | None:
    """Return who loses which key to whom, if two actions share one on a tab; who was re-keyed loses."""
    shared = [key for key in second.keys if key in first.keys]
    if not shared or not first.tabs & second.tabs:
        return None
    if second.id in taken:
        return second, first, shared[0]
    return (first, second, shared[0]) if first.id in taken else None
