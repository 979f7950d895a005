"""What a command tells from the store instead of asking: what another wbtui reads, and what is young."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Final

from wbtui.config import Profile
from wbtui.domain.errors import AllowanceUsed, LoginRefused, NoConnection, ServiceError
from wbtui.domain.flex_answers import flex_read
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import Service
from wbtui.domain.snapshot import Health, HealthWord
from wbtui.monitor.monitor_state import MonitorState
from wbtui.monitor.pollers.flex_memory import QUESTION, question_from
from wbtui.monitor.stored_health import behind_poller, left_healths
from wbtui.store import SqliteStore

FLEX_SECONDS: Final = 300.0
"""An answer of Flex younger than this is used again where no `--max-age` says otherwise."""
ACCEPTED: Final = timedelta(seconds=300)
"""How old an answer may be that the one that polls cannot renew at the moment."""
_FAULTS: Final[Mapping[HealthWord, type[ServiceError]]] = {
    HealthWord.LOGIN: LoginRefused,
    HealthWord.DOWN: NoConnection,
    HealthWord.BUSY: NoConnection,
    HealthWord.LIMIT: AllowanceUsed,
}


@dataclass(frozen=True, slots=True)
class Known:
    """The services whose answers come from the store, each with its health, and why some do not count."""

    healths: Mapping[Service, Health] = field(default_factory=dict)
    errors: Mapping[Service, ServiceError] = field(default_factory=dict)
    unread: frozenset[Service] = frozenset()
    """Those whose answer is older than it should be, without a fault."""


def from_poller(
    state: MonitorState, store: SqliteStore, profile: Profile, words: str, max_age: float | None
) -> Known:
    """Return what the wbtui that polls says of every service; `words` name it."""
    state.question = question_from(store.recall(QUESTION)) or state.question
    state.health.update(behind_poller(store, profile.services(), words))
    shown = state.snapshot()
    healths = {service: shown.health[service] for service in profile.services()}
    if state.documents and healths[Service.FLEX].read_at is None:
        # that the documents could be listed is no answer yet
        healths[Service.FLEX] = replace(healths[Service.FLEX], word=HealthWord.CONNECTING)
    errors: dict[Service, ServiceError] = {}
    unread: set[Service] = set()
    for service, health in healths.items():
        at_rest = service is Service.OPERATIONS and not state.unfinished()
        if _counts(health, shown.at, max_age, at_rest=at_rest):
            continue
        if (fault := _FAULTS.get(health.word)) is not None:
            errors[service] = fault(health.message, advice=health.advice)
        else:
            unread.add(service)
    return Known(healths, errors, frozenset(unread))


def _counts(health: Health, at: datetime, max_age: float | None, *, at_rest: bool) -> bool:
    """Return whether an answer may be used: it is recent enough, or the polling process has no newer one."""
    if health.word is HealthWord.LOGIN or health.part is not None:
        return False
    if health.word is HealthWord.OK and (at_rest or max_age is None):
        return True
    limit = ACCEPTED if max_age is None else timedelta(seconds=max_age)
    return health.read_at is not None and at - health.read_at <= limit


def young_enough(
    state: MonitorState, store: SqliteStore, profile: Profile, now: datetime, max_age: float | None
) -> Known:
    """Return the services whose answers in the store are not older than `max_age` seconds.

    Without one that is Flex alone, whose queries take slots of the customer's queue.
    """
    left = {
        service: health for service, health in left_healths(store).items() if service in profile.services()
    }
    read = {service: health.read_at for service, health in left.items()}
    read[Service.FLEX] = _flex_read_at(state, profile)
    limits = {service: max_age or 0.0 for service in Service}
    if max_age is None:
        limits[Service.FLEX] = FLEX_SECONDS
    if any(operation.seen_at is None for operation in state.unfinished()):
        limits[Service.OPERATIONS] = 0.0  # of one that was just tracked nothing is known
    healths = {
        service: Health(HealthWord.OK, read_at=at)
        for service, at in read.items()
        if at is not None
        and state.parts.get(service) is None
        and timedelta() <= now - at < timedelta(seconds=limits[service])
    }
    state.health.update(healths)
    return Known(healths)


def _flex_read_at(state: MonitorState, profile: Profile) -> datetime | None:
    """Return when Flex was asked for what the store has; None where that is not all that is wanted."""
    if profile.translator is None:
        return None
    wanted = set(profile.translator.flex.documents)
    if wanted and wanted != state.documents.keys():
        return None
    found = flex_read(state.documents.values(), state.question)
    return None if found.words else found.read_at
