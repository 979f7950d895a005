"""What the running program remembers of its screen from one start to the next."""

from __future__ import annotations

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import pseudo

pytestmark = pytest.mark.terminal


def test_tab_filter_and_form_are_those_of_the_last_time(user: User) -> None:
    with pseudo([], user.environment()) as program:
        program.until("Beebox 240", "Instant 30", seconds=10)
        program.press("2m/state:ready\r")
        program.until("of 240")
        program.press("q")
        assert program.ended(seconds=3.0) == 0
    with pseudo([], user.environment()) as program:
        program.until("BEEBOX 240", "/state:ready", "of 240 items", seconds=10)
        program.press("q")
        assert program.ended(seconds=3.0) == 0


def test_the_title_says_what_failed_and_is_given_back(user: User) -> None:
    with pseudo([], user.environment()) as program:
        program.until("\x1b[22;2t\x1b]2;wbtui acme", "+\x07", seconds=10)
        program.press("q")
        assert program.ended(seconds=3.0) == 0
        assert program.written.count(b"\x1b[23;2t") == 1
