"""`wbtui wait KEY…`: until all are finished, or one has failed, or the time is over."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from wbtui.app.services import Environment
from wbtui.app.sharing import ProfileWatcher, WatchOptions
from wbtui.cli.chosen import profile_for
from wbtui.cli.context import run_to_end, state_of
from wbtui.cli.exit_codes import Exit
from wbtui.cli.keys import read_keys
from wbtui.cli.news import health_words
from wbtui.cli.output import data, document, say, tell
from wbtui.cli.prompts import vault_for
from wbtui.cli.stored_answers import FLEX_SECONDS
from wbtui.config import Profile
from wbtui.domain.clock import Clock, SystemClock
from wbtui.domain.errors import LoginRefused, SettingsError
from wbtui.domain.item_keys import operation_id, service_of
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.merge import ask_again_after
from wbtui.domain.model import FINISHED, NOT_KNOWN_YET, Item, ItemKey, Operation, Service, State
from wbtui.domain.notices import state_sentence
from wbtui.domain.records import Tracked
from wbtui.domain.sanitize import sanitize
from wbtui.domain.serialize import item_to_json, value_to_json
from wbtui.domain.snapshot import Health, HealthWord, Snapshot
from wbtui.store import SqliteStore

GONE_WRONG: Final = frozenset({State.FAILED, State.PARTIAL, State.CANCELLED, State.REMOVED})
SIGNALS: Final = 128
"""Exit codes from here on say which signal ended the waiting."""
FAR: Final = timedelta(seconds=30)
"""From this time on until the next look it is said when that is."""
SAID_AGAIN: Final = timedelta(seconds=60)
"""How long the same thing is not said again, at least."""
HINDERED: Final = frozenset({HealthWord.LIMIT, HealthWord.DOWN, HealthWord.BUSY})


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Wait for the named items, and return the exit code."""
    wanted = read_keys(arguments.keys)
    _, profile = profile_for(arguments, env)
    needed = needed_services(wanted, profile)
    environment = Environment(SystemClock(), env, vault_for(profile, env), tell=tell)
    with state_of(profile) as store:
        if not arguments.appear:
            track_new(wanted, store, environment.clock.now())
        waiting = Waiting(wanted, environment.clock, fail_fast=arguments.fail_fast, appear=arguments.appear)
        waiting.limit_to(arguments.timeout)
        if not arguments.json:
            waiting.tell = lambda item: data(f"{item.key}\t{item.state.value}\t{item.title}".rstrip())
        watcher = ProfileWatcher(
            profile,
            store,
            environment,
            store.poller_lock(),
            lambda snapshot: waiting.publish(snapshot, watcher),
            options=WatchOptions(frozenset(needed), False, frozenset(wanted), FLEX_SECONDS),
            tell=lambda text: say(f"wbtui: {text}"),
        )
        code = run_to_end(_wait(watcher, waiting, arguments.timeout))
        if arguments.json and code < SIGNALS:
            document(waiting.to_json(profile.name))
        return code


def needed_services(keys: Sequence[ItemKey], profile: Profile) -> frozenset[Service]:
    """Return the services that must be asked; raises `SettingsError` for one the profile has not."""
    needed = {service_of(key) for key in keys}
    for service in needed - profile.services():
        raise SettingsError(
            f"profile {profile.name} has no {service.account}, so there is nothing to wait for",
            advice=f"Add [profiles.{profile.name}.{service.account}] to the configuration.",
        )
    # the answer to a question of Flex is an operation
    return frozenset(needed | ({Service.OPERATIONS} if Service.FLEX in needed else set()))


def track_new(keys: Sequence[ItemKey], store: SqliteStore, now: datetime) -> None:
    """Track the operations that are not watched yet, and say so; raises `SettingsError` for no id."""
    known = {operation.key for operation in store.operations()}
    missing = [key for key in keys if service_of(key) is Service.OPERATIONS and key not in known]
    numbers = {key: operation_id(key) for key in missing}
    for key, number in numbers.items():
        if number is None:
            raise SettingsError(
                f"no operation {sanitize(key, 120)} is known here, and it has no id to ask the server by",
                advice="wbtui status --json prints the keys.",
            )
    if numbers:
        store.track([Tracked(number) for number in numbers.values() if number is not None], now)
        say(f"wbtui: not watched until now, tracked: {', '.join(numbers)}")


