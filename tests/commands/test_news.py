"""Which changes `status --watch` tells in words."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from tests.fakes import NOON
from tests.items import instant_request, operation
from wbtui.commands.news import in_words, news
from wbtui.model import FLEX_QUERY, Health, HealthWord, Operation, Service, Snapshot, State

EMPTY = Snapshot("acme", NOON, health=dict.fromkeys(Service, Health(HealthWord.OK)))


def words(before: tuple[Operation, ...], after: tuple[Operation, ...]) -> list[str]:
    steps = replace(EMPTY, operations=before), replace(EMPTY, operations=after)
    return [text for _, text in in_words(news(*steps))]


def test_an_operation_that_comes_changes_or_goes_is_told() -> None:
    waiting, ready = operation(), operation(state=State.READY)
    assert words((), (waiting,)) == ["Operations: Operation 5001 is waiting (new)"]
    assert words((waiting,), (ready,)) == ["Operations: Operation 5001 is ready"]
    assert words((ready,), ()) == ["Operations: Operation 5001 left the list"]


def test_of_its_own_queries_it_tells_only_those_that_do_not_go_well() -> None:
    going = [operation(state=state, kind=FLEX_QUERY) for state in (State.WAITING, State.RUNNING, State.READY)]
    steps = [(), *((one,) for one in going), ()]
    assert [words(*pair) for pair in pairwise(steps)] == [[]] * 4
    lost = operation(state=State.REMOVED, kind=FLEX_QUERY)
    assert words((going[0],), (lost,)) == ["Operations: Flex query 5001 is no longer known to the server"]


def test_many_new_items_are_told_by_their_number() -> None:
    requests = tuple(instant_request(number) for number in range(11))
    [(_, text)] = in_words(news(EMPTY, replace(EMPTY, instant=requests)))
    assert text == "Instant: 11 new items: 11 in progress"
