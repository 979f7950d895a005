"""The table of actions, and the rules that its keys keep."""

from __future__ import annotations

import itertools
import re

import pytest

from wbtui.tui.actions import ACTIONS, ALWAYS, GROUPS, Need, action, bindings, on_key_line
from wbtui.tui.dialogs.help import help_lines, key_words
from wbtui.tui.tabs.activity import ACTIVITY
from wbtui.tui.tabs.all import TABS
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.flex import FLEX
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.lines import text_of, width_of

EATEN = {f"ctrl+{letter}" for letter in "abshijmqk"} | {"backspace", "delete", "ctrl+delete"}


@pytest.mark.parametrize("tab", TABS)
def test_no_key_and_no_id_is_used_twice(tab: TabSpec) -> None:
    keys = list(itertools.chain.from_iterable(each.keys for each in ACTIONS if tab in each.tabs))
    assert len(keys) == len(set(keys))
    ids = [each.id for each in ACTIONS]
    assert len(ids) == len(set(ids))


def test_no_key_is_one_that_terminals_eat() -> None:
    keys = {key for each in ACTIONS for key in each.keys}
    assert not keys & EATEN
    assert not {key for key in keys if key.startswith("alt+")}


def test_every_action_has_a_plain_key_a_group_and_one_sentence() -> None:
    for each in ACTIONS:
        assert each.group in GROUPS
        assert re.fullmatch(r"[A-Z][^.]*\.|[A-Z].*: .*\.", each.help), each.help
        assert any("ctrl" not in key for key in each.keys) or each.id in {
            "cursor.half_down", "cursor.half_up", "screen.repaint", "app.suspend",
        }  # fmt: skip


def test_each_key_becomes_one_binding() -> None:
    made = {binding.key: binding.action for binding in bindings()}
    assert set(made) == {key for each in ACTIONS for key in each.keys}
    for each in ACTIONS:
        assert all(each.id in made[key] for key in each.keys)


def test_an_action_says_what_it_lacks() -> None:
    copying = action("item.copy")
    assert copying.refusal(BEEBOX) == ""
    assert copying.refusal(BEEBOX, {Need.ROW, Need.UNDO}) == "y: there is no row here"
    assert copying.refusal(BEEBOX, {Need.UNDO}) == ""


@pytest.mark.parametrize(
    ("id", "tab", "words"),
    [
        ("flex.metric", BEEBOX, "M: metric works on Flex only"),
        ("flex.metric", FLEX, ""),
        ("data.pause", ACTIVITY, ""),
    ],
)
def test_an_action_says_where_it_works(id: str, tab: TabSpec, words: str) -> None:
    assert action(id).refusal(tab) == words


def test_an_unknown_action_is_an_error() -> None:
    with pytest.raises(KeyError):
        action("table.explode")


def test_the_key_line_names_only_what_works_on_the_tab() -> None:
    for tab in TABS:
        assert all(tab in each.tabs for each in on_key_line(tab))
    assert {"flex.metric", "flex.invert"} <= {each.id for each in on_key_line(FLEX)}
    assert all(action(id).id == id for id in ALWAYS)


@pytest.mark.parametrize("tab", TABS)
def test_the_help_has_every_key_and_every_sign(tab: TabSpec) -> None:
    text = "\n".join(text_of(line) for line in help_lines(tab, 80))
    for each in ACTIONS:
        assert key_words(each) in text
    for word in ("! Failed", "+ Ready", "~ In progress", "? unknown"):
        assert word in text


def test_the_help_is_wrapped_to_its_width() -> None:
    assert max(width_of(line) for line in help_lines(FLEX, 46)) <= 46
