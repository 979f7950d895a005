"""`trm/list`: when it is asked for, and that its failing says nothing of the calls that are promised."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from wbtui.clock import Clock
from wbtui.errors import NoConnection, ServerFault
from wbtui.ports import ListedOperation, OperationsGateway, Store

LIST_GAP: Final = 60.0
LIST_RETRY: Final = 3600.0
"""How long a list that broke off, or came with a server fault, is left alone."""
NO_LIST: Final = "trm.list.refused"
ASK_AGAIN: Final = timedelta(days=7)


class OperationsList:
    """Asks for the list once a minute, where the server has one; where it has none, once a week."""

    def __init__(self, gateway: OperationsGateway, store: Store, clock: Clock) -> None:
        self._gateway = gateway
        self._store = store
        self._clock = clock
        refused = store.recall(NO_LIST)
        lately = refused is not None and datetime.fromisoformat(refused) > clock.now() - ASK_AGAIN
        self.due: float | None = None if lately else clock.monotonic()
        """When it is asked for next (monotonic seconds); None while the server is known to have none."""

    def wish(self) -> None:
        """Ask as soon as may be, if the server has a list."""
        if self.due is not None:
            self.due = self._clock.monotonic()

    async def ask(self) -> tuple[ListedOperation, ...]:
        """Return what the list names: nothing where it did not come or there is none.

        Raises `ServiceError` for what concerns the other calls as well, such as a refused log-in.
        """
        # Planned first: a list that never comes must not keep the operations from being looked at.
        self.due = self._clock.monotonic() + LIST_RETRY
        try:
            listed = await self._gateway.listed()
        except (NoConnection, ServerFault):
            return ()
        if listed is None:
            self.due = None
            self._store.remember(NO_LIST, self._clock.now().isoformat())
            return ()
        self.due = self._clock.monotonic() + LIST_GAP
        return listed
