"""Reads JSON from servers without relying on the type of any value; reads and writes dates.

`load` decodes bytes into a `JsonNode` or raises `BadAnswer`. The accessors of a `JsonNode` return None, an
empty text or an empty list if the value has another type, and never raise.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from html import unescape
from typing import Final

import msgspec

from wbtui.domain.errors import BadAnswer
from wbtui.domain.model import When
from wbtui.domain.sanitize import LIMIT, sanitize

LARGEST = 2**53 - 1
"""The largest whole number that every JSON implementation represents exactly, and that the store can hold."""

_WHOLE = re.compile(r"[+-]?[0-9]{1,16}", re.ASCII)
_VISIBLE = re.compile(r"[!-~]")
_TITLE = re.compile(r"<title[^>]*>([^<]+)", re.IGNORECASE)
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,16}(\.[0-9]{1,16})?", re.ASCII)


class JsonNode:
    """One JSON value that may be of any type."""

    __slots__ = ("_fields", "value")

    def __init__(self, value: object) -> None:
        self.value = value
        self._fields: dict[str, object] | None = None

    def get(self, *names: str) -> JsonNode:
        """Return the first of these members that is present and not null, ignoring the case of names."""
        if not isinstance(self.value, dict):
            return _NOTHING
        if self._fields is None:
            self._fields = {str(key).lower(): value for key, value in self.value.items()}
        for name in names:
            value = self._fields.get(name.lower())
            if value is not None:
                return JsonNode(value)
        return _NOTHING

    def members(self) -> list[tuple[str, JsonNode]]:
        """Return the members of an object, or an empty list."""
        if not isinstance(self.value, dict):
            return []
        return [(str(key), JsonNode(value)) for key, value in self.value.items()]

    def items(self) -> list[JsonNode]:
        """Return the elements of an array, or an empty list."""
        return [JsonNode(value) for value in self.value] if isinstance(self.value, list) else []

    @property
    def missing(self) -> bool:
        """Return whether the value is missing or null."""
        return self.value is None

    @property
    def is_object(self) -> bool:
        """Return whether this is a JSON object."""
        return isinstance(self.value, dict)

    @property
    def is_array(self) -> bool:
        """Return whether this is a JSON array."""
        return isinstance(self.value, list)

    def raw(self) -> str:
        """Return a text unchanged, or a whole number as text, else an empty text. Not safe for showing."""
        if isinstance(self.value, str):
            return self.value
        number = self.integer()
        return "" if number is None or isinstance(self.value, bool) else str(number)

    def text(self, limit: int = LIMIT) -> str:
        """Return a text or number, sanitized for showing, else an empty text."""
        if isinstance(self.value, float) and math.isfinite(self.value):
            return sanitize(f"{self.value:g}", limit)
        return sanitize(self.raw(), limit)

    def integer(self) -> int | None:
        """Return a whole number, also from a text or a float; None for others and beyond `LARGEST`."""
        value = self.value
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        return value if -LARGEST <= value <= LARGEST else None

    def count(self) -> int | None:
        """Return a whole number that is not negative, or None."""
        number = self.integer()
        return number if number is not None and number >= 0 else None

    def number(self) -> float | None:
        """Return a finite number, also from a text, or None."""
        value = self.value
        if isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
            return float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if -LARGEST <= value <= LARGEST else None

    def boolean(self) -> bool | None:
        """Return a boolean, also from "true", "false", 1 or 0, or None."""
        if isinstance(self.value, bool):
            return self.value
        return {"true": True, "1": True, "false": False, "0": False}.get(self.raw().strip().lower())


_NOTHING = JsonNode(None)


def load(body: bytes) -> JsonNode:
    """Decode a body, also one that is JSON inside a JSON string."""
    value = _parsed(_decoded(body))
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        value = _parsed(value)
    return JsonNode(value)


TYPE_FAULTS: Final = (msgspec.MsgspecError, RecursionError)
"""What reading by type raises: it takes nothing that `load` refuses, but refuses some that `load` takes."""


def load_list(body: bytes, *names: str) -> tuple[JsonNode, Sequence[msgspec.Raw | JsonNode] | None]:
    """Decode an object like `load`, but leave the elements of the list of that name to be read by type.

    Returns the object and the elements, which are decoded already where `load` alone can read the body; None
    if there is no such list.
    """
    try:
        members: dict[str, msgspec.Raw] = _MEMBERS.decode(_decoded(body))
        lists = JsonNode({name: None if bytes(raw) == b"null" else raw for name, raw in members.items()})
        raw = lists.get(*names).value
        elements = None if raw is None else _ELEMENTS.decode(raw)  # type: ignore[arg-type]
        rest = {name: load_element(each).value for name, each in members.items() if each is not raw}
        return JsonNode(rest), elements
    except TYPE_FAULTS:
        answer = load(body)
        found = answer.get(*names)
        return answer, found.items() if found.is_array else None


def load_element(raw: msgspec.Raw | bytes) -> JsonNode:
    """Decode a part of an object or list; raises `BadAnswer`, which never quotes it."""
    try:
        return JsonNode(_parsed(bytes(raw).decode()))
    except BadAnswer:
        raise BadAnswer(_DAMAGED) from None


_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])


def _decoded(body: bytes) -> str:
    try:
        text = body.decode().lstrip("\ufeff \t\r\n")
    except UnicodeDecodeError:
        raise BadAnswer("the answer is not UTF-8 text") from None
    if not text.strip():
        raise BadAnswer("the answer is empty")
    return text


def _parsed(text: str) -> object:
    try:
        value: object = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadAnswer(_no_json(text)) from None
    return value


_DAMAGED: Final = "the answer is damaged JSON, or was cut off"


def _no_json(text: str) -> str:
    # Damaged JSON is not quoted: it may hold a token or a password.
    first = _VISIBLE.search(text)
    if first and first[0] in {"{", "[", '"'}:
        return _DAMAGED
    return f"the answer is not JSON; it begins: {glimpse(text)}"


def glimpse(text: str) -> str:
    """Return the first words of a body that is not JSON: the title of a page, else its text without tags."""
    beginning = text[:4000]
    title = _TITLE.search(beginning)
    words = title[1] if title else _TAG.sub(" ", beginning)
    return sanitize(" ".join(unescape(words).split()), 120)


def _no_number(_name: str) -> None:
    """Read NaN and infinity, which are not JSON, as null."""


_DATE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})[Tt ]"
    r"(?P<hour>\d{2}):(?P<minute>\d{2})(:(?P<second>\d{2})(\.(?P<fraction>\d+))?)?"
    r" ?(?P<zone>[Zz]|[+-]\d{2}(:?\d{2})?)?",
    re.ASCII,
)
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|\+00:00)", re.ASCII)
"""A date as all of Wordbee's servers write it, which Python's own reader takes: in a tenth of the time."""
_LONGEST = 64


def read_date(value: object, *, utc: bool = False) -> When:
    """Return an aware UTC time; the received text if it has no zone or is not a date; None without a date.

    The year 1 is the default date of .NET and means never. With `utc`, a date without a zone is UTC, for the
    services that document it. Source: bb/pages/364760 and callbacks of the Beebox, error page of API 2.
    """
    if not isinstance(value, str) or not value.strip() or value.strip().startswith("0001-01-01"):
        return None
    text = value.strip()
    if _USUAL.fullmatch(text):
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(text)
    match = _DATE.fullmatch(text) if len(text) <= _LONGEST else None
    zone = _zone(match["zone"], utc=utc) if match else None
    if match is None or zone is None:
        return sanitize(text, _LONGEST)
    try:
        return _moment(match, zone)
    except (ValueError, OverflowError):
        return sanitize(text, _LONGEST)


def write_date(moment: datetime) -> str:
    """Format an aware time as the services expect it: ISO 8601 in UTC, whole seconds, with Z."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _zone(text: str | None, *, utc: bool) -> timezone | None:
    if text is None:
        return UTC if utc else None
    if text in {"Z", "z"}:
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset >= timedelta(days=1):
        return None
    return timezone(-offset if text[0] == "-" else offset)


def _moment(match: re.Match[str], zone: timezone) -> datetime:
    whole = [int(match[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")]
    microsecond = int((match["fraction"] or "").ljust(6, "0")[:6])
    moment = datetime(whole[0], whole[1], whole[2], whole[3], whole[4], whole[5], microsecond, zone)
    return moment.astimezone(UTC)
