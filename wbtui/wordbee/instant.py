"""Instant Translation over the User API: a session per round."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from wbtui.domain.clock import Clock
from wbtui.domain.credentials import InstantLogin, Secret
from wbtui.domain.ports import InstantList
from wbtui.domain.ports_acting import Arriving
from wbtui.wordbee.answer import Answer, decoded
from wbtui.wordbee.decode_instant import decode_requests
from wbtui.wordbee.decode_token import decode_token
from wbtui.wordbee.errors import instant_fault
from wbtui.wordbee.files import as_packed_file
from wbtui.wordbee.http import CAP, SMALL_CAP, TOKEN_CAP, Http, Incoming, Value
from wbtui.wordbee.session import CLOSING_SECONDS, Doorkeeper, TokenSession, token_session

DOMAIN = "InstantTranslation"
MOST_IDS = 200
"""Ids asked for in one call, so that the address stays short."""
_NO_SUCH_FORM = frozenset({404, 405, 501})


class OpenInstant:
    """An open session of the User API (`ports.InstantSession`)."""

    def __init__(self, http: Http, session: TokenSession, clock: Clock) -> None:
        self._http = http
        self._session = session
        self._clock = clock

    async def requests(self, ids: Sequence[int] | None) -> InstantList:
        """Return the requests with these ids, or all of the user's with None; none of none.

        Source: UserAPI/pages/709110 API - IT - List Requests.
        """
        if ids is None:
            return await self._list({})
        lists: list[InstantList] = []
        for start in range(0, len(ids), MOST_IDS):
            wanted = ",".join(map(str, ids[start : start + MOST_IDS]))
            lists.append(await self._list({"ids": wanted}))
        requests = tuple(request for each in lists for request in each.requests)
        return InstantList(requests, whole=all(each.whole for each in lists))

    @asynccontextmanager
    async def file(self, request_id: int) -> AsyncIterator[Arriving]:
        """Give the translation, unpacked; to be asked for only when it is ready.

        Source: UserAPI/pages/709113 API - IT - Download Translation.
        """
        query: dict[str, Value] = {"id": request_id, "compress": "gzip"}
        async with self._fetched("it/requests/file", query) as found:
            yield found

    @asynccontextmanager
    async def post_edit(self, request_id: int) -> AsyncIterator[Arriving]:
        """Give the post-edit, unpacked. Source: UserAPI/pages/709115, which knows no `compress`."""
        async with self._fetched("it/requests/postedit/file", {"id": request_id}) as found:
            yield found

    @asynccontextmanager
    async def _fetched(self, path: str, query: dict[str, Value]) -> AsyncIterator[Arriving]:
        async with AsyncExitStack() as answers:

            async def ask(token: Secret) -> Incoming:
                asking = self._http.fetch(path, query={"token": token, **query})
                incoming = await answers.enter_async_context(asking)
                if isinstance(incoming, Answer):
                    raise instant_fault(incoming, self._clock.now())
                return incoming

            yield as_packed_file(await self._session.call(ask))

    async def _list(self, query: dict[str, Value]) -> InstantList:
        cap = SMALL_CAP if query else CAP

        async def ask(token: Secret) -> Answer:
            answer = await self._http.request(
                "GET", "it/requests", query={"token": token, **query}, cap_bytes=cap
            )
            if not answer.good:
                raise instant_fault(answer, self._clock.now())
            return answer

        asked_at = self._clock.now()
        answer = await self._session.call(ask)
        return await decoded(decode_requests, answer.body, asked_at)


class InstantDoor:
    """Logs in and out, for reading and for writing alike; `ui` is the language of the server's texts."""

    def __init__(self, http: Http, login: InstantLogin, clock: Clock, ui: str = "en") -> None:
        self._http = http
        self._login = login
        self._clock = clock
        self._ui = ui
        self._doorkeeper = Doorkeeper(clock)
        self._puts = True

    def open(self) -> AbstractAsyncContextManager[TokenSession]:
        """Connect, and disconnect on every way out."""
        return token_session(self._connect, self._disconnect)

    async def _connect(self) -> Secret:
        return await self._doorkeeper.pass_through(self._log_in)

    async def _log_in(self) -> Secret:
        """Log in. Source: UserAPI/pages/709122 API - Connect."""
        query: dict[str, Value] = {
            "account": self._login.account,
            "login": self._login.login,
            "pwd": self._login.password,
            "domain": DOMAIN,
            "ui": self._ui,
        }
        answer = await self._http.request("GET", "connect", query=query, cap_bytes=TOKEN_CAP)
        if not answer.good:
            raise instant_fault(answer, self._clock.now(), connecting=True)
        return decode_token(answer.body)

    async def _disconnect(self, token: Secret) -> None:
        """Log out by PUT, or by GET where the server is older. Source: UserAPI/pages/709130 Disconnect."""
        if self._puts:
            answer = await self._ended("PUT", token)
            self._puts = answer.status not in _NO_SUCH_FORM
        if not self._puts:
            await self._ended("GET", token)

    async def _ended(self, method: str, token: Secret) -> Answer:
        return await self._http.request(
            method,
            "disconnect",
            query={"token": token},
            cap_bytes=TOKEN_CAP,
            seconds=CLOSING_SECONDS,
        )


class InstantGateway:
    """Instant Translation, to be read (`ports.InstantGateway`, `ports_acting.InstantFilesGateway`)."""

    def __init__(self, http: Http, login: InstantLogin, clock: Clock, ui: str = "en") -> None:
        self.door = InstantDoor(http, login, clock, ui)
        self._http = http
        self._clock = clock

    @asynccontextmanager
    async def session(self) -> AsyncIterator[OpenInstant]:
        """Connect, and disconnect on every way out."""
        async with self.door.open() as session:
            yield OpenInstant(self._http, session, self._clock)

    def files(self) -> AbstractAsyncContextManager[OpenInstant]:
        """Connect for a batch of files, like `session`."""
        return self.session()
