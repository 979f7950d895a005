"""Each private or undocumented name of Textual is there, and does what it is used for."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable

import pytest
from rich.console import Console
from textual import events
from textual._compositor import ChopsUpdate, Compositor
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region, Size
from textual.keys import Keys
from textual.message import Message
from textual.messages import InBandWindowResize
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tests.tui.driving import main_of, make, running
from wbtui.tui.app import WbtuiApp
from wbtui.tui.toolkit import textual_internals
from wbtui.tui.toolkit.terminal_driver import DRIVER, TerminalDriver
from wbtui.tui.toolkit.textual_internals import (
    IGNORED_KEY,
    FrameApp,
    FrameScreen,
    KeyParser,
    Missing,
    SilentConsole,
    SpanCompositor,
    SpanUpdate,
    driver_of,
    parser_works,
    tells_size,
    time_of,
)

CALLED = [
    (App, "_display", "screen renderable"),
    (App, "_fatal_error", ""),
    (App, "_check_bindings", "key priority"),
    (App, "_on_key", "event"),
    (Screen, "_compositor_refresh", ""),
    (Screen, "_screen_resized", "size"),
    (Screen, "_push_result_callback", "requester callback future"),
    (Widget, "_set_dirty", "regions"),
    (Widget, "handle_key", "event"),
    (Compositor, "render_partial_update", ""),
    (ChopsUpdate, "render_segments", "console"),
    (LinuxDriver, "_get_terminal_size", ""),
    (LinuxDriver, "run_input_thread", ""),
    (LinuxDriver, "process_message", "message"),
    (LinuxDriver, "disable_input", ""),
    (XTermParser, "_sequence_to_key_events", "sequence alt"),
    (XTermParser, "parse_mouse_code", "code"),
    (XTermParser, "feed", "data"),
    (XTermParser, "tick", ""),
]
"""Methods that are overridden or called, and their arguments."""


@pytest.mark.parametrize(("owner", "name", "arguments"), CALLED)
def test_a_method_is_there_and_takes_what_it_is_given(owner: type, name: str, arguments: str) -> None:
    taken = [each for each in inspect.signature(getattr(owner, name)).parameters if each != "self"]
    assert taken == arguments.split()


def test_what_is_found_at_import_is_textuals_own() -> None:
    names = ("ChopsUpdate", "Compositor", "XTermParser", "LinuxDriver", "InBandWindowResize")
    assert not [name for name in names if getattr(textual_internals, name) is Missing]
    assert textual_internals.found("_compositor", "NoSuchClass") is Missing
    assert textual_internals.found("no_such_module", "Compositor") is Missing
    assert DRIVER is TerminalDriver


async def frames_are_told_before_they_are_sent(app: WbtuiApp) -> None:
    main = main_of(app)
    before = main.painted_at
    main.refresh()
    await asyncio.sleep(0.2)
    assert main.painted_at > before


async def only_the_main_screen_sends_spans(app: WbtuiApp) -> None:
    assert type(main_of(app)._compositor) is SpanCompositor
    assert main_of(app)._compositor.size == app.size
    assert type(Screen()._compositor) is Compositor


async def what_is_dirty_is_sent_as_spans(app: WbtuiApp) -> None:
    screen = main_of(app)
    screen._compositor._dirty_regions.add(Region(3, 2, 5, 1))
    update = screen._compositor.render_partial_update()
    assert isinstance(update, SpanUpdate)
    assert update.spans == [(2, 3, 8)]
    assert screen._compositor._dirty_regions == set()
    own, theirs = update.render_segments(app.console), ChopsUpdate.render_segments(update, app.console)
    assert 0 < len(own) <= len(theirs)


async def a_refreshed_region_is_dirty_with_its_screen(app: WbtuiApp) -> None:
    screen = main_of(app)
    screen.refresh(Region(3, 2, 5, 1))
    assert screen in screen._dirty_widgets
    assert Region(3, 2, 5, 1) in screen._dirty_regions


async def the_driver_is_found(app: WbtuiApp) -> None:
    assert isinstance(app._driver, Driver)
    assert driver_of(app) is app._driver


async def the_first_screen_has_no_callback_and_others_have(app: WbtuiApp) -> None:
    assert main_of(app)._result_callbacks == []
    screen = FrameScreen[None]()
    await app.push_screen(screen)
    assert len(screen._result_callbacks) == 1


async def times_of_messages_grow(app: WbtuiApp) -> None:
    first = Message()
    await asyncio.sleep(0.01)
    assert 0 < first.time == time_of(first) < time_of(events.Key("a", "a"))


async def an_error_is_reported_by_the_app_itself(app: WbtuiApp) -> None:
    reports: list[bool] = []
    app.report_error = lambda: reports.append(True)  # type: ignore[method-assign]
    app._fatal_error()
    assert reports == [True]


async def keys_without_priority_are_looked_up_by_the_app(app: WbtuiApp) -> None:
    assert await app._check_bindings("f35") is False
    assert "_on_key" in vars(FrameApp)


BEHAVES: list[Callable[[WbtuiApp], Awaitable[None]]] = [
    frames_are_told_before_they_are_sent,
    only_the_main_screen_sends_spans,
    what_is_dirty_is_sent_as_spans,
    a_refreshed_region_is_dirty_with_its_screen,
    the_driver_is_found,
    the_first_screen_has_no_callback_and_others_have,
    times_of_messages_grow,
    an_error_is_reported_by_the_app_itself,
    keys_without_priority_are_looked_up_by_the_app,
]


@pytest.mark.parametrize("check", BEHAVES)
async def test_in_a_running_app(check: Callable[[WbtuiApp], Awaitable[None]]) -> None:
    app = make()
    async with running(app):
        await check(app)


def test_a_span_update_that_cannot_be_read_is_sent_as_textual_sends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    strip = Strip.blank(4)
    update = SpanUpdate([{0: strip}], [(0, 1, 2)], [[4]])
    monkeypatch.setattr(ChopsUpdate, "render_segments", lambda *_: "textual's")
    assert update.render_segments(Console()) != "textual's"
    update.chop_ends = None  # type: ignore[assignment]
    assert update.render_segments(Console()) == "textual's"


def test_the_parser_waits_for_the_rest_of_a_sequence_only() -> None:
    parser = XTermParser()
    waits = [parser._awaiting.timeout, *parser.feed("\x1b"), parser._awaiting.timeout]
    assert [wait is None for wait in waits] == [True, False]
    parser._timeout_time = 0.0
    assert [each.key for each in parser.tick() if isinstance(each, events.Key)] == ["escape"]
    assert [key.key for key in parser._sequence_to_key_events("\x1b[A")] == ["up"]
    assert Keys.Ignore.value == IGNORED_KEY
    with pytest.raises(ValueError, match="chr"):
        list(parser._sequence_to_key_events("\x1b[1114112;5u"))
    assert parser_works()


@pytest.mark.parametrize("name", ["at_rest", "feed", "settle", "keys_of"])
def test_a_parser_of_another_kind_is_not_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(*_: object) -> list[Message]:
        raise AttributeError(name)

    monkeypatch.setattr(KeyParser, name, property(other) if name == "at_rest" else other)
    assert not parser_works()


def test_a_terminal_tells_that_it_reports_its_size() -> None:
    assert tells_size(InBandWindowResize(True, False))
    assert not tells_size(InBandWindowResize(False, False))
    assert not tells_size(events.Resize(Size(80, 24), Size(80, 24)))


def test_without_a_report_of_its_own_an_error_is_only_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    SilentConsole(stderr=True).print("a secret", style="bold")
    assert capsys.readouterr().err == "wbtui ended after an unexpected error.\n"
