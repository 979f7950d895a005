"""What the keys ask of the monitor; each answer is words for the message line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial

from wbtui.domain.model import FlexQuestion, ItemKey, Metric, Snapshot
from wbtui.domain.ports import MonitorCommands
from wbtui.domain.records import ReadOperations
from wbtui.tui.tabs.base import TabSpec
from wbtui.tui.toolkit import times

WINDOWS = (3600, 6 * 3600, 24 * 3600, 3 * 86400, 7 * 86400)
"""Changed-since windows in seconds; seven days are the server's limit (apps/wbflex components/status)."""

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
    """Turns keys into calls of `MonitorCommands`, which may come later than the screen."""

    def __init__(self) -> None:
        self.wishes: MonitorCommands | None = None
        self.snapshot: Snapshot | None = None
        self._asked: FlexQuestion | None = None

    def take(self, snapshot: Snapshot) -> None:
        """Take the newest snapshot: what keys act on."""
        self.snapshot = snapshot
        self._asked = None

    def handlers(
        self, say: Callable[[str], None], tab: Callable[[], TabSpec]
    ) -> Mapping[str, Callable[[], None]]:
        """Return what the keys do that only ask; `say` gets the answer, `tab` tells the present tab."""
        return {
            "data.refresh": lambda: say(self.refresh(tab())),
            "data.refresh_all": lambda: say(self.refresh_all()),
            "data.pause": lambda: say(self.pause()),
            "flex.metric": lambda: say(self.metric()),
            "flex.invert": lambda: say(self.invert()),
            "flex.shorter": lambda: say(self.window(-1)),
            "flex.longer": lambda: say(self.window(1)),
        }

    def refresh(self, tab: TabSpec) -> str:
        """Ask for a fresh look at the tab's service; Activity needs none."""
        if tab.service is None:
            return "r: Activity is written as things happen; R looks again at every service"
        return NOT_OPEN if self.wishes is None else self.wishes.refresh(tab.service)

    def refresh_all(self) -> str:
        """Ask for a fresh look at every service."""
        return NOT_OPEN if self.wishes is None else self.wishes.refresh(None)

    def pause(self) -> str:
        """Pause, or go on if paused."""
        if self.wishes is None or self.snapshot is None:
            return NOT_OPEN
        return self.wishes.pause() if self.snapshot.paused_at is None else self.wishes.resume()

    def forget(self, keys: Collection[ItemKey]) -> str:
        """Stop watching operations."""
        return NOT_OPEN if self.wishes is None else self.wishes.forget(sorted(keys))

    def stop(self, keys: Collection[ItemKey]) -> str:
        """Stop the downloads of items."""
        return NOT_OPEN if self.wishes is None else self.wishes.stop(sorted(keys))

    def watch_again(self, keys: Collection[ItemKey]) -> str:
        """Watch operations again that were forgotten."""
        return NOT_OPEN if self.wishes is None else self.wishes.undo_forget(sorted(keys))

    def read_operations(self, raw: bytes) -> ReadOperations:
        """Return the operations that a text or a file names."""
        return ReadOperations((), (NOT_OPEN,)) if self.wishes is None else self.wishes.read_operations(raw)

    def track(self, read: ReadOperations) -> str:
        """Watch the operations that were read; the answer names what could not be read beside them."""
        if self.wishes is None:
            return NOT_OPEN
        said = self.wishes.track(read.found) if read.found else ""
        return "; ".join(filter(None, (said, *read.faults)))

    def metric(self) -> str:
        """Take the next metric."""
        return self._ask(next_metric)

    def invert(self) -> str:
        """Show the other side."""
        return self._ask(inverted)

    def window(self, steps: int) -> str:
        """Look further back, or less far."""
        return self._ask(partial(shifted, steps=steps))

    def _ask(self, change: Callable[[FlexQuestion], FlexQuestion]) -> str:
        """Ask the changed question; keys pressed before the next snapshot build on what was asked last."""
        if self.wishes is None or self.snapshot is None:
            return NOT_OPEN
        present = self._asked or self.snapshot.question
        wanted = change(present)
        if wanted == present:
            return f"The window stays at {times.window(present.changed_seconds)}: that is the limit."
        self._asked = wanted
        return self.wishes.ask_flex(wanted)
