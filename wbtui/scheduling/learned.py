"""What looks have shown about an account: how long operations execute, and how fast its queue moves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from math import exp, isfinite
from typing import Any, Final

from wbtui.domain.lazy_dataclass import dataclass

PRIOR_MEAN: Final = 60.0
"""Seconds that an operation is assumed to execute before any has been seen. Wordbee names no figure."""
PRIOR_WEIGHT: Final = 1.5
"""Ends that `PRIOR_MEAN` counts for: two real ends outweigh it."""
PRIOR_SLOTS: Final = 3.0
"""Slots that are assumed at first. Wordbee does not publish the number; the simulations use 2 to 8."""
KIND_WEIGHT: Final = 2.0
"""Ends of a kind that the mean of all kinds counts for."""
MEMORY: Final = 60.0
"""Ends that are remembered: older ones fade, so that a mean follows a change within about as many ends."""
SHOWN_FROM: Final = 3.0
"""Ends that must have been seen before a usual duration or an expected finish is shown. Not fitted."""
KINDS_KEPT: Final = 50
"""Kinds that are read from the store at most, the last ones. Wordbee has far fewer methods that run as
operations."""
FORMAT: Final = 1
"""The format of the stored text. Another number is ignored."""
FEW_TURNS: Final = 1e-3
"""Below this share of the mean, a gap is so short that an end is equally likely anywhere in it."""
MANY_TURNS: Final = 30.0
"""From so many means on, the gap no longer limits the duration: e**-30 is 1e-13."""


@dataclass(frozen=True, slots=True)
class Durations:
    """Ends seen, and the seconds of execution during which they were seen."""

    ends: float = 0.0
    seconds: float = 0.0

    def plus(self, ends: float, seconds: float) -> Durations:
        """Return these with more added. Beyond `MEMORY` ends, all that is older counts less."""
        ends, seconds = self.ends + ends, self.seconds + seconds
        fade = min(1.0, MEMORY / ends) if ends > 0 else 1.0
        return Durations(ends * fade, seconds * fade)


@dataclass(frozen=True, slots=True)
class LearnedQueue:
    """What is learned about the queue of one account. The store keeps it as text between runs."""

    speed: float = PRIOR_SLOTS / PRIOR_MEAN
    """The account's operations that start per second while some wait."""
    speed_variance: float = (PRIOR_SLOTS / PRIOR_MEAN) ** 2
    slots: float = PRIOR_SLOTS
    """The account's operations that execute at once while some wait."""
    slots_seen: float = 1.0
    """Samples that `slots` is an average of."""
    all_kinds: Durations = Durations()
    kinds: Mapping[str, Durations] = field(default_factory=dict)

    def mean(self, kind: str) -> float:
        """Return the mean duration in seconds of a kind: its own ends, blended with the mean of all kinds."""
        overall = self.usual_mean
        own = self.kinds.get(kind)
        if own is None:
            return overall
        return max(1.0, (own.seconds + KIND_WEIGHT * overall) / (own.ends + KIND_WEIGHT))

    @property
    def usual_mean(self) -> float:
        """Return the mean duration in seconds over all kinds, counted by ends."""
        known = self.all_kinds
        return max(1.0, (known.seconds + PRIOR_WEIGHT * PRIOR_MEAN) / (known.ends + PRIOR_WEIGHT))

    def usual_seconds(self, kind: str) -> float | None:
        """Return the usual duration of a kind, or None before `SHOWN_FROM` of its ends were seen."""
        own = self.kinds.get(kind)
        return self.mean(kind) if own is not None and own.ends >= SHOWN_FROM else None

    def to_text(self) -> str:
        """Return one line of JSON."""
        kinds = {kind: [round(d.ends, 3), round(d.seconds, 3)] for kind, d in self.kinds.items()}
        members = {
            "format": FORMAT,
            "speed": self.speed,
            "speed_variance": self.speed_variance,
            "slots": self.slots,
            "slots_seen": self.slots_seen,
            "all": [self.all_kinds.ends, self.all_kinds.seconds],
            "kinds": kinds,
        }
        return json.dumps(members, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str | None) -> LearnedQueue:
        """Return what `to_text` wrote, or the assumptions where the text is missing or unreadable."""
        try:
            return _decoded(json.loads(text or ""))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            return cls()


def _decoded(members: Mapping[str, Any]) -> LearnedQueue:
    if members["format"] != FORMAT:
        raise ValueError(members["format"])
    kinds = dict(list(members["kinds"].items())[-KINDS_KEPT:])
    return LearnedQueue(
        speed=_positive(members["speed"]),
        speed_variance=_positive(members["speed_variance"]),
        slots=_positive(members["slots"]),
        slots_seen=_positive(members["slots_seen"]),
        all_kinds=_durations(members["all"]),
        kinds={str(kind): _durations(pair) for kind, pair in kinds.items()},
    )


def _positive(number: Any) -> float:
    value = float(number)
    if not isfinite(value) or value <= 0:
        raise ValueError("not a positive number")
    return value


def _durations(pair: Any) -> Durations:
    ends, seconds = (float(number) for number in pair)
    if not (isfinite(ends) and isfinite(seconds)) or ends < 0 or seconds < 0:
        raise ValueError("not a count and a time")
    return Durations(min(ends, MEMORY), seconds)


def mean_when_ended(gap: float, mean: float) -> float:
    """Return the mean seconds that an operation executed in a gap in which it ended.

    For an exponential duration with that mean, shorter than the gap.
    """
    turns = gap / mean
    if turns < FEW_TURNS:
        return gap / 2.0
    if turns > MANY_TURNS:
        return mean
    left = exp(-turns)
    return mean - gap * left / (1.0 - left)
