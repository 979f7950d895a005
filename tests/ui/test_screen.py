"""The screen driven by keys: what it shows, what it asks, and what it never does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.events import MouseScrollDown
from textual.pilot import Pilot

from tests.ui import scenes
from tests.ui.recorder import Recorder
from wbtui.clock import SystemClock
from wbtui.model import Event, Health, HealthWord, Level, Service, Snapshot, State
from wbtui.ui.app import WbtuiApp
from wbtui.ui.line_view import LineView
from wbtui.ui.lines import text_of
from wbtui.ui.rows import Rows
from wbtui.ui.tabs import TABS, Row, Tab


def make(wishes: Recorder | None = None, theme: str = "dark", ascii: bool = False) -> WbtuiApp:
    return WbtuiApp(
        wishes,
        profile="acme-prod",
        clock=SystemClock(),
        theme=theme,
        ascii=ascii,
        zone=scenes.ZONE,
        environ={},
    )


def rows_on(app: WbtuiApp, tab: Tab) -> Rows[Row]:
    return app.get_default_screen().model.views[tab].rows


def focused(app: WbtuiApp) -> str | None:
    found = app.get_default_screen().focused
    return None if found is None else found.id


def on_top(app: WbtuiApp) -> str:
    return type(app.screen).__name__


@asynccontextmanager
async def running(
    app: WbtuiApp, snapshot: Snapshot | None = None, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Pilot[None]]:
    async with app.run_test(size=size) as pilot:
        app.show(snapshot or scenes.snapshot())
        await pilot.pause()
        yield pilot


def part(app: WbtuiApp, id: str) -> str:
    return "\n".join(
        text_of(line).rstrip() for line in app.get_default_screen().query_one(f"#{id}", LineView).lines
    )


def screen(app: WbtuiApp) -> list[str]:
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def cursor_line(app: WbtuiApp) -> str:
    return next(line for line in part(app, "table").splitlines() if line.startswith(">"))


async def test_the_first_frame_needs_no_data() -> None:
    app = make()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "acme-prod [RW]" in part(app, "header")
        assert "opening" in part(app, "header")
        assert "Opening." in part(app, "table")
        await pilot.press("j", "G", "s", "enter", "f", "escape", "r", "p", "5", "4", "M")
        assert "still being opened" in part(app, "message")


async def test_a_snapshot_shown_before_the_start_is_drawn_at_once() -> None:
    app = make()
    app.show(scenes.snapshot())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "price list" in part(app, "table")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("1", ["[1 OPERATIONS 17 2!]", "price list", "1st"]),
        ("2", ["[2 BEEBOX 40 4!]", "batch-7\\intro.docx", "41", "ready, by words"]),
        ("3", ["[3 INSTANT 12 3!]", "見積書.xlsx", "▆", "No fresh data."]),
        ("4", ["[4 FLEX 14]", "app.login", "no errors", "asked 14:31:05, waiting"]),
        ("5", ["[5 ACTIVITY]", "started", "! error"]),
    ],
)
async def test_each_tab_shows_its_rows(key: str, words: list[str]) -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press(key)
        await pilot.pause()
        shown = "\n".join(screen(app))
        assert [word for word in words if word not in shown] == []


async def test_the_brackets_step_through_the_tabs() -> None:
    app = make()
    async with running(app) as pilot:
        for tab in [*TABS[1:], TABS[0]]:
            await pilot.press("right_square_bracket")
            assert f"{tab.label.upper()}" in part(app, "tabs")
        await pilot.press("left_square_bracket")
        assert "[5 ACTIVITY" in part(app, "tabs")


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (["j"], 1),
        (["j", "j", "k"], 1),
        (["down", "down", "up"], 1),
        (["G"], 39),
        (["end", "home"], 0),
        (["G", "g"], 0),
        (["ctrl+d"], 13),
        (["ctrl+d", "ctrl+u"], 0),
    ],
)
async def test_the_keys_move_the_cursor(keys: list[str], row: int) -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("2", "m", "g", *keys)
        await pilot.pause()
        rows = rows_on(app, Tab.BEEBOX)
        assert rows.cursor == row
        assert rows.top <= rows.cursor < rows.top + rows.height
        assert cursor_line(app)


async def test_the_cursor_stays_on_its_item_while_data_change() -> None:
    app = make()
    snapshot = scenes.snapshot()
    async with running(app, snapshot) as pilot:
        await pilot.press("2", "m", *"jjjjjjjjj")
        before = rows_on(app, Tab.BEEBOX).current_key
        changed = tuple(replace(file, state=State.FAILED) for file in reversed(snapshot.beebox))
        app.show(replace(snapshot, beebox=changed))
        await pilot.pause()
        assert rows_on(app, Tab.BEEBOX).current_key == before


async def test_an_item_that_leaves_is_told_and_the_cursor_keeps_its_place() -> None:
    app = make()
    snapshot = scenes.snapshot()
    async with running(app, snapshot) as pilot:
        await pilot.press("2", "m", "j", "j", "j")
        rows = rows_on(app, Tab.BEEBOX)
        gone, place = rows.current_key, rows.cursor
        app.show(replace(snapshot, beebox=tuple(file for file in snapshot.beebox if file.key != gone)))
        await pilot.pause()
        assert rows.cursor == place
        assert "left the view" in part(app, "message")


async def test_the_newest_of_several_snapshots_wins() -> None:
    app = make()
    snapshot = scenes.snapshot()
    async with running(app, snapshot) as pilot:
        for number in range(20):
            app.show(replace(snapshot, calls=replace(snapshot.calls, used=number)))
        await pilot.pause()
        assert "calls 19/1000" in part(app, "header")


async def test_view_state_belongs_to_the_tab() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("2", "m", "s", "j", "j")
        key = rows_on(app, Tab.BEEBOX).current_key
        await pilot.press("3", "j", "2")
        await pilot.pause()
        assert "sort File v" in part(app, "status")
        assert rows_on(app, Tab.BEEBOX).current_key == key
        await pilot.press("S")
        assert "sort File ^" in part(app, "status")


async def test_the_keys_ask_the_monitor_and_its_words_are_shown() -> None:
    recorder = Recorder()
    app = make(recorder)
    async with running(app) as pilot:
        await pilot.press("2", "r")
        assert recorder.refreshed == [Service.BEEBOX]
        assert "Looking again at beebox." in part(app, "message")
        await pilot.press("R", "p")
        assert recorder.refreshed == [Service.BEEBOX, None]
        assert recorder.pauses == ["pause"]
        assert "Paused." in part(app, "message")


async def test_who_is_asked_may_come_later_than_the_screen() -> None:
    app = make()
    recorder = Recorder()
    async with running(app) as pilot:
        await pilot.press("r")
        app.attach(recorder)
        await pilot.press("r")
        assert recorder.refreshed == [Service.OPERATIONS]


async def test_while_paused_every_tab_has_the_banner_and_p_goes_on() -> None:
    recorder = Recorder()
    app = make(recorder)
    async with running(app, scenes.snapshot(paused_at=scenes.ago(minutes=11))) as pilot:
        for key in "12345":
            await pilot.press(key)
            assert part(app, "status").startswith(" PAUSED since 14:20")
        await pilot.press("p")
        assert recorder.pauses == ["resume"]


async def test_the_flex_keys_change_the_question_and_elsewhere_say_why_not() -> None:
    recorder = Recorder()
    app = make(recorder)
    async with running(app) as pilot:
        await pilot.press("M")
        assert "M: metric works on Flex only" in part(app, "message")
        assert recorder.questions == []
        await pilot.press("4", "M", "i", "greater_than_sign", "less_than_sign")
        windows = [question.changed_seconds for question in recorder.questions]
        assert windows == [86400, 86400, 3 * 86400, 86400]
        assert [question.invert for question in recorder.questions] == [False, True, True, True]


async def test_details_follow_the_cursor_once_it_rests() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("j")
        assert "price list" in part(app, "details")
        await pilot.pause(0.3)
        assert "spring campaign, batch 7" in part(app, "details")


async def test_enter_goes_to_the_details_then_full_screen_and_esc_comes_back_without_quitting() -> None:
    app = make()
    async with running(app) as pilot:
        main = app.get_default_screen()
        await pilot.press("enter")
        assert focused(app) == "details"
        await pilot.press("enter")
        await pilot.pause()
        assert not main.query_one("#main").display
        assert "esc back" in part(app, "details")
        await pilot.press("escape")
        await pilot.pause()
        assert main.query_one("#main").display
        await pilot.press("tab", "escape", "escape", "escape")
        assert focused(app) == "table"
        assert app.is_running


async def test_where_there_is_no_room_for_details_enter_shows_them_on_the_full_screen() -> None:
    app = make()
    async with running(app, size=(60, 15)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert "document is locked" in "\n".join(screen(app))
        await pilot.press("j", "j", "enter")
        await pilot.pause()
        assert "> ! Failed" in "\n".join(screen(app))


async def test_help_scrolls_and_closes_and_data_go_on_behind_it() -> None:
    app = make()
    async with running(app, size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        assert on_top(app) == "HelpScreen"
        assert "Keys on the tab Operations" in "\n".join(screen(app))
        await pilot.press("G")
        await pilot.pause()
        assert "? unknown" in "\n".join(screen(app))
        app.show(scenes.snapshot(operations=scenes.operations()[1:]))
        await pilot.pause()
        await pilot.press("q")
        assert on_top(app) == "MainScreen"
        assert "16 items" in part(app, "status")
        await pilot.press("f1", "escape")
        assert app.is_running


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_q_and_ctrl_c_quit(key: str) -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press(key)
        await pilot.pause()
    assert app.return_code == 0
    assert not app.is_running


async def test_ctrl_q_does_nothing() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert app.is_running


async def test_activity_counts_what_is_unread_and_tells_when_it_was_seen() -> None:
    seen: list[int] = []
    app = WbtuiApp(
        profile="p",
        clock=SystemClock(),
        theme="dark",
        zone=scenes.ZONE,
        environ={},
        seen=seen.append,
        seen_event=2,
    )
    snapshot = scenes.snapshot()
    async with running(app, snapshot) as pilot:
        assert "5 Activity 3 2!" in part(app, "tabs")
        assert "2 new problems: press 5" in part(app, "message")
        await pilot.press("5", "1")
        await pilot.pause()
        assert seen == [5]
        assert "Activity 3" not in part(app, "tabs")
        fresh = Event(scenes.AT, Level.ERROR, "beebox", "down", id=6)
        app.show(replace(snapshot, events=(*snapshot.events, fresh)))
        await pilot.pause()
        assert "5 Activity 1 1!" in part(app, "tabs")


async def test_every_action_can_be_done_on_every_tab() -> None:
    app = make(Recorder())
    async with running(app) as pilot:
        main = app.get_default_screen()
        for key in "12345":
            await pilot.press(key)
            for id in main._deeds:
                if id not in {"app.quit", "app.help"} and not id.startswith("tab."):
                    main.action_do(id)
            await pilot.pause()
        assert app.is_running


@pytest.mark.parametrize(
    "size", [(200, 50), (160, 40), (120, 40), (110, 12), (80, 24), (60, 15), (40, 24), (40, 8)]
)
async def test_every_size_has_a_table_and_a_way_out(size: tuple[int, int]) -> None:
    app = make()
    async with running(app, size=size) as pilot:
        for key in "12345":
            await pilot.press(key)
            await pilot.pause()
            lines = screen(app)
            assert any(line.startswith(">") for line in lines)
            assert lines[-1].endswith("q quit")
            assert lines[0].startswith(" acme-prod")


@pytest.mark.parametrize("size", [(39, 20), (80, 7)])
async def test_a_tiny_terminal_shows_one_line_and_comes_back(size: tuple[int, int]) -> None:
    app = make()
    async with running(app, size=size) as pilot:
        lines = [line for line in screen(app) if line]
        assert len(lines) == 1
        assert lines[0].startswith("acme-prod OLD  9 failed")
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert "price list" in "\n".join(screen(app))


async def test_a_service_that_is_off_or_refused_says_so_and_the_others_go_on() -> None:
    health = scenes.health() | {
        Service.BEEBOX: Health(HealthWord.OFF),
        Service.INSTANT: Health(
            HealthWord.LOGIN, message="The password was refused.", advice="Run `wbtui login`."
        ),
    }
    app = make()
    async with running(app, scenes.snapshot(health=health, beebox=())) as pilot:
        assert "beebox off" in part(app, "header")
        assert "instant LOGIN" in part(app, "header")
        await pilot.press("2")
        assert "[profiles.acme-prod.beebox]" in part(app, "table")
        await pilot.press("3")
        assert "The password was refused. Run `wbtui login`." in part(app, "band").replace("\n   ", "")
        assert "Angebot" in part(app, "table")


@pytest.mark.parametrize(
    "hostile", ["[red]x[/]", "a [/oops] b", "[@click=app.quit]x[/]", "$error {0} %s \\[x]"]
)
async def test_text_from_a_server_is_never_markup(hostile: str) -> None:
    snapshot = scenes.snapshot()
    file = replace(snapshot.beebox[0], path=hostile, error=hostile, locale_name=hostile)
    event = Event(scenes.AT, Level.ERROR, hostile, hostile, key=file.key, id=9)
    health = {Service.BEEBOX: Health(HealthWord.DOWN, message=hostile)}
    app = make()
    async with running(
        app, replace(snapshot, beebox=(file,), events=(event,), health=health, server=hostile)
    ) as pilot:
        await pilot.press("2")
        app.say(hostile)
        await pilot.pause(0.3)
        for id in ("table", "details", "band", "news", "message"):
            assert hostile in part(app, id), id
        await pilot.press("5")
        assert hostile in part(app, "table")


@pytest.mark.parametrize("theme", ["dark", "light", "ansi", "none", "nord", "no-such-theme"])
async def test_every_theme_draws(theme: str) -> None:
    app = make(theme=theme)
    async with running(app):
        assert "price list" in "\n".join(screen(app))


async def test_with_ascii_only_server_text_has_other_letters() -> None:
    snapshot = scenes.snapshot()
    plain = replace(
        snapshot, operations=snapshot.operations[5:], instant=(), beebox=snapshot.beebox[:9], events=()
    )
    app = make(ascii=True)
    async with running(app, plain) as pilot:
        for key in "12345":
            await pilot.press(key)
            await pilot.pause()
            assert "\n".join(screen(app)).isascii()
        await pilot.press("question_mark")
        await pilot.pause()
        assert "\n".join(screen(app)).isascii()


async def test_a_click_moves_the_cursor_sorts_or_shows_a_tab() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.click("#table", offset=(10, 4))
        await pilot.pause()
        assert rows_on(app, Tab.OPERATIONS).cursor == 3
        await pilot.click("#table", offset=(40, 0))
        await pilot.pause()
        assert "sort Label v" in part(app, "status")
        await pilot.click("#tabs", offset=(25, 0))
        await pilot.pause()
        assert "[2 BEEBOX" in part(app, "tabs")


async def test_the_wheel_scrolls_and_leaves_the_cursor_on_its_item() -> None:
    app = make()
    async with running(app, size=(80, 24)) as pilot:
        await pilot.press("2", "m", "g")
        rows = rows_on(app, Tab.BEEBOX)
        key = rows.current_key
        await pilot._post_mouse_events([MouseScrollDown], "#table", offset=(5, 5))
        await pilot.pause()
        assert rows.top == 3
        assert rows.current_key == key


async def test_columns_scroll_sideways_only_where_some_are_hidden() -> None:
    app = make()
    async with running(app, size=(60, 24)) as pilot:
        assert "Kind" not in part(app, "table").splitlines()[0]
        await pilot.press("l", "l", "l", "l")
        head = part(app, "table").splitlines()[0]
        assert head.startswith("<")
        assert "Since" in head
        assert "Label" in head
        await pilot.press("h", "h", "h", "h", "h")
        assert not part(app, "table").splitlines()[0].startswith("<")
