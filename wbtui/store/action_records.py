"""What was downloaded and what was sent, in the state file; see `ports.Records`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

from wbtui.domain.model import ItemKey
from wbtui.domain.records import Fetched, SentFiles
from wbtui.store.codec import Codec, encode, storable
from wbtui.store.writer import Writer

_Value = TypeVar("_Value")

_FETCHED: Final = Codec(Fetched)
_SENT: Final = Codec(SentFiles)


class RecordLog:
    """The records of a profile; what cannot be read of them is not there."""

    def __init__(self, writer: Writer) -> None:
        self._writer: Final = writer

    def save_fetched(self, item: Fetched) -> None:
        """Write down one download in the place of an earlier one of the same item."""
        row = (storable(item.key), item.other, storable(item.place), encode(item))
        self._writer.put(lambda connection: connection.execute(_SAVE_FETCHED, row))

    def fetched(self) -> tuple[Fetched, ...]:
        """Return the last download of each item."""
        return _readable(_FETCHED, self._writer.read_few("SELECT data FROM fetched"))

    def fetched_at(self, place: str) -> tuple[Fetched, ...]:
        """Return the downloads that were saved under a path, as `names.folded` gives it."""
        rows = self._writer.read_few("SELECT data FROM fetched WHERE place = ?", (storable(place),))
        return _readable(_FETCHED, rows)

    def save_sent(self, item: SentFiles) -> None:
        """Write down which local files an operation was sent from."""
        row = (storable(item.key), encode(item))
        self._writer.put(lambda connection: connection.execute(_SAVE_SENT, row))

    def sent_files(self, key: ItemKey) -> SentFiles | None:
        """Return the local files that an operation was sent from, if wbtui sent it."""
        rows = self._writer.read_few("SELECT data FROM sent WHERE key = ?", (storable(key),))
        return next(iter(_readable(_SENT, rows)), None)

    def flush(self) -> None:
        """Wait until all that was saved is on disk; raises `StoreError` if it cannot be written."""
        self._writer.flush()


def _readable(codec: Codec[_Value], rows: Iterable[tuple[bytes]]) -> tuple[_Value, ...]:
    decoded = (codec.decode(data) for (data,) in rows)
    return tuple(value for value in decoded if value is not None)


_SAVE_FETCHED: Final = "INSERT OR REPLACE INTO fetched (key, other, place, data) VALUES (?, ?, ?, ?)"
_SAVE_SENT: Final = "INSERT OR REPLACE INTO sent (key, data) VALUES (?, ?)"
