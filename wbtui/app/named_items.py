"""What a command that names its items asks of each service: those items, and no whole list for their sake."""

from __future__ import annotations

from collections.abc import Collection

from wbtui.config import BeeboxSettings
from wbtui.domain.model import ItemKey, request_id
from wbtui.monitor.pollers.beebox import Scope
from wbtui.monitor.state import Board


def instant_ids(named: Collection[ItemKey]) -> frozenset[int]:
    """Return the ids of the Instant requests that are named."""
    found = (request_id(key.removeprefix("it:")) for key in named if key.startswith("it:"))
    return frozenset(number for number in found if number is not None)


def beebox_scope(settings: BeeboxSettings, named: Collection[ItemKey], board: Board) -> Scope:
    """Return the part of the project that is asked for: the files that are named, in all languages.

    The whole of what the profile watches where none is named, or one that is not known: then the others tell
    whether it is there under another name.
    """
    whole = Scope(settings.locales, settings.pattern, settings.paths)
    keys = [key for key in named if key.startswith("bb:")]
    files = [board.beebox[key] for key in keys if key in board.beebox]
    paths = {file.wire_path or file.path for file in files}
    if not keys or len(files) < len(keys) or (whole.paths and not paths <= set(whole.paths)):
        return whole
    return Scope(whole.locales, whole.pattern, tuple(sorted(paths)), part=True)
