"""How a new reading joins what is already known; pure, and the same for the screen and the command line.

Merging the same reading twice changes nothing but times of sight, and what is final stays final: an
operation that has finished is not taken back by an answer that was on its way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from wbtui.model import (
    FINISHED,
    FLEX_QUERY,
    BeeboxFile,
    FlexComponent,
    InstantRequest,
    ItemKey,
    Operation,
    OperationReading,
    State,
    flex_key,
)
from wbtui.ports import FlexAnswer

Listed = TypeVar("Listed", BeeboxFile, InstantRequest, FlexComponent)


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


def forget_operation(old: Operation, now: datetime) -> Operation:
    """Return the operation after the server said that it does not know it."""
    if old.state in FINISHED:
        return old
    return replace(old, known=False, changed_at=now, finished_at=now, seen_at=now, looks=old.looks + 1)


def merge_listed(old: Listed | None, new: Listed) -> Listed:
    """Return the item as newly read, with the time of its last change of state carried on.

    An answer older than what is known is ignored.
    """
    if old is None:
        return replace(new, changed_at=new.changed_at or new.seen_at)
    if old.seen_at and new.seen_at and new.seen_at < old.seen_at:
        return old
    same = _substance(old) == _substance(new)
    changed_at = old.changed_at if same else new.seen_at
    if same and isinstance(old, BeeboxFile):
        # until the server says something new, the row says what was asked of it
        return replace(new, changed_at=changed_at, asked=old.asked, asked_at=old.asked_at)
    return replace(new, changed_at=changed_at)


def _substance(item: BeeboxFile | InstantRequest | FlexComponent) -> tuple[object, ...]:
    """Return what counts as a change: what the user acts on, not ages or counts."""
    if isinstance(item, BeeboxFile):
        return (item.state, item.status, item.error, item.made_at, item.preliminary_at is None)
    if isinstance(item, InstantRequest):
        return (item.state, item.ready, item.post_edit, item.post_edit_ready)
    return (item.state,)


def same_but_times(old: object, new: object) -> bool:
    """Tell whether two items differ in nothing but when they were seen or how old they are."""
    if isinstance(old, BeeboxFile) and isinstance(new, BeeboxFile):
        return _timeless(old) == _timeless(new)
    if isinstance(old, InstantRequest) and isinstance(new, InstantRequest):
        return replace(old, seen_at=None) == replace(new, seen_at=None)
    if isinstance(old, FlexComponent) and isinstance(new, FlexComponent):
        return replace(old, seen_at=None) == replace(new, seen_at=None)
    return old == new


def _timeless(item: BeeboxFile) -> BeeboxFile:
    return replace(item, seen_at=None, source_age=None, made_age=None)


def removed_request(old: InstantRequest, now: datetime) -> InstantRequest:
    """Return the request after it did not come back: removed by a user, an administrator or age.

    Source: API - IT - List Requests, remarks.
    """
    if old.state is State.REMOVED:
        return old
    return replace(old, state=State.REMOVED, ready=False, post_edit_ready=False, seen_at=now, changed_at=now)


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


def flex_cells(side: FlexSide, answer: FlexAnswer) -> tuple[FlexComponent, ...]:
    """Return one item per component and locale of an answer."""
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
                )
            )
    return tuple(cells)


def replace_side(
    known: Mapping[ItemKey, FlexComponent], side: FlexSide, cells: Iterable[FlexComponent]
) -> tuple[dict[ItemKey, FlexComponent], tuple[ItemKey, ...]]:
    """Return the cells to write, and the keys of those that this side had and has no longer.

    A cell that a later query has put on the other side is left there.
    """
    fresh = {cell.key: merge_listed(known.get(cell.key), cell) for cell in cells}
    gone = tuple(
        key
        for key, cell in known.items()
        if cell.document == side.document and cell.state is side.state and key not in fresh
    )
    return fresh, gone
