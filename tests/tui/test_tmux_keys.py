"""Every key of the table does what the help says: in a real tmux of 80 columns and 24 lines.

The table below says of each action what is pressed before its key, what is then seen that was not seen
before, and what is pressed to leave everything as it was.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.tui.tmux_terminal import Outer, opened
from wbtui.tui.actions import ACTIONS, action
from wbtui.tui.tabs.operations import OPERATIONS

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux"),
]

NAMES = {
    "down": "Down", "up": "Up", "home": "Home", "end": "End", "pagedown": "NPage", "pageup": "PPage",
    "ctrl+d": "C-d", "ctrl+u": "C-u", "left": "Left", "right": "Right", "tab": "Tab", "shift+tab": "BTab",
    "enter": "Enter", "escape": "Escape", "space": "Space", "f1": "F1", "f5": "F5", "ctrl+p": "C-p",
    "ctrl+l": "C-l", "ctrl+c": "C-c",
}  # fmt: skip


class Sight(NamedTuple):
    """What is seen of an action that begins on the first operation."""

    pattern: str
    before: str | tuple[str, ...] = ""
    """Keys; or keys and what is seen of them in turn, and keys at the end."""
    after: str | tuple[str, ...] = ""


COLUMNS = len(OPERATIONS.columns_for(80))
"""After as many steps the table is sorted as before."""

SEARCH = ("Tab / z z z",)
FOUND = ("/ C-u", r"^ search", "Enter", "17 items", "Tab 1")

SIGHTS = {
    "cursor.down": Sight(r"^> % Partly failed"),
    "cursor.up": Sight(r"^> % Partly failed", "j j"),
    "cursor.first": Sight(r"^>\*! Failed", "Space G", "u"),
    "cursor.last": Sight(r"^> = Done"),
    "cursor.page_down": Sight(r"^> . Waiting +5014"),
    "cursor.page_up": Sight(r"^> \? Paused", "G"),
    "cursor.half_down": Sight(r"^> . Waiting +5007"),
    "cursor.half_up": Sight(r"^> . Waiting +5009", "G"),
    "scroll.right": Sight(r"^< State", "", "h"),
    "scroll.left": Sight(r"range open(.|\n)*^  State", "l v", "v u"),
    "tab.operations": Sight(r"\[1 OP.*\n 17 items.*range open", "v 2", "v u"),
    "tab.beebox": Sight(r"\[2 BEE.*\n 10 files"),
    "tab.instant": Sight(r"\[3 INS.*\n 12 items"),
    "tab.flex": Sight(r"\[4 FLEX.*\n 7 components"),
    "tab.activity": Sight(r"\[5 ACT.*\n 5 events"),
    "tab.previous": Sight(r"\[5 ACT.*\n 5 events"),
    "tab.next": Sight(r"\[2 BEE.*\n 10 files"),
    "pane.next": Sight(r"enter: full screen", "", "Tab"),
    "pane.previous": Sight(r"enter: full screen", "", "Tab"),
    "item.details": Sight(r"enter: full screen", "", "Tab"),
    "activity.item": Sight(r"\[2 BEE", "5 j", "1"),
    "view.full": Sight(r"> price list +esc back", "", "f"),
    # an escape that comes at once with the next key is another key: first see that each has been worked on
    "view.back": Sight(r"range open(.|\n)*^> ! Failed", ("v f", r"> price list +esc back", ""), "v u"),
    "view.matrix": Sight(r"40 items(.|\n)* Locale ", "2", "m"),
    "view.jobs": Sight(r"5 folders(.|\n)* 1/1 ", "2", "J"),
    "view.times": Sight(r"Times: local time", "", "t t"),
    "view.wide": Sight(r"Names give way to more columns", "", "w"),
    "table.sort": Sight(r"sort Id v(.|\n)*Id v", "", " ".join("s" * (COLUMNS - 1))),
    "table.reverse": Sight(r"sort State \^", "", "S"),
    "table.filter": Sight(r"^ / +17 of 17", "", "C-c"),
    "table.problems": Sight(r"problems only   2 of 17", "", "!"),
    "activity.errors": Sight(r"errors only   1 of 5", "5", "a"),
    "table.follow": Sight(r"Followed until", "", "F"),
    "search.next": Sight(r"No hit for zzz", (*SEARCH, "search zzz", "Enter", "17 items", ""), FOUND),
    "search.previous": Sight(r"No hit for zzz", (*SEARCH, "search zzz", "Enter", "17 items", ""), FOUND),
    "mark.toggle": Sight(r"1 marked(.|\n)*^ \*! Failed", "", "u"),
    "mark.range": Sight(r"A range begins here", "", "v u"),
    "mark.all": Sight(r"17 marked", "", "u"),
    "mark.none": Sight(r"No marks", "Space"),
    "item.download": Sight(r"d: downloading 1", "j j j j j"),
    "table.download": Sight(r"D: downloading 17"),
    "table.download_new": Sight(r"W: all that is ready was downloaded"),
    "item.other": Sight(r"P: there is only one deliverable"),
    "item.accept": Sight(r"K: accepted 1"),
    "item.retry": Sight(r"Send to the server again", "", "n"),
    "item.cancel": Sight(r"X: the API has no cancel"),
    "item.tell": Sight(r"b: tells you when it is done"),
    "table.tell": Sight(r"B: tells you of \d\d"),
    "downloads.show": Sight(r"0: there are no downloads"),
    "item.copy": Sight(r"op:5003  sent to the terminal"),
    "item.copy_json": Sight(r"sent to the terminal \(\d{3,} bytes"),
    "item.web": Sight(r"no page of its own; https://acme"),
    "table.export": Sight(r"Writes the 17 rows in view", "", "C-c"),
    "item.hide": Sight(r"11 items +sort(.|\n)*1 taken off this screen", "3", "z"),
    "item.take_back": Sight(r"1 back on the tab Instant", "3 x"),
    "operations.add": Sight(r"Watch an operation", "", "C-c"),
    "operations.add_file": Sight(r"Watch the operations of a file", "", "C-c"),
    "data.refresh": Sight(r"Looking again at operations"),
    "data.refresh_all": Sight(r"Looking again at everything"),
    "data.pause": Sight(r"Paused\."),
    "flex.metric": Sight(r"Asking Flex: all green", "4"),
    "flex.invert": Sight(r"the other side", "4"),
    "flex.shorter": Sight(r"21600 s", "4"),
    "flex.longer": Sight(r"86400 s", "4"),
    "app.palette": Sight(r"Goes to an item by its id", "", "C-c"),
    "app.profiles": Sight(r"no other profile"),
    "app.login": Sight(r"no other profile"),
    "app.help": Sight(r"Keys on the tab Operations", "", "q"),
}
APART = {"app.quit", "app.suspend", "screen.repaint"}
"""What is tested apart: the end, the shell (test_stopping), what only the bytes show (test_terminal)."""


def keys_of(id: str) -> list[str]:
    return [NAMES.get(key, key) for key in action(id).keys]


class Sessions:
    """One session for all keys; a new one after a key that failed, which may have spoilt it."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self.open = ExitStack()
        self._running: Outer | None = None

    @contextmanager
    def use(self) -> Iterator[Outer]:
        running, self._running = self._running, None
        if running is None:
            self.open.close()
            running = self.open.enter_context(opened(self._factory.mktemp("keys"), os.environ["PATH"]))
            # a key that acts counts only once the program knows that it was seen; these two wait for that
            running.press("?")
            running.until_shown("Moves one row down")
            running.press("Escape")
            running.until_shown(r"^> ! Failed")
        yield running
        self._running = running


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    sessions = Sessions(tmp_path_factory)
    with sessions.open:
        yield sessions


