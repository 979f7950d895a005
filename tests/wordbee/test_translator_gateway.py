"""The translator's session and the operations gateway, over real HTTP."""

from __future__ import annotations

import asyncio
import logging
import traceback

import pytest

from tests.wordbee.conftest import Serve, StillClock
from tests.wordbee.minimal_services import EXPIRED, KEY, TRANSLATOR_LOGIN, Translator, Work
from tests.wordbee.scripted_server import Asked, Reply, ScriptedServer, as_json
from wbtui.domain import ports
from wbtui.domain.credentials import Secret, TranslatorLogin
from wbtui.domain.errors import (
    AllowanceUsed,
    BadAnswer,
    LoginRefused,
    NoConnection,
    NotAllowed,
    NotTheService,
    Rejected,
    ServerFault,
    ServiceError,
    Unknown,
)
from wbtui.domain.model import State
from wbtui.wordbee.http import Client, Http
from wbtui.wordbee.translator import TranslatorGateway

WAITING = {"trm": {"requestid": 8123, "status": "Waiting", "statusText": "Waiting..."}}
WRONG = TranslatorLogin(account="acme", key=Secret("wrong-4711"))


def answering(value: object, status: int = 200) -> Work:
    return lambda _: as_json(value, status)


class Opened:
    """A gateway, its server, and the calls that were counted."""

    def __init__(
        self, server: ScriptedServer, client: Client, clock: StillClock, login: TranslatorLogin
    ) -> None:
        self.server = server
        self.counted = 0
        self.gateway = TranslatorGateway(Http(client, server.url, counter=self._count), login, clock)

    def _count(self) -> None:
        self.counted += 1

    def logins(self) -> int:
        return self.server.calls.count("POST auth/token")


class Build:
    def __init__(self, client: Client, serve: Serve, clock: StillClock) -> None:
        self.client, self.serve, self.clock = client, serve, clock

    async def __call__(self, script: Work, login: TranslatorLogin = TRANSLATOR_LOGIN) -> Opened:
        return Opened(await self.serve(script), self.client, self.clock, login)


@pytest.fixture
def build(client: Client, serve: Serve, clock: StillClock) -> Build:
    return Build(client, serve, clock)


async def test_an_operation_is_read_with_a_token_that_is_kept(build: Build) -> None:
    session = await build(Translator(answering(WAITING)))
    gateway: ports.OperationsGateway = session.gateway
    assert (await gateway.read(8123)).state is State.WAITING
    await gateway.read(8123)
    assert session.server.calls == ["POST auth/token", "GET trm/status", "GET trm/status"]
    assert session.server.asked[1].query == {"requestid": "8123"}
    assert session.server.asked[1].headers["content-type"] == "application/json"


async def test_connecting_gets_a_token_once_and_costs_no_call(build: Build) -> None:
    session = await build(Translator(answering(WAITING)))
    await session.gateway.connect()
    await session.gateway.connect()
    await session.gateway.read(1)
    assert session.server.calls == ["POST auth/token", "GET trm/status"]
    assert session.counted == 1


async def test_the_log_in_is_not_counted_and_each_look_is(build: Build) -> None:
    session = await build(Translator(answering(WAITING)))
    await session.gateway.read(1)
    await session.gateway.read(2)
    await session.gateway.close()
    assert session.counted == 2


@pytest.mark.parametrize("expired", [as_json(EXPIRED, 400), Reply(401), as_json(EXPIRED, 403)])
async def test_an_expired_token_is_renewed_once(build: Build, expired: Reply) -> None:
    service = Translator(answering(WAITING), expired)
    session = await build(service)
    await session.gateway.read(1)
    service.expire()
    assert (await session.gateway.read(2)).state is State.WAITING
    assert session.logins() == 2


async def test_parallel_calls_with_an_expired_token_log_in_once(build: Build) -> None:
    service = Translator(answering(WAITING))
    session = await build(service)
    await session.gateway.read(1)
    service.expire()
    readings = await asyncio.gather(*(session.gateway.read(number) for number in range(1, 8)))
    assert {reading.state for reading in readings} == {State.WAITING}
    assert session.logins() == 2


async def test_parallel_first_calls_log_in_once(build: Build) -> None:
    session = await build(Translator(answering(WAITING)))
    await asyncio.gather(*(session.gateway.read(number) for number in range(1, 8)))
    assert session.logins() == 1


async def test_a_fresh_token_that_is_refused_ends_the_matter(build: Build) -> None:
    session = await build(Translator(lambda _: as_json(EXPIRED, 400)))
    with pytest.raises(NotAllowed, match="Not authenticated"):
        await session.gateway.read(1)
    assert session.server.calls == ["POST auth/token", "GET trm/status"] * 2


