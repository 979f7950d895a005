"""What submits to Instant Translation; a read-only profile has no such object."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from wbtui.domain.clock import Clock
from wbtui.domain.credentials import Secret
from wbtui.domain.errors import BadAnswer
from wbtui.domain.ports_acting import InstantConfiguration, NewRequest
from wbtui.wordbee._once import read_once, sent_once
from wbtui.wordbee.answer import Answer
from wbtui.wordbee.errors import instant_fault
from wbtui.wordbee.http import Http, Value
from wbtui.wordbee.instant import InstantDoor
from wbtui.wordbee.outgoing import packed_body, seconds_for
from wbtui.wordbee.session import TokenSession
from wbtui.wordbee.wire import Node, load


class OpenInstantWriter:
    """An open session that may submit (`ports_acting.InstantWriting`)."""

    def __init__(self, http: Http, session: TokenSession, clock: Clock) -> None:
        self._http = http
        self._session = session
        self._clock = clock

    async def configuration(self, option: int = 0) -> InstantConfiguration:
        """Return options and languages, which may change at any time.

        Source: UserAPI pageId=709628; an option that does not exist silently means 0.
        """

        async def ask(token: Secret) -> Answer:
            query: dict[str, Value] = {"token": token, "option": option}
            return self._good(await self._http.request("GET", "it/configuration", query=query))

        answer = await self._session.call(ask)
        return decode_configuration(answer.body)

    async def submit(self, request: NewRequest, file: Path) -> int:
        """Submit a file, packed by gzip, and return the id of the new request.

        Source: UserAPI/pages/709112 API - IT - Submit New Request.
        """
        async with packed_body(file) as body:

            async def ask(token: Secret) -> Answer:
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

            answer = await sent_once(self._session.call(ask))
        return read_once(_new_id, answer.body)

    def _good(self, answer: Answer) -> Answer:
        if not answer.good:
            raise instant_fault(answer, self._clock.now())
        return answer


class InstantWriter:
    """Instant Translation, to be changed (`ports_acting.InstantWriter`)."""

    def __init__(self, http: Http, door: InstantDoor, clock: Clock) -> None:
        self._http = http
        self._door = door
        self._clock = clock

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[OpenInstantWriter]:
        """Connect, and disconnect on every way out."""
        async with self._door.open() as session:
            yield OpenInstantWriter(self._http, session, self._clock)


def decode_configuration(body: bytes) -> InstantConfiguration:
    """Return what the configuration tells; of its languages no more than can be recognised.

    Raises `BadAnswer` if it tells nothing.
    """
    answer = load(body)
    if not answer.is_object:
        raise BadAnswer("the answer tells nothing of the configuration")
    return InstantConfiguration(
        option=answer.get("option").count() or 0,
        options=tuple(title.text(120) for title in answer.get("options").items()),
        sources=_codes(answer.get("locales").get("sources", "source", "src")),
    )


def _codes(node: Node) -> tuple[str, ...]:
    found = ((item.get("v") if item.is_object else item).text(60) for item in node.items())
    return tuple(code for code in found if code)


def _new_id(body: bytes) -> int:
    answer = load(body)
    number = (answer.get("id") if answer.is_object else answer).count()
    if not number:
        raise BadAnswer("the answer names no new request")
    return number
