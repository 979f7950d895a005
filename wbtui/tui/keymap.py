"""The keys of a user's own: which of them can be, and what is wrong with the others. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from wbtui.tui.actions import ACTIONS, Action, key_name

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

    actions: tuple[Action, ...] = ACTIONS
    problems: tuple[str, ...] = ()


def remapped(wanted: Mapping[str, str], actions: Sequence[Action] = ACTIONS) -> Keyed:
    """Return the actions with other keys; `wanted` is `[ui.keys]`: action id to keys with commas between.

    An entry that names no action, a key that does not exist or one that is forbidden is left out, and so is
    one that would take the key of another action on the same tab.
    """
    known = {each.id: each for each in actions}
    problems: list[str] = []
    taken: dict[str, Action] = {}
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


def _unknown(id: str, known: Mapping[str, Action]) -> str:
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


def _fault(key: str, action: Action) -> str:
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


def _without_clashes(taken: dict[str, Action], actions: Sequence[Action]) -> list[str]:
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


def _clash(first: Action, second: Action, taken: Mapping[str, Action]) -> tuple[Action, Action, str] | None:
    """Return who loses which key to whom, if two actions share one on a tab; who was re-keyed loses."""
    shared = [key for key in second.keys if key in first.keys]
    if not shared or not first.tabs & second.tabs:
        return None
    if second.id in taken:
        return second, first, shared[0]
    return (first, second, shared[0]) if first.id in taken else None
