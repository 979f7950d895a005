"""The matrix: what it groups, counts and shows, and that cursor and marks stay on their items."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.tui import big_scenes, scenes
from tests.tui.driving import make, part, running
from wbtui.domain.model import BeeboxFile, State
from wbtui.domain.snapshot import Snapshot
from wbtui.tui.app import WbtuiApp
from wbtui.tui.matrix import LocaleTotal, group_counts
from wbtui.tui.matrix_lines import heading, legend, matrix_layout, row_line
from wbtui.tui.status_table import sheet_of
from wbtui.tui.tab_view import TabView
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.flex import FLEX
from wbtui.tui.tabs.tab_spec import TabSpec, ViewMode
from wbtui.tui.toolkit.lines import text_of, width_of
from wbtui.tui.toolkit.steps import AT_ONCE, at_once
from wbtui.tui.toolkit.themes import ascii_only

CONTEXT = Context(scenes.AT, scenes.ZONE)


def view_of(snapshot: Snapshot, tab: TabSpec = BEEBOX) -> TabView:
    view = TabView(tab)
    renew(view, snapshot)
    return view


def renew(view: TabView, snapshot: Snapshot) -> bool:
    view.take(snapshot, CONTEXT)
    return at_once(view.work(CONTEXT, shown=True))


def turn(view: TabView, form: ViewMode) -> None:
    view.switch(form)
    at_once(view.work(CONTEXT, shown=True))


def drawn(view: TabView, width: int, height: int = 30) -> list[str]:
    matrix = view.matrix
    plan = matrix_layout(matrix, view.mode, width)
    sheet = sheet_of(view, CONTEXT, plan)
    body = [
        row_line(row, sheet, at_cursor=matrix.rows.cursor == number)
        for number, row in enumerate(matrix.rows.rows)
    ]
    lines = [*heading(sheet, height), *body, *legend(sheet, width)]
    assert max(width_of(line) for line in lines) <= max(width, 18), "no line is wider than the table"
    return [text_of(line).rstrip() for line in lines]


def test_a_file_has_one_glyph_per_language_under_its_head() -> None:
    lines = drawn(view_of(scenes.snapshot()), 100)
    head = lines[0]
    row = next(line for line in lines if "intro.docx" in line)
    found = {
        head[index : index + 2]: row[index] for index in (head.index(" de ") + 1, head.index(" fr ") + 1)
    }
    assert found == {"de": "!", "fr": "+"}
    assert row[2] == "!", "the row is what its worst language is"


def test_the_totals_are_shares_of_words_or_of_files_where_no_words_are_known() -> None:
    files = scenes.beebox()
    assert "ready, by words" in drawn(view_of(scenes.snapshot()), 100)[1]
    bare = tuple(replace(file, words=None) for file in files)
    lines = drawn(view_of(scenes.snapshot(beebox=bare)), 100)
    assert "ready, by files" in lines[1]
    german = next(total for total in at_once(group_counts(bare, BEEBOX)).totals if total.locale == "de")
    assert f"{int(german.share * 100)}" in lines[1] + lines[2]


@pytest.mark.parametrize("width", [24, 39, 52, 79, 100, 160])
@pytest.mark.parametrize("form", [ViewMode.MATRIX, ViewMode.JOBS])
def test_forty_languages_scroll_sideways_and_the_name_stays(width: int, form: ViewMode) -> None:
    view = view_of(big_scenes.forty_locales())
    turn(view, form)
    for number in range(41):
        lines = drawn(view, width)
        assert view.matrix.locale in (None, *view.matrix.visible_locales)
        assert view.matrix.locale == (None if number == 0 else view.matrix.locales[number - 1])
        assert "autumn"[: min(6, width // 8)] in lines[-2] + "".join(lines)
        view.columns.sideways(1)
    assert view.matrix.visible_locales[-1] == view.matrix.locales[-1]


def test_list_and_matrix_keep_the_item_under_the_cursor() -> None:
    view = view_of(big_scenes.poster())
    chance = random.Random(3)
    for _ in range(60):
        view.selection.lines.move(chance.randrange(-40, 60))
        view.columns.sideways(chance.randrange(-3, 4) if view.mode is not ViewMode.LIST else 0)
        key = view.selection.current_key
        turn(view, ViewMode.LIST if view.mode is ViewMode.MATRIX else ViewMode.MATRIX)
        assert view.selection.current_key == key


def test_cursor_and_marks_stay_on_their_items_through_ten_thousand_changes() -> None:
    chance = random.Random(7)
    files = list(big_scenes.files(("de", "fr", "ja")))
    held = scenes.snapshot(beebox=tuple(files))
    view = view_of(held)
    view.matrix.point("fr")
    for _ in range(10_000):
        before, locale = view.matrix.line, view.matrix.locale
        assert before is not None
        view.selection.toggle_mark()
        marks = view.selection.marks
        act = chance.choice(("sort", "state", "move", "remove", "add", "point"))
        if act == "sort":
            view.columns.choose_sort(chance.choice(("name", "state", "fr", "de")))
        elif act == "move":
            view.selection.lines.move(chance.randrange(-3, 4))
            before = view.matrix.line
        elif act == "point":
            view.matrix.point(chance.choice((None, "fr", "ja")))
            locale = view.matrix.locale
        else:
            _disturb(files, act, chance)
        kept = renew(view, replace(held, beebox=tuple(files)))
        after = view.matrix.line
        assert after is not None
        assert before is not None
        assert not kept or after.key == before.key
        assert view.matrix.locale == locale
        assert view.selection.marks == marks
        view.selection.clear()


def _disturb(files: list[BeeboxFile], act: str, chance: random.Random) -> None:
    number = chance.randrange(len(files))
    if act == "state":
        files[number] = replace(files[number], state=chance.choice(list(State)))
    elif act == "remove" and len(files) > 40:
        del files[number]
    elif act == "add":
        locale = chance.choice(("de", "fr", "ja"))
        path = f"new\\{chance.random()}.docx"
        files.insert(
            number,
            big_scenes.file_of(path, locale, (4, "New", State.WAITING), 9, 1),
        )


def test_marks_are_by_cell_or_by_row() -> None:
    view = view_of(scenes.snapshot())
    view.selection.toggle_mark()
    assert len(view.selection.marks) == 4
    assert next(line for line in drawn(view, 80) if line.startswith(">")).startswith(">*")
    view.selection.toggle_mark()
    assert not view.selection.marks
    view.matrix.point("ja")
    view.selection.toggle_mark()
    assert view.selection.marks == {view.selection.current_key}
    assert "*" in next(line for line in drawn(view, 80) if line.startswith("> "))


def test_folders_add_up_to_the_whole() -> None:
    view = view_of(big_scenes.poster())
    turn(view, ViewMode.JOBS)
    found = [dict(job.cells) for job in view.matrix.rows.rows]
    for total in view.counts.all.totals:
        parts = [cells[total.locale] for cells in found if total.locale in cells]
        counted = [part for part in parts if isinstance(part, LocaleTotal)]
        assert len(counted) == len(parts) == 6
        assert sum(part.ready for part in counted) == total.ready
        assert sum(part.files for part in counted) == total.files
    names = [line[4:].split()[0] for line in drawn(view, 120)[2:-1]]
    assert names == ["autumn-campaign", "catalogue-2026", "help-centre", "legal", "manuals", "store-app"]


def test_flex_shows_what_is_complete_open_and_not_changed() -> None:
    view = view_of(big_scenes.poster(), FLEX)
    lines = drawn(view, 90)
    assert "complete, by segments" in lines[1]
    assert "blank not changed" in lines[-1]
    assert {character for line in lines[3:-1] for character in line[45:]} <= set("+~ ")


def test_no_share_is_told_of_a_flex_document_that_has_answered_one_side_only() -> None:
    poster = big_scenes.poster()
    half = tuple(replace(each, answered_at=None) for each in poster.flex_documents)
    view = view_of(replace(poster, flex_documents=half), FLEX)
    bars, figures = drawn(view, 90)[1:3]
    assert not (bars[45:] + figures[45:]).strip(), (
        "100 percent would be told where the open ones are not known yet"
    )
    kept = renew(view, poster)
    assert kept
    assert drawn(view, 90)[2][45:].split(), (
        "they are told as soon as the other side has come, without new rows"
    )


def test_a_long_list_is_worked_out_in_many_small_steps_with_the_same_result() -> None:
    files = big_scenes.many(AT_ONCE // 20 + 300)
    shuffled = list(files)
    random.Random(1).shuffle(shuffled)
    view = TabView(BEEBOX)
    view.switch(ViewMode.LIST)
    view.take(scenes.snapshot(beebox=tuple(shuffled)), CONTEXT)
    assert view.partial
    assert view.rows.rows, "the first few are shown at once"
    for backwards in (False, True):
        steps = view.work(CONTEXT, shown=True)
        assert sum(1 for _ in steps) > 10
        order = view.list.sorted
        expected = sorted(
            shuffled, key=lambda file: order.order(file, CONTEXT), reverse=backwards != order.newest_first
        )
        assert list(view.rows.rows) == expected
        view.columns.choose_sort(view.columns.sort)
    assert not view.partial


def line_at(app: WbtuiApp) -> str:
    return next(line for line in part(app, "table").splitlines() if line.startswith(">"))


async def test_the_keys_go_through_the_forms_and_cells() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("2", "j", "l", "l")
        await pilot.pause()
        assert "[" in line_at(app)
        key = app.get_default_screen().model.view.selection.current_key
        await pilot.press("m")
        await pilot.pause()
        assert "Locale" in part(app, "table")
        assert app.get_default_screen().model.view.selection.current_key == key
        await pilot.press("m", "J")
        await pilot.pause()
        assert part(app, "status").startswith(" 5 folders")
        await pilot.press("J")
        await pilot.pause()
        assert app.get_default_screen().model.view.selection.current_key == key
        await pilot.press("1", "m")
        assert "m: matrix works on Beebox and Flex only" in part(app, "message")


async def test_a_click_chooses_a_cell_and_on_a_head_sorts() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("2")
        view = app.get_default_screen().model.view
        x = part(app, "table").splitlines()[0].index(" fr") + 1
        await pilot.click("#table", offset=(x, 5))
        await pilot.pause()
        assert view.matrix.locale == "fr"
        assert line_at(app) == part(app, "table").splitlines()[5]
        await pilot.click("#table", offset=(x, 0))
        await pilot.pause()
        assert "sort fr v" in part(app, "status")
        await pilot.click("#table", offset=(6, 0))
        await pilot.pause()
        assert "sort Name v" in part(app, "status")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, False),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "C.utf8"}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, True),
        ({"LANG": "de_DE.ISO-8859-1", "LC_CTYPE": "de_DE.UTF-8"}, False),
    ],
)
def test_another_character_set_than_utf_8_gets_ascii_lines(environ: dict[str, str], expected: bool) -> None:
    assert ascii_only(environ) is expected
