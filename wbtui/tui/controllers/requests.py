"""What the keys ask of the monitor; each answer is words for the message line."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from wbtui.domain.commands import AskFlex, Command, MonitorCommands, Pause, Refresh, Resume, Track
from wbtui.domain.model import FlexQuestion, Metric
from wbtui.domain.records import ReadOperations
from wbtui.domain.snapshot import Snapshot
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit import times

WINDOWS = (3600, 6 * 3600, 24 * 3600, 3 * 86400, 7 * 86400)
"""Changed-since windows in seconds; seven days are the server's limit (apps/wbflex components/status)."""

CLOSING_SECONDS = 3.0
"""The longest that `ctrl+z` waits for sessions to be closed."""

NOT_OPEN = "The services are still being opened."


def next_metric(question: FlexQuestion) -> FlexQuestion:
    """Return the question with the next metric."""
    metrics = tuple(Metric)
    return replace(question, metric=metrics[(metrics.index(question.metric) + 1) % len(metrics)])


def inverted(question: FlexQuestion) -> FlexQuestion:
    """Return the question's other side."""
    return replace(question, invert=not question.invert)


def shifted(question: FlexQuestion, steps: int) -> FlexQuestion:
    """Return the question with a window so many steps longer, or shorter, within the limits."""
    present = question.changed_seconds
    if steps > 0:
        others = [seconds for seconds in WINDOWS if seconds > present]
        return replace(question, changed_seconds=others[0] if others else max(present, WINDOWS[-1]))
    others = [seconds for seconds in WINDOWS if seconds < present]
    return replace(question, changed_seconds=others[-1] if others else min(present, WINDOWS[0]))


class Intents:
    """Passes commands on to the monitor, which may come later than the screen."""

    def __init__(self) -> None:
        self.monitor: MonitorCommands | None = None
        self.snapshot: Snapshot | None = None
        self._asked: FlexQuestion | None = None

    def take(self, snapshot: Snapshot) -> None:
        """Replace the snapshot that keys act on."""
        self.snapshot = snapshot
        self._asked = None

    def handlers(
        self, say: Callable[[str], None], tab: Callable[[], TabSpec]
    ) -> Mapping[str, Callable[[], None]]:
        """Return what the keys do that only ask; `say` gets the answer, `tab` tells the present tab."""
        return {
            "data.refresh": lambda: say(self.refresh(tab())),
            "data.refresh_all": lambda: say(self.do(Refresh())),
            "data.pause": lambda: say(self.pause()),
            "flex.metric": lambda: say(self.ask(next_metric)),
            "flex.invert": lambda: say(self.ask(inverted)),
            "flex.shorter": lambda: say(self.ask(partial(shifted, steps=-1))),
            "flex.longer": lambda: say(self.ask(partial(shifted, steps=1))),
        }

    def do(self, command: Command) -> str:
        """Give a command to the monitor; return its words for the message line."""
        return NOT_OPEN if self.monitor is None else self.monitor.do(command)

    def refresh(self, tab: TabSpec) -> str:
        """Ask for a fresh look at the tab's service; Activity needs none."""
        if tab.service is None:
            return "r: Activity is written as things happen; R looks again at every service"
        return self.do(Refresh(tab.service))

    def pause(self) -> str:
        """Pause, or go on if paused."""
        if self.snapshot is None:
            return NOT_OPEN
        return self.do(Pause() if self.snapshot.paused_at is None else Resume())

    def read_operations(self, raw: bytes) -> ReadOperations:
        """Return the operations that a text or a file names."""
        return ReadOperations((), (NOT_OPEN,)) if self.monitor is None else self.monitor.read_operations(raw)

    def track(self, raw: bytes) -> str:
        """Watch the operations that a text or a file names; the answer names what could not be read."""
        read = self.read_operations(raw)
        said = self.do(Track(read.found)) if read.found else ""
        return "; ".join(filter(None, (said, *read.faults)))

    def ask(self, change: Callable[[FlexQuestion], FlexQuestion]) -> str:
        """Ask the changed question; keys pressed before the next snapshot build on what was asked last."""
        if self.monitor is None or self.snapshot is None:
            return NOT_OPEN
        present = self._asked or self.snapshot.question
        wanted = change(present)
        if wanted == present:
            return f"The window stays at {times.window(present.changed_seconds)}: that is the limit."
        self._asked = wanted
        return self.do(AskFlex(wanted))


async def without_sessions(intents: Intents, act: Callable[[], bool]) -> None:
    """Pause, act while no session is open, and resume if it acted; a pause of the user is left as it is."""
    monitor, snapshot = intents.monitor, intents.snapshot
    if monitor is None or (snapshot is not None and snapshot.paused_at is not None):
        act()
        return
    monitor.do(Pause())
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSING_SECONDS):
            await monitor.closed()
    if act():
        monitor.do(Resume())
