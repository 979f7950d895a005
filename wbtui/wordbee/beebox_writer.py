"""What changes files of the Beebox; a read-only profile has no such object."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from wbtui.domain.clock import Clock
from wbtui.domain.credentials import Secret
from wbtui.domain.errors import Rejected, ServiceError
from wbtui.wordbee._once import sent_once
from wbtui.wordbee.answer import Answer
from wbtui.wordbee.beebox import BeeboxDoor, OpenBeebox
from wbtui.wordbee.errors import beebox_fault
from wbtui.wordbee.http import Http, Outgoing, Value
from wbtui.wordbee.outgoing import bytes_body, file_body, seconds_for
from wbtui.wordbee.session import TokenSession

INSTRUCTIONS = ".beebox"


class OpenBeeboxWriter:
    """An open session that may change files (`ports_acting.BeeboxWriting`)."""

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
        """Put the instructions, so that they are there when the source is found, and then the source.

        Source: api-send-source-content, instruction-format.
        """
        content = await file_body(source)
        await self._change("PUT", f"{path}{INSTRUCTIONS}", bytes_body(instructions))
        await self._change("PUT", path, content)

    async def delete_source(self, path: str) -> None:
        """Delete the source, then its instructions, which need not be there.

        Source: api-delete-translated-content; with the source's locale it deletes the source.
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

        await sent_once(self._session.call(ask))

    def _fault(self, answer: Answer) -> ServiceError:
        return beebox_fault(answer, self._clock.now())


class BeeboxWriter:
    """The Beebox, to be changed (`ports_acting.BeeboxWriter`)."""

    def __init__(self, http: Http, door: BeeboxDoor, clock: Clock) -> None:
        self._http = http
        self._door = door
        self._clock = clock

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[OpenBeeboxWriter]:
        """Connect, and disconnect on every way out; raises `Busy` while the Beebox works."""
        async with self._door.open() as session:
            yield OpenBeeboxWriter(self._http, session, self._clock)
