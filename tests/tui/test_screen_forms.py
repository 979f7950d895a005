"""The screen in every size, theme and state of a service, with any text, and by mouse."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.events import MouseScrollDown

from tests.tui import scenes
from tests.tui.driving import make, part, rows_on, running, screen
from wbtui.domain.model import Service
from wbtui.domain.snapshot import Event, Health, HealthWord, Level
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.operations import OPERATIONS


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
        assert rows_on(app, OPERATIONS).cursor == 3
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
        rows = rows_on(app, BEEBOX)
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
