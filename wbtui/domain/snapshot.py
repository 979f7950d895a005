"""What is true at one moment, all together: items, health, events, downloads and what became of actions.

Text in here has been made safe for a terminal by the decoders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import Flag, StrEnum

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import (
    Action,
    BeeboxFile,
    FlexComponent,
    FlexDocument,
    FlexQuestion,
    InstantRequest,
    Item,
    ItemKey,
    Operation,
    Service,
)
from wbtui.domain.read_times import ReadTimes


class DownloadState(StrEnum):
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
class Download:
    """One download, waiting, under way or ended."""

    key: ItemKey
    service: Service
    label: str
    state: DownloadState = DownloadState.WAITING
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
        """Return whether nothing more will come."""
        return self.state not in {DownloadState.WAITING, DownloadState.RUNNING}


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
    """Why it is not known here; or empty."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that the user has set on an item, which is done now."""

    id: int
    """Grows with each of a run."""
    key: ItemKey
    state: str
    """A `State` value."""
    words: str
    """What became of it, in one sentence that is safe to be shown."""


class HealthWord(StrEnum):
    """The closed list of words for a service's condition."""

    OK = "ok"
    CONNECTING = "connecting"
    BUSY = "BUSY"
    OLD = "OLD"
    DOWN = "DOWN"
    LIMIT = "LIMIT"
    LOGIN = "LOGIN"
    PAUSED = "PAUSED"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a list is known, where that is not all of it; nothing counted of it is of the whole."""

    read: int
    total: int | None = None
    """None where the server has not said it."""
    what: str = ""
    """What is counted, such as "documents"; empty for records."""
    why: str = ""
    """Why the rest is not there and will not come by reading on; empty while the reading goes on."""

    def words(self) -> str:
        """Return it in words: `reading: 15 000 of 40 000`."""
        of = "" if self.total is None else f" of {_figure(self.total)}"
        known = f"{_figure(self.read)}{of}" + (f" {self.what}" if self.what else "")
        so_far = " so far" if self.total is None else ""
        return f"read {known}: {self.why}" if self.why else f"reading: {known}{so_far}"


def _figure(number: int) -> str:
    return f"{number:,}".replace(",", " ")


@dataclass(frozen=True, slots=True)
class Health:
    """How one service is doing; clock times only, never running ages."""

    word: HealthWord
    at: datetime | None = None
    """OLD and PAUSED: since; DOWN: next try; LIMIT: until."""
    message: str = ""
    """What happened, in the server's or our words."""
    advice: str = ""
    read_at: datetime | None = None
    """The last good reading."""
    next_at: datetime | None = None
    """The next look that is planned, if any."""
    asked_at: datetime | None = None
    part: Part | None = None
    """How much was read of the service's list; None where it is known whole."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of the last hour against the allowance of Translator API 2."""

    used: int = 0
    limit: int = 0
    """wbtui's own ceiling, or the server's if that is lower."""


class ReadOnly(Flag):
    """What keeps this run from changing anything on a server; true if anything does."""

    NO = 0
    STARTED = 1
    """`--read-only` on the command line."""
    WRITTEN = 2
    """`read_only = true` in the configuration."""
    PROD = 4
    """The profile is named prod, and the configuration does not say otherwise."""


class Level(StrEnum):
    """How much an event matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of Activity; repeated ones are counted, not listed again."""

    at: datetime
    level: Level
    source: str
    """A `Service` value, or "wbtui"."""
    text: str
    count: int = 1
    until: datetime | None = None
    """When the last of the repeated ones happened."""
    key: ItemKey | None = None
    id: int = 0
    """Grows with each event of a profile."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """When an operation is expected to finish, and how long such ones take; None where nothing is known."""

    expected_at: datetime | None = None
    plus_minus: float | None = None
    """Seconds by which the expectation may be wrong to either side."""
    usual_seconds: float | None = None
    """How long operations of its kind usually run."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that the screen shows, at one moment; each tuple keeps its identity while nothing in it changed."""

    profile: str
    at: datetime
    operations: tuple[Operation, ...] = ()
    beebox: tuple[BeeboxFile, ...] = ()
    instant: tuple[InstantRequest, ...] = ()
    flex: tuple[FlexComponent, ...] = ()
    flex_documents: tuple[FlexDocument, ...] = ()
    question: FlexQuestion = field(default_factory=FlexQuestion)
    health: Mapping[Service, Health] = field(default_factory=dict)
    calls: Calls = field(default_factory=Calls)
    events: tuple[Event, ...] = ()
    """Oldest first."""
    paused_at: datetime | None = None
    read_only: ReadOnly = ReadOnly.NO
    danger: bool = False
    """Whether actions on a server ask for the profile's name."""
    demo: bool = False
    places: Mapping[ItemKey, int] = field(default_factory=dict)
    """Place in the queue of each waiting operation, 1 for the next to start."""
    server: str = ""
    """Host name of the translator, for the header."""
    downloads: str = ""
    """The folder that files are downloaded into, safe to be shown."""
    forecasts: Mapping[ItemKey, Forecast] = field(default_factory=dict)
    """What the schedule has learned about unfinished operations; unknown ones have no entry."""
    transfers: tuple[Download, ...] = ()
    """The downloads of this run, in the order in which they were asked for."""
    transfers_before: int = 0
    """Downloads of this run that ended so long ago that they are not among these any more."""
    outcomes: tuple[Outcome, ...] = ()
    """The results of the last actions, oldest first."""
    not_kept: str = ""
    """Why nothing of this is kept on disk at present, and what can be done about it; else empty."""
    purge_days: int = 30
    """After how many days the platform deletes Instant Translation requests."""
    alerts_on: frozenset[ItemKey] = frozenset()
    """The items that the user wants to be told of when they are done."""
    alerts: tuple[Alert, ...] = ()
    """Those of them that are, oldest first: the last of this run."""
    read_times: ReadTimes = field(default_factory=ReadTimes)
    """When the items were last read."""

    def items(self, service: Service) -> tuple[Item, ...]:
        """Return the items of one kind."""
        found: tuple[Item, ...] = getattr(self, service.value)
        return found