async def _wait(watcher: ProfileWatcher, waiting: Waiting, seconds: float | None) -> int:
    watching = asyncio.create_task(watcher.run(), name="watch")
    watching.add_done_callback(lambda _: waiting.over.set())
    try:
        in_time = await waiting.clock.wait(waiting.over, seconds)
    finally:
        watching.cancel()
        await asyncio.wait({watching})
    if not watching.cancelled():
        watching.result()
    if waiting.refusal is not None:
        raise waiting.refusal
    if waiting.used_up or not in_time:
        say(f"wbtui: not finished in time: {', '.join(waiting.unfinished_words())}")
        return Exit.ALLOWANCE if waiting.nothing_left() else Exit.UNFINISHED
    return waiting.code()


@dataclass(slots=True)
class _Awaited:
    """What is known of one key."""

    item: Item | None = None
    finished: bool = False


class Waiting:
    """Watches snapshots until what is waited for has happened; then `over` is set."""

    def __init__(self, keys: Sequence[ItemKey], clock: Clock, *, fail_fast: bool, appear: bool) -> None:
        self._awaited: Final = {key: _Awaited() for key in keys}
        self.clock: Final = clock
        self._since: Final = clock.now()
        self._fail_fast: Final = fail_fast
        self._appear: Final = appear
        self.over: Final = asyncio.Event()
        self.refusal: SettingsError | LoginRefused | None = None
        self.used_up = False
        """True if nothing more can be asked in the time given, since the allowance is used up."""
        self._until: datetime | None = None
        self._healths: Mapping[Service, Health] = {}
        self._messages = WaitMessages(clock)
        self.tell: Callable[[Item], None] = lambda _item: None
        """Called with each item when it is finished."""

    def limit_to(self, seconds: float | None) -> None:
        """Wait for so many seconds at most."""
        self._until = None if seconds is None else self._since + timedelta(seconds=seconds)

    def publish(self, snapshot: Snapshot, watcher: ProfileWatcher) -> None:
        """Record what a snapshot says; `watcher` knows how much of it has been read in this run."""
        self._healths = snapshot.health
        services = {service_of(key) for key in self.unfinished()}
        there = {i.key: i for s in services for i in snapshot.items(s) if i.key in self._awaited}
        for key, awaited in self._awaited.items():
            if not awaited.finished:
                awaited.item = there.get(key, awaited.item)
                self._look(key, awaited, snapshot, watcher)
        failed = any(_wrong(awaited) for awaited in self._awaited.values())
        if not self.unfinished() or (failed and self._fail_fast):
            self.over.set()
            return
        self._messages.tell(snapshot, [self._awaited[key].item for key in self.unfinished()], services)
        if self.nothing_left():
            self.used_up = True
            self.over.set()

    def nothing_left(self) -> bool:
        """Return whether no look at any of what is waited for fits into the time, for want of calls."""
        services = {service_of(key) for key in self.unfinished()}
        return bool(services) and all(self._none_in_time(self._healths.get(s)) for s in services)

    def _none_in_time(self, health: Health | None) -> bool:
        if health is None or health.word is not HealthWord.LIMIT or self._until is None:
            return False
        return health.next_at is not None and health.next_at >= self._until

    def _look(self, key: ItemKey, awaited: _Awaited, snapshot: Snapshot, watcher: ProfileWatcher) -> None:
        service = service_of(key)
        health = snapshot.health[service]
        if awaited.item is None:
            self._absent(key, snapshot, watcher)
        elif awaited.item.state in FINISHED and self._seen_now(awaited.item, snapshot, watcher):
            awaited.finished = True
            self.tell(awaited.item)
        if health.word is HealthWord.LOGIN and not awaited.finished:
            self.refusal = LoginRefused(health.message, advice=health.advice)
            self.over.set()

    def _seen_now(self, item: Item, snapshot: Snapshot, watcher: ProfileWatcher) -> bool:
        """Return whether the state is more than a memory: a Beebox file may have been sent again since.

        Where another wbtui polls, its store keeps the time of an item's last change only, and of its service
        the time of the last reading.
        """
        service, health = item.service, snapshot.health[item.service]
        if service is Service.OPERATIONS:
            return True
        oldest = self._since - timedelta(seconds=FLEX_SECONDS if service is Service.FLEX else 0.0)
        seen = [snapshot.read_times.of(item)]
        if watcher.profile_services is None and health.word is HealthWord.OK:
            seen.append(health.read_at)
        return any(at is not None and at >= oldest for at in seen)

    def _absent(self, key: ItemKey, snapshot: Snapshot, watcher: ProfileWatcher) -> None:
        if self._appear or not _read_whole(service_of(key), snapshot, watcher):
            return
        self.refusal = SettingsError(
            f"no service knows of {sanitize(key, 120)}",
            advice="wbtui status --json prints the keys; --appear waits until there is one.",
        )
        self.over.set()

    def unfinished(self) -> list[ItemKey]:
        """Return the keys that are still waited for."""
        return [key for key, awaited in self._awaited.items() if not awaited.finished]

    def unfinished_words(self) -> list[str]:
        """Return these keys, each with why nothing is known of it, where that has a reason."""
        items = ((key, self._awaited[key].item) for key in self.unfinished())
        return [
            f"{key} ({NOT_KNOWN_YET})" if isinstance(item, Operation) and item.not_known_yet else key
            for key, item in items
        ]

    def code(self) -> Exit:
        """Return 8 if anything has gone wrong, else 0."""
        return Exit.FAILED if any(_wrong(awaited) for awaited in self._awaited.values()) else Exit.OK

    def to_json(self, profile: str) -> dict[str, Any]:
        """Return the JSON document `{"profile","at","finished","items","missing"}`."""
        items = [awaited.item for awaited in self._awaited.values() if awaited.item is not None]
        return {
            "profile": profile,
            "at": value_to_json(self.clock.now()),
            "finished": not self.unfinished(),
            "items": [
                item_to_json(item)
                | {"finished": self._awaited[item.key].finished, "words": state_sentence(item)}
                for item in items
            ],
            "missing": [key for key, awaited in self._awaited.items() if awaited.item is None],
        }


