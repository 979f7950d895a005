"""The Beebox gateway over real HTTP: how it connects, and what it asks and reads."""

from __future__ import annotations

import json

import pytest

from tests.wordbee.beebox.conftest import FRAMEWORK, PAGE, WRONG, Build
from tests.wordbee.conftest import StillClock
from tests.wordbee.minimal_services import BEEBOX_LOGIN, PASSWORD, Sessions
from tests.wordbee.scripted_server import Asked, Reply, as_json, unused_port
from wbtui import __version__
from wbtui.domain import ports
from wbtui.domain.errors import BadAnswer, Busy, LoginRefused, NoConnection, SessionLeft
from wbtui.domain.model import State
from wbtui.wordbee.beebox import BeeboxGateway
from wbtui.wordbee.http import Client, Http


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
