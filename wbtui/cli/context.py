"""What a command works with: connected services, items as far as needed, actions run to their end."""

from __future__ import annotations

import argparse
import asyncio
import sys
import unicodedata
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wbtui.app.services import Environment, ProfileServices, connected
from wbtui.app.stored_state import make_state
from wbtui.cli.chosen import profile_for
from wbtui.cli.exit_codes import Exit, exit_for, exit_for_action, exit_of
from wbtui.cli.news import age_words
from wbtui.cli.output import data, document, say, tell
from wbtui.cli.prompts import vault_for
from wbtui.cli.stored_answers import FLEX_SECONDS
from wbtui.config import Profile
from wbtui.domain.clock import Clock, SystemClock
from wbtui.domain.errors import AllowanceUsed, SettingsError, WbtuiError
from wbtui.domain.item_keys import service_of
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import Action, ItemKey, Service
from wbtui.domain.serialize import value_to_json
from wbtui.domain.signals import ending
from wbtui.domain.snapshot import Health, HealthWord, Outcome
from wbtui.domain.tasks import all_ended
from wbtui.domain.versions import Overwrite
from wbtui.files.places import store_path
from wbtui.monitor.monitor_state import MonitorState, until_finished
from wbtui.monitor.single_pass import SinglePass
from wbtui.monitor.stored_health import leave_readings
from wbtui.store import SqliteStore, open_or_in_memory

if TYPE_CHECKING:
    from wbtui.monitor.actions.executor import Executor


def run_to_end(work: Coroutine[Any, Any, int]) -> int:
    """Return the exit code of `work`; signals such as SIGTERM cancel it, and give 128 and their number.

    Ctrl+C cancels it as well and is raised as `KeyboardInterrupt` when `work` has ended.
    """
    return asyncio.run(_guarded(work))


