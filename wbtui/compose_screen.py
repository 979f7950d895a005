"""The screen and the monitor side by side: who starts when, and that every session is closed at the end.

The monitor's task runs round `app.run_async()` and not as a worker of Textual, which cancels its workers at
exit in a way that would cut off the `disconnect` of an open Beebox session.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wbtui.compose import Surroundings, furnished, make_board
from wbtui.model import Level
from wbtui.settings import Profile
from wbtui.store import SqliteStore
from wbtui.ui.app import WbtuiApp

CLOSING_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Looks:
    """How the screen is to look and behave."""

    theme: str = "auto"
    ascii: bool = False
    mouse: bool = True
    details_lines: int = 2
    read_only: bool = False
    demo: bool = False


async def run_screen(profile: Profile, store: SqliteStore, around: Surroundings, looks: Looks) -> int:
    """Show the screen until the user quits or a signal ends it; return the exit code."""
    read_only = looks.read_only or profile.read_only
    app = WbtuiApp(
        profile=profile.name,
        clock=around.clock,
        demo=looks.demo,
        read_only=read_only,
        theme=looks.theme,
        ascii=looks.ascii,
    )
    screen = Screen(app, profile, store, around, looks)
    return await screen.run()


class Screen:
    """One run of the app with its monitor."""

    def __init__(
        self, app: WbtuiApp, profile: Profile, store: SqliteStore, around: Surroundings, looks: Looks
    ) -> None:
        self._app = app
        self._profile = profile
        self._store = store
        self._around = around
        self._looks = looks

    async def run(self) -> int:
        """Run the app; on the way out stop the monitor and give it three seconds to close its sessions."""
        started = asyncio.Event()
        monitor = asyncio.create_task(self._monitor(started), name="monitor")
        monitor.add_done_callback(self._monitor_ended)
        with self._signals():
            try:
                self._app.on_first_frame(started.set)
                await self._app.run_async(mouse=self._looks.mouse)
            finally:
                monitor.cancel()
                await asyncio.wait({monitor}, timeout=CLOSING_SECONDS)
        if monitor.done() and not monitor.cancelled():
            monitor.result()
        return self._app.return_code or 0

    async def _monitor(self, started: asyncio.Event) -> None:
        """Show what the store knew after the first frame, then furnish the services and watch them."""
        await started.wait()
        board = await asyncio.to_thread(
            make_board,
            self._profile,
            self._store,
            self._around.clock,
            self._app.show,
            read_only=self._looks.read_only,
            demo=self._looks.demo,
        )
        if self._store.notice:
            board.log(Level.WARNING, "wbtui", self._store.notice)
        board.log(Level.INFO, "wbtui", f"started with profile {self._profile.name}")
        board.publish()
        await asyncio.to_thread(_import_gateways)
        house = await furnished(board, self._store, self._around, self._profile)
        try:
            monitor = house.monitor()
            self._app.attach(monitor)
            await monitor.run()
        finally:
            await house.close()

    def _monitor_ended(self, task: asyncio.Task[None]) -> None:
        """End the app when the monitor fails: a screen that looks live and is not is worse than none."""
        if not task.cancelled() and task.exception() is not None:
            self._app.exit(return_code=1)

    def _end(self, code: int) -> None:
        self._app.exit(return_code=code)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """End in good order on SIGTERM and SIGHUP, too."""
        loop = asyncio.get_running_loop()
        caught = (signal.SIGTERM, signal.SIGHUP)
        for number in caught:
            loop.add_signal_handler(number, self._end, 128 + number)
        try:
            yield
        finally:
            for number in caught:
                loop.remove_signal_handler(number)


def _import_gateways() -> None:
    """Load what talks HTTP, in a thread: it takes longer than a frame."""
    import wbtui.gateways.beebox
    import wbtui.gateways.flex
    import wbtui.gateways.instant
    import wbtui.gateways.translator  # noqa: F401 - loading is the purpose
