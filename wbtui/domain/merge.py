"""How a new reading joins what is already known; pure, and the same for the screen and the command line.

Merging the same reading twice changes nothing but times of sight, and what is final stays final: an
operation that has finished is not taken back by an answer that was on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final, TypeVar

from wbtui.domain.item_keys import flex_key, operation_key
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import (
    FINISHED,
    FLEX_QUERY,
    NOT_KNOWN_YET,
    Action,
    BeeboxFile,
    FlexComponent,
    InstantRequest,
    Item,
    ItemKey,
    Operation,
    OperationReading,
    State,
)
from wbtui.domain.ports import FlexAnswer
from wbtui.domain.read_times import ReadTimes

YOUNG: Final = timedelta(minutes=10)
"""How long after it was sent, or came to be known, a service may not list an item yet."""
AGES_APART: Final = 1.5
"""Minutes by which an age may differ from the one expected: servers round them, each in its own way."""
AGAIN_AFTER: Final = (30.0, 120.0, 300.0)
"""Seconds after which an operation that is not known yet is asked for again: the first time, and so on."""

Listed = TypeVar("Listed", BeeboxFile, InstantRequest, FlexComponent)


def new_operation(
    request_id: int, reading: OperationReading | None, now: datetime, *, kind: str = "", label: str = ""
) -> Operation:
    """Return an operation as it is when wbtui comes to know it; without a reading nothing was seen yet."""
    seen = now if reading is not None else None
    state = reading.state if reading is not None else State.UNKNOWN
    return Operation(
        key=operation_key(request_id),
        request_id=request_id,
        reading=reading or OperationReading(State.WAITING),
        kind=kind,
        label=label,
        tracked_at=now,
        changed_at=seen,
        started_at=now if state is State.RUNNING else None,
        finished_at=now if state in FINISHED else None,
        seen_at=seen,
    )


def merge_operation(old: Operation, reading: OperationReading, now: datetime) -> Operation:
    """Return the operation with one more answer taken in."""
    if old.state in FINISHED:
        return old
    moved = reading.state != old.reading.state or old.changed_at is None
    started = old.started_at
    if started is None and reading.state is State.RUNNING:
        started = now
    finished = reading.state in FINISHED
    return replace(
        old,
        reading=reading,
        kind=old.kind or kind_of(reading),
        known=True,
        started_at=started,
        changed_at=now if moved else old.changed_at,
        finished_at=now if finished else None,
        seen_at=now,
        looks=old.looks + 1,
    )


def kind_of(reading: OperationReading) -> str:
    """Return what an operation was, as far as its result shows; the envelope has no word for it.

    Source: resources/segments/view/export, projects/{pid}/workflows/new, orders/{orderid}/files/all/zip and
    apps/wbflex/documents/{id}/components/status, each by the members of its `custom` node.
    """
    if reading.files:
        return "Upload"
    for member, kind in (("components", FLEX_QUERY), ("segments", "Export"), ("count", "Archive")):
        if member in reading.counts and reading.file_token:
            return kind
    return ""


def may_still_come(old: Operation, now: datetime) -> bool:
    """Return whether the server may not know an operation yet: it never did, and ten minutes are not over."""
    born = old.submitted_at or old.tracked_at
    never_known = old.looks == 0 or old.not_known_yet
    return never_known and born is not None and now - born < YOUNG


def unknown_operation(old: Operation, now: datetime) -> Operation:
    """Return the operation after the server said that it does not know it: not yet, or no longer."""
    if old.state in FINISHED:
        return old
    asked = replace(old, seen_at=now, looks=old.looks + 1)
    if not may_still_come(old, now):
        return replace(asked, known=False, changed_at=now, finished_at=now)
    if old.not_known_yet:
        return asked
    return replace(asked, reading=OperationReading(State.UNKNOWN, NOT_KNOWN_YET), changed_at=now)


def ask_again_after(operation: Operation, now: datetime) -> float | None:
    """Return the seconds until one that is not known yet is asked for again; None for every other.

    The last time is when its ten minutes end, when it becomes removed.
    """
    born = operation.submitted_at or operation.tracked_at
    if not operation.not_known_yet or operation.seen_at is None or born is None:
        return None
    gap = timedelta(seconds=AGAIN_AFTER[min(operation.looks, len(AGAIN_AFTER)) - 1])
    at = min(operation.seen_at + gap, max(born + YOUNG, operation.seen_at))
    return max(0.0, (at - now).total_seconds())


def merge_listed(old: Listed | None, new: Listed, *, renew: bool = False) -> Listed:
    """Return the item as newly read, with the time of its last change of state carried on.

    One that says the same as before stays the same object, with the time and the ages of then, unless it is
    to be renewed. An answer older than what is known is ignored.
    """
    if old is None:
        return replace(new, changed_at=new.changed_at or new.seen_at)
    if old.seen_at and new.seen_at and new.seen_at < old.seen_at:
        return old
    if not renew and _says_the_same(old, new):
        return old
    new = replace(new, key=old.key)  # which is held already, by whatever knows the item by its key
    if isinstance(new, FlexComponent):
        new = replace(new, completed_at=_completed_at(old, new))
    same = old.substance == new.substance
    changed_at = old.changed_at if same else new.seen_at
    if same and isinstance(old, BeeboxFile):
        # until the server says something new, the row says what was asked of it
        return replace(new, changed_at=changed_at, asked=old.asked, asked_at=old.asked_at)
    return replace(new, changed_at=changed_at)


def _completed_at(old: FlexComponent, new: FlexComponent) -> datetime | None:
    """Return since when a cell is complete: one that was reopened and completed again is another version."""
    completed = new.state is State.READY and old.state is not State.READY
    return new.seen_at if completed else old.completed_at


def _says_the_same(old: Listed, new: Listed) -> bool:
    """Return whether a reading says of an item what was known, and its ages are those of then, grown."""
    said = _SAID[type(old)]
    if type(old) is not type(new) or said(old) != said(new):
        return False
    if not isinstance(old, BeeboxFile):
        return True
    passed = _minutes_between(old.seen_at, new.seen_at)
    assert isinstance(new, BeeboxFile)
    return _grown(old.source_age, new.source_age, passed) and _grown(old.made_age, new.made_age, passed)


def _grown(then: float | None, now: float | None, passed: float) -> bool:
    if then is None or now is None:
        return then is now
    return abs(then + passed - now) <= AGES_APART


def as_read(item: Item, times: ReadTimes) -> Item:
    """Return an item as it would be if its last reading, which changed nothing, had made it anew."""
    at = times.of(item)
    if at is None or item.seen_at is None or at <= item.seen_at:
        return item
    if not isinstance(item, BeeboxFile):
        return replace(item, seen_at=at)
    passed = _minutes_between(item.seen_at, at) // 1
    ages = (None if age is None else age + passed for age in (item.source_age, item.made_age))
    source_age, made_age = ages
    return replace(item, seen_at=at, source_age=source_age, made_age=made_age)


def _minutes_between(before: datetime | None, after: datetime | None) -> float:
    return 0.0 if before is None or after is None else (after - before).total_seconds() / 60


def same_but_times(old: object, new: object) -> bool:
    """Return whether two items differ in nothing but when they were seen or how old they are."""
    lasting = _LASTING.get(type(old))
    if lasting is None or type(old) is not type(new):
        return old == new
    return lasting(old) == lasting(new)


_Values = Callable[[object], tuple[object, ...]]


def _values_but(kind: type[Listed], left_out: Container[str]) -> _Values:
    """Return what reads all other fields; faster than comparing copies."""
    return attrgetter(*(field.name for field in fields(kind) if field.name not in left_out))


_LASTING: Final[Mapping[type, _Values]] = {
    kind: _values_but(kind, kind.drifting) for kind in Listed.__constraints__
}
"""What changes only if something happened."""
_SAID: Final[Mapping[type, _Values]] = {
    kind: _values_but(kind, kind.drifting | kind.carried) for kind in Listed.__constraints__
}
"""What a reading says of an item, without its age."""


def removed_request(old: InstantRequest, now: datetime) -> InstantRequest:
    """Return the request after it did not come back: removed by a user, an administrator or age.

    One that wbtui sent less than ten minutes ago and that never came back may be not known yet.
    Source: API - IT - List Requests, remarks.
    """
    if old.state is State.REMOVED:
        return old
    if old.seen_at == old.sent_at and isinstance(old.sent_at, datetime) and now - old.sent_at < YOUNG:
        return replace(old, state=State.UNKNOWN, status=NOT_KNOWN_YET)
    return replace(old, state=State.REMOVED, ready=False, post_edit_ready=False, seen_at=now, changed_at=now)


def may_be_missing(file: BeeboxFile, now: datetime) -> bool:
    """Return whether a pass without this file says nothing: it was sent again less than ten minutes ago."""
    lately = file.asked_at is not None and now - file.asked_at < YOUNG
    return file.asked is Action.RETRY and lately


def removed_file(old: BeeboxFile, now: datetime) -> BeeboxFile:
    """Return the file after two complete passes came without it."""
    if old.state is State.REMOVED:
        return old
    return replace(old, state=State.REMOVED, seen_at=now, changed_at=now, asked=None, asked_at=None)


@dataclass(frozen=True, slots=True)
class FlexSide:
    """One side of the question about a document: the complete languages, or the open ones."""

    document: str
    state: State
    """READY for the languages that satisfy the metric, RUNNING for those that do not."""
    at: datetime
    """When the query was sent: edits after it are not in the answer."""


def flex_cells(side: FlexSide, answer: FlexAnswer, *, again: bool = False) -> tuple[FlexComponent, ...]:
    """Return one item per component and locale of an answer; `again`: the same was answered before."""
    completed_at = side.at if again and side.state is State.READY else None
    cells: list[FlexComponent] = []
    for row in answer.rows:
        for locale, matching in row.locales.items():
            cells.append(
                FlexComponent(
                    key=flex_key(side.document, locale, row.component, row.wire_component),
                    document=side.document,
                    component=row.component,
                    locale=locale,
                    state=side.state,
                    segments=row.segments,
                    matching=matching,
                    wire_component=row.wire_component,
                    seen_at=side.at,
                    completed_at=completed_at,
                )
            )
    return tuple(cells)


def left_behind(
    known: Iterable[FlexComponent], side: FlexSide, answered: Container[ItemKey]
) -> list[ItemKey]:
    """Return the keys of the cells that this side had and that are not in its new answer.

    A cell that a later query has put on the other side is left there.
    """
    return [
        cell.key
        for cell in known
        if cell.document == side.document and cell.state is side.state and cell.key not in answered
    ]


def by_arrival(operation: Operation) -> tuple[int, str]:
    """Return the sort key of the order in which operations came: by request id (assumed, and checked)."""
    return (operation.request_id, operation.key)


def unfinished(operations: Iterable[Operation]) -> list[Operation]:
    """Return those that may still change, oldest first."""
    return sorted((o for o in operations if o.state not in FINISHED), key=by_arrival)
