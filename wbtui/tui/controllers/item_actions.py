"""The keys for downloads, retry, cancel and alerts: each says what it did, or why it cannot."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from pathlib import Path, PurePath
from typing import Any, Final

from wbtui.desktop.clipboard import Clipboard
from wbtui.domain.commands import (
    AcceptDoubtful,
    Command,
    DownloadItems,
    DownloadReady,
    MonitorCommands,
    Retry,
    StopDownloads,
    ToggleAlert,
)
from wbtui.domain.errors import SourceError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import Action, Item, ItemKey, Service
from wbtui.domain.offers import WORDS
from wbtui.domain.snapshot import Event, NewIn, Novelty, Outcome, ReadOnly, Snapshot
from wbtui.files.user_files import is_folder, typed_path
from wbtui.tui.controllers.controller import Controller
from wbtui.tui.controllers.marks import fault_of_file
from wbtui.tui.controllers.requests import NOT_OPEN
from wbtui.tui.dialogs import factory
from wbtui.tui.dialogs.confirm import ConfirmScreen
from wbtui.tui.dialogs.downloads_list import DownloadsScreen
from wbtui.tui.dialogs.factory import FieldQuestion
from wbtui.tui.matrix import FolderRow
from wbtui.tui.offered_actions import (
    ACTIONS,
    COMMANDS,
    ActionTargets,
    choose,
    confirm_text,
    dry_run,
    news,
    refusal,
    with_plans,
)
from wbtui.tui.tabs.row import Cell
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit import times

ONE_BY_ONE: Final = 6
"""Locales that are told on a line each; more of them stand in one sentence."""
NAMED: Final = 40
"""Locales that are named at the most."""
UNREAD: Final = "The Beebox's list has not been read whole yet: there may be more."


def nothing(novelty: Novelty, tab: TabSpec) -> str:
    """Return that there is nothing to download, or why that cannot be told."""
    if novelty.refusal:
        return novelty.refusal
    return tab.nothing_new if novelty.whole else f"{tab.nothing_new}. {UNREAD}"


def sentences(
    novelty: Novelty, tab: TabSpec, zone: tzinfo | None, *, folder: str, filtered: bool
) -> tuple[str, ...]:
    """Return what stands in the dialog: how many of each locale, since when, and where they will lie."""
    said = [_head(novelty, tab, zone), *_by_locale(novelty.locales, zone)]
    if filtered:
        said.append("The filter does not count here: what it hides is among them.")
    if not novelty.whole:
        said.append(UNREAD)
    return (*said, f"Into {folder}.") if folder else tuple(said)


def _head(novelty: Novelty, tab: TabSpec, zone: tzinfo | None) -> str:
    count = _counted(len(novelty.keys), tab.result_noun)
    if not novelty.locales:
        return f"{count} that {'was' if len(novelty.keys) == 1 else 'were'} never downloaded."
    dates = [each.since for each in novelty.locales if each.since is not None]
    if not dates:
        return f"{count}, for the first time: all that is ready."
    return f"{count} made since the last time (since {times.date(min(dates), zone)})."


def _by_locale(locales: tuple[NewIn, ...], zone: tzinfo | None) -> list[str]:
    if len(locales) <= ONE_BY_ONE:
        first = all(each.since is None for each in locales)  # then the head has said so
        counted = (f"{each.locale}: {_counted(each.count, 'file')}" for each in locales)
        since = ("" if first else f", {_since(each, zone)}" for each in locales)
        return [f"{count}{date}" for count, date in zip(counted, since, strict=True)]
    named = ", ".join(f"{each.locale} {each.count}" for each in locales[:NAMED])
    more = f" and {len(locales) - NAMED} more locales" if len(locales) > NAMED else ""
    return [f"By locale: {named}{more}."]


def _since(each: NewIn, zone: tzinfo | None) -> str:
    return "for the first time" if each.since is None else f"since {times.date(each.since, zone)}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class ItemActions:
    """Acts on the marked items in view if there are any, else on the one under the cursor."""

    def __init__(self, screen: Controller) -> None:
        self._screen = screen
        self._dialog: ConfirmScreen | None = None
        self._transfers: DownloadsScreen | None = None
        self._asked: ActionTargets | None = None
        """What the dialog that is open, or was the last, is about."""
        self._before: dict[ItemKey, Item] = {}
        self._looking = False
        """Whether what is new is being looked for: a second dialog must not come of it."""
        self._seeking = False
        """Whether files to send again are being looked for."""
        self._told = 0
        """The newest outcome that has been said."""
        self._tallies: dict[Action, Tally] = {}
        """What became of everything since the last time that all was done and seen."""
        self._said = ""
        """What was said last, if it was of a failure."""
        self._under_way = False

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """Return what the keys do."""
        return {
            "item.download": lambda: self._fetch(Action.DOWNLOAD),
            "item.other": lambda: self._fetch(Action.OTHER),
            "table.download": lambda: self._do("D", DownloadReady(self._in_view())),
            "table.download_new": self._fetch_new,
            "item.accept": lambda: self._do_on_targets("K", AcceptDoubtful),
            "item.retry": self._retry,
            **{id: partial(self._ask_and_do, act) for id, act in ACTIONS.items() if act in COMMANDS},
            "downloads.show": self._show_transfers,
            "item.tell": lambda: self._do_on_targets("b", ToggleAlert),
            "table.tell": lambda: self._do("B", ToggleAlert(self._in_view())),
        }

    # Downloads

    def _fetch(self, act: Action) -> None:
        if act is Action.DOWNLOAD and self._on_folder():
            self._fetch_folder()
            return
        monitor, choice = self._monitor(), self._choice(act)
        if monitor is None or choice is None:
            return
        keys = tuple(item.key for item in choice.allowed)
        said = monitor.do(DownloadItems(keys, other=act is Action.OTHER))
        left = f"; {dry_run(choice)}" if choice.refused else ""
        self._screen.say(f"{act}: {said}{left}{self._screen.model.targets.remark}")

    def _on_folder(self) -> bool:
        model = self._screen.model
        return isinstance(model.view.selection.whole_line, FolderRow) and not model.targets.marked

    def _fetch_folder(self) -> None:
        """Fetch what is ready in the folder under the cursor, of the language that is lit or of all."""
        rows = self._screen.model.targets.rows
        self._do("d", DownloadReady(tuple(row.key for row in rows if not isinstance(row, Event))))

    def _fetch_new(self) -> None:
        """Say what of this tab's service was made since the last time, and download it after a yes."""
        monitor, tab = self._monitor(), self._screen.model.tab
        if monitor is not None and tab.service is not None and not self._looking:
            self._looking = True
            self._screen.run_worker(self._look_for_new(monitor, tab, tab.service), group="new")

    async def _look_for_new(self, monitor: MonitorCommands, tab: TabSpec, service: Service) -> None:
        try:
            found = await monitor.whats_new(service)
        finally:
            self._looking = False
        model = self._screen.model
        if not found.keys:
            self._screen.say(f"W: {nothing(found, tab)}")
            return
        folder = model.snapshot.downloads if model.snapshot is not None else ""
        filtered = bool(model.choices[tab].words)
        said = sentences(found, tab, model.zone, folder=folder, filtered=filtered)

        def answered(yes: bool | None) -> None:
            self._screen.say(f"W: {monitor.do(DownloadItems(found.keys)) if yes else 'nothing was done'}")

        await self._screen.panes.in_front()
        title, yes = f"What is new: {tab.label}", f"Yes, download {len(found.keys)}"
        asked = factory.ask_whether(title, said, yes, enter=True, ascii_only=model.ascii_only)
        self._screen.app.push_screen(asked, answered)

    def _in_view(self) -> tuple[ItemKey, ...]:
        """Return the keys of all items in view, the scrolled ones included."""
        rows = self._screen.model.view.items(frozenset(self._screen.model.view.selection.visible_keys))
        return tuple(row.key for row in rows if not isinstance(row, Event))

    def _show_transfers(self) -> None:
        snapshot = self._screen.model.snapshot
        if snapshot is None or not snapshot.transfers:
            self._screen.say("0: there are no downloads; d downloads an item")
            return
        monitor = self._screen.intents.monitor
        drawing = self._screen.model.options.drawing
        if monitor is not None:
            asked = Downloading(monitor, self._screen.clipboard, snapshot.downloads)
            self._transfers = DownloadsScreen(snapshot.transfers, asked, snapshot.downloads, drawing)
            self._transfers.tell(snapshot.transfers, snapshot.transfers_before)
            self._screen.app.push_screen(self._transfers, self._left_transfers)

    def _left_transfers(self, _nothing: None) -> None:
        self._transfers = None

    # What changes something on a server

    def _retry(self) -> None:
        monitor, choice = self._monitor(), self._choice(Action.RETRY)
        if monitor is not None and choice is not None:
            self._seek(self._retry_with(monitor, choice))

    def _seek(self, work: Coroutine[Any, Any, None]) -> None:
        """Look for files beside the screen, unless that is being done: no second dialog must come of it."""

        async def seek() -> None:
            try:
                await work
            finally:
                self._seeking = False

        if self._seeking:
            work.close()
            return
        self._seeking = True
        self._screen.run_worker(seek(), group="retry")

    async def _retry_with(self, monitor: MonitorCommands, choice: ActionTargets) -> None:
        """Ask where the files are that are not found, then whether to send them."""
        plans = await monitor.retry_plan([item.key for item in choice.allowed], {})
        needed = {key: plan.needed for key, plan in plans.items() if plan.needed}
        if not needed:
            await self._confirm_retry(monitor, choice, {})
            return
        words = tuple(dict.fromkeys(needed.values()))[:3]
        question = FieldQuestion("Send again: where is the file?", words, fault=fault_of_source, path=True)
        await self._screen.panes.in_front()
        factory.ask(self._screen, question, lambda text: self._retry_from(monitor, choice, needed, text))

    def _retry_from(
        self, monitor: MonitorCommands, choice: ActionTargets, needed: Mapping[ItemKey, str], text: str
    ) -> None:
        path = typed_path(text.strip())
        self._seek(self._confirm_retry(monitor, choice, dict.fromkeys(needed, path)))

    async def _confirm_retry(
        self, monitor: MonitorCommands, choice: ActionTargets, sources: Mapping[ItemKey, Path]
    ) -> None:
        """Ask with the files that would be sent; what was sent again already is agreed to by the same yes."""
        plans = await monitor.retry_plan([item.key for item in choice.allowed], sources)
        choice = with_plans(choice, plans)
        why = refusal(choice)
        if why:
            self._screen.say(why, failed=True)
            return
        await self._screen.panes.in_front()
        again = frozenset(key for key, plan in plans.items() if plan.tried)
        self._confirm(choice, lambda agreed: monitor.do(Retry(agreed, sources, again)))

    def _ask_and_do(self, act: Action) -> None:
        monitor, choice = self._monitor(), self._choice(act)
        if monitor is not None and choice is not None:
            self._confirm(choice, lambda agreed: monitor.do(COMMANDS[act](agreed)))

    def _confirm(self, choice: ActionTargets, then: Callable[[tuple[ItemKey, ...]], str]) -> None:
        """Put the proposal before the user, with the items frozen as they are now."""
        snapshot = self._screen.model.snapshot
        if snapshot is None:
            return
        tab = choice.tab
        self._before = {item.key: item for row in choice.allowed for item in self._with_languages(tab, row)}
        shown = confirm_text(choice, self._before.values(), snapshot.profile, danger=snapshot.danger)
        self._asked = choice
        clock = self._screen.program.clock.monotonic
        self._dialog = ConfirmScreen(shown, clock, ascii_only=self._screen.model.ascii_only)

        def answered(agreed: tuple[ItemKey, ...] | None) -> None:
            self._dialog = None
            self._screen.say(then(agreed) if agreed else f"{choice.act}: nothing was done")

        self._screen.app.push_screen(self._dialog, answered)

    def _with_languages(self, tab: TabSpec, item: Item) -> tuple[Item, ...]:
        """Return an item with those that are made from the same source: a file's other languages."""
        if tab.grouping is None or not tab.grouping.one_source or not isinstance(item, Cell):
            return (item,)
        return (item, *self._screen.model.views[tab].counts.siblings(item))

    # What happens meanwhile, and afterwards

    def saw(self, snapshot: Snapshot) -> None:
        """Flag in an open dialog what changed, and say how the actions ended."""
        if self._dialog is not None and self._asked is not None:
            now = {item.key: item for item in self._fresh(snapshot, self._asked.tab)}
            shown = self._dialog.proposal
            self._dialog.tell(news(shown, self._before, now, self._asked, read_only=snapshot.read_only))
        if self._transfers is not None:
            self._transfers.tell(snapshot.transfers, snapshot.transfers_before)
        fresh = [each for each in snapshot.outcomes if each.id > self._told]
        under_way = any(not each.ended for each in snapshot.transfers)
        if fresh:
            self._count(fresh, under_way=under_way)

    def _count(self, fresh: list[Outcome], *, under_way: bool) -> None:
        """Add up how the actions ended, and say it.

        Of a batch that goes on well the strip tells; the message line is left to what keys have to say until
        the batch is done. What is said counts the whole batch, and all since somebody saw that any failed.
        """
        unseen = bool(self._said) and self._screen.model.message.failure == self._said
        if not self._under_way and not unseen:
            self._tallies = {}
        self._under_way = under_way
        missing = fresh[0].id - self._told - 1
        self._told = fresh[-1].id
        for each in fresh:
            self._tallies.setdefault(each.action, Tally()).add(each)
        self._tallies[fresh[0].action].missing += missing
        self._screen.model.view.selection.unmark([each.key for each in fresh if each.done])
        well = all(each.done and each.action is Action.DOWNLOAD for each in fresh)
        if not (under_way and well):
            self._tell()

    def _fresh(self, snapshot: Snapshot, tab: TabSpec) -> tuple[Item, ...]:
        items = () if tab.service is None else snapshot.items(tab.service)
        return tuple(item for item in items if item.key in self._before)

    def _tell(self) -> None:
        """Say how many went well and why the first of the others did not; those stay marked."""
        said = [f"{WORDS[action].letter}: {tally.words}" for action, tally in self._tallies.items()]
        failed = any(tally.failed for tally in self._tallies.values())
        self._said = "   ".join(said) if failed else ""
        self._screen.say("   ".join(said), failed=failed)

    # What the keys need

    def _do_on_targets(self, letter: str, kind: Callable[[tuple[ItemKey, ...]], Command]) -> None:
        """Give a command on the items that a key acts on."""
        targets = self._screen.model.targets
        self._do(letter, kind(tuple(sorted(targets.keys))), targets.remark)

    def _do(self, letter: str, command: Command, remark: str = "") -> None:
        """Give a command and say the answer, after the letter of the key."""
        monitor = self._monitor()
        if monitor is not None:
            self._screen.say(f"{letter}: {monitor.do(command)}{remark}")

    def _monitor(self) -> MonitorCommands | None:
        monitor = self._screen.intents.monitor
        if monitor is None:
            self._screen.say(NOT_OPEN)
        return monitor

    def _choice(self, act: Action) -> ActionTargets | None:
        """Return the items with what may be done, or say why nothing can."""
        snapshot = self._screen.model.snapshot
        targets = self._screen.model.targets
        items = [row for row in targets.rows if not isinstance(row, Event)]
        read_only = snapshot.read_only if snapshot is not None else ReadOnly.NO
        choice = choose(self._screen.model.tab, items, act, read_only=read_only)
        why = refusal(choice)
        if why:
            self._screen.say(why, failed=True)
            return None
        return replace(choice, hidden=targets.left_out, marked=targets.marked)


