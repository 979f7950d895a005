"""Work on many rows in slices: the same results as in one piece, and no step that is long."""

from __future__ import annotations

import random
import time
from functools import cache

import pytest

from tests.tui import big_scenes, scenes
from wbtui.tui.tab_view import TabView
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.glyphs import UNICODE
from wbtui.tui.tabs.tab_spec import ViewMode
from wbtui.tui.toolkit.steps import (
    SLICE,
    TABLE,
    Steps,
    at_once,
    filtered,
    ordered,
    places,
    released,
    undisturbed,
)

MANY = TABLE * 2 + SLICE + 7


@pytest.mark.parametrize("reverse", [False, True])
def test_a_sort_in_slices_is_stable_in_both_directions(reverse: bool) -> None:
    chance = random.Random(3)
    rows = [(chance.randrange(50), number) for number in range(MANY)]
    found = at_once(ordered(rows, lambda row: row[0], reverse=reverse))
    assert found == sorted(rows, key=lambda row: row[0], reverse=reverse)


def test_a_filter_in_slices_keeps_the_order() -> None:
    assert at_once(filtered(range(MANY), lambda row: row % 3 == 0)) == list(range(0, MANY, 3))


def test_each_key_has_its_place_whatever_table_it_is_in() -> None:
    found = at_once(places(range(MANY), str))
    assert len(found.maps) == 3
    assert [found[str(number)] for number in (0, TABLE - 1, TABLE, MANY - 1)] == [
        0,
        TABLE - 1,
        TABLE,
        MANY - 1,
    ]
    assert "none" not in found


def test_a_list_is_let_go_bit_by_bit() -> None:
    rows = list(range(SLICE + 1))
    left = [len(rows) for _ in released(rows)]
    assert left == [1, 0]
    assert list(released(())) == []


def costs(steps: Steps[bool]) -> list[float]:
    """Run the steps; return the seconds of the processor that each took."""
    found: list[float] = []
    while True:
        began = time.thread_time()
        try:
            next(steps)
        except StopIteration:
            return found
        finally:
            found.append(time.thread_time() - began)


many = cache(big_scenes.many)


@pytest.mark.parametrize("form", [ViewMode.MATRIX, ViewMode.JOBS, ViewMode.LIST])
def test_no_step_of_a_long_work_takes_long(form: ViewMode) -> None:
    context = Context(scenes.AT, scenes.ZONE, {}, UNICODE)
    view = TabView(BEEBOX)
    view.selection.mode = form
    for count in (2000, 2001):
        view.take(scenes.snapshot(beebox=many(count)), context)
        with undisturbed():
            taken = costs(view.work(context, shown=True))
        assert len(taken) > 40
        assert sorted(taken)[-3] < 0.02
