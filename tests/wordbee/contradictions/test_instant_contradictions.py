from __future__ import annotations

import pytest

from tests.wordbee.conftest import NOON
from tests.wordbee.contradictions.conftest import Build, pack
from tests.wordbee.minimal_services import Sessions
from tests.wordbee.scripted_server import Asked, Reply, as_json
from wbtui.domain.errors import SessionExpired
from wbtui.domain.model import InstantRequest, State
from wbtui.wordbee.error_answers import instant_fault
from wbtui.wordbee.http import base_address
from wbtui.wordbee.instant import decode_requests
from wbtui.wordbee.response import Response


def request(**fields: object) -> InstantRequest:
    return decode_requests(pack({"requests": [{"id": 39, **fields}]}), NOON).requests[0]


@pytest.mark.parametrize("status", [404, 405])
async def test_instant_contradiction_01_disconnect_is_put_or_get(build: Build, status: int) -> None:
    service = Sessions(token="object")

    def older(asked: Asked) -> Reply:
        if asked.method == "PUT":
            return Reply(status)
        reply = service(asked)
        assert isinstance(reply, Reply)
        return Reply(203) if asked.path == "disconnect" else reply

    instant, server = await build.instant(older)
    for _ in range(2):
        async with instant.session():
            pass
    once = ["GET connect", "PUT disconnect", "GET disconnect"]
    assert server.calls == [*once, "GET connect", "GET disconnect"]
    assert service.living == set()


async def test_instant_contradiction_02_requests_lie_below_it(build: Build) -> None:
    instant, server = await build.instant(Sessions(lambda _: as_json({"requests": []}), token="object"))
    async with instant.session() as session:
        await session.requests(None)
    assert server.asked[1].target.startswith("/api/it/requests?")


@pytest.mark.parametrize("node", [{}, {"InstantTranslation": {"urlTerms": None, "deadlineMandatory": True}}])
async def test_instant_contradiction_06_the_terms_at_connect_may_be_missing(
    build: Build, node: dict[str, object]
) -> None:
    service = Sessions(lambda _: as_json({"requests": []}))

    def script(asked: Asked) -> Reply:
        if asked.path == "connect":
            service.living.add("7b1e")
            return as_json({"token": "7b1e", "platform": "Alpha", "ui": "en", **node})
        reply = service(asked)
        assert isinstance(reply, Reply)
        return reply

    instant, server = await build.instant(script)
    async with instant.session() as session:
        assert (await session.requests(None)).requests == ()
    assert server.asked[1].query["token"] == "7b1e"


@pytest.mark.parametrize(
    ("fields", "order"),
    [({}, ""), ({"pe_orderid": 55}, "55"), ({"pe_orderid": "A-55"}, "A-55"), ({"pe_orderid": None}, "")],
)
def test_instant_contradiction_08_the_order_of_a_post_edit_may_be_missing(
    fields: dict[str, object], order: str
) -> None:
    assert request(**fields).post_edit_order == order


def test_instant_contradiction_09_only_ready_can_be_downloaded() -> None:
    assert request(status="Finished", ready=False).state is State.DONE
    assert request(status="Finished", ready=True).state is State.READY


def test_instant_contradiction_10_an_error_that_is_almost_json_is_understood() -> None:
    slip = b'{"id":"SESSION_EXPIRED","message":"Your session has ended.","info":null "failed":true}'
    fault = instant_fault(Response(400, {}, slip), NOON)
    assert isinstance(fault, SessionExpired)
    other = instant_fault(Response(400, {}, b'{"message":"Your file is odd" "failed":true}'), NOON)
    assert "Your file is odd" in other.message


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_instant_contradiction_11_the_address_is_what_the_user_gives(scheme: str) -> None:
    assert (
        base_address(f"{scheme}://userapi.acme.example:8443") == f"{scheme}://userapi.acme.example:8443/api"
    )


async def test_instant_contradiction_12_connect_names_an_account_and_no_project(build: Build) -> None:
    instant, server = await build.instant(Sessions(token="object"))
    async with instant.session():
        pass
    assert set(server.asked[0].query) == {"account", "login", "pwd", "domain", "ui"}