class WaitMessages:
    """Says what holds the looks up, and when the next one is where that is not soon; each thing once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said: dict[str, tuple[str, datetime]] = {}
        """By what it was of: what was said, and until when that need not be said again."""

    def tell(self, snapshot: Snapshot, items: Iterable[Item | None], services: Iterable[Service]) -> None:
        """Say what is worth it of the services that are asked, and of the items that are waited for."""
        for service in sorted(services):
            health = snapshot.health[service]
            far = health.next_at is not None and health.next_at - self._clock.now() >= FAR
            hindered = health.word in HINDERED
            words = [health_words(health)] if hindered else []
            words += [f"next look {health.next_at.astimezone():%H:%M:%S}"] if far and health.next_at else []
            self._say(service.value, health.word.value, "; ".join(words), health.next_at)
        for item in items:
            if isinstance(item, Operation) and item.not_known_yet:
                self._say_not_known(item)

    def _say_not_known(self, item: Operation) -> None:
        at = self._clock.now() + timedelta(seconds=ask_again_after(item, self._clock.now()) or 0.0)
        self._say(item.key, str(item.looks), f"not known yet; next look {at.astimezone():%H:%M:%S}", at)

    def _say(self, what: str, kind: str, words: str, until: datetime | None) -> None:
        if not words:
            return
        said = self._said.get(what)
        now = self._clock.now()
        if said is None or said[0] != kind or now >= said[1]:
            self._said[what] = (kind, max(until or now, now + SAID_AGAIN))
            say(f"wbtui: {what}: {words}")


def _wrong(awaited: _Awaited) -> bool:
    return awaited.finished and awaited.item is not None and awaited.item.state in GONE_WRONG


def _read_whole(service: Service, snapshot: Snapshot, watcher: ProfileWatcher) -> bool:
    """Return whether all items of a service are known by now, so that what is not there does not exist."""
    if watcher.profile_services is None:
        return snapshot.health[service].word is HealthWord.OK
    poller = watcher.profile_services.pollers.get(service)
    return poller is not None and poller.knows_all(snapshot.health[service])
