"""What was downloaded when, and which local files an operation was sent from."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from wbtui.domain.model import ItemKey
from wbtui.domain.ports_acting import Fetched, SentFiles
from wbtui.store.codec import Codec, encode, storable

_Value = TypeVar("_Value")

_FETCHED: Final = Codec(Fetched)
_SENT: Final = Codec(SentFiles)

Read = Callable[[str, tuple[object, ...]], list[tuple[bytes]]]


def saving_fetched(item: Fetched) -> Callable[[sqlite3.Connection], object]:
    """Return the work that writes down one download in the place of an earlier one of the same item."""
    row = (storable(item.key), item.other, storable(item.place), encode(item))
    return lambda connection: connection.execute(_SAVE_FETCHED, row)


def saving_sent(item: SentFiles) -> Callable[[sqlite3.Connection], object]:
    """Return the work that writes down which local files an operation was sent from."""
    row = (storable(item.key), encode(item))
    return lambda connection: connection.execute(_SAVE_SENT, row)


def all_fetched(read: Read) -> tuple[Fetched, ...]:
    """Return all downloads."""
    return _readable(_FETCHED, read("SELECT data FROM fetched", ()))


def fetched_at(read: Read, place: str) -> tuple[Fetched, ...]:
    """Return the downloads that were saved under a path, as `names.folded` gives it."""
    return _readable(_FETCHED, read("SELECT data FROM fetched WHERE place = ?", (storable(place),)))


def sent_files(read: Read, key: ItemKey) -> SentFiles | None:
    """Return the local files that an operation was sent from."""
    found = _readable(_SENT, read("SELECT data FROM sent WHERE key = ?", (storable(key),)))
    return found[0] if found else None


def _readable(codec: Codec[_Value], rows: Iterable[tuple[bytes]]) -> tuple[_Value, ...]:
    decoded = (codec.decode(data) for (data,) in rows)
    return tuple(value for value in decoded if value is not None)


_SAVE_FETCHED: Final = "INSERT OR REPLACE INTO fetched (key, other, place, data) VALUES (?, ?, ?, ?)"
_SAVE_SENT: Final = "INSERT OR REPLACE INTO sent (key, data) VALUES (?, ?)"
