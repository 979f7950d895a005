"""Notices when time passed without the loop: the machine slept, or the process stood still."""

from __future__ import annotations

from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.lazy_dataclass import dataclass

LEAST: Final = 30.0
"""Seconds that the clock must have moved, or the loop be late, before it is said."""


@dataclass(frozen=True, slots=True)
class Jump:
    """Time that passed without the loop."""

    words: str
    reason: str
    """What it is likely to come from, in words."""
    clock_moved: bool


class JumpDetector:
    """Compares the wall clock with the monotonic one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._present_offset()

    def since_last(self, late: float) -> Jump | None:
        """Return the jump since the last call, in which the loop came `late` seconds too late."""
        offset = self._present_offset()
        moved, self._offset = offset - self._offset, offset
        if abs(moved) > LEAST:
            words = f"the clock moved by {round(moved)} s"
            return Jump(words, "the machine slept, or its clock was set", clock_moved=True)
        if late > LEAST:
            words = f"wbtui stood still for {round(late)} s"
            return Jump(words, "wbtui was stopped for a while", clock_moved=False)
        return None

    def _present_offset(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()
