"""The keys that act, through the screen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from textual._compositor import ChopsUpdate
from textual.pilot import Pilot

from tests.fakes import NOON, FakeClock
from tests.items import beebox_file, flex_component, instant_request, operation
from tests.tui.recorder import Recorder
from wbtui.domain.model import Action, ItemKey, RequestRecord, Service, State
from wbtui.domain.snapshot import (
    Download,
    DownloadState,
    Health,
    HealthWord,
    NewIn,
    Novelty,
    Outcome,
    ReadOnly,
    RetryPlan,
    Snapshot,
)
from wbtui.tui.app import WbtuiApp
from wbtui.tui.chrome import Banner
from wbtui.tui.controllers.item_actions import sentences
from wbtui.tui.dialogs.confirm import ConfirmScreen
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.operations import OPERATIONS
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Role, text_of

READY = beebox_file("a.docx", state=State.READY, status=1)
OPEN = beebox_file("b.docx")
FAILED = operation(5001, State.FAILED, request=RequestRecord("POST", "/orders/7/files/all/zip"))
OK = dict.fromkeys(Service, Health(HealthWord.OK, read_at=NOON))


def snapshot(**change: object) -> Snapshot:
    shown = Snapshot(
        "acme",
        NOON,
        operations=(FAILED, operation(5002, State.RUNNING)),
        beebox=(READY, OPEN),
        instant=(instant_request(ready=True, state=State.READY),),
        flex=(flex_component(),),
        health=OK,
    )
    return replace(shown, **change)  # type: ignore[arg-type]


class Scene:
    def __init__(self, *, read_only: bool = False) -> None:
        self.clock = FakeClock()
        self.recorder = Recorder()
        self.app = WbtuiApp(Banner("acme", read_only=read_only), self.clock, environ={"LANG": "C.UTF-8"})
        self.app.attach(self.recorder)
        self.app.show(snapshot())

    def text(self) -> str:
        return "\n".join(text_of(each) for view in self.app.screen.query(LineView) for each in view.lines)

    def message(self) -> str:
        return "\n".join(
            text_of(each) for each in self.app.get_default_screen().query_one("#message", LineView).lines
        )


@pytest.mark.parametrize(
    ("keys", "acted"),
    [
        (["2", "d"], ("download", {READY.key})),
        (["2", "K"], ("accept", {READY.key})),
        (["2", "D"], ("download_ready", {READY.key, OPEN.key})),
        (["3", "d"], ("download", {"it:39"})),
        (["4", "d"], ("download", {"fx:1000:fr:app.login"})),
        (["2", "*", "d"], ("download", {READY.key})),
    ],
)
async def test_downloads_start_at_once(keys: list[str], acted: tuple[str, set[ItemKey]]) -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        [(what, asked)] = scene.recorder.acted
        assert (what, set(asked)) == acted


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["1", "j", "X"], "X: the API has no cancel for operations"),
        (["1", "X"], "x stops watching it here"),
        (["1", "d"], "d: "),
        (["2", "P"], "P: the Beebox has no preliminary file"),
        (["3", "X"], "X: the API has no cancel for IT requests"),
        (["3", "T"], "T: only what failed or was removed"),
        (["4", "X"], "X: the API has no cancel for Flex"),
        (["4", "T"], "T: only a failed query or pull"),
        (["5", "d"], "works on"),
        (["1", "0"], "there are no downloads"),
    ],
)
async def test_a_key_that_cannot_act_says_why(keys: list[str], words: str) -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert words in scene.message()
        assert scene.recorder.acted == []


async def test_cancelling_asks_first_and_flags_what_changed_meanwhile() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "X")
        await pilot.pause()
        assert isinstance(scene.app.screen, ConfirmScreen)
        assert "ALL languages stop" in scene.text()
        scene.app.show(snapshot(beebox=(replace(READY, state=State.CANCELLED, status=10), OPEN)))
        await pilot.pause()
        assert "changed just now" in scene.text()
        scene.clock.elapsed += 1
        await pilot.press("y")
        await pilot.pause()
        assert scene.recorder.acted == [("cancel", (READY.key,))]
        assert "cancel asked for 1" in scene.message()


async def test_marking_two_languages_names_each_language_of_the_file_once() -> None:
    scene = Scene()
    files = (READY, beebox_file("a.docx", "de"), beebox_file("a.docx", "it"))
    scene.app.show(snapshot(beebox=files))
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "*", "X")
        await pilot.pause()
        assert "What is marked:" in scene.text()
        assert "a.docx  fr Ready, de In progress, it In progress" in scene.text()


async def test_data_that_come_behind_a_dialog_leave_it_alone_and_are_there_when_it_closes() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "X")
        await pilot.pause(0.2)
        painted: list[object] = []
        scene.app._display = lambda _screen, *what: painted.extend(what)  # type: ignore[method-assign]
        scene.app.show(snapshot(beebox=(READY, OPEN, beebox_file("newest.docx"))))
        await pilot.pause(0.2)
        assert all(what is None or isinstance(what, ChopsUpdate) for what in painted), "painted anew, whole"
        del scene.app._display
        await pilot.press("n")
        await pilot.pause(0.2)
        assert "newest.docx" in scene.app.export_screenshot()


async def test_no_means_that_nothing_is_done() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "X")
        await pilot.pause()
        scene.clock.elapsed += 1
        await pilot.press("enter")
        await pilot.pause()
        assert scene.recorder.acted == []
        assert "nothing was done" in scene.message()


async def test_trying_again_asks_for_the_file_where_one_is_needed(tmp_path: Path) -> None:
    scene = Scene()
    scene.recorder.needed = {READY.key: "a.docx: the source file"}
    source = tmp_path / "a.docx"
    source.write_bytes(b"x")
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "T")
        await pilot.pause()
        assert "the source file" in scene.text()
        await pilot.press(*"nowhere", "enter")
        await pilot.pause()
        assert "no such file" in scene.text()
        await pilot.press("ctrl+u", *str(source), "enter")
        await pilot.pause()
        assert isinstance(scene.app.screen, ConfirmScreen)
        scene.clock.elapsed += 1
        await pilot.press("y")
        await pilot.pause()
    assert scene.recorder.acted == [("retry", (READY.key,))]
    assert scene.recorder.sources == {READY.key: source}


async def test_how_it_ended_is_said_and_what_failed_stays_marked() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "*")
        outcomes = (
            Outcome(1, Action.CANCEL, READY.key, True, "deleted", NOON),
            Outcome(2, Action.CANCEL, OPEN.key, False, "the file does not exist", NOON),
        )
        scene.app.show(snapshot(outcomes=outcomes))
        await pilot.pause()
        assert "X: 1 done; 1 failed: the file does not exist" in scene.message()
        assert scene.app.get_default_screen().model.view.selection.marks == {OPEN.key}


async def test_a_batch_is_told_of_once_at_its_end_and_a_failure_at_once() -> None:
    scene = Scene()
    running = Download(OPEN.key, Service.BEEBOX, "b.docx  fr", DownloadState.RUNNING)
    saved = replace(running, key=READY.key, state=DownloadState.DONE, ended_at=NOON)
    one = Outcome(1, Action.DOWNLOAD, READY.key, True, "beebox/fr/a.docx, 7 bytes", NOON)
    two = Outcome(2, Action.DOWNLOAD, OPEN.key, True, "beebox/fr/b.docx, 7 bytes", NOON)
    bad = replace(two, id=3, done=False, words="the line broke off")
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "P")
        scene.app.show(snapshot(transfers=(saved, running), outcomes=(one,)))
        await pilot.pause()
        assert "P: the Beebox has no preliminary file" in scene.message()
        scene.app.show(snapshot(transfers=(saved, saved), outcomes=(one, two)))
        await pilot.pause()
        assert "d: 2 done" in scene.message()
        scene.app.show(snapshot(transfers=(saved, running), outcomes=(one, two, bad)))
        await pilot.pause()
        assert "d: 1 failed: the line broke off" in scene.message()


SINCE = NOON - timedelta(days=2)
NOVELTY = Novelty((READY.key, OPEN.key), (NewIn("fr", 1, SINCE), NewIn("de", 1)))
NEW_KEYS = [["W"], ["colon", *"new", "enter"]]


async def ask_what_is_new(pilot: Pilot[None], keys: list[str], tab: str = "2") -> None:
    await pilot.press(tab)
    await pilot.press(*keys)
    await pilot.pause()


@pytest.mark.parametrize("keys", NEW_KEYS, ids=["key", "command"])
@pytest.mark.parametrize("yes", ["y", "enter"])
async def test_what_is_new_is_said_first_and_then_downloaded(keys: list[str], yes: str) -> None:
    scene = Scene()
    scene.recorder.novelty = NOVELTY
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await ask_what_is_new(pilot, keys)
        assert scene.recorder.asked_new == [Service.BEEBOX]
        assert scene.recorder.acted == []
        shown = scene.text()
        assert "What is new: Beebox" in shown
        assert re.search(r"2 files made since the last time \(since 2026-02-27 \d\d:00", shown)
        assert "fr: 1 file, since 2026-02-27" in shown
        assert "de: 1 file, for the first time" in shown
        assert "> [ y  Yes, download 2 ]" in shown
        await pilot.press(yes)
        await pilot.pause()
        assert scene.recorder.acted == [("download", (READY.key, OPEN.key))]
        assert "W: downloading 2" in scene.message()


@pytest.mark.parametrize("no", ["n", "escape"])
async def test_after_a_no_nothing_new_is_downloaded(no: str) -> None:
    scene = Scene()
    scene.recorder.novelty = NOVELTY
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await ask_what_is_new(pilot, ["W", no])
        assert scene.recorder.acted == []
        assert "W: nothing was done" in scene.message()


@pytest.mark.parametrize(
    ("tab", "novelty", "words"),
    [
        ("2", Novelty(), "W: nothing was made since the last time"),
        ("2", Novelty(whole=False), "has not been read whole yet: there may be more"),
        ("3", Novelty(), "W: all that is ready was downloaded"),
        ("2", Novelty(refusal="process 7 polls"), "W: process 7 polls"),
        ("5", NOVELTY, "W: what is new works on Operations and Beebox"),
    ],
)
@pytest.mark.parametrize("keys", NEW_KEYS, ids=["key", "command"])
async def test_where_nothing_is_new_that_is_said(
    keys: list[str], tab: str, novelty: Novelty, words: str
) -> None:
    scene = Scene()
    scene.recorder.novelty = novelty
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await ask_what_is_new(pilot, keys, tab)
        assert words in scene.message()
        assert scene.recorder.acted == []


async def test_what_is_new_says_that_the_filter_does_not_count_and_that_there_may_be_more() -> None:
    scene = Scene()
    scene.recorder.novelty = replace(NOVELTY, whole=False)
    scene.app.show(snapshot(downloads="/home/ann/wordbee"))
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await ask_what_is_new(pilot, ["slash", *"b.docx", "enter", "W"])
        shown = scene.text()
        assert "The filter does not count here" in shown
        assert "has not been read whole yet" in shown
        assert "Into /home/ann/wordbee." in shown


def test_many_locales_stand_in_one_sentence_and_other_services_have_none() -> None:
    many = Novelty((READY.key,) * 100, tuple(NewIn(f"l{n}", 2, SINCE) for n in range(50)))
    said = sentences(many, BEEBOX, UTC, folder="", filtered=False)
    assert said[0] == "100 files made since the last time (since 2026-02-27 12:00 +00:00)."
    assert said[1].startswith("By locale: l0 2, l1 2,")
    assert said[1].endswith("l39 2 and 10 more locales.")
    first = Novelty((READY.key,), (NewIn("fr", 1),))
    assert sentences(first, BEEBOX, UTC, folder="", filtered=False)[0].startswith("1 file, for the first")
    assert sentences(first, BEEBOX, UTC, folder="", filtered=False)[1] == "fr: 1 file"
    one = Novelty((FAILED.key,))
    assert sentences(one, OPERATIONS, UTC, folder="", filtered=False) == (
        "1 result that was never downloaded.",
    )


async def test_quitting_while_downloads_run_asks() -> None:
    scene = Scene()
    running = Download(READY.key, Service.BEEBOX, "a.docx", DownloadState.RUNNING)
    async with scene.app.run_test(size=(120, 40)) as pilot:
        scene.app.show(snapshot(transfers=(running,)))
        await pilot.pause()
        await pilot.press("q")
        await pilot.pause()
        assert scene.app.screen is not scene.app.get_default_screen()
        assert "1 download is not finished" in scene.text()


async def test_read_only_refuses_what_changes_a_server() -> None:
    scene = Scene()
    scene.app.show(snapshot(read_only=ReadOnly.WRITTEN))
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "X")
        await pilot.pause()
        assert "read-only" in scene.message()


async def lit_keys(scene: Scene, pilot: Pilot[None], *keys: str) -> set[str]:
    """Press keys, let the cursor rest, and return the keys of the key line that are not dimmed."""
    await pilot.press(*keys)
    await pilot.pause(0.3)
    [shown] = scene.app.get_default_screen().query_one("#keys", LineView).lines
    return {each.text for each in shown if each.role is Role.KEY}


async def test_a_key_that_can_do_nothing_is_dimmed_and_the_palette_says_why() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(180, 40)) as pilot:
        at_first = await lit_keys(scene, pilot, "2", "m", "g")
        assert {"T", "X"} <= at_first
        ready = scene.app.get_default_screen().model.view.selection.current_key == READY.key
        below = await lit_keys(scene, pilot, "j")
        assert ("d" in at_first, "d" in below) == (ready, not ready)
        assert ("b" in at_first, "b" in below) == (not ready, ready)
        assert "X" not in await lit_keys(scene, pilot, "1")
        await pilot.press("colon", *"cancel")
        await pilot.pause()
        assert "X: the API has no cancel for operations" in scene.text()


async def test_in_a_read_only_profile_the_keys_that_change_a_server_are_hidden_and_say_why() -> None:
    scene = Scene(read_only=True)
    scene.app.show(snapshot(read_only=ReadOnly.WRITTEN))
    async with scene.app.run_test(size=(180, 40)) as pilot:
        assert "d" in await lit_keys(scene, pilot, "2")
        [shown] = scene.app.get_default_screen().query_one("#keys", LineView).lines
        assert "try again" not in text_of(shown)
        await pilot.press("T")
        await pilot.pause()
        assert "T: this profile is read-only" in scene.message()
        await pilot.press("question_mark")
        await pilot.pause()
        assert "Cancels on the server" not in scene.text()


async def test_the_question_before_trying_again_names_the_file_and_what_became_of_the_first_time() -> None:
    scene = Scene()
    scene.recorder.needed = {READY.key: "the source file of a.docx is needed"}
    scene.recorder.tried = {READY.key: "its source was put again, and it is in progress"}
    source = Path(__file__)
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "T")
        await pilot.pause()
        assert "Tab completes it" in scene.text()
        await pilot.press(*str(source), "enter")
        await pilot.pause()
        shown = " ".join(scene.text().split())
        assert f"sends {source}" in shown
        assert "its source was put again, and it is in progress" in shown
        assert "It was sent again already: yes sends it once more." in shown
        assert "[ Yes, send 1 once more ]" in shown
        scene.clock.elapsed += 1
        await pilot.press("y")
        await pilot.pause()
    assert (scene.recorder.sources, scene.recorder.again) == ({READY.key: source}, {READY.key})


async def test_what_was_not_told_of_is_not_agreed_to() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "T")
        await pilot.pause()
        assert "once more" not in scene.text()
        scene.recorder.tried = {READY.key: "it is being sent again"}
        scene.clock.elapsed += 1
        await pilot.press("y")
        await pilot.pause()
    assert (scene.recorder.acted, scene.recorder.again) == ([("retry", (READY.key,))], set())


async def test_items_without_a_file_are_left_out_of_the_question(tmp_path: Path) -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        scene.recorder.needed = {READY.key: "a.docx is needed"}
        await pilot.press("2", "T")
        await pilot.pause()

        async def not_there(keys: Sequence[ItemKey], _: object) -> dict[ItemKey, RetryPlan]:
            return {key: RetryPlan(needed=f"a.docx is not in {tmp_path}") for key in keys}

        scene.recorder.retry_plan = not_there  # type: ignore[method-assign, assignment]
        await pilot.press(*str(tmp_path), "enter")
        await pilot.pause()
        assert "T: a.docx is not in " in scene.message()
    assert scene.recorder.acted == []


async def test_tab_completes_the_path_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "sources-2026").mkdir()
    (tmp_path / "sources-2026" / "plan.docx").write_bytes(b"plan")
    scene = Scene()
    scene.recorder.needed = {READY.key: "the source file of a.docx is needed"}
    async with scene.app.run_test(size=(160, 40)) as pilot:
        await pilot.press("2", "T")
        await pilot.pause()
        await pilot.press(*f"{tmp_path}/so", "tab")
        await scene.app.workers.wait_for_complete()
        await pilot.press("tab")
        await scene.app.workers.wait_for_complete()
        await pilot.press("enter")
        await pilot.pause()
        assert "plan.docx" in scene.text()
        scene.clock.elapsed += 1
        await pilot.press("y")
        await pilot.pause()
    assert scene.recorder.sources == {READY.key: tmp_path / "sources-2026" / "plan.docx"}
