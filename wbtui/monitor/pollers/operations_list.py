"""`trm/list`: when it is asked for, and that its failing says nothing of the calls that are promised."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.errors import NoConnection, ServerFault
from wbtui.domain.ports import ListedOperations, OperationsGateway, Store

LIST_GAP: Final = 60.0
LIST_RETRY: Final = timedelta(hours=1)
"""How long a list that broke off, or came with a server fault, is left alone."""
NO_LIST: Final = "trm.list.refused"
TWICE: Final = " twice"
ASK_AGAIN: Final = timedelta(days=7)


class OperationsList:
    """Asks for the list once a minute where the server has one; where it has none, once a week.

    A server is taken to have none when it said so twice with an hour between: once may have been a page of
    something on the way.
    """

    def __init__(self, gateway: OperationsGateway, store: Store, clock: Clock) -> None:
        self._gateway = gateway
        self._store = store
        self._clock = clock
        refused = store.recall(NO_LIST) or ""
        self._refused = bool(refused)
        self.due = self._after(refused)
        """When it is asked for next (monotonic seconds); None while the server is known to have none."""

    def wish(self) -> None:
        """Ask as soon as may be, unless the server seems to have no list."""
        if not self._refused:
            self.due = self._clock.monotonic()

    async def ask(self) -> ListedOperations:
        """Return what the list names: nothing where it did not come or there is none.

        Raises `ServiceError` for what concerns the other calls as well, such as a refused log-in.
        """
        # Planned first: a list that never comes must not keep the operations from being looked at.
        self.due = self._clock.monotonic() + LIST_RETRY.total_seconds()
        try:
            listed = await self._gateway.listed()
        except (NoConnection, ServerFault):
            return ListedOperations()
        if listed is None:
            refused = self._clock.now().isoformat() + (TWICE if self._refused else "")
            self._store.remember(NO_LIST, refused)
            self._refused = True
            self.due = self._after(refused)
            return ListedOperations()
        if self._refused:
            self._refused = False
            self._store.remember(NO_LIST, "")
        self.due = self._clock.monotonic() + LIST_GAP
        return listed

    def _after(self, refused: str) -> float | None:
        now, monotonic = self._clock.now(), self._clock.monotonic()
        if not refused:
            return monotonic
        left = datetime.fromisoformat(refused.removesuffix(TWICE)) - now
        if refused.endswith(TWICE) and left > -ASK_AGAIN:
            return None
        return monotonic + min(LIST_RETRY, max(timedelta(), left + LIST_RETRY)).total_seconds()
