"""Breakpoints, themes, and what the Flex keys ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui import scenes
from tests.tui.recorder import Recorder
from wbtui.domain.commands import Refresh
from wbtui.domain.model import FlexQuestion, Metric, Service
from wbtui.tui.controllers.requests import NOT_OPEN, WINDOWS, Intents, inverted, next_metric, shifted
from wbtui.tui.layout import DetailsPlace, Layout, layout_for
from wbtui.tui.tabs.all import TABS
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.toolkit.themes import ANSI, DARK, LIGHT, ThemeChoice, looks


@pytest.mark.parametrize(
    ("width", "height", "details", "lines", "news"),
    [
        (200, 50, DetailsPlace.RIGHT, 0, 3),
        (120, 40, DetailsPlace.RIGHT, 0, 3),
        (110, 24, DetailsPlace.RIGHT, 0, 0),
        (109, 40, DetailsPlace.BELOW, 9, 3),
        (80, 24, DetailsPlace.BELOW, 2, 0),
        (80, 19, DetailsPlace.NOWHERE, 0, 0),
        (60, 15, DetailsPlace.NOWHERE, 0, 0),
        (40, 8, DetailsPlace.NOWHERE, 0, 0),
    ],
)
def test_the_screen_is_cut_by_its_size(
    width: int, height: int, details: DetailsPlace, lines: int, news: int
) -> None:
    layout = layout_for(width, height)
    assert (layout.summary, layout.details, layout.details_lines, layout.news) == (
        False,
        details,
        lines,
        news,
    )
    assert layout.details_width <= width * 0.45


@pytest.mark.parametrize(("width", "height"), [(39, 40), (120, 7), (1, 1)])
def test_below_40_by_8_there_is_one_line(width: int, height: int) -> None:
    assert layout_for(width, height) == Layout(summary=True)


def test_long_rows_keep_the_whole_width() -> None:
    assert layout_for(160, 40, long_rows=True).details is DetailsPlace.BELOW


@pytest.mark.parametrize(
    ("wanted", "environ", "found"),
    [
        ("auto", {}, ThemeChoice(DARK)),
        ("auto", {"SSH_CONNECTION": "10.0.0.1 22"}, ThemeChoice(ANSI, ansi=True)),
        ("auto", {"SSH_TTY": "/dev/pts/1"}, ThemeChoice(ANSI, ansi=True)),
        ("auto", {"COLORFGBG": "0;15"}, ThemeChoice(LIGHT)),
        ("auto", {"COLORFGBG": "15;0"}, ThemeChoice(DARK)),
        ("dark", {"SSH_TTY": "/dev/pts/1"}, ThemeChoice(DARK)),
        ("light", {}, ThemeChoice(LIGHT)),
        ("ansi", {}, ThemeChoice(ANSI, ansi=True)),
        ("none", {}, ThemeChoice(ANSI, ansi=True, colourless=True)),
        ("dark", {"NO_COLOR": "1"}, ThemeChoice(ANSI, ansi=True, colourless=True)),
        ("dark", {"NO_COLOR": ""}, ThemeChoice(DARK)),
        ("nord", {}, ThemeChoice("nord")),
    ],
)
def test_the_theme_is_found_by_name_and_surroundings(
    wanted: str, environ: dict[str, str], found: ThemeChoice
) -> None:
    assert looks(wanted, environ) == found


def test_the_metrics_come_in_a_circle() -> None:
    question = FlexQuestion()
    seen = []
    for _ in Metric:
        seen.append(question.metric)
        question = next_metric(question)
    assert set(seen) == set(Metric)
    assert question == FlexQuestion()
    assert inverted(inverted(question)) == question


@pytest.mark.parametrize(
    ("seconds", "steps", "found"),
    [
        (86400, 1, 3 * 86400),
        (86400, -1, 6 * 3600),
        (3600, -1, 3600),
        (7 * 86400, 1, 7 * 86400),
        (2 * 3600, 1, 6 * 3600),
        (2 * 3600, -1, 3600),
    ],
)
def test_the_window_moves_within_an_hour_and_seven_days(seconds: int, steps: int, found: int) -> None:
    assert shifted(FlexQuestion(changed_seconds=seconds), steps).changed_seconds == found
    assert WINDOWS[-1] == 7 * 86400


def longer(question: FlexQuestion) -> FlexQuestion:
    return shifted(question, 1)


def test_before_the_services_are_open_every_command_says_so() -> None:
    intents = Intents()
    answers = (
        intents.refresh(BEEBOX), intents.do(Refresh()), intents.pause(),
        intents.ask(next_metric), intents.ask(inverted), intents.ask(longer),
    )  # fmt: skip
    assert set(answers) == {NOT_OPEN}


def test_keys_pressed_before_the_answer_build_on_what_was_asked() -> None:
    intents, recorder = Intents(), Recorder()
    intents.monitor = recorder
    intents.take(scenes.snapshot())
    intents.ask(longer)
    intents.ask(longer)
    assert [question.changed_seconds for question in recorder.questions] == [3 * 86400, 7 * 86400]
    assert "limit" in intents.ask(longer)
    intents.take(scenes.snapshot())
    intents.ask(next_metric)
    assert recorder.questions[-1] == FlexQuestion(Metric.ALL_GREEN)


def test_refresh_asks_for_the_service_of_the_tab() -> None:
    intents, recorder = Intents(), Recorder()
    intents.monitor = recorder
    for tab in TABS:
        intents.refresh(tab)
    intents.do(Refresh())
    assert recorder.refreshed == [*Service, None]


def test_pause_goes_on_when_paused() -> None:
    intents, recorder = Intents(), Recorder()
    intents.monitor = recorder
    intents.take(scenes.snapshot())
    intents.pause()
    intents.take(replace(scenes.snapshot(), paused_at=scenes.AT))
    intents.pause()
    assert recorder.pauses == ["pause", "resume"]
