"""Which changes of an item are worth a line of Activity, and in which words."""

from __future__ import annotations

from wbtui.model import FLEX_QUERY, BeeboxFile, FlexComponent, InstantRequest, Item, Level, Operation, State

_WORTH = {
    State.READY: Level.INFO,
    State.DONE: Level.INFO,
    State.PARTIAL: Level.WARNING,
    State.FAILED: Level.ERROR,
    State.CANCELLED: Level.WARNING,
    State.REMOVED: Level.WARNING,
}
_WORDS = {
    State.READY: "is ready",
    State.DONE: "is done",
    State.PARTIAL: "finished, but some files failed",
    State.FAILED: "failed",
    State.CANCELLED: "was cancelled",
    State.REMOVED: "is no longer known to the server",
}


def notice(old: Item | None, new: Item) -> tuple[Level, str] | None:
    """Return level and words for the step from `old` to `new`, or None if it is not worth a line.

    The first sight of an item is news only if it was being watched already (an operation).
    """
    before = old.state if old is not None else None
    if before is None or before is new.state or new.state not in _WORTH or isinstance(new, FlexComponent):
        return None
    if _routine(new):
        return None
    reason = why(new)
    words = f"{named(new)} {_WORDS[new.state]}" + (f": {reason}" if reason else "")
    return _WORTH[new.state], words


def _routine(new: Item) -> bool:
    """Tell whether this is one of wbtui's own queries going well, of which there are many."""
    return isinstance(new, Operation) and new.kind == FLEX_QUERY and new.state in {State.READY, State.DONE}


def named(item: Item) -> str:
    """Return how an item is called in a sentence."""
    if isinstance(item, Operation):
        what = item.kind or "Operation"
        name = f" {item.label}" if item.label else ""
        return f"{what} {item.request_id or item.key}{name}"
    if isinstance(item, BeeboxFile):
        return f"{item.path} ({item.locale})"
    if isinstance(item, InstantRequest):
        return f"{item.name} ({item.source} to {item.target})"
    return f"{item.component} ({item.locale})"


def why(item: Item) -> str:
    """Return the server's reason for the item's state, or an empty text."""
    if isinstance(item, Operation):
        if item.state is State.PARTIAL:
            failed = [f for f in item.reading.files if not f.success]
            first = failed[0] if failed else None
            return f"{len(failed)} of {len(item.reading.files)}" + (
                f", first {first.name}: {first.error}" if first and first.error else ""
            )
        if item.state is State.FAILED:
            return item.reading.status_info or item.reading.status_text
        return ""
    if isinstance(item, BeeboxFile):
        return item.error if item.state is State.FAILED else ""
    return ""
