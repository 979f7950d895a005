"""Merging readings: what is final stays final, what is newer wins in any order, twice is as good as once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import NOON
from tests.items import beebox_file, instant_request, operation
from wbtui.domain.merge import (
    FlexSide,
    as_read,
    flex_cells,
    left_behind,
    merge_listed,
    merge_operation,
    same_but_times,
    unknown_operation,
)
from wbtui.domain.model import (
    FINISHED,
    Action,
    BeeboxFile,
    FlexComponent,
    ItemKey,
    Operation,
    OperationReading,
    State,
)
from wbtui.domain.ports import FlexAnswer, FlexRow
from wbtui.domain.read_times import ReadTimes

READINGS = st.builds(
    OperationReading,
    st.sampled_from(sorted(State)),
    status_info=st.sampled_from(["", "broken"]),
    file_token=st.sampled_from(["", "token"]),
    counts=st.sampled_from([{}, {"count": 3}, {"segments": 8}]),
)
WORDS = READINGS | st.none()
"""An answer, or None for "I do not know this id"."""
STATES = st.sampled_from([State.WAITING, State.RUNNING, State.READY, State.DONE, State.FAILED, State.UNKNOWN])


def taken(known: Operation, word: OperationReading | None, minute: int) -> Operation:
    now = NOON + timedelta(minutes=minute)
    return unknown_operation(known, now) if word is None else merge_operation(known, word, now)


def without_looks(one: Operation) -> Operation:
    return replace(one, looks=0)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=8))
def test_an_operation_only_goes_forward(words: list[OperationReading | None]) -> None:
    known = operation()
    for minute, word in enumerate(words):
        after = taken(known, word, minute)
        if known.state in FINISHED:
            assert after is known
        assert (known.seen_at or NOON) <= (after.seen_at or NOON)
        assert known.started_at is None or after.started_at == known.started_at
        assert (after.finished_at is not None) == (after.state in FINISHED)
        assert after.key == known.key
        known = after


@settings(deadline=None)
@given(st.lists(WORDS, max_size=5), WORDS)
def test_an_answer_that_is_taken_in_twice_counts_once(
    before: list[OperationReading | None], word: OperationReading | None
) -> None:
    known = operation()
    for minute, each in enumerate(before):
        known = taken(known, each, minute)
    once = taken(known, word, 9)
    assert without_looks(taken(once, word, 9)) == without_looks(once)


LISTED = st.one_of(
    st.lists(
        st.builds(
            beebox_file,
            state=STATES,
            status=st.integers(0, 3),
            error=st.sampled_from(["", "bad"]),
            words=st.integers(0, 2),
        ),
        min_size=1,
        max_size=5,
    ),
    st.lists(
        st.builds(instant_request, state=STATES, ready=st.booleans(), words=st.integers(0, 2)),
        min_size=1,
        max_size=5,
    ),
)


def read(items: list[Any], order: list[int], *, renew: bool = False) -> Any:
    """Take in each item as read in its minute, but in another order."""
    known = None
    for minute in order:
        item = replace(items[minute], seen_at=NOON + timedelta(minutes=minute))
        known = merge_listed(known, item, renew=renew)
    return known


@settings(deadline=None)
@given(LISTED, st.data())
def test_the_newest_reading_wins_in_whatever_order_they_come(items: list[Any], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(items))))
    shown, in_order = (read(items, each, renew=True) for each in (order, list(range(len(items)))))
    assert same_but_times(replace(shown, changed_at=None), replace(in_order, changed_at=None))
    assert shown.seen_at == NOON + timedelta(minutes=len(items) - 1)
    assert shown.changed_at <= shown.seen_at


@settings(deadline=None)
@given(LISTED)
def test_an_item_that_is_kept_says_what_a_renewed_one_says(items: list[Any]) -> None:
    order = list(range(len(items)))
    kept, renewed = (read(items, order, renew=each) for each in (False, True))
    assert same_but_times(kept, renewed)
    assert as_read(kept, ReadTimes(single={kept.key: renewed.seen_at})) == renewed
    again = replace(items[-1], seen_at=renewed.seen_at + timedelta(minutes=1))
    assert merge_listed(kept, again) is kept


@settings(deadline=None)
@given(LISTED, st.booleans())
def test_a_record_that_is_read_twice_counts_once(items: list[Any], asked: bool) -> None:
    known = read(items, list(range(len(items))))
    if asked and isinstance(known, BeeboxFile):
        known = replace(known, asked=Action.CANCEL, asked_at=NOON)
    unasked = {"asked": None, "asked_at": None} if isinstance(known, BeeboxFile) else {}
    again = merge_listed(known, replace(known, changed_at=None, **unasked))
    assert again == known


SIDES = st.dictionaries(st.sampled_from("abc"), st.frozensets(st.sampled_from(["fr", "de"])), max_size=3)


def side(state: State, minute: int) -> FlexSide:
    return FlexSide("1000", state, NOON + timedelta(minutes=minute))


def put(
    known: dict[ItemKey, FlexComponent], at: FlexSide, answer: dict[str, frozenset[str]]
) -> dict[ItemKey, FlexComponent]:
    rows = tuple(FlexRow(name, 3, dict.fromkeys(sorted(locales), 3)) for name, locales in answer.items())
    fresh = {cell.key: merge_listed(known.get(cell.key), cell) for cell in flex_cells(at, FlexAnswer(rows))}
    gone = left_behind(known.values(), at, fresh)
    return {key: cell for key, cell in {**known, **fresh}.items() if key not in gone}


@settings(deadline=None)
@given(st.lists(st.tuples(SIDES, st.booleans()), max_size=6))
def test_after_an_answer_its_side_is_what_it_says(
    answers: list[tuple[dict[str, frozenset[str]], bool]],
) -> None:
    known: dict[ItemKey, FlexComponent] = {}
    for minute, (answer, complete) in enumerate(answers):
        at = side(State.READY if complete else State.RUNNING, minute)
        known = put(known, at, answer)
        there = {(cell.component, cell.locale) for cell in known.values() if cell.state is at.state}
        assert there == {(name, locale) for name, locales in answer.items() for locale in locales}
        assert put(known, at, answer) == known


@settings(deadline=None)
@given(SIDES, SIDES)
def test_a_late_answer_takes_nothing_from_a_newer_one(
    old: dict[str, frozenset[str]], new: dict[str, frozenset[str]]
) -> None:
    newer = put({}, side(State.RUNNING, 5), new)
    late = put(newer, side(State.READY, 1), old)
    assert {key: late[key] for key in newer} == newer
