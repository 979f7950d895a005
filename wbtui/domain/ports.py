"""The seams of the house: what the monitor and the screen may ask of services, store and each other.

Who uses a service imports its protocol from here; only `compose.py` and `compose_login.py` know the classes.
All coroutines raise members of `errors.ServiceError`, and nothing else that is expected.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from wbtui.domain.deeds import Novelty, RetryPlan
from wbtui.domain.model import (
    BeeboxFile,
    Event,
    FlexComponent,
    FlexDocument,
    FlexQuestion,
    InstantRequest,
    ItemKey,
    Operation,
    OperationReading,
    RequestRecord,
    Service,
    Snapshot,
)

Publish = Callable[[Snapshot], None]


@dataclass(frozen=True, slots=True)
class ListedOperation:
    """An operation found by `trm/list`, where the server offers it."""

    request_id: int
    reading: OperationReading
    label: str = ""
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedOperations:
    """The operations that `trm/list` names; `more` counts those beyond what is read of it."""

    operations: tuple[ListedOperation, ...] = ()
    more: int = 0


class OperationsGateway(Protocol):
    """Translator API 2, as far as operations are concerned."""

    async def connect(self) -> None:
        """Log in where no token is held yet; costs no call of the allowance."""
        ...

    async def read(self, request_id: int) -> OperationReading:
        """Return the state of one operation; raises `Unknown` if the server does not know the id."""
        ...

    async def listed(self) -> ListedOperations | None:
        """Return what `trm/list` tells, or None if the server has no such call or answers nonsense."""
        ...

    async def close(self) -> None:
        """Give the token back; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class FlexRow:
    """One component of an answer, with the locales on the asked side and their matching segments."""

    component: str
    segments: int | None
    locales: Mapping[str, int | None]
    wire_component: str = ""
    """The component byte for byte; empty if it equals `component`."""


@dataclass(frozen=True, slots=True)
class FlexAnswer:
    """The complete list of one components/status query, before it is merged."""

    rows: tuple[FlexRow, ...] = ()
    lost: int = 0
    """Rows that came and could not be read."""


@dataclass(frozen=True, slots=True)
class FlexList:
    """The Flex documents that a server lists; only of a `whole` list can be told what is missing."""

    documents: tuple[FlexDocument, ...] = ()
    whole: bool = True
    """False if rows could not be read, or if fewer came than there are."""
    total: int | None = None
    """How many there are by the server's word; None where it gave none."""


class FlexGateway(Protocol):
    """Translator API 2, as far as Flex is concerned."""

    async def documents(self) -> FlexList:
        """Return all Flex documents the user can see."""
        ...

    async def document(self, document: str) -> FlexDocument:
        """Return one document with its date of change."""
        ...

    async def ask(self, document: str, question: FlexQuestion, since: datetime) -> OperationReading:
        """Start a components/status query; the reading's `request_id` is the operation to watch."""
        ...

    async def answer(self, file_token: str) -> FlexAnswer:
        """Fetch and decode the list of a finished query."""
        ...


@dataclass(frozen=True, slots=True)
class BeeboxPage:
    """One answer of workprogress/translatedfiles; `total` counts file × locale records."""

    files: tuple[BeeboxFile, ...]
    skip: int
    total: int
    received: int = 0
    """Records in the answer, with those that could not be read; paging goes on by these."""


@dataclass(frozen=True, slots=True)
class BeeboxDetails:
    """What a project says of itself."""

    source_locale: str = ""
    locales: tuple[tuple[str, str], ...] = ()
    """Target locales as (code, title)."""


class BeeboxSession(Protocol):
    """An open Beebox session: each second of it stops the Beebox's own work."""

    async def details(self) -> BeeboxDetails:
        """Return the project's languages."""
        ...

    async def page(
        self,
        *,
        locale: str = "",
        pattern: str = "",
        paths: Sequence[str] = (),
        skip: int = 0,
        count: int = 100,
    ) -> BeeboxPage:
        """Return up to `count` records from `skip` on.

        `locale` is one target locale or empty for all; `pattern` a regular expression on the path; `paths`
        exact wire paths, at most 500, which are sent by POST.
        """
        ...


class BeeboxGateway(Protocol):
    """The Beebox: a session per round, closed whatever happens."""

    def session(self) -> AbstractAsyncContextManager[BeeboxSession]:
        """Connect with `waitsecs=1`, and disconnect at the end; raises `Busy` while the Beebox works."""
        ...


@dataclass(frozen=True, slots=True)
class InstantList:
    """The requests of an answer; only of a `whole` one can be told which are gone."""

    requests: tuple[InstantRequest, ...] = ()
    whole: bool = True
    """False if a record had no id that can be read."""
    received: int = 0
    """Records in the answer, with those that could not be read."""


class InstantSession(Protocol):
    """An open session of the User API."""

    async def requests(self, ids: Sequence[int] | None) -> InstantList:
        """Return the requests with these ids (at most 200), or all of the user's with None."""
        ...


class InstantGateway(Protocol):
    """Instant Translation."""

    def session(self) -> AbstractAsyncContextManager[InstantSession]:
        """Connect, and disconnect at the end."""
        ...


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


