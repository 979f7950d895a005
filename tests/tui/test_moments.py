"""What comes at the wrong moment: before the first frame, before a dialog is drawn, twice, while all ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from rich.console import RenderableType
from textual._compositor import CompositorUpdate, LayoutUpdate
from textual.events import Click, Key, MouseDown, Paste, Resize
from textual.geometry import Region, Size
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen

from tests.tui import action_scenes, scenes
from tests.tui.driving import focused, main_of, make, on_top, part, running, screen, worked_off
from tests.tui.pictures import logged_out
from tests.tui.recorder import Recorder
from tests.tui.stand_ins import KnownAccounts
from wbtui.domain.item_keys import operation_key
from wbtui.domain.snapshot import Snapshot
from wbtui.tui.app import WbtuiApp
from wbtui.tui.chrome import Banner
from wbtui.tui.dialogs import factory
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.toolkit.screens import TypingDialog

MAIN = "MainScreen"
NAMES = {"space": " ", "enter": None, "escape": None, "ctrl+c": None, "down": None}


def key_of(name: str) -> Key:
    if name in NAMES or "+" in name:
        return Key(name, NAMES.get(name))
    return Key(_character_to_key(name), name)


def type_at_once(app: WbtuiApp, keys: str | Sequence[str]) -> None:
    """Have these keys come as one read brings them: all before the first has been seen to."""
    for key in keys:
        app.post_message(key_of(key))


def nothing_done(recorder: Recorder) -> bool:
    return not (
        recorder.pauses or recorder.questions or recorder.forgotten or recorder.tracked or recorder.acted
    )


# Before the first frame


async def test_what_moves_looks_and_filters_is_done_in_order_once_the_screen_stands() -> None:
    app = make()
    type_at_once(app, ["2", "m", "/", *"locale:fr", "enter", "j", "j", "j"])
    async with running(app) as pilot:
        await pilot.pause()
        model = main_of(app).model
        assert (model.tab, model.choice.filter.text) == (BEEBOX, "locale:fr")
        assert model.view.selection.lines.cursor == 3
        assert "typed" not in part(app, "message")
        await pilot.press("j")
        assert model.view.selection.lines.cursor == 4


async def test_what_acts_is_not_done_and_said() -> None:
    recorder = Recorder()
    app = make(recorder)
    type_at_once(app, "dDWPTXxpz")
    async with running(app) as pilot:
        await pilot.pause()
        assert nothing_done(recorder)
        assert on_top(app) == MAIN
        assert part(app, "message").startswith(" d D W P T X and 3 more: typed before this was drawn, so not")
        await pilot.press("p")
        assert recorder.pauses == ["pause"]


async def test_a_dialog_that_was_opened_early_takes_what_is_typed_and_no_answer() -> None:
    recorder = Recorder()
    app = make(recorder)
    type_at_once(app, ["a", *"5001", "enter", *"7"])
    async with running(app) as pilot:
        await pilot.pause()
        assert on_top(app) == "AskScreen"
        assert any("> 50017" in line for line in screen(app))
        assert nothing_done(recorder)
        await pilot.press("enter")
        assert recorder.tracked == [(50017,)]


async def test_a_click_a_paste_and_another_size_before_the_first_frame_do_no_harm() -> None:
    app = make()
    app.post_message(MouseDown(None, 3, 8, 0, 0, 1, False, False, False))
    app.post_message(Click(None, 3, 8, 0, 0, 1, False, False, False))
    app.post_message(Paste("qD5"))
    app.post_message(Resize(Size(100, 30), Size(100, 30)))
    async with running(app) as pilot:
        await pilot.pause()
        assert app.is_running
        assert main_of(app).model.tab is OPERATIONS
        assert main_of(app).model.view.selection.lines.cursor == 0
        assert part(app, "message").startswith(" a paste: typed before")


@pytest.mark.parametrize("keys", [["q"], ["j", "ctrl+c"], ["?", "q", "5", "q"], ["/", "a", "escape", "q"]])
async def test_what_quits_quits(keys: list[str]) -> None:
    app = make()
    type_at_once(app, keys)
    async with running(app) as pilot:
        await pilot.pause()
        assert app._exit
        assert app.return_code == 0


async def test_the_remembered_view_is_not_put_over_what_was_done_already() -> None:
    texts = {
        "view.screen": '{"tab": "instant", "times": "UTC"}',
        "view.beebox": '{"filter": "fr", "sort": "file", "reverse": true, "form": "list"}',
        "view.operations": '{"filter": "kind:upload", "problems": true}',
    }
    app = make()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("/", *"price", "enter", "2", "S")
        app.recollect(texts.get, lambda name, text: None)
        app.show(scenes.snapshot())
        await pilot.pause()
        model = main_of(app).model
        assert model.tab is BEEBOX
        assert str(model.times) == "UTC"
        assert (model.choice.filter.text, str(model.view.mode)) == ("fr", "list")
        assert model.choices[OPERATIONS].filter.text == "price"
        assert model.choices[OPERATIONS].problems


# Before a dialog is drawn, and twice


def with_accounts(app: WbtuiApp) -> None:
    app.accounts = KnownAccounts()


DIALOGS: dict[str, tuple[list[str], str]] = {
    "confirm": (["2", "X"], "ConfirmScreen"),
    "what is new": (["2", "W"], "YesNoScreen"),
    "add": (["1", "a"], "AskScreen"),
    "add file": (["1", "A"], "AskScreen"),
    "export": (["1", "E"], "AskScreen"),
    "log in": (["3", "L"], "LoginScreen"),
    "profiles": (["1", "C"], "ProfilesScreen"),
    "palette": (["1", ":"], "PaletteScreen"),
    "downloads": (["2", "0"], "DownloadsScreen"),
    "help": (["1", "?"], "HelpScreen"),
}
"""What opens each of them, by keys."""


def furnished() -> tuple[WbtuiApp, Recorder, Snapshot]:
    """Return an app on which every dialog can be opened."""
    recorder = Recorder()
    recorder.novelty = action_scenes.novelty()
    app = make(recorder)
    with_accounts(app)
    found = logged_out()
    return app, recorder, scenes.snapshot(health=found.health, transfers=action_scenes.downloads())


async def open_dialog(pilot: Pilot[None], name: str) -> None:
    keys, shown = DIALOGS[name]
    await pilot.press(*map(_named, keys))
    await pilot.pause()
    assert on_top(pilot.app) == shown  # type: ignore[arg-type]


def _named(key: str) -> str:
    return _character_to_key(key) if len(key) == 1 else key


@pytest.mark.parametrize("answer", [["y"], ["enter"], ["y", "enter"], ["l", "enter"], ["x"], ["A"], ["d"]])
@pytest.mark.parametrize("name", ["confirm", "export", "profiles", "palette", "downloads"])
async def test_a_question_takes_no_answer_that_was_typed_before_it_was_drawn(
    name: str, answer: list[str]
) -> None:
    app, recorder, snapshot = furnished()
    async with running(app, snapshot) as pilot:
        (tab, opens), shown = DIALOGS[name]
        await pilot.press(tab)
        type_at_once(app, [opens, *answer])
        await worked_off(app, pilot)
        assert on_top(app) == shown
        assert nothing_done(recorder)


async def test_a_command_that_was_typed_in_full_is_taken_however_fast_it_came() -> None:
    app = make()
    async with running(app) as pilot:
        type_at_once(app, [*":goto", "space", *"5008", "enter", "2"])
        await worked_off(app, pilot)
        assert (on_top(app), main_of(app).model.tab) == (MAIN, BEEBOX)
        assert main_of(app).model.views[OPERATIONS].selection.current_key == operation_key(5008)


@pytest.mark.parametrize("keys", [["escape"] * 2, ["ctrl+c"] * 2, ["enter"] * 2, ["enter", "escape"]])
@pytest.mark.parametrize("name", DIALOGS)
async def test_a_dialog_answers_once(name: str, keys: list[str], tmp_path: object) -> None:
    app, _, snapshot = furnished()
    async with running(app, snapshot) as pilot:
        await open_dialog(pilot, name)
        if name == "export":
            type_at_once(app, ["ctrl+u", *f"{tmp_path}/rows.csv"])
            await pilot.pause()
        type_at_once(app, keys)
        await worked_off(app, pilot)
        assert app._exception is None
        assert main_of(app) in app.screen_stack


async def test_an_answer_that_comes_while_another_dialog_is_open_above_waits_for_its_end() -> None:
    app = make()
    answers: list[bool | None] = []
    async with running(app) as pilot:
        below = factory.ask_whether("Below", (), "Yes", ascii_only=False)
        above = factory.ask_whether("Above", (), "Yes", ascii_only=False)
        app.push_screen(below, answers.append)
        app.push_screen(above)
        await pilot.pause()
        below.dismiss(True)
        await pilot.pause()
        assert app.screen is above
        await pilot.press("n")
        await pilot.pause()
        assert (on_top(app), answers) == (MAIN, [True])


async def test_a_question_that_had_to_be_worked_out_waits_for_the_end_of_what_is_typed() -> None:
    app, recorder, snapshot = furnished()
    async with running(app, snapshot) as pilot:
        await pilot.press("2")
        type_at_once(app, ["W", "/"])
        await pilot.press("y", "enter")
        await pilot.pause()
        assert main_of(app).model.choice.filter.text == "y"
        assert nothing_done(recorder)
        assert on_top(app) == "YesNoScreen"


# While something opens, changes or ends

HAPPENINGS: dict[str, Callable[[WbtuiApp], object]] = {
    "a snapshot": lambda app: app.show(scenes.snapshot(transfers=action_scenes.downloads()[:2])),
    "another size": lambda app: app.post_message(Resize(Size(44, 12), Size(44, 12))),
    "a memory": lambda app: app.recollect(lambda name: None, lambda name, text: None),
    "another profile": lambda app: app.turn_to(Banner("test", demo=False, read_only=True)),
    "words": lambda app: app.say("something was done"),
    "a paste": lambda app: app.post_message(Paste("some text")),
    "a click": lambda app: app.post_message(MouseDown(None, 3, 8, 0, 0, 1, False, False, False)),
    "the end": lambda app: app.exit(),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DIALOGS)
async def test_whatever_happens_as_a_dialog_opens_closes_or_all_ends(name: str) -> None:
    app, recorder, snapshot = furnished()
    async with running(app, snapshot) as pilot:
        for happening in HAPPENINGS.values():
            for keys in (DIALOGS[name][0], ["escape"], ["1", "enter"]):
                type_at_once(app, keys)
                for each in (happening, HAPPENINGS["a snapshot"], happening):
                    each(app)
                await pilot.pause(0.01)
            app.attach(recorder)
            with_accounts(app)
        app.show(snapshot)
        main_of(app).say("said after the end")
    assert app._exception is None


async def test_a_second_end_does_not_change_the_code_of_the_first() -> None:
    app = make()
    async with running(app):
        app.exit(return_code=130)
        app.exit(return_code=1)
    assert app.return_code == 130


# Never deaf, at any size


async def test_a_click_while_the_filter_is_typed_leaves_the_field_and_keeps_the_filter() -> None:
    for part_id in ("#table", "#details"):
        app = make()
        async with running(app) as pilot:
            await pilot.press("slash", *"price")
            await pilot.click(part_id, offset=(8, 5))
            await pilot.pause()
            assert main_of(app).model.choice.filter.text == "price"
            assert not main_of(app).field.display
            await pilot.press("2")
            assert main_of(app).model.tab is BEEBOX
            await pilot.press("escape", "escape", "q")
            assert app._exit


@pytest.mark.parametrize("size", [(10, 3), (1, 1), (39, 7), (120, 1)])
async def test_a_field_keeps_the_keys_on_a_terminal_that_has_no_room_for_the_table(
    size: tuple[int, int],
) -> None:
    recorder = Recorder()
    app = make(recorder)
    async with running(app) as pilot:
        await pilot.press("slash", *"pri")
        await pilot.resize_terminal(*size)
        await pilot.pause()
        await pilot.press(*"ce")
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert nothing_done(recorder)
        assert focused(app) == "field"
        assert main_of(app).model.choice.filter.text == "price"
        await pilot.press("ctrl+c", "ctrl+c")
        assert app._exit


async def test_a_terminal_that_loses_the_focus_leaves_the_field_open() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("slash", *"pri")
        app.app_focus = False
        await pilot.pause()
        await pilot.press(*"ce")
        assert main_of(app).model.choice.filter.text == "price"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["", *DIALOGS])
async def test_every_size_is_drawn_and_left_again(name: str) -> None:
    app, _, snapshot = furnished()
    async with running(app, snapshot) as pilot:
        for tab in "12345" if not name else "":
            await pilot.press(tab)
            await through_sizes(pilot)
        if name:
            await open_dialog(pilot, name)
            await through_sizes(pilot)
            await pilot.press("escape")
        await pilot.press("escape", "escape", "q")
        await pilot.pause()
        assert app._exception is None
        assert app._exit or on_top(app) == "YesNoScreen"


async def through_sizes(pilot: Pilot[None]) -> None:
    for size in [(46, 24), (40, 24), (41, 8), (20, 20), (2, 2), (1, 1), (300, 1), (1, 60), (120, 40)]:
        await pilot.resize_terminal(*size)
        await pilot.pause()


async def test_two_sizes_on_their_way_at_once_do_not_follow_each_other_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make()
    async with running(app) as pilot:
        main, drawn = main_of(app), list[Size]()
        real = main.lay_out

        def counted() -> None:
            drawn.append(main.size)
            real()

        monkeypatch.setattr(main, "lay_out", counted)
        for size in (Size(60, 15), Size(120, 40)):
            main.post_message(Resize(size, size))
            main.call_later(lambda: None)
        await pilot.pause()
        assert len(drawn) < 10
        assert main.size == Size(120, 40)


async def test_a_terminal_that_was_small_for_a_moment_is_painted_whole_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make()
    async with running(app) as pilot:
        painted, real = list[RenderableType](), app._display

        def noted(screen: Screen[object], frame: RenderableType | None) -> None:
            if frame is not None:
                painted.append(frame)
            real(screen, frame)

        monkeypatch.setattr(app, "_display", noted)
        whole = main_of(app).size
        for size in (Size(5, 40), whole):
            await app._on_resize(Resize(size, size))
        app._check_resize()  # what a timer does a little later, once for both
        await pilot.pause()
        assert [frame.region for frame in painted if isinstance(frame, LayoutUpdate)] == [whole.region]


async def test_a_dialog_is_painted_whatever_changes_below_it_in_the_same_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("a")
        sent = list[str]()

        def noted(screen: Screen[object], frame: object) -> None:
            if isinstance(frame, CompositorUpdate):
                sent.append(frame.render_segments(app.console))

        monkeypatch.setattr(app, "_display", noted)
        dialog = app.screen
        assert isinstance(dialog, TypingDialog)
        dialog.field.open("5017")
        dialog.refresh(Region(0, 0, 1, 1))  # what a screen below does with what has changed there
        await pilot.pause()
        assert any("5017" in frame for frame in sent)
