"""`wbtui wait KEY…`: until all are finished, or one has failed, or the time is over."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from wbtui.clock import Clock, SystemClock
from wbtui.commands.exits import Exit
from wbtui.commands.keys import read_keys, service_of
from wbtui.commands.news import state_words
from wbtui.commands.profile import profile_for
from wbtui.commands.secrets import vault_for
from wbtui.commands.session import run_to_end
from wbtui.commands.state import state_of
from wbtui.commands.talk import data, document, say, tell
from wbtui.compose import SECTION_OF, Surroundings
from wbtui.compose_shared import Shared
from wbtui.errors import LoginRefused, SettingsError
from wbtui.model import (
    FINISHED,
    HealthWord,
    Item,
    ItemKey,
    Service,
    Snapshot,
    State,
    request_id,
)
from wbtui.monitor.watch_beebox import BeeboxWatch
from wbtui.monitor.watch_flex import FlexWatch
from wbtui.ports import Tracked
from wbtui.rules.shapes import item_shape, label, plain
from wbtui.safetext import safe
from wbtui.settings import Profile
from wbtui.store import SqliteStore

GONE_WRONG: Final = frozenset({State.FAILED, State.PARTIAL, State.CANCELLED, State.REMOVED})
SIGNALS: Final = 128
"""Exit codes from here on say which signal ended the waiting."""
FRESH: Final = timedelta(seconds=300)
"""An answer of Flex younger than this is used again."""


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Wait for the named items, and return the exit code."""
    wanted = read_keys(arguments.keys)
    _, profile = profile_for(arguments, env)
    needed = needed_services(wanted, profile)
    around = Surroundings(SystemClock(), env, vault_for(profile, env), tell=tell)
    with state_of(profile) as store:
        if not arguments.appear:
            track_new(wanted, store, around.clock.now())
        waiting = Waiting(wanted, around.clock, fail_fast=arguments.fail_fast, appear=arguments.appear)
        if not arguments.json:
            waiting.tell = lambda item: data(f"{item.key}\t{item.state.value}\t{label(item)}".rstrip())
        shared = Shared(
            profile,
            store,
            around,
            store.poller_lock(),
            lambda snapshot: waiting.publish(snapshot, shared),
            services=needed,
            claims=False,
            tell=lambda text: say(f"wbtui: {text}"),
        )
        code = run_to_end(_wait(shared, waiting, arguments.timeout))
        if arguments.json and code < SIGNALS:
            document(waiting.shape(profile.name))
        return code


def needed_services(keys: Sequence[ItemKey], profile: Profile) -> frozenset[Service]:
    """Return the services that must be asked; raises `SettingsError` for one the profile has not."""
    needed = {service_of(key) for key in keys}
    for service in needed - profile.services():
        raise SettingsError(
            f"profile {profile.name} has no {SECTION_OF[service]}, so there is nothing to wait for",
            advice=f"Add [profiles.{profile.name}.{SECTION_OF[service]}] to the configuration.",
        )
    # the answer to a question of Flex is an operation
    return frozenset(needed | ({Service.OPERATIONS} if Service.FLEX in needed else set()))


def track_new(keys: Sequence[ItemKey], store: SqliteStore, now: datetime) -> None:
    """Track the operations that are not watched yet."""
    known = {operation.key for operation in store.operations()}
    missing = [key.removeprefix("op:") for key in keys if key.startswith("op:") and key not in known]
    numbers = [number for number in map(request_id, missing) if number is not None]
    store.track([Tracked(number) for number in numbers], now)


async def _wait(shared: Shared, waiting: Waiting, seconds: float | None) -> int:
    watching = asyncio.create_task(shared.run(), name="watch")
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
    if not in_time:
        say(f"wbtui: not finished in time: {', '.join(waiting.unfinished())}")
        return Exit.UNFINISHED
    return waiting.code()


@dataclass(slots=True)
class _Place:
    """What is known of one key."""

    item: Item | None = None
    finished: bool = False


