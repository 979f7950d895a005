"""The Beebox gateway over real HTTP: no session is ever left open."""

from __future__ import annotations

import asyncio
import logging
import traceback

import pytest

from tests.slowness import patience
from tests.wordbee.beebox.conftest import PAGE, WRONG, Build
from tests.wordbee.minimal_services import BEEBOX_LOGIN, PASSWORD, Sessions
from tests.wordbee.scripted_server import Asked, Reply, as_json
from wbtui.domain.errors import BadAnswer, NoConnection, ServerFault, ServiceError, SessionExpired
from wbtui.wordbee.beebox import BeeboxGateway


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
        async with asyncio.timeout(patience(10)):
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


async def test_who_comes_while_a_session_is_open_takes_part_in_it(build: Build) -> None:
    service = Sessions(lambda _: as_json(PAGE))
    beebox, server = await build(service)
    async with beebox.files():
        async with beebox.session() as look:
            assert (await look.page()).total == 1
        assert service.living != set()
        async with beebox.session() as look:
            await look.page()
    files = "GET workprogress/translatedfiles"
    assert server.calls == ["POST connect", files, files, "GET disconnect"]
    assert service.living == set()


async def test_who_leaves_last_closes_a_shared_session_even_if_cancelled(build: Build) -> None:
    service = Sessions(lambda _: as_json(PAGE))
    beebox, server = await build(service)
    inside = asyncio.Event()

    async def stay() -> None:
        async with beebox.session():
            inside.set()
            await asyncio.Event().wait()

    async with beebox.session():
        task = asyncio.create_task(stay())
        await inside.wait()
    assert server.calls == ["POST connect"]
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert server.calls == ["POST connect", "GET disconnect"]
    assert service.living == set()
