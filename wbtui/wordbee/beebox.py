"""The Beebox: decoder, gateway and writer. Sessions are short: an open one stops the Beebox's own work."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

from wbtui import __version__
from wbtui.domain.clock import Clock
from wbtui.domain.credentials import BeeboxLogin, Secret
from wbtui.domain.errors import BadAnswer, NoConnection, NotTheService, Rejected, ServiceError, SessionLeft
from wbtui.domain.ports import Arriving, BeeboxDetails, BeeboxPage, KeptPart
from wbtui.domain.tasks import finish_despite_cancel
from wbtui.wordbee.beebox_records import decode_records
from wbtui.wordbee.error_answers import beebox_fault
from wbtui.wordbee.files import as_file, bytes_body, file_body, seconds_for
from wbtui.wordbee.http import CAP, TOKEN_CAP, Http, Incoming, Outgoing, Value
from wbtui.wordbee.response import Response, decoded
from wbtui.wordbee.session import (
    CLOSING_SECONDS,
    LoginThrottle,
    TokenSession,
    decode_token,
    send_non_idempotent,
)
from wbtui.wordbee.wire import load, load_list


def decode_files(body: bytes, skip: int, seen_at: datetime, asked: int | None = None) -> BeeboxPage:
    """Decode one page of records: those from `skip` on, at most `asked` of them.

    A record without file or locale is left out. Without a total, a full page is assumed to have a next one.
    Raises `BadAnswer` if there is no list of files, or none of its records can be read.
    """
    answer, received = load_list(body, "files", "items")
    total = answer.get("total").count()
    if received is None and total != 0:
        raise BadAnswer("the answer holds no list of files")
    received = received or []
    files = tuple(file for file in decode_records(received, seen_at) if file is not None)
    if received and not files:
        raise BadAnswer("the answer holds files, but none that can be read")
    full = asked is not None and len(received) >= asked
    return BeeboxPage(
        files=files,
        skip=skip,
        total=skip + len(received) + full if total is None else total,
        received=len(received),
    )


def decode_details(body: bytes) -> BeeboxDetails:
    """Decode the project's languages. Nothing else is kept, since the answer may hold passwords.

    Raises `BadAnswer` if the answer is not an object.
    """
    answer = load(body)
    if not answer.is_object:
        raise BadAnswer("the answer tells nothing of the project")
    titled = [
        (item.get("v").text(60), item.get("t").text(120)) for item in answer.get("targetLocaleItems").items()
    ]
    if not titled:
        codes = [code.text(60) for code in answer.get("targetLocales").items()]
        titles = [title.text(120) for title in answer.get("targetLocaleNames").items()]
        titled = list(zip(codes, titles + [""] * len(codes), strict=False))
    return BeeboxDetails(
        source_locale=answer.get("sourceLocale").text(60),
        locales=tuple((code, title) for code, title in titled if code),
    )


WAIT_SECONDS = 1
"""Seconds that the server waits for its own work to end before it answers BUSY: the least, since the next
round comes anyway."""
LONGEST_GET = 1500
"""The longest filter that is sent in an address; longer ones are posted. IIS takes 2048 characters
of a query by default."""
LEFT_OPEN = (
    "A session may be open now that nobody can close: it ends after 15 minutes, "
    "and until then the Beebox starts no work of its own."
)
_FILES = "workprogress/translatedfiles"
_NO_SUCH_FORM = frozenset({404, 405, 501})


class OpenBeebox:
    """An open Beebox session (`ports.BeeboxSession`)."""

    def __init__(self, http: Http, session: TokenSession, clock: Clock) -> None:
        self._http = http
        self._session = session
        self._clock = clock

    async def details(self) -> BeeboxDetails:
        """Return the project's languages. Source: api-get-project-information."""

        async def ask(token: Secret) -> Response:
            return self._good(await self._http.request("GET", "details", query={"token": token}))

        answer = await self._session.call(ask)
        return decode_details(answer.body)

    async def page(
        self,
        *,
        locale: str = "",
        pattern: str = "",
        paths: Sequence[str] = (),
        skip: int = 0,
        count: int = 100,
    ) -> BeeboxPage:
        """Return up to `count` records from `skip` on. Source: api-get-translation-status.

        `locale` is one target locale or empty for all, `pattern` a regular expression on the path, `paths`
        are exact paths.
        """
        wanted = _filter(locale, pattern, paths)
        # Without a filter an empty object is sent: an empty text is not JSON, and some servers parse it.
        text = json.dumps(wanted, separators=(",", ":"))
        posted = bool(paths) or len(text) > LONGEST_GET

        async def ask(token: Secret) -> Response:
            if posted:
                body = {"token": token, "filter": wanted, "skip": skip, "count": count}
                return self._good(await self._http.request("POST", _FILES, json=body, cap_bytes=CAP))
            query: dict[str, Value] = {"token": token, "filter": text, "skip": skip, "count": count}
            return self._good(await self._http.request("GET", _FILES, query=query, cap_bytes=CAP))

        asked_at = self._clock.now()
        answer = await self._session.call(ask)
        return await decoded(decode_files, answer.body, skip, asked_at, count)

    @asynccontextmanager
    async def file(
        self, path: str, locale: str, *, first_byte: float | None = None, kept: KeptPart | None = None
    ) -> AsyncIterator[Arriving]:
        """Yield the deliverable of an original in one locale. Source: api-get-translated-content.

        If the documented parameters find nothing, those that older connectors use are tried.
        """
        documented = {"locale": locale, "filename": path}
        older = {"locale": "", "folder": locale, "filename": path}
        async with self._first_found(documented, older, first_byte=first_byte, kept=kept) as found:
            yield found

    @asynccontextmanager
    async def preliminary(
        self, path: str, locale: str, *, first_byte: float | None = None, kept: KeptPart | None = None
    ) -> AsyncIterator[Arriving]:
        """Yield the preliminary file under the first of its possible names that the Beebox knows.

        Source: configure-automation, and the history of page 364705.
        """
        names = preliminary_names(path)
        forms = ({"locale": locale, "filename": name} for name in names)
        async with self._first_found(*forms, first_byte=first_byte, kept=kept) as found:
            yield found

    @asynccontextmanager
    async def _first_found(
        self, *forms: Mapping[str, str], first_byte: float | None, kept: KeptPart | None
    ) -> AsyncIterator[Arriving]:
        """Yield the first file that exists; raises the refusal of the first form if none does."""
        async with AsyncExitStack() as answers:
            refusal: Rejected | None = None
            for form in forms:
                try:
                    found = await self._fetch(form, answers, first_byte, kept)
                except Rejected as error:
                    refusal = refusal or error
                else:
                    yield as_file(found)
                    return
            assert refusal is not None
            raise refusal

    async def _fetch(
        self,
        form: Mapping[str, str],
        answers: AsyncExitStack,
        first_byte: float | None,
        kept: KeptPart | None,
    ) -> Incoming:
        async def ask(token: Secret) -> Incoming:
            query: dict[str, Value] = {"token": token, **form}
            request = self._http.fetch("files/file", query=query, first_byte=first_byte, kept=kept)
            incoming = await answers.enter_async_context(request)
            if isinstance(incoming, Response):
                raise beebox_fault(incoming, self._clock.now())
            return incoming

        return await self._session.call(ask)

    def _good(self, answer: Response) -> Response:
        if not answer.good:
            raise beebox_fault(answer, self._clock.now())
        return answer


