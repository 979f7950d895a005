"""The size limit of each call's answer depends on the request alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.wordbee.conftest import Serve, StillClock
from tests.wordbee.minimal_services import (
    BEEBOX_LOGIN,
    INSTANT_LOGIN,
    TRANSLATOR_LOGIN,
    Sessions,
    Translator,
)
from tests.wordbee.scripted_server import Asked, Reply
from wbtui.domain.errors import BadAnswer
from wbtui.domain.ports import Arriving
from wbtui.files.saving import Folder
from wbtui.monitor.actions.receive import Destination, receive
from wbtui.wordbee.beebox import BeeboxGateway
from wbtui.wordbee.flex import FlexGateway
from wbtui.wordbee.http import MIB, Client, Http
from wbtui.wordbee.instant import InstantGateway
from wbtui.wordbee.translator import TranslatorGateway

BLANKS = b" " * (5 * MIB)
LIST = b'{"total": 0, "files": [], "requests": [], "rows": []}'


def padded(_asked: Asked) -> Reply:
    return Reply(200, LIST + BLANKS, {"Content-Type": "application/json"})


async def operation(http: Http, clock: StillClock) -> object:
    return await TranslatorGateway(http, TRANSLATOR_LOGIN, clock).read(1)


async def documents(http: Http, clock: StillClock) -> object:
    return await FlexGateway(TranslatorGateway(http, TRANSLATOR_LOGIN, clock).session).documents()


async def document(http: Http, clock: StillClock) -> object:
    return await FlexGateway(TranslatorGateway(http, TRANSLATOR_LOGIN, clock).session).document("1")


async def files(http: Http, clock: StillClock) -> object:
    async with BeeboxGateway(http, BEEBOX_LOGIN, clock).session() as session:
        return await session.page()


async def details(http: Http, clock: StillClock) -> object:
    async with BeeboxGateway(http, BEEBOX_LOGIN, clock).session() as session:
        return await session.details()


async def requests(http: Http, clock: StillClock) -> object:
    async with InstantGateway(http, INSTANT_LOGIN, clock).session() as session:
        return await session.requests(None)


async def named_requests(http: Http, clock: StillClock) -> object:
    async with InstantGateway(http, INSTANT_LOGIN, clock).session() as session:
        return await session.requests([39])


@pytest.mark.parametrize(
    ("call", "fits"),
    [
        (operation, False),
        (documents, True),
        (document, False),
        (files, True),
        (details, False),
        (requests, True),
        (named_requests, False),
    ],
)
async def test_lists_may_be_large_and_nothing_else(
    client: Client,
    serve: Serve,
    clock: StillClock,
    call: Callable[[Http, StillClock], Awaitable[object]],
    fits: bool,
) -> None:
    sessions = call not in {operation, documents, document}
    service = Sessions(padded) if sessions else Translator(padded)
    server = await serve(service)
    http = Http(client, server.url)
    if fits:
        await call(http, clock)
    else:
        with pytest.raises(BadAnswer, match="is larger than 4 MiB"):
            await call(http, clock)
    if isinstance(service, Sessions):
        assert service.living == set(), "the session is closed all the same"


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield bytes(64 * 1024)
        await asyncio.sleep(0)


async def test_a_file_without_an_end_is_given_up_and_nothing_is_left(tmp_path: Path) -> None:
    arriving = Arriving(chunks=endless(), size=None, name="", media_type="")
    place = Destination(Folder(tmp_path), ("a.docx",))
    with pytest.raises(BadAnswer, match="larger than 3 MiB: not stored"), place.saving() as saving:
        await receive(arriving, saving, lambda *_: None, lambda _: "", most=3 * MIB)
    assert not os.listdir(tmp_path)
