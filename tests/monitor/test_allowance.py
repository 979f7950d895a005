"""One allowance for all that runs on this machine: what another process has spent is spent."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from wbtui.domain.errors import AllowanceUsed
from wbtui.monitor.account_rate_limit import AccountRateLimit
from wbtui.store import open_store
from wbtui.store.calls import BLOCK_CALLS

CEILING = 100


def spend_all(allowance: AccountRateLimit) -> int:
    for spent in range(10 * CEILING):
        try:
            allowance.spend()
        except AllowanceUsed:
            return spent
    raise AssertionError("there is no end to it")


@pytest.mark.parametrize("before", [0, 30])
def test_calls_of_a_command_count_for_the_screen_that_runs_already(tmp_path: Path, before: int) -> None:
    clock, path = FakeClock(), tmp_path / "acme.sqlite3"
    with closing(open_store(path)) as ours, closing(open_store(path)) as theirs:
        screen = AccountRateLimit("acme", CEILING, ours, clock)
        for _ in range(before):
            screen.spend()
        ours.flush()
        command = AccountRateLimit("acme", CEILING, theirs, clock)
        for _ in range(40):
            command.spend()
        theirs.flush()
        spent = before + spend_all(screen) + 40
        assert CEILING - BLOCK_CALLS <= spent <= CEILING
        assert screen.calls().used == CEILING


def test_calls_of_another_account_do_not_count(tmp_path: Path) -> None:
    clock, path = FakeClock(), tmp_path / "acme.sqlite3"
    with closing(open_store(path)) as ours, closing(open_store(path)) as theirs:
        screen = AccountRateLimit("acme", CEILING, ours, clock)
        other = AccountRateLimit("other", CEILING, theirs, clock)
        spend_all(other)
        theirs.flush()
        assert spend_all(screen) == CEILING
