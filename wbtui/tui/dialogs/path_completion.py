"""Completes what is typed of a path, as a shell does with Tab."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from wbtui.domain.errors import SourceError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.files.user_files import local_path

LOOKED_AT: Final = 20_000
"""Names of a folder that are looked at."""
TOLD: Final = 12
"""Names that are told where several begin so."""


@dataclass(frozen=True, slots=True)
class Completion:
    """The path as far as it can be told, and words where that is not all."""

    text: str
    words: str = ""


def completed(text: str) -> Completion:
    """Return what a typed path can only go on with; reads the folder, so it is to be called in a thread."""
    typed = text.lstrip()
    if typed == "~":
        return Completion("~/")
    folder, slash, begun = typed.rpartition("/")
    lead = f"{folder}{slash}"
    try:
        names = sorted(_names(local_path(lead), begun))
    except (OSError, SourceError):
        return Completion(text, "there is no such folder")
    if not names:
        return Completion(text, "nothing there begins so")
    common = f"{lead}{os.path.commonprefix(names)}"  # noqa: RUF071 - letters, as shells do
    if len(names) == 1:
        return Completion(common)
    more = f"   and {len(names) - TOLD} more" if len(names) > TOLD else ""
    return Completion(common, "   ".join(names[:TOLD]) + more)


def _names(folder: Path, begun: str) -> Iterator[str]:
    """Yield the names that begin so, folders with a slash; hidden ones only where a dot is typed."""
    with os.scandir(folder) as entries:
        for entry in islice(entries, LOOKED_AT):
            name = entry.name
            hidden = name.startswith(".") and not begun.startswith(".")
            if name.startswith(begun) and name.isprintable() and not hidden:
                yield f"{name}/" if entry.is_dir() else name
