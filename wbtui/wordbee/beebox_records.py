"""Decodes the file records of the Beebox: by type if they are as documented, tolerantly if they are not.

A record with a value of another type, or with a name in another case, is read the tolerant way, alone: that
takes five times as long. Both read the same. Source: api-get-translation-status.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from sys import intern
from typing import Annotated, Any, Final

import msgspec

from wbtui.domain.item_keys import beebox_key
from wbtui.domain.model import BeeboxFile, State, When
from wbtui.domain.sanitize import sanitize
from wbtui.domain.states import BEEBOX_STATUSES
from wbtui.wordbee.wire import LARGEST, TYPE_FAULTS, JsonNode, load_element, read_date

UPTODATE: Final = 1
MOST_OTHERS: Final = 50
"""Undocumented names that are taken into the type of a record; each set of them is a type of its own."""
_NUMBERS: Final = {status.name.lower(): number for number, status in BEEBOX_STATUSES.items()}
_TEXT_LIMIT: Final = 2000

_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Whole = Annotated[int, msgspec.Meta(ge=-LARGEST, le=LARGEST)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]
_Minutes = Annotated[float, msgspec.Meta(ge=-LARGEST, le=LARGEST)]


class _Record(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A record with every documented member, by the names of the wire."""

    file: _Text
    locale: _Text
    localename: str | None = None
    folder: str | None = None
    uptodate: bool | None = None
    readyToBuild: bool | None = None
    notReadyToBuild: bool | None = None
    segments: _Count | None = None
    words: _Count | None = None
    status: _Whole | None = None
    statusc: str | None = None
    statust: str | None = None
    sfdate: str | None = None
    sfdatemin: _Minutes | None = None
    tfdate: str | None = None
    tfdatemin: _Minutes | None = None
    tdate: _Minutes | None = None
    tms: msgspec.Raw = msgspec.Raw(b"null")


_FOLDED: Final = frozenset(name.lower() for name in _Record.__struct_fields__)


def decode_records(
    received: Sequence[msgspec.Raw | JsonNode], seen_at: datetime
) -> Iterator[BeeboxFile | None]:
    """Yield a file for each record, or None for one without file or locale; raises `BadAnswer`."""
    decoder = _decoder(frozenset())
    for each in received:
        if isinstance(each, JsonNode):
            yield _tolerant(each, seen_at)
            continue
        try:
            record = decoder.decode(each)
        except TYPE_FAULTS:
            node = load_element(each)
            decoder = _decoder_for(node) or decoder
            yield _tolerant(node, seen_at)
        else:
            yield _typed(record, seen_at)


def _decoder_for(record: JsonNode) -> msgspec.json.Decoder[_Record] | None:
    """Return what reads the undocumented members of this record, too; None if that cannot be."""
    others = frozenset(name for name, _ in record.members()) - frozenset(_Record.__struct_fields__)
    mistaken = any(name.lower() in _FOLDED or not name.isprintable() for name in others)
    return _decoder(others) if others and not mistaken and len(others) <= MOST_OTHERS else None


@lru_cache(maxsize=64)
def _decoder(others: frozenset[str]) -> msgspec.json.Decoder[_Record]:
    names = {f"other_{number}": name for number, name in enumerate(sorted(others))}
    fields = [(name, Any, None) for name in names]
    kind = msgspec.defstruct("Record", fields, bases=(_Record,), rename=names, gc=False) if names else _Record
    return msgspec.json.Decoder(kind)


