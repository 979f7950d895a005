"""No secret appears in answers, errors or logs."""

from __future__ import annotations

import html
import json
import logging
import re
import traceback
from collections.abc import Callable

import pytest

from tests.wordbee.conftest import Serve
from tests.wordbee.minimal_services import TOKEN
from tests.wordbee.scripted_server import Asked, Reply, as_json, echo, unused_port
from wbtui.domain.credentials import Secret
from wbtui.domain.errors import ServiceError
from wbtui.wordbee.http import Client, Http
from wbtui.wordbee.http_safety import masked

HEADER = Secret("hdr-4711")


async def failing_calls(client: Client, serve: Serve) -> list[ServiceError]:
    """Return one error of each kind from calls that carry secrets in every place."""
    port = unused_port()
    cut = await serve(lambda _: Reply(200, b"x", cut=True))
    addresses = [f"http://127.0.0.1:{port}/api", cut.url]
    errors: list[ServiceError] = []
    for address in addresses:
        try:
            await Http(client, address).request(
                "POST", "x", query={"token": TOKEN}, headers={"X": HEADER}, json={"pwd": TOKEN}
            )
        except ServiceError as error:
            errors.append(error)
    return errors


async def test_no_secret_and_no_address_in_errors_or_logs(
    client: Client, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        errors = await failing_calls(client, serve)
        server = await serve(echo)
        await Http(client, server.url).request("GET", "x", query={"token": TOKEN})
    assert len(errors) == 2
    for error in errors:
        shown = "".join(traceback.format_exception(error)) + repr(error) + str(error) + error.advice
        assert "4711" not in shown
        assert "http://" not in shown
        assert "/api" not in error.message
    logged = caplog.text + " ".join(record.name for record in caplog.records)
    assert "4711" not in logged
    assert "127.0.0.1" not in logged


@pytest.mark.parametrize("secret", ["pa ss&wört+1", 'quo"te<d>', "plain-4711", "sur\ud800rogate"])
@pytest.mark.parametrize("status", [200, 400, 404, 500])
async def test_a_page_that_quotes_the_request_is_masked(
    client: Client, serve: Serve, secret: str, status: int
) -> None:
    def quoting(asked: Asked) -> Reply:
        shown = f"<p>{asked.target} {asked.query} {asked.body.decode()} ".encode("utf-8", "surrogateescape")
        return Reply(status, shown)

    server = await serve(quoting)
    answer = await Http(client, server.url).request(
        "POST", "connect", query={"pwd": Secret(secret), "login": "ann"}, json={"key": Secret(secret)}
    )
    words = answer.body.decode("utf-8", "surrogateescape")
    assert "ann" in words
    assert "4711" not in words
    assert "%20ss%26" not in words
    assert "surrogate" not in words.replace("%EF%BF%BD", "")
    assert words.count("********") >= 1


@pytest.mark.parametrize("secret", ["pa ss&wört+1", 'quo"te<\\d>', "plain-4711", "sur\ud800rogate"])
@pytest.mark.parametrize("wrap", ["ascii", "utf-8", "html", "lower", "twice"])
async def test_json_that_quotes_the_request_in_json_is_masked(
    client: Client, serve: Serve, secret: str, wrap: str
) -> None:
    wraps: dict[str, Callable[[str], str]] = {
        "ascii": lambda text: json.dumps({"reason": text}),
        "utf-8": lambda text: json.dumps({"reason": text}, ensure_ascii=False),
        "html": lambda text: f"<p>{html.escape(text)}</p>",
        "lower": lambda text: json.dumps({"reason": text.lower()}),
        "twice": lambda text: json.dumps({"reason": json.dumps({"inner": text})}),
    }

    def quoting(asked: Asked) -> Reply:
        shown = wraps[wrap](f"{asked.target} {asked.body.decode()}")
        return Reply(400, shown.encode("utf-8", "surrogatepass"))

    server = await serve(quoting)
    answer = await Http(client, server.url).request("POST", "x", json={"pwd": Secret(secret), "login": "ann"})
    words = answer.body.decode("utf-8", "surrogatepass")
    assert "ann" in words
    assert "********" in words
    assert not re.search("4711|ss&|rt\\+1|quo(?!t;)|rogate", words)


async def test_plain_text_that_quotes_the_request_is_masked_also_with_a_good_status(
    client: Client, serve: Serve
) -> None:
    server = await serve(lambda asked: Reply(200, asked.target.encode()))
    answer = await Http(client, server.url).request("GET", "x", query={"token": TOKEN})
    assert answer.body == b"/api/x?token=********"


async def test_a_short_password_is_masked_as_a_word_only(client: Client, serve: Serve) -> None:
    server = await serve(lambda _: Reply(400, b"Unknown login: no, (no) pwd=no&x"))
    answer = await Http(client, server.url).request("GET", "connect", query={"pwd": Secret("no")})
    assert answer.body == b"Unknown login: ********, (********) pwd=********&x"


async def test_good_json_is_left_as_it_came(client: Client, serve: Serve) -> None:
    server = await serve(lambda _: as_json({"file": "plain-4711.docx"}))
    answer = await Http(client, server.url).request("GET", "x", query={"token": Secret("plain-4711")})
    assert b"plain-4711" in answer.body


def test_for_an_empty_answer_no_pattern_of_a_secret_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(re, "compile", lambda *pattern: made.append(pattern))
    assert masked(204, b"", {"token": Secret("token-of-a-session")}) == b""
    assert not made, "re keeps each of them"
