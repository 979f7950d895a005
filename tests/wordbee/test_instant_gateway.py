"""The Instant Translation gateway over real HTTP."""

from __future__ import annotations

import asyncio
import logging
import traceback

import pytest

from tests.slowness import patience
from tests.wordbee.conftest import Serve, StillClock
from tests.wordbee.minimal_services import INSTANT_LOGIN, PASSWORD, Sessions, Work
from tests.wordbee.scripted_server import Asked, Reply, ScriptedServer, as_json
from wbtui.domain import ports
from wbtui.domain.credentials import InstantLogin, Secret
from wbtui.domain.errors import BadAnswer, LoginRefused, NotAllowed, ServerFault, ServiceError, SessionExpired
from wbtui.domain.model import State
from wbtui.wordbee.http import Client, Http
from wbtui.wordbee.instant import InstantGateway

WRONG = InstantLogin(account="acme", login="ann", password=Secret("wrong-4711"))


def listing(asked: Asked) -> Reply:
    """Answer for the ids asked for, or for 39 and 40."""
    ids = [int(part) for part in asked.query.get("ids", "39,40").split(",")]
    return as_json({"requests": [{"id": number, "status": "Waiting", "ready": False} for number in ids]})


def sessions(work: Work = listing) -> Sessions:
    return Sessions(work, expired="SESSION_EXPIRED", token="object")


class Build:
    def __init__(self, client: Client, serve: Serve, clock: StillClock) -> None:
        self.client, self.serve, self.clock = client, serve, clock

    async def __call__(
        self, script: Work, login: InstantLogin = INSTANT_LOGIN, ui: str = "en"
    ) -> tuple[InstantGateway, ScriptedServer]:
        server = await self.serve(script)
        return InstantGateway(Http(self.client, server.url), login, self.clock, ui), server


@pytest.fixture
def build(client: Client, serve: Serve, clock: StillClock) -> Build:
    return Build(client, serve, clock)


async def test_a_round_connects_reads_and_disconnects(build: Build) -> None:
    service = sessions()
    instant, server = await build(service, ui="de")
    gateway: ports.InstantGateway = instant
    async with gateway.session() as session:
        requests = (await session.requests([39, 40])).requests
    assert [(request.request_id, request.state) for request in requests] == [
        (39, State.WAITING),
        (40, State.WAITING),
    ]
    assert requests[0].seen_at == build.clock.now()
    assert server.calls == ["GET connect", "GET it/requests", "PUT disconnect"]
    assert server.asked[0].query == {
        "account": "acme",
        "login": "ann",
        "pwd": PASSWORD,
        "domain": "InstantTranslation",
        "ui": "de",
    }
    assert server.asked[1].query == {"token": "TOKEN-4711-1", "ids": "39,40"}
    assert server.asked[2].headers["content-length"] == "0"
    assert service.living == set()


async def test_all_requests_are_asked_for_without_ids(build: Build) -> None:
    instant, server = await build(sessions())
    async with instant.session() as session:
        assert len((await session.requests(None)).requests) == 2
    assert server.asked[1].query == {"token": "TOKEN-4711-1"}


async def test_no_ids_ask_nothing(build: Build) -> None:
    instant, server = await build(sessions())
    async with instant.session() as session:
        assert (await session.requests([])).requests == ()
    assert server.calls == ["GET connect", "PUT disconnect"]


async def test_many_ids_are_asked_for_in_parts(build: Build) -> None:
    instant, server = await build(sessions())
    async with instant.session() as session:
        requests = (await session.requests(range(1, 451))).requests
    assert [request.request_id for request in requests] == list(range(1, 451))
    assert server.calls.count("GET it/requests") == 3


async def test_an_ended_session_is_opened_once_more_and_the_call_repeated(build: Build) -> None:
    service = sessions()
    instant, server = await build(service)
    async with instant.session() as session:
        service.expire()
        assert len((await session.requests(None)).requests) == 2
    assert server.calls.count("GET connect") == 2
    assert service.living == set()


async def test_a_session_that_ends_at_once_again_is_an_error(build: Build) -> None:
    instant, server = await build(sessions(lambda _: as_json({"id": "SESSION_EXPIRED"}, 400)))
    with pytest.raises(SessionExpired):
        async with instant.session() as session:
            await session.requests(None)
    assert server.calls.count("GET connect") == 2


async def test_a_wrong_password_is_sent_once(build: Build) -> None:
    instant, server = await build(sessions(), WRONG)
    for _ in range(3):
        with pytest.raises(LoginRefused, match="Wrong login"):
            async with instant.session():
                pass
    assert server.calls == ["GET connect"]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (as_json({"id": "NOT_AUTHORISED", "message": "no"}, 400), NotAllowed),
        (Reply(502, b"<html><title>502</title>"), ServerFault),
        (Reply(200, b"<html>garbage"), BadAnswer),
        (Reply(200, b'{"requests": ['), BadAnswer),
    ],
)
async def test_the_session_is_closed_after_an_error(
    build: Build, reply: Reply, kind: type[ServiceError]
) -> None:
    service = sessions(lambda _: reply)
    instant, _ = await build(service)
    with pytest.raises(kind):
        async with instant.session() as session:
            await session.requests(None)
    assert service.living == set()


async def test_the_session_is_closed_on_cancellation(build: Build) -> None:
    arrived = asyncio.Event()

    async def held(_asked: Asked) -> Reply:
        arrived.set()
        await asyncio.Event().wait()
        return Reply()

    service = sessions(held)
    instant, _ = await build(service)

    async def round_trip() -> None:
        async with instant.session() as session:
            await session.requests(None)

    task = asyncio.create_task(round_trip())
    async with asyncio.timeout(patience(10)):
        await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert service.living == set()


async def test_no_secret_and_no_address_leaves_the_gateway(
    build: Build, caplog: pytest.LogCaptureFixture
) -> None:
    def quoting(asked: Asked) -> Reply:
        return Reply(500, f"<p>no {asked.target} http://a.example/?x=1</p>".encode())

    with caplog.at_level(logging.DEBUG):
        instant, _ = await build(quoting, WRONG)
        with pytest.raises(ServerFault) as caught:
            async with instant.session():
                pass
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(instant)
    assert "4711" not in shown + caplog.text
    assert "http://" not in shown
