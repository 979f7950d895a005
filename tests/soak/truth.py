"""Compares what is shown with the state of the simulated services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from wbtui.domain.merge import as_read
from wbtui.domain.model import (
    FINISHED,
    BeeboxFile,
    FlexComponent,
    InstantRequest,
    Item,
    ItemKey,
    Operation,
    Service,
    State,
)
from wbtui.domain.snapshot import Snapshot

Truth = Mapping[str, Mapping[str, Any]]

OPERATION_STATES: Final = {
    "Waiting": frozenset({State.WAITING}),
    "Executing": frozenset({State.RUNNING}),
    "Failed": frozenset({State.FAILED}),
}
BEEBOX_STATES: Final = {
    1: State.READY,
    4: State.WAITING,
    5: State.WAITING,
    6: State.RUNNING,
    7: State.DONE,
    8: State.FAILED,
    10: State.CANCELLED,
}
INSTANT_STATES: Final = {
    "Waiting": State.WAITING,
    "Executing": State.RUNNING,
    "Finished": State.READY,
    "Failed": State.FAILED,
}
COURSE: Final = ("Waiting", "Executing")
"""What comes before an end."""
WINDOW: Final = timedelta(days=7)


def differences(shown: Snapshot, samples: Sequence[Truth], told: Iterable[ItemKey]) -> list[str]:
    """Return what is shown otherwise than it was at any of the moments of `samples`, or not at all.

    `told` are the operations that the program was told of.
    """
    items: dict[str, Item] = {
        item.key: as_read(item, shown.read_times) for service in Service for item in shown.items(service)
    }
    found = [f"{key} is not shown" for key in told if key not in items]
    lasting = samples[0].keys() & samples[-1].keys() - items.keys()
    found += [f"{key} is not shown" for key in sorted(lasting) if key.startswith(("bb:", "it:"))]
    for key, item in items.items():
        moments = [sample[key] for sample in samples if key in sample]
        absent = len(moments) < len(samples)
        between = _between(item, moments, absent=absent)
        if not (any(_right(item, moment) for moment in (*moments, *between)) or (absent and _gone(item))):
            words = moments[-1] if moments else "nothing of it"
            found.append(f"{key} is shown as {item.state}, the server knows {words}")
    return found


def _between(item: Item, moments: Sequence[Mapping[str, Any]], *, absent: bool) -> list[Mapping[str, Any]]:
    """Return what an operation or a request has also been, unseen between two samples."""
    if not moments or isinstance(item, BeeboxFile | FlexComponent):
        return []
    first = -1 if absent else _rank(moments[0])
    return [{**moments[-1], "status": word} for word in COURSE[first + 1 : _rank(moments[-1])]]


def _rank(moment: Mapping[str, Any]) -> int:
    return COURSE.index(moment["status"]) if moment["status"] in COURSE else len(COURSE)


def lost(shown: Snapshot, truth: Truth) -> list[str]:
    """Return what is called removed although the server has it."""
    items: tuple[Item, ...] = (*shown.operations, *shown.instant)
    return [f"{i.key} is called removed" for i in items if i.state is State.REMOVED and i.key in truth]


def _gone(item: Item) -> bool:
    """Return whether an item may be shown that the server does not know."""
    if isinstance(item, Operation):
        return item.request_id == 0 or item.state is State.REMOVED
    return item.state is State.REMOVED


def _right(item: Item, moment: Mapping[str, Any]) -> bool:
    if isinstance(item, Operation):
        expected = OPERATION_STATES.get(moment["status"])
        if expected is not None:
            return item.state in expected
        return item.state is State.PARTIAL if moment["partial"] else item.state in FINISHED - {State.FAILED}
    if isinstance(item, BeeboxFile):
        return item.state is BEEBOX_STATES[moment["status"]]
    if isinstance(item, InstantRequest):
        return item.state is INSTANT_STATES[moment["status"]]
    return _right_cell(item, moment)


def _right_cell(item: FlexComponent, moment: Mapping[str, Any]) -> bool:
    """Return whether a cell is as it was when it was asked for; what changed since then is not known yet."""
    asked = item.seen_at
    if asked is None or moment["changed"] >= asked:
        return True
    complete: bool = moment["StatusNoneOk"]
    return complete is (item.state is State.READY) and moment["changed"] >= asked - WINDOW - timedelta(
        hours=1
    )
