"""The directories of the Beebox that clients write to, and what the next scan will make of them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from wbtui.simulator.http_messages import parsed

ENDING: Final = ".beebox"
"""What an instructions file adds to the name of its source (beebox page, section 3)."""
SANDBOX: Final = "sandbox"


@dataclass(frozen=True, slots=True)
class Source:
    """A file of "in"; `content` is None for one that was there before the world began."""

    saved: datetime
    content: bytes | None = None


@dataclass(slots=True)
class Inbox:
    """Sources and instructions by path, and what changed since the last scan."""

    sources: dict[str, Source]
    instructions: dict[str, bytes]
    """By the path of the source, without the ending."""
    sandbox: dict[str, bytes] = field(default_factory=dict)
    changed: dict[str, None] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)

    def put(self, path: str, content: bytes, now: datetime) -> None:
        """Save a source or its instructions; the scan goes by the date, so the same bytes count as new."""
        if path.endswith(ENDING):
            self.instructions[path.removesuffix(ENDING)] = content
            return
        self.sources[path] = Source(now, content)
        self.removed.pop(path, None)
        self.changed[path] = None

    def delete(self, path: str) -> bool:
        """Delete a source or its instructions, and tell whether it was there."""
        if path.endswith(ENDING):
            return self.instructions.pop(path.removesuffix(ENDING), None) is not None
        if self.sources.pop(path, None) is None:
            return False
        self.changed.pop(path, None)
        self.removed[path] = None
        return True

    def below(self, directory: str) -> list[str]:
        """Return the paths of the sources and instructions in a directory and in those below it."""
        known = [*self.sources, *(f"{path}{ENDING}" for path in self.instructions)]
        return [path for path in known if path.startswith(f"{directory}\\")]

    def take(self) -> tuple[list[str], list[str]]:
        """Return the sources that changed and those that were removed since the last scan."""
        changed, removed = list(self.changed), list(self.removed)
        self.changed.clear()
        self.removed.clear()
        return changed, removed

    def wanted(self, path: str, locales: tuple[str, ...]) -> tuple[str, ...]:
        """Return the locales into which a source is to be translated, in the order of the project.

        Without instructions, or with some that cannot be read, these are all. `translate` false is none.
        """
        told = _instructions(self.instructions.get(path, b""))
        if told.get("translate") is False:
            return ()
        listed = told.get("locales")
        return tuple(code for code in locales if code in listed) if isinstance(listed, list) else locales


def inbox_at_start(files: Mapping[str, datetime], chance: random.Random) -> Inbox:
    """Return the directory with these files by date, about half of them with instructions."""
    told = {path: b'{"translate": true}' for path in files if chance.random() < 0.5}
    return Inbox({path: Source(saved) for path, saved in files.items()}, told)


def _instructions(content: bytes) -> dict[str, Any]:
    try:
        told = parsed(content.decode("utf-8-sig"))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
