"""On a Textual in which one of its names is called otherwise the program starts, draws, takes keys, ends.

`.ci/run` takes every fourth name, since each start compiles Textual anew; `pytest -m slow` takes all of them.
"""

from __future__ import annotations

import os

import pytest

from tests.tui.pty_terminal import Terminal
from tests.tui.renamed import NAMES

pytestmark = [pytest.mark.terminal, pytest.mark.slow]

MODULE = "tests.tui.renamed"
SECONDS = 60.0
TRIED = list(NAMES)[:: 4 if "WBTUI_CI" in os.environ else 1]
TABS = ((b"2", b"BEEBOX"), (b"3", b"INSTANT"), (b"4", b"FLEX"), (b"1", b"OPERATIONS"))


@pytest.mark.parametrize("name", TRIED)
def test_the_program_works_without_the_name(name: str) -> None:
    with Terminal(environ={"RENAMED": name}, module=MODULE) as opened:
        opened.until(b"acme-prod", SECONDS)
        for key, title in TABS:
            opened.type(key)
            opened.until(title, SECONDS)
        opened.type(b"j?")
        opened.until(b"ove", SECONDS)
        opened.press(b"\x1b")
        opened.tell(b"l")
        opened.rest(1.0)
        assert opened.rest(1.0) == b"", "an idle screen sends something"
        opened.type(b"q")
        opened.rest(2.0)
        assert opened.process.wait(10) == 0


@pytest.mark.parametrize("name", ["_fatal_error", "_driver", "class LinuxDriver"])
def test_a_crash_without_the_name_shows_no_local_variable(name: str) -> None:
    with Terminal(environ={"RENAMED": name}, module=MODULE) as opened:
        opened.until(b"acme-prod", SECONDS)
        said = opened.lead(b"x") + opened.rest(5.0)
        assert b"\x1b[?1049l" in said
        assert b"sesame-5f2c" not in said
        assert opened.process.wait(10) == 1
