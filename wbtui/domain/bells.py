"""What is still to come of an item, for whoever wants to be told when it has come. Pure."""

from __future__ import annotations

from typing import Final

from wbtui.domain.model import FINISHED, BeeboxFile, FlexComponent, InstantRequest, Item, State
from wbtui.domain.notices import named, remark
from wbtui.domain.states import look

RESULT: Final = "result"
POST_EDIT: Final = "post-edit"
_BUILT: Final = FINISHED - {State.DONE}


def awaited(item: Item) -> str:
    """Return what is to come next: `RESULT`, `POST_EDIT`, or nothing if the item is done."""
    if isinstance(item, FlexComponent):
        return "" if item.state is State.READY else RESULT
    if isinstance(item, BeeboxFile):
        # translated is not done: the Beebox has still to build the file
        return "" if item.state in _BUILT else RESULT
    if item.state not in FINISHED:
        return RESULT
    running = isinstance(item, InstantRequest) and item.post_edit is not None and not item.post_edit_ready
    return POST_EDIT if running and item.state is State.READY else ""


def came(item: Item, waited: str) -> str:
    """Return in words what became of an item of which `waited` was to come."""
    if waited == POST_EDIT and isinstance(item, InstantRequest) and item.post_edit_ready:
        return f"the post-edit of {named(item)} is ready"
    reason = remark(item)
    return f"{named(item)} {look(item).verb}" + (f": {reason}" if reason else "")
