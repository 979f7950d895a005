"""Instant Translation over the User API: decoder, gateway and writer, with a session per round."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

from wbtui.domain.clock import Clock
from wbtui.domain.credentials import InstantLogin, Secret
from wbtui.domain.errors import BadAnswer
from wbtui.domain.item_keys import instant_key
from wbtui.domain.model import InstantRequest, State
from wbtui.domain.ports import Arriving, InstantConfiguration, InstantList, KeptPart, NewRequest
from wbtui.domain.sanitize import sanitize
from wbtui.wordbee.error_answers import instant_fault
from wbtui.wordbee.files import as_packed_file, packed_body, seconds_for
from wbtui.wordbee.http import CAP, SMALL_CAP, TOKEN_CAP, Http, Incoming, Value
from wbtui.wordbee.response import Response, decoded
from wbtui.wordbee.session import (
    CLOSING_SECONDS,
    LoginThrottle,
    TokenSession,
    decode_non_idempotent,
    decode_token,
    send_non_idempotent,
    token_session,
)
from wbtui.wordbee.wire import JsonNode, load, read_date

_STATES = {
    "waiting": State.WAITING,
    "executing": State.RUNNING,
    "finished": State.DONE,
    "success": State.DONE,
    "failed": State.FAILED,
}
_COUNTS = ("segs", "words", "chars", "wordsMT", "wordsTM100", "wordsTM110", "wordsTMFuzzy")
_PAGE_LIMIT = 2048


def decode_requests(body: bytes, seen_at: datetime) -> InstantList:
    """Decode a list of requests. One without an id is left out.

    Raises `BadAnswer` if there is no list of requests, or none of them can be read.
    """
    answer = load(body)
    records = answer.get("requests") if answer.is_object else answer
    if not records.is_array:
        raise BadAnswer("the answer holds no list of requests")
    received = records.items()
    found = [_request(record, seen_at) for record in received]
    requests = tuple(request for request in found if request is not None)
    if received and not requests:
        raise BadAnswer("the answer holds requests, but none that can be read")
    return InstantList(requests, whole=len(requests) == len(received), received=len(received))


def _request(record: JsonNode, seen_at: datetime) -> InstantRequest | None:
    request_id = record.get("id").count()
    if request_id is None:
        return None
    ready = record.get("ready").boolean() is True
    status = record.get("status").text(60)
    counts = _counts(record, ready=ready)
    memory = [counts[name] for name in _COUNTS[4:]]
    post_edit = record.get("pe_status").text() or None
    return InstantRequest(
        key=instant_key(request_id),
        request_id=request_id,
        name=record.get("fname").text(),
        state=_state(status, ready=ready),
        status=status,
        ready=ready,
        source=record.get("src").text(60),
        target=record.get("trg").text(60),
        source_title=record.get("srct").text(120),
        target_title=record.get("trgt").text(120),
        sent_at=read_date(record.get("dt").value, utc=True),
        segments=counts["segs"],
        words=counts["words"],
        characters=counts["chars"],
        words_machine=counts["wordsMT"],
        words_memory=None if memory == [None, None, None] else sum(words or 0 for words in memory),
        words_identical=counts["wordsTM100"],
        words_context=counts["wordsTM110"],
        words_fuzzy=counts["wordsTMFuzzy"],
        post_edit=post_edit,
        post_edit_ready=post_edit is not None and record.get("pe_ready").boolean() is True,
        post_edit_url=_page(record.get("pe_url").raw()) if post_edit else "",
        post_edit_order=record.get("pe_orderid").text(60),
        seen_at=seen_at,
    )


def _state(status: str, *, ready: bool) -> State:
    """Return READY only if the server says `ready`: a finished request may still lack its file."""
    state = _STATES.get(status.strip().lower(), State.UNKNOWN)
    return State.READY if ready and state is not State.FAILED else state


def _counts(record: JsonNode, *, ready: bool) -> dict[str, int | None]:
    """Return the counts. Until the server has counted, they are 0, null or missing, which gives None."""
    counts = {name: record.get(name).count() for name in _COUNTS}
    if ready or any(counts.values()):
        return counts
    return dict.fromkeys(_COUNTS)


def _page(address: str) -> str:
    """Return the address of a web page, or an empty text if it is not safe to open in a browser."""
    usable = address.lower().startswith(("https://", "http://")) and not any(map(str.isspace, address))
    return address if usable and address == sanitize(address, _PAGE_LIMIT) else ""


DOMAIN = "InstantTranslation"
MAX_IDS = 200
"""Ids in one call, so that the address stays short."""
_NO_SUCH_FORM = frozenset({404, 405, 501})


class OpenInstant:
    """An open session of the User API (`ports.InstantSession`)."""

    def __init__(self, http: Http, session: TokenSession, clock: Clock) -> None:
        self._http = http
        self._session = session
        self._clock = clock

    async def requests(self, ids: Sequence[int] | None) -> InstantList:
        """Return the requests with these ids, or all requests of the user for None.

        Source: UserAPI/pages/709110 API - IT - List Requests.
        """
        if ids is None:
            return await self._list({})
        lists: list[InstantList] = []
        for start in range(0, len(ids), MAX_IDS):
            wanted = ",".join(map(str, ids[start : start + MAX_IDS]))
            lists.append(await self._list({"ids": wanted}))
        requests = tuple(request for each in lists for request in each.requests)
        return InstantList(requests, whole=all(each.whole for each in lists))

    @asynccontextmanager
    async def file(self, request_id: int, kept: KeptPart | None = None) -> AsyncIterator[Arriving]:
        """Yield the translation, packed, or what follows on a part of it. Only for requests that are ready.

        Source: UserAPI/pages/709113 API - IT - Download Translation.
        """
        query: dict[str, Value] = {"id": request_id, "compress": "gzip"}
        async with self._fetch("it/requests/file", query, kept) as found:
            yield found

    @asynccontextmanager
    async def post_edit(self, request_id: int, kept: KeptPart | None = None) -> AsyncIterator[Arriving]:
        """Yield the post-edit, packed. Source: UserAPI/pages/709115, which has no `compress`."""
        async with self._fetch("it/requests/postedit/file", {"id": request_id}, kept) as found:
            yield found

    @asynccontextmanager
    async def _fetch(
        self, path: str, query: dict[str, Value], kept: KeptPart | None
    ) -> AsyncIterator[Arriving]:
        async with AsyncExitStack() as answers:

            async def ask(token: Secret) -> Incoming:
                asking = self._http.fetch(path, query={"token": token, **query}, kept=kept)
                incoming = await answers.enter_async_context(asking)
                if isinstance(incoming, Response):
                    raise instant_fault(incoming, self._clock.now())
                return incoming

            yield as_packed_file(await self._session.call(ask))

    async def _list(self, query: dict[str, Value]) -> InstantList:
        cap = SMALL_CAP if query else CAP

        async def ask(token: Secret) -> Response:
            answer = await self._http.request(
                "GET", "it/requests", query={"token": token, **query}, cap_bytes=cap
            )
            if not answer.good:
                raise instant_fault(answer, self._clock.now())
            return answer

        asked_at = self._clock.now()
        answer = await self._session.call(ask)
        return await decoded(decode_requests, answer.body, asked_at)


class InstantConnector:
    """Logs in and out, for reading and for writing. `ui` is the language of the server's texts."""

    def __init__(self, http: Http, login: InstantLogin, clock: Clock, ui: str = "en") -> None:
        self._http = http
        self._login = login
        self._clock = clock
        self._ui = ui
        self._login_throttle = LoginThrottle(clock)
        self._puts = True

    def open(self) -> AbstractAsyncContextManager[TokenSession]:
        """Connect, and always disconnect."""
        return token_session(self._connect, self._disconnect)

    async def _connect(self) -> Secret:
        return await self._login_throttle.log_in(self._log_in)

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
        """Log out by PUT, or by GET on older servers. Source: UserAPI/pages/709130 Disconnect."""
        if self._puts:
            answer = await self._send_disconnect("PUT", token)
            self._puts = answer.status not in _NO_SUCH_FORM
        if not self._puts:
            await self._send_disconnect("GET", token)

    async def _send_disconnect(self, method: str, token: Secret) -> Response:
        return await self._http.request(
            method,
            "disconnect",
            query={"token": token},
            cap_bytes=TOKEN_CAP,
            seconds=CLOSING_SECONDS,
        )