async def test_a_wrong_key_is_sent_once(build: Build) -> None:
    session = await build(Translator(), WRONG)
    results = await asyncio.gather(
        *(session.gateway.read(number) for number in range(1, 6)), return_exceptions=True
    )
    assert {type(result) for result in results} == {LoginRefused}
    with pytest.raises(LoginRefused, match="Invalid private key"):
        await session.gateway.read(6)
    assert session.server.calls == ["POST auth/token"]


async def test_a_wrong_key_may_be_tried_again_after_a_while(build: Build) -> None:
    session = await build(Translator(answering(WAITING)), WRONG)
    with pytest.raises(LoginRefused):
        await session.gateway.read(1)
    build.clock.seconds += 31
    with pytest.raises(LoginRefused):
        await session.gateway.read(1)
    assert session.logins() == 2


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(401), LoginRefused),
        (Reply(403), LoginRefused),
        (Reply(403, b"<h1>Forbidden by the firewall</h1>"), NotTheService),
        (as_json({"error": {"title": "API access is off"}}, 400), LoginRefused),
        (Reply(400, b"<h1>Bad Request</h1>"), BadAnswer),
        (Reply(404, b"<h1>Not here</h1>"), BadAnswer),
        (as_json({"Message": "No HTTP resource was found"}, 404), BadAnswer),
        (Reply(302, b"", {"Location": "/login"}), BadAnswer),
        (Reply(503), ServerFault),
        (Reply(200, b"<html><title>Welcome</title>"), NotTheService),
        (Reply(200, b""), BadAnswer),
        (as_json({"error": "x"}), BadAnswer),
    ],
)
async def test_a_log_in_that_fails(build: Build, reply: Reply, kind: type[ServiceError]) -> None:
    session = await build(lambda _: reply)
    with pytest.raises(kind) as caught:
        await session.gateway.read(1)
    assert type(caught.value) is kind
    assert session.server.calls == ["POST auth/token"]


@pytest.mark.parametrize("body", [b'"TOKEN-4711-1"', b" TOKEN-4711-1\n", b'{"Token": "TOKEN-4711-1"}'])
async def test_the_token_is_taken_in_any_form(build: Build, body: bytes) -> None:
    def script(asked: Asked) -> Reply:
        if asked.path == "auth/token":
            return Reply(200, body)
        assert asked.headers["x-auth-token"] == "TOKEN-4711-1"
        return as_json(WAITING)

    session = await build(script)
    assert (await session.gateway.read(1)).state is State.WAITING


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (as_json({"error": {"title": "No such operation"}, "reason": "No such operation"}, 400), Unknown),
        (as_json({"error": {"title": "No such operation"}}, 404), Unknown),
        (Reply(404, b"<h1>no such page</h1>"), BadAnswer),
        (Reply(400), Rejected),
        (as_json({"error": {"title": "No right"}}, 403), NotAllowed),
        (Reply(502, b"<html><title>502 Bad Gateway</title></html>"), ServerFault),
        (Reply(200, b"<html><title>Maintenance</title></html>"), BadAnswer),
        (Reply(200, b'{"trm": {"requestid": 81'), BadAnswer),
        (Reply(200, b""), BadAnswer),
        (Reply(200, b"\xff\xfe"), BadAnswer),
        (Reply(200, b'{"trm": ', cut=True), NoConnection),
    ],
)
async def test_a_look_that_fails(build: Build, reply: Reply, kind: type[ServiceError]) -> None:
    session = await build(Translator(lambda _: reply))
    with pytest.raises(kind) as caught:
        await session.gateway.read(8123)
    assert type(caught.value) is kind
    assert session.logins() == 1


async def test_a_used_up_allowance_says_how_much_it_is(build: Build) -> None:
    text = "Requests throttled. Maximum allowed 1000 per 01:00:00."
    refusal = {"error": {"type": "Throttling error", "message": text}, "reason": text}
    session = await build(Translator(lambda _: as_json(refusal, 429, **{"Retry-After": "90"})))
    with pytest.raises(AllowanceUsed, match="Maximum allowed 1000") as caught:
        await session.gateway.read(1)
    assert (caught.value.limit, caught.value.per_seconds, caught.value.retry_after) == (1000, 3600, 90.0)
    assert not caught.value.ours


