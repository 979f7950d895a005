"""An idle screen writes nothing within a minute, whatever is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import RenderableType
from textual.screen import Screen

from tests.tui import scenes
from tests.tui.driving import make, part, running
from wbtui.domain.model import ItemKey, Service, State
from wbtui.domain.snapshot import Calls, Event, Forecast, Health, HealthWord, Level, Snapshot
from wbtui.tui.app import WbtuiApp

MINUTE = scenes.AT.replace(second=0)
WAITING = 30


def looked_at(seconds: float, looks: int) -> Snapshot:
    """Return 30 waiting operations that were looked at so often, and nothing else has happened."""
    known = scenes.snapshot()
    at = MINUTE + timedelta(seconds=seconds)
    template = next(each for each in known.operations if each.state is State.WAITING)
    operations = tuple(
        replace(
            template,
            key=ItemKey(f"op:{6000 + number}"),
            request_id=6000 + number,
            tracked_at=MINUTE - timedelta(minutes=3 * number, seconds=7 * number),
            looks=looks,
            seen_at=at,
        )
        for number in range(WAITING)
    )
    health = {s: Health(HealthWord.OK, read_at=at, next_at=at + timedelta(seconds=5)) for s in Service}
    forecasts = {each.key: Forecast(at + timedelta(minutes=9), 40.0 + looks, 30.0) for each in operations}
    return replace(
        known,
        at=at,
        operations=operations,
        health=health,
        forecasts=forecasts,
        calls=Calls(100 + looks, 1000),
    )


@contextmanager
def frames_of(app: WbtuiApp, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[RenderableType]]:
    """Collect the frames that have a content."""
    frames: list[RenderableType] = []
    real = app._display

    def noted(screen: Screen[object], frame: RenderableType | None) -> None:
        if frame is not None:
            frames.append(frame)
        real(screen, frame)

    with monkeypatch.context() as patched:
        patched.setattr(app, "_display", noted)
        yield frames


async def test_a_minute_without_news_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make()
    async with running(app, looked_at(0.5, 1)) as pilot:
        await pilot.pause(0.3)  # the details follow the cursor when it rests
        assert "updated 14:31" in part(app, "status")
        with frames_of(app, monkeypatch) as frames:
            for look in range(2, 20):
                app.show(looked_at(3.0 * look, look))
                await pilot.pause()
        assert frames == []


async def test_the_next_minute_moves_ages_and_calls_on(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make()
    async with running(app, looked_at(0.5, 1)) as pilot:
        await pilot.pause(0.3)
        before = part(app, "table")
        with frames_of(app, monkeypatch) as frames:
            app.show(looked_at(60.5, 7))
            await pilot.pause()
        assert frames
        assert part(app, "table") != before
        assert "calls 107/1000" in part(app, "header")
        assert "updated 14:32" in part(app, "status")


async def test_news_moves_all_on_at_once() -> None:
    app = make()
    async with running(app, looked_at(0.5, 1)) as pilot:
        event = Event(MINUTE, Level.INFO, "operations", "5001 is ready", id=99)
        later = looked_at(20.0, 5)
        app.show(replace(later, events=(*later.events, event)))
        await pilot.pause()
        assert "calls 105/1000" in part(app, "header")
