"""`wbtui status`: one reading of every service, as a table, as JSON, or followed (`--watch`)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from wbtui.app.services import Environment, ProfileServices
from wbtui.app.stored_state import make_state
from wbtui.cli.chosen import profile_for
from wbtui.cli.context import run_to_end, state_of
from wbtui.cli.exit_codes import Exit, exit_for, exit_of
from wbtui.cli.news import age_words, counts
from wbtui.cli.output import data, say, stream, tell
from wbtui.cli.prompts import vault_for
from wbtui.cli.stored_answers import FLEX_SECONDS, Known, from_poller, young_enough
from wbtui.config import Profile
from wbtui.domain.clock import SystemClock
from wbtui.domain.errors import AllowanceUsed, ServiceError, SettingsError, WbtuiError
from wbtui.domain.flex_answers import flex_read
from wbtui.domain.model import Item, Operation, Service
from wbtui.domain.notices import remark
from wbtui.domain.serialize import health_to_json, item_to_json, message_of
from wbtui.domain.snapshot import Health, HealthWord, Snapshot
from wbtui.domain.states import state_words
from wbtui.monitor.single_pass import Reading
from wbtui.monitor.stored_health import leave_readings
from wbtui.store import SqliteStore


def table(snapshot: Snapshot) -> str:
    """Return the whole table as text, without a newline at its end."""
    parts = [_aligned(_services(snapshot))]
    for service in Service:
        items = snapshot.items(service)
        if items:
            parts.append(f"{service.label}\n{_aligned(_row(item) for item in items)}")
    return "\n\n".join(parts)


def _services(snapshot: Snapshot) -> Iterable[Sequence[str]]:
    for service in Service:
        health, items = snapshot.health[service], snapshot.items(service)
        items_words = counts(items, so_far=health.part is not None) if items else ""
        said = "; ".join(filter(None, (message_of(health), age_words(health, snapshot.at))))
        yield service.label, health.word.value, items_words, said


def _row(item: Item) -> Sequence[str]:
    words = state_words(item)
    state = f"{words.glyph} {words.word}"
    *cells, last = item.cells
    told = remark(item) if isinstance(item, Operation) else ""
    return state, *cells, told or last


def _aligned(rows: Iterable[Sequence[str]]) -> str:
    """Return the rows with columns of equal width in terminal cells."""
    from rich.cells import cell_len  # JSON needs no widths, and rich takes as long as all of the domain

    lines = list(rows)
    columns = max(len(line) for line in lines)
    widths = [max(cell_len(line[i]) for line in lines if i < len(line)) for i in range(columns)]
    return "\n".join(
        "  ".join(text + " " * (widths[i] - cell_len(text)) for i, text in enumerate(line)).rstrip()
        for line in lines
    )


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Read every service of the profile once and print what they say, or go on with `--watch`."""
    max_age: float | None = arguments.max_age
    if arguments.watch and max_age is not None:
        raise SettingsError("--max-age does not go together with --watch, which asks by itself")
    _, profile = profile_for(arguments, env)
    environment = Environment(SystemClock(), env, vault_for(profile, env), tell=tell)
    with state_of(profile) as store:
        if arguments.watch:
            from wbtui.cli.watch import style_for, watch  # one reading needs no loop

            style = style_for(env, as_json=arguments.json, plain=arguments.plain)
            return watch(profile, store, environment, style=style)
        reading = read_and_print(
            profile, store, environment, wait=arguments.wait, max_age=max_age, write=_writer(arguments)
        )
        return run_to_end(reading)


def _writer(arguments: argparse.Namespace) -> Callable[[Snapshot, ProfileServices], None]:
    if arguments.json:
        return lambda snapshot, profile_services: stream(status_json(snapshot, profile_services))
    if arguments.plain:
        from wbtui.cli.news import sentences

        return lambda snapshot, _services: stream(f"{sentence}\n" for sentence in sentences(snapshot))

    return lambda snapshot, _services: data(table(snapshot))


async def read_and_print(
    profile: Profile,
    store: SqliteStore,
    environment: Environment,
    *,
    wait: float,
    max_age: float | None,
    write: Callable[[Snapshot, ProfileServices], None],
) -> Exit:
    """Print how every service does, and return the exit code.

    Where another wbtui polls, and of what the store knows that is not older than `max_age` seconds, nothing
    is asked.
    """
    holder = store.poller_lock().holder() if store.readable() else None
    if holder is not None:
        store.reread()
    state = make_state(profile, store, environment.clock, lambda _: None)
    profile_services = ProfileServices(state, store, environment, profile)
    if holder is not None:
        known = from_poller(state, store, profile, holder.words(), max_age)
    else:
        known = young_enough(state, store, profile, environment.clock.now(), max_age)
    wanted = profile.services() - known.healths.keys()
    readings = await _read(profile_services, wanted, wait, max_age) if wanted else {}
    if not wanted:
        profile_services.count_calls()
    ends = {
        s: known.errors.get(s) or _error(profile_services, readings, s)
        for s in Service
        if s in profile.services()
    }
    _tell_healths(profile_services, known, readings)
    snapshot = state.snapshot()
    leave_readings(store, {s: snapshot.health[s] for s, r in readings.items() if not (r.error or r.note)})
    write(snapshot, profile_services)
    _advise(ends)
    code = exit_of(map(exit_for, ends.values()))
    in_part = known.unread or any(reading.note for reading in readings.values())
    return Exit.PARTLY if in_part and code is Exit.OK else code


