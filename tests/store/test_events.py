from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.store.values import HOUR, NOW, outside
from wbtui.domain.item_keys import beebox_key
from wbtui.domain.snapshot import Event, Level
from wbtui.store import SqliteStore
from wbtui.store.codec import encode


def event(number: int, text: str = "", count: int = 1) -> Event:
    return Event(NOW, Level.INFO, "wbtui", text or f"event {number}", count, id=number)


def test_events_are_replaced_by_their_numbers(path: Path, opened: Callable[[Path], SqliteStore]) -> None:
    first = opened(path)
    whole = Event(NOW, Level.ERROR, "beebox", "x", 3, NOW + HOUR, beebox_key("fr", "a"), 1)
    first.save_event(whole)
    first.save_event(event(2))
    first.save_event(event(2, "again", 2))
    assert first.events() == (whole, event(2, "again", 2))
    first.close()
    second = opened(path)
    assert second.events(1) == (event(2, "again", 2),)
    second.save_event(event(2, "once more", 3))
    second.save_event(event(3))
    assert second.events() == (whole, event(2, "once more", 3), event(3))


def test_an_event_without_a_number_gets_the_next(store: SqliteStore) -> None:
    store.save_event(event(7))
    store.save_event(event(0, "new"))
    store.save_event(event(0, "newer"))
    assert store.events() == (event(7), event(8, "new"), event(9, "newer"))


def test_two_runs_that_choose_the_same_numbers_lose_no_event(
    path: Path, opened: Callable[[Path], SqliteStore]
) -> None:
    one, two = opened(path), opened(path)
    for store, name in ((one, "one"), (two, "two")):
        for number in (1, 2):
            store.save_event(event(number, f"{name} {number}"))
            store.flush()
    two.save_event(event(2, "two 2", 5))
    one.save_event(event(2, "one 2", 4))
    one.flush()
    two.flush()
    assert [(e.text, e.count) for e in two.events()] == [
        ("one 1", 1),
        ("one 2", 4),
        ("two 1", 1),
        ("two 2", 5),
    ]


def test_ten_thousand_events_are_kept(path: Path, store: SqliteStore) -> None:
    with outside(path) as connection:
        rows = [(number, encode(event(number))) for number in range(1, 10_004)]
        connection.executemany("INSERT INTO events VALUES (?, ?)", rows)
    store.prune(NOW)
    kept = store.events(20_000)
    assert len(kept) == 10_000
    assert kept[0] == event(4)
