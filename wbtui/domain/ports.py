"""The protocols between the parts: what the monitor and the screen may ask of services, store and each other.

Who uses a service imports its protocol from here; only `app/services.py` and `app/accounts.py` know the
classes.
All coroutines raise members of `errors.ServiceError`, and nothing else that is expected.
Over 700 lines: every protocol by which parts know each other stands here, and nothing else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from wbtui.domain.credentials import Account, Secret
from wbtui.domain.errors import WbtuiError
from wbtui.domain.model import (
    BeeboxFile,
    Event,
    FlexComponent,
    FlexDocument,
    FlexQuestion,
    InstantRequest,
    ItemKey,
    Novelty,
    Operation,
    OperationReading,
    RequestRecord,
    RetryPlan,
    Service,
    Snapshot,
    When,
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


class MonitorCommands(Protocol):
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

    def undo_forget(self, keys: Sequence[ItemKey]) -> str:
        """Watch operations again that `forget` took away in this run of the program."""
        ...

    def read_operations(self, raw: bytes) -> ReadOperations:
        """Return the operations that a text or a file names, as `wbtui track -` reads them."""
        ...

    def track(self, items: Sequence[Tracked]) -> str:
        """Watch these operations."""
        ...

    def toggle_alert(self, keys: Sequence[ItemKey]) -> str:
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


@dataclass(frozen=True, slots=True)
class Arriving:
    """A file on its way, unpacked where the service packs its files."""

    chunks: AsyncIterator[bytes]
    size: int | None = None
    """Bytes in all; None where the server named none, or packed the file."""
    name: str = ""
    """The name the server gave it, byte for byte: neither to be shown nor to be used as a path."""
    media_type: str = ""


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


class Records(Protocol):
    """What the store keeps of actions."""

    def save_fetched(self, item: Fetched) -> None:
        """Write down one download; returns at once."""
        ...

    def fetched(self) -> tuple[Fetched, ...]:
        """Return the last download of each item."""
        ...

    def fetched_at(self, place: str) -> tuple[Fetched, ...]:
        """Return the downloads that were saved under a folded path."""
        ...

    def save_sent(self, item: SentFiles) -> None:
        """Write down which files an operation was sent from; returns at once."""
        ...

    def sent_files(self, key: ItemKey) -> SentFiles | None:
        """Return the files that an operation was sent from, if wbtui sent it."""
        ...

    def flush(self) -> None:
        """Wait until all that was saved is on disk; raises `StoreError`."""
        ...


# -- reading ------------------------------------------------------------------------------------------------


class MediaGateway(Protocol):
    """Files of Translator API 2."""

    def fetch(self, file_token: str) -> AbstractAsyncContextManager[Arriving]:
        """Give the file behind a `filetoken` or `fileref`; one call of the allowance."""
        ...


class PullGateway(Protocol):
    """The texts of Flex components: reads, by way of an operation."""

    async def pull(self, document: str, components: Sequence[str]) -> tuple[OperationReading, RequestRecord]:
        """Start a pull of at most 500 components, and return what was asked, so that it can be run again."""
        ...

    async def texts(
        self, file_token: str, wanted: Mapping[str, Sequence[str]]
    ) -> Mapping[tuple[str, str], bytes]:
        """Return one JSON document per component (wire name) and wanted locale.

        What the file does not hold is missing in the result.
        """
        ...


class BeeboxFiles(Protocol):
    """An open Beebox session, as far as files are concerned."""

    def file(
        self, path: str, locale: str, *, first_byte: float | None = None
    ) -> AbstractAsyncContextManager[Arriving]:
        """Give the deliverable of an original (wire path) in one locale.

        `first_byte` is how many seconds its first byte may take, None for as long as files may; raises
        `SlowFile` beyond that.
        """
        ...

    def preliminary(
        self, path: str, locale: str, *, first_byte: float | None = None
    ) -> AbstractAsyncContextManager[Arriving]:
        """Give the preliminary file, whichever of the documented names it has; otherwise as `file`."""
        ...


class BeeboxFilesGateway(Protocol):
    """The Beebox's files: a session per batch."""

    def files(self) -> AbstractAsyncContextManager[BeeboxFiles]:
        """Connect and disconnect; raises `Busy` while the Beebox works. One session at a time is open."""
        ...


class InstantFiles(Protocol):
    """An open session of the User API, as far as files are concerned."""

    def file(self, request_id: int) -> AbstractAsyncContextManager[Arriving]:
        """Give the translation, unpacked."""
        ...

    def post_edit(self, request_id: int) -> AbstractAsyncContextManager[Arriving]:
        """Give the post-edit, unpacked."""
        ...


class InstantFilesGateway(Protocol):
    """Files of Instant Translation: a session per batch."""

    def files(self) -> AbstractAsyncContextManager[InstantFiles]:
        """Connect, and disconnect at the end."""
        ...


# -- writing ------------------------------------------------------------------------------------------------


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


