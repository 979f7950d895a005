"""`wbtui status --watch`: what changes, appended line by line, until it is interrupted."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Final

from wbtui.app.services import Environment
from wbtui.app.sharing import ProfileWatcher
from wbtui.cli.context import run_to_end
from wbtui.cli.exit_codes import Exit
from wbtui.cli.news import ItemNews, ServiceNews, in_words, news
from wbtui.cli.output import data, document, say
from wbtui.config import Profile
from wbtui.domain.snapshot import HealthWord, Snapshot
from wbtui.store import SqliteStore

_RED, _GREEN, _YELLOW, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"
_COLOURS: Final = (
    ("failed", _RED),
    (" LOGIN", _RED),
    (" DOWN", _RED),
    ("cancelled", _YELLOW),
    ("no longer", _YELLOW),
    (" is ready", _GREEN),
    (" is complete", _GREEN),
)
"""Words of a line and their colour; the words say it all without."""


def watch(profile: Profile, store: SqliteStore, environment: Environment, *, style: str) -> int:
    """Watch the profile until a signal; `style` is json, colour or plain. Returns the exit code.

    Ends by itself only where every service refuses the log-in, for then nothing more is asked.
    """
    return run_to_end(_watch(profile, store, environment, style))


async def _watch(profile: Profile, store: SqliteStore, environment: Environment, style: str) -> int:
    writer = ChangeWriter(style)
    with store.poller_lock() as lock:
        watcher = ProfileWatcher(
            profile, store, environment, lock, writer.publish, tell=lambda text: say(f"wbtui: {text}")
        )
        running = asyncio.create_task(watcher.run(), name="watch")
        refused = asyncio.create_task(writer.refused.wait(), name="refused")
        try:
            await asyncio.wait({running, refused}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            refused.cancel()
            running.cancel()
            await asyncio.wait({running, refused})
        if not running.cancelled():
            running.result()
    return Exit.LOGIN


class ChangeWriter:
    """Writes what is new in each snapshot."""

    def __init__(self, style: str) -> None:
        self._style: Final = style
        self._last: Snapshot | None = None
        self.refused = asyncio.Event()
        """Set when every service refuses the log-in or has no secret."""

    def publish(self, snapshot: Snapshot) -> None:
        """Write what is new; raises `BrokenPipeError` when nobody reads any more."""
        found = tuple(news(self._last, snapshot))
        self._last = snapshot
        if self._style == "json":
            for one in found:
                document(one.to_json())
        else:
            self._write(found)
        words = {health.word for health in snapshot.health.values()} - {HealthWord.OFF}
        if words == {HealthWord.LOGIN}:
            self.refused.set()

    def _write(self, found: tuple[ServiceNews | ItemNews, ...]) -> None:
        for at, words in in_words(found):
            line = f"{at.astimezone():%H:%M:%S}  {words}"
            data(coloured(line) if self._style == "colour" else line)


def coloured(line: str) -> str:
    """Return the line in the colour of what it says."""
    found = next((colour for words, colour in _COLOURS if words in line), "")
    return f"{found}{line}{_PLAIN}" if found else line


def style_for(env: Mapping[str, str], *, as_json: bool, plain: bool) -> str:
    """Return how lines are written: colour only on a terminal that has not been told otherwise."""
    if as_json:
        return "json"
    on_terminal = os.isatty(sys.stdout.fileno()) and env.get("TERM", "") not in {"", "dumb"}
    return "colour" if on_terminal and not plain and not env.get("NO_COLOR") else "plain"
