"""The seams of acting: what downloads, try again, cancel and send may ask of services and of the store.

Reading and writing gateways are separate objects: a profile that is read-only has no writing one. All
coroutines raise members of `errors.ServiceError`, and those that send a local file also `errors.SourceError`.
What changes a server raises `errors.Uncertain` where nobody can tell whether it was done, and is never
repeated by itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from wbtui.domain.model import ItemKey, OperationReading, RequestRecord, When


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
    """Tell whether a custom field's name, where it is a number, can be an id; a title always can be one."""
    return not (name.isascii() and name.isdecimal()) or len(name) <= LONGEST_ID


def made_text(made_at: When) -> str:
    """Return a date of the server as text that is equal for equal dates."""
    if isinstance(made_at, datetime):
        return made_at.isoformat()
    return made_at or ""
