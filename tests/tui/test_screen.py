"""The screen driven by keys: what it shows, what it asks, and what it never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tui import scenes
from tests.tui.driving import cursor_line, focused, make, on_top, part, rows_on, running, screen
from tests.tui.recorder import Recorder
from wbtui.domain.model import FlexQuestion, Metric, Service, State
from wbtui.domain.snapshot import Event, Health, HealthWord, Level
from wbtui.tui.tabs.all import TABS
from wbtui.tui.tabs.beebox import BEEBOX


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
        rows = rows_on(app, BEEBOX)
        assert rows.cursor == row
        assert rows.top <= rows.cursor < rows.top + rows.height
        assert cursor_line(app)


async def test_the_cursor_stays_on_its_item_while_data_change() -> None:
    app = make()
    snapshot = scenes.snapshot()
    async with running(app, snapshot) as pilot:
        await pilot.press("2", "m", *"jjjjjjjjj")
        before = rows_on(app, BEEBOX).current_key
        changed = tuple(replace(file, state=State.FAILED) for file in reversed(snapshot.beebox))
        app.show(replace(snapshot, beebox=changed))
        await pilot.pause()
        assert rows_on(app, BEEBOX).current_key == before


async def test_an_item_that_leaves_is_told_and_the_cursor_keeps_its_place() -> None:
    app = make()
    snapshot = scenes.snapshot()
    async with running(app, snapshot) as pilot:
        await pilot.press("2", "m", "j", "j", "j")
        rows = rows_on(app, BEEBOX)
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
            at = snapshot.at + timedelta(minutes=number)  # calls move on by the minute
            app.show(replace(snapshot, at=at, calls=replace(snapshot.calls, used=number)))
        await pilot.pause()
        assert "calls 19/1000" in part(app, "header")


async def test_view_state_belongs_to_the_tab() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("2", "m", "s", "j", "j")
        key = rows_on(app, BEEBOX).current_key
        await pilot.press("3", "j", "2")
        await pilot.pause()
        assert "sort File v" in part(app, "status")
        assert rows_on(app, BEEBOX).current_key == key
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
    kept = {"activity.seen": "2"}
    app = make()
    app.recollect(kept.get, kept.__setitem__)
    snapshot = scenes.snapshot()
    async with running(app, snapshot) as pilot:
        assert "5 Activity 3 2!" in part(app, "tabs")
        assert "2 new problems: press 5" in part(app, "message")
        await pilot.press("5", "1")
        await pilot.pause()
        assert kept["activity.seen"] == "5"
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
            for id in main.dispatch.handlers:
                if id not in {"app.quit", "app.help"} and not id.startswith("tab."):
                    main.action_do(id)
            await pilot.pause()
        assert app.is_running


@pytest.mark.parametrize("size", [(120, 40), (120, 30), (80, 24)])
async def test_what_was_chosen_is_seen_while_the_rows_answer_another_choice(size: tuple[int, int]) -> None:
    words = "the rows answer no errors within 7 d"
    old = Health(HealthWord.OLD, at=scenes.AT, message=words, read_at=scenes.AT)
    snapshot = scenes.snapshot()
    health = {**snapshot.health, Service.FLEX: old}
    app = make()
    question = FlexQuestion(Metric.BOOKMARKED)
    async with running(app, replace(snapshot, health=health, question=question), size=size) as pilot:
        await pilot.press("4")
        shown = "\n".join(screen(app))
        assert "bookmarked blue" in shown
        assert "the rows answer no errors" in shown
