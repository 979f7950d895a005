"""The protocols of services and store, and the values that pass through them besides the items.

Only `app/services.py` and `app/accounts.py` know the classes behind them.
All coroutines raise members of `errors.ServiceError`, and nothing else that is expected.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import (
    BeeboxFile,
    FlexDocument,
    FlexQuestion,
    InstantRequest,
    Item,
    ItemKey,
    Operation,
    OperationReading,
    RequestRecord,
    Service,
)
from wbtui.domain.records import Fetched, SentFiles, Tracked
from wbtui.domain.snapshot import Event, Snapshot


@dataclass(slots=True)
class Gateways:
    """Filled while the services of a profile are connected; the writers stay None if it is read-only."""

    media: MediaGateway | None = None
    pull: PullGateway | None = None
    beebox: BeeboxFilesGateway | None = None
    instant: InstantFilesGateway | None = None
    translator_writer: TranslatorWriter | None = None
    beebox_writer: BeeboxWriter | None = None
    instant_writer: InstantWriter | None = None


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
    """The Flex documents that a server lists; only a `whole` list shows what is missing."""

    documents: tuple[FlexDocument, ...] = ()
    whole: bool = True
    """False if rows could not be read, or if fewer came than there are."""
    total: int | None = None
    """How many there are by the server's word; None where it gave none."""


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


@dataclass(frozen=True, slots=True)
class InstantList:
    """The requests of an answer; only a `whole` one shows which are gone."""

    requests: tuple[InstantRequest, ...] = ()
    whole: bool = True
    """False if a record had no id that can be read."""
    received: int = 0
    """Records in the answer, with those that could not be read."""


@dataclass(frozen=True, slots=True)
class InstantConfiguration:
    """What the platform's administrator allows at this moment."""

    option: int = 0
    options: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Source languages, where the answer named them."""


CUT_RESTS: Final = (1.0, 5.0, 20.0, 60.0)
"""Seconds until a file that was cut off is tried again, one for each time that nothing new has come: a line
that is back is used at once, and one that stays away for a minute and a half is told."""


@dataclass(frozen=True, slots=True)
class KeptPart:
    """The beginning of a file that is here already; without any bytes, one that is to be asked for anew."""

    size: int = 0
    total: int | None = None
    """Bytes of the whole file, where they are known."""
    validator: str = ""
    """By which the server knows whether its file is still the same."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """A file on its way."""

    chunks: AsyncIterator[bytes]
    size: int | None = None
    """Bytes in all; None where the server named none."""
    start: int = 0
    """Bytes that lie before the first one that comes."""
    validator: str = ""
    """With this the rest can be asked for after a cut; empty where it cannot."""
    unpack: Callable[[Iterator[bytes]], Iterator[bytes]] | None = None
    """Unpacks the whole, where the service packs its files; raises `BadAnswer`."""
    name: str = ""
    """The name the server gave it, byte for byte: neither to be shown nor to be used as a path."""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class NewFiles:
    """What `projects/{pid}/workflows/new` takes, but for the files."""

    project: int
    source: str
    targets: tuple[str, ...]
    deadline: datetime | None = None
    workflow: str = ""
    """`Default`, `None`, or empty for the server's default."""
    allow_updates: bool | None = None
    job_fields: tuple[tuple[str, str], ...] = ()
    """Custom fields of all jobs as (id or title, value)."""


LONGEST_ID: Final = 18
"""Digits of a server's id at the most: ids have 64 bits."""


def fits_an_id(name: str) -> bool:
    """Return whether a custom field's name, where it is a number, can be an id; a title always can be one."""
    return not (name.isascii() and name.isdecimal()) or len(name) <= LONGEST_ID


@dataclass(frozen=True, slots=True)
class NewRequest:
    """One file to be translated into one language."""

    name: str
    source: str
    target: str
    hash: str
    """The caller's unique id, which guards against double submission."""
    option: int = 0
    format_option: int = 0


Publish = Callable[[Snapshot], None]


class OperationsGateway(Protocol):
    """Translator API 2, as far as operations are concerned."""

    async def connect(self) -> None:
        """Log in where no token is held yet; costs no call of the allowance."""

    async def read(self, request_id: int) -> OperationReading:
        """Return the state of one operation; raises `Unknown` if the server does not know the id."""

    async def listed(self) -> ListedOperations | None:
        """Return what `trm/list` tells, or None if the server has no such call or answers nonsense."""

    async def close(self) -> None:
        """Give the token back; never raises."""


