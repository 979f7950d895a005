"""How readings join what is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes import NOON
from tests.items import beebox_file, flex_component, instant_request, operation
from wbtui.domain.merge import (
    FlexSide,
    as_read,
    flex_cells,
    left_behind,
    merge_listed,
    merge_operation,
    removed_file,
    removed_request,
    same_but_times,
    unknown_operation,
)
from wbtui.domain.model import FINISHED, Action, FileOutcome, OperationReading, State
from wbtui.domain.ports import FlexAnswer, FlexRow
from wbtui.domain.read_times import ReadTimes

LATER = NOON + timedelta(minutes=5)
EARLIER = NOON - timedelta(minutes=5)


@pytest.mark.parametrize("end", sorted(FINISHED - {State.REMOVED}))
@pytest.mark.parametrize("late", [State.WAITING, State.RUNNING, State.READY, State.FAILED])
def test_a_finished_operation_is_not_taken_back_by_a_late_answer(end: State, late: State) -> None:
    done = operation(state=end)
    assert merge_operation(done, OperationReading(late), LATER) is done


def test_an_operation_remembers_when_it_was_first_seen_executing() -> None:
    seen = merge_operation(operation(), OperationReading(State.RUNNING), NOON)
    again = merge_operation(seen, OperationReading(State.RUNNING), LATER)
    assert (again.started_at, again.changed_at, again.seen_at, again.looks) == (NOON, NOON, LATER, 2)


def test_an_operation_that_ends_has_a_time_of_its_end() -> None:
    done = merge_operation(operation(), OperationReading(State.READY), NOON)
    assert (done.finished_at, done.changed_at, done.state) == (NOON, NOON, State.READY)


def test_the_key_stays_whatever_id_the_answer_carries() -> None:
    done = merge_operation(operation(5001), OperationReading(State.DONE, request_id=0), NOON)
    assert (done.key, done.request_id) == ("op:5001", 5001)


def test_an_unknown_word_does_not_count_as_finished() -> None:
    strange = merge_operation(operation(), OperationReading(State.UNKNOWN, status="Paused"), NOON)
    assert strange.finished_at is None
    assert merge_operation(strange, OperationReading(State.DONE), LATER).state is State.DONE


def test_an_operation_that_the_server_does_not_know_is_removed_but_keeps_its_last_word() -> None:
    gone = unknown_operation(operation(state=State.RUNNING, status="Executing"), NOON)
    assert (gone.state, gone.reading.status, gone.finished_at) == (State.REMOVED, "Executing", NOON)
    done = operation(state=State.DONE)
    assert unknown_operation(done, NOON) is done


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (beebox_file(), beebox_file(seen_at=LATER, source_age=7.0)),
        (beebox_file(source_age=3.0), beebox_file(seen_at=LATER, source_age=3.0)),
        (beebox_file(), beebox_file(seen_at=LATER, words=12, source_age=7.0)),
        (instant_request(), instant_request(seen_at=LATER, words=5)),
        (flex_component(), flex_component(seen_at=LATER, segments=9)),
    ],
)
def test_the_time_of_change_stays_while_the_state_does(old: Any, new: Any) -> None:
    merged = merge_listed(merge_listed(None, old), new)
    assert merged.changed_at == NOON
    assert merged.seen_at == LATER


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (beebox_file(), beebox_file(seen_at=LATER)),
        (beebox_file(source_age=3.0, made_age=9.0), beebox_file(source_age=4.0, made_age=8.0)),
        (instant_request(), instant_request(seen_at=LATER)),
        (flex_component(), flex_component(seen_at=LATER)),
    ],
)
def test_what_a_reading_finds_unchanged_stays_the_same_unless_renewed(old: Any, new: Any) -> None:
    known = merge_listed(None, old)
    assert merge_listed(known, new) is known
    assert merge_listed(known, new, renew=True) == replace(new, changed_at=known.changed_at)


def test_ages_that_grew_with_the_time_are_no_change() -> None:
    minutes = (LATER - NOON).total_seconds() / 60
    known = merge_listed(None, beebox_file(source_age=3.0, asked=Action.RETRY, asked_at=NOON))
    for rounded in (-1.0, 0.0, 1.0):
        assert merge_listed(known, beebox_file(seen_at=LATER, source_age=3.0 + minutes + rounded)) is known
    saved_again = beebox_file(seen_at=LATER, source_age=0.0)
    assert merge_listed(known, saved_again).source_age == 0.0
    exported: Any = as_read(known, ReadTimes(lists={known.listed_in: LATER}))
    assert (exported.seen_at, exported.source_age) == (LATER, 3.0 + minutes)


def test_an_item_that_its_list_lacked_was_not_read_with_it() -> None:
    known = beebox_file()
    assert ReadTimes(lists={known.listed_in: LATER}).of(known) == LATER
    assert ReadTimes(lists={known.listed_in: LATER}, missed=frozenset({known.key})).of(known) == NOON


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (beebox_file(), beebox_file(seen_at=LATER, state=State.READY, status=1)),
        (beebox_file(), beebox_file(seen_at=LATER, error="No text found")),
        (beebox_file(), beebox_file(seen_at=LATER, made_at=NOON)),
        (beebox_file(), beebox_file(seen_at=LATER, preliminary_at=NOON)),
        (instant_request(), instant_request(seen_at=LATER, ready=True)),
        (instant_request(), instant_request(seen_at=LATER, post_edit="Asked")),
        (flex_component(), flex_component(seen_at=LATER, state=State.RUNNING)),
    ],
)
def test_a_change_has_the_time_of_the_reading_that_brought_it(old: Any, new: Any) -> None:
    merged = merge_listed(merge_listed(None, old), new)
    assert merged.changed_at == LATER


def test_an_older_answer_is_ignored() -> None:
    known = merge_listed(None, beebox_file(state=State.READY))
    assert merge_listed(known, beebox_file(seen_at=EARLIER)) is known


def test_merging_twice_is_merging_once() -> None:
    once = merge_listed(merge_listed(None, beebox_file()), beebox_file(seen_at=LATER, state=State.READY))
    assert merge_listed(once, replace(once, changed_at=None)) == once


def test_what_does_not_come_back_is_removed_once() -> None:
    gone = removed_request(instant_request(ready=True, post_edit_ready=True), LATER)
    assert (gone.state, gone.ready, gone.post_edit_ready, gone.changed_at) == (
        State.REMOVED,
        False,
        False,
        LATER,
    )
    assert removed_request(gone, LATER) is gone
    file = removed_file(beebox_file(), LATER)
    assert file.state is State.REMOVED
    assert removed_file(file, LATER) is file


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (beebox_file(), beebox_file(seen_at=LATER, source_age=3.0, made_age=1.0), True),
        (beebox_file(), beebox_file(words=3), False),
        (instant_request(), instant_request(seen_at=LATER), True),
        (instant_request(), instant_request(segments=3), False),
        (flex_component(), flex_component(seen_at=LATER), True),
        (flex_component(), flex_component(matching=1), False),
        (operation(), operation(), True),
        (operation(), operation(looks=1), False),
    ],
)
def test_times_of_sight_and_ages_alone_are_no_change(old: object, new: object, same: bool) -> None:
    assert same_but_times(old, new) is same


ANSWER = FlexAnswer((FlexRow("app.login", 8, {"fr": 8, "de": 6}), FlexRow("app.cart", 31, {"fr": None})))


def test_an_answer_becomes_one_item_per_component_and_locale() -> None:
    cells = flex_cells(FlexSide("1000", State.READY, NOON), ANSWER)
    assert [(c.key, c.matching, c.state) for c in cells] == [
        ("fx:1000:fr:app.login", 8, State.READY),
        ("fx:1000:de:app.login", 6, State.READY),
        ("fx:1000:fr:app.cart", None, State.READY),
    ]


def test_a_side_replaces_what_it_said_before_and_leaves_the_other_side_and_document() -> None:
    stale = flex_component("app.old")
    other_side = flex_component("app.open", state=State.RUNNING)
    elsewhere = replace(flex_component("app.else"), document="2000")
    side = FlexSide("1000", State.READY, LATER)
    answered = {cell.key for cell in flex_cells(side, ANSWER)}
    assert left_behind((stale, other_side, elsewhere), side, answered) == [stale.key]


def test_a_component_that_was_completed_moves_to_the_other_side() -> None:
    was_open = merge_listed(None, flex_component("app.login", state=State.RUNNING))
    side = FlexSide("1000", State.READY, LATER)
    [cell] = [cell for cell in flex_cells(side, ANSWER) if cell.key == was_open.key]
    merged = merge_listed(was_open, cell)
    assert (merged.state, merged.changed_at) == (State.READY, LATER)
    assert left_behind([was_open], side, {was_open.key}) == []


@pytest.mark.parametrize(
    ("reading", "kind"),
    [
        (OperationReading(State.PARTIAL, files=(FileOutcome("a.htm", False),)), "Upload"),
        (OperationReading(State.READY, file_token="f", counts={"segments": 10}), "Export"),
        (OperationReading(State.READY, file_token="f", counts={"count": 3}), "Archive"),
        (OperationReading(State.READY, file_token="f", counts={"components": 3}), "Flex query"),
        (OperationReading(State.DONE, counts={"segments": 10}), ""),
        (OperationReading(State.RUNNING), ""),
    ],
)
def test_the_kind_of_an_operation_shows_in_its_result(reading: OperationReading, kind: str) -> None:
    assert merge_operation(operation(), reading, NOON).kind == kind
    assert merge_operation(operation(kind="Mine"), reading, NOON).kind == "Mine"
