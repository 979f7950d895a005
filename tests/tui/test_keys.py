"""Every key of finding, marking and taking along does on the screen what the help says."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.events import Key, Paste
from textual.keys import _character_to_key

from tests.tui import scenes
from tests.tui.driving import main_of, make, on_top, part, rows_on, running, screen, worked_off
from tests.tui.recorder import Recorder
from wbtui.desktop.clipboard import Clipboard, CopyPlace, osc52
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import ItemKey, State
from wbtui.domain.snapshot import Forecast
from wbtui.tui.app import WbtuiApp
from wbtui.tui.controllers import background
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.toolkit.prompt import Prompt


def catching(app: WbtuiApp) -> list[str]:
    """Let the app copy into a list, as over SSH without tmux."""
    sent: list[str] = []
    main_of(app).clipboard = Clipboard(CopyPlace(ssh=True), sent.append)
    return sent


async def test_the_filter_works_while_one_types_and_counts_the_hits() -> None:
    app = make()
    async with running(app, size=(120, 40)) as pilot:
        await pilot.press("slash", *"price")
        assert part(app, "field").startswith(" /price")
        assert part(app, "field").endswith("1 of 17")
        assert part(app, "table").count("\n") == 1
        await pilot.press("enter")
        assert "/price   1 of 17 items" in part(app, "status")


async def test_esc_leaves_the_field_first_and_then_the_filter() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("slash", *"price", "escape")
        assert "/price   1 of 17" in part(app, "status")
        await pilot.press("escape")
        assert part(app, "status").startswith(" 17 items")
        await pilot.press("escape", "escape")
        assert app.is_running


async def test_a_wrong_filter_leaves_the_last_one_in_force_and_says_where_it_is_wrong() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("slash", *"kind:upload", "enter")
        assert "2 of 17" in part(app, "status")
        await pilot.press("slash", "space", "quotation_mark", *"two", "enter")
        assert "character 13: a quote is not closed" in part(app, "message")
        assert part(app, "field").endswith("2 of 17")
        await pilot.press("escape")
        assert "/kind:upload   2 of 17" in part(app, "status")


async def test_keys_typed_into_the_field_do_not_act() -> None:
    recorder = Recorder()
    app = make(recorder)
    async with running(app) as pilot:
        await pilot.press("slash", *"xqprR!5", "backspace", "delete", "ctrl+u", *"5003")
        assert app.is_running
        assert recorder.refreshed == []
        assert recorder.pauses == []
        assert recorder.forgotten == []
        assert main_of(app).model.tab is OPERATIONS
        assert part(app, "field").startswith(" /5003")


@pytest.mark.parametrize("count", [50, pytest.param(1000, marks=pytest.mark.slow)])
async def test_filter_order_and_cursor_survive_refreshes_and_other_tabs(count: int) -> None:
    app = make()
    snapshot = scenes.snapshot()
    async with running(app, snapshot) as pilot:
        await pilot.press("2", "m", "slash", *"batch", "enter", "s", "j", "j", "j")
        rows = rows_on(app, BEEBOX)
        key, order = rows.current_key, [row.key for row in rows.rows]
        for number in range(count):
            changed = tuple(replace(file, seen_at=scenes.AT) for file in snapshot.beebox)
            calls = replace(snapshot.calls, used=number)
            app.show(replace(snapshot, at=scenes.ago(minutes=-number), beebox=changed, calls=calls))
            await pilot.pause(0)
        await pilot.press("3", "2")
        assert f"calls {count - 1}" in part(app, "header")
        assert rows.current_key == key
        assert [row.key for row in rows.rows] == order
        assert "/batch" in part(app, "status")
        assert "sort File" in part(app, "status")


@pytest.mark.parametrize("count", [20, pytest.param(100, marks=pytest.mark.slow)])
async def test_random_changes_leave_cursor_and_marks_on_their_keys(count: int) -> None:
    chance = random.Random(3)
    app = make()
    snapshot = scenes.snapshot()
    async with running(app, snapshot) as pilot:
        await pilot.press("2", "m", "j", "j", "space", "j", "space", *"jjjj")
        rows = rows_on(app, BEEBOX)
        selection = main_of(app).model.views[BEEBOX].selection
        key, marks = rows.current_key, selection.marks
        assert len(marks) == 2
        for _ in range(count):
            files = [file for file in snapshot.beebox if file.key in {key} | marks or chance.random() > 0.3]
            files = [replace(file, state=chance.choice(list(State))) for file in files]
            chance.shuffle(files)
            app.show(replace(snapshot, beebox=tuple(files)))
            await pilot.press(chance.choice(["s", "S", "r"]))
            assert rows.current_key == key
            assert selection.marks == marks


async def test_problems_only_and_everything_again() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("exclamation_mark")
        assert "problems only   2 of 17" in part(app, "status")
        await pilot.press("exclamation_mark")
        assert part(app, "status").startswith(" 17 items")


async def test_marks_by_row_range_all_and_none() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("space", "space")
        assert "2 marked" in part(app, "status")
        await pilot.press("u", "v", "j", "j", "v")
        assert "3 marked" in part(app, "status")
        await pilot.press("slash", *"state:waiting", "enter", "asterisk", "escape")
        assert "13 marked" in part(app, "status")
        await pilot.press("u", "u")
        assert "u: nothing is marked" in part(app, "message")


async def test_a_marked_item_that_the_filter_hides_is_left_out_and_that_is_said() -> None:
    app = make()
    sent = catching(app)
    async with running(app) as pilot:
        await pilot.press("space", "space", "slash", *"price", "enter", "y")
        await pilot.pause(0.1)
        assert sent == [osc52("op:5003")]
        assert "1 marked item is hidden by the filter: left out" in part(app, "message")


async def test_copying_says_no_more_than_that_it_was_sent() -> None:
    app = make()
    sent = catching(app)
    async with running(app) as pilot:
        await pilot.press("y")
        await pilot.pause(0.1)
        assert sent == [osc52("op:5003")]
        assert "op:5003  sent to the terminal (7 bytes)" in part(app, "message")
        await pilot.press("Y")
        await pilot.pause(0.1)
        text = main_of(app).clipboard.last
        assert json.loads(text)["key"] == "op:5003"
        assert "file_token" not in text


async def test_the_rows_in_view_are_written_to_the_file_that_is_named(tmp_path: Path) -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("slash", *"state:waiting", "enter", "E")
        assert on_top(app) == "AskScreen"
        assert "Writes the 10 rows in view" in "\n".join(screen(app))
        await pilot.press("ctrl+u", "x", "ctrl+u")
        app.post_message(Paste(f"{tmp_path}/o.json"))
        await pilot.press("enter")
        await pilot.pause(0.2)
        found = json.loads((tmp_path / "o.json").read_text())
        assert [each["request_id"] for each in found] == list(range(5006, 5016))
        assert "10 rows written to" in part(app, "message")


async def test_x_stops_watching_and_z_takes_it_back() -> None:
    recorder = Recorder()
    app = make(recorder)
    async with running(app) as pilot:
        await pilot.press("z")
        assert "z: nothing was taken away" in part(app, "message")
        await pilot.press("x")
        assert recorder.forgotten == [(operation_key(5003),)]
        await pilot.press("z")
        assert recorder.taken_back == [(operation_key(5003),)]


@pytest.mark.parametrize(("tab", "keys"), [("2", ["m"]), ("3", []), ("5", [])])
async def test_elsewhere_x_hides_until_z(tab: str, keys: list[str]) -> None:
    recorder = Recorder()
    app = make(recorder)
    async with running(app) as pilot:
        await pilot.press(tab, *keys)
        before = part(app, "table")
        await pilot.press("x")
        assert part(app, "table") != before
        assert "taken away" in part(app, "status")
        await pilot.press("z")
        assert "taken away" not in part(app, "status")
        assert recorder.forgotten == []


async def test_a_adds_ids_and_refuses_what_is_none() -> None:
    recorder = Recorder()
    app = make(recorder)
    async with running(app) as pilot:
        await pilot.press("a", *"77x", "enter")
        assert "not a request id: 77x" in "\n".join(screen(app))
        await pilot.press("backspace", "space", *"78", "enter")
        await pilot.pause()
        assert recorder.tracked == [(77, 78)]


async def test_on_activity_a_shows_errors_only() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("5", "a")
        assert "errors only   1 of 5 events" in part(app, "status")


async def test_times_are_shown_as_age_local_time_and_utc() -> None:
    app = make()
    async with running(app, size=(160, 40)) as pilot:
        seen = [part(app, "table")]
        for _ in range(3):
            await pilot.press("t")
            seen.append(part(app, "table"))
        assert "3 h" in seen[0]
        assert "03-01 11:31 +01:00" in seen[1]
        assert "03-01 10:31 +00:00" in seen[2]
        assert seen[3] == seen[0]


async def test_searching_the_details_goes_from_hit_to_hit() -> None:
    app = make()
    async with running(app, size=(80, 24)) as pilot:
        await pilot.press("f", "slash", *"off:", "enter", "n", "n", "N")
        assert main_of(app).query_one("#details").has_focus
        assert "off:" in "\n".join(screen(app))
        await pilot.press("escape", "n")
        assert "n: nothing was searched for" in part(app, "message")
        await pilot.press("escape")
        assert main_of(app).query_one("#table").has_focus


async def test_the_palette_names_every_action_with_its_key_or_why_it_cannot_act() -> None:
    app = make()
    async with running(app, size=(100, 30)) as pilot:
        await pilot.press("colon", *"metric")
        await pilot.pause()
        assert "M: metric works on Flex only" in "\n".join(screen(app))
        await pilot.press("enter")
        assert on_top(app) == "MainScreen"
        assert "M: metric works on Flex only" in part(app, "message")
        await pilot.press("ctrl+p", *"pause", "enter")
        assert "still being opened" in part(app, "message")


async def test_a_command_that_needs_words_is_put_into_the_field_wherever_it_stood_in_the_list() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("colon", "o")
        while not any("> :goto" in shown for shown in screen(app)):
            await pilot.press("down")
        await pilot.press("enter", *"5016")
        assert app.screen.query_one(Prompt).text == "goto 5016"
        await pilot.press("enter")
        await pilot.pause()
        assert "pages 1-40" in "\n".join(screen(app))


@pytest.mark.parametrize(
    ("command", "row", "said"),
    [
        ("goto 5016", "pages 1-40", ""),
        ("goto it:41", "見積書.xlsx", ""),
        ("goto pricing", "pricing.xlsx", ""),
        ("goto nowhere", "price list", "Nothing is known of nowhere."),
        ("filter kind:upload", "spring campaign", ""),
        ("theme nord", "price list", "Theme nord."),
        ("theme mauve", "price list", "There is no theme mauve; there are auto, dark, light, ansi"),
        ("mouse off", "price list", "wbtui was started without the mouse."),
        ("mouse", "price list", ":mouse needs on or off"),
        ("reload", "price list", "There is no configuration to read again."),
        ("clip", "price list", "Nothing was copied yet."),
    ],
)
async def test_a_typed_command_does_what_it_says(command: str, row: str, said: str) -> None:
    app = make()
    async with running(app, size=(160, 40)) as pilot:
        await pilot.press("colon", *("space" if letter == " " else letter for letter in command), "enter")
        await pilot.pause()
        await pilot.pause()
        assert row in "\n".join(screen(app))
        assert said in part(app, "message")


async def test_going_to_a_hidden_item_says_that_the_filter_hides_it() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("slash", *"price", "enter", "colon", *"goto", "space", *"5016", "enter")
        await pilot.pause()
        assert "pages 1-40 is hidden by the filter" in part(app, "message")


async def test_a_forecast_is_shown_in_the_table_and_in_the_details() -> None:
    waiting, running_one = operation_key(5008), operation_key(5004)
    forecasts: dict[ItemKey, Forecast] = {
        waiting: Forecast(scenes.ago(minutes=-10), 240.0, 120.0),
        running_one: Forecast(None, None, 30.0),
    }
    app = make()
    async with running(app, scenes.snapshot(forecasts=forecasts), size=(200, 50)) as pilot:
        assert "14:41 ± 4 min" in part(app, "table")
        await pilot.press("colon", *"goto", "space", *"5008", "enter")
        await pilot.pause(0.4)
        assert "3rd to start, about 14:41 ± 4 min" in part(app, "details")
        await pilot.press("colon", *"goto", "space", *"5004", "enter")
        await pilot.pause(0.4)
        assert "running 2 min, usually 30 s" in part(app, "details")


@pytest.mark.parametrize(("opener", "text"), [("/", "xqprR!5"), (":", "xqprz"), ("a", "5001")])
async def test_letters_that_come_all_at_once_behind_the_key_that_opens_a_field_do_not_act(
    opener: str, text: str
) -> None:
    recorder = Recorder()
    app = make(recorder)
    async with running(app) as pilot:
        for letter in opener + text:
            app.post_message(Key(_character_to_key(letter), letter))
        await pilot.pause(0.2)
        fields = [field.text for screen in app.screen_stack for field in screen.query(Prompt)]
        assert text in fields
        assert app.is_running
        assert (recorder.refreshed, recorder.pauses, recorder.forgotten) == ([], [], [])


async def test_what_is_marked_or_filtered_is_asked_for_before_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "KEEP", 0.001)
    recorder = Recorder()
    app = make(recorder)
    async with running(app) as pilot:
        selection = main_of(app).model.views[BEEBOX].selection

        async def preferred(holds: Callable[[frozenset[ItemKey]], bool]) -> bool:
            await worked_off(app, pilot)
            for _ in range(1000):
                if recorder.preferred and holds(recorder.preferred[-1]):
                    return True
                await pilot.pause()
            return False

        await pilot.press("2", "space")
        assert selection.marks
        assert await preferred(lambda keys: keys == selection.marks)
        await pilot.press("j", "j")
        assert await preferred(lambda keys: keys == selection.marks)
        assert len(recorder.preferred) == 1, "told only of what changes"
        await pilot.press("slash", *"state:waiting", "enter")
        assert await preferred(lambda keys: keys == selection.marks | frozenset(selection.visible_keys))
        assert recorder.preferred[-1] > selection.marks
        await pilot.press("u", "escape")
        assert await preferred(lambda keys: not keys and not selection.marks)