def _typed(record: _Record, seen_at: datetime) -> BeeboxFile:
    number, given = record.status, record.statust if record.statusc is None else record.statusc
    if number is None:
        number = _NUMBERS.get((given or "").strip().lower())
    error, info, preliminary_at = _tms(bytes(record.tms))
    path = sanitize(record.file)
    kept = "" if path == record.file else record.file
    path, locale = intern(path), _shown(record.locale, 60)
    made_age = record.tdate if record.tfdatemin is None else record.tfdatemin
    return BeeboxFile(
        key=beebox_key(locale, path, kept),
        path=path,
        locale=locale,
        state=_state(number, record.uptodate, record.readyToBuild, record.notReadyToBuild),
        status=number,
        status_name=_name(number, _shown(given or "", 60), ""),
        locale_name=_shown(record.localename or "", 120),
        words=_shared(record.words),
        segments=_shared(record.segments),
        source_at=_date(record.sfdate),
        source_age=_shared(record.sfdatemin),
        made_at=read_date(record.tfdate),
        made_age=_shared(made_age),
        error=error,
        info=info,
        preliminary_at=preliminary_at,
        wire_path=kept,
        seen_at=seen_at,
    )


def _tolerant(record: JsonNode, seen_at: datetime) -> BeeboxFile | None:
    wire, locale = record.get("file").raw(), record.get("locale").text(60)
    if not wire or not locale:
        return None
    path = sanitize(wire)
    kept = "" if path == wire else wire
    number, tms = _number(record), record.get("tms")
    made, made_age = _deliverable(record)
    flags = (record.get(name).boolean() for name in ("uptodate", "readyToBuild", "notReadyToBuild"))
    return BeeboxFile(
        key=beebox_key(locale, path, kept),
        path=path,
        locale=locale,
        state=_state(number, *flags),
        status=number,
        status_name=_name(number, record.get("statusc", "statust").text(60), record.get("status").text(60)),
        locale_name=record.get("localename").text(120),
        words=record.get("words").count(),
        segments=record.get("segments").count(),
        source_at=read_date(record.get("sfdate").value),
        source_age=record.get("sfdatemin").number(),
        made_at=made,
        made_age=made_age,
        error=tms.get("error").text(_TEXT_LIMIT),
        info=tms.get("info").text(_TEXT_LIMIT),
        preliminary_at=read_date(tms.get("pfdt").value),
        wire_path=kept,
        seen_at=seen_at,
    )


def _number(record: JsonNode) -> int | None:
    """Return the status number, or the number of a known status name."""
    number = record.get("status").integer()
    if number is not None:
        return number
    return _NUMBERS.get(record.get("statusc", "statust", "status").raw().strip().lower())


def _name(number: int | None, given: str, status: str) -> str:
    """Return the status name as received (`statust` in older manuals), else a documented or generic one."""
    if given or number is None:
        return given or status
    known = BEEBOX_STATUSES.get(number)
    return f"status {number}" if known is None else known.name


def _state(number: int | None, uptodate: bool | None, built: bool | None, unbuilt: bool | None) -> State:
    """Return the state: READY by `uptodate` alone, else by the status, else by the two booleans."""
    if uptodate:
        return State.READY
    if number == UPTODATE and uptodate is False:
        return State.DONE
    if number is not None:
        known = BEEBOX_STATUSES.get(number)
        return State.UNKNOWN if known is None else known.state
    if built:
        return State.DONE
    return State.RUNNING if unbuilt else State.UNKNOWN


def _deliverable(record: JsonNode) -> tuple[When, float | None]:
    """Return date and age of the deliverable. `tdate` is documented as minutes but named like a date."""
    made = read_date(record.get("tfdate").value)
    age = record.get("tfdatemin").number()
    other = record.get("tdate")
    if age is None:
        age = other.number()
    if made is None and other.number() is None:
        made = read_date(other.value)
    return made, age


# What many records have in common is made once: it takes half the time and memory.


@lru_cache(maxsize=4096)
def _shown(text: str, limit: int) -> str:
    return intern(sanitize(text, limit))


@lru_cache(maxsize=16_384)
def _date(text: str | None) -> When:
    return read_date(text)


@lru_cache(maxsize=4096, typed=True)
def _shared(value: Any) -> Any:
    return value


@lru_cache(maxsize=4096)
def _tms(raw: bytes) -> tuple[str, str, When]:
    """Return the last error and information text, and when a preliminary file was fetched."""
    tms = load_element(raw)
    error, info = (tms.get(name).text(_TEXT_LIMIT) for name in ("error", "info"))
    return error, info, read_date(tms.get("pfdt").value)
