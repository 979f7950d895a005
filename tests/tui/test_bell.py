"""The bell: what goes to which terminal, and what the screen does when something is done."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.fakes import FakeClock
from tests.tui.recorder import Recorder
from tests.tui.test_item_actions import OPEN, READY, snapshot
from wbtui.config import UiSettings
from wbtui.desktop.clipboard import wrapped
from wbtui.domain.model import ItemKey
from wbtui.domain.snapshot import Alert
from wbtui.tui.app import WbtuiApp
from wbtui.tui.chrome import Banner
from wbtui.tui.terminal_window import BEL, LONGEST, codes, words
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import text_of

NINE = "\x1b]9;wbtui acme: done\x07"
SEVENS = "\x1b]777;notify;wbtui acme;done\x07"
RING = Alert(1, ItemKey("op:5001"), "ready", "Export 5001 is ready")


@pytest.mark.parametrize(
    ("environ", "extra"),
    [
        ({"TERM": "xterm-256color"}, NINE + SEVENS),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, NINE),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, NINE),
        ({"TERM": "xterm-kitty"}, NINE),
        ({"TERM": "foot"}, SEVENS),
        ({"TERM": "rxvt-unicode-256color"}, SEVENS),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, SEVENS),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/tmux-1000/default,1,0"}, wrapped(NINE + SEVENS)),
        ({"TERM": "linux"}, ""),
        ({}, ""),
    ],
)
def test_the_bell_goes_everywhere_and_the_notification_where_it_is_understood(
    environ: dict[str, str], extra: str
) -> None:
    assert codes("acme", "done", environ) == BEL + extra


def test_text_of_servers_cannot_end_a_code_or_begin_another() -> None:
    sent = codes("a;b\x07", "x\x07\x1b]0;title\x07\u202e" + "y" * 999, {"TERM": "xterm-256color"})
    assert sent.count("\x1b") == 2
    assert sent.count(BEL) == 3
    assert "\u202e" not in sent
    assert len(sent) < 3 * LONGEST
    assert "notify;wbtui a,b" in sent


def test_many_at_once_are_one_sentence() -> None:
    assert words([RING]) == "Export 5001 is ready"
    assert words([RING, RING, RING]) == "3 done: Export 5001 is ready, and 2 more"


class Scene:
    """The app with what it sends to the terminal beside its frames, and the commands it has run."""

    def __init__(self, settings: UiSettings | None = None) -> None:
        self.recorder = Recorder()
        self.app = WbtuiApp(
            Banner("acme"),
            FakeClock(),
            settings=settings or UiSettings(on_done="say it"),
            environ={"TERM": "xterm-256color", "LANG": "C.UTF-8"},
        )
        self.app.attach(self.recorder)
        self.sent: list[str] = []
        self.ran: list[tuple[str, str, int]] = []
        self.app.window.send = self.sent.append

        def announce(command: str, profile: str, alerts: Sequence[Alert]) -> None:
            self.ran.append((command, profile, len(alerts)))

        self.app.announce = announce
        self.app.show(snapshot())

    @property
    def bells(self) -> list[str]:
        return [sent for sent in self.sent if sent.startswith(BEL)]

    def text(self, id: str) -> str:
        screen = self.app.get_default_screen()
        return "\n".join(text_of(each) for each in screen.query_one(f"#{id}", LineView).lines)


async def test_b_asks_for_the_item_the_marks_and_the_whole_view() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2", "b")
        await pilot.pause()
        assert "b: tells you when it is done" in scene.text("message")
        await pilot.press("m", "*", "slash", *"a.docx", "enter", "b")
        await pilot.pause()
        assert "1 marked item is hidden by the filter: left out" in scene.text("message")
        await pilot.press("escape", "u", "B")
        await pilot.pause()
    both = {READY.key, OPEN.key}
    assert [(name, set(keys)) for name, keys in scene.recorder.acted] == [
        ("tell", {READY.key}),
        ("tell", {READY.key}),
        ("tell", both),
    ]


async def test_when_it_is_done_the_terminal_rings_once_and_the_command_is_run() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        scene.app.show(snapshot(alerts_on=frozenset({READY.key})))
        await pilot.pause()
        assert "1 bell" in scene.text("status")
        for _ in range(2):
            scene.app.show(snapshot(alerts=(RING,)))
            await pilot.pause()
        assert [sent.count(BEL) for sent in scene.bells] == [3]
        assert "b: Export 5001 is ready" in scene.text("message")
        second = Alert(2, READY.key, "ready", "a.docx (fr) is ready")
        scene.app.show(snapshot(alerts=(RING, second)))
        await pilot.pause()
        assert "a.docx (fr) is ready" in scene.bells[1]
    assert scene.ran == [("say it", "acme", 1)] * 2


@pytest.mark.parametrize("typed", [False, True])
async def test_the_bell_can_be_switched_off_and_activity_and_command_stay(typed: bool) -> None:
    scene = Scene(UiSettings(on_done="say it", bell=typed))
    async with scene.app.run_test(size=(120, 40)) as pilot:
        if typed:
            await pilot.press("colon", *"bell off", "enter")
            await pilot.pause()
            assert "The bell is off" in scene.text("message")
        scene.app.show(snapshot(alerts=(RING,)))
        await pilot.pause()
        assert "b: Export 5001 is ready" in scene.text("message")
    assert scene.bells == []
    assert len(scene.ran) == 1


async def test_what_went_wrong_with_the_command_stands_in_activity() -> None:
    scene = Scene()
    async with scene.app.run_test(size=(120, 40)) as pilot:
        scene.app.warn("on_done: ended with status 3")
        await pilot.pause()
        assert "on_done: ended with status 3" in scene.text("message")
    assert [event.text for event in scene.recorder.noted] == ["on_done: ended with status 3"]