class Waiting:
    """Watches snapshots until what is waited for has happened; then `over` is set."""

    def __init__(self, keys: Sequence[ItemKey], clock: Clock, *, fail_fast: bool, appear: bool) -> None:
        self._places: Final = {key: _Place() for key in keys}
        self.clock: Final = clock
        self._since: Final = clock.now()
        self._fail_fast: Final = fail_fast
        self._appear: Final = appear
        self.over: Final = asyncio.Event()
        self.refusal: SettingsError | LoginRefused | None = None
        self.tell: Callable[[Item], None] = lambda _item: None
        """Called with each item when it is finished."""

    def publish(self, snapshot: Snapshot, shared: Shared) -> None:
        """Take in a snapshot; `shared` tells how much of it has been read in this run."""
        services = {service_of(key) for key in self.unfinished()}
        there = {i.key: i for s in services for i in snapshot.items(s) if i.key in self._places}
        for key, place in self._places.items():
            if not place.finished:
                place.item = there.get(key, place.item)
                self._look(key, place, snapshot, shared)
        failed = any(_wrong(place) for place in self._places.values())
        if not self.unfinished() or (failed and self._fail_fast):
            self.over.set()

    def _look(self, key: ItemKey, place: _Place, snapshot: Snapshot, shared: Shared) -> None:
        service = service_of(key)
        if place.item is None:
            self._absent(key, snapshot, shared)
        elif place.item.state in FINISHED and self._seen_now(place.item, service, shared):
            place.finished = True
            self.tell(place.item)
        health = snapshot.health[service]
        if health.word is HealthWord.LOGIN and not place.finished:
            self.refusal = LoginRefused(health.message, advice=health.advice)
            self.over.set()

    def _seen_now(self, item: Item, service: Service, shared: Shared) -> bool:
        """Tell whether the state is more than a memory: a Beebox file may have been sent again since."""
        if service is Service.OPERATIONS or shared.house is None:
            return True
        oldest = self._since - FRESH if service is Service.FLEX else self._since
        return item.seen_at is not None and item.seen_at >= oldest

    def _absent(self, key: ItemKey, snapshot: Snapshot, shared: Shared) -> None:
        if self._appear or not _read_whole(service_of(key), snapshot, shared):
            return
        self.refusal = SettingsError(
            f"no service knows of {safe(key, 120)}",
            advice="wbtui status --json prints the keys; --appear waits until there is one.",
        )
        self.over.set()

    def unfinished(self) -> list[ItemKey]:
        """Return the keys that are still waited for."""
        return [key for key, place in self._places.items() if not place.finished]

    def code(self) -> Exit:
        """Return 8 if anything has gone wrong, else 0."""
        return Exit.FAILED if any(_wrong(place) for place in self._places.values()) else Exit.OK

    def shape(self, profile: str) -> dict[str, Any]:
        """Return the JSON document `{"profile","at","finished","items","missing"}`."""
        items = [place.item for place in self._places.values() if place.item is not None]
        return {
            "profile": profile,
            "at": plain(self.clock.now()),
            "finished": not self.unfinished(),
            "items": [
                item_shape(item) | {"finished": self._places[item.key].finished, "words": state_words(item)}
                for item in items
            ],
            "missing": [key for key, place in self._places.items() if place.item is None],
        }


def _wrong(place: _Place) -> bool:
    return place.finished and place.item is not None and place.item.state in GONE_WRONG


def _read_whole(service: Service, snapshot: Snapshot, shared: Shared) -> bool:
    """Tell whether all items of a service are known by now, so that what is not there does not exist."""
    if shared.house is None:
        return True
    watch = shared.house.watches.get(service)
    if isinstance(watch, FlexWatch):
        return watch.complete
    if isinstance(watch, BeeboxWatch) and watch.passing:
        return False
    health = snapshot.health[service]
    return health.word is HealthWord.OK or (health.part is not None and bool(health.part.why))
