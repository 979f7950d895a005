"""What is still to come of an item, and the words when it has come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.items import beebox_file, flex_component, instant_request, operation
from wbtui.domain.model import POST_EDIT, RESULT, Item, State
from wbtui.domain.notices import came

EDITED = instant_request(state=State.READY, ready=True, post_edit="In progress")


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (operation(1, State.WAITING), RESULT),
        (operation(1, State.UNKNOWN), RESULT),
        (operation(1, State.DONE), ""),
        (operation(1, State.FAILED), ""),
        (beebox_file(state=State.RUNNING), RESULT),
        (beebox_file(state=State.DONE, status=7), RESULT),
        (beebox_file(state=State.READY, status=1), ""),
        (beebox_file(state=State.CANCELLED, status=10), ""),
        (instant_request(state=State.RUNNING), RESULT),
        (EDITED, POST_EDIT),
        (replace(EDITED, post_edit_ready=True), ""),
        (replace(EDITED, state=State.REMOVED), ""),
        (instant_request(state=State.READY, ready=True), ""),
        (flex_component(state=State.RUNNING), RESULT),
        (flex_component(state=State.READY), ""),
    ],
)
def test_what_is_still_to_come(item: Item, expected: str) -> None:
    assert item.awaited == expected


@pytest.mark.parametrize(
    "state", [s for s in State if s not in {State.WAITING, State.RUNNING, State.UNKNOWN}]
)
def test_there_are_words_for_every_end(state: State) -> None:
    for item in (operation(1, state), beebox_file(state=state), instant_request(state=state)):
        assert came(item, RESULT)


@pytest.mark.parametrize(
    ("item", "waited", "words"),
    [
        (operation(5001, State.FAILED, status_info="locked"), RESULT, "failed: locked"),
        (EDITED, RESULT, "is ready"),
        (replace(EDITED, post_edit_ready=True), POST_EDIT, "the post-edit of"),
        (replace(EDITED, state=State.REMOVED), POST_EDIT, "no longer known"),
        (flex_component(state=State.READY), RESULT, "app.login (fr) is complete"),
    ],
)
def test_what_became_of_it_is_said(item: Item, waited: str, words: str) -> None:
    assert words in came(item, waited)
