"""With no cell lit the details are of the whole row, and say of how many languages a key does something."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.tui import scenes
from tests.tui.driving import make, part, running
from tests.tui.recorder import Recorder
from tests.tui.test_matrix import CONTEXT, turn, view_of
from wbtui.domain.snapshot import Event, Level, ReadOnly, Snapshot
from wbtui.tui.details_pane import whole_row
from wbtui.tui.matrix import FolderRow, Group
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.flex import FLEX
from wbtui.tui.tabs.row_details import WholeRow, brief, details, title
from wbtui.tui.tabs.tab_spec import TabSpec, ViewMode
from wbtui.tui.toolkit.lines import text_of, width_of

SNAPSHOT = scenes.snapshot()


def row_of(
    name: str, tab: TabSpec = BEEBOX, snapshot: Snapshot = SNAPSHOT, form: ViewMode = ViewMode.MATRIX
) -> WholeRow:
    view = view_of(snapshot, tab)
    if form is not ViewMode.MATRIX:
        turn(view, form)
    lines: list[Group | FolderRow] = list(view.matrix.rows.rows)
    return whole_row(tab, next(line for line in lines if line.name == name), snapshot)


def text(whole: WholeRow, width: int = 60) -> str:
    return "\n".join(text_of(line).rstrip() for line in details(whole, CONTEXT, width))


def test_a_file_is_told_with_all_its_languages() -> None:
    found = text(row_of("intro.docx"))
    for words in (
        "batch-7\\intro.docx", "4 languages", "! 1 Error, 1 Submitting, 1 In progress, 1 Ready",
        "de: No text found.", "fr      + Ready", "zh-Hans ~ In progress",
        "d download    1 of 4 languages: fr", "P other file  off: the Beebox has no preliminary",
        "T try again   all 4 languages: needs the source file", "X cancel      all 4 languages: deletes",
        "b tell me     2 of 4 languages: ja, zh-Hans",
    ):  # fmt: skip
        assert words in found, words
    assert title(row_of("intro.docx")) == "batch-7\\intro.docx  4 languages"


def test_a_component_is_told_with_what_of_it_is_complete() -> None:
    found = text(row_of("app.login", FLEX))
    assert "Component app.login" in found
    assert "Document  1000" in found
    assert "Open" in found
    assert "not complete by the metric in force" in found
    assert "T try again   off: only a failed query or pull" in found


def test_a_folder_tells_its_languages_words_and_failures_and_what_d_fetches() -> None:
    found = text(row_of("batch-7", form=ViewMode.JOBS))
    assert "Folder    batch-7" in found
    assert "State     4 of 14 translations ready, 3 failed" in found
    assert re.search(r"Words +28.964", found)
    assert re.search(r"de +0 of 3 ready.* words", found)
    assert re.search(r"Failures\n +\S+ \(\w+\).*: ", found)
    assert "d download    fetches what is ready: 4" in found
    assert "enter open" in found


@pytest.mark.parametrize("width", [30, 58, 110])
@pytest.mark.parametrize("form", [ViewMode.MATRIX, ViewMode.JOBS])
def test_no_line_is_wider_than_the_pane(width: int, form: ViewMode) -> None:
    view = view_of(SNAPSHOT)
    turn(view, form)
    for line in view.matrix.rows.rows:
        for marked in (0, 3):
            whole = whole_row(BEEBOX, line, SNAPSHOT, marked=marked, so_far=True)
            assert max(width_of(each) for each in details(whole, CONTEXT, width)) <= width
            assert len(brief(whole, CONTEXT, max(60, width))) == 2
            assert max(width_of(each) for each in brief(whole, CONTEXT, 80)) <= 80


def test_what_was_seen_of_any_language_is_its_history() -> None:
    files = [file for file in SNAPSHOT.beebox if file.path.endswith("intro.docx")]
    events = tuple(
        Event(scenes.AT, Level.INFO, "beebox", f"step {n}", key=files[n % 2].key, id=n) for n in range(9)
    )
    found = text(row_of("intro.docx", snapshot=replace(SNAPSHOT, events=events)))
    assert "History (seen by wbtui, the last 8)" in found
    assert "step 0" not in found
    assert "step 8" in found


def test_a_part_and_a_read_only_profile_are_told() -> None:
    group = row_of("intro.docx").row
    found = text(whole_row(BEEBOX, group, replace(SNAPSHOT, read_only=ReadOnly.STARTED), so_far=True))
    assert "4 languages so far" in found
    assert found.count("off: wbtui was started with --read-only") == 2


async def test_the_key_does_to_as_many_languages_as_the_details_say() -> None:
    recorder = Recorder()
    app = make(recorder)
    async with running(app, scenes.snapshot(), size=(120, 40)) as pilot:
        await pilot.press("2", "slash", *"intro", "enter", "j", "k")
        await pilot.pause(0.3)
        assert "d download    1 of 4 languages: fr" in part(app, "details")
        await pilot.press("d")
        assert recorder.acted == [("download", ("bb:fr:batch-7\\intro.docx",))]
        for key in ("l", "h"):
            await pilot.press(key)
            await pilot.pause(0.3)
        assert "d download    1 of 4 languages: fr" in part(app, "details"), "h goes back to the whole row"


async def test_with_marks_the_details_say_that_the_keys_act_on_these() -> None:
    app = make()
    async with running(app, scenes.snapshot(), size=(120, 40)) as pilot:
        await pilot.press("2", "space")
        await pilot.pause(0.3)
        assert "4 marked: the keys act on" in part(app, "details")
        await pilot.press("m")
        await pilot.pause(0.3)
        assert "4 marked: the keys act on" in part(app, "details")
        await pilot.press("u")
        await pilot.pause(0.3)
        assert "marked" not in part(app, "details")
