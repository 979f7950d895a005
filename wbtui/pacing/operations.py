"""Who in the queue is looked at next: the executing ones, and the oldest waiting one (the sentinel).

The queue is first-in first-out with a fixed number of slots (seeds, first page), so an operation behind
one that still waits cannot have started. Where the order is seen broken, all are looked at in turn for an
hour. Floors and the allowance are kept here and by `Budget`; nothing here waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from wbtui.model import ItemKey, State

LONGEST_GAP: Final = 60.0
AGE_SHARE: Final = 0.1
CHECK_GAP: Final = 900.0
UNKNOWN_GAP: Final = 60.0
BROKEN_SECONDS: Final = 3600.0
HORIZON: Final = 900.0
LEAST_HORIZON: Final = 30.0
LOOKS_EACH: Final = 4.0
"""About what one operation costs from its start to the sight of its end."""
CHECK_FULLNESS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Watched:
    """One unfinished operation as the plan sees it; times are monotonic seconds."""

    key: ItemKey
    state: State
    looked_at: float | None
    """The last look of this or an earlier run; None before the first."""
    running_since: float | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """The next look and the earliest time for it."""

    key: ItemKey
    at: float
    sentinel: bool = False


def horizon(unfinished: int, affordable_now: float) -> float:
    """Return over how many seconds the calls at hand are to be spread.

    A short queue that they will outlast is looked at briskly; a long one has to share them.
    """
    need = unfinished * LOOKS_EACH / max(1.0, affordable_now)
    return max(LEAST_HORIZON, HORIZON * min(1.0, need))


def next_look(
    queue: Sequence[Watched], *, now: float, floor: float, rate: float, fullness: float, in_order: bool
) -> Look | None:
    """Return whom to look at next and when; None if nothing is unfinished.

    `queue` is in order of arrival; `floor` the least seconds between two looks at one operation; `rate` the
    calls per second that can be afforded; `fullness` of the bucket, 0 to 1.
    """
    plans = _in_order(queue, floor, rate, fullness) if in_order else _in_turn(queue, floor, rate)
    best: Look | None = None
    for look in plans:
        if best is None or look.at < best.at:
            best = look
    if best is None:
        return None
    return best if best.at > now else Look(best.key, now, best.sentinel)


def _in_order(queue: Sequence[Watched], floor: float, rate: float, fullness: float) -> Iterable[Look]:
    active = [w for w in queue if w.state is State.RUNNING]
    waiting = [w for w in queue if w.state is State.WAITING]
    strange = [w for w in queue if w.state not in {State.RUNNING, State.WAITING}]
    fresh = [w for w in waiting if w.looked_at is None]
    stretch = _stretch(len(active) + bool(waiting), floor, rate)
    for watched in active:
        yield Look(watched.key, _after(watched, _running_gap(watched, floor) * stretch))
    if waiting:
        yield Look(waiting[0].key, _after(waiting[0], floor * stretch), sentinel=True)
    for watched in strange:
        yield Look(watched.key, _after(watched, max(floor, UNKNOWN_GAP)))
    if fullness >= CHECK_FULLNESS:
        yield from (Look(watched.key, _after(watched, CHECK_GAP)) for watched in waiting[1:])
    elif fresh:
        yield Look(fresh[0].key, _after(fresh[0], CHECK_GAP))


def _in_turn(queue: Sequence[Watched], floor: float, rate: float) -> Iterable[Look]:
    stretch = _stretch(len(queue), floor, rate)
    for watched in queue:
        yield Look(watched.key, _after(watched, floor * stretch))


def _running_gap(watched: Watched, floor: float) -> float:
    """Return the gap for an executing one: a tenth of its age at the last look, inside 5 s to 60 s."""
    if watched.running_since is None or watched.looked_at is None:
        return floor
    age = watched.looked_at - watched.running_since
    return max(floor, min(LONGEST_GAP, age * AGE_SHARE))


def _stretch(count: int, floor: float, rate: float) -> float:
    """Return by how much the gaps grow so that `count` operations fit into the rate."""
    return max(1.0, count / floor / rate)


def _after(watched: Watched, gap: float) -> float:
    return float("-inf") if watched.looked_at is None else watched.looked_at + gap


class Order:
    """Watches the assumption that the queue is first-in first-out."""

    def __init__(self) -> None:
        self._suspect: ItemKey | None = None
        self._broken_until = float("-inf")

    def holds(self, now: float) -> bool:
        """Tell whether looks may rely on the order."""
        return now >= self._broken_until

    def seen(self, key: ItemKey, state: State, waiting_before: ItemKey | None, now: float) -> bool:
        """Take in an answer; return True if it proves the order broken.

        `waiting_before` is the oldest waiting operation in front of this one, if any. One overtaking proves
        nothing, since that one may have started since its last look; it is broken if the next answer for
        the one in front still says waiting.
        """
        if state is State.WAITING:
            broken = key == self._suspect
            self._suspect = None if broken else self._suspect
            if broken:
                self._broken_until = now + BROKEN_SECONDS
            return broken
        if key == self._suspect:
            self._suspect = None
        if waiting_before is not None and self._suspect is None:
            self._suspect = waiting_before
        return False
