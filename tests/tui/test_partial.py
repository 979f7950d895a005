"""What is half read, or filtered, is shown as a part: in header, tab, status line, bars, folders, legend."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui import big_scenes, scenes
from tests.tui.driving import main_of, make, part, running
from wbtui.domain.model import Service, State
from wbtui.domain.snapshot import HealthWord, Part, Snapshot

NEXT = scenes.AT.replace(hour=19, minute=47, second=42)


def half(found: Part, snapshot: Snapshot | None = None) -> Snapshot:
    known = snapshot or big_scenes.poster()
    health = replace(known.health[Service.BEEBOX], word=HealthWord.CONNECTING, part=found, next_at=NEXT)
    return replace(known, health={**known.health, Service.BEEBOX: health})


READING = half(Part(15_000, 40_000))


@pytest.mark.parametrize(
    ("size", "status"),
    [
        ((120, 40), "reading: 15 000 of 40 000, goes on 20:47:42"),
        ((80, 24), "reading: 15 000 of 40 000, goes on 20:47:42"),
        ((60, 15), "reading: 15 000 of 40 000"),
    ],
)
async def test_nothing_of_a_half_read_beebox_is_shown_as_of_the_whole(
    size: tuple[int, int], status: str
) -> None:
    app = make()
    async with running(app, READING, size=size) as pilot:
        await pilot.press("2")
        for form in ("", "J", "m"):
            if form:
                await pilot.press("escape", form)
                await pilot.pause()
            assert status in part(app, "status")
            assert "beebox reading" in part(app, "header")
            assert "+!" in part(app, "tabs")
            shown = part(app, "table") + part(app, "band")
            assert "%" not in shown
            assert not {"▆", "▁"} & set(shown)
            assert "▒" in shown or size[1] == 15


async def test_it_is_all_shown_again_once_it_is_whole() -> None:
    app = make()
    async with running(app, READING) as pilot:
        await pilot.press("2")
        app.show(big_scenes.poster())
        await pilot.pause()
        assert "beebox ok" in part(app, "header")
        assert "updated" in part(app, "status")
        assert "▆" in part(app, "table")
        assert "▒" not in part(app, "table")


async def test_the_smallest_screen_and_the_empty_one_say_so_too() -> None:
    app = make()
    async with running(app, READING, size=(39, 7)):
        assert "reading" in part(app, "summary")
        assert "+ failed" in part(app, "summary")
    app = make()
    async with running(app, half(Part(0, 40_000), scenes.snapshot(beebox=()))) as pilot:
        await pilot.press("2")
        await pilot.pause()
        assert "Reading: 0 of 40 000." in part(app, "table")


async def test_what_will_never_come_is_told_with_its_reason() -> None:
    app = make()
    async with running(app, half(Part(39_997, 40_000, why="3 records cannot be read"))) as pilot:
        await pilot.press("2")
        await pilot.pause()
        assert "beebox in part" in part(app, "header")
        assert "read 39 997 of 40 000: 3 records cannot be read, next 20:47:42" in part(app, "status")


async def test_a_folder_or_file_of_which_a_part_is_known_is_not_called_ready() -> None:
    ready = tuple(
        replace(file, state=State.READY, status=1)
        for file in scenes.beebox()
        if file.locale != "ja" or "faq" in file.path
    )
    app = make()
    async with running(app, scenes.snapshot(beebox=ready)) as pilot:
        await pilot.press("2")
        await pilot.pause()
        rows = part(app, "table").splitlines()
        assert any(row[2] == "+" for row in rows if "intro" in row)
        app.show(half(Part(30, 60), scenes.snapshot(beebox=ready)))
        await pilot.pause()
        rows = part(app, "table").splitlines()
        assert any(row[2] == " " for row in rows if "intro" in row), "ja of it may be still to come"
        assert any(row[2] == "+" for row in rows if "faq" in row)
        assert "blank not read yet" in part(app, "table")
        await pilot.press("J")
        await pilot.pause()
        rows = [row for row in part(app, "table").splitlines() if "batch-" in row]
        assert {row[2] for row in rows} == {" "}


async def test_the_bars_of_a_filtered_list_are_of_what_is_shown_and_say_so() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("2", "slash", *"locale:fr", "enter")
        await pilot.pause()
        lines = part(app, "table").splitlines()
        assert "ready of these, by words" in lines[1]
        assert "ja" not in lines[0]
        await pilot.press("m")
        await pilot.pause()
        band = part(app, "band")
        assert band.startswith(" of these: fr")
        assert "de" not in band.replace("these", "")
        await pilot.press("escape")
        await pilot.pause()
        assert part(app, "band").startswith(" de")


async def test_the_legend_tells_the_signs_that_are_there_and_only_those() -> None:
    app = make()
    async with running(app) as pilot:
        await pilot.press("2")
        await pilot.pause()
        foot = part(app, "table").splitlines()[-3:]
        told = " ".join(foot)
        for sign in (
            "! Error",
            "? status 3",
            ". New",
            "/ Submitting",
            "~ In progress",
            "= Done",
            "+ Ready",
            "x Can",
        ):
            assert sign in told
        assert "asked" not in told
        await pilot.press("slash", *"state:ready,error", "enter")
        await pilot.pause()
        assert part(app, "table").splitlines()[-1].split() == ["!", "Error", "+", "Ready"]
        assert main_of(app).model.view.counts.shown.count.total < 40