class InstantGateway:
    """Reads from Instant Translation (`ports.InstantGateway`, `ports.InstantFilesGateway`)."""

    def __init__(self, http: Http, login: InstantLogin, clock: Clock, ui: str = "en") -> None:
        self.connector = InstantConnector(http, login, clock, ui)
        self._http = http
        self._clock = clock

    @asynccontextmanager
    async def session(self) -> AsyncIterator[OpenInstant]:
        """Connect, and always disconnect."""
        async with self.connector.open() as session:
            yield OpenInstant(self._http, session, self._clock)

    def files(self) -> AbstractAsyncContextManager[OpenInstant]:
        """Connect for a batch of files, like `session`."""
        return self.session()


class OpenInstantWriter:
    """An open session that may submit requests (`ports.InstantWriting`)."""

    def __init__(self, http: Http, session: TokenSession, clock: Clock) -> None:
        self._http = http
        self._session = session
        self._clock = clock

    async def configuration(self, option: int = 0) -> InstantConfiguration:
        """Return the options and languages, which may change at any time.

        Source: UserAPI pageId=709628. An option that does not exist counts as 0.
        """

        async def ask(token: Secret) -> Response:
            query: dict[str, Value] = {"token": token, "option": option}
            return self._good(await self._http.request("GET", "it/configuration", query=query))

        answer = await self._session.call(ask)
        return decode_configuration(answer.body)

    async def submit(self, request: NewRequest, file: Path) -> int:
        """Submit a file, compressed by gzip, and return the id of the new request.

        Source: UserAPI/pages/709112 API - IT - Submit New Request.
        """
        async with packed_body(file) as body:

            async def ask(token: Secret) -> Response:
                query: dict[str, Value] = {
                    "token": token,
                    "filename": request.name,
                    "src": request.source,
                    "trg": request.target,
                    "option": request.option,
                    "foption": request.format_option,
                    "hash": request.hash,
                    "compress": "gzip",
                }
                answer = await self._http.request(
                    "POST", "it/requests", query=query, body=body, seconds=seconds_for(body.length)
                )
                return self._good(answer)

            answer = await send_non_idempotent(self._session.call(ask))
        return decode_non_idempotent(_new_id, answer.body)

    def _good(self, answer: Response) -> Response:
        if not answer.good:
            raise instant_fault(answer, self._clock.now())
        return answer