class BeeboxConnector:
    """Logs in and out, for reading and for writing. Only one session is open at a time, and it is shared.

    A second one would keep the Beebox from its own work for longer; in a shared one, a look at the list
    costs nothing while files are fetched.
    """

    def __init__(self, http: Http, login: BeeboxLogin, clock: Clock) -> None:
        self._http = http
        self._login = login
        self._clock = clock
        self._login_throttle = LoginThrottle(clock)
        self._posts = True
        self._session_lock = asyncio.Lock()
        self._session: TokenSession | None = None
        self._users = 0
        self._leftover: Secret | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[TokenSession]:
        """Yield the session that is open, or connect; who leaves it last disconnects, whatever happens."""
        session = await self._enter()
        try:
            yield session
        finally:
            await finish_despite_cancel(self._leave(session))

    async def _enter(self) -> TokenSession:
        async with self._session_lock:
            session = self._session
            if session is None:
                await self._close_leftover()
                session = TokenSession(self._connect, self._disconnect)
                await session.open()
                self._session = session
            self._users += 1
            return session

    async def _leave(self, session: TokenSession) -> None:
        async with self._session_lock:
            self._users -= 1
            if self._users == 0:
                self._session = None
                await session.close()

    async def _close_leftover(self) -> None:
        """Log out of a session that could not be closed earlier: it would stop the Beebox for 15 minutes."""
        if self._leftover is not None:
            with contextlib.suppress(ServiceError):
                await self._disconnect(self._leftover)

    async def _connect(self) -> Secret:
        return await self._login_throttle.log_in(self._log_in)

    async def _log_in(self) -> Secret:
        """Return the token; raises `SessionLeft` if a session may be open whose token was lost."""
        try:
            answer = await self._send_login()
            if answer.good:
                return decode_token(answer.body)
        except (NoConnection, BadAnswer) as error:
            unsent = isinstance(error, NoConnection) and error.unsent
            # a web page comes from a proxy or firewall, not from a Beebox that accepted the log-in
            lost = not unsent and not isinstance(error, NotTheService)
            failure: ServiceError = SessionLeft(error.message, advice=LEFT_OPEN) if lost else error
        else:
            failure = beebox_fault(answer, self._clock.now(), connecting=True)
        raise failure

    async def _send_login(self) -> Response:
        """Log in by POST, which keeps the password out of addresses, or by GET if POST is not supported.

        Source: api-connect-using-post, api-connect.
        """
        parameters: dict[str, Value] = {
            "project": self._login.project,
            "login": self._login.login,
            "pwd": self._login.password,
            "waitsecs": WAIT_SECONDS,
            "connector": "wbtui",
            "version": __version__,
        }
        if self._posts:
            answer = await self._http.request("POST", "connect", json=parameters, cap_bytes=TOKEN_CAP)
            self._posts = answer.status not in _NO_SUCH_FORM
        if not self._posts:
            answer = await self._http.request("GET", "connect", query=parameters, cap_bytes=TOKEN_CAP)
        return answer

    async def _disconnect(self, token: Secret) -> None:
        """Log out, even with an expired token; raises on a server fault. Source: api-disconnect."""
        self._leftover = token
        query = {"token": token}
        answer = await self._http.request(
            "GET", "disconnect", query=query, cap_bytes=TOKEN_CAP, seconds=CLOSING_SECONDS
        )
        if answer.status >= 500:
            raise beebox_fault(answer, self._clock.now())
        self._leftover = None


