"""Which changes `status --watch` tells in words."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from tests.fakes import NOON
from tests.items import beebox_file, instant_request, operation
from wbtui.cli.news import ServiceNews, in_words, news, sentences
from wbtui.cli.status import table
from wbtui.domain.model import FLEX_QUERY, Operation, Service, State
from wbtui.domain.snapshot import Health, HealthWord, Part, Snapshot

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


def test_a_half_read_list_is_told_as_one_in_sentences_table_and_json_and_not_by_each_step() -> None:
    files = (beebox_file(), beebox_file(locale="de"))
    half = Health(HealthWord.CONNECTING, part=Part(2, 40_000))
    read = replace(EMPTY, beebox=files, health={**EMPTY.health, Service.BEEBOX: half})
    sentence = "Beebox: connecting: reading: 2 of 40 000; 2 items so far, 2 open"
    assert sentence in list(sentences(read))
    found = list(news(EMPTY, read))
    assert sentence in [text for _, text in in_words(found)]
    shape = next(one.to_json() for one in found if isinstance(one, ServiceNews))
    assert shape["partial"] == {"read": 2, "total": 40_000, "what": "", "why": ""}
    assert "Beebox      connecting  2 items so far, 2 open  reading: 2 of 40 000" in table(read)
    later = replace(half, part=Part(500, 40_000))
    assert not list(news(read, replace(read, health={**read.health, Service.BEEBOX: later})))
    ended = list(in_words(news(read, replace(read, health=EMPTY.health))))
    assert [text for _, text in ended] == ["Beebox: ok; 2 items, 2 open"]