class FlexGateway(Protocol):
    """Translator API 2, as far as Flex is concerned."""

    async def documents(self) -> FlexList:
        """Return all Flex documents the user can see."""

    async def document(self, document: str) -> FlexDocument:
        """Return one document with its date of change."""

    async def ask(self, document: str, question: FlexQuestion, since: datetime) -> OperationReading:
        """Start a components/status query; the reading's `request_id` is the operation to watch."""

    async def answer(self, file_token: str) -> FlexAnswer:
        """Fetch and decode the list of a finished query."""


class BeeboxSession(Protocol):
    """An open Beebox session: each second of it stops the Beebox's own work."""

    async def details(self) -> BeeboxDetails:
        """Return the project's languages."""

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


class BeeboxGateway(Protocol):
    """The Beebox: a session per round, closed whatever happens."""

    def session(self) -> AbstractAsyncContextManager[BeeboxSession]:
        """Connect with `waitsecs=1`, and disconnect at the end; raises `Busy` while the Beebox works."""


class InstantSession(Protocol):
    """An open session of the User API."""

    async def requests(self, ids: Sequence[int] | None) -> InstantList:
        """Return the requests with these ids (at most 200), or all of the user's with None."""


class InstantGateway(Protocol):
    """Instant Translation."""

    def session(self) -> AbstractAsyncContextManager[InstantSession]:
        """Connect, and disconnect at the end."""


class TextStore(Protocol):
    """A store that keeps small texts under names."""

    def remember(self, name: str, value: str, *, synced: bool = True) -> None:
        """Keep a small text under a name; an empty one is not kept."""

    def recall(self, name: str) -> str | None:
        """Return the text kept under a name."""

    def recall_all(self, prefix: str) -> Mapping[str, str]:
        """Return the texts under all names that begin so."""


class Store(TextStore, Protocol):
    """What survives a restart and kill -9; what reads all items of a service may raise `StoreError`."""

    @property
    def notice(self) -> str:
        """Return in words what there is to be said of the state file, or an empty text."""

    @property
    def trouble(self) -> str:
        """Return in words why nothing is kept at present, or an empty text."""

    @property
    def opened(self) -> int:
        """Return a number that grows when a file is begun in the place of one that was damaged or lost."""

    def operations(self) -> tuple[Operation, ...]:
        """Return the watched operations."""

    def items(self, service: Service) -> tuple[Item, ...]:
        """Return the items of a service as last seen."""

    def flex_documents(self) -> tuple[FlexDocument, ...]:
        """Return the Flex documents as last seen."""

    def save(self, service: Service, changed: Sequence[object], gone: Sequence[ItemKey] = ()) -> None:
        """Write what changed and forget what is gone; returns at once, the write follows in order.

        Flex documents are saved under `Service.FLEX` like the components.
        """

    def track(self, items: Sequence[Tracked], now: datetime) -> tuple[Operation, ...]:
        """Keep operations that are to be watched; when this returns they are on disk. Raises `StoreError`."""

    def next_local(self) -> int:
        """Return the next number for an operation that never had an id."""

    def note_call(self, account: str, at: datetime) -> None:
        """Write down one counted call of an account."""

    def calls_since(self, account: str, at: datetime) -> tuple[datetime, ...]:
        """Return the calls of all processes since then, oldest first."""

    def events(self, limit: int = 10_000) -> tuple[Event, ...]:
        """Return the newest events, oldest first."""

    def save_event(self, event: Event) -> None:
        """Write an event, or replace the one with the same id."""

    def stamp(self) -> int:
        """Return a number that changes when another process has written."""

    def prune(self, now: datetime) -> None:
        """Forget what is older than its time: finished operations 30 days, calls 2 hours, old events."""


class Records(Protocol):
    """What the store keeps of actions."""

    def save_fetched(self, item: Fetched) -> None:
        """Write down one download; returns at once."""

    def fetched(self) -> tuple[Fetched, ...]:
        """Return the last download of each item."""

    def fetched_at(self, place: str) -> tuple[Fetched, ...]:
        """Return the downloads that were saved under a folded path."""

    def save_sent(self, item: SentFiles) -> None:
        """Write down which files an operation was sent from; returns at once."""

    def sent_files(self, key: ItemKey) -> SentFiles | None:
        """Return the files that an operation was sent from, if wbtui sent it."""

    def flush(self) -> None:
        """Wait until all that was saved is on disk; raises `StoreError`."""