async def test_closing_gives_the_token_back_and_never_raises(build: Build) -> None:
    service = Translator(answering(WAITING))
    session = await build(service)
    await session.gateway.close()
    await session.gateway.read(1)
    await session.gateway.close()
    assert service.living == set()
    assert session.server.calls == ["POST auth/token", "GET trm/status", "DELETE auth/token"]
    await session.gateway.read(1)
    await session.server.stop()
    await session.gateway.close()


async def test_a_media_file_is_fetched_by_its_token(build: Build) -> None:
    session = await build(Translator(lambda _: Reply(200, b"PK\x03\x04")))
    assert await session.gateway.session.media("a/b..c") == b"PK\x03\x04"
    assert session.server.asked[1].target == "/api/media/get/a%2Fb..c"


def rows(first: int, last: int) -> list[object]:
    return [{"trm": {"requestid": number, "status": "Waiting"}} for number in range(first, last)]


async def test_the_list_of_operations_is_read_page_by_page(build: Build) -> None:
    def script(asked: Asked) -> Reply:
        skip = asked.json["skip"]
        return as_json({"total": 5, "rows": rows(skip + 1, min(skip + 3, 6))})

    session = await build(Translator(script))
    listed = await session.gateway.listed()
    assert listed is not None
    assert [found.request_id for found in listed.operations] == [1, 2, 3, 4, 5]
    assert listed.more == 0
    assert [asked.json["skip"] for asked in session.server.asked[1:]] == [0, 2, 4]


async def test_the_list_of_operations_ends_with_an_empty_page_and_after_five(build: Build) -> None:
    session = await build(
        Translator(lambda asked: as_json({"total": 9, "rows": rows(1, 3)[asked.json["skip"] :]}))
    )
    listed = await session.gateway.listed()
    assert listed is not None
    assert (len(listed.operations), listed.more) == (2, 0)
    endless = await build(Translator(answering({"total": 10**6, "rows": rows(1, 3)})))
    listed = await endless.gateway.listed()
    assert listed is not None
    assert listed.more == 10**6 - 10
    assert endless.server.calls.count("POST trm/list") == 5


@pytest.mark.parametrize(
    "reply",
    [
        as_json({"error": {"title": "x"}}, 400),
        as_json({"Message": "No HTTP resource was found"}, 404),
        Reply(404),
        Reply(405),
        Reply(403),
        Reply(500, b"<html>"),
        Reply(200, b"<html>"),
        as_json({"rows": [{"what": "ever"}]}),
    ],
)
async def test_a_server_without_the_list_says_none(build: Build, reply: Reply) -> None:
    session = await build(Translator(lambda _: reply))
    assert await session.gateway.listed() is None


@pytest.mark.parametrize(("status", "kind"), [(503, ServerFault), (429, AllowanceUsed)])
async def test_a_passing_failure_says_nothing_about_the_list(
    build: Build, status: int, kind: type[ServiceError]
) -> None:
    session = await build(Translator(lambda _: Reply(status)))
    with pytest.raises(kind):
        await session.gateway.listed()


async def test_no_secret_and_no_address_leaves_the_gateway(
    build: Build, caplog: pytest.LogCaptureFixture
) -> None:
    def quoting(asked: Asked) -> Reply:
        shown = f"{asked.headers.get('x-auth-token')} {KEY} {asked.body.decode()} http://x.example/?a=4711"
        return Reply(500, f"<html><body>{shown}</body></html>".encode())

    errors: list[BaseException] = []
    with caplog.at_level(logging.DEBUG):
        cases: list[tuple[Work, TranslatorLogin]] = [
            (Translator(quoting), TRANSLATOR_LOGIN),
            (quoting, WRONG),
        ]
        for script, login in cases:
            session = await build(script, login)
            with pytest.raises(ServiceError) as caught:
                await session.gateway.read(1)
            errors.append(caught.value)
            assert "4711" not in repr(session.gateway) + repr(session.gateway.session)
    for error in errors:
        shown = "".join(traceback.format_exception(error)) + repr(error)
        assert "********" in str(error)
        assert "TOKEN-4711" not in shown
        assert "wrong-4711" not in shown
        assert "http://" not in shown
    assert "4711" not in caplog.text


async def test_a_log_in_that_is_cancelled_keeps_its_token_for_the_end(build: Build) -> None:
    service = Translator()
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(asked: Asked) -> Reply:
        if asked.call == "POST auth/token":
            arrived.set()
            await go_on.wait()
        answer = service(asked)
        assert isinstance(answer, Reply)
        return answer

    session = await build(slow)
    reading = asyncio.create_task(session.gateway.read(1))
    await arrived.wait()
    reading.cancel()
    asyncio.get_running_loop().call_later(0.01, go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert len(service.living) == 1
    await session.gateway.close()
    assert service.living == set()
