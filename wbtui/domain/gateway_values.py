"""The values that gateways take and give, besides the items themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wbtui.domain.model import BeeboxFile, FlexDocument, InstantRequest, OperationReading


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
