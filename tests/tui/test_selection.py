"""What keys act on: marks belong to items, whatever order, filter and view mode do to the rows."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.tui import scenes
from wbtui.domain.model import ItemKey
from wbtui.tui.selection import Selection
from wbtui.tui.tab_view import TabView
from wbtui.tui.tabs.all import TABS
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.tabs.row import row_key
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.steps import at_once

SNAPSHOT = scenes.snapshot()
CONTEXT = Context(scenes.AT, scenes.ZONE, scenes.places())


def view_of(tab: TabSpec) -> TabView:
    view = TabView(tab)
    view.take(SNAPSHOT, CONTEXT)
    at_once(view.work(CONTEXT, shown=True))
    return view


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.id)
def test_a_tab_without_rows_has_nothing_to_act_on(tab: TabSpec) -> None:
    selection = Selection(tab)
    selection.toggle_mark()
    assert (selection.current, selection.current_key, selection.whole_line) == (None, None, None)
    assert (selection.under_cursor, selection.visible_rows, selection.marks) == ((), (), frozenset())
    assert list(selection.range_keys()) == []


def test_marks_are_added_and_removed_by_key() -> None:
    selection = view_of(OPERATIONS).selection
    first, second, third = (row_key(row) for row in selection.rows.rows[:3])
    selection.rows.move(2)
    selection.toggle_mark()
    selection.mark([first])
    assert selection.marks == {first, third}
    selection.mark([first, second])
    selection.unmark([first])
    assert selection.marks == {second, third}
    selection.rows.anchor = third
    selection.clear()
    assert not selection.marks
    assert selection.rows.anchor is None


@pytest.mark.parametrize("seed", range(3))
def test_a_thousand_random_changes_leave_the_marks_on_their_keys(seed: int) -> None:
    chance, view = random.Random(seed), view_of(OPERATIONS)
    marks: set[ItemKey] = set()
    for _ in range(1_000):
        key = view.selection.current_key
        if chance.random() < 0.3 and key is not None:
            view.selection.toggle_mark()
            marks ^= {key}
        view.selection.lines.move(chance.randint(-5, 5))
        view.columns.next_sort()
        rows = [row for row in SNAPSHOT.operations if chance.random() > 0.2]
        view.take(replace(SNAPSHOT, operations=tuple(rows)), CONTEXT)
        at_once(view.work(CONTEXT, shown=True))
        assert view.selection.marks == marks
