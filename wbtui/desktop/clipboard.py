"""Copies text by the best available way, and reports only what is certain.

Over SSH a native tool would fill the clipboard of the wrong machine, so the text is sent to the terminal:
through tmux if there is one, else by the escape sequence OSC 52. Whether the terminal accepts it cannot be
known.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass

LIMIT: Final = 74_000
"""Bytes that terminals accept in one OSC 52; a longer text is written to a file."""

PATIENCE: Final = 1.0
"""Seconds that a tool may take to accept the text."""

TMUX: Final = ("tmux", "load-buffer", "-w", "-")


@dataclass(frozen=True, slots=True)
class CopyPlace:
    """The properties of the environment that matter for copying."""

    ssh: bool = False
    tmux: bool = False
    tools: tuple[tuple[str, ...], ...] = ()
    """Command lines of the available native tools, best first."""


def place_of(
    environ: Mapping[str, str],
    find: Callable[[str], str | None] = shutil.which,
    platform: str = sys.platform,
) -> CopyPlace:
    """Return the properties found in the environment; `find` looks for a program."""
    ssh = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    known: list[tuple[str, ...]] = []
    if platform == "darwin":
        known.append(("pbcopy",))
    if environ.get("WAYLAND_DISPLAY"):
        known.append(("wl-copy",))
    if environ.get("DISPLAY"):
        known += [("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input")]
    tools = () if ssh else tuple(command for command in known if find(command[0]))
    return CopyPlace(ssh, bool(environ.get("TMUX")) and find("tmux") is not None, tools)


def osc52(text: str) -> str:
    """Return the escape sequence that asks a terminal to copy the text."""
    return f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"


def wrapped(code: str) -> str:
    """Return an escape sequence in the form that tmux passes on (`allow-passthrough`)."""
    return "\x1bPtmux;" + code.replace("\x1b", "\x1b\x1b") + "\x1b\\"


class Clipboard:
    """Copies texts. `write` sends a sequence to the terminal; texts that are too long go to `folder`."""

    def __init__(self, place: CopyPlace, write: Callable[[str], None], folder: Path | None = None) -> None:
        self._place = place
        self._write = write
        self._folder = folder
        self.last = ""
        """The text that was copied last."""

    async def copy(self, text: str) -> str:
        """Copy a text by the first way that works, and return a message on what was done."""
        self.last = text
        size = len(text.encode("utf-8", "replace"))
        for tool in self._place.tools:
            if await passed_to(tool, text):
                return f"given to {tool[0]} ({_bytes(size)})"
        if size > LIMIT:
            return await asyncio.to_thread(self._saved, text, size)
        if self._place.tmux:
            if not await passed_to(TMUX, text):
                self._write(osc52(text) + wrapped(osc52(text)))
        else:
            self._write(osc52(text))
        return f"sent to the terminal ({_bytes(size)})"

    def _saved(self, text: str, size: int) -> str:
        try:
            number, path = tempfile.mkstemp(".txt", "wbtui-", self._folder, text=True)
            with os.fdopen(number, "w", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except OSError as error:
            return f"too long for a terminal ({_bytes(size)}), and not saved: {error.strerror}"
        return f"too long for a terminal ({_bytes(size)}): saved as {path}"


async def passed_to(command: Sequence[str], text: str) -> bool:
    """Pass the text to a program; return whether it accepted it in time."""
    quiet = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(PATIENCE):
            await process.communicate(text.encode("utf-8", "replace"))
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return process.returncode == 0


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count:,} bytes".replace(",", " ")
