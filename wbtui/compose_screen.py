"""The screen and the monitor side by side: who starts when, and that every session is closed at the end.

The monitor's task runs round `app.run_async()` and not as a worker of Textual, which cancels its workers at
exit in a way that would cut off the `disconnect` of an open Beebox session. Nothing but the screen is loaded
before the first frame.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from wbtui.clock import Clock
from wbtui.errors import StoreError
from wbtui.model import Level
from wbtui.settings import Profile, UiSettings
from wbtui.ui.app import WbtuiApp
from wbtui.ui.program import Preferences

if TYPE_CHECKING:
    from wbtui.monitor.board import Board
    from wbtui.store import SqliteStore

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
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Action id to keys: `[ui.keys]`."""
    confirm_quit: str = "downloads"
    remember_view: bool = True
    """Whether filter, order and cursor outlive the program."""
    reread: Callable[[], UiSettings] | None = None
    """Reads `[ui]` again for `:reload`; raises `SettingsError`."""


def preferences_of(looks: Looks) -> Preferences:
    """Return what the screen keeps to."""
    return Preferences(looks.theme, looks.keys, looks.details_lines, looks.confirm_quit)


def _reread(looks: Looks) -> Callable[[], Preferences] | None:
    """Return what reads the preferences again, if they came from a file."""
    read = looks.reread
    if read is None:
        return None

    def again() -> Preferences:
        ui = read()
        return Preferences(ui.theme, ui.keys, ui.details_lines, ui.confirm_quit.value)

    return again


@dataclass(frozen=True, slots=True)
class Later:
    """What costs time and is needed after the first frame only."""

    open_store: Callable[[], SqliteStore]
    """Opens the profile's store; called in a thread, raises `StoreError`."""
    env: Mapping[str, str]


async def run_screen(profile: Profile, clock: Clock, later: Later, looks: Looks) -> int:
    """Show the screen until the user quits or a signal ends it; return the exit code.

    Raises the `WbtuiError` that kept the monitor from starting, when the terminal is restored.
    """
    app = WbtuiApp(
        profile=profile.name,
        clock=clock,
        demo=looks.demo,
        read_only=looks.read_only or profile.read_only,
        ascii=looks.ascii,
        environ=later.env,
        preferences=preferences_of(looks),
        reread=_reread(looks),
    )
    return await Screen(app, profile, clock, later, looks).run()


class Screen:
    """One run of the app with its monitor."""

    def __init__(self, app: WbtuiApp, profile: Profile, clock: Clock, later: Later, looks: Looks) -> None:
        self._app = app
        self._profile = profile
        self._clock = clock
        self._later = later
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
        """After the first frame show what the store knew, then furnish the services and watch them."""
        await started.wait()
        gc.enable()
        gc.freeze()
        await asyncio.to_thread(_load_the_rest)
        store = await asyncio.to_thread(self._later.open_store)
        try:
            await self._watch(store)
        finally:
            store.close()

    async def _watch(self, store: SqliteStore) -> None:
        from wbtui.compose import Surroundings
        from wbtui.compose_shared import Onlooker, Shared
        from wbtui.store.lock import PollerLock
        from wbtui.vault import KeyringVault

        looks, env = self._looks, self._later.env

        def remember(name: str, value: str) -> None:
            with contextlib.suppress(StoreError):  # closed already: a fault of the monitor ends the program
                store.remember(name, value)

        self._app.recollect(store.recall, remember, views=looks.remember_view)
        around = Surroundings(self._clock, env, KeyringVault(env))
        onlooker = Onlooker(
            read_only=looks.read_only,
            demo=looks.demo,
            attach=self._app.attach,
            greet=lambda board: self._greet(board, store.notice),
        )
        shared = Shared(
            self._profile, store, around, PollerLock(store.path), self._app.show, onlooker=onlooker
        )
        await shared.run()

    def _greet(self, board: Board, notice: str) -> None:
        """Begin Activity with what there is to say at the start."""
        if notice:
            board.log(Level.WARNING, "wbtui", notice)
        for problem in self._app.key_problems:
            board.log(Level.WARNING, "wbtui", problem)
        board.log(Level.INFO, "wbtui", f"started with profile {self._profile.name}")

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


def _load_the_rest() -> None:
    """Load what keeps items and talks HTTP, in a thread: it takes longer than a frame."""
    import wbtui.compose_shared
    import wbtui.gateways.beebox
    import wbtui.gateways.flex
    import wbtui.gateways.instant
    import wbtui.gateways.translator  # noqa: F401 - loading is the purpose
