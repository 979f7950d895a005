"""What the screen remembers, and what the user has set: views, own keys, quitting, and a look back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from tests.fakes import FakeClock
from tests.tui import scenes
from tests.tui.driving import main_of, make, on_top, part, rows_on, running
from tests.tui.recorder import Recorder
from wbtui.config import ConfirmQuit, UiSettings
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import Operation
from wbtui.domain.snapshot import Snapshot
from wbtui.tui.app import WbtuiApp
from wbtui.tui.tabs.all import TABS
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.instant import INSTANT
from wbtui.tui.tabs.operations import OPERATIONS


class Drawer:
    """A store's small texts."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def remember(self, name: str, value: str, *, synced: bool = True) -> None:
        self.texts[name] = value


async def use(drawer: Drawer, handlers: Callable[[WbtuiApp], list[str]], *, views: bool = True) -> WbtuiApp:
    app = make(settings=UiSettings("dark", remember_view=views))
    app.recollect(drawer.texts.get, drawer.remember)
    async with running(app) as pilot:
        for key in handlers(app):
            await pilot.press(key)
        app.exit()
    return app


async def test_views_survive_a_restart() -> None:
    drawer = Drawer()
    keys = ["2", "m", "slash", *"batch", "enter", "s", "S", "j", "j", "t", "3", "j", "2"]
    first = await use(drawer, lambda _: keys)
    key = rows_on(first, BEEBOX).current_key
    second = await use(drawer, lambda _: [])
    model = main_of(second).model
    assert model.tab is BEEBOX
    assert model.view.selection.current_key == key
    assert model.views[INSTANT].rows.cursor == 1
    columns = model.view.list
    assert (model.choice.filter.text, columns.sort, columns.reverse) == ("batch", "file", True)
    assert model.times == "local time"


async def test_views_are_forgotten_where_that_is_wished_for_but_not_what_was_read() -> None:
    drawer = Drawer()
    await use(drawer, lambda _: ["5", "s", "2", "s"], views=False)
    assert drawer.texts == {"activity.seen": "5"}
    again = await use(drawer, lambda _: [], views=False)
    assert main_of(again).model.tab is OPERATIONS
    assert main_of(again).model.unread.total == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sort": 5, "skip": "x", "form": "tree", "matrix": [1]}'])
async def test_a_damaged_memory_does_no_harm(text: str) -> None:
    drawer = Drawer()
    drawer.texts = {f"view.{tab.id}": text for tab in TABS}
    drawer.texts |= {"view.screen": text, "activity.seen": text}
    app = await use(drawer, lambda _: ["2", "j"])
    assert main_of(app).model.view.selection.lines.cursor == 1


async def test_a_key_of_the_users_own_acts_and_a_wrong_one_is_told_at_the_start() -> None:
    wanted: Mapping[str, str] = {"data.pause": "f9", "item.copy": "ctrl+s"}
    recorder = Recorder()
    app = make(recorder, settings=UiSettings("dark", keys=wanted))
    async with running(app) as pilot:
        assert "[ui.keys] item.copy: ctrl+s never arrives" in part(app, "message")
        await pilot.press("p", "f9")
        assert recorder.pauses == ["pause"]
        assert "F9 pause" in part(app, "keys")


async def test_the_configuration_is_read_again() -> None:
    app = make(reread=lambda: UiSettings("light", details_lines=0, keys={"data.pause": "f9"}))
    async with running(app, size=(80, 24)) as pilot:
        await pilot.press("colon", *"reload", "enter")
        await pilot.pause()
        assert app.theme == "wbtui-light"
        assert "F9 pause" in part(app, "keys")
        assert not main_of(app).query_one("#details").display


@pytest.mark.parametrize(("answer", "runs"), [("n", True), ("enter", True), ("y", False)])
async def test_quitting_asks_where_that_is_wished_for(answer: str, runs: bool) -> None:
    app = make(settings=UiSettings("dark", confirm_quit=ConfirmQuit.ALWAYS))
    async with running(app) as pilot:
        await pilot.press("q")
        assert on_top(app) == "YesNoScreen"
        await pilot.press(answer)
        await pilot.pause()
        assert app.is_running is runs


def changed_since(snapshot: Snapshot) -> Snapshot:
    """The same, with one operation that became ready and one that failed just now, and the rest before."""
    old = scenes.ago(days=1)
    operations: list[Operation] = []
    for each in snapshot.operations:
        fresh = each.key in {operation_key(5001), operation_key(5003)}
        operations.append(replace(each, changed_at=scenes.AT if fresh else old))
    return replace(snapshot, operations=tuple(operations))


async def test_after_an_hour_without_a_key_one_line_tells_what_happened_and_leads_to_it() -> None:
    clock = FakeClock()
    app = make(clock=clock)
    snapshot = scenes.snapshot()
    async with running(app, snapshot) as pilot:
        await pilot.press("3")
        await clock.run_for(3700)
        app.show(changed_since(snapshot))
        await pilot.pause()
        assert "since 13:30: 1 ready, 1 failed   ! shows what failed" in part(app, "message")
        await pilot.press("j", "exclamation_mark")
        assert "[1 OPS" in part(app, "tabs") or "[1 OPERATIONS" in part(app, "tabs")
        assert "problems only" in part(app, "status")
