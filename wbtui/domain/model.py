"""The items of the four services, frozen: their names, the reasons for their state, what is awaited of them.

Text in here has been made safe for a terminal by the decoders. Every value that came from a server is
optional but the key. A `When` is an aware UTC datetime, or the text as it came where the server named no
zone or wrote no date that can be read, or None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final, NewType, Self, get_args

from wbtui.domain.credentials import Account
from wbtui.domain.lazy_dataclass import dataclass


class Action(StrEnum):
    """What a user may ask for beyond looking."""

    DOWNLOAD = "download"
    OTHER = "other"
    """Downloading the other deliverable; its outcome is one of DOWNLOAD."""
    RETRY = "retry"
    CANCEL = "cancel"
    SEND = "send"


When = datetime | str | None

ItemKey = NewType("ItemKey", str)
"""What an item is known by; `item_keys.py` makes and reads it."""


class Service(StrEnum):
    """The four kinds of item, and the values of `--service`."""

    account: Account
    """The log-in by which it is reached."""
    prefix: str
    """What the keys of its items begin with, before a colon."""
    short_label: str
    """Its name where there is little room."""

    OPERATIONS = "operations", Account.TRANSLATOR, "op", "ops"
    BEEBOX = "beebox", Account.BEEBOX, "bb", "beebox"
    INSTANT = "instant", Account.INSTANT, "it", "inst"
    FLEX = "flex", Account.TRANSLATOR, "fx", "flex"

    def __new__(
        cls, value: str, account: Account = Account.TRANSLATOR, prefix: str = "", short_label: str = ""
    ) -> Self:
        """Make a member; the defaults serve mypy alone, since a service is also looked up by its value."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.account = account
        member.prefix = prefix
        member.short_label = short_label
        return member

    @property
    def label(self) -> str:
        """Return the name shown."""
        return self.value.capitalize()


class State(StrEnum):
    """What an item's state means to the user; the server's own words are kept beside it."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    """Something can be downloaded."""
    DONE = "done"
    """Finished; nothing to fetch, or not yet fetchable."""
    PARTIAL = "partial"
    """Finished, but some files failed."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    REMOVED = "removed"
    UNKNOWN = "unknown"
    """The server used a word or number that wbtui does not know; never counts as finished."""


FLEX_QUERY = "Flex query"
"""The kind of the operations by which wbtui asks Flex."""
FLEX_PULL = "Flex pull"
"""The kind of the operations by which wbtui fetches the texts of Flex components."""
OWN_KINDS = frozenset({FLEX_QUERY, FLEX_PULL})
"""Operations that wbtui starts to read something: what they bring is no deliverable."""

FINISHED = frozenset({State.READY, State.DONE, State.PARTIAL, State.FAILED, State.CANCELLED, State.REMOVED})
PROBLEM = frozenset({State.FAILED, State.PARTIAL})
RESULT: Final = "result"
"""What is awaited of an item that has not finished; the store keeps this word, and the next."""
POST_EDIT: Final = "post-edit"
NOT_KNOWN_YET: Final = "not known yet"
"""The status of an item that was sent so lately that its service may not list it yet, and does not."""


def _figure(number: int | None) -> str:
    return "" if number is None else str(number)


