"""`wbtui status`: one reading of every service, as a table or as one JSON document."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from wbtui.clock import Clock, SystemClock
from wbtui.commands.exits import Exit, exit_for
from wbtui.commands.profile import profile_for
from wbtui.commands.secrets import vault_for
from wbtui.commands.session import run_to_end
from wbtui.commands.state import state_of
from wbtui.commands.talk import data, document, say, tell
from wbtui.compose import House, Surroundings, furnished, make_board
from wbtui.errors import AllowanceUsed, ServiceError, WbtuiError
from wbtui.model import Health, HealthWord, Service, Snapshot
from wbtui.monitor.once import Reading
from wbtui.rules.shapes import health_shape, item_shape
from wbtui.settings import Profile
from wbtui.store import SqliteStore

FRESH_SECONDS: Final = 300.0
"""A Flex answer younger than this is used again."""
_WORST_FIRST: Final = (Exit.LOGIN, Exit.CONNECTION, Exit.ALLOWANCE)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Read every service of the profile once and print what they say, or go on with `--watch`."""
    _, profile = profile_for(arguments, env)
    around = Surroundings(SystemClock(), env, vault_for(profile, env), tell=tell)
    with state_of(profile) as store:
        if arguments.watch:
            from wbtui.commands.watch import style_for, watch

            style = style_for(env, as_json=arguments.json, plain=arguments.plain)
            return watch(profile, store, around, style=style)
        return run_to_end(
            read_and_print(profile, store, around, wait=arguments.wait, write=_writer(arguments))
        )


def _writer(arguments: argparse.Namespace) -> Callable[[Snapshot, House], None]:
    if arguments.json:
        return lambda snapshot, house: document(status_shape(snapshot, house))
    if arguments.plain:
        from wbtui.commands.news import sentences

        return lambda snapshot, _house: data("\n".join(sentences(snapshot)))
    from wbtui.commands.status_table import table

    return lambda snapshot, _house: data(table(snapshot))


async def read_and_print(
    profile: Profile,
    store: SqliteStore,
    around: Surroundings,
    *,
    wait: float,
    write: Callable[[Snapshot, House], None],
) -> Exit:
    """Read every service once, write it, and return the exit code."""
    house = await furnished(
        make_board(profile, store, around.clock, lambda _: None),
        store,
        around,
        profile,
        fresh_seconds=FRESH_SECONDS,
    )
    try:
        readings = await house.once().read(wait)
    finally:
        await house.close()
    ends = {service: _error(house, readings, service) for service in Service if service in profile.services()}
    _tell_healths(house, readings, around.clock)
    snapshot = house.board.snapshot()
    write(snapshot, house)
    _advise(ends)
    return exit_code(ends, unread=[s for s, r in readings.items() if r.note])


def _advise(ends: Mapping[Service, WbtuiError | None]) -> None:
    """Say what can be done about the services that could not be read, once for those that share a reason."""
    advised: dict[str, list[str]] = {}
    for service, error in ends.items():
        if error is not None and error.advice:
            advised.setdefault(error.advice, []).append(service.value)
    for advice, services in advised.items():
        say(f"wbtui: {', '.join(services)}: {advice}")


def _error(house: House, readings: Mapping[Service, Reading], service: Service) -> WbtuiError | None:
    reading = readings.get(service)
    return house.barred.get(service) or (reading.error if reading else None)


def exit_code(ends: Mapping[Service, WbtuiError | None], unread: list[Service]) -> Exit:
    """Return 0 if all was read, 7 if some; else 5, 3, 6 in that order, 1 for anything else."""
    failed = [error for error in ends.values() if error is not None]
    if not failed:
        return Exit.PARTLY if unread else Exit.OK
    if len(failed) < len(ends):
        return Exit.PARTLY
    codes = {exit_for(error) for error in failed}
    return next((code for code in _WORST_FIRST if code in codes), Exit.ERROR)


def _tell_healths(house: House, readings: Mapping[Service, Reading], clock: Clock) -> None:
    for service, reading in readings.items():
        if isinstance(reading.error, ServiceError):
            _tell_failure(house, service, reading.error)
            continue
        word = HealthWord.CONNECTING if reading.note else HealthWord.OK
        house.board.health[service] = Health(word, message=reading.note, read_at=clock.now())


def _tell_failure(house: House, service: Service, error: ServiceError) -> None:
    care = house.cares[service]
    if isinstance(error, AllowanceUsed) and house.allowance is not None:
        care.limited(error, house.allowance.throttled(error).until)
    else:
        care.failed(error)
    # nothing is tried again by this command, so no next try is promised
    house.board.health[service] = replace(care.health, at=None, next_at=None, read_at=None)


def status_shape(snapshot: Snapshot, house: House) -> dict[str, Any]:
    """Return the JSON document of design section 6."""
    services: dict[str, Any] = {}
    for service in Service:
        services[service.value] = health_shape(snapshot.health[service])
    if house.allowance is not None:
        calls = house.allowance.calls()
        for service in (Service.OPERATIONS, Service.FLEX):
            services[service.value]["calls_left"] = max(0, calls.limit - calls.used)
    return {
        "profile": snapshot.profile,
        "at": snapshot.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "services": services,
        **{service.value: [item_shape(item) for item in snapshot.items(service)] for service in Service},
    }
