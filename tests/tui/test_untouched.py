"""Untouched, a list stays at its top; once moved, the cursor stays with its item, and failures are told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual import events as events_of

from tests.tui import big_scenes, scenes
from tests.tui.driving import cursor_line, main_of, make, part, running
from tests.tui.test_memory import Drawer, use
from wbtui.domain.model import Operation, OperationReading, State
from wbtui.domain.snapshot import Event, Level, Snapshot
from wbtui.tui.tabs.operations import OPERATIONS


def failed(number: int) -> Operation:
    reading = OperationReading(State.FAILED, "Failed", status_info="locked")
    return scenes.operation(number, State.FAILED, reading=reading, finished_at=scenes.AT)


def with_more(count: int, snapshot: Snapshot | None = None) -> Snapshot:
    known = snapshot or scenes.snapshot()
    return replace(known, operations=(*known.operations, *(failed(9000 + number) for number in range(count))))


GREEN = replace(scenes.snapshot(), operations=tuple(scenes.operation(n, State.DONE) for n in range(1, 40)))


async def test_what_fails_is_seen_without_a_key_also_as_more_fails() -> None:
    app = make()
    async with running(app, GREEN, size=(80, 24)) as pilot:
        assert "= Done" in cursor_line(app)
        for count in (1, 8):
            app.show(with_more(count, GREEN))
            await pilot.pause()
            assert "! Failed" in cursor_line(app)
            rows = part(app, "table").splitlines()[1:]
            assert sum("! Failed" in row for row in rows) == count
            assert "above" not in part(app, "status")


@pytest.mark.parametrize("keys", [["j"], ["j", "k"], ["G"], ["enter"], ["space"], ["y"], ["F"]])
async def test_a_row_that_was_chosen_stays_under_the_cursor(keys: list[str]) -> None:
    app = make()
    async with running(app, GREEN, size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        key = main_of(app).model.view.selection.current_key
        app.show(with_more(8, GREEN))
        await pilot.pause()
        assert main_of(app).model.view.selection.current_key == key


@pytest.mark.parametrize(
    "keys", [["2", "1"], ["s", "s"], ["slash", "escape"], ["t"], ["exclamation_mark"] * 2]
)
async def test_looking_about_chooses_no_row(keys: list[str]) -> None:
    app = make()
    async with running(app, GREEN, size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        app.show(with_more(3, GREEN))
        await pilot.pause()
        assert main_of(app).model.view.selection.lines.cursor == 0


@pytest.mark.parametrize(
    ("size", "told"), [((120, 40), ""), ((80, 24), "3 failed above"), ((60, 15), "3 failed above")]
)
async def test_how_much_failed_above_is_told(size: tuple[int, int], told: str) -> None:
    app = make()
    async with running(app, GREEN, size=size) as pilot:
        await pilot.press(*["j"] * 20)
        app.show(with_more(3, GREEN))
        await pilot.pause()
        shown = part(app, "status")
        assert told in shown if told else "above" not in shown
        assert "! Failed" in part(app, "table") if not told else "! Failed" not in part(app, "table")
        assert "calls" not in shown


async def test_in_a_matrix_files_with_a_failure_count() -> None:
    app = make()
    async with running(app, big_scenes.poster(), size=(80, 24)) as pilot:
        await pilot.press("2", "G")
        await pilot.pause(0.3)
        view = main_of(app).model.view
        hidden = view.matrix.rows.rows[: view.matrix.rows.top]
        count = sum(any(cell.state is State.FAILED for cell in line.cells.values()) for line in hidden)  # type: ignore[union-attr]
        assert count
        assert f"{count} failed above" in part(app, "status")


async def test_the_wheel_tells_it_too_and_activity_speaks_of_problems() -> None:
    app = make()
    events = tuple(
        Event(scenes.ago(minutes=60 - n), Level.ERROR if n > 50 else Level.INFO, "wbtui", "x", id=n)
        for n in range(1, 60)
    )
    async with running(app, replace(GREEN, events=events), size=(80, 24)) as pilot:
        await pilot.press("5")
        for _ in range(5):
            await pilot._post_mouse_events([events_of.MouseScrollDown], "#table", offset=(5, 5), button=0)
        await pilot.pause(0.3)
        assert "9 problems above" in part(app, "status")


async def test_what_was_not_chosen_is_not_remembered() -> None:
    drawer = Drawer()
    await use(drawer, lambda _: ["2", "1"])
    again = await use(drawer, lambda _: [])
    assert main_of(again).model.views[OPERATIONS].rows.wanted_key is None
    await use(drawer, lambda _: ["j"])
    again = await use(drawer, lambda _: [])
    assert main_of(again).model.views[OPERATIONS].rows.held
