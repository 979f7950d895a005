"""One table of the configuration file, and the list of what is wrong in the file."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from wbtui.domain.errors import SettingsError

KINDS: Final = {
    bool: "true or false",
    int: "a whole number",
    float: "a number with a fraction",
    str: "text",
    list: "a list",
    dict: "a table",
}
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


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


def kind_of(value: object) -> str:
    """Return in words what kind of TOML value this is."""
    return KINDS.get(type(value), "a date or time")


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
    """One table of the file; `names` is the way to it from the top of the file."""

    def __init__(self, faults: Faults, names: tuple[str, ...], data: Mapping[str, object]) -> None:
        self._faults: Final = faults
        self.names: Final = names
        self.data: Final = data

    @property
    def folder(self) -> Path:
        """Return the folder of the file, where relative paths start."""
        return self._faults.file.parent

    def note(self, key: str, problem: str) -> None:
        """Note what is wrong with a key, in words that name it."""
        self._faults.add(self.names, key, problem)

    def fail(self, key: str, problem: str, advice: str = "") -> None:
        """Note what is wrong with the value of a key."""
        self._faults.add(self.names, key, f"{key}: {problem}", advice)

    def refuse_unknown(self, known: Iterable[str]) -> None:
        """Note the keys that the table may not have, each with the known one that is nearest."""
        known = set(known)
        for key, value in self.data.items():
            if key not in known:
                what = "unknown table" if isinstance(value, dict) else "unknown key"
                self.note(key, f"{what} {quoted(key)}; {nearest(key, known)}")

    def table(self, key: str) -> Table | None:
        """Return the table of that name, or None if there is none."""
        value = self.data.get(key)
        if isinstance(value, dict):
            return Table(self._faults, (*self.names, key), value)
        if key in self.data:
            self.fail(key, f"expected {KINDS[dict]}, found {kind_of(value)}")
        return None
