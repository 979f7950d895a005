"""Acting: carries out the user's commands, refuses what the offers refuse, and runs downloads and changes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from wbtui.domain import commands
from wbtui.domain.clock import Clock
from wbtui.domain.commands import Handlers
from wbtui.domain.errors import AllowanceUsed, NotOffered, SourceError, StoreError, Uncertain, WbtuiError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import Action, BeeboxFile, Item, ItemKey, Operation, Service, State
from wbtui.domain.offers import Offers, Refused, offers
from wbtui.domain.ports import Gateways, Records, Store
from wbtui.domain.sanitize import sanitize
from wbtui.domain.snapshot import ReadOnly, RetryPlan
from wbtui.files.audit_log import ActionLog
from wbtui.files.doubtful import ExpectedFile
from wbtui.monitor.account_rate_limit import AccountRateLimit
from wbtui.monitor.actions.audit import Audit
from wbtui.monitor.actions.changes import Change, Changes, Done, Sources
from wbtui.monitor.actions.download_job import DownloadRunner, Target
from wbtui.monitor.actions.download_queue import Places, wire_path
from wbtui.monitor.actions.downloads import Downloads
from wbtui.monitor.actions.flex_pull import FlexPulls
from wbtui.monitor.actions.parts import FileParts
from wbtui.monitor.actions.receive import in_thread
from wbtui.monitor.actions.repeats import Tries
from wbtui.monitor.actions.whats_new import WhatIsNew
from wbtui.monitor.monitor_state import MonitorState

ONCE_MORE: Final = "; T asks whether to send it once more; wbtui retry --again does it"
PAUSED: Final = "paused: p resumes"
INTERRUPTED: Final = "interrupted: it may have been done all the same; look before you try again"


@dataclass(frozen=True, slots=True)
class ActionDeps:
    """What actions need of a profile."""

    store: Store
    records: Records
    log: ActionLog
    target: Target
    source_dir: Path | None = None
    read_only: ReadOnly = ReadOnly.NO


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the executor asks of the loop."""

    limited: Callable[[AllowanceUsed], None]
    """A server answered 429."""
    changed: Callable[[], None]
    """Something changed: publishes it and plans the looks again."""
    ask_flex: Callable[[], str]
    """Asks Flex again and returns words for the user."""
    say: Callable[[str], None] = lambda _: None
    """Tells why downloads wait, where nobody sees Activity."""