async def _read(
    profile_services: ProfileServices, wanted: Collection[Service], wait: float, max_age: float | None
) -> dict[Service, Reading]:
    await profile_services.connect_services(FLEX_SECONDS if max_age is None else max_age, wanted)
    try:
        return await profile_services.once().read(wait, wanted)
    finally:
        await profile_services.close()


def _advise(ends: Mapping[Service, WbtuiError | None]) -> None:
    """Say what can be done about the services that could not be read, once for those that share a reason."""
    advised: dict[str, list[str]] = {}
    for service, error in ends.items():
        if error is not None and error.advice:
            advised.setdefault(error.advice, []).append(service.value)
    for advice, services in advised.items():
        say(f"wbtui: {', '.join(services)}: {advice}")


def _error(
    profile_services: ProfileServices, readings: Mapping[Service, Reading], service: Service
) -> WbtuiError | None:
    reading = readings.get(service)
    return profile_services.unavailable.get(service) or (reading.error if reading else None)


def _tell_healths(
    profile_services: ProfileServices, known: Known, readings: Mapping[Service, Reading]
) -> None:
    """Put into the state how each service did; what was told from the store stays as it is known."""
    profile_services.state.health.update(known.healths)
    state = profile_services.state
    since = flex_read(state.documents.values(), state.question).shown_since
    for service, reading in readings.items():
        if isinstance(reading.error, ServiceError):
            _tell_failure(profile_services, service, reading.error)
        elif reading.note and service is Service.FLEX and since is not None:
            state.health[service] = Health(HealthWord.OLD, at=since, message=reading.note, read_at=since)
        else:
            word = HealthWord.CONNECTING if reading.note else HealthWord.OK
            read_at = (
                _oldest_look(profile_services)
                if reading.note and service is Service.OPERATIONS
                else reading.at
            )
            state.health[service] = Health(word, message=reading.note, read_at=read_at)


def _oldest_look(profile_services: ProfileServices) -> datetime | None:
    """Return from when the oldest word of an open operation is; None if one was never asked for."""
    seen = [operation.seen_at for operation in profile_services.state.unfinished()]
    known = [at for at in seen if at is not None]
    return min(known) if known and len(known) == len(seen) else None


def _tell_failure(profile_services: ProfileServices, service: Service, error: ServiceError) -> None:
    health = profile_services.health[service]
    if isinstance(error, AllowanceUsed) and profile_services.allowance is not None:
        health.limited(error, profile_services.allowance.throttled(error).until)
    else:
        health.failed(error)
    # nothing is tried again by this command, so no next try is promised; what is shown keeps its age
    profile_services.state.health[service] = replace(health.health, at=None, next_at=None)


def status_json(snapshot: Snapshot, profile_services: ProfileServices) -> Iterator[str]:
    """Yield the JSON document in pieces, item by item, as one line of ASCII: it may be large."""
    head = {
        "profile": snapshot.profile,
        "at": snapshot.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "services": _services_to_json(snapshot, profile_services),
    }
    yield json.dumps(head).removesuffix("}")
    for service in Service:
        between = f', "{service.value}": ['
        for item in snapshot.items(service):
            yield between + json.dumps(item_to_json(item))
            between = ", "
        yield "]" if between == ", " else f"{between}]"
    yield "}\n"


def _services_to_json(snapshot: Snapshot, profile_services: ProfileServices) -> dict[str, Any]:
    services: dict[str, Any] = {}
    for service in Service:
        services[service.value] = health_to_json(snapshot.health[service], snapshot.at)
    if Service.FLEX in profile_services.profile.services():
        question = snapshot.question
        asked = {"metric": question.metric.value, "changed_seconds": question.changed_seconds}
        services[Service.FLEX.value]["question"] = asked
    if profile_services.allowance is not None:
        calls = profile_services.allowance.calls()
        for service in (Service.OPERATIONS, Service.FLEX):
            services[service.value]["calls_left"] = max(0, calls.limit - calls.used)
    return services
