"""Beginnings of files that were cut off: kept until the file is whole or given up, also over a restart."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ItemKey
from wbtui.domain.ports import Arriving, TextStore
from wbtui.files.saving import Folder, Written
from wbtui.monitor.actions.receive import Destination

PREFIX: Final = "part."
"""What the names begin with under which the store keeps parts."""
KEPT: Final = timedelta(days=7)
"""How long a part is kept that nobody goes on with."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A part of a file below a download folder."""

    root: str
    path: tuple[str, ...]
    size: int
    tail: str
    total: int | None
    validator: str
    at: str

    @property
    def written(self) -> Written:
        """Return what is safely on the disk."""
        return Written(self.size, self.tail, whole=self.size == self.total)


def part_from(text: str) -> FilePart | None:
    """Return what the store kept, or None if it cannot be read."""
    try:
        values = json.loads(text)
        part = FilePart(**{**values, "path": tuple(values["path"])})
        dated = datetime.fromisoformat(part.at).tzinfo is not None
        numbers = part.size >= 0 and (part.total is None or part.total >= part.size)
        inside = bool(part.path) and not {"", ".", ".."} & set(part.path) and "/" not in "".join(part.path)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    texts = all(isinstance(each, str) for each in (part.root, part.tail, part.validator))
    return part if dated and numbers and inside and texts else None


class FileParts:
    """The parts of this profile's downloads, by the item and whether its other deliverable is meant."""

    def __init__(self, store: TextStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        found = ((name, part_from(text)) for name, text in store.recall_all(PREFIX).items())
        self._parts = {name: part for name, part in found if part is not None}

    def of(self, key: tuple[ItemKey, bool], folder: Folder) -> FilePart | None:
        """Return the part of an item's file below this folder."""
        part = self._parts.get(_name(key))
        return part if part is not None and part.root == _root(folder) else None

    def keeper(
        self, key: tuple[ItemKey, bool], place: Destination, arriving: Arriving
    ) -> Callable[[Written], None]:
        """Return what writes down how much of a file is safely on the disk."""

        def keep(written: Written) -> None:
            at = self._clock.now().isoformat()
            part = FilePart(
                _root(place.folder),
                place.path,
                written.size,
                written.tail,
                arriving.size,
                arriving.validator,
                at,
            )
            self._parts[_name(key)] = part
            self._store.remember(_name(key), json.dumps(asdict(part)))

        return keep

    def forget(self, key: tuple[ItemKey, bool]) -> None:
        """Forget the part of a file that is whole, or that is of no use."""
        if self._parts.pop(_name(key), None) is not None:
            self._store.remember(_name(key), "")

    def give_up(self, key: tuple[ItemKey, bool]) -> None:
        """Remove the part of a file that nobody wants any more."""
        part = self._parts.get(_name(key))
        if part is not None:
            Folder(Path(part.root)).remove_part(part.path)
            self.forget(key)

    def remove_old(self) -> None:
        """Remove the parts that nobody has gone on with for a week."""
        oldest = self._clock.now() - KEPT
        for name, part in list(self._parts.items()):
            if datetime.fromisoformat(part.at) < oldest:
                Folder(Path(part.root)).remove_part(part.path)
                del self._parts[name]
                self._store.remember(name, "")


def _name(key: tuple[ItemKey, bool]) -> str:
    return f"{PREFIX}{key[0]}#other" if key[1] else f"{PREFIX}{key[0]}"


def _root(folder: Folder) -> str:
    return str(folder.root.absolute())
