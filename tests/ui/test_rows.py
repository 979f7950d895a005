"""The row model: whatever happens to the rows, cursor and marks stay on their keys."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from wbtui.model import ItemKey
from wbtui.ui.rows import Rows


@dataclass(frozen=True)
class Thing:
    key: ItemKey
    weight: int = 0


def things(*names: object) -> list[Thing]:
    return [Thing(ItemKey(str(name))) for name in names]


def model(count: int, height: int = 10, **more: bool) -> Rows[Thing]:
    rows: Rows[Thing] = Rows(lambda thing: thing.key, **more)
    rows.resize(height)
    rows.arrange(things(*range(count)))
    return rows


def test_a_new_list_starts_at_its_first_row() -> None:
    rows = model(30)
    assert (rows.current_key, rows.top, len(rows.visible())) == ("0", 0, 10)


def test_an_empty_list_has_no_current_row() -> None:
    rows = model(0)
    assert rows.current is None
    assert rows.current_key is None
    rows.move(3)
    rows.page(1)
    rows.toggle_mark()
    assert (rows.cursor, rows.top, rows.marks) == (0, 0, frozenset())


@pytest.mark.parametrize(
    ("steps", "cursor", "top"),
    [
        ([1], 1, 0),
        ([9], 9, 0),
        ([10], 10, 1),
        ([100], 29, 20),
        ([100, -5], 24, 20),
        ([100, -15], 14, 14),
        ([-1], 0, 0),
    ],
)
def test_moving_keeps_the_cursor_in_the_window(steps: list[int], cursor: int, top: int) -> None:
    rows = model(30)
    for step in steps:
        rows.move(step)
    assert (rows.cursor, rows.top) == (cursor, top)


@pytest.mark.parametrize(("pages", "cursor", "top"), [(1, 10, 10), (0.5, 5, 5), (9, 29, 20), (-1, 0, 0)])
def test_paging_moves_cursor_and_window_together(pages: float, cursor: int, top: int) -> None:
    rows = model(30)
    rows.page(pages)
    assert (rows.cursor, rows.top) == (cursor, top)


def test_the_cursor_follows_its_item_when_the_order_changes() -> None:
    rows = model(30)
    rows.move(3)
    assert rows.arrange(things(*reversed(range(30))))
    assert rows.current_key == "3"
    assert rows.top <= rows.cursor < rows.top + rows.height


def test_the_item_keeps_its_screen_row_when_rows_come_above_it() -> None:
    rows = model(60)
    rows.move(25)
    row = rows.cursor - rows.top
    rows.arrange(things("new 1", "new 2", *range(60)))
    assert rows.current_key == "25"
    assert rows.cursor - rows.top == row


def test_the_head_of_the_list_stays_in_sight() -> None:
    rows = model(30)
    rows.move(2)
    rows.arrange(things("new", *range(30)))
    assert (rows.current_key, rows.top) == ("2", 0)


def test_if_the_item_leaves_the_cursor_stays_at_its_screen_row() -> None:
    rows = model(60)
    rows.move(25)
    row = rows.cursor - rows.top
    left = [number for number in range(60) if number not in {3, 25}]
    assert not rows.arrange(things(*left))
    assert rows.cursor - rows.top == row
    assert rows.current_key == "26"


def test_if_everything_leaves_there_is_no_row_and_no_error() -> None:
    rows = model(30)
    rows.move(25)
    assert not rows.arrange([])
    assert rows.current is None
    assert rows.arrange(things("back"))
    assert rows.current_key == "back"


def test_news_at_the_head_is_followed_where_it_is_asked_for() -> None:
    rows = model(30, follows_head=True)
    rows.arrange(things("new", *range(30)))
    assert rows.current_key == "new"
    rows.move(5)
    rows.arrange(things("newer", "new", *range(30)))
    assert rows.current_key == "4"


def test_scrolling_leaves_the_cursor_and_keeps_the_window_on_its_rows() -> None:
    rows = model(60)
    rows.scroll(20)
    assert (rows.cursor, rows.top) == (0, 20)
    rows.arrange(things("new", *range(60)))
    assert (rows.current_key, rows.top) == ("0", 21)


def test_a_smaller_window_keeps_the_cursor_inside() -> None:
    rows = model(30)
    rows.move(9)
    rows.resize(4)
    assert rows.top <= rows.cursor < rows.top + 4


def test_a_row_is_found_by_its_key_or_not_at_all() -> None:
    rows = model(30)
    assert rows.go(ItemKey("17"))
    assert rows.current_key == "17"
    assert not rows.go(ItemKey("gone"))
    assert rows.current_key == "17"
    rows.point(4)
    assert rows.current_key == "4"


def test_marks_belong_to_keys() -> None:
    rows = model(5)
    rows.move(2)
    rows.toggle_mark()
    rows.mark([ItemKey("4")])
    rows.arrange(things(4, 3, 0))
    assert rows.marks == {"2", "4"}
    assert [rows.marked(thing) for thing in rows.rows] == [True, False, False]
    rows.unmark([ItemKey("4")])
    assert rows.marks == {"2"}
    rows.unmark()
    assert rows.marks == frozenset()


def test_ten_thousand_random_changes_leave_cursor_and_marks_on_their_keys() -> None:
    chance = random.Random(7)
    rows = model(50)
    present = things(*range(50))
    fresh = 50
    marked = {ItemKey(str(number)) for number in range(0, 50, 7)}
    rows.mark(marked)
    for _ in range(10_000):
        present, fresh = _changed(chance, present, fresh)
        before = rows.current_key
        kept = rows.arrange(present)
        keys = {thing.key for thing in present}
        if before in keys:
            assert kept
            assert rows.current_key == before
        assert 0 <= rows.top <= max(0, len(present) - rows.height)
        assert rows.marks == marked
        rows.move(chance.randint(-3, 3))
        assert not present or rows.top <= rows.cursor < rows.top + rows.height


def _changed(chance: random.Random, present: list[Thing], fresh: int) -> tuple[list[Thing], int]:
    """Sort, insert, remove, change states, or clear."""
    deed = chance.choices(("sort", "insert", "remove", "change", "clear"), (30, 30, 25, 14, 1))[0]
    rows = list(present)
    if deed == "sort":
        chance.shuffle(rows)
    elif deed == "insert":
        rows.insert(chance.randint(0, len(rows)), Thing(ItemKey(str(fresh))))
        fresh += 1
    elif deed == "remove" and rows:
        rows.pop(chance.randrange(len(rows)))
    elif deed == "change":
        rows = [Thing(thing.key, thing.weight + 1) for thing in rows]
    elif deed == "clear":
        rows = []
    return rows, fresh
