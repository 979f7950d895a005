"""The model's values as JSON and back; what cannot be read comes back as None."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from sys import intern
from typing import Any, Final, Generic, TypeVar, get_type_hints

import msgspec

from wbtui.domain.model import When

_Value = TypeVar("_Value")

_FAULTS: Final = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)
"""What reading raises; `ValueError` also for bytes that are no UTF-8."""


def encode(value: object) -> bytes:
    """Return a value of the model as JSON."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:  # half a surrogate pair in a wire path: only escapes can hold it
        return json.dumps(msgspec.to_builtins(value)).encode("ascii")


def storable(key: str) -> str:
    """Return a key as SQLite can hold it: halves of surrogate pairs spelled out."""
    return key.encode("utf-8", "backslashreplace").decode()


class Codec(Generic[_Value]):
    """Reads one dataclass of the model from JSON.

    A `When` is a date or a text, which JSON cannot tell apart and msgspec therefore refuses to decode: such
    classes are read through a struct in which it is a text, and a text in exactly the form in which dates
    are written here becomes a date again.
    """

    def __init__(self, kind: type[_Value]) -> None:
        assert is_dataclass(kind)
        hints = get_type_hints(kind)
        names = [field.name for field in fields(kind)]
        self._dates: Final = [place for place, name in enumerate(names) if hints[name] == When]
        shared = getattr(kind, "shared", frozenset[str]())
        self._shared: Final = [place for place, name in enumerate(names) if name in shared]
        self._make: Final[Callable[..., _Value]] = kind
        self._values: Final = attrgetter(*names)
        self._wire: Final[Any] = _with_texts(kind, hints) if self._dates else kind
        self._decoder: Final = msgspec.json.Decoder(self._wire)

    def decode(self, data: bytes) -> _Value | None:
        """Return the value, or None if this is not one."""
        try:
            return self._finish(self._decoder.decode(data))
        except _FAULTS:
            return self._decode_with_escapes(data)

    def _decode_with_escapes(self, data: bytes) -> _Value | None:
        try:
            return self._finish(msgspec.convert(json.loads(data), self._wire))
        except _FAULTS:
            return None

    def _finish(self, read: Any) -> _Value:
        if not self._dates:
            value: _Value = read
            return value
        values = list(self._values(read))
        for place in self._dates:
            if values[place] is not None:
                values[place] = _date_or_text(values[place])
        for place in self._shared:
            own = values[place]
            values[place] = intern(own) if type(own) is str else _held_once(own)
        return self._make(*values)


def _with_texts(kind: Any, hints: dict[str, Any]) -> type[msgspec.Struct]:
    """Return a struct with the fields of a dataclass, where each `When` is a text or None."""
    wire = []
    for field in fields(kind):
        hint = str | None if hints[field.name] == When else hints[field.name]
        wire.append((field.name, hint) if field.default is MISSING else (field.name, hint, field.default))
    return msgspec.defstruct(f"{kind.__name__}OnDisk", wire, frozen=True, gc=False)


@lru_cache(maxsize=4096)
def _held_once(value: datetime | None) -> datetime | None:
    return value


@lru_cache(maxsize=4096)
def _date_or_text(text: str) -> datetime | str:
    if not (len(text) in (20, 27) and text[10] == "T" and text[-1] == "Z"):
        return text
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text