class Store(Protocol):
    """What survives a restart and kill -9; what reads all items of a service may raise `StoreError`."""

    @property
    def notice(self) -> str:
        """Return in words what there is to be said of the state file, or an empty text."""
        ...

    @property
    def trouble(self) -> str:
        """Return in words why nothing is kept at present, or an empty text."""
        ...

    @property
    def opened(self) -> int:
        """Return a number that grows when a file is begun in the place of one that was damaged or lost."""
        ...

    def operations(self) -> tuple[Operation, ...]:
        """Return the watched operations."""
        ...

    def beebox(self) -> tuple[BeeboxFile, ...]:
        """Return the Beebox files as last seen."""
        ...

    def instant(self) -> tuple[InstantRequest, ...]:
        """Return the IT requests as last seen."""
        ...

    def flex(self) -> tuple[FlexComponent, ...]:
        """Return the Flex components as last seen."""
        ...

    def flex_documents(self) -> tuple[FlexDocument, ...]:
        """Return the Flex documents as last seen."""
        ...

    def save(self, service: Service, changed: Sequence[object], gone: Sequence[ItemKey] = ()) -> None:
        """Write what changed and forget what is gone; returns at once, the write follows in order.

        Flex documents are saved under `Service.FLEX` like the components.
        """
        ...

    def track(self, items: Sequence[Tracked], now: datetime) -> tuple[Operation, ...]:
        """Keep operations that are to be watched; when this returns they are on disk. Raises `StoreError`."""
        ...

    def next_local(self) -> int:
        """Return the next number for an operation that never had an id."""
        ...

    def note_call(self, account: str, at: datetime) -> None:
        """Write down one counted call of an account."""
        ...

    def calls_since(self, account: str, at: datetime) -> tuple[datetime, ...]:
        """Return the calls of all processes since then, oldest first."""
        ...

    def events(self, limit: int = 10_000) -> tuple[Event, ...]:
        """Return the newest events, oldest first."""
        ...

    def save_event(self, event: Event) -> None:
        """Write an event, or replace the one with the same id."""
        ...

    def remember(self, name: str, value: str) -> None:
        """Keep a small text under a name; an empty one is not kept."""
        ...

    def recall(self, name: str) -> str | None:
        """Return the text kept under a name."""
        ...

    def recall_all(self, prefix: str) -> Mapping[str, str]:
        """Return the texts under all names that begin so."""
        ...

    def stamp(self) -> int:
        """Return a number that changes when another process has written."""
        ...

    def prune(self, now: datetime) -> None:
        """Forget what is older than its time: finished operations 30 days, calls 2 hours, old events."""
        ...


class Wishes(Protocol):
    """What the screen may ask of the monitor; each returns at once with words for the message line."""

    def refresh(self, service: Service | None) -> str:
        """Look again at one service, or all with None, inside the floors."""
        ...

    def pause(self) -> str:
        """Stop all calls and close all sessions until `resume`."""
        ...

    def resume(self) -> str:
        """Go on."""
        ...

    async def closed(self) -> None:
        """Wait until the sessions that `pause` closes are closed."""
        ...

    def ask_flex(self, question: FlexQuestion) -> str:
        """Change what is asked of Flex."""
        ...

    def forget(self, keys: Sequence[ItemKey]) -> str:
        """Stop watching these operations; nothing changes on the server."""
        ...

    def take_back(self, keys: Sequence[ItemKey]) -> str:
        """Watch operations again that `forget` took away in this run of the program."""
        ...

    def read_operations(self, raw: bytes) -> ReadOperations:
        """Return the operations that a text or a file names, as `wbtui track -` reads them."""
        ...

    def track(self, items: Sequence[Tracked]) -> str:
        """Watch these operations."""
        ...

    def tell_me(self, keys: Sequence[ItemKey]) -> str:
        """Have the user told when these items are done (`Snapshot.rings`), or no longer if they all wait."""
        ...

    def note(self, event: Event) -> None:
        """Put a line into Activity."""
        ...

    def download(self, keys: Sequence[ItemKey], *, other: bool = False) -> str:
        """Queue downloads, of the other deliverable with `other`; refusals stand in `Snapshot.outcomes`."""
        ...

    def download_ready(self, keys: Sequence[ItemKey]) -> str:
        """Queue the downloads of those among these items that are ready."""
        ...

    async def whats_new(self, service: Service) -> Novelty:
        """Return what of a service was made since the last time; `download` fetches it.

        The next time it is what was made since then, but for what was not fetched. Long lists take a moment.
        """
        ...

    def accept(self, keys: Sequence[ItemKey]) -> str:
        """Give files that were stored as doubtful their final names; nothing is asked of a server."""
        ...

    def stop(self, keys: Sequence[ItemKey]) -> str:
        """Stop downloads that wait or are under way; nothing changes on a server."""
        ...

    async def retry_plan(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path]
    ) -> Mapping[ItemKey, RetryPlan]:
        """Return what `retry` with these sources would send for each item, and what speaks against it.

        The sources are looked for beside the event loop: a folder may be slow.
        """
        ...

    def retry(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path], again: Collection[ItemKey] = ()
    ) -> str:
        """Send items again; `sources` names a file, or a folder of files, where one is needed.

        What was sent again already, and did not fail, is refused unless it is among `again`. The result of
        each item arrives in `Snapshot.outcomes`.
        """
        ...

    def cancel(self, keys: Sequence[ItemKey]) -> str:
        """Cancel what can be cancelled; the result of each item arrives in `Snapshot.outcomes`."""
        ...
