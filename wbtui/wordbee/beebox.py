"""The Beebox: one short session per round, since it runs no automatic operations while any is open."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from wbtui import __version__
from wbtui.domain.clock import Clock
from wbtui.domain.credentials import BeeboxLogin, Secret
from wbtui.domain.errors import BadAnswer, NoConnection, NotTheService, Rejected, ServiceError, SessionLeft
from wbtui.domain.ports import BeeboxDetails, BeeboxPage
from wbtui.domain.ports_acting import Arriving
from wbtui.wordbee.answer import Answer, decoded
from wbtui.wordbee.decode_beebox import decode_details, decode_files
from wbtui.wordbee.decode_token import decode_token
from wbtui.wordbee.errors import beebox_fault
from wbtui.wordbee.files import as_file
from wbtui.wordbee.http import CAP, TOKEN_CAP, Http, Incoming, Value
from wbtui.wordbee.session import CLOSING_SECONDS, Doorkeeper, TokenSession, token_session

WAIT_SECONDS = 1
"""How long the server waits for the end of its own work before it answers BUSY."""
LONGEST_GET = 1500
"""Characters of a filter that still go into an address; longer ones are posted."""
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

        async def ask(token: Secret) -> Answer:
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
        are exact ones.
        """
        wanted = _filter(locale, pattern, paths)
        # Without a filter the empty object goes: an empty text is no JSON, and some servers parse it.
        text = json.dumps(wanted, separators=(",", ":"))
        posted = bool(paths) or len(text) > LONGEST_GET

        async def ask(token: Secret) -> Answer:
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
        self, path: str, locale: str, *, first_byte: float | None = None
    ) -> AsyncIterator[Arriving]:
        """Give the deliverable of an original in one locale. Source: api-get-translated-content.

        Where the documented form finds nothing, the one that older connectors use is tried.
        """
        documented = {"locale": locale, "filename": path}
        older = {"locale": "", "folder": locale, "filename": path}
        async with self._first(documented, older, first_byte=first_byte) as found:
            yield found

    @asynccontextmanager
    async def preliminary(
        self, path: str, locale: str, *, first_byte: float | None = None
    ) -> AsyncIterator[Arriving]:
        """Give the preliminary file under the first of its possible names that the Beebox knows.

        Source: configure-automation, and the history of page 364705.
        """
        names = preliminary_names(path)
        forms = ({"locale": locale, "filename": name} for name in names)
        async with self._first(*forms, first_byte=first_byte) as found:
            yield found

    @asynccontextmanager
    async def _first(self, *forms: Mapping[str, str], first_byte: float | None) -> AsyncIterator[Arriving]:
        """Give the first file that is there; raises the refusal of the first form if none is."""
        async with AsyncExitStack() as answers:
            refusal: Rejected | None = None
            for form in forms:
                try:
                    found = await self._fetched(form, answers, first_byte)
                except Rejected as error:
                    refusal = refusal or error
                else:
                    yield as_file(found)
                    return
            assert refusal is not None
            raise refusal

    async def _fetched(
        self, form: Mapping[str, str], answers: AsyncExitStack, first_byte: float | None
    ) -> Incoming:
        async def ask(token: Secret) -> Incoming:
            query: dict[str, Value] = {"token": token, **form}
            asking = self._http.fetch("files/file", query=query, first_byte=first_byte)
            incoming = await answers.enter_async_context(asking)
            if isinstance(incoming, Answer):
                raise beebox_fault(incoming, self._clock.now())
            return incoming

        return await self._session.call(ask)

    def _good(self, answer: Answer) -> Answer:
        if not answer.good:
            raise beebox_fault(answer, self._clock.now())
        return answer


class BeeboxDoor:
    """Logs in and out, for reading and for writing alike; one session at a time is open."""

    def __init__(self, http: Http, login: BeeboxLogin, clock: Clock) -> None:
        self._http = http
        self._login = login
        self._clock = clock
        self._doorkeeper = Doorkeeper(clock)
        self._posts = True
        self._alone = asyncio.Lock()
        self._left_open: Secret | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[TokenSession]:
        """Wait until no other session of this program is open, connect, and disconnect on every way out."""
        async with self._alone:
            await self._close_what_is_left()
            async with token_session(self._connect, self._disconnect) as session:
                yield session

    async def _close_what_is_left(self) -> None:
        """Log out of a session that could not be closed when it ended, lest it stops the Beebox for long."""
        if self._left_open is not None:
            with contextlib.suppress(ServiceError):
                await self._disconnect(self._left_open)

    async def _connect(self) -> Secret:
        return await self._doorkeeper.pass_through(self._log_in)

    async def _log_in(self) -> Secret:
        """Return the token; raises `SessionLeft` if a session may have been opened and its token was lost."""
        try:
            answer = await self._asked_in()
            if answer.good:
                return decode_token(answer.body)
        except (NoConnection, BadAnswer) as error:
            unsent = isinstance(error, NoConnection) and error.unsent
            # a web page comes from something on the way, and not from a Beebox that took the log-in
            lost = not unsent and not isinstance(error, NotTheService)
            failure: ServiceError = SessionLeft(error.message, advice=LEFT_OPEN) if lost else error
        else:
            failure = beebox_fault(answer, self._clock.now(), connecting=True)
        raise failure

    async def _asked_in(self) -> Answer:
        """Log in by POST, which keeps the password out of addresses, or by GET where that does not exist.

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
        """Log out, also with a dead token; raises if a server fault stood between. Source: api-disconnect."""
        self._left_open = token
        query = {"token": token}
        answer = await self._http.request(
            "GET", "disconnect", query=query, cap_bytes=TOKEN_CAP, seconds=CLOSING_SECONDS
        )
        if answer.status >= 500:
            raise beebox_fault(answer, self._clock.now())
        self._left_open = None


class BeeboxGateway:
    """The Beebox, to be read (`ports.BeeboxGateway`, `ports_acting.BeeboxFilesGateway`)."""

    def __init__(self, http: Http, login: BeeboxLogin, clock: Clock) -> None:
        self.door = BeeboxDoor(http, login, clock)
        self._http = http
        self._clock = clock

    @asynccontextmanager
    async def session(self) -> AsyncIterator[OpenBeebox]:
        """Connect, and disconnect on every way out; raises `Busy` while the Beebox works."""
        async with self.door.open() as session:
            yield OpenBeebox(self._http, session, self._clock)

    def files(self) -> AbstractAsyncContextManager[OpenBeebox]:
        """Connect for a batch of files, like `session`."""
        return self.session()


def preliminary_names(path: str) -> tuple[str, ...]:
    """Return the names under which the preliminary file of an original may lie, likeliest first."""
    folder, slash, name = path.rpartition("\\")
    stem, dot, ending = name.rpartition(".")
    inside = f"{stem}.prelim.{ending}" if stem and dot else f"{name}.prelim"
    names = (inside, f"{name}.prelim", f"{name}.preliminary")
    return tuple(dict.fromkeys(f"{folder}{slash}{each}" for each in names))


def _filter(locale: str, pattern: str, paths: Sequence[str]) -> dict[str, object]:
    """Return the filter; the order of its members is said to matter, with `targetLocale` first."""
    wanted: dict[str, object] = {}
    if locale:
        wanted["targetLocale"] = locale
    if pattern:
        wanted["patterns"] = {"fpath": pattern}
    if paths:
        wanted["filePaths"] = [{"Item1": "", "Item2": path} for path in paths]
    return wanted
