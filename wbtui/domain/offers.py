"""What may be done with an item, and why the rest may not: the table of the design, in one place.

Most of cancel and retry does not exist on Wordbee's servers; a refusal names the reason and the next
best thing. The pages behind each sentence: asynchronous operations and trm/status (no cancel), API - Get
translation status and API - Delete translated content (Beebox), API - IT - List Requests (Instant).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import (
    FLEX_QUERY,
    Action,
    BeeboxFile,
    FlexComponent,
    InstantRequest,
    Item,
    Operation,
    State,
)
from wbtui.domain.snapshot import ReadOnly


@dataclass(frozen=True, slots=True)
class Allowed:
    """The action can be taken; `warning` says what else it touches, or is empty."""

    warning: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The action cannot be taken: why, and what can be done instead."""

    reason: str
    instead: str = ""


Offer = Allowed | Refused


@dataclass(frozen=True, slots=True)
class ActionWords:
    """How an action is told: the letter of its key, what becomes of an item, and what its question says."""

    letter: str
    done: str
    """What the items are afterwards: "8 of 11 can be downloaded"."""
    title: str = ""
    """The title of the question; empty for an action that asks none."""
    yes: str = ""
    """What the answer yes does, before the number of items."""
    no: str = "No"
    effect: str = ""
    """What it does to `{files}` ("2 files"); empty where that depends on the kind of item."""
    caution: str = ""


WORDS: Final[Mapping[Action, ActionWords]] = {
    Action.DOWNLOAD: ActionWords("d", "downloaded"),
    Action.OTHER: ActionWords("P", "downloaded so"),
    Action.SEND: ActionWords("", "sent"),
    Action.RETRY: ActionWords("T", "tried again", "Send to the server again", "send"),
    Action.CANCEL: ActionWords(
        "X",
        "cancelled",
        "Cancel on the server",
        "delete",
        "No, keep",
        "Delete the source of {files} in the Beebox. ALL languages stop.",
        "Cannot be undone. The effect shows after the Beebox's next automatic run.",
    ),
}


@dataclass(frozen=True, slots=True)
class Offers:
    """What the actions would do to one item; each member bears the name of its action."""

    download: Offer
    other: Offer
    retry: Offer
    cancel: Offer

    def of(self, action: Action) -> Offer:
        """Return what one action would do."""
        found: Offer = getattr(self, action.value)
        return found


_NO_OTHER = Refused("there is only one deliverable", "d downloads it")
# made once, since they are asked for by the hundred thousand
_POSSIBLE = Allowed()
_PRELIMINARY = Allowed("a preliminary file: not the final translation")
_NO_PRELIMINARY = Refused("the Beebox has no preliminary file of it")
_ALL_ANEW = Allowed("needs the source file; ALL languages of it start anew")
_ALL_STOP = Allowed("deletes the source file and its instructions; ALL languages of it stop")
_NOT_LISTED = Refused("the Beebox no longer lists it")


_FORBIDS: Final[Mapping[ReadOnly, tuple[str, str]]] = {
    ReadOnly.STARTED: ("wbtui was started with --read-only", "start it without --read-only"),
    ReadOnly.WRITTEN: (
        "this profile is read-only",
        "take read_only = true out of its part of the configuration, or use another profile",
    ),
    ReadOnly.PROD: (
        "a profile named prod is read-only",
        "write read_only = false into its part of the configuration, or use another profile",
    ),
}
"""What forbids a change, and how it is lifted."""


@cache
def read_only_refusal(read_only: ReadOnly) -> Refused:
    """Return the refusal that names all that forbids changes, not only the first of it."""
    found = [_FORBIDS[each] for each in read_only]
    return Refused(" and ".join(why for why, _ in found), " and ".join(how for _, how in found))


