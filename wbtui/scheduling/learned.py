"""What looks have taught about an account: how long operations last, and how its queue moves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, isfinite
from typing import Any, Final

PRIOR_MEAN: Final = 60.0
PRIOR_WEIGHT: Final = 1.5
KIND_WEIGHT: Final = 2.0
"""How many ends of a kind count as much as what is known of all kinds."""
MEMORY: Final = 60.0
"""Ends remembered: older ones fade."""
TOLD_FROM: Final = 3.0
"""Ends seen before a usual duration is told."""
KINDS_KEPT: Final = 50
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Durations:
    """Ends seen, and the seconds of execution that were seen to bring them about."""

    ends: float = 0.0
    seconds: float = 0.0

    def plus(self, ends: float, seconds: float) -> Durations:
        """Return these with more added; what is older than the memory fades."""
        ends, seconds = self.ends + ends, self.seconds + seconds
        fade = min(1.0, MEMORY / ends) if ends > 0 else 1.0
        return Durations(ends * fade, seconds * fade)


@dataclass(frozen=True, slots=True)
class Learnt:
    """The lessons of one account, kept in the store as text between runs."""

    speed: float = 3.0 / PRIOR_MEAN
    """Our operations that start per second while some wait."""
    speed_variance: float = (3.0 / PRIOR_MEAN) ** 2
    slots: float = 3.0
    """How many of ours execute at once while some wait."""
    slots_seen: float = 1.0
    all_kinds: Durations = Durations()
    kinds: Mapping[str, Durations] = field(default_factory=dict)

    def mean(self, kind: str) -> float:
        """Return how many seconds an operation of the kind executes on average, as far as is known."""
        usual = self.usual_mean
        own = self.kinds.get(kind)
        if own is None:
            return usual
        return max(1.0, (own.seconds + KIND_WEIGHT * usual) / (own.ends + KIND_WEIGHT))

    @property
    def usual_mean(self) -> float:
        """Return the mean duration in seconds over all kinds, counted by ends."""
        known = self.all_kinds
        return max(1.0, (known.seconds + PRIOR_WEIGHT * PRIOR_MEAN) / (known.ends + PRIOR_WEIGHT))

    def usual_seconds(self, kind: str) -> float | None:
        """Return the usual duration of a kind; None until a few ends were seen."""
        own = self.kinds.get(kind)
        return self.mean(kind) if own is not None and own.ends >= TOLD_FROM else None

    def to_text(self) -> str:
        """Return it as one line of JSON."""
        kinds = {kind: [round(d.ends, 3), round(d.seconds, 3)] for kind, d in self.kinds.items()}
        shape = {
            "format": FORMAT,
            "speed": self.speed,
            "speed_variance": self.speed_variance,
            "slots": self.slots,
            "slots_seen": self.slots_seen,
            "all": [self.all_kinds.ends, self.all_kinds.seconds],
            "kinds": kinds,
        }
        return json.dumps(shape, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str | None) -> Learnt:
        """Return what `to_text` wrote; nothing learnt where the text is missing or says nonsense."""
        try:
            shape = json.loads(text or "")
            return _decoded(shape)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            return cls()


def _decoded(shape: Mapping[str, Any]) -> Learnt:
    if shape["format"] != FORMAT:
        raise ValueError(shape["format"])
    kinds = dict(list(shape["kinds"].items())[-KINDS_KEPT:])
    return Learnt(
        speed=_positive(shape["speed"]),
        speed_variance=_positive(shape["speed_variance"]),
        slots=_positive(shape["slots"]),
        slots_seen=_positive(shape["slots_seen"]),
        all_kinds=_durations(shape["all"]),
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


def expected_share(seconds: float, mean: float) -> float:
    """Return how long an operation executed within a gap in which it ended, on average."""
    turns = seconds / mean
    if turns < 1e-3:
        return seconds / 2.0
    if turns > 30.0:
        return mean
    left = exp(-turns)
    return mean - seconds * left / (1.0 - left)
