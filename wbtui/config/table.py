"""One table of a TOML file, read key by key, with a message for everything that can be written wrong.

What is wrong is noted and reading goes on, so that all faults of a file can be told at once. Values of the
file are shown only where they cannot be a secret: numbers, choices and names of keys.
"""

from __future__ import annotations

import contextlib
import difflib
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import SplitResult, urlsplit

from wbtui.domain.errors import SettingsError, SourceError
from wbtui.files.user_files import local_path, no_file

_KINDS: Final = {
    bool: "true or false",
    int: "a whole number",
    float: "a number with a fraction",
    str: "text",
    list: "a list",
    dict: "a table",
}
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_Choice = TypeVar("_Choice", bound=StrEnum)
_Kind = TypeVar("_Kind")


def quoted(text: str) -> str:
    """Return foreign text between quotes, with everything that a terminal would obey spelled out."""
    return repr(str(text))


def dotted(*names: str) -> str:
    """Return the name of a table as it stands in the file, each part in quotes where TOML wants them."""
    return ".".join(name if _BARE.fullmatch(name) else quoted(name) for name in names)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown word: the nearest known one, or all of them."""
    options = sorted(known)
    close = difflib.get_close_matches(word, options, n=1)
    if close:
        return f"did you mean {quoted(close[0])}?"
    if not options:
        return "there are none yet"
    return f"known: {', '.join(options)}"


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a date or time")


class Faults:
    """What is wrong in one file, in the order in which it was found; of each key only the first thing."""

    def __init__(self, file: Path) -> None:
        self.file: Final = file
        self._found: dict[tuple[str, ...], SettingsError] = {}

    @property
    def found(self) -> tuple[SettingsError, ...]:
        """Return them all."""
        return tuple(self._found.values())

    def add(self, names: tuple[str, ...], key: str, problem: str, advice: str = "") -> None:
        """Note what is wrong with a key of a table; `problem` says itself what it is about."""
        table = f"[{dotted(*names)}] " if names else ""
        error = SettingsError(f"{self.file}: {table}{problem}", advice=advice)
        self._found.setdefault((*names, key), error)


class Table:
    """One table of the file; what is wrong goes into `faults`, and reading goes on with a default instead.

    `names` is the way to the table from the top of the file. `known` are the keys it may have; None leaves
    them free (names of profiles, ids of actions).
    """

    def __init__(
        self,
        faults: Faults,
        names: tuple[str, ...],
        data: Mapping[str, object],
        known: Sequence[str] | None,
    ) -> None:
        self._faults: Final = faults
        self.names: Final = names
        self.data: Final = data
        for key in data:
            if known is not None and key not in known:
                what = "unknown table" if isinstance(data[key], dict) else "unknown key"
                faults.add(names, key, f"{what} {quoted(key)}; {nearest(key, known)}")

    def fail(self, key: str, problem: str, advice: str = "") -> None:
        """Note what is wrong with the value of a key."""
        self._faults.add(self.names, key, f"{key}: {problem}", advice)

    def refuse_name(self, key: str, problem: str) -> None:
        """Note what is wrong with the name of a key."""
        self._faults.add(self.names, key, f"{quoted(key)}: {problem}")

    def _given(self, key: str, kind: type[_Kind]) -> _Kind | None:
        """Return what stands there; None if nothing does, or something of another kind."""
        if key not in self.data:
            return None
        value = self.data[key]
        if type(value) is not kind:
            self.fail(key, f"expected {_KINDS[kind]}, found {_kind(value)}")
            return None
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return a true or false."""
        given = self._given(key, bool)
        return default if given is None else given

    def number(self, key: str, default: int, low: int, high: int) -> int:
        """Return a whole number between two bounds, both included."""
        value = self._given(key, int)
        if value is None:
            return default
        if not low <= value <= high:
            self.fail(key, f"must be between {low} and {high}, not {value}")
            return default
        return value

    def text(self, key: str, default: str = "") -> str:
        """Return a text, or the default if there is none."""
        value = self._given(key, str)
        if value is None:
            return default
        if not value.isprintable():
            self.fail(key, "contains characters that cannot be printed")
            return default
        return value

    def needed(self, key: str) -> str:
        """Return a text that must be there and must not be empty."""
        value = self.text(key)
        if not value.strip():
            problem = f"{key} is missing" if key not in self.data else f"{key} is empty"
            self._faults.add(self.names, key, problem)
        return value

    def choice(self, key: str, default: _Choice) -> _Choice:
        """Return one of an enumeration's values."""
        word = self.text(key, default.value)
        options = [option.value for option in type(default)]
        if word not in options:
            self.fail(key, f"{quoted(word)} is not one of {', '.join(options)}")
            return default
        return type(default)(word)

    def texts(self, key: str, example: str, most: int) -> tuple[str, ...]:
        """Return a list of texts, at most so many; `example` shows how one is written."""
        values: list[object] = self._given(key, list) or []
        for value in values:
            if not isinstance(value, str):
                self.fail(key, f"expected texts such as {example}, found {_kind(value)}")
            elif not value or not value.isprintable():
                self.fail(key, "contains an empty text or characters that cannot be printed")
        if len(values) > most:
            self.fail(key, f"has {len(values)} entries, at most {most} are possible")
        return tuple(value for value in values if isinstance(value, str))

    def table(self, key: str, known: Sequence[str] | None) -> Table | None:
        """Return the table of that name, or None if there is none."""
        value: dict[str, object] | None = self._given(key, dict)
        return None if value is None else Table(self._faults, (*self.names, key), value, known)

    def place(self, key: str, default: str = "") -> Path | None:
        """Return a file or folder, or None if the text is empty.

        `~` is the home folder, and a relative one starts at the folder of the configuration file.
        """
        text = self.text(key, default)
        if not text:
            return None
        try:
            return self._faults.file.parent / local_path(text)
        except SourceError as error:
            self.fail(key, error.message, f"Set HOME, or write {key} as a path that begins with /.")
            return None

    def readable(self, key: str) -> str:
        """Return the path of a file that exists, or an empty text if none was named."""
        found = self.place(key)
        if found is None:
            return ""
        if problem := no_file(found):
            self.fail(key, f"{quoted(str(found))}: {problem}")
        return str(found)

    def command(self, key: str) -> str:
        """Return a command line that can be split into words as a shell would, or an empty text."""
        line = self.text(key)
        try:
            shlex.split(line)
        except ValueError as error:
            self.fail(key, f"cannot be split into words: {error}")
        return line

    def regex(self, key: str) -> str:
        """Return a regular expression that compiles, or an empty text."""
        pattern = self.text(key)
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            advice = r"Use single quotes, and write a backslash of a path as \\."
            self.fail(key, f"is no regular expression: {error}", advice)
        return pattern

    def url(self, key: str, *, allow_http: bool) -> str:
        """Return the address of a service without a slash at the end; its text is never shown."""
        address = self.needed(key).strip()
        parts = self._split(key, address) if address else None
        if parts is None:
            return ""
        if parts.username is not None or parts.password is not None:
            self.fail(key, "must not contain a user name or password", _SECRETS_ELSEWHERE)
        if parts.query or parts.fragment:
            self.fail(key, "must end before any '?' or '#'", _SECRETS_ELSEWHERE)
        if parts.scheme == "http" and not allow_http and not _is_loopback(parts.hostname or ""):
            self.fail(
                key,
                "http:// would send log-ins in clear; use https://",
                "If the network is trusted, put allow_http = true into this table.",
            )
        return address.rstrip("/")

    def _split(self, key: str, address: str) -> SplitResult | None:
        parts = None
        with contextlib.suppress(ValueError):  # also where the port is no number
            found = urlsplit(address)
            if found.scheme in ("https", "http") and found.hostname and found.port != 0:
                parts = found
        if parts is None or " " in address or "\\" in address:
            self.fail(key, "is no web address; one looks like https://host.example/api")
            return None
        return parts


_SECRETS_ELSEWHERE: Final = "Log-ins have keys of their own, and secrets are kept by wbtui login."


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