def offers(item: Item, *, read_only: ReadOnly) -> Offers:
    """Return what may be done with the item now."""
    if isinstance(item, Operation):
        found = _operation(item)
    elif isinstance(item, BeeboxFile):
        found = _beebox(item)
    elif isinstance(item, InstantRequest):
        found = _instant(item)
    else:
        found = _flex(item)
    if not read_only:
        return found
    refusal = read_only_refusal(read_only)
    retry, cancel = (refusal if isinstance(o, Allowed) else o for o in (found.retry, found.cancel))
    return Offers(found.download, found.other, retry, cancel)


def _operation(item: Operation) -> Offers:
    return Offers(
        download=_operation_file(item),
        other=_NO_OTHER,
        retry=_operation_again(item),
        cancel=Refused("the API has no cancel for operations", "x stops watching it here"),
    )


def _operation_file(item: Operation) -> Offer:
    if item.reading.file_token and item.known:
        return Allowed()
    if item.state in {State.WAITING, State.RUNNING, State.UNKNOWN}:
        return Refused("it has not finished", "it can be downloaded when its state is Ready")
    if item.state is State.FAILED:
        return Refused("it failed: there is no result", "T tries again where the request is known")
    if item.state is State.REMOVED:
        return Refused(
            "the server no longer knows this operation", "send the request again where it came from"
        )
    return Refused("it finished without a file", "")


def _operation_again(item: Operation) -> Offer:
    if item.state not in {State.FAILED, State.PARTIAL}:
        return Refused("only what failed can be tried again", "")
    if item.kind == FLEX_QUERY:
        return Allowed("asks Flex again")
    if item.request is None:
        return Refused(
            "wbtui does not know its request, and the API cannot repeat it",
            "send it again where it came from, or record it with wbtui track --request",
        )
    if item.request.path.rstrip("/").endswith("/workflows/new"):
        return Allowed("only the failed files are sent; a second set of jobs can arise")
    return Allowed(f"sends {item.request.method} {item.request.path} again as a new operation")


def _beebox(item: BeeboxFile) -> Offers:
    return Offers(
        download=_POSSIBLE if item.state is State.READY else Refused(_beebox_not_ready(item)),
        other=_NO_PRELIMINARY if item.preliminary_at is None else _PRELIMINARY,
        retry=_ALL_ANEW,
        cancel=_NOT_LISTED if item.state is State.REMOVED else _ALL_STOP,
    )


def _beebox_not_ready(item: BeeboxFile) -> str:
    if item.state is State.DONE:
        return "it is translated, but the Beebox has not built the file yet"
    if item.state is State.FAILED:
        return "it failed: there is no deliverable"
    if item.state in {State.CANCELLED, State.REMOVED}:
        return "it was cancelled or removed"
    return "it is not ready yet"


def _instant(item: InstantRequest) -> Offers:
    download: Offer = Allowed()
    if not item.ready or item.state is State.REMOVED:
        download = Refused(_instant_not_ready(item), "")
    other: Offer = Allowed()
    if item.post_edit is None:
        other = Refused("no post-edit was asked for", "")
    elif not item.post_edit_ready:
        other = Refused(f"the post-edit is not ready: {item.post_edit or 'no word from the server'}", "")
    retry: Offer = Refused("only what failed or was removed can be submitted again", "")
    if item.state in {State.FAILED, State.REMOVED}:
        retry = Allowed("needs the file; makes a new request with a new id")
    instead = (
        "o opens its page, x hides it here" if item.post_edit_url else "x hides it here; cancel on the web"
    )
    return Offers(download, other, retry, Refused("the API has no cancel for IT requests", instead))


def _instant_not_ready(item: InstantRequest) -> str:
    if item.state is State.FAILED:
        return "the translation failed; the server gives no reason"
    if item.state is State.REMOVED:
        return "it was removed from the server"
    return "it is not ready yet"


def _flex(item: FlexComponent) -> Offers:
    warning = "" if item.state is State.READY else "this language is not complete by the metric in force"
    return Offers(
        download=Allowed(warning),
        other=_NO_OTHER,
        retry=Refused(
            "only a failed query or pull can be run again",
            "r asks Flex again, and T on the failed one in tab 1",
        ),
        cancel=Refused("the API has no cancel for Flex queries", "x on the query in tab 1 stops watching it"),
    )
