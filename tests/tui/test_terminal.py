"""What really goes to a terminal, counted in bytes on a pseudo-terminal of 120 x 40 in true colour."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.tui.pty_terminal import Terminal

pytestmark = pytest.mark.terminal

COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")

TRUE_COLOUR = re.compile(rb"[34]8;2;")
RGB = re.compile(rb"\x1b\[(?:[0-9;]*;)?[34]8;[0-9;]*m")


@pytest.fixture(scope="module")
def terminal() -> Iterator[Terminal]:
    """A running screen with 5000 Beebox files, on the Beebox tab."""
    with Terminal() as opened:
        opened.until(b"acme-prod")
        opened.lead(b"b")
        opened.press(b"2")
        yield opened


def frames(sent: bytes) -> list[bytes]:
    """Split what was sent into its synchronised frames."""
    return [frame for frame in sent.split(b"\x1b[?2026h") if frame]


def test_between_two_snapshots_nothing_is_sent(terminal: Terminal) -> None:
    for tab in b"12345":
        terminal.press(bytes([tab]))
        assert terminal.rest(1.0) == b""
    terminal.press(b"2")


def test_a_refresh_that_changed_nothing_sends_nothing_or_a_new_minute(terminal: Terminal) -> None:
    sent = terminal.lead(b"l")
    assert len(sent) <= 150
    assert b"folder-0" not in sent


def test_one_changed_cell_sends_that_cell(terminal: Terminal) -> None:
    terminal.press(b"g")
    sent = terminal.lead(b"c")
    assert 0 < len(sent) <= 200


def test_a_step_of_the_cursor_sends_two_lines_and_then_the_details(terminal: Terminal) -> None:
    terminal.press(b"g")
    for _ in range(3):
        table, details = frames(terminal.press(b"j"))
        assert len(table) <= 450
        assert len(details) <= 2000


def test_a_burst_of_keys_is_drawn_as_few_frames(terminal: Terminal) -> None:
    terminal.press(b"g")
    assert len(terminal.press(b"j" * 20)) <= 4500


def test_changing_the_tab_costs_less_than_two_full_frames(terminal: Terminal) -> None:
    terminal.press(b"1")
    whole = len(terminal.press(b"\x0c"))
    assert len(terminal.press(b"2")) <= 2 * whole


@pytest.mark.parametrize("keys", [b"?", b":", b"E"])
def test_behind_a_dialog_only_what_changed_is_sent(terminal: Terminal, keys: bytes) -> None:
    terminal.press(b"2g")
    terminal.press(keys)
    assert len(terminal.lead(b"l")) <= 450
    assert len(terminal.lead(b"c")) <= 450
    assert terminal.rest(1.0) == b""
    terminal.press(b"\x1b")


def test_a_terminal_that_was_small_for_a_moment_is_painted_whole_again(terminal: Terminal) -> None:
    whole = len(terminal.press(b"\x0c"))
    terminal.resize(5, 40)
    terminal.resize(120, 40)
    painted = terminal.until(b"acme-prod")  # the first line: a busy machine may be long about it
    assert len(painted) >= whole


def test_q_restores_the_terminal() -> None:
    with Terminal() as opened:
        opened.until(b"acme-prod")
        sent = opened.press(b"q")
        assert b"\x1b[?1049l" in sent
        assert b"\x1b[?25h" in sent
        assert opened.process.wait(5) == 0


@pytest.mark.parametrize(("theme", "environ"), [("none", {}), ("dark", {"NO_COLOR": "1"})])
def test_without_colour_no_colour_code_is_sent(theme: str, environ: dict[str, str]) -> None:
    with Terminal(theme=theme, environ=environ) as opened:
        sent = opened.until(b"acme-prod")
        for keys in (b"2", b"j", b"?", b"\x1b", b"5", b"4", b"f"):
            sent += opened.press(keys)
        assert COLOUR.search(sent) is None
        assert b"\x1b[7m" in sent


def test_in_the_ansi_theme_the_colours_are_the_terminals_own() -> None:
    with Terminal(theme="ansi") as opened:
        sent = opened.until(b"acme-prod") + opened.press(b"2") + opened.press(b"3")
        assert COLOUR.search(sent) is not None
        assert RGB.search(sent) is None


@pytest.mark.parametrize("term", ["screen", "screen-256color"])
def test_gnu_screen_gets_no_true_colours_whatever_colorterm_says(term: str) -> None:
    environ = {"TERM": term, "COLORTERM": "truecolor", "STY": "1.pts-0.host", "TMUX": ""}
    with Terminal(theme="dark", environ=environ) as opened:
        sent = opened.until(b"acme-prod") + opened.press(b"2")
        assert COLOUR.search(sent) is not None
        assert TRUE_COLOUR.search(sent) is None


def test_a_crash_shows_where_but_no_local_variable() -> None:
    with Terminal() as opened:
        opened.until(b"acme-prod")
        sent = opened.lead(b"x") + opened.rest(1.5)
        assert b"a fault with" in sent
        assert b"sesame-5f2c" not in sent
        assert b"\x1b[?1049l" in sent
        assert opened.process.wait(5) == 1
