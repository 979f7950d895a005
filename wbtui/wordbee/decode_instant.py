"""Instant Translation: requests and their post-edits.

Source: UserAPI/pages/709110 API - IT - List Requests.
"""

from __future__ import annotations

from datetime import datetime

from wbtui.domain.errors import BadAnswer
from wbtui.domain.model import InstantRequest, State, instant_key
from wbtui.domain.ports import InstantList
from wbtui.domain.sanitize import safe
from wbtui.wordbee.wire import Node, load
from wbtui.wordbee.wiredates import read_date

_STATES = {
    "waiting": State.WAITING,
    "executing": State.RUNNING,
    "finished": State.DONE,
    "success": State.DONE,
    "failed": State.FAILED,
}
_COUNTS = ("segs", "words", "chars", "wordsMT", "wordsTM100", "wordsTM110", "wordsTMFuzzy")
_PAGE_LIMIT = 2048


def decode_requests(body: bytes, seen_at: datetime) -> InstantList:
    """Return the requests of an answer; one without an id is left out.

    Raises `BadAnswer` if there is no list of requests, or nothing in it can be read.
    """
    answer = load(body)
    records = answer.get("requests") if answer.is_object else answer
    if not records.is_array:
        raise BadAnswer("the answer holds no list of requests")
    received = records.items()
    found = [_request(record, seen_at) for record in received]
    requests = tuple(request for request in found if request is not None)
    if received and not requests:
        raise BadAnswer("the answer holds requests, but none that can be read")
    return InstantList(requests, whole=len(requests) == len(received), received=len(received))


def _request(record: Node, seen_at: datetime) -> InstantRequest | None:
    request_id = record.get("id").count()
    if request_id is None:
        return None
    ready = record.get("ready").boolean() is True
    status = record.get("status").text(60)
    counts = _counts(record, ready=ready)
    memory = [counts[name] for name in _COUNTS[4:]]
    post_edit = record.get("pe_status").text() or None
    return InstantRequest(
        key=instant_key(request_id),
        request_id=request_id,
        name=record.get("fname").text(),
        state=_state(status, ready=ready),
        status=status,
        ready=ready,
        source=record.get("src").text(60),
        target=record.get("trg").text(60),
        source_title=record.get("srct").text(120),
        target_title=record.get("trgt").text(120),
        sent_at=read_date(record.get("dt").value, utc=True),
        segments=counts["segs"],
        words=counts["words"],
        characters=counts["chars"],
        words_machine=counts["wordsMT"],
        words_memory=None if memory == [None, None, None] else sum(words or 0 for words in memory),
        words_identical=counts["wordsTM100"],
        words_context=counts["wordsTM110"],
        words_fuzzy=counts["wordsTMFuzzy"],
        post_edit=post_edit,
        post_edit_ready=post_edit is not None and record.get("pe_ready").boolean() is True,
        post_edit_url=_page(record.get("pe_url").raw()) if post_edit else "",
        post_edit_order=record.get("pe_orderid").text(60),
        seen_at=seen_at,
    )


def _state(status: str, *, ready: bool) -> State:
    """Return READY only where the server says `ready`; a finished request can still lack its file."""
    state = _STATES.get(status.strip().lower(), State.UNKNOWN)
    return State.READY if ready and state is not State.FAILED else state


def _counts(record: Node, *, ready: bool) -> dict[str, int | None]:
    """Return the counts; before the server counted they come as 0, null or not at all, which is None."""
    counts = {name: record.get(name).count() for name in _COUNTS}
    if ready or any(counts.values()):
        return counts
    return dict.fromkeys(_COUNTS)


def _page(address: str) -> str:
    """Return the address of a web page, or nothing if it is none that a browser may be given."""
    usable = address.lower().startswith(("https://", "http://")) and not any(map(str.isspace, address))
    return address if usable and address == safe(address, _PAGE_LIMIT) else ""