def without(pattern: str) -> str:
    return rf"\A(?!(.|\n)*{pattern})"


def do(outer: Outer, steps: str | tuple[str, ...]) -> None:
    *seen, last = (steps,) if isinstance(steps, str) else steps
    for keys, pattern in zip(seen[::2], seen[1::2], strict=True):
        outer.press(keys)
        outer.until_shown(pattern)
    outer.press(last)


def test_the_table_has_every_action() -> None:
    assert {each.id for each in ACTIONS} == SIGHTS.keys() | APART


@pytest.mark.parametrize(("id", "key"), [(id, key) for id in SIGHTS for key in keys_of(id)])
def test_a_key_does_what_the_help_says(sessions: Sessions, id: str, key: str) -> None:
    pattern, before, after = SIGHTS[id]
    with sessions.use() as outer:
        outer.press("1 g")
        outer.until_shown(rf"{without(pattern)}(.|\n)*\[1 OP(.|\n)*^> ! Failed")
        do(outer, before)
        outer.press(key)
        outer.until_shown(pattern)
        if after:
            do(outer, after)
            outer.until_shown(without(pattern))


@pytest.mark.parametrize("key", keys_of("app.quit"))
def test_a_key_quits(tmp_path: Path, key: str) -> None:
    with opened(tmp_path, os.environ["PATH"]) as outer:
        outer.press(key)
        outer.until_over()
