"""The screen as a test drives it: made with a recorder, run without a terminal, and read as text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tests.tui import scenes
from tests.tui.recorder import Recorder
from wbtui.config import UiSettings
from wbtui.domain.clock import Clock, SystemClock
from wbtui.domain.snapshot import Snapshot
from wbtui.tui.app import WbtuiApp
from wbtui.tui.chrome import Banner
from wbtui.tui.main_screen import MainScreen
from wbtui.tui.tabs.row import Row
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import text_of
from wbtui.tui.toolkit.rows import Rows

BANNER = Banner("acme-prod")


def make(
    commands: Recorder | None = None,
    theme: str = "dark",
    *,
    ascii: bool = False,
    settings: UiSettings | None = None,
    reread: Callable[[], UiSettings] | None = None,
    clock: Clock | None = None,
    banner: Banner = BANNER,
) -> WbtuiApp:
    app = WbtuiApp(
        banner,
        clock or SystemClock(),
        settings=settings or UiSettings(theme),
        reread=reread,
        ascii=ascii,
        zone=scenes.ZONE,
        environ={},
    )
    if commands is not None:
        app.attach(commands)
    return app


def rows_on(app: WbtuiApp, tab: TabSpec) -> Rows[Row]:
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


def main_of(app: WbtuiApp) -> MainScreen:
    return app.get_default_screen()


async def worked_off(app: WbtuiApp, pilot: Pilot[None]) -> None:
    """Wait until every key that was typed has done its work and all is drawn, or until the end."""
    for _ in range(1000):
        await pilot.pause()
        if app.ending or (not app._typed and app._under_way is None):
            await pilot.pause()
            return
    raise AssertionError("a key is still being worked on")
