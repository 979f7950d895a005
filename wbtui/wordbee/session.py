"""Sessions with a token: opened, renewed once when they expire, and always closed."""

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
"""The longest that closing a session may take, even while the program ends. Not fitted: a user waits for
it."""
REFUSAL_SECONDS = 30.0
"""How long a refused log-in is not sent again. Not fitted: long enough that all waiting calls share one
refusal."""


class LoginThrottle:
    """Does not send refused credentials again at once: repeated refusals may lock the account."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refusal: LoginRefused | None = None
        self._until = 0.0

    async def log_in(self, connect: Callable[[], Awaitable[Secret]]) -> Secret:
        """Log in; raises the last refusal again if it is younger than `REFUSAL_SECONDS`."""
        if self._refusal is not None and self._clock.monotonic() < self._until:
            raise LoginRefused(self._refusal.message, advice=self._refusal.advice)
        self._refusal = None
        try:
            return await connect()
        except LoginRefused as refusal:
            self._refusal = LoginRefused(refusal.message, advice=refusal.advice)
            self._until = self._clock.monotonic() + REFUSAL_SECONDS
            raise


class TokenSession:
    """An open session. `connect` returns its token, `disconnect` ends it."""

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
        """Log in and return the token. If cancelled, wait for the token and log out with it."""
        opening = asyncio.ensure_future(self._connect())
        try:
            token = await asyncio.shield(opening)
        except asyncio.CancelledError:
            await finish_despite_cancel(self._abandon(opening))
            raise
        self._token = token
        return token

    async def close(self) -> None:
        """Log out within `closing_seconds`, even if cancelled; never raises a `ServiceError`."""
        token, self._token = self._token, None
        if token is not None:
            await finish_despite_cancel(self._close_token(token))

    async def call(self, ask: Callable[[Secret], Awaitable[Result]]) -> Result:
        """Call with the token. If the session has expired, log in again and repeat the call once."""
        token = self._token
        if token is not None:
            with contextlib.suppress(SessionExpired):
                return await ask(token)
        return await ask(await self._renew_token(token))

    async def _renew_token(self, ended: Secret | None) -> Secret:
        """Return a new token for one that has expired. Concurrent calls share one log-in."""
        async with self._renewing:
            if self._token is None or self._token == ended:
                self._token = None
                return await self.open()
            return self._token

    async def _abandon(self, opening: asyncio.Future[Secret]) -> None:
        with contextlib.suppress(ServiceError, TimeoutError):
            async with asyncio.timeout(self._closing_seconds):
                await self._log_out(await opening)

    async def _close_token(self, token: Secret) -> None:
        with contextlib.suppress(ServiceError, TimeoutError):
            async with asyncio.timeout(self._closing_seconds):
                await self._log_out(token)

    async def _log_out(self, token: Secret) -> None:
        """Log out, and try once more if that fails: an open session blocks, a second log-out is harmless."""
        with contextlib.suppress(ServiceError):
            await self._disconnect(token)
            return
        await self._disconnect(token)


@asynccontextmanager
async def token_session(
    connect: Callable[[], Awaitable[Secret]], disconnect: Callable[[Secret], Awaitable[None]]
) -> AsyncIterator[TokenSession]:
    """Open a session, and always close it."""
    session = TokenSession(connect, disconnect)
    await session.open()
    try:
        yield session
    finally:
        await session.close()


LOOK_FIRST = "Look whether it was done before you try again."


async def send_non_idempotent(answer: Awaitable[Result]) -> Result:
    """Return the answer to a change; raises `Uncertain` if none came and the server may have acted.

    A request that was certainly not sent raises `NoConnection`.
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


def decode_non_idempotent(decode: Callable[[bytes], Result], body: bytes) -> Result:
    """Decode a successful answer to a change; raises `Uncertain` if it cannot be read."""
    try:
        return decode(body)
    except BadAnswer as error:
        failure = uncertain(error)
    raise failure


def uncertain(error: ServiceError) -> Uncertain:
    """Return the error of a change whose effect is unknown."""
    return Uncertain(f"{error.message}; it may have been done all the same", advice=LOOK_FIRST)


_DEEPEST = 2
"""How many layers are unwrapped: a JSON string may hold JSON."""
_TOKEN = re.compile(r"[!-~]{1,4096}", re.ASCII)


def decode_token(body: bytes) -> Secret:
    """Decode a token from a JSON string, plain text, or an object with a `token` member.

    Raises `BadAnswer`, which quotes no part of the body. Source: api2/authentication, beebox api-connect,
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
