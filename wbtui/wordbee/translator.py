"""Translator API 2: decoder, session, gateway and writer of operations.

Calls of this API count against an hourly allowance, except those of `auth/token`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from wbtui.domain.clock import Clock
from wbtui.domain.credentials import Secret, TranslatorLogin
from wbtui.domain.errors import BadAnswer, NotAllowed, Rejected, ServerFault, ServiceError, SessionExpired
from wbtui.domain.model import OperationReading, RequestRecord
from wbtui.domain.ports import Arriving, KeptPart, ListedOperation, ListedOperations, NewFiles, fits_an_id
from wbtui.domain.tasks import finish_despite_cancel
from wbtui.wordbee.error_answers import refused_by_login, translator_fault
from wbtui.wordbee.files import as_file, bytes_body, multipart_body, read_whole, seconds_for
from wbtui.wordbee.http import CAP, MEDIA_CAP, SMALL_CAP, TOKEN_CAP, Http, Incoming, Outgoing, Value, segment
from wbtui.wordbee.response import Response
from wbtui.wordbee.session import (
    CLOSING_SECONDS,
    LoginThrottle,
    Result,
    decode_non_idempotent,
    decode_token,
    send_non_idempotent,
)
from wbtui.wordbee.translator_answers import decode_envelope, decode_list
from wbtui.wordbee.wire import load, write_date

PAGE = 200
"""Rows per page: the size that public clients use (the documentation allows 500)."""
MEDIA_SECONDS = 300.0
_LIST_PAGES = 5
_LIST_SECONDS = 5.0
"""Seconds to wait for the answer of `trm/list`, which is not documented. Not fitted."""
_PASSING = frozenset({502, 503, 504})


class TranslatorSession:
    """Keeps one token for all callers of this API. Concurrent callers share the renewal of an expired one."""

    def __init__(self, http: Http, login: TranslatorLogin, clock: Clock) -> None:
        self.clock = clock
        self._http = http
        self._login = login
        self._login_throttle = LoginThrottle(clock)
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
    ) -> Response:
        """Log in if needed, call, and return the successful answer; raises the error of any other.

        With `asks_item`, a refusal in the API's own shape raises `Unknown`. Source: api2/authentication.
        """

        async def ask(token: Secret) -> Response:
            answer = await self._http.request(
                method,
                path,
                query=query,
                json=json,
                body=body,
                headers=self._headers(token),
                cap_bytes=cap_bytes,
                seconds=seconds,
            )
            if not answer.good:
                raise translator_fault(answer, self.clock.now(), asks_item=asks_item)
            return answer

        return await self._logged_in(ask)

    @asynccontextmanager
    async def fetch(self, file_token: str, kept: KeptPart | None = None) -> AsyncIterator[Arriving]:
        """Yield the file of a `filetoken` or `fileref`, or what follows on a part of it.

        Source: media/get/{token}.
        """
        async with AsyncExitStack() as open_answers:

            async def ask(token: Secret) -> Incoming:
                path = f"media/get/{segment(file_token)}"
                asking = self._http.fetch(path, headers=self._headers(token), kept=kept)
                incoming = await open_answers.enter_async_context(asking)
                if isinstance(incoming, Response):
                    raise translator_fault(incoming, self.clock.now(), asks_item=True)
                return incoming

            yield as_file(await self._logged_in(ask))

    async def _logged_in(self, ask: Callable[[Secret], Awaitable[Result]]) -> Result:
        """Call with the token. If it has expired, nothing was done, so the call is repeated once."""
        token = await self._current(None)
        with contextlib.suppress(SessionExpired):
            return await ask(token)
        try:
            return await ask(await self._current(token))
        except SessionExpired as refusal:
            # A new token was refused too, so the user has no right to this call.
            failure = NotAllowed(refusal.message)
        raise failure

    async def connect(self) -> None:
        """Obtain a token if there is none. It does not count against the allowance."""
        await self._current(None)

    async def media(self, file_token: str) -> bytes:
        """Return the whole file of a `filetoken` or `fileref`. Source: media/get/{token}."""
        return await read_whole(
            partial(self.fetch, file_token),
            self._http.host,
            self.clock,
            most=MEDIA_CAP,
            seconds=MEDIA_SECONDS,
        )

    async def close(self) -> None:
        """Invalidate the token, within two seconds; never raises. Source: api2/authentication."""
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
        """Return a token other than `stale`. Concurrent callers wait for the same renewal."""
        async with self._renewing:
            if self._token is None or self._token == stale:
                self._token = None
                await self._renew()
            assert self._token is not None, "renewed, or an error was raised"
            return self._token

    async def _renew(self) -> None:
        """Log in. If cancelled, wait for the token, so that `close` can invalidate it."""
        opening = asyncio.ensure_future(self._login_throttle.log_in(self._log_in))
        try:
            self._token = await asyncio.shield(opening)
        except asyncio.CancelledError:
            await finish_despite_cancel(self._keep(opening))
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
        # GET needs the content type too: without it, calls for one item are refused.
        return {
            "X-Auth-Token": token,
            "X-Auth-AccountId": self._login.account,
            "Content-Type": "application/json",
        }


class TranslatorGateway:
    """Reads operations of Translator API 2 (`ports.OperationsGateway`). Flex shares its `session`."""

    def __init__(self, http: Http, login: TranslatorLogin, clock: Clock) -> None:
        self.session = TranslatorSession(http, login, clock)

    async def connect(self) -> None:
        """Log in if there is no token, so that wrong credentials show at once."""
        await self.session.connect()

    async def read(self, request_id: int) -> OperationReading:
        """Return the state of one operation; raises `Unknown` if the server does not know the id.

        Source: trm/status, which accepts a single id.
        """
        answer = await self.session.call("GET", "trm/status", query={"requestid": request_id}, asks_item=True)
        return decode_envelope(answer.body, polled=True)

    async def listed(self) -> ListedOperations | None:
        """Return the operations of `trm/list`, or None if the server has no such call.

        The call is mentioned and not documented: its parameters and answer are inferred from the other lists.
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

    def fetch(self, file_token: str, kept: KeptPart | None = None) -> AbstractAsyncContextManager[Arriving]:
        """Yield the file of a `filetoken` or `fileref` as a stream, or what follows on a part of it."""
        return self.session.fetch(file_token, kept)

    async def close(self) -> None:
        """Invalidate the token; never raises."""
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


_METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})


class TranslatorWriter:
    """Uploads files, adds them to projects, and repeats recorded requests (`ports.TranslatorWriter`).

    No call is repeated by itself, except one that was refused because the session had expired.
    """

    def __init__(self, session: TranslatorSession) -> None:
        self._session = session

    async def upload(self, path: Path, name: str) -> str:
        """Upload a local file under a name and return its token. Source: media/upload."""
        body = await multipart_body(path, name)
        base = name.replace("\\", "/").rpartition("/")[2]
        answer = await send_non_idempotent(
            self._session.call(
                "POST",
                "media/upload",
                query={"filename": base},
                body=body,
                seconds=seconds_for(body.length),
            )
        )
        return decode_non_idempotent(_upload_token, answer.body)

    async def workflows_new(
        self, request: NewFiles, files: Mapping[str, str]
    ) -> tuple[OperationReading, RequestRecord]:
        """Add uploaded files (project path to token) to a project. Source: projects-pid-workflows-new."""
        body = new_files_body(request, files)
        record = RequestRecord("POST", f"/projects/{request.project}/workflows/new", json.dumps(body))
        return await self.resend(record), record

    async def resend(self, record: RequestRecord) -> OperationReading:
        """Send a recorded request; raises `Rejected` if it leads outside this account's API."""
        answer = await send_non_idempotent(self._sent(record))
        return decode_non_idempotent(decode_envelope, answer.body)

    async def _sent(self, record: RequestRecord) -> Response:
        body = bytes_body(record.body.encode(), "application/json") if record.body else None
        return await self._session.call(checked_method(record), own_path(record.path), body=body)


def own_path(path: str) -> str:
    """Return a recorded path relative to `/api`; raises `Rejected` if it leads elsewhere."""
    plain = path.split("?", 1)[0].lower()
    parts = plain.replace("%2e", ".").replace("%2f", "/").split("/")
    elsewhere = "\\" in path or "%5c" in plain or "#" in path or ":" in parts[0] or not path.isprintable()
    if not path.startswith("/") or path.startswith("//") or elsewhere or {"..", "."} & set(parts):
        raise Rejected("the recorded path does not stay on this account's own API", status=0)
    return path.removeprefix("/api/").lstrip("/")


def checked_method(record: RequestRecord) -> str:
    """Return the method of a recorded request; raises `Rejected` if no Wordbee call uses it."""
    method = record.method.upper()
    if method not in _METHODS:
        raise Rejected("the recorded method is none that Wordbee's API has", status=0)
    return method


def new_files_body(request: NewFiles, files: Mapping[str, str]) -> dict[str, object]:
    """Return the body of `workflows/new`. A custom field is named by its number or by its title.

    Raises `Rejected` for a number that cannot be an id.
    """
    body: dict[str, object] = {
        "files": [{"token": token, "name": name} for name, token in files.items()],
        "src": request.source,
        "trgs": list(request.targets),
    }
    if request.deadline is not None:
        body["deadline"] = write_date(request.deadline)
    if request.workflow:
        body["workflow"] = request.workflow
    if request.allow_updates is not None:
        body["allowUpdates"] = request.allow_updates
    if request.job_fields:
        body["jobsCfs"] = [_job_field(name, value) for name, value in request.job_fields]
    return body


def _job_field(name: str, value: str) -> dict[str, object]:
    if not fits_an_id(name):
        raise Rejected(f"no custom field has an id of {len(name)} digits", status=0)
    if name.isascii() and name.isdecimal():
        return {"id": int(name), "value": value}
    return {"title": name, "value": value}


def _upload_token(body: bytes) -> str:
    answer = load(body)
    result = answer.get("result") if answer.get("result").is_object else answer
    token = result.get("token").raw()
    if not token:
        raise BadAnswer("the answer to the upload names no token")
    return token
