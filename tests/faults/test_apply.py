"""Faults are pure and seeded, and each has an effect."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import islice

import pytest

from tests.faults.apply import FaultOutcome, applied
from tests.faults.fault_plan import drawn
from tests.faults.kinds import FAULTS, Fault, Kind
from wbtui.simulator.http_messages import json_reply

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REPLY = json_reply({"total": 2, "items": [{"id": 1, "name": "a.docx", "done": True}, {"id": 2, "name": "b"}]})


def wire(outcome: FaultOutcome) -> tuple[object, ...]:
    return (outcome, list(islice(outcome.pieces(), 3)))


@pytest.mark.parametrize("name", FAULTS)
def test_equal_faults_do_the_same_to_equal_answers_and_leave_none_as_it_was(name: str) -> None:
    fault = FAULTS[name]
    once, again = applied(fault, REPLY, NOON), applied(fault, REPLY, NOON)
    assert wire(once) == wire(again)
    assert wire(once) != wire(applied(None, REPLY, NOON))


def test_each_kind_has_a_fault_that_names_it() -> None:
    assert {fault.kind for fault in FAULTS.values()} == set(Kind)


def test_another_seed_damages_other_bytes() -> None:
    bodies = {applied(Fault(Kind.GARBLE, size=3, seed=seed), REPLY).reply.body for seed in range(20)}
    assert len(bodies) == 20


def test_the_length_that_is_announced_is_that_of_the_body_until_it_is_cut() -> None:
    whole = applied(None, REPLY)
    assert b"".join(whole.pieces()) == REPLY.body
    assert whole.length == len(REPLY.body)
    cut = applied(Fault(Kind.CUT, size=3), REPLY)
    assert (cut.length, b"".join(cut.pieces())) == (len(REPLY.body), REPLY.body[:3])


def test_doubled_records_are_the_same_records() -> None:
    value = json.loads(applied(FAULTS["listed twice"], REPLY).reply.body)
    assert [item["id"] for item in value["items"]] == [1, 1, 2, 2]


def test_weather_is_drawn_from_its_seed_and_read_without_memory() -> None:
    plan = drawn(7, 7200.0)
    assert plan == drawn(7, 7200.0) != drawn(8, 7200.0)
    assert {spell.service for spell in plan.periods} == {"translator", "beebox", "instant"}
    middle = [(s.service, (s.begin + s.end) / 2) for s in plan.periods if s.share == 1.0]
    assert middle
    for service, seconds in middle:
        assert plan.at(service, seconds, 5) == plan.at(service, seconds, 5) is not None
    assert all(spell.end <= 7200.0 for spell in plan.periods)
