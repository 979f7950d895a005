"""Actions of a user at the screen, drawn from the seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

from wbtui.domain.commands import Cancel, DownloadItems, Forget, Pause, Refresh, Resume, Retry, UndoForget
from wbtui.domain.model import Item, ItemKey, Service, State
from wbtui.domain.snapshot import Snapshot
from wbtui.monitor.loop import Monitor

LEAST_GAP: Final = 60.0
MOST_GAP: Final = 600.0


class Person:
    """Presses keys by chance."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._chance = random.Random(f"person/{seed}")
        self._source = folder / "source.docx"
        self._source.write_bytes(b"some words to translate\n")
        self.acts = 0
        self.forgotten: set[ItemKey] = set()

    def gap(self) -> float:
        """Return the seconds until the next act."""
        return self._chance.uniform(LEAST_GAP, MOST_GAP)

    def act(self, monitor: Monitor, shown: Snapshot) -> str:
        """Do one thing; return what."""
        self.acts += 1
        ways: tuple[Callable[[Monitor, Snapshot], str], ...] = (
            self._download,
            self._download,
            self._retry,
            self._cancel,
            self._refresh,
            self._forget,
            self._pause,
        )
        return self._chance.choice(ways)(monitor, shown)

    def _some(self, items: list[Item], most: int = 3) -> tuple[ItemKey, ...]:
        return tuple(item.key for item in self._chance.sample(items, min(most, len(items))))

    def _download(self, monitor: Monitor, shown: Snapshot) -> str:
        ready = [item for s in Service for item in shown.items(s) if item.state is State.READY]
        return monitor.do(DownloadItems(self._some(ready), other=self._chance.random() < 0.2))

    def _retry(self, monitor: Monitor, shown: Snapshot) -> str:
        failed = [item for s in Service for item in shown.items(s) if item.state is State.FAILED]
        keys = self._some(failed, 1)
        return monitor.do(Retry(keys, dict.fromkeys(keys, self._source)))

    def _cancel(self, monitor: Monitor, shown: Snapshot) -> str:
        files: list[Item] = [f for f in shown.beebox if f.state in {State.WAITING, State.RUNNING}]
        return (
            monitor.do(Cancel(self._some(files, 1)))
            if self._chance.random() < 0.3
            else "thought better of it"
        )

    def _refresh(self, monitor: Monitor, _shown: Snapshot) -> str:
        return monitor.do(Refresh(self._chance.choice([None, *Service])))

    def _forget(self, monitor: Monitor, shown: Snapshot) -> str:
        own: list[Item] = [o for o in shown.operations if not o.kind.startswith("Flex")]
        keys = self._some(own, 1)
        words = monitor.do(Forget(keys))
        if self._chance.random() < 0.5:
            return monitor.do(UndoForget(keys))
        self.forgotten.update(keys)
        return words

    def _pause(self, monitor: Monitor, shown: Snapshot) -> str:
        return monitor.do(Resume()) if shown.paused_at else monitor.do(Pause())
