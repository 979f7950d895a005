"""The row model: whatever happens to the rows, the cursor stays on its key."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from wbtui.domain.model import ItemKey
from wbtui.tui.toolkit.rows import Rows


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
    rows.hold()
    assert (rows.cursor, rows.top, rows.held) == (0, 0, False)


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


def test_a_followed_item_is_shown_again_after_every_new_order() -> None:
    rows = model(100)
    rows.follow(rows.current_key)
    rows.scroll(50)
    assert rows.cursor < rows.top
    assert rows.arrange(things(*range(90), 0, *range(90, 100))[1:])
    assert rows.current_key == "0"
    assert rows.top <= rows.cursor < rows.top + rows.height


def test_a_followed_item_that_left_is_gone_back_to_when_it_returns() -> None:
    rows = model(30)
    rows.move(5)
    rows.follow(rows.current_key)
    assert not rows.arrange(things(*range(5), *range(6, 30)))
    assert rows.current_key == "6"
    assert rows.arrange(things(*reversed(range(30))))
    assert rows.current_key == "5"


@pytest.mark.parametrize("end", ["move", "point"])
def test_moving_the_cursor_ends_following(end: str) -> None:
    rows = model(30)
    rows.follow(ItemKey("0"))
    getattr(rows, end)(7)
    assert rows.followed is None
    rows.arrange(things(*reversed(range(30))))
    assert rows.current_key == "7"


def test_an_expected_item_is_gone_to_once() -> None:
    rows = model(30)
    rows.expect(ItemKey("42"))
    rows.arrange(things(*range(31)))
    assert rows.current_key == "0"
    rows.arrange(things(*range(50)))
    assert rows.current_key == "42"
    rows.move(-2)
    rows.arrange(things(*range(60)))
    assert rows.current_key == "40"


def test_an_item_that_is_there_is_gone_to_at_once() -> None:
    rows = model(30)
    rows.expect(ItemKey("12"))
    assert rows.current_key == "12"
    assert rows.followed is None


@pytest.mark.parametrize(("steps", "keys"), [(3, "5 6 7 8"), (-2, "3 4 5"), (0, "5")])
def test_a_range_reaches_from_its_anchor_to_the_cursor(steps: int, keys: str) -> None:
    rows = model(30)
    rows.move(5)
    rows.anchor = rows.current_key
    rows.move(steps)
    assert [thing.key for thing in rows.range()] == keys.split()


def test_a_range_whose_anchor_has_gone_is_empty() -> None:
    rows = model(10)
    assert rows.range() == ()
    rows.anchor = ItemKey("3")
    rows.arrange(things(0, 1, 2))
    assert rows.range() == ()


class Twin:
    """Does to the row model and to a plain list what a user and a server do, and compares."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.rows = model(60, height=12)
        self.list = things(*range(60))
        self.next = 60

    def step(self) -> None:
        deed = self.chance.choice(
            ["sort", "insert", "remove", "change", "clear", "move", "hold", "scroll", "refill", "resize"]
        )
        getattr(self, deed)()

    def take(self, changed: list[Thing]) -> None:
        key, before = self.rows.current_key, self.rows.cursor - self.rows.top
        untouched = not self.rows.held and self.rows.wanted_key is None
        inside = 0 <= before < self.rows.height
        self.list = changed
        stayed = self.rows.arrange(changed)
        keys = [thing.key for thing in changed]
        if untouched:
            assert (self.rows.cursor, self.rows.top, stayed) == (0, 0, True)
        elif key in keys:
            assert self.rows.current_key == key
            assert not inside or self.rows.top <= self.rows.cursor < self.rows.top + self.rows.height
        elif key is not None:
            assert not stayed

    def sort(self) -> None:
        self.take(sorted(self.list, key=lambda thing: (self.chance.random(), thing.key)))

    def insert(self) -> None:
        changed = list(self.list)
        for _ in range(self.chance.randint(1, 9)):
            changed.insert(self.chance.randint(0, len(changed)), Thing(ItemKey(str(self.next))))
            self.next += 1
        self.take(changed)

    def remove(self) -> None:
        self.take([thing for thing in self.list if self.chance.random() > 0.2])

    def change(self) -> None:
        self.take([Thing(thing.key, self.chance.randint(0, 9)) for thing in self.list])

    def clear(self) -> None:
        key = self.rows.current_key
        whole = self.list
        self.take([])
        assert self.rows.current is None
        if key is not None and self.chance.random() < 0.5:
            self.rows.expect(key)
            self.take(whole)
            assert self.rows.current_key == key

    def refill(self) -> None:
        if len(self.list) < 40:
            self.insert()

    def move(self) -> None:
        self.rows.move(self.chance.randint(-20, 20))

    def scroll(self) -> None:
        self.rows.scroll(self.chance.randint(-20, 20))

    def resize(self) -> None:
        self.rows.resize(self.chance.randint(1, 30))

    def hold(self) -> None:
        self.rows.hold()


@pytest.mark.parametrize("seed", range(4))
def test_ten_thousand_random_changes_leave_the_cursor_on_its_key(seed: int) -> None:
    twin = Twin(seed)
    for _ in range(2_500):
        twin.step()
        assert 0 <= twin.rows.cursor <= max(0, len(twin.list) - 1)
        assert [row.key for row in twin.rows.rows] == [thing.key for thing in twin.list]