@dataclass(frozen=True, slots=True)
class FileFormat:
    """The document format that a file of an upload was read by; the id is Wordbee's own."""

    id: int | None = None
    name: str = ""
    domain: str = ""


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file of an upload (`custom.files[]` of `workflows/new`)."""

    name: str
    success: bool
    error: str = ""
    segments: int | None = None
    document_id: int | None = None
    """`did` on the wire."""
    exists: bool | None = None
    """True if the project had such a file already: then it was replaced, if `success` is true as well."""
    format: FileFormat | None = None

    @property
    def replaced(self) -> bool:
        """Return whether it took the place of a file that was there."""
        return self.success and self.exists is True


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """The request an operation came from, so that it can be sent again: path relative to `/api`."""

    method: str
    path: str
    body: str = ""
    """The JSON body as text, or empty."""


@dataclass(frozen=True, slots=True)
class OperationReading:
    """What one answer said of an operation (the envelope of the seeds' first page)."""

    state: State
    status: str = ""
    """The status word as it came."""
    status_text: str = ""
    status_info: str = ""
    request_id: int = 0
    """The id in the answer; 0 at the end, so never used as a key."""
    file_token: str = ""
    """`filetoken` or `fileref`: what `media/get` takes."""
    file_name: str = ""
    files: tuple[FileOutcome, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    """Numbers of the result, such as segments, components, count."""
    project_id: int | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One asynchronous operation that is watched, with what was last read of it."""

    service: ClassVar = Service.OPERATIONS
    listed_in: ClassVar = ""
    """None: each is asked for by itself, and every answer makes another object."""

    key: ItemKey
    request_id: int
    """The id of the submitting call; 0 for one that was finished at once."""
    reading: OperationReading
    kind: str = ""
    """What it was: "Export", "Upload", "Flex query", or empty if nobody knows."""
    label: str = ""
    tracked_at: datetime | None = None
    """When wbtui came to know it."""
    submitted_at: datetime | None = None
    """When it was sent, if wbtui sent it or the list said so."""
    started_at: datetime | None = None
    """When it was first seen executing."""
    changed_at: datetime | None = None
    finished_at: datetime | None = None
    seen_at: datetime | None = None
    """When the server last answered for it."""
    looks: int = 0
    request: RequestRecord | None = None
    attempt: int = 1
    forerunner: ItemKey | None = None
    known: bool = True
    """False once the server said that it does not know the id."""

    @property
    def state(self) -> State:
        """Return what the last reading said, or REMOVED if the server knows it no longer."""
        return self.reading.state if self.known else State.REMOVED

    @property
    def not_known_yet(self) -> bool:
        """Return whether the server has never known it, and is asked again since it is young."""
        return self.state is State.UNKNOWN and self.reading.status == NOT_KNOWN_YET

    @property
    def is_deliverable(self) -> bool:
        """Return whether its file is for the user, not for wbtui itself."""
        return self.kind not in OWN_KINDS

    @property
    def title(self) -> str:
        """Return the label in JSON."""
        return self.label or self.kind

    @property
    def name(self) -> str:
        """Return what a user calls it."""
        return self.label or f"{self.kind or 'operation'} {self.request_id or ''}".rstrip()

    @property
    def full_name(self) -> str:
        """Return what tells it from others in a list of downloads."""
        return self.label or self.reading.file_name or self.kind or self.key

    @property
    def sentence_name(self) -> str:
        """Return what it is called in a sentence: "Export 5001 catalogue"."""
        label = f" {self.label}" if self.label else ""
        return f"{self.kind or 'Operation'} {self.request_id or self.key}{label}"

    @property
    def own_status(self) -> str:
        """Return the server's own word for its state."""
        return self.reading.status or "unknown"

    @property
    def reason(self) -> str:
        """Return the server's reason for its state, or an empty text."""
        if self.state is State.PARTIAL:
            failed = [file for file in self.reading.files if not file.success]
            first = f", first {failed[0].name}: {failed[0].error}" if failed and failed[0].error else ""
            return f"{len(failed)} of {len(self.reading.files)}{first}"
        return self.reading.status_info or self.reading.status_text if self.state is State.FAILED else ""

    @property
    def cells(self) -> tuple[str, ...]:
        """Return what the table of a command says of it behind its state."""
        return self.key, self.kind, self.label, self.reading.status_text

    @property
    def awaited(self) -> str:
        """Return what is to come of it next: `RESULT`, or nothing if it is done."""
        return "" if self.state in FINISHED else RESULT


@dataclass(frozen=True, slots=True)
class BeeboxFile:
    """One file in one target locale."""

    service: ClassVar = Service.BEEBOX
    is_deliverable: ClassVar = True
    listed_in: ClassVar = "beebox"
    """The list that it is read with, in `ReadTimes`."""
    drifting: ClassVar = frozenset({"seen_at", "source_age", "made_age"})
    """Fields that change while nothing happens to it."""
    shared: ClassVar = frozenset({"path", "locale", "status_name", "locale_name", "seen_at", "changed_at"})
    """Fields whose values many have in common: each value is held once."""
    carried: ClassVar = frozenset({"changed_at", "asked", "asked_at"})
    """Fields that no reading has: they are carried on from what was known."""

    key: ItemKey
    path: str
    """Relative path of the original with backslashes, made safe for showing."""
    locale: str
    state: State
    status: int | None = None
    status_name: str = ""
    locale_name: str = ""
    words: int | None = None
    segments: int | None = None
    source_at: When = None
    source_age: float | None = None
    """Minutes since the source was saved, as of `seen_at`."""
    made_at: When = None
    """When the deliverable was created (`tfdate`)."""
    made_age: float | None = None
    error: str = ""
    info: str = ""
    preliminary_at: When = None
    """Not None if a preliminary file can be had (`tms.pfdt`)."""
    wire_path: str = ""
    """The path byte for byte, for requests only and never shown; empty if it equals `path`."""
    seen_at: datetime | None = None
    changed_at: datetime | None = None
    asked: Action | None = None
    """CANCEL or RETRY while the server has not said anything new since wbtui asked for it, else None."""
    asked_at: datetime | None = None
    """When that was asked: "cancel asked 14:02"."""

    @property
    def name(self) -> str:
        """Return what a user calls it."""
        return self.path

    @property
    def full_name(self) -> str:
        """Return what tells it from the same file in other languages."""
        return f"{self.path} ({self.locale})"

    title = name
    sentence_name = full_name

    @property
    def own_status(self) -> str:
        """Return the server's own word for its state."""
        return self.status_name or f"status {'none' if self.status is None else self.status}"

    @property
    def reason(self) -> str:
        """Return the server's reason for its state, or an empty text."""
        return self.error if self.state is State.FAILED else ""

    @property
    def cells(self) -> tuple[str, ...]:
        """Return what the table of a command says of it behind its state."""
        return self.path, self.locale, _figure(self.words), self.error

    @property
    def awaited(self) -> str:
        """Return what is to come of it next; one that is translated has still to be built."""
        return "" if self.state in FINISHED and self.state is not State.DONE else RESULT

    @property
    def substance(self) -> tuple[object, ...]:
        """Return what the user acts on: a change of it counts, one of ages and figures does not."""
        return (self.state, self.status, self.error, self.made_at, self.preliminary_at is None)


@dataclass(frozen=True, slots=True)
class InstantRequest:
    """One Instant Translation request, with its post-edit."""

    service: ClassVar = Service.INSTANT
    is_deliverable: ClassVar = True
    drifting: ClassVar = frozenset({"seen_at"})
    """Fields that change while nothing happens to it."""
    carried: ClassVar = frozenset({"changed_at"})
    """Fields that no reading has: they are carried on from what was known."""
    listed_in: ClassVar = "instant"
    """The list that it is read with, in `ReadTimes`."""
    reason: ClassVar = ""
    """The server gives no reason for any state."""

    key: ItemKey
    request_id: int
    name: str
    state: State
    status: str = ""
    ready: bool = False
    source: str = ""
    target: str = ""
    source_title: str = ""
    target_title: str = ""
    sent_at: When = None
    segments: int | None = None
    words: int | None = None
    characters: int | None = None
    words_machine: int | None = None
    words_memory: int | None = None
    """Identical, in context and fuzzy together; None until the server counted."""
    words_identical: int | None = None
    words_context: int | None = None
    words_fuzzy: int | None = None
    post_edit: str | None = None
    """The server's text for the post-edit's state; None if none was asked for."""
    post_edit_ready: bool = False
    post_edit_url: str = ""
    post_edit_order: str = ""
    seen_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def title(self) -> str:
        """Return the label in JSON."""
        return self.name

    full_name = title

    @property
    def sentence_name(self) -> str:
        """Return what it is called in a sentence."""
        return f"{self.name} ({self.source} to {self.target})"

    @property
    def own_status(self) -> str:
        """Return the server's own word for its state."""
        return self.status or "unknown"

    @property
    def cells(self) -> tuple[str, ...]:
        """Return what the table of a command says of it behind its state."""
        languages = f"{self.source} > {self.target}"
        return self.key, self.name, languages, _figure(self.words), self.post_edit or ""

    @property
    def awaited(self) -> str:
        """Return what is to come of it next: `RESULT`, `POST_EDIT`, or nothing if it is done."""
        if self.state not in FINISHED:
            return RESULT
        edited = self.post_edit is not None and not self.post_edit_ready and self.state is State.READY
        return POST_EDIT if edited else ""

    @property
    def substance(self) -> tuple[object, ...]:
        """Return what the user acts on: a change of it counts, one of figures does not."""
        return (self.state, self.ready, self.post_edit, self.post_edit_ready)


@dataclass(frozen=True, slots=True)
class FlexComponent:
    """One component in one locale: READY if it satisfies the metric, RUNNING if it changed but does not."""

    service: ClassVar = Service.FLEX
    is_deliverable: ClassVar = True
    drifting: ClassVar = frozenset({"seen_at"})
    """Fields that change while nothing happens to it."""
    carried: ClassVar = frozenset({"changed_at", "completed_at"})
    """Fields that no reading has: they are carried on from what was known."""
    own_status: ClassVar = "unknown"
    reason: ClassVar = ""

    key: ItemKey
    document: str
    component: str
    locale: str
    state: State
    segments: int | None = None
    matching: int | None = None
    """Segments of the locale that satisfy the question, where the server gave a number."""
    wire_component: str = ""
    """The component byte for byte, for requests only and never shown; empty if it equals `component`."""
    seen_at: datetime | None = None
    changed_at: datetime | None = None
    completed_at: datetime | None = None
    """When an answer found it complete that was open, or not there, before; None: it always was."""

    @property
    def name(self) -> str:
        """Return what a user calls it."""
        return self.component

    @property
    def full_name(self) -> str:
        """Return what tells it from the same component in other languages."""
        return f"{self.component} ({self.locale})"

    title = name
    sentence_name = full_name

    @property
    def listed_in(self) -> str:
        """Return the list that it is read with, in `ReadTimes`."""
        return self.list_of(self.document, self.state)

    @staticmethod
    def list_of(document: str, state: State) -> str:
        """Return the list of one side of the question about a document."""
        return f"flex:{document}:{state.value}"

    @property
    def cells(self) -> tuple[str, ...]:
        """Return what the table of a command says of it behind its state."""
        return self.component, self.locale, _figure(self.segments), self.document

    @property
    def awaited(self) -> str:
        """Return what is to come of it next: `RESULT`, or nothing if it is complete."""
        return "" if self.state is State.READY else RESULT

    @property
    def substance(self) -> tuple[object, ...]:
        """Return what the user acts on: a change of it counts, one of figures does not."""
        return (self.state,)


class Metric(StrEnum):
    """What counts as complete (`metric` of components/status)."""

    NO_ERRORS = "StatusNoneOk"
    ALL_GREEN = "StatusOk"
    BOOKMARKED = "BookmarkBlue"

    @property
    def label(self) -> str:
        """Return the words shown for it; the wire names mislead (api contradiction 16)."""
        return {"StatusNoneOk": "no errors", "StatusOk": "all green", "BookmarkBlue": "bookmarked blue"}[self]


def span_words(seconds: int) -> str:
    """Return a span of time as it is chosen: "1 h", "24 h", "3 d"."""
    hours, days = seconds // 3600, seconds // 86400
    return f"{hours} h" if seconds <= 86400 or seconds % 86400 else f"{days} d"


@dataclass(frozen=True, slots=True)
class FlexQuestion:
    """What is asked of Flex: since when, by which metric, which side first, which part."""

    metric: Metric = Metric.NO_ERRORS
    changed_seconds: int = 24 * 3600
    """How far back the window of changes reaches; 1 hour to 7 days."""
    invert: bool = False
    locales: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    component_value: str = ""
    component_mode: str = "Prefix"

    def same_as(self, other: FlexQuestion) -> bool:
        """Return whether the same queries answer both: both sides are always asked, whichever comes first."""
        return replace(self, invert=other.invert) == other

    @property
    def words(self) -> str:
        """Return what tells one choice from another: "all green within 24 h"."""
        return f"{self.metric.label} within {span_words(self.changed_seconds)}"


_JOB: Final = re.compile(r"c\d+", re.IGNORECASE)


def flex_kind(document: str) -> str:
    """Return "job" for the id of a job, such as `c300`, else "document".

    Each job can have a state of its own, so that the two answer differently. Source: additions.md T6.
    """
    return "job" if _JOB.fullmatch(document) else "document"


@dataclass(frozen=True, slots=True)
class FlexDocument:
    """One Flex document, and how far the question about it has come."""

    id: str
    """Document id such as `1000`, or job id such as `c300`; always text."""
    name: str = ""
    changed_at: When = None
    source: str = ""
    segments: int | None = None
    project: str = ""
    asked_at: datetime | None = None
    """When the last query was sent."""
    answered_at: datetime | None = None
    """When the last complete answer came; None before the first."""
    note: str = ""
    """Words on the query under way or on its failure: "asked 14:02:05, waiting"."""
    read_at: datetime | None = None
    """When the server was asked for the last complete answer: the earlier of its two queries."""
    question: FlexQuestion | None = None
    """What the last complete answer answers."""
    mixed: bool = False
    """True while one side of its rows answers another question than the other side."""
    failure: str = ""
    """The server's words on a query that failed, until one has gone well."""
    lost: int = 0
    """Components of its last answers that could not be read."""

    def former(self, question: FlexQuestion) -> bool:
        """Return whether its rows answer another question than this one, in whole or in part."""
        return self.question is not None and not self.question.same_as(question)

    def answers(self, question: FlexQuestion) -> bool:
        """Return whether its rows are a complete answer to this question."""
        return self.answered_at is not None and not self.former(question)


Item = Operation | BeeboxFile | InstantRequest | FlexComponent
ITEM_CLASSES: Final[Mapping[Service, type[Item]]] = {kind.service: kind for kind in get_args(Item)}
