"""Sessions whose token travels with each call: opened, renewed once when they end, and closed for certain."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from wbtui.domain.clock import Clock
from wbtui.domain.credentials import Secret
from wbtui.domain.errors import (
    BadAnswer,
    LoginRefused,
    NoConnection,
    NotTheService,
    ServerFault,
    ServiceError,
    SessionExpired,
    Uncertain,
)
from wbtui.domain.tasks import finish_despite_cancel
from wbtui.wordbee.wire import JsonNode

Result = TypeVar("Result")

CLOSING_SECONDS = 2.0
"""The longest that closing a session may take, also on the way out."""
REFUSAL_SECONDS = 30.0
"""How long a refused log-in is answered from memory, so that all who wait share one refusal."""


class LoginThrottle:
    """Keeps refused credentials from being sent again and again, which gets accounts barred."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refusal: LoginRefused | None = None
        self._until = 0.0

    async def pass_through(self, log_in: Callable[[], Awaitable[Secret]]) -> Secret:
        """Log in, unless the same log-in was refused within `REFUSAL_SECONDS`; raises that refusal again."""
        if self._refusal is not None and self._clock.monotonic() < self._until:
            raise LoginRefused(self._refusal.message, advice=self._refusal.advice)
        self._refusal = None
        try:
            return await log_in()
        except LoginRefused as refusal:
            self._refusal = LoginRefused(refusal.message, advice=refusal.advice)
            self._until = self._clock.monotonic() + REFUSAL_SECONDS
            raise


class TokenSession:
    """An open session; `connect` gives its token and `disconnect` takes it back."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Secret]],
        disconnect: Callable[[Secret], Awaitable[None]],
        closing_seconds: float = CLOSING_SECONDS,
    ) -> None:
        self._connect = connect
        self._disconnect = disconnect
        self._closing_seconds = closing_seconds
        self._token: Secret | None = None
        self._renewing = asyncio.Lock()

    async def open(self) -> Secret:
        """Log in and return the token; a cancellation meanwhile waits for the token and gives it back."""
        opening = asyncio.ensure_future(self._connect())
        try:
            token = await asyncio.shield(opening)
        except asyncio.CancelledError:
            await finish_despite_cancel(self._abandon(opening))
            raise
        self._token = token
        return token

    async def close(self) -> None:
        """Log out, whatever happens and within `closing_seconds`; never raises a `ServiceError`."""
        token, self._token = self._token, None
        if token is not None:
            await finish_despite_cancel(self._give_back(token))

    async def call(self, ask: Callable[[Secret], Awaitable[Result]]) -> Result:
        """Ask with the token; if the session has ended, log in once more and repeat once."""
        token = self._token
        if token is not None:
            with contextlib.suppress(SessionExpired):
                return await ask(token)
        return await ask(await self._renewed(token))

    async def _renewed(self, ended: Secret | None) -> Secret:
        """Return a token in the place of one that has ended; all who met its end share one."""
        async with self._renewing:
            if self._token is None or self._token == ended:
                self._token = None
                return await self.open()
            return self._token

    async def _abandon(self, opening: asyncio.Future[Secret]) -> None:
        with contextlib.suppress(ServiceError, TimeoutError):
            async with asyncio.timeout(self._closing_seconds):
                await self._log_out(await opening)

    async def _give_back(self, token: Secret) -> None:
        with contextlib.suppress(ServiceError, TimeoutError):
            async with asyncio.timeout(self._closing_seconds):
                await self._log_out(token)

    async def _log_out(self, token: Secret) -> None:
        """Log out, and once more if that fails: it does no harm, and an open session does."""
        with contextlib.suppress(ServiceError):
            await self._disconnect(token)
            return
        await self._disconnect(token)


@asynccontextmanager
async def token_session(
    connect: Callable[[], Awaitable[Secret]], disconnect: Callable[[Secret], Awaitable[None]]
) -> AsyncIterator[TokenSession]:
    """Open a session, and close it on every way out."""
    session = TokenSession(connect, disconnect)
    await session.open()
    try:
        yield session
    finally:
        await session.close()


LOOK_FIRST = "Look whether it was done before you try again."


async def sent_once(answer: Awaitable[Result]) -> Result:
    """Return the answer to a change; raises `Uncertain` where the server may have acted without one.

    A request that certainly never left raises `NoConnection` as ever.
    """
    try:
        return await answer
    except NoConnection as error:
        if error.unsent or isinstance(error, Uncertain):
            raise
        failure = uncertain(error)
    except ServerFault as error:
        failure = uncertain(error)
    raise failure


def read_once(decode: Callable[[bytes], Result], body: bytes) -> Result:
    """Return what a good answer to a change says; one that cannot be read leaves its effect open."""
    try:
        return decode(body)
    except BadAnswer as error:
        failure = uncertain(error)
    raise failure


def uncertain(error: ServiceError) -> Uncertain:
    """Return the error of a change whose effect is not known."""
    return Uncertain(f"{error.message}; it may have been done all the same", advice=LOOK_FIRST)


_DEEPEST = 2
"""A JSON string may hold JSON once more."""
_TOKEN = re.compile(r"[!-~]{1,4096}", re.ASCII)


def decode_token(body: bytes) -> Secret:
    """Return the token of a JSON string, of plain text, or of an object with a `token` member.

    Raises `BadAnswer`, which quotes nothing of the body. Source: api2/authentication, beebox api-connect,
    UserAPI/pages/709122 Connect.
    """
    token = body.decode("utf-8", "replace").lstrip("\ufeff \t\r\n").strip()
    if token.startswith("<"):
        raise NotTheService("a web page came in the place of the log-in's answer, and no token")
    for _ in range(_DEEPEST):
        token = _unwrapped(token)
    if _TOKEN.fullmatch(token) is None or token[0] in '<{["':
        raise BadAnswer("the service took the log-in, but its answer holds no token")
    return Secret(token)


def _unwrapped(text: str) -> str:
    if text[:1] not in {'"', "{"}:
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if isinstance(value, str):
        return value.strip()
    token = JsonNode(value).get("token").value
    return token.strip() if isinstance(token, str) else ""
