"""Runs the user's own command when items are done (`on_done`).

Texts of servers are passed in variables and on standard input only, never on the command line, and no shell
is involved. One command runs at a time, without a terminal, for at most a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from wbtui.domain.credentials import without_secrets
from wbtui.domain.sanitize import sanitize
from wbtui.domain.snapshot import Alert

PATIENCE: Final = 60.0
"""Seconds that a command may take."""
MOST_WAITING: Final = 20
"""Runs that may wait for the one before. Further ones are skipped. Not fitted."""


class Announcer:
    """Runs commands one after the other. `trouble` is called with a message on failure."""

    def __init__(
        self, env: Mapping[str, str], trouble: Callable[[str], None], *, seconds: float = PATIENCE
    ) -> None:
        self._env = without_secrets(env)
        self._trouble = trouble
        self._seconds = seconds
        self._waiting: list[tuple[str, dict[str, str], bytes]] = []
        self._task: asyncio.Task[None] | None = None

    def announce(self, command: str, profile: str, alerts: Sequence[Alert]) -> None:
        """Start a command line for items that are done, and return at once."""
        if len(self._waiting) >= MOST_WAITING:
            self._trouble(f"on_done: {MOST_WAITING} runs wait already: not run for {alerts[0].key}")
            return
        self._waiting.append((command, variables(profile, alerts), lines(alerts)))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run_all(), name="on_done")

    async def close(self) -> None:
        """Stop the running command at once: it only notifies."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run_all(self) -> None:
        while self._waiting:
            command, more, feed = self._waiting.pop(0)
            fault = await run(command, self._env | more, feed, self._seconds)
            if fault:
                self._trouble(f"on_done: {fault}")


def variables(profile: str, alerts: Sequence[Alert]) -> dict[str, str]:
    """Return the environment variables of a command: the first item and the number of items."""
    first = alerts[0]
    return {
        "WBTUI_PROFILE": profile,
        "WBTUI_COUNT": str(len(alerts)),
        "WBTUI_KEY": sanitize(first.key, 2000),
        "WBTUI_STATE": first.state,
        "WBTUI_TEXT": sanitize(first.words, 2000),
    }


def lines(alerts: Sequence[Alert]) -> bytes:
    """Return the standard input of a command: one JSON object per item and line."""
    objects = ({"key": alert.key, "state": alert.state, "text": alert.words} for alert in alerts)
    return "".join(f"{json.dumps(each)}\n" for each in objects).encode()


async def run(command: str, env: Mapping[str, str], feed: bytes, seconds: float) -> str:
    """Run a command line without a shell; return a message on why it failed, or an empty text."""
    try:
        argv = shlex.split(command)
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, env=env, start_new_session=True
        )
    except (OSError, ValueError) as error:
        return f"cannot be started: {error.strerror if isinstance(error, OSError) else error}"
    try:
        async with asyncio.timeout(seconds):
            await process.communicate(feed)
    except TimeoutError:
        return f"did not end within {seconds:g} s, and was stopped"
    finally:
        await _end(process)
    return f"ended with status {process.returncode}" if process.returncode else ""


async def _end(process: Process) -> None:
    if process.returncode is None:
        # its whole session: it may have started child processes
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    await asyncio.shield(process.wait())