@dataclass
class Tally:
    """How the outcomes of one kind of action are told."""

    done: int = 0
    failed: int = 0
    missing: int = 0
    """Outcomes that came so many at once that no snapshot bore them."""
    why: str = ""
    """Why the first of those that failed did."""
    last: str = ""

    def add(self, outcome: Outcome) -> None:
        """Count one more."""
        if outcome.done:
            self.done += 1
            self.last = outcome.words
        else:
            self.failed += 1
            self.why = self.why or outcome.words

    @property
    def words(self) -> str:
        """Return the sentence: "1 done; 1 failed: why"."""
        more = [f"{self.missing} more: see Activity"] if self.missing else []
        if self.done == 1 and not self.failed and not more:
            return self.last
        said = [f"{self.done} done"] if self.done else []
        said += [f"{self.failed} failed: {self.why}"] if self.failed else []
        return "; ".join([*said, *more])


class Downloading:
    """What the list of downloads asks for (`DownloadCommands`)."""

    def __init__(self, monitor: MonitorCommands, clipboard: Clipboard, folder: str) -> None:
        self._monitor = monitor
        self._clipboard = clipboard
        self._folder = folder

    def stop(self, keys: list[ItemKey]) -> str:
        """Stop downloads that wait or are under way."""
        return self._monitor.do(StopDownloads(tuple(keys)))

    def again(self, key: ItemKey, *, other: bool) -> str:
        """Fetch an item once more."""
        return self._monitor.do(DownloadItems((key,), other=other))

    async def take_folder(self, path: str) -> str:
        """Copy the folder of a file."""
        folder = str(PurePath(self._folder, path).parent) if path else self._folder
        return f"{folder}  {await self._clipboard.copy(folder)}"


def fault_of_source(text: str) -> str:
    """Return why a path is no file or folder to send from, or nothing; looks at the file system."""
    with contextlib.suppress(SourceError):  # said below
        if text.strip() and is_folder(typed_path(text.strip())):
            return ""
    return fault_of_file(text)
