"""What the store keeps of operations that a user named, of downloads, and of files that were sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ItemKey, OperationReading, RequestRecord, When


@dataclass(frozen=True, slots=True)
class Tracked:
    """What `wbtui track` writes for the running screen to find."""

    request_id: int
    reading: OperationReading | None = None
    label: str = ""
    kind: str = ""
    request: RequestRecord | None = None


@dataclass(frozen=True, slots=True)
class ReadOperations:
    """The operations that a text names, in its order, and a line on each thing that could not be read."""

    found: tuple[Tracked, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fetched:
    """One download that lies whole under its final name."""

    key: ItemKey
    place: str
    """The path relative to the download folder, folded so that equal places are equal texts."""
    path: str
    at: datetime
    size: int
    other: bool = False
    made: str = ""
    """The date of the deliverable that was fetched (`tfdate`), in ISO 8601 or as it came."""
    doubt: str = ""
    """Why it may not be the file that was asked for: it lies aside then; empty for a file under its name."""
    aside: str = ""
    """The date that goes into the name of the file under `path` when a doubtful one takes its place."""


@dataclass(frozen=True, slots=True)
class SentFiles:
    """Which local files an operation was sent from, by their names in the request."""

    key: ItemKey
    files: Mapping[str, str] = field(default_factory=dict)


def made_text(made_at: When) -> str:
    """Return a date of the server as text that is equal for equal dates."""
    if isinstance(made_at, datetime):
        return made_at.isoformat()
    return made_at or ""