# -- reading ------------------------------------------------------------------------------------------------


class MediaGateway(Protocol):
    """Files of Translator API 2."""

    def fetch(self, file_token: str, kept: KeptPart | None = None) -> AbstractAsyncContextManager[Arriving]:
        """Give the file behind a `filetoken` or `fileref`; one call of the allowance.

        With a `kept` part, only what follows on it, where the server has just that.
        """


class PullGateway(Protocol):
    """The texts of Flex components: reads, by way of an operation."""

    async def pull(self, document: str, components: Sequence[str]) -> tuple[OperationReading, RequestRecord]:
        """Start a pull of at most 500 components, and return what was asked, so that it can be run again."""

    async def texts(
        self, file_token: str, wanted: Mapping[str, Sequence[str]]
    ) -> Mapping[tuple[str, str], bytes]:
        """Return one JSON document per component (wire name) and wanted locale.

        What the file does not hold is missing in the result.
        """


class BeeboxFiles(Protocol):
    """An open Beebox session, as far as files are concerned."""

    def file(
        self, path: str, locale: str, *, first_byte: float | None = None, kept: KeptPart | None = None
    ) -> AbstractAsyncContextManager[Arriving]:
        """Give the deliverable of an original (wire path) in one locale, or what follows on a `kept` part.

        `first_byte` is how many seconds its first byte may take, None for as long as files may; raises
        `SlowFile` beyond that.
        """

    def preliminary(
        self, path: str, locale: str, *, first_byte: float | None = None, kept: KeptPart | None = None
    ) -> AbstractAsyncContextManager[Arriving]:
        """Give the preliminary file, whichever of the documented names it has; otherwise as `file`."""


class BeeboxFilesGateway(Protocol):
    """The Beebox's files: a session per batch."""

    def files(self) -> AbstractAsyncContextManager[BeeboxFiles]:
        """Connect and disconnect; raises `Busy` while the Beebox works.

        One session at a time is open; who comes while one is takes part in it.
        """


class InstantFiles(Protocol):
    """An open session of the User API, as far as files are concerned."""

    def file(self, request_id: int, kept: KeptPart | None = None) -> AbstractAsyncContextManager[Arriving]:
        """Give the translation, packed, or what follows on a `kept` part of it."""

    def post_edit(
        self, request_id: int, kept: KeptPart | None = None
    ) -> AbstractAsyncContextManager[Arriving]:
        """Give the post-edit, packed, or what follows on a `kept` part of it."""


class InstantFilesGateway(Protocol):
    """Files of Instant Translation: a session per batch."""

    def files(self) -> AbstractAsyncContextManager[InstantFiles]:
        """Connect, and disconnect at the end."""


# -- writing ------------------------------------------------------------------------------------------------


class TranslatorWriter(Protocol):
    """What changes something by Translator API 2."""

    async def upload(self, path: Path, name: str) -> str:
        """Send a local file and return its token."""

    async def workflows_new(
        self, request: NewFiles, files: Mapping[str, str]
    ) -> tuple[OperationReading, RequestRecord]:
        """Add uploaded files (project path to token) to a project; return the operation and its request."""

    async def resend(self, record: RequestRecord) -> OperationReading:
        """Send a recorded request again, to this account's own API only."""


class BeeboxWriting(Protocol):
    """An open Beebox session that may change files."""

    async def source_locale(self) -> str:
        """Return the project's source locale."""

    async def put_source(self, path: str, source: Path, instructions: bytes) -> None:
        """Put `{path}.beebox` and then the source (wire path)."""

    async def delete_source(self, path: str) -> None:
        """Delete the source and its `.beebox`: all languages of it stop."""


class BeeboxWriter(Protocol):
    """The Beebox, to be changed: a session per action."""

    def writing(self) -> AbstractAsyncContextManager[BeeboxWriting]:
        """Connect and disconnect; raises `Busy` while the Beebox works."""


class InstantWriting(Protocol):
    """An open session of the User API that may submit."""

    async def configuration(self, option: int = 0) -> InstantConfiguration:
        """Return languages and options as they are now."""

    async def submit(self, request: NewRequest, file: Path) -> int:
        """Submit a file and return the id of the new request."""


class InstantWriter(Protocol):
    """Instant Translation, to be changed: a session per action."""

    def writing(self) -> AbstractAsyncContextManager[InstantWriting]:
        """Connect, and disconnect at the end."""