class BeeboxGateway:
    """Reads from the Beebox (`ports.BeeboxGateway`, `ports.BeeboxFilesGateway`)."""

    def __init__(self, http: Http, login: BeeboxLogin, clock: Clock) -> None:
        self.connector = BeeboxConnector(http, login, clock)
        self._http = http
        self._clock = clock

    @asynccontextmanager
    async def session(self) -> AsyncIterator[OpenBeebox]:
        """Connect, and always disconnect; raises `Busy` while the Beebox works."""
        async with self.connector.open() as session:
            yield OpenBeebox(self._http, session, self._clock)

    def files(self) -> AbstractAsyncContextManager[OpenBeebox]:
        """Connect for a batch of files, like `session`."""
        return self.session()


def preliminary_names(path: str) -> tuple[str, ...]:
    """Return the possible names of the preliminary file of an original, likeliest first."""
    folder, slash, name = path.rpartition("\\")
    stem, dot, ending = name.rpartition(".")
    inside = f"{stem}.prelim.{ending}" if stem and dot else f"{name}.prelim"
    names = (inside, f"{name}.prelim", f"{name}.preliminary")
    return tuple(dict.fromkeys(f"{folder}{slash}{each}" for each in names))


def _filter(locale: str, pattern: str, paths: Sequence[str]) -> dict[str, object]:
    """Return the filter. The order of its members matters as documented: `targetLocale` first."""
    wanted: dict[str, object] = {}
    if locale:
        wanted["targetLocale"] = locale
    if pattern:
        wanted["patterns"] = {"fpath": pattern}
    if paths:
        wanted["filePaths"] = [{"Item1": "", "Item2": path} for path in paths]
    return wanted


INSTRUCTIONS = ".beebox"


class OpenBeeboxWriter:
    """An open session that may change files (`ports.BeeboxWriting`)."""

    def __init__(self, http: Http, session: TokenSession, clock: Clock) -> None:
        self._http = http
        self._session = session
        self._clock = clock
        self._source_locale = ""

    async def source_locale(self) -> str:
        """Return the project's source locale; raises `Rejected` if the Beebox does not name it."""
        if not self._source_locale:
            details = await OpenBeebox(self._http, self._session, self._clock).details()
            self._source_locale = details.source_locale
        if not self._source_locale:
            raise Rejected("the Beebox does not say which locale its sources have", status=0)
        return self._source_locale

    async def put_source(self, path: str, source: Path, instructions: bytes) -> None:
        """Send the instructions first, so that the Beebox has them when it finds the source; then the source.

        Source: api-send-source-content, instruction-format.
        """
        content = await file_body(source)
        await self._change("PUT", f"{path}{INSTRUCTIONS}", bytes_body(instructions))
        await self._change("PUT", path, content)

    async def delete_source(self, path: str) -> None:
        """Delete the source, then its instructions, which may be missing.

        Source: api-delete-translated-content; with the source's locale, the call deletes the source.
        """
        await self._change("DELETE", path, None)
        with contextlib.suppress(Rejected):
            await self._change("DELETE", f"{path}{INSTRUCTIONS}", None)

    async def _change(self, method: str, path: str, body: Outgoing | None) -> None:
        locale = await self.source_locale()

        async def ask(token: Secret) -> None:
            query: dict[str, Value] = {"token": token, "locale": locale, "folder": "", "filename": path}
            answer = await self._http.request(
                method,
                "files/file",
                query=query,
                body=body,
                seconds=seconds_for(body.length) if body else None,
            )
            if not answer.good:
                raise self._fault(answer)

        await send_non_idempotent(self._session.call(ask))

    def _fault(self, answer: Response) -> ServiceError:
        return beebox_fault(answer, self._clock.now())


class BeeboxWriter:
    """Changes files of the Beebox (`ports.BeeboxWriter`)."""

    def __init__(self, http: Http, connector: BeeboxConnector, clock: Clock) -> None:
        self._http = http
        self._connector = connector
        self._clock = clock

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[OpenBeeboxWriter]:
        """Connect, and always disconnect; raises `Busy` while the Beebox works."""
        async with self._connector.open() as session:
            yield OpenBeeboxWriter(self._http, session, self._clock)
