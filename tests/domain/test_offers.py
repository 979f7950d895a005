"""What may be done with an item: the table of the design, cell by cell."""

from __future__ import annotations

import pytest

from tests.fakes import NOON
from tests.items import beebox_file, flex_component, instant_request, operation
from wbtui.domain.model import FINISHED, Item, RequestRecord, State
from wbtui.domain.offers import Allowed, Refused, offers, read_only_refusal
from wbtui.domain.snapshot import ReadOnly

EXPORT = RequestRecord("POST", "/resources/segments/view/export", "{}")
UPLOAD = RequestRecord("POST", "/projects/165/workflows/new", "{}")


@pytest.mark.parametrize(
    ("item", "action", "words"),
    [
        (operation(state=State.READY, file_token="f00"), "download", None),
        (operation(state=State.RUNNING), "download", "has not finished"),
        (operation(state=State.WAITING), "download", "has not finished"),
        (operation(state=State.UNKNOWN), "download", "has not finished"),
        (operation(state=State.FAILED), "download", "no result"),
        (operation(state=State.DONE), "download", "without a file"),
        (operation(state=State.READY, file_token="f00", known=False), "download", "no longer knows"),
        (operation(), "other", "only one deliverable"),
        (operation(state=State.RUNNING), "retry", "only what failed"),
        (operation(state=State.FAILED), "retry", "does not know its request"),
        (operation(state=State.FAILED, request=EXPORT), "retry", None),
        (operation(state=State.PARTIAL, request=UPLOAD), "retry", None),
        (operation(state=State.RUNNING), "cancel", "no cancel for operations"),
        (beebox_file(state=State.READY), "download", None),
        (beebox_file(state=State.DONE), "download", "not built"),
        (beebox_file(state=State.RUNNING), "download", "not ready"),
        (beebox_file(state=State.FAILED), "download", "no deliverable"),
        (beebox_file(state=State.CANCELLED), "download", "cancelled or removed"),
        (beebox_file(), "other", "no preliminary"),
        (beebox_file(preliminary_at=NOON), "other", None),
        (beebox_file(), "retry", None),
        (beebox_file(), "cancel", None),
        (beebox_file(state=State.REMOVED), "cancel", "no longer lists"),
        (instant_request(ready=True, state=State.READY), "download", None),
        (instant_request(), "download", "not ready"),
        (instant_request(state=State.FAILED), "download", "gives no reason"),
        (instant_request(state=State.REMOVED), "download", "removed from the server"),
        (instant_request(), "other", "no post-edit was asked"),
        (instant_request(post_edit="In progress"), "other", "In progress"),
        (instant_request(post_edit="", post_edit_ready=False), "other", "no word"),
        (instant_request(post_edit="Done", post_edit_ready=True), "other", None),
        (instant_request(), "retry", "only what failed"),
        (instant_request(state=State.FAILED), "retry", None),
        (instant_request(state=State.REMOVED), "retry", None),
        (instant_request(), "cancel", "no cancel for IT"),
        (flex_component(), "download", None),
        (flex_component(), "other", "only one"),
        (flex_component(), "retry", "only a failed query"),
        (flex_component(), "cancel", "no cancel for Flex"),
    ],
)
def test_each_cell_of_the_table(item: Item, action: str, words: str | None) -> None:
    offer = getattr(offers(item, read_only=ReadOnly.NO), action)
    if words is None:
        assert isinstance(offer, Allowed)
    else:
        assert isinstance(offer, Refused)
        assert words in offer.reason


@pytest.mark.parametrize(
    ("item", "action", "words"),
    [
        (beebox_file(), "retry", "ALL languages"),
        (beebox_file(), "cancel", "ALL languages"),
        (operation(state=State.PARTIAL, request=UPLOAD), "retry", "second set of jobs"),
        (operation(state=State.FAILED, request=EXPORT), "retry", "POST /resources/segments/view/export"),
        (flex_component(state=State.RUNNING), "download", "not complete"),
        (beebox_file(preliminary_at=NOON), "other", "not the final"),
    ],
)
def test_what_else_an_action_touches_is_said(item: Item, action: str, words: str) -> None:
    offer = getattr(offers(item, read_only=ReadOnly.NO), action)
    assert isinstance(offer, Allowed)
    assert words in offer.warning


@pytest.mark.parametrize("item", [operation(state=State.FAILED, request=EXPORT), beebox_file()])
def test_read_only_refuses_what_changes_something_on_a_server(item: Item) -> None:
    found = offers(item, read_only=ReadOnly.WRITTEN)
    assert found.retry == read_only_refusal(ReadOnly.WRITTEN)
    assert isinstance(found.cancel, Refused)


def test_read_only_leaves_downloads_and_truer_refusals_alone() -> None:
    found = offers(beebox_file(state=State.REMOVED), read_only=ReadOnly.WRITTEN)
    assert isinstance(found.cancel, Refused)
    assert found.cancel != read_only_refusal(ReadOnly.WRITTEN)
    assert isinstance(offers(beebox_file(state=State.READY), read_only=ReadOnly.WRITTEN).download, Allowed)


@pytest.mark.parametrize(
    ("read_only", "reason", "instead"),
    [
        (ReadOnly.STARTED, "started with --read-only", "start it without --read-only"),
        (ReadOnly.WRITTEN, "this profile is read-only", "take read_only = true out"),
        (ReadOnly.PROD, "named prod", "write read_only = false"),
    ],
)
def test_the_advice_names_what_really_forbids_it(read_only: ReadOnly, reason: str, instead: str) -> None:
    alone = read_only_refusal(read_only)
    assert reason in alone.reason
    assert instead in alone.instead
    others = [words for each in ReadOnly if each is not read_only for words in [read_only_refusal(each)]]
    assert all(other.instead not in alone.instead for other in others)
    together = read_only_refusal(ReadOnly.STARTED | read_only)
    assert reason in together.reason
    assert "without --read-only" in together.instead
    assert instead in together.instead


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("make", [operation, beebox_file, instant_request, flex_component])
def test_every_refusal_has_a_reason(make: object, state: State) -> None:
    found = offers(make(state=state), read_only=ReadOnly.NO)  # type: ignore[operator]
    for offer in (found.download, found.other, found.retry, found.cancel):
        assert isinstance(offer, Allowed) or offer.reason


@pytest.mark.parametrize("state", sorted(set(State) - FINISHED))
@pytest.mark.parametrize("make", [operation, instant_request])
def test_what_still_runs_is_not_tried_again(make: object, state: State) -> None:
    item = make(state=state)  # type: ignore[operator]
    assert isinstance(offers(item, read_only=ReadOnly.NO).retry, Refused)