async def _guarded(work: Coroutine[Any, Any, int]) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    ended_by: list[int] = []

    def end(number: int) -> None:
        ended_by.append(number)
        task.cancel()

    numbers = ending()
    for number in numbers:
        loop.add_signal_handler(number, end, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not ended_by:
            raise
        return 128 + ended_by[0]
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


@contextmanager
def state_of(profile: Profile) -> Iterator[SqliteStore]:
    """Open the store of a profile, in memory where nothing can be kept; say so, also of what came later."""
    store = open_or_in_memory(store_path(profile.name))
    said = store.notice
    if said:
        say(f"wbtui: {said}")
    try:
        yield store
    finally:
        store.close()
        if store.notice not in ("", said):
            say(f"wbtui: {store.notice}")


FLEX_WAIT: Final = 20.0


@dataclass(frozen=True, slots=True)
class CommandContext:
    """One run of a command that acts."""

    profile: Profile
    store: SqliteStore
    profile_services: ProfileServices
    executor: Executor
    clock: Clock
    before: frozenset[ItemKey]
    """Operations that were watched before this run; they are not this command's to follow."""
    unread: dict[Service, WbtuiError] = field(default_factory=dict)
    """Why services could not be read that were to be."""
    asked: set[Service] = field(default_factory=set)
    """The services that were to be read."""
    partly: set[Service] = field(default_factory=set)
    """Those of them whose lists came in part only."""

    @property
    def state(self) -> MonitorState:
        """Return the state of the profile."""
        return self.profile_services.state

    async def read(self, services: Iterable[Service]) -> None:
        """Read these services once; one that cannot be read is named on stderr, and in `unread`."""
        wanted = set(services) & self.profile.services()
        self.asked.update(wanted)
        if Service.FLEX in wanted:
            wanted.add(Service.OPERATIONS)  # its queries are operations
        for service in wanted & self.profile_services.unavailable.keys():
            self.unread[service] = self.profile_services.unavailable[service]
            say(f"wbtui: {service.value}: {self.profile_services.unavailable[service].message}")
        pollers = {s: p for s, p in self.profile_services.pollers.items() if s in wanted}
        once = SinglePass(
            self.state,
            pollers,
            self.clock,
            self.profile_services.allowance,
            named=self.profile_services.named,
        )
        readings = await once.read(FLEX_WAIT)
        for service, reading in readings.items():
            if reading.error is not None:
                self.unread[service] = reading.error
            elif reading.note:
                self.partly.add(service)
            words = reading.error.message if reading.error else reading.note
            if words:
                say(f"wbtui: {service.value}: {words}{self._instead(service)}")
        done = {
            s: Health(HealthWord.OK, read_at=r.at) for s, r in readings.items() if not (r.error or r.note)
        }
        leave_readings(self.store, done)

    def _instead(self, service: Service) -> str:
        """Return from when the answer is that a command goes by where it gets no newer one."""
        shown = self.state.snapshot()
        words = age_words(shown.health[service], shown.at)
        return f"; going by what was known {words}" if words and shown.items(service) else ""

    def found(self, action: Action, keys: Sequence[ItemKey]) -> list[ItemKey]:
        """Return those of these items that are known; each of the others gets its outcome at once."""
        there = [key for key in keys if self.state.find(key) is not None]
        for key in dict.fromkeys(keys):
            if key in there:
                continue
            error = self.unread.get(service_of(key))
            if error is not None:
                self.executor.audit.ended(action, key, f"could not be read: {error.message}", error=error)
            elif near := self._near(key):
                words = f"there is no such item; did you mean {', '.join(near)}?"
                self.executor.audit.ended(action, key, words, error=SettingsError(words))
            else:
                there.append(key)
        return there

    def _near(self, key: ItemKey) -> list[ItemKey]:
        """Return the keys that differ from this one in spelling only, three at the most."""
        wanted = _spelled(key)
        items = self.state.items(service_of(key))
        return [item.key for item in items if _spelled(item.key) == wanted][:3]

    def exit_code(self, code: Exit, *, outcomes: int, named: bool = False) -> Exit:
        """Return the exit code of a command where lists could not be read, or in part only.

        What came in part does not matter to a command whose items were `named`.
        """
        if code is Exit.ERROR and any(isinstance(error, AllowanceUsed) for error in self.unread.values()):
            return Exit.ALLOWANCE  # refused by what was known before, since nothing could be asked
        if code not in {Exit.OK, Exit.PARTLY}:
            return code
        if not self.unread:
            return Exit.PARTLY if self.partly and not named else code
        if outcomes or len(self.unread) < len(self.asked):
            return Exit.PARTLY
        return exit_of(map(exit_for, self.unread.values()))

    async def finish(self) -> None:
        """Run what was asked for to its end, and follow the operations that come of it."""
        await self._beside(self.executor.drain())

    async def until_ended(self, key: ItemKey, seconds: float) -> bool:
        """Follow one operation until it ends or the time is over; return whether it ended."""
        try:
            async with asyncio.timeout(seconds):
                await self._beside(until_finished(self.state, self.clock, key, every=0.2))
        except TimeoutError:
            return False
        return True

    async def _beside(self, work: Awaitable[object]) -> None:
        """Run `work` to its end, and what it waits for beside it."""
        running = [
            asyncio.create_task(self.executor.run(), name="actions"),
            asyncio.create_task(self._follow(), name="follow operations"),
        ]
        main = asyncio.ensure_future(work)
        try:
            done, _ = await asyncio.wait({main, *running}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (main, *running):
                task.cancel()
            await asyncio.wait({main, *running})

    async def _follow(self) -> None:
        """Follow the operations that this run started."""
        poller = self.profile_services.pollers.get(Service.OPERATIONS)
        if poller is not None:
            await poller.follow(self.before, tell)
        await asyncio.Event().wait()


def _spelled(key: ItemKey) -> str:
    return unicodedata.normalize("NFC", key).casefold().replace("_", "-").replace("/", "\\")


def act(
    arguments: argparse.Namespace,
    env: Mapping[str, str],
    work: Callable[[CommandContext], Awaitable[Exit]],
    *,
    to: Path | None = None,
    overwrite: Overwrite | None = None,
    named: Collection[ItemKey] = (),
) -> int:
    """Connect the profile of a command line, do its work on what is `named`, and return the exit code."""
    _, profile = profile_for(arguments, env)
    environment = Environment(SystemClock(), env, vault_for(profile, env), tell=tell)
    with state_of(profile) as store:

        async def inside() -> int:
            async with opened_context(
                profile, store, environment, to=to, overwrite=overwrite, named=named
            ) as context:
                return int(await work(context))

        return run_to_end(inside())


@asynccontextmanager
async def opened_context(
    profile: Profile,
    store: SqliteStore,
    environment: Environment,
    *,
    to: Path | None,
    overwrite: Overwrite | None,
    named: Collection[ItemKey],
) -> AsyncIterator[CommandContext]:
    """Give a profile's services to one run of a command; all sessions are closed at the end."""
    state = make_state(profile, store, environment.clock, lambda _: None)
    profile_services = await connected(
        state, store, environment, profile, fresh_seconds=FLEX_SECONDS, named=named
    )

    def limited(error: AllowanceUsed) -> None:
        say(f"wbtui: {error.message}")
        if profile_services.allowance is not None:
            profile_services.allowance.throttled(error)

    from wbtui.monitor.actions.executor import Hooks

    hooks = Hooks(
        limited, lambda: None, lambda: "with the next reading", lambda words: say(f"wbtui: {words}")
    )
    before = frozenset(state.operations)
    executor = profile_services.executor(hooks, to=to, overwrite=overwrite)
    try:
        yield CommandContext(profile, store, profile_services, executor, environment.clock, before)
    finally:
        if executor.audit.trouble:
            say(f"wbtui: {executor.audit.trouble}")
        await all_ended(*(poller.close() for poller in profile_services.pollers.values()))
        await profile_services.close()


def confirm(context: CommandContext, lines: Sequence[str], *, yes: bool) -> None:
    """Show what is about to be changed and ask; raises `SettingsError` unless the answer is yes.

    In a dangerous profile its name is to be typed.
    """
    for line in lines:
        say(line)
    if yes:
        return
    if not sys.stdin.isatty():
        raise SettingsError("this changes something on a server", advice="Say --yes to do it without asking.")
    word = context.profile.name if context.profile.danger else "yes"
    say(f"Type {word} to go on:")
    if sys.stdin.readline().strip() != word:
        raise SettingsError("nothing was done")


def tell_outcomes(
    context: CommandContext, outcomes: Collection[Outcome], *, as_json: bool, **more: Any
) -> Exit:
    """Print the result of each item, and return the exit code."""
    if as_json:
        document(
            {"profile": context.profile.name, "results": [_to_json(context, o) for o in outcomes], **more}
        )
    else:
        for outcome in outcomes:
            data(f"{outcome.key}\t{'done' if outcome.done else 'not done'}\t{outcome.words}")
    errors = context.executor.audit.errors
    ends = [None if o.done else errors.get(o.id, WbtuiError(o.words)) for o in outcomes]
    return exit_of(map(exit_for_action, ends))


def _to_json(context: CommandContext, outcome: Outcome) -> dict[str, Any]:
    error = context.executor.audit.errors.get(outcome.id)
    return {
        "key": outcome.key,
        "action": outcome.action.value,
        "done": outcome.done,
        "message": outcome.words,
        "advice": error.advice if error else "",
        "new_key": outcome.new_key,
        "at": value_to_json(outcome.at),
    }
