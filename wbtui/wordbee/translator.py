"""Translator API 2: its session, and the operations gateway on top of it.

Calls of this API are counted against an hourly allowance; those of `auth/token` are not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from wbtui.domain.clock import Clock
from wbtui.domain.credentials import Secret, TranslatorLogin
from wbtui.domain.errors import BadAnswer, NotAllowed, Rejected, ServerFault, ServiceError, SessionExpired
from wbtui.domain.model import OperationReading
from wbtui.domain.ports import ListedOperation, ListedOperations
from wbtui.domain.ports_acting import Arriving
from wbtui.domain.tasks import see_through
from wbtui.wordbee.answer import Answer
from wbtui.wordbee.decode_token import decode_token
from wbtui.wordbee.decode_translator import decode_envelope, decode_list
from wbtui.wordbee.errors import refused_by_login, translator_fault
from wbtui.wordbee.files import as_file
from wbtui.wordbee.http import (
    CAP,
    MEDIA_CAP,
    SMALL_CAP,
    TOKEN_CAP,
    Http,
    Incoming,
    Outgoing,
    Value,
    segment,
)
from wbtui.wordbee.session import CLOSING_SECONDS, Doorkeeper, Result

PAGE = 200
"""Rows asked for at once: the size proven in use (the documents allow 500)."""
MEDIA_SECONDS = 300.0
_LIST_PAGES = 5
_LIST_SECONDS = 5.0
"""How long an answer is waited for that no document promises."""
_PASSING = frozenset({502, 503, 504})


class TranslatorSession:
    """One token for all who call this API; an expired one is renewed once, by one of them for all."""

    def __init__(self, http: Http, login: TranslatorLogin, clock: Clock) -> None:
        self.clock = clock
        self._http = http
        self._login = login
        self._doorkeeper = Doorkeeper(clock)
        self._token: Secret | None = None
        self._renewing = asyncio.Lock()

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Value] | None = None,
        json: Mapping[str, object] | None = None,
        body: Outgoing | None = None,
        cap_bytes: int = SMALL_CAP,
        seconds: float | None = None,
        asks_item: bool = False,
        is_file: bool = False,
    ) -> Answer:
        """Return the good answer to a call, logged in; raises what the service's refusal means.

        With `asks_item` a refusal in the API's own shape is `Unknown`. Source: api2/authentication.
        """

        async def ask(token: Secret) -> Answer:
            answer = await self._http.request(
                method,
                path,
                query=query,
                json=json,
                body=body,
                headers=self._headers(token),
                cap_bytes=cap_bytes,
                seconds=seconds,
                is_file=is_file,
            )
            if not answer.good:
                raise translator_fault(answer, self.clock.now(), asks_item=asks_item)
            return answer

        return await self._logged_in(ask)

    @asynccontextmanager
    async def fetch(self, file_token: str) -> AsyncIterator[Arriving]:
        """Give the file behind a `filetoken` or `fileref` as it comes. Source: media/get/{token}."""
        async with AsyncExitStack() as open_answers:

            async def ask(token: Secret) -> Incoming:
                incoming = await open_answers.enter_async_context(
                    self._http.fetch(f"media/get/{segment(file_token)}", headers=self._headers(token))
                )
                if isinstance(incoming, Answer):
                    raise translator_fault(incoming, self.clock.now(), asks_item=True)
                return incoming

            yield as_file(await self._logged_in(ask))

    async def _logged_in(self, ask: Callable[[Secret], Awaitable[Result]]) -> Result:
        """Ask with the token; one that has expired is refused before anything is done, so ask once more."""
        token = await self._current(None)
        with contextlib.suppress(SessionExpired):
            return await ask(token)
        try:
            return await ask(await self._current(token))
        except SessionExpired as refusal:
            # A fresh token was refused, so this call is what the user may not make.
            failure = NotAllowed(refusal.message)
        raise failure

    async def connect(self) -> None:
        """Obtain a token where none is held; not counted against the allowance."""
        await self._current(None)

    async def media(self, file_token: str) -> bytes:
        """Return the file behind a `filetoken` or `fileref` whole. Source: media/get/{token}."""
        path = f"media/get/{segment(file_token)}"
        answer = await self.call("GET", path, cap_bytes=MEDIA_CAP, seconds=MEDIA_SECONDS, is_file=True)
        return answer.body

    async def close(self) -> None:
        """Give the token back, within two seconds; never raises. Source: api2/authentication."""
        token, self._token = self._token, None
        if token is None:
            return
        with contextlib.suppress(ServiceError):
            await self._http.request(
                "DELETE",
                "auth/token",
                headers=self._headers(token),
                cap_bytes=TOKEN_CAP,
                seconds=CLOSING_SECONDS,
                counted=False,
            )

    async def _current(self, stale: Secret | None) -> Secret:
        """Return a token other than `stale`; who comes while another renews it takes what that one gets."""
        async with self._renewing:
            if self._token is None or self._token == stale:
                self._token = None
                await self._renew()
            assert self._token is not None, "renewed, or an error was raised"
            return self._token

    async def _renew(self) -> None:
        """Log in; a cancellation meanwhile waits for the token, so that `close` can give it back."""
        opening = asyncio.ensure_future(self._doorkeeper.pass_through(self._log_in))
        try:
            self._token = await asyncio.shield(opening)
        except asyncio.CancelledError:
            await see_through(self._keep(opening))
            raise

    async def _keep(self, opening: asyncio.Future[Secret]) -> None:
        with contextlib.suppress(ServiceError, TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                self._token = await opening

    async def _log_in(self) -> Secret:
        answer = await self._http.request(
            "POST",
            "auth/token",
            json={"accountid": self._login.account, "key": self._login.key},
            cap_bytes=TOKEN_CAP,
            counted=False,
        )
        if not answer.good:
            raise refused_by_login(translator_fault(answer, self.clock.now()))
        return decode_token(answer.body)

    def _headers(self, token: Secret) -> dict[str, Value]:
        # The content type goes with GET, too: list items are refused without it.
        return {
            "X-Auth-Token": token,
            "X-Auth-AccountId": self._login.account,
            "Content-Type": "application/json",
        }


class TranslatorGateway:
    """The operations of Translator API 2 (`ports.OperationsGateway`); Flex shares its `session`."""

    def __init__(self, http: Http, login: TranslatorLogin, clock: Clock) -> None:
        self.session = TranslatorSession(http, login, clock)

    async def connect(self) -> None:
        """Log in where no token is held yet, so that wrong credentials show before anything is asked."""
        await self.session.connect()

    async def read(self, request_id: int) -> OperationReading:
        """Return the state of one operation; raises `Unknown` if the server does not know the id.

        Source: trm/status, which takes a single id.
        """
        answer = await self.session.call("GET", "trm/status", query={"requestid": request_id}, asks_item=True)
        return decode_envelope(answer.body, polled=True)

    async def listed(self) -> ListedOperations | None:
        """Return what `trm/list` tells, or None if the server has no such call or answers nonsense.

        The call is mentioned and not documented: what it takes and gives is inferred from the other lists.
        """
        found: dict[int, ListedOperation] = {}
        received = more = 0
        for _ in range(_LIST_PAGES):
            page = await self._list_page(received)
            if page is None:
                return None
            operations, rows, total = page
            found.update({operation.request_id: operation for operation in operations})
            received += rows
            more = max(0, total - received) if rows else 0
            if not more:
                break
        return ListedOperations(tuple(found.values()), more)

    def fetch(self, file_token: str) -> AbstractAsyncContextManager[Arriving]:
        """Give the file behind a `filetoken` or `fileref` as it comes."""
        return self.session.fetch(file_token)

    async def close(self) -> None:
        """Give the token back; never raises."""
        await self.session.close()

    async def _list_page(self, skip: int) -> tuple[tuple[ListedOperation, ...], int, int] | None:
        try:
            asked = {"take": PAGE, "skip": skip}
            answer = await self.session.call(
                "POST", "trm/list", json=asked, seconds=_LIST_SECONDS, cap_bytes=CAP
            )
            return decode_list(answer.body)
        except (Rejected, NotAllowed, BadAnswer):
            return None
        except ServerFault as fault:
            if fault.status in _PASSING:
                raise
            return None
