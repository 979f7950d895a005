"""Which version lies on the disk, and what happens to it when the server has another one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wbtui.domain.model import ItemKey
from wbtui.domain.records import Fetched, made_text
from wbtui.domain.versions import Lying, Overwrite, Step, VersionPlan, plan

OLD = datetime(2026, 3, 1, 11, tzinfo=UTC)
NEW = OLD + timedelta(days=1)
LATER = NEW + timedelta(days=1)
BEFORE = Fetched(ItemKey("bb:fr:a"), "a", "a", LATER, 4, made=made_text(OLD))
ASIDE = "20260301T110000Z"


def planned(
    overwrite: Overwrite, before: Fetched | None, made: datetime | None, lying_at: datetime | None
) -> VersionPlan:
    lying = None if lying_at is None else Lying(lying_at, 4)
    return plan(overwrite, before, made_text(made), made, lying)


@pytest.mark.parametrize(
    ("overwrite", "expected"),
    [
        (Overwrite.KEEP_BOTH, VersionPlan(Step.FETCH, replaces=True, aside=ASIDE)),
        (Overwrite.REPLACE, VersionPlan(Step.FETCH, replaces=True)),
        (Overwrite.OLDER, VersionPlan(Step.FETCH, replaces=True)),
        (Overwrite.ALWAYS, VersionPlan(Step.FETCH, replaces=True)),
        (Overwrite.NEVER, VersionPlan(Step.KEPT, "newer on the server")),
    ],
)
def test_a_newer_version_than_what_was_fetched(overwrite: Overwrite, expected: VersionPlan) -> None:
    assert planned(overwrite, BEFORE, NEW, LATER) == expected


@pytest.mark.parametrize("overwrite", [each for each in Overwrite if each is not Overwrite.ALWAYS])
def test_the_version_that_was_fetched_is_there(overwrite: Overwrite) -> None:
    assert planned(overwrite, BEFORE, OLD, LATER).step is Step.THERE
    assert planned(overwrite, BEFORE, OLD, None).step is Step.FETCH


@pytest.mark.parametrize("overwrite", [each for each in Overwrite if each is not Overwrite.ALWAYS])
def test_a_doubtful_version_is_not_asked_for_again_until_there_is_a_newer_one(overwrite: Overwrite) -> None:
    doubtful = Fetched(BEFORE.key, "a", "a", LATER, 4, made=made_text(OLD), doubt="it is empty (0 bytes)")
    assert planned(overwrite, doubtful, OLD, None) == VersionPlan(Step.DOUBTFUL, "it is empty (0 bytes)")
    assert planned(overwrite, doubtful, NEW, None).step is Step.FETCH
    assert planned(Overwrite.ALWAYS, doubtful, OLD, None).step is Step.FETCH


@pytest.mark.parametrize(
    ("overwrite", "lying_at", "made", "step"),
    [
        (Overwrite.KEEP_BOTH, OLD, NEW, Step.FETCH),
        (Overwrite.KEEP_BOTH, LATER, NEW, Step.KEPT),
        (Overwrite.KEEP_BOTH, OLD, None, Step.KEPT),
        (Overwrite.NEVER, OLD, NEW, Step.KEPT),
        (Overwrite.OLDER, OLD, NEW, Step.FETCH),
        (Overwrite.OLDER, LATER, NEW, Step.KEPT),
        (Overwrite.OLDER, OLD, None, Step.KEPT),
        (Overwrite.ALWAYS, LATER, None, Step.FETCH),
    ],
)
def test_a_file_that_wbtui_did_not_fetch(
    overwrite: Overwrite, lying_at: datetime, made: datetime | None, step: Step
) -> None:
    assert planned(overwrite, None, made, lying_at).step is step


def test_an_old_file_without_a_date_of_the_server_is_set_aside_under_its_own() -> None:
    assert planned(Overwrite.KEEP_BOTH, None, NEW, OLD).aside == ASIDE
