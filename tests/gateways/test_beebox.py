"""The Beebox gateway over real HTTP: no session is ever left open."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback

import pytest

from tests.gateways.conftest import Serve, StillClock
from tests.gateways.server import Asked, Reply, ScriptedServer, as_json, unused_port
from tests.gateways.services import BEEBOX_LOGIN, PASSWORD, Sessions, Work
from wbtui import __version__, ports
from wbtui.credentials import BeeboxLogin, Secret
from wbtui.errors import (
    BadAnswer,
    Busy,
    LoginRefused,
    NoConnection,
    ServerFault,
    ServiceError,
    SessionExpired,
    SessionLeft,
)
from wbtui.gateways._http import Client, Http
from wbtui.gateways.beebox import BeeboxGateway
from wbtui.model import State

PAGE = {"skip": 0, "count": 1, "total": 1, "files": [{"file": "a\\b.docx", "locale": "fr", "status": 6}]}
FRAMEWORK = {"Message": "No HTTP resource was found", "MessageDetail": "No action was found"}
WRONG = BeeboxLogin(project="p", login="monitor", password=Secret("wrong-4711"))


class Build:
    def __init__(self, client: Client, serve: Serve, clock: StillClock) -> None:
        self.client, self.serve, self.clock = client, serve, clock

    async def __call__(
        self, script: Work, login: BeeboxLogin = BEEBOX_LOGIN
    ) -> tuple[BeeboxGateway, ScriptedServer]:
        server = await self.serve(script)
        return BeeboxGateway(Http(self.client, server.url), login, self.clock), server


@pytest.fixture
def build(client: Client, serve: Serve, clock: StillClock) -> Build:
    return Build(client, serve, clock)


@pytest.mark.parametrize("form", ["plain", "string", "object"])
async def test_a_round_connects_reads_and_disconnects(build: Build, form: str) -> None:
    service = Sessions(lambda _: as_json(PAGE), token=form)
    beebox, server = await build(service)
    gateway: ports.BeeboxGateway = beebox
    async with gateway.session() as session:
        page = await session.page()
        assert len(service.living) == 1
    assert page.received == 1
    assert [file.state for file in page.files] == [State.RUNNING]
    assert page.files[0].seen_at == build.clock.now()
    assert service.living == set()
    assert server.calls == ["POST connect", "GET workprogress/translatedfiles", "GET disconnect"]
    assert server.asked[0].json == {
        "project": "0f7c-project",
        "login": "monitor",
        "pwd": PASSWORD,
        "waitsecs": 1,
        "connector": "wbtui",
        "version": __version__,
    }
    assert "?" not in server.asked[0].target


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_an_older_beebox_is_connected_by_get_and_that_is_remembered(build: Build, status: int) -> None:
    service = Sessions(lambda _: as_json(PAGE))

    def older(asked: Asked) -> Reply:
        if asked.call == "POST connect":
            return as_json(FRAMEWORK, status)
        reply = service(asked)
        assert isinstance(reply, Reply)
        return reply

    beebox, server = await build(older)
    for _ in range(2):
        async with beebox.session():
            pass
    assert server.calls == [
        "POST connect",
        "GET connect",
        "GET disconnect",
        "GET connect",
        "GET disconnect",
    ]
    assert server.asked[1].query["pwd"] == PASSWORD
    assert server.asked[1].query["waitsecs"] == "1"


async def test_a_wrong_address_is_no_wrong_log_in(build: Build) -> None:
    beebox, server = await build(lambda _: as_json(FRAMEWORK, 404))
    with pytest.raises(BadAnswer) as caught:
        async with beebox.session():
            pass
    assert "URL" in caught.value.advice
    assert server.calls == ["POST connect", "GET connect"]


async def test_a_busy_beebox_says_so(build: Build) -> None:
    busy = {"type": "Api error", "id": "BUSY", "message": "Logins are blocked", "failed": True}
    beebox, server = await build(lambda _: as_json(busy, 400))
    with pytest.raises(Busy, match="Logins are blocked"):
        async with beebox.session():
            pass
    assert server.calls == ["POST connect"]


async def test_a_wrong_password_is_sent_once(build: Build) -> None:
    beebox, server = await build(Sessions(), WRONG)
    for _ in range(3):
        with pytest.raises(LoginRefused, match="Wrong login"):
            async with beebox.session():
                pass
    assert server.calls == ["POST connect"]


async def test_a_page_in_the_place_of_connect_is_a_bad_answer(build: Build) -> None:
    beebox, _ = await build(lambda _: Reply(200, b"<html><title>Log in</title>"))
    with pytest.raises(BadAnswer, match="no token"):
        async with beebox.session():
            pass


@pytest.mark.parametrize(
    "reply",
    [Reply(200, b""), Reply(204), Reply(200, b"x" * 70_000), Reply(200, b"TOKEN-4711", cut=True)],
)
async def test_a_connect_whose_token_is_lost_says_that_a_session_may_be_open(
    build: Build, reply: Reply
) -> None:
    beebox, _ = await build(lambda _: reply)
    with pytest.raises(SessionLeft) as caught:
        async with beebox.session():
            pass
    assert "15 minutes" in caught.value.advice
    assert "4711" not in str(caught.value)


async def test_a_connect_that_was_never_sent_leaves_no_session(client: Client, clock: StillClock) -> None:
    beebox = BeeboxGateway(Http(client, f"http://127.0.0.1:{unused_port()}"), BEEBOX_LOGIN, clock)
    with pytest.raises(NoConnection, match="refused") as caught:
        async with beebox.session():
            pass
    assert type(caught.value) is NoConnection


@pytest.mark.parametrize(
    ("locale", "pattern", "paths", "method", "wanted"),
    [
        ("", "", [], "GET", "{}"),
        ("fr", "", [], "GET", '{"targetLocale":"fr"}'),
        ("fr", "^batch-7\\\\", [], "GET", '{"targetLocale":"fr","patterns":{"fpath":"^batch-7\\\\\\\\"}}'),
        ("", "x" * 2000, [], "POST", '{"patterns":{"fpath":"' + "x" * 2000 + '"}}'),
        (
            "fr",
            "",
            ["a\\b.docx", "ü.html"],
            "POST",
            '{"targetLocale":"fr","filePaths":[{"Item1":"","Item2":"a\\\\b.docx"},'
            '{"Item1":"","Item2":"\\u00fc.html"}]}',
        ),
    ],
)
async def test_the_filter_goes_by_get_or_by_post(
    build: Build, locale: str, pattern: str, paths: list[str], method: str, wanted: str
) -> None:
    beebox, server = await build(Sessions(lambda _: as_json(PAGE)))
    async with beebox.session() as session:
        await session.page(locale=locale, pattern=pattern, paths=paths, skip=200, count=50)
    asked = server.asked[1]
    assert asked.method == method
    if method == "GET":
        assert asked.query == {"token": "TOKEN-4711-1", "filter": wanted, "skip": "200", "count": "50"}
    else:
        assert list(asked.json) == ["token", "filter", "skip", "count"]
        assert json.dumps(asked.json["filter"], separators=(",", ":")) == wanted
        assert (asked.json["skip"], asked.json["count"]) == (200, 50)


async def test_the_wire_form_of_a_path_goes_back_byte_for_byte(build: Build) -> None:
    wire = "a\u202eb\ud800\\c.docx"
    beebox, server = await build(Sessions(lambda _: as_json({"files": [{"file": wire, "locale": "fr"}]})))
    async with beebox.session() as session:
        found = (await session.page()).files[0]
        await session.page(paths=[found.wire_path])
    assert server.asked[2].json["filter"]["filePaths"] == [{"Item1": "", "Item2": wire}]


async def test_the_details_of_the_project_are_read(build: Build) -> None:
    body = {"sourceLocale": "en", "targetLocaleItems": [{"v": "fr", "t": "French"}]}
    beebox, server = await build(Sessions(lambda _: as_json(body)))
    async with beebox.session() as session:
        assert (await session.details()).locales == (("fr", "French"),)
    assert server.calls[1] == "GET details"


async def test_an_ended_session_is_opened_once_more_and_the_call_repeated(build: Build) -> None:
    service = Sessions(lambda _: as_json(PAGE))
    beebox, server = await build(service)
    async with beebox.session() as session:
        service.expire()
        assert (await session.page()).total == 1
    files = "GET workprogress/translatedfiles"
    assert server.calls == ["POST connect", files, "POST connect", files, "GET disconnect"]
    assert service.living == set()


async def test_a_session_that_ends_at_once_again_is_an_error(build: Build) -> None:
    service = Sessions(lambda _: as_json({"id": "LOGGEDOUT", "message": "Not authorised"}, 400))
    beebox, server = await build(service)
    with pytest.raises(SessionExpired):
        async with beebox.session() as session:
            await session.page()
    assert server.calls.count("POST connect") == 2
    assert server.calls[-1] == "GET disconnect"
    assert server.asked[-1].query == {"token": "TOKEN-4711-2"}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(502, b"<html><title>502 Bad Gateway</title>"), ServerFault),
        (Reply(200, b"<html>garbage"), BadAnswer),
        (Reply(200, b'{"files": [{"fi', cut=True), NoConnection),
        (Reply(302, b"", {"Location": "https://elsewhere.example/"}), BadAnswer),
    ],
)
async def test_the_session_is_closed_after_an_error(
    build: Build, reply: Reply, kind: type[ServiceError]
) -> None:
    service = Sessions(lambda _: reply)
    beebox, server = await build(service)
    with pytest.raises(kind):
        async with beebox.session() as session:
            await session.page()
    assert service.living == set()
    assert server.calls[-1] == "GET disconnect"


async def test_the_session_is_closed_after_an_error_of_the_caller(build: Build) -> None:
    service = Sessions()
    beebox, _ = await build(service)
    with pytest.raises(ZeroDivisionError):
        async with beebox.session():
            raise ZeroDivisionError
    assert service.living == set()


class Held:
    """Holds back the answers to one kind of call until a test lets them go."""

    def __init__(self, service: Sessions, held: str) -> None:
        self.service, self.held = service, held
        self.arrived = asyncio.Event()
        self.go = asyncio.Event()

    async def reached(self) -> None:
        """Wait until such a call is there."""
        async with asyncio.timeout(10):
            await self.arrived.wait()

    async def __call__(self, asked: Asked) -> Reply:
        if asked.path == self.held:
            self.arrived.set()
            await self.go.wait()
        reply = self.service(asked)
        return reply if isinstance(reply, Reply) else await reply


async def round_trip(beebox: BeeboxGateway) -> None:
    async with beebox.session() as session:
        await session.page()


async def test_the_session_is_closed_on_cancellation_in_the_middle_of_a_call(build: Build) -> None:
    held = Held(Sessions(lambda _: as_json(PAGE)), "workprogress/translatedfiles")
    beebox, server = await build(held)
    task = asyncio.create_task(round_trip(beebox))
    await held.reached()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert held.service.living == set()
    assert server.calls[-1] == "GET disconnect"


async def test_the_session_is_closed_on_cancellation_while_it_is_being_opened(build: Build) -> None:
    held = Held(Sessions(), "connect")
    beebox, server = await build(held)
    task = asyncio.create_task(round_trip(beebox))
    await held.reached()
    task.cancel()
    await asyncio.sleep(0)
    held.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert held.service.given == 1
    assert held.service.living == set()
    assert server.calls == ["POST connect", "GET disconnect"]


async def test_the_session_is_closed_however_often_it_is_cancelled(build: Build) -> None:
    held = Held(Sessions(lambda _: as_json(PAGE)), "disconnect")
    beebox, _ = await build(held)
    task = asyncio.create_task(round_trip(beebox))
    await held.reached()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    held.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert held.service.living == set()


async def test_a_log_in_that_fails_after_its_cancellation_is_no_further_error(build: Build) -> None:
    held = Held(Sessions(), "connect")
    beebox, server = await build(held, WRONG)
    task = asyncio.create_task(round_trip(beebox))
    await held.reached()
    task.cancel()
    await asyncio.sleep(0)
    held.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert server.calls == ["POST connect"]


@pytest.mark.parametrize("reply", [Reply(200), Reply(204), Reply(400, b"<html>"), Reply(500)])
async def test_whatever_disconnect_answers_is_fine(build: Build, reply: Reply) -> None:
    service = Sessions(lambda _: as_json(PAGE))

    def script(asked: Asked) -> Reply:
        answer = service(asked)
        assert isinstance(answer, Reply)
        return reply if asked.path == "disconnect" else answer

    beebox, _ = await build(script)
    await round_trip(beebox)
    assert service.living == set()


@pytest.mark.parametrize("fault", [Reply(502), Reply(200, b"x", cut=True)])
async def test_a_log_out_that_fails_on_the_way_is_repeated_once(build: Build, fault: Reply) -> None:
    service = Sessions()
    faults = [fault]

    def script(asked: Asked) -> Reply:
        if asked.path == "disconnect" and faults:
            return faults.pop()
        answer = service(asked)
        assert isinstance(answer, Reply)
        return answer

    beebox, server = await build(script)
    async with beebox.session():
        pass
    assert server.calls == ["POST connect", "GET disconnect", "GET disconnect"]
    assert service.living == set()


async def test_a_server_that_is_gone_at_the_end_is_no_error(build: Build) -> None:
    beebox, server = await build(Sessions())
    async with beebox.session():
        await server.stop()


async def test_no_secret_and_no_address_leaves_the_gateway(
    build: Build, caplog: pytest.LogCaptureFixture
) -> None:
    service = Sessions()

    def quoting(asked: Asked) -> Reply:
        if asked.path in {"connect", "disconnect"} and PASSWORD in str(asked.json if asked.body else ""):
            reply = service(asked)
            assert isinstance(reply, Reply)
            return reply
        return Reply(500, f"<p>{asked.target} {asked.body.decode()} http://a.example/?x=1</p>".encode())

    errors: list[BaseException] = []
    with caplog.at_level(logging.DEBUG):
        for login in (BEEBOX_LOGIN, WRONG):
            beebox, _ = await build(quoting, login)
            with pytest.raises(ServiceError) as caught:
                await round_trip(beebox)
            errors.append(caught.value)
            assert "4711" not in repr(beebox)
    for error in errors:
        shown = "".join(traceback.format_exception(error)) + repr(error)
        assert "TOKEN-4711" not in shown
        assert "wrong-4711" not in shown
        assert "http://" not in shown
    assert "4711" not in caplog.text
