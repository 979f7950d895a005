"""The screen and the monitor side by side: when each starts, and that every session is closed at the end.

The monitor's task runs beside `app.run_async()` and not as a worker of Textual, which cancels its workers at
exit in a way that would cut off the `disconnect` of an open Beebox session. Only the screen and the store are
loaded before the first frame, which shows what is stored.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Final

from wbtui.config import Profile, Settings, UiSettings
from wbtui.domain.clock import Clock
from wbtui.domain.credentials import Account, Secret
from wbtui.domain.errors import StoreError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.signals import ending
from wbtui.domain.snapshot import Alert, Level, Snapshot
from wbtui.tui.app import WbtuiApp
from wbtui.tui.chrome import Banner

if TYPE_CHECKING:
    from wbtui.desktop.on_done import Announcer
    from wbtui.domain.ports import Publish
    from wbtui.monitor.monitor_state import MonitorState
    from wbtui.store import SqliteStore


CLOSING_SECONDS: Final = 3.0
ROWS_SECONDS: Final = 0.5
"""How long the first frame waits for what is stored; a large state file follows in a later one."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a run of the screen starts with: the settings of the file, and what the command line says."""

    settings: UiSettings = field(default_factory=UiSettings)
    ascii: bool = False
    mouse: bool = True
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Loaders:
    """How to get what takes time to load and is needed after the first frame only."""

    open_store: Callable[[str], SqliteStore]
    """Opens the store of the profile of that name; called in a thread, raises `StoreTooNew`."""
    env: Mapping[str, str]
    tell: Callable[[str], None] = lambda _words: None
    """Writes a line to stderr, once the terminal is restored."""
    settings: Callable[[], Settings] | None = None
    """Reads the whole configuration again, for `:reload` and the other profiles; raises `SettingsError`."""


@dataclass(slots=True)
class Stored:
    """The open store of a profile, and the state with what it kept."""

    store: SqliteStore
    state: MonitorState
    shown: bool = False


async def run_screen(profile: Profile, clock: Clock, loaders: Loaders, options: RunOptions) -> int:
    """Show the screen until the user quits or a signal ends it; return the exit code.

    Raises the `WbtuiError` that kept the monitor from starting, when the terminal is restored.
    """
    app = make_app(banner_of(profile, demo=options.demo), clock, loaders, options)
    return await Screen(app, clock, loaders, options).run(profile)


def make_app(banner: Banner, clock: Clock, loaders: Loaders, options: RunOptions) -> WbtuiApp:
    """Return the app, not yet running."""
    load = loaders.settings
    return WbtuiApp(
        banner,
        clock,
        settings=options.settings,
        reread=None if load is None else lambda: load().ui,
        ascii=options.ascii,
        environ=loaders.env,
    )


def banner_of(profile: Profile, *, demo: bool) -> Banner:
    """Return what the header says of a profile."""
    return Banner(profile.name, demo, bool(profile.read_only), profile.color, profile.danger)


