"""Following the operations that a run has started, for commands: the screen leaves that to its schedule."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.errors import AllowanceUsed, ServiceError
from wbtui.domain.model import FINISHED, ItemKey, Operation
from wbtui.monitor.account_rate_limit import AccountRateLimit
from wbtui.monitor.monitor_state import MonitorState
from wbtui.monitor.pollers.operations import OperationsPoller

EVERY: Final = 0.5
"""Seconds between two searches for an operation that may be looked at."""


async def until_finished(
    state: MonitorState, clock: Clock, key: ItemKey, *, every: float
) -> Operation | None:
    """Wait until an operation is known to have ended, and return it; None if it was taken off the list."""
    while (operation := state.operations.get(key)) is not None and operation.state not in FINISHED:
        await clock.sleep(every)
    return operation


async def follow(
    poller: OperationsPoller,
    state: MonitorState,
    clock: Clock,
    *,
    but: Container[ItemKey],
    allowance: AccountRateLimit | None,
    tell: Callable[[str], None],
) -> None:
    """Look at all unfinished operations `but` some, no sooner than the floor allows, until cancelled."""
    while True:
        for operation in state.unfinished():
            if operation.key not in but and poller.plan.rest_left(operation.key) <= 0:
                await _look(poller, operation.key, allowance, tell)
        await clock.sleep(EVERY)


async def _look(
    poller: OperationsPoller,
    key: ItemKey,
    allowance: AccountRateLimit | None,
    tell: Callable[[str], None],
) -> None:
    try:
        await poller.look_at(key)
    except AllowanceUsed as error:
        if allowance is not None:
            allowance.throttled(error)
    except ServiceError as error:
        tell(f"{key}: {error.message}")