class Executor:
    """Runs the actions of one profile; `run` must be running for anything to happen."""

    def __init__(
        self,
        *,
        state: MonitorState,
        gateways: Gateways,
        clock: Clock,
        deps: ActionDeps,
        hooks: Hooks,
        allowance: AccountRateLimit | None,
    ) -> None:
        self.audit = Audit(state, clock, deps.log)
        self.places = Places(deps.records, FileParts(deps.store, clock))
        self.whats_new = WhatIsNew(state, self.places, deps.store, clock, self.ready)
        self.sources = Sources(deps.source_dir, deps.records)
        runner = DownloadRunner(
            state=state,
            places=self.places,
            audit=self.audit,
            clock=clock,
            target=deps.target,
            changed=hooks.changed,
            ended=self._ended,
            wanted=self._wanted,
        )
        self.transfers = Downloads(
            runner, state, gateways, clock=clock, allowance=allowance, limited=hooks.limited, say=hooks.say
        )
        self._pulls = FlexPulls(self.transfers, state=state, store=deps.store, gateways=gateways, clock=clock)
        self.changes = Changes(
            state=state,
            store=deps.store,
            records=deps.records,
            gateways=gateways,
            sources=self.sources,
            clock=clock,
            ask_flex=hooks.ask_flex,
            pull_again=self._pull_again,
        )
        self._state = state
        self._clock = clock
        self._records = deps.records
        self._tries = Tries(state, deps.store, clock)
        self._read_only = deps.read_only
        self._hooks = hooks
        self._changes_asked: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._open = 0

    # -- running ----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run downloads, pulls and changes until cancelled; an unexpected error ends all of it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.transfers.run(), name="downloads")
            group.create_task(self._pulls.run(), name="pulls")
            group.create_task(self._changes(), name="changes")

    async def _changes(self) -> None:
        """Make one change after the other, so that each sees what the one before has done."""
        while True:
            change = await self._changes_asked.get()
            try:
                await change()
            finally:
                self._open -= 1
            self._hooks.changed()

    async def pause(self) -> None:
        """Stop the downloads under way, and close their sessions; they wait until `wake`."""
        await self.transfers.halt()

    def wake(self) -> None:
        """Look at the queues again."""
        self.transfers.wake()
        self._pulls.wake()

    def quiet_until(self, service: Service) -> float:
        """Return until when looks leave a service alone (monotonic seconds): the rest after a batch."""
        return self.transfers.rest_until(service)

    async def drain(self) -> None:
        """Wait until nothing waits or is under way any more."""
        while self._open or self.transfers.jobs.any_unfinished():
            await self._clock.sleep(0.1)

    # -- commands ---------------------------------------------------------------------------------------

    def handlers(self) -> Handlers:
        """Return the commands that are carried out here."""
        return {
            commands.DownloadItems: self.download,
            commands.DownloadReady: self.download_ready,
            commands.AcceptDoubtful: self.accept,
            commands.StopDownloads: self.stop,
            commands.Retry: self.retry,
            **{kind: partial(self._change_items, change) for kind, change in self.changes.by_command.items()},
        }

    def do(self, command: commands.Command) -> str:
        """Carry out one of the commands of `handlers`; return words for the user."""
        return self.handlers()[type(command)](command)

    def offers(self, item: Item) -> Offers:
        """Return what may be done with an item in this profile."""
        return offers(item, read_only=self._read_only)

    async def retry_plan(
        self, keys: Iterable[ItemKey], sources: Mapping[ItemKey, Path]
    ) -> dict[ItemKey, RetryPlan]:
        """Return what `retry` with these sources would send for each item, and what speaks against it."""
        items = [item for key in keys if (item := self._state.find(key)) is not None]
        unavailable = self._already_sent(items)
        return await in_thread(
            lambda: {i.key: self._plan(i, sources.get(i.key), unavailable.get(i.key, "")) for i in items}
        )

    def _plan(self, item: Item, named: Path | None, tried: str) -> RetryPlan:
        try:
            found = self.sources.find(item, named)
        except SourceError as error:
            return RetryPlan(needed=error.message, tried=tried)
        return RetryPlan(tuple(sanitize(str(path.absolute()), 300) for path in found.values()), tried=tried)

    def _already_sent(self, items: Iterable[Item], *, queued: bool = True) -> dict[ItemKey, str]:
        """Return which items were sent again already, and what became of it, unless it failed."""
        chosen = list(items)
        pulled = {job.forerunner for job in self.transfers.jobs.unfinished()}
        again = {item.key: "its texts are being pulled again" for item in chosen if item.key in pulled}
        return {**self._tries.already_sent(chosen, queued=queued), **again}

    def download(self, command: commands.DownloadItems) -> str:
        """Queue downloads; return words on how many, and why not the rest."""
        queued = 0
        refusals: list[str] = []
        for key in command.keys:
            refusal = self._queue(key, other=command.other)
            if refusal:
                refusals.append(refusal)
            else:
                queued += 1
        self.wake()
        self.transfers.runner.tell()
        paused = f" ({PAUSED})" if self._state.paused_at and queued else ""
        return _words("downloading", queued, refusals) + paused

    def _queue(self, key: ItemKey, *, other: bool) -> str:
        item = self._state.find(key)
        if item is None:
            return self._refuse(Action.DOWNLOAD, key, "it is not in the list any more")
        found = self.offers(item)
        offer = found.other if other else found.download
        if isinstance(offer, Refused):
            return self._refuse(Action.DOWNLOAD, key, offer.reason)
        if not self.transfers.jobs.add(item, other=other):
            return "it is being downloaded already"
        return ""

    def download_ready(self, command: commands.DownloadReady) -> str:
        """Queue the downloads of those among these items that are ready."""
        found = [item for key in command.keys if (item := self._state.find(key)) is not None]
        ready = tuple(item.key for item in found if self.ready(item))
        if not ready:
            return "nothing here is ready to be downloaded"
        return self.download(commands.DownloadItems(ready))

    def ready(self, item: Item) -> bool:
        """Return whether an item's own file is a deliverable that can be downloaded."""
        if item.state is not State.READY or not item.is_deliverable:
            return False
        return not isinstance(self.offers(item).download, Refused)

    def _ended(self, item: Item) -> None:
        """Record the end of a download; after the last one, save from when on an item counts as new."""
        self.whats_new.ended(item)
        if not self.transfers.jobs.any_unfinished():
            self.whats_new.remember()

    def _wanted(self, item: Item, name: str) -> ExpectedFile:
        """Return what is known of an item's file before it comes."""
        if not isinstance(item, BeeboxFile):
            return ExpectedFile(item.key, name)
        path = wire_path(item)
        return ExpectedFile(
            path,
            name,
            text_free=item.words == 0 and item.segments in {0, None},
            others=lambda: self.places.sizes_of(item.key),
            source=lambda: self.sources.beginning(item),
        )

    def accept(self, command: commands.AcceptDoubtful) -> str:
        """Give the files that were stored as doubtful their final names; return words on how many."""
        said = [self.transfers.runner.accept(key) for key in dict.fromkeys(command.keys)]
        self._hooks.changed()
        return _words("accepted", said.count(""), [refusal for refusal in said if refusal])

    def stop(self, command: commands.StopDownloads) -> str:
        """Stop downloads that wait or are under way; nothing changes on a server."""
        count = self.transfers.stop(command.keys)
        return f"stopped {count} {'download' if count == 1 else 'downloads'}" if count else "nothing to stop"

    def retry(self, command: commands.Retry) -> str:
        """Send items again; a Beebox file once, whichever of its languages are named.

        One that was sent again already, and did not fail, is refused unless it is among `again`.
        """
        found = [item for key in command.keys if (item := self._state.find(key)) is not None]
        agreed = {_one_call(item) for item in found if item.key in command.again}
        unavailable = self._already_sent(item for item in found if _one_call(item) not in agreed)

        async def act(item: Item) -> Done:
            try:
                # somebody else may have been faster since
                words = self._already_sent([item], queued=False).get(item.key)
                if words and _one_call(item) not in agreed:
                    raise NotOffered(f"{words}{ONCE_MORE}")
                return await self._try(item, command.sources.get(item.key))
            finally:
                self._tries.dropped(item)

        said = self._change(Action.RETRY, command.keys, act, unavailable)
        for item in found if self._state.paused_at is None else ():
            if item.key not in unavailable and not self._refusal(Action.RETRY, item):
                self._tries.queued(item)
        return said

    async def _try(self, item: Item, source: Path | None) -> Done:
        """Send an item again, and keep that it was: on disk before anything leaves this machine.

        Where nothing can be written, this run knows of it alone; that it is not kept is shown all the time.
        """
        with self._tries.sending(item) as sending:
            with contextlib.suppress(StoreError):
                await in_thread(self._records.flush)
            try:
                done = await self.changes.retry(item, source)
            except Uncertain:
                raise
            except WbtuiError:
                sending.refused = True
                raise
            if done.new_key is None and isinstance(item, Operation):
                sending.refused = True  # of a query or pull its own operation will tell
            sending.arrived, sending.made = True, done.new_key
        return done

    def _change_items(self, change: Change, command: commands.ItemsCommand) -> str:
        """Change items; a Beebox file once, whichever of its languages are named."""
        return self._change(change.action, command.keys, change.make)

    def _change(
        self,
        action: Action,
        keys: Sequence[ItemKey],
        act: Callable[[Item], Awaitable[Done]],
        unavailable: Mapping[ItemKey, str] = MappingProxyType({}),
    ) -> str:
        """Queue a call for each group of items that go together; refuse those that are `unavailable`."""
        if self._state.paused_at is not None:
            return PAUSED
        groups: dict[str, list[Item]] = {}
        refusals: list[str] = []
        for key in dict.fromkeys(keys):
            item = self._state.find(key)
            refusal = self._refusal(action, item)
            if not refusal and key in unavailable:
                refusal = f"{unavailable[key]}{ONCE_MORE}"
            if item is None or refusal:
                refusals.append(self._refuse(action, key, refusal))
            else:
                groups.setdefault(_one_call(item), []).append(item)
        for items in groups.values():
            self._open += 1
            self._changes_asked.put_nowait(partial(self._act, action, items, act))
        asked = sum(len(items) for items in groups.values())
        return _words(f"{action.value} asked for", asked, refusals)

    def _refusal(self, action: Action, item: Item | None) -> str:
        if item is None:
            return "it is not in the list any more"
        offer = self.offers(item).of(action)
        if not isinstance(offer, Refused):
            return ""
        return f"{offer.reason}; {offer.instead}" if offer.instead else offer.reason

    def _refuse(self, action: Action, key: ItemKey, reason: str) -> str:
        self.audit.ended(action, key, reason, error=NotOffered(reason))
        return reason

    async def _act(self, action: Action, items: list[Item], act: Callable[[Item], Awaitable[Done]]) -> None:
        """Make one call for these items, and give each of them its outcome."""
        for item in items:
            self.audit.asked(action, item.key, f"{action.value} is sent")
        outcome: Done | None = None
        error: WbtuiError | None = None
        try:
            outcome = await act(items[0])
        except AllowanceUsed as used:
            self._hooks.limited(used)
            error = used
        except WbtuiError as failure:
            error = failure
        finally:
            words = outcome.words if outcome else error.message if error else INTERRUPTED
            for item in items:
                new_key = outcome.new_key if outcome else None
                done = outcome is not None
                told = item is not items[0]  # it was one call
                self.audit.ended(action, item.key, words, error=error, new_key=new_key, done=done, told=told)

    def _pull_again(self, operation: Operation) -> bool:
        """Queue the downloads of a failed pull anew; return whether this run knows what they were."""
        components = self._pulls.asked_by(operation.key)
        for component in components:
            known = self._state.find(component.key) or component
            self.transfers.jobs.add(known, other=False, forerunner=operation.key)
        self.wake()
        return bool(components)


def _one_call(item: Item) -> str:
    return f"beebox:{wire_path(item)}" if isinstance(item, BeeboxFile) else item.key


def _words(what: str, count: int, refusals: Sequence[str]) -> str:
    said = [f"{what} {count}"] if count else []
    if refusals:
        reasons = list(dict.fromkeys(refusals))
        more = f" and {len(reasons) - 1} more reasons" if len(reasons) > 1 else ""
        said.append(f"{len(refusals)} cannot be: {reasons[0]}{more}")
    return "; ".join(said) or "nothing to do"
