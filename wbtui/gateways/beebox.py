"""The Beebox: one short session per round, since it runs no automatic operations while any is open."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from wbtui import __version__
from wbtui.clock import Clock
from wbtui.credentials import BeeboxLogin, Secret
from wbtui.gateways._http import Http, Value
from wbtui.gateways._session import CLOSING_SECONDS, Doorkeeper, TokenSession, token_session
from wbtui.gateways.answer import Answer, decoded
from wbtui.gateways.decode_beebox import decode_details, decode_files
from wbtui.gateways.decode_token import decode_token
from wbtui.gateways.faults import beebox_fault
from wbtui.ports import BeeboxDetails, BeeboxPage

WAIT_SECONDS = 1
"""How long the server waits for the end of its own work before it answers BUSY."""
LONGEST_GET = 1500
"""Characters of a filter that still go into an address; longer ones are posted."""
_FILES = "workprogress/translatedfiles"
_NO_SUCH_FORM = frozenset({404, 405})


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
        text = json.dumps(wanted, separators=(",", ":")) if wanted else ""
        posted = bool(paths) or len(text) > LONGEST_GET

        async def ask(token: Secret) -> Answer:
            if posted:
                body = {"token": token, "filter": wanted, "skip": skip, "count": count}
                return self._good(await self._http.request("POST", _FILES, json=body))
            query: dict[str, Value] = {"token": token, "filter": text, "skip": skip, "count": count}
            return self._good(await self._http.request("GET", _FILES, query=query))

        answer = await self._session.call(ask)
        return await decoded(decode_files, answer.body, skip, self._clock.now())

    def _good(self, answer: Answer) -> Answer:
        if not answer.good:
            raise beebox_fault(answer, self._clock.now())
        return answer


class BeeboxGateway:
    """The Beebox (`ports.BeeboxGateway`)."""

    def __init__(self, http: Http, login: BeeboxLogin, clock: Clock) -> None:
        self._http = http
        self._login = login
        self._clock = clock
        self._doorkeeper = Doorkeeper(clock)
        self._posts = True

    @asynccontextmanager
    async def session(self) -> AsyncIterator[OpenBeebox]:
        """Connect, and disconnect on every way out; raises `Busy` while the Beebox works."""
        async with token_session(self._connect, self._disconnect) as session:
            yield OpenBeebox(self._http, session, self._clock)

    async def _connect(self) -> Secret:
        return await self._doorkeeper.pass_through(self._log_in)

    async def _log_in(self) -> Secret:
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
            answer = await self._http.request("POST", "connect", json=parameters)
            self._posts = answer.status not in _NO_SUCH_FORM
        if not self._posts:
            answer = await self._http.request("GET", "connect", query=parameters)
        if not answer.good:
            raise beebox_fault(answer, self._clock.now(), connecting=True)
        return decode_token(answer.body)

    async def _disconnect(self, token: Secret) -> None:
        """Log out, also with a dead token; raises if a server fault stood between. Source: api-disconnect."""
        query = {"token": token}
        answer = await self._http.request("GET", "disconnect", query=query, seconds=CLOSING_SECONDS)
        if answer.status >= 500:
            raise beebox_fault(answer, self._clock.now())


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