class Screen:
    """One run of the app, with the monitor of the profile that is shown."""

    def __init__(self, app: WbtuiApp, clock: Clock, loaders: Loaders, options: RunOptions) -> None:
        self.app = app
        app.announce = self._announce
        self._clock = clock
        self._loaders = loaders
        self._options = options
        self.typed: dict[tuple[str, Account], Secret] = {}
        """Secrets that were typed in this run, by profile and log-in."""
        self._profile: Profile | None = None
        self._monitor: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        """Monitors of profiles that are no longer shown, closing their sessions."""
        self._opening: asyncio.Task[Stored] | None = None
        """Reads what is stored of a profile, until its monitor has taken that."""
        self._announcer: Announcer | None = None
        self._unsaved = ""
        """Why the last state could not be stored, in words, once the monitor has ended; else empty."""

    async def run(self, profile: Profile) -> int:
        """Run the app on a profile from the first frame on; return the exit code."""
        self._profile = profile
        opening = self._open(profile)
        await asyncio.wait({opening}, timeout=ROWS_SECONDS)
        if opening.done() and opening.exception() is None:
            self._show_stored(opening.result())
        return await self.run_from(lambda: self.watch(profile))

    async def run_from(self, begin: Callable[[], None]) -> int:
        """Run the app; then stop the monitor and give it `CLOSING_SECONDS` to close its sessions."""
        with self._signals():
            try:
                self.app.on_first_frame(begin)
                await self.app.run_async(mouse=self._options.mouse)
            finally:
                tasks = {*self._leaving, *({self._monitor} if self._monitor else ())}
                for task in tasks:
                    task.cancel()
                if self._opening is not None:  # the app ended before its first frame
                    await _drop(self._opening)
                if tasks:
                    await asyncio.wait(tasks, timeout=CLOSING_SECONDS)
                if self._announcer is not None:
                    await self._announcer.close()
        if self._unsaved:
            self._loaders.tell(self._unsaved)
        for task in tasks:
            if task.done() and not task.cancelled():
                task.result()
        return self.app.return_code or 0

    def _open(self, profile: Profile) -> asyncio.Task[Stored]:
        """Begin to read what is stored of a profile, in a thread."""
        reading = asyncio.to_thread(self._read_stored, profile)
        self._opening = asyncio.create_task(reading, name="open the store")
        return self._opening

    def _read_stored(self, profile: Profile) -> Stored:
        from wbtui.app.stored_state import make_state

        store = self._loaders.open_store(profile.name)
        state = make_state(profile, store, self._clock, self._show_of(profile), demo=self._options.demo)
        return Stored(store, state)

    def _show_of(self, profile: Profile) -> Publish:
        """Return what shows the snapshots of a profile for as long as the app shows that one."""

        def show(snapshot: Snapshot) -> None:
            if self._profile is profile:  # a profile that was left may still say how it closes
                self.app.show(snapshot)

        return show

    def _show_stored(self, stored: Stored) -> None:
        """Show what is stored, as it was looked at the last time."""
        store = stored.store

        def remember(name: str, value: str) -> None:
            with contextlib.suppress(StoreError):  # closed already: a fault of the monitor ends the program
                store.remember(name, value)

        self.app.recollect(store.recall, remember)
        stored.shown = True
        stored.state.publish()

    def watch(self, profile: Profile) -> None:
        """Start the monitor of a profile that the app shows already."""
        self._profile = profile
        opening, self._opening = self._opening or self._open(profile), None
        self._monitor = asyncio.create_task(self._monitoring(profile, opening), name="monitor")
        self._monitor.add_done_callback(self._monitor_ended)

    def turn_to(self, profile: Profile) -> None:
        """Show and watch another profile; the monitor of the present one closes its sessions meanwhile."""
        if self._monitor is not None:
            self._monitor.cancel()
            self._leaving.add(self._monitor)
        gc.unfreeze()  # what was loaded for the profile that is left may go
        self.app.turn_to(banner_of(profile, demo=self._options.demo))
        self.watch(profile)

    async def _monitoring(self, profile: Profile, opening: asyncio.Task[Stored]) -> None:
        """Show what the store knew, then connect the services and poll them."""
        gc.enable()
        gc.freeze()
        try:
            stored = await asyncio.shield(opening)
        except asyncio.CancelledError:
            await _drop(opening)
            raise
        try:
            if not stored.shown:
                self._show_stored(stored)
            await asyncio.to_thread(_load_the_rest)
            await self._watch(profile, stored)
        finally:
            stored.store.close()
            self._unsaved = stored.store.trouble or self._unsaved

    async def _watch(self, profile: Profile, stored: Stored) -> None:
        from wbtui.app.accounts import ScreenAccounts
        from wbtui.app.services import Environment
        from wbtui.app.sharing import ProfileWatcher, ScreenHooks
        from wbtui.secrets.vault import KeyringVault

        env, app, store = self._loaders.env, self.app, stored.store
        environment = Environment(self._clock, env, KeyringVault(env), typed=self.typed)
        hooks = ScreenHooks(
            demo=self._options.demo,
            attach=app.attach,
            greet=lambda state: self._log_start(state, profile),
            state=stored.state,
        )
        show = self._show_of(profile)
        watcher = ProfileWatcher(profile, store, environment, store.poller_lock(), show, hooks=hooks)
        if (load := self._loaders.settings) is not None:
            app.accounts = ScreenAccounts(profile, environment, watcher, settings=load, turn=self.turn_to)
        await watcher.run()

    def _log_start(self, state: MonitorState, profile: Profile) -> None:
        """Write the first lines of Activity, and show what the store knew."""
        state.events.add_store_trouble()
        state.save_all_if_new()
        for problem in self.app.key_problems:
            state.events.add(Level.WARNING, "wbtui", problem)
        state.events.add(Level.INFO, "wbtui", f"started with profile {profile.name}")
        state.load_alerts()
        state.publish()

    def _announce(self, command: str, profile: str, alerts: Sequence[Alert]) -> None:
        """Run the user's command for items that are done."""
        from wbtui.desktop.on_done import Announcer

        if self._announcer is None:
            self._announcer = Announcer(self._loaders.env, self.app.warn)
        self._announcer.announce(command, profile, alerts)

    def _monitor_ended(self, task: asyncio.Task[None]) -> None:
        """End the app when the monitor fails: a screen that looks live and is not is worse than none."""
        if not task.cancelled() and task.exception() is not None:
            self.app.exit(return_code=1)
        elif task in self._leaving:
            self._leaving.discard(task)

    def _end(self, code: int) -> None:
        self.app.exit(return_code=code)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Exit the app in the usual way on SIGINT, SIGTERM and the like."""
        loop = asyncio.get_running_loop()
        caught = (signal.SIGINT, *ending())
        for number in caught:
            loop.add_signal_handler(number, self._end, 128 + number)
        try:
            yield
        finally:
            for number in caught:
                loop.remove_signal_handler(number)


async def _drop(opening: asyncio.Task[Stored]) -> None:
    """Close a store that no monitor takes, once it is open."""
    await asyncio.wait({opening})
    if not opening.cancelled() and opening.exception() is None:
        opening.result().store.close()


def _load_the_rest() -> None:
    """Load the store and the clients, in a thread: that takes longer than a frame."""
    import wbtui.app.accounts
    import wbtui.app.sharing
    import wbtui.wordbee.beebox
    import wbtui.wordbee.flex
    import wbtui.wordbee.instant
    import wbtui.wordbee.translator  # noqa: F401 - loading is the purpose
