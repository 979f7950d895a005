"""The folders of a Beebox: opened, fetched from, left, remembered; and going to items from elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from tests.items import beebox_file, operation
from tests.tui import scenes
from tests.tui.driving import cursor_line, focused, main_of, make, part, running, screen
from tests.tui.recorder import Recorder
from wbtui.domain.model import ItemKey, Service, State
from wbtui.domain.snapshot import Event, Health, HealthWord, Level
from wbtui.tui.app import WbtuiApp
from wbtui.tui.tabs.activity import ACTIVITY
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.tabs.tab_spec import ViewMode

BATCH_7 = {file.key for file in scenes.snapshot().beebox if file.path.startswith("batch-7\\")}
SIZES = [(120, 40), (80, 24), (60, 15)]


def ready_in_batch_7() -> set[ItemKey]:
    return {f.key for f in scenes.snapshot().beebox if f.key in BATCH_7 and f.state is State.READY}


def on_batch_7(app: WbtuiApp) -> bool:
    return "batch-7" in cursor_line(app)


async def to_batch_7(app: WbtuiApp, pilot: Pilot[None]) -> None:
    await pilot.press("2", "J")
    while not on_batch_7(app):
        await pilot.press("j")


@pytest.mark.parametrize("size", SIZES)
async def test_enter_opens_a_folder_and_esc_goes_back_to_it(size: tuple[int, int]) -> None:
    app = make()
    async with running(app, size=size) as pilot:
        await to_batch_7(app, pilot)
        await pilot.press("enter")
        await pilot.pause()
        view = main_of(app).model.view
        assert {item.key for item in view.selection.visible_rows} == BATCH_7
        assert "files in batch-7" in part(app, "status")
        assert focused(app) == "table"
        assert any("intro.docx" in line for line in screen(app))
        await pilot.press("j", "escape")
        await pilot.pause()
        assert view.mode is ViewMode.JOBS
        assert on_batch_7(app)
        assert focused(app) == "table"
        assert "left the view" not in part(app, "message")


async def test_a_filter_typed_in_a_folder_goes_before_the_folder_and_one_from_before_stays() -> None:
    app = make()
    async with running(app) as pilot:
        await to_batch_7(app, pilot)
        await pilot.press("enter", "slash", *"intro", "enter")
        assert "1 of 4 files in batch-7" in part(app, "status")
        await pilot.press("escape")
        assert " 4 files in batch-7" in part(app, "status")
        await pilot.press("escape", "slash", *"batch", "enter")
        while not on_batch_7(app):
            await pilot.press("k")
        await pilot.press("enter", "escape")
        assert "/batch" in part(app, "status")
        assert "folders" in part(app, "status")


@pytest.mark.parametrize("keys", [["d"], ["space", "d"], ["asterisk", "d"]])
async def test_d_fetches_what_is_ready_in_the_folder_and_nothing_is_hidden(keys: list[str]) -> None:
    recorder = Recorder()
    app = make(recorder)
    async with running(app) as pilot:
        await to_batch_7(app, pilot)
        await pilot.press(*keys)
        await pilot.pause()
        (name, acted) = recorder.acted[-1]
        ready = {f.key for f in scenes.snapshot().beebox if f.state is State.READY}
        assert name.startswith("download")
        wanted = ready if keys[0] == "asterisk" else ready_in_batch_7()
        assert wanted <= set(acted)
        assert set(acted) & ready == wanted
        assert "hidden" not in part(app, "message")
        assert "no row here" not in part(app, "message")


async def test_d_takes_the_language_that_is_lit() -> None:
    recorder = Recorder()
    app = make(recorder)
    async with running(app) as pilot:
        await to_batch_7(app, pilot)
        await pilot.press("l", "d")
        locale = main_of(app).model.view.matrix.locale
        assert {key.split(":")[1] for key in recorder.acted[-1][1]} == {locale}


async def test_an_open_folder_survives_a_restart_and_one_that_has_gone_says_so() -> None:
    kept: dict[str, str] = {}
    app = make()
    app.recollect(kept.get, kept.__setitem__)
    async with running(app) as pilot:
        await to_batch_7(app, pilot)
        await pilot.press("enter")
    app.get_default_screen().model.keep()
    again = make()
    again.recollect(kept.get, kept.__setitem__)
    snapshot = scenes.snapshot()
    async with running(again, snapshot) as pilot:
        assert "files in batch-7" in part(again, "status")
        left = tuple(file for file in snapshot.beebox if file.key not in BATCH_7)
        again.show(replace(snapshot, beebox=left))
        await pilot.pause()
        assert "There is no file in batch-7 any more." in part(again, "table")
        await pilot.press("escape")
        assert "folders" in part(again, "status")


@pytest.mark.parametrize("keys", [["J"], ["J", "enter"], ["m"], []])
async def test_going_to_a_file_shows_it_whatever_is_open(keys: list[str]) -> None:
    app = make()
    goal = next(file for file in scenes.snapshot().beebox if file.path == r"batch-8\release-notes.docx")
    async with running(app) as pilot:
        await pilot.press("2", *keys, "1", "colon", *"goto release-notes", "enter")
        await pilot.pause()
        view = main_of(app).model.view
        assert view.selection.current is not None
        assert view.selection.current_key == goal.key or goal.path in cursor_line(app)
        assert "hidden" not in part(app, "message")


async def test_enter_in_activity_goes_to_the_item_or_says_that_it_has_gone() -> None:
    item, gone = operation(5002, State.FAILED), operation(4000)
    events = (
        Event(scenes.ago(minutes=3), Level.INFO, "wbtui", "started", id=1),
        Event(scenes.ago(minutes=2), Level.ERROR, "operations", "4000 failed", key=gone.key, id=2),
        Event(scenes.ago(minutes=1), Level.ERROR, "operations", "5002 failed", key=item.key, id=3),
    )
    app = make()
    async with running(
        app, replace(scenes.snapshot(), operations=(operation(1), item), events=events)
    ) as pilot:
        await pilot.press("5", "enter")
        await pilot.pause()
        model = main_of(app).model
        assert (model.tab, model.view.selection.current_key) == (OPERATIONS, item.key)
        await pilot.press("5", "j", "enter")
        assert model.tab is ACTIVITY
        assert "not in the lists any more" in part(app, "message")
        await pilot.press("j", "enter")
        assert focused(app) == "details"


def off(*services: Service) -> dict[Service, Health]:
    return {s: Health(HealthWord.OFF if s in services else HealthWord.OK) for s in Service}


async def test_it_opens_on_the_first_tab_that_has_a_service_and_follows_the_user_from_then_on() -> None:
    app = make()
    only_beebox = replace(
        scenes.snapshot(),
        operations=(),
        beebox=(beebox_file(),),
        health=off(Service.OPERATIONS, Service.FLEX, Service.INSTANT),
    )
    async with running(app, only_beebox) as pilot:
        assert "[2 BEEBOX" in part(app, "tabs")
        await pilot.press("1")
        app.show(replace(only_beebox, at=scenes.ago(minutes=-1)))
        await pilot.pause()
        assert "[1 OPERATIONS" in part(app, "tabs")


async def test_where_nothing_is_set_up_it_stays_on_the_first_tab() -> None:
    app = make()
    async with running(app, replace(scenes.snapshot(), operations=(), health=off(*Service))):
        assert "[1 OPERATIONS" in part(app, "tabs")
