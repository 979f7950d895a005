"""Which outcome wins when several apply."""

from __future__ import annotations

import itertools

import pytest

from wbtui.cli.exit_codes import Exit, exit_for, exit_for_action, exit_of
from wbtui.domain.errors import (
    AllowanceUsed,
    KeyringSilent,
    LoginRefused,
    NoConnection,
    NotOffered,
    NotTaken,
    Rejected,
    SettingsError,
    SourceError,
    Unknown,
    WbtuiError,
)

WORST_FIRST = [Exit.FAILED, Exit.LOGIN, Exit.CONNECTION, Exit.ALLOWANCE, Exit.USAGE, Exit.PARTLY, Exit.ERROR]


def test_nothing_and_all_done_are_well() -> None:
    assert exit_of([]) is exit_of([Exit.OK, Exit.OK]) is Exit.OK


@pytest.mark.parametrize("code", WORST_FIRST)
def test_what_is_done_in_part_is_partly_done(code: Exit) -> None:
    assert exit_of([code, Exit.OK]) is Exit.PARTLY
    assert exit_of([code, code]) is code


@pytest.mark.parametrize(("worse", "better"), list(itertools.combinations(WORST_FIRST, 2)))
def test_of_two_faults_the_worse_one_counts(worse: Exit, better: Exit) -> None:
    assert exit_of([better, worse]) is exit_of([worse, better]) is worse


@pytest.mark.parametrize(
    ("error", "alone", "of_an_action"),
    [
        (None, Exit.OK, Exit.OK),
        (SettingsError("x"), Exit.USAGE, Exit.USAGE),
        (SourceError("x"), Exit.ERROR, Exit.USAGE),
        (KeyringSilent("x"), Exit.LOGIN, Exit.LOGIN),
        (LoginRefused("x"), Exit.LOGIN, Exit.LOGIN),
        (NoConnection("x"), Exit.CONNECTION, Exit.CONNECTION),
        (AllowanceUsed("x"), Exit.ALLOWANCE, Exit.ALLOWANCE),
        (NotTaken("x"), Exit.ERROR, Exit.PARTLY),
        (Rejected("x"), Exit.ERROR, Exit.FAILED),
        (Unknown("x"), Exit.ERROR, Exit.FAILED),
        (NotOffered("x"), Exit.ERROR, Exit.ERROR),
    ],
)
def test_each_error_has_its_code(error: WbtuiError | None, alone: Exit, of_an_action: Exit) -> None:
    assert (exit_for(error), exit_for_action(error)) == (alone, of_an_action)
