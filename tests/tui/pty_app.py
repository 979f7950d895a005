"""A tiny program for the terminal tests: the screen on hand-made snapshots, led by single bytes on a pipe.

`python -m tests.tui.pty_app FD THEME`; bytes: `l` the same items read again, `c` one cell changed, `h` every
text hostile, `e` an empty Beebox, `b` one of 5000 files, `H` make 100 000 files, `B` make 10 000 files in 20
languages, `w` show what was made, `s` a stream of changes, `p` note how long the loop is blocked, `f` sixty
full frames, twenty a second, counted in the file named by TICKS, `x` raise an error with a secret in a local
variable. With an error's name in DIES the thread that reads the terminal ends with it at the first key.
"""

# ruff: noqa: E402 - the search for garbage waits until the first frame, as the program's own entry point has it

from __future__ import annotations

import gc

gc.disable()

import asyncio
import builtins
import os
import signal
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.tui import big_scenes, scenes
from tests.tui.recorder import Recorder
from wbtui.config import UiSettings
from wbtui.domain.clock import SystemClock
from wbtui.domain.item_keys import beebox_key
from wbtui.domain.model import BeeboxFile, ItemKey, State
from wbtui.domain.snapshot import Snapshot
from wbtui.tui.app import WbtuiApp
from wbtui.tui.chrome import Banner
from wbtui.tui.toolkit.terminal_input import TerminalInput

LAST = 60
"""How often a flood changes everything."""


MADE = 1e-6
"""What is noted when a large Beebox has been made."""

STREAMED = 250
"""Changes of a stream."""


class Led:
    """Turns bytes from the pipe into snapshots."""

    def __init__(self, app: WbtuiApp, fd: int) -> None:
        self.app = app
        self.fd = fd
        self.snapshot: Snapshot = scenes.snapshot()
        self.files: dict[ItemKey, BeeboxFile] = {}
        self.shown: tuple[BeeboxFile, ...] = ()

    def ready(self) -> None:
        for letter in os.read(self.fd, 1).decode():
            if letter in "xfsp":
                acts = {"x": fault, "f": self.flood, "s": self.stream, "p": self.start_probe}
                self.app.call_later(acts[letter])
                return
            self.snapshot = getattr(self, f"on_{letter}")()
            if letter in "BH":
                self.note(MADE)
            else:
                self.app.show(self.snapshot)

    def on_l(self) -> Snapshot:
        return scenes.later(self.snapshot, 5)

    def on_c(self) -> Snapshot:
        if self.shown is not self.snapshot.beebox:
            self.held(self.snapshot.beebox)
        first = next(iter(self.files.values()))
        self.files[first.key] = replace(first, words=(first.words or 0) + 1)
        self.shown = tuple(self.files.values())  # as the state makes it
        return replace(self.snapshot, beebox=self.shown)

    def on_h(self) -> Snapshot:
        return big_scenes.hostile()

    def on_B(self) -> Snapshot:
        return replace(self.snapshot, beebox=self.held(big_scenes.many(10_000)))

    def held(self, files: tuple[BeeboxFile, ...]) -> tuple[BeeboxFile, ...]:
        """Hold the files by key, as the state does."""
        self.files = {file.key: file for file in files}
        self.shown = files
        return files

    def flood(self, number: int = 0) -> None:
        """Change everything in sight, and again in 50 ms."""
        Path(os.environ["TICKS"]).write_text(str(number), encoding="ascii")
        files = tuple(replace(file, words=number) for file in self.snapshot.beebox)
        named = tuple(replace(each, label=f"run {number}.") for each in self.snapshot.operations)
        self.snapshot = replace(self.snapshot, beebox=files, operations=named)
        self.app.show(self.snapshot)
        self.app.refresh()
        if number < LAST:
            asyncio.get_running_loop().call_later(0.05, self.flood, number + 1)

    def stream(self, number: int = 0) -> None:
        """Change one item ten times a second, as pages of a reading do."""
        self.snapshot = self.on_c()
        self.app.show(self.snapshot)
        if number < STREAMED:
            asyncio.get_running_loop().call_later(0.1, self.stream, number + 1)

    def on_w(self) -> Snapshot:
        return self.snapshot

    def start_probe(self) -> None:
        self.task = asyncio.ensure_future(self.probe())

    def note(self, seconds: float, busy: float = 0.0) -> None:
        """Write microseconds into the file named by TICKS."""
        text = f"{round(seconds * 1e6)} {round(busy * 1e6)}"
        Path(os.environ["TICKS"]).write_text(text, encoding="ascii")

    async def probe(self) -> None:
        """Note the longest that the loop was blocked, and the most of the processor it took meanwhile."""
        longest = most = 0.0
        while True:
            before, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.002)
            late, busy = time.perf_counter() - before - 0.002, time.thread_time() - used
            if late > longest or busy > most:
                longest, most = max(late, longest), max(busy, most)
                self.note(longest, most)

    def on_e(self) -> Snapshot:
        return replace(self.snapshot, beebox=())

    def on_H(self) -> Snapshot:
        return replace(self.snapshot, beebox=many_files(100_000))

    def on_b(self) -> Snapshot:
        return replace(self.snapshot, beebox=many_files(5000))


def die() -> None:
    """Have the thread that reads the terminal end with the error named by DIES."""
    error = getattr(builtins, os.environ["DIES"])

    def raise_it(*_: object) -> None:
        raise error("the reader's end")

    TerminalInput.take = raise_it  # type: ignore[method-assign, assignment]


def fault() -> None:
    bearer = "-".join(("sesame", "5f2c"))
    raise RuntimeError(f"a fault with {len(bearer)} letters")


def many_files(count: int) -> tuple[BeeboxFile, ...]:
    return tuple(
        BeeboxFile(
            key=beebox_key("fr", f"folder-{number // 50}\\file {number}.docx"),
            path=f"folder-{number // 50}\\file {number}.docx",
            locale="fr",
            state=State.READY,
            status=1,
            words=number,
            source_age=60.0 * 24,
            made_age=60.0,
            seen_at=scenes.AT,
        )
        for number in range(count)
    )


async def main(fd: int, theme: str) -> int:
    if "DIES" in os.environ:
        die()
    app = WbtuiApp(Banner("acme-prod"), SystemClock(), settings=UiSettings(theme), zone=scenes.ZONE)
    app.attach(Recorder())
    led = Led(app, fd)
    app.show(led.snapshot)
    app.on_first_frame(gc.enable)
    loop = asyncio.get_running_loop()
    loop.add_reader(fd, led.ready)
    loop.add_signal_handler(signal.SIGTERM, partial(app.exit, return_code=128 + signal.SIGTERM))
    await app.run_async()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]), sys.argv[2])))
