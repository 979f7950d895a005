"""After hours of faults, user actions, restarts and kills, the screen shows the state of the services.

`python -m tests.soak` plays any number of seeds for any number of hours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import NOON
from tests.items import beebox_file, flex_component, instant_request, operation
from tests.soak.soak_run import SoakVerdict, soak, soak_over_http
from tests.soak.truth import Truth, differences, lost
from tests.untraced import untraced
from wbtui.domain.model import Item, Service, State
from wbtui.domain.snapshot import Snapshot

pytestmark = pytest.mark.slow

SEEDS = range(1, 21)
HTTP_SEEDS = (1, 2)


def judge(verdict: SoakVerdict, record_property: Callable[[str, object], None]) -> None:
    record_property("soak", verdict.line())
    assert verdict.faults > 0
    assert verdict.runs >= 2
    assert not verdict.problems, verdict.line()


@pytest.mark.parametrize("seed", SEEDS)
async def test_two_hours_of_faults_end_in_the_truth(
    seed: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with untraced():
        judge(await soak(seed, 2.0, tmp_path), record_property)


@pytest.mark.parametrize("seed", HTTP_SEEDS)
async def test_half_an_hour_of_faults_over_http_ends_in_the_truth(
    seed: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with untraced():
        judge(await soak_over_http(seed, 30.0, tmp_path), record_property)


TRUTH: Truth = {
    "op:5001": {"status": "Finished", "partial": False},
    "bb:fr:batch-7\\intro.docx": {"status": 1},
    "it:39": {"status": "Executing"},
    "fx:1000:fr:app.login": {"StatusNoneOk": True, "changed": NOON - timedelta(hours=1)},
}


def shown(*items: Item) -> Snapshot:
    kinds = {"op": Service.OPERATIONS, "bb": Service.BEEBOX, "it": Service.INSTANT, "fx": Service.FLEX}
    found: dict[str, tuple[Item, ...]] = {service.value: () for service in Service}
    for item in items:
        found[kinds[item.key[:2]].value] = (item,)
    return replace(Snapshot("acme", NOON), **found)  # type: ignore[arg-type]


RIGHT = (
    operation(state=State.READY),
    beebox_file(state=State.READY),
    instant_request(),
    flex_component(),
)


def test_the_judge_takes_the_truth_for_the_truth() -> None:
    assert differences(shown(*RIGHT), [TRUTH, TRUTH], [operation().key]) == []
    assert lost(shown(*RIGHT), TRUTH) == []


@pytest.mark.parametrize(
    "wrong",
    [
        operation(state=State.RUNNING),
        operation(state=State.FAILED),
        operation(5002),
        beebox_file(state=State.RUNNING),
        beebox_file("ghost.docx"),
        instant_request(state=State.READY),
        instant_request(40),
        flex_component(state=State.RUNNING),
        flex_component("app.ghost"),
    ],
)
def test_the_judge_sees_what_is_wrong(wrong: Item) -> None:
    others = [item for item in RIGHT if item.key[:2] != wrong.key[:2]]
    assert differences(shown(*others, wrong), [TRUTH, TRUTH], [])


def test_the_judge_sees_what_is_missing_and_what_is_called_removed() -> None:
    assert differences(shown(), [TRUTH, TRUTH], [operation().key]) == [
        "op:5001 is not shown",
        "bb:fr:batch-7\\intro.docx is not shown",
        "it:39 is not shown",
    ]
    assert lost(shown(instant_request(state=State.REMOVED)), TRUTH) == ["it:39 is called removed"]
