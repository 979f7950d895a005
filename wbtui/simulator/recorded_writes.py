"""What clients changed, as the services saw it: for tests, which check what really happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Upload:
    """A received file. `place` is a Beebox locale, `media` for the Translator, or `it`."""

    service: Literal["translator", "beebox", "instant"]
    place: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Deletion:
    """A file that a client deleted in the Beebox, by locale and path."""

    locale: str
    path: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission to Instant Translation; `request` is None if its hash was refused."""

    hash: str
    request: int | None
    created: bool
    """Whether it created a request, instead of returning an existing one."""


@dataclass(frozen=True, slots=True)
class RecordedJob:
    """A job that the Translator made for one file and target language."""

    project: int
    file: str
    locale: str
    operation: int
    """The id of the operation that made it."""
    deadline: str | None


@dataclass(slots=True)
class RecordedWrites:
    """Everything that was written, oldest first."""

    uploads: list[Upload] = field(default_factory=list)
    deletions: list[Deletion] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)
    jobs: list[RecordedJob] = field(default_factory=list)
