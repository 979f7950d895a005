"""The keys of a user's own: what is taken, what is refused, and why."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from wbtui.tui.actions import ACTIONS, EVERYWHERE, PROGRAM, KeyAction, action, bindings, on_key_line, remapped
from wbtui.tui.tabs.beebox import BEEBOX

SERVER = KeyAction("item.cancel", ("X",), "cancel", "Cancels on the server.", PROGRAM, server=True)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("e", ("e",)),
        ("e, E", ("e", "E")),
        ("f2,Space", ("f2", "space")),
        ("PgDn", ("pagedown",)),
        ("ctrl+E", ("ctrl+e",)),
        (",", ("comma",)),
        ("none", ()),
        ("e,e", ("e",)),
    ],
)
def test_an_action_takes_the_keys_that_are_written(text: str, keys: tuple[str, ...]) -> None:
    others = {"table.export": "none", "mark.toggle": "none", "cursor.page_down": "none"}
    keyed = remapped(others | {"data.refresh": text})
    assert keyed.problems == ()
    assert action("data.refresh", keyed.actions).keys == keys


def test_the_new_key_stands_on_the_key_line_and_in_the_bindings() -> None:
    keyed = remapped({"table.filter": "f3"})
    entry = next(each for each in on_key_line(BEEBOX, keyed.actions) if each.id == "table.filter")
    assert entry.key == "F3"
    keys = {binding.key for binding in bindings(keyed.actions)}
    assert "f3" in keys
    assert "/" not in keys


def test_an_action_without_a_key_is_reached_by_the_palette_only() -> None:
    keyed = remapped({"data.refresh": "none"})
    assert action("data.refresh", keyed.actions).key == ":"
    assert "data.refresh" not in {each.id for each in on_key_line(BEEBOX, keyed.actions)}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"item.copi": "e"}, "item.copi: there is no such action; did you mean item.copy?"),
        ({"item.copy": "ctrl+s"}, "item.copy: ctrl+s never arrives"),
        ({"item.copy": "alt+c"}, "item.copy: alt+c never arrives"),
        ({"item.copy": "delete"}, "item.copy: delete is for correcting"),
        ({"item.copy": "e,,"}, "item.copy: no key between two commas"),
        ({"item.copy": "hyper"}, "item.copy: hyper is no key that wbtui knows"),
        ({"item.copy": "shift+x"}, "item.copy: shift+x is no key that wbtui knows"),
        ({"item.copy": "j"}, "item.copy: j is the key of cursor.down"),
        ({"item.cancel": "ctrl+x"}, "item.cancel: ctrl+x is too easily pressed"),
        ({"item.cancel": "enter"}, "item.cancel: enter is too easily pressed"),
    ],
)
def test_what_cannot_be_is_told_and_the_old_key_stays(wanted: Mapping[str, str], words: str) -> None:
    actions = (*ACTIONS, SERVER)
    keyed = remapped(wanted, actions)
    (problem,) = keyed.problems
    assert problem.startswith(f"[ui.keys] {words}")
    assert keyed.actions == actions


def test_of_two_entries_with_one_key_the_first_in_the_table_gets_it() -> None:
    keyed = remapped({"item.copy": "e", "data.pause": "e"})
    assert keyed.problems == ("[ui.keys] data.pause: e is the key of item.copy",)
    assert action("item.copy", keyed.actions).keys == ("e",)
    assert action("data.pause", keyed.actions).keys == ("p",)


def test_two_actions_may_change_their_keys_with_each_other() -> None:
    keyed = remapped({"data.pause": "r", "data.refresh": "p"})
    assert keyed.problems == ()
    assert action("data.pause", keyed.actions).keys == ("r",)


def test_a_key_may_mean_something_else_on_another_tab() -> None:
    assert {each.id for each in ACTIONS if "a" in each.keys} == {"operations.add", "activity.errors"}
    keyed = remapped({"flex.metric": "a"})
    assert keyed.problems == ()
    found = next(binding for binding in bindings(keyed.actions) if binding.key == "a")
    assert found.action == "do('activity.errors operations.add flex.metric')"


def test_no_action_of_the_table_clashes_with_another() -> None:
    everywhere = [key for each in ACTIONS if each.tabs == EVERYWHERE for key in each.keys]
    assert len(everywhere) == len(set(everywhere))
    assert remapped({}).problems == ()