class InstantWriter:
    """Changes Instant Translation (`ports.InstantWriter`)."""

    def __init__(self, http: Http, connector: InstantConnector, clock: Clock) -> None:
        self._http = http
        self._connector = connector
        self._clock = clock

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[OpenInstantWriter]:
        """Connect, and always disconnect."""
        async with self._connector.open() as session:
            yield OpenInstantWriter(self._http, session, self._clock)


def decode_configuration(body: bytes) -> InstantConfiguration:
    """Decode the configuration, with the languages that are recognised.

    Raises `BadAnswer` if it holds none of its members.
    """
    answer = load(body)
    if not answer.is_object:
        raise BadAnswer("the answer tells nothing of the configuration")
    return InstantConfiguration(
        option=answer.get("option").count() or 0,
        options=tuple(title.text(120) for title in answer.get("options").items()),
        sources=_codes(answer.get("locales").get("sources", "source", "src")),
    )


def _codes(node: JsonNode) -> tuple[str, ...]:
    found = ((item.get("v") if item.is_object else item).text(60) for item in node.items())
    return tuple(code for code in found if code)


def _new_id(body: bytes) -> int:
    answer = load(body)
    number = (answer.get("id") if answer.is_object else answer).count()
    if not number:
        raise BadAnswer("the answer names no new request")
    return number
