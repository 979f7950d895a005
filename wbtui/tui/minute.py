"""What moves on by itself is shown by the minute, so that a screen without news writes nothing in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from wbtui.domain.snapshot import Snapshot


class Minute:
    """Holds ages, forecasts and the count of calls until the next minute, or until there is news."""

    def __init__(self) -> None:
        self.at = datetime.min.replace(tzinfo=UTC)
        """The time at which ages are shown."""
        self._before: Snapshot | None = None

    def held(self, snapshot: Snapshot) -> Snapshot:
        """Return a newer snapshot as it is shown."""
        before = self._before
        if before is not None and _moment(before, self.at) == _moment(snapshot, snapshot.at):
            snapshot = replace(snapshot, calls=before.calls, forecasts=before.forecasts)
        else:
            self.at = snapshot.at
        self._before = snapshot
        return snapshot


def _moment(snapshot: Snapshot, at: datetime) -> tuple[object, ...]:
    """Return what stays the same while nothing moves on: the minute, the last news, whether it is paused."""
    return at.replace(second=0, microsecond=0), snapshot.events[-1:], snapshot.paused_at
