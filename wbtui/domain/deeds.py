"""What the user asked for beyond looking, and what became of it; part of the `Snapshot` of `model.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wbtui.domain.model import ItemKey, Service


class Action(StrEnum):
    """What a user may ask for beyond looking."""

    DOWNLOAD = "download"
    RETRY = "retry"
    CANCEL = "cancel"
    SEND = "send"


class TransferState(StrEnum):
    """How far a download has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    KEPT = "kept"
    """Nothing was fetched, since a file lies there and was not to be overwritten."""
    DOUBTFUL = "doubtful"
    """It was stored aside, since it may not be the file that was asked for."""
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """What trying an item again would do."""

    files: tuple[str, ...] = ()
    """The local files that would be sent, safe to be shown."""
    needed: str = ""
    """Which file has to be named first; or empty."""
    tried: str = ""
    """Why it is not sent again unasked: it was already, and that did not fail; or empty."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One download, waiting, under way or ended."""

    key: ItemKey
    service: Service
    label: str
    state: TransferState = TransferState.WAITING
    other: bool = False
    """True for the other deliverable: the preliminary file, or the post-edit."""
    received: int = 0
    """Bytes that have come, before anything is unpacked."""
    size: int | None = None
    """Bytes in all, where the server named them."""
    rate: float = 0.0
    """Bytes per second since it began."""
    path: str = ""
    """Where the file lies or will lie, relative to the download folder; safe to be shown."""
    note: str = ""
    """Why it failed, rests, or was kept; or empty."""
    ended_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Tell whether nothing more will come."""
        return self.state not in {TransferState.WAITING, TransferState.RUNNING}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one action on one item."""

    id: int
    """Grows with each outcome of a run."""
    action: Action
    key: ItemKey
    done: bool
    words: str
    at: datetime
    new_key: ItemKey | None = None
    """The item that the action made, if any."""


@dataclass(frozen=True, slots=True)
class NewIn:
    """How many files of one Beebox locale are new; `since` is the newest date fetched before, if any."""

    locale: str
    count: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Novelty:
    """What was made since the last time and can be downloaded, frozen as it was found."""

    keys: tuple[ItemKey, ...] = ()
    locales: tuple[NewIn, ...] = ()
    """The Beebox files among them by locale, most of them first."""
    whole: bool = True
    """False while the list has not been read whole in this run: there may be more."""
    refusal: str = ""
    """Why it cannot be told here; or empty."""


@dataclass(frozen=True, slots=True)
class Ring:
    """One item that the user asked to be told of, and that is done."""

    id: int
    """Grows with each of a run."""
    key: ItemKey
    state: str
    """A `State` value."""
    words: str
    """What became of it, in one sentence that is safe to be shown."""