class TranslatorWriter(Protocol):
    """What changes something by Translator API 2."""

    async def upload(self, path: Path, name: str) -> str:
        """Send a local file and return its token."""
        ...

    async def workflows_new(
        self, request: NewFiles, files: Mapping[str, str]
    ) -> tuple[OperationReading, RequestRecord]:
        """Add uploaded files (project path to token) to a project; return the operation and its request."""
        ...

    async def resend(self, record: RequestRecord) -> OperationReading:
        """Send a recorded request again, to this account's own API only."""
        ...


class BeeboxWriting(Protocol):
    """An open Beebox session that may change files."""

    async def source_locale(self) -> str:
        """Return the project's source locale."""
        ...

    async def put_source(self, path: str, source: Path, instructions: bytes) -> None:
        """Put `{path}.beebox` and then the source (wire path)."""
        ...

    async def delete_source(self, path: str) -> None:
        """Delete the source and its `.beebox`: all languages of it stop."""
        ...


class BeeboxWriter(Protocol):
    """The Beebox, to be changed: a session per action."""

    def writing(self) -> AbstractAsyncContextManager[BeeboxWriting]:
        """Connect and disconnect; raises `Busy` while the Beebox works."""
        ...


@dataclass(frozen=True, slots=True)
class InstantConfiguration:
    """What the platform's administrator allows at this moment."""

    option: int = 0
    options: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Source languages, where the answer named them."""


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


class InstantWriting(Protocol):
    """An open session of the User API that may submit."""

    async def configuration(self, option: int = 0) -> InstantConfiguration:
        """Return languages and options as they are now."""
        ...

    async def submit(self, request: NewRequest, file: Path) -> int:
        """Submit a file and return the id of the new request."""
        ...


class InstantWriter(Protocol):
    """Instant Translation, to be changed: a session per action."""

    def writing(self) -> AbstractAsyncContextManager[InstantWriting]:
        """Connect, and disconnect at the end."""
        ...


LONGEST_ID: Final = 18
"""Digits of a server's id at the most: ids have 64 bits."""


def fits_an_id(name: str) -> bool:
    """Return whether a custom field's name, where it is a number, can be an id; a title always can be one."""
    return not (name.isascii() and name.isdecimal()) or len(name) <= LONGEST_ID


def made_text(made_at: When) -> str:
    """Return a date of the server as text that is equal for equal dates."""
    if isinstance(made_at, datetime):
        return made_at.isoformat()
    return made_at or ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a user typed for one service; holds no secret."""

    account: Account
    answers: Mapping[str, str] = field(default_factory=dict)
    """By the keys of the account's questions; a URL as it was typed."""


@dataclass(frozen=True, slots=True)
class LoginTrial:
    """How the test of one service ended."""

    error: WbtuiError | None
    """None if the log-in worked; the message is the server's own words where it had some."""
    words: str = ""
    """What the service said of itself."""
    seconds: float = 0.0
    """How long the first answer took."""
    ahead: timedelta | None = None
    """How far the server's clock is ahead of ours; None if it told no date."""


class Setup(Protocol):
    """What a first start needs: testing an account, keeping its secret, writing the configuration."""

    def checked(self, profile: str, draft: Draft) -> Draft:
        """Return the draft with its URL in full; raises `SettingsError` for what cannot be used."""
        ...

    def variable(self, profile: str, account: Account) -> str:
        """Return the environment variable that a secret is taken from, or nothing if none is set."""
        ...

    async def taken(self, profile: str, account: Account) -> tuple[Secret, bool]:
        """Return what `variable` holds, and whether blanks around it were left out; raises `SecretError`."""
        ...

    async def test(self, profile: str, draft: Draft, secret: Secret) -> LoginTrial:
        """Log in and out again; never raises a `WbtuiError`."""
        ...

    async def keep(self, profile: str, account: Account, secret: Secret) -> None:
        """Store a secret in the keyring; raises `SecretError`, and then the caller still has it."""
        ...

    def write(self, profile: str, drafts: Sequence[Draft], *, add: bool) -> Path:
        """Write the profile into the configuration and return the file's path.

        A file that exists is added to if `add` allows it. Raises `SettingsError`.
        """
        ...


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """What the list of profiles shows of one; read from the configuration alone."""

    name: str
    services: tuple[str, ...] = ()
    color: str = ""
    """One of the terminal's eight colour names, or empty."""
    read_only: bool = False
    danger: bool = False


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """How a log-in from the screen ended."""

    error: WbtuiError | None
    """Why the service refuses the secret, which is then kept nowhere; None if it is used from now on."""
    words: str = ""
    """What the service said, or why it could not be asked; and where the secret is kept."""


class Accounts(Protocol):
    """What the running screen asks of whoever knows profiles and secrets."""

    def profiles(self) -> Sequence[ProfileLine]:
        """Return the profiles of the configuration, without any call; raises `SettingsError`."""
        ...

    def turn_to(self, name: str) -> None:
        """Show another profile; the present one is given up at once. Raises `SettingsError`."""
        ...

    def renew(self) -> bool:
        """Take over what the configuration says of the present profile now, and return whether it is new.

        Raises `SettingsError`, and then nothing has changed.
        """
        ...

    async def log_in(self, account: Account, secret: Secret) -> LoggedIn:
        """Try a secret, store it, and have the services of that log-in asked with it; never raises."""
        ...
