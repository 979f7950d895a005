"""The HTTP client sends exact requests, and returns an answer or an error with a message."""

from __future__ import annotations

import asyncio

import pytest

from tests.wordbee.conftest import Serve
from tests.wordbee.minimal_services import TOKEN
from tests.wordbee.scripted_server import Asked, Reply, echo, unused_port
from wbtui.domain.credentials import Secret
from wbtui.domain.errors import AllowanceUsed, BadAnswer, NoConnection, Rejected, SettingsError
from wbtui.wordbee.http import Client, Http, Timeouts, base_address, open_client, segment


def never(_asked: Asked) -> asyncio.Future[Reply]:
    return asyncio.get_running_loop().create_future()


async def test_values_travel_exactly_and_secrets_are_revealed_on_the_wire(
    client: Client, serve: Serve
) -> None:
    server = await serve(echo)
    http = Http(client, server.url)
    await http.request(
        "GET",
        "files/file",
        query={"token": TOKEN, "filename": "a b\\c&d+é.docx", "skip": 0},
        headers={"X-Auth-Token": Secret("abc"), "X-Auth-AccountId": "müller"},
    )
    asked = server.asked[0]
    assert asked.query == {"token": TOKEN.reveal(), "filename": "a b\\c&d+é.docx", "skip": "0"}
    assert "a%20b%5Cc%26d%2B%C3%A9.docx" in asked.target
    assert asked.headers["x-auth-token"] == "abc"
    assert asked.headers["x-auth-accountid"] == "müller"


async def test_a_json_body_keeps_its_order_and_reveals_secrets(client: Client, serve: Serve) -> None:
    server = await serve(echo)
    await Http(client, server.url).request("POST", "x", json={"z": TOKEN, "a": [1, {"b": None}]})
    assert server.asked[0].json == {"z": TOKEN.reveal(), "a": [1, {"b": None}]}
    assert server.asked[0].body.startswith(b'{"z"')
    assert server.asked[0].headers["content-type"] == "application/json"


async def test_put_without_a_body_says_so(client: Client, serve: Serve) -> None:
    server = await serve(lambda _: Reply(204))
    answer = await Http(client, server.url).request("PUT", "disconnect")
    assert (answer.status, answer.body) == (204, b"")
    assert server.asked[0].headers["content-length"] == "0"


async def test_a_lone_surrogate_does_not_break_the_request(client: Client, serve: Serve) -> None:
    server = await serve(echo)
    await Http(client, server.url).request("GET", "x", query={"file": "a\ud800b"})
    assert "a%ED%A0%80b" in server.asked[0].target


async def test_each_counted_request_is_counted_before_it_is_made(client: Client, serve: Serve) -> None:
    server = await serve(echo)
    seen: list[int] = []
    http = Http(client, server.url, counter=lambda: seen.append(len(server.asked)))
    await http.request("GET", "one")
    await http.request("POST", "auth/token", counted=False)
    await http.request("GET", "two")
    assert seen == [0, 2]


async def test_a_counter_that_refuses_stops_the_request(client: Client, serve: Serve) -> None:
    server = await serve(echo)

    def refuse() -> None:
        raise AllowanceUsed("none left", ours=True)

    with pytest.raises(AllowanceUsed, match="none left"):
        await Http(client, server.url, counter=refuse).request("GET", "x")
    assert server.asked == []


async def test_redirects_are_not_followed(client: Client, serve: Serve) -> None:
    elsewhere = await serve(echo)
    server = await serve(lambda _: Reply(302, headers={"Location": f"{elsewhere.url}/x"}))
    answer = await Http(client, server.url).request("GET", "x")
    assert answer.status == 302
    assert elsewhere.asked == []


async def test_an_answer_prints_neither_body_nor_headers(client: Client, serve: Serve) -> None:
    server = await serve(lambda _: Reply(200, b'"tok-123"', {"X-Secret": "tok-456"}))
    answer = await Http(client, server.url).request("GET", "x")
    assert answer.headers["x-secret"] == "tok-456"
    assert "tok-" not in repr(answer)


async def test_a_stream_gives_chunks_as_they_come(client: Client, serve: Serve) -> None:
    server = await serve(lambda _: Reply(200, b"x" * 300_000, {"Content-Disposition": "attachment"}))
    async with Http(client, server.url).stream("GET", "media/get/1") as incoming:
        assert (incoming.status, incoming.headers["content-disposition"]) == (200, "attachment")
        sizes = [len(chunk) async for chunk in incoming.chunks]
    assert len(sizes) > 1
    assert sum(sizes) == 300_000


async def test_a_refused_connection_says_so(client: Client) -> None:
    port = unused_port()
    with pytest.raises(NoConnection) as caught:
        await Http(client, f"http://127.0.0.1:{port}").request("GET", "x", query={"token": TOKEN})
    assert caught.value.message == f"no connection to 127.0.0.1:{port}: refused"


async def test_a_slow_answer_ends_at_the_read_limit(serve: Serve) -> None:
    server = await serve(never)
    client = open_client(timeouts=Timeouts(read=0.05))
    with pytest.raises(NoConnection, match="did not answer in time"):
        await Http(client, server.url).request("GET", "x")
    await client.close()


@pytest.mark.parametrize("seconds", [None, 0.05])
async def test_a_slow_answer_ends_at_the_limit_for_the_whole(serve: Serve, seconds: float | None) -> None:
    server = await serve(never)
    client = open_client(timeouts=Timeouts(total=0.05 if seconds is None else 30))
    with pytest.raises(NoConnection, match=r"did not answer within 0\.05 s"):
        await Http(client, server.url).request("GET", "x", seconds=seconds)
    await client.close()


async def test_a_cut_off_answer_is_no_answer(client: Client, serve: Serve) -> None:
    server = await serve(lambda _: Reply(200, b'{"trm":', cut=True))
    with pytest.raises(NoConnection, match="broke off"):
        await Http(client, server.url).request("GET", "x")


async def test_an_oversize_answer_is_refused(client: Client, serve: Serve) -> None:
    server = await serve(lambda _: Reply(200, b"x" * 5000))
    http = Http(client, server.url)
    with pytest.raises(BadAnswer, match="larger than"):
        await http.request("GET", "x", cap_bytes=4999)
    assert len((await http.request("GET", "x", cap_bytes=5000)).body) == 5000


async def test_what_is_not_http_is_no_answer(client: Client) -> None:
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.acme.example ESMTP\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(NoConnection, match="broke off"):
        await Http(client, f"http://127.0.0.1:{port}").request("GET", "x")
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("account", ["a\r\nX-Evil: 1", "a\ud800"])
async def test_a_header_that_cannot_be_sent_is_refused(client: Client, serve: Serve, account: str) -> None:
    server = await serve(echo)
    with pytest.raises(Rejected, match="cannot be put into a form"):
        await Http(client, server.url).request("GET", "x", headers={"X-Auth-AccountId": account})
    assert server.asked == []


async def test_an_address_that_is_too_long_is_refused(client: Client, serve: Serve) -> None:
    server = await serve(echo)
    with pytest.raises(Rejected):
        await Http(client, server.url).request("GET", "x", query={"ids": "1" * 70_000})


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://acme.example", "https://acme.example/api"),
        ("https://acme.example/", "https://acme.example/api"),
        ("https://acme.example/api", "https://acme.example/api"),
        (" https://acme.example/api/ ", "https://acme.example/api"),
        ("HTTPS://acme.example/API", "https://acme.example/API"),
        ("http://localhost:8089", "http://localhost:8089/api"),
        ("https://acme.example/beebox", "https://acme.example/beebox/api"),
        ("https://acme.example/api/beebox/", "https://acme.example/api/beebox/api"),
        ("https://[::1]:8089/api", "https://[::1]:8089/api"),
    ],
)
def test_the_address_gets_api_once(url: str, address: str) -> None:
    assert base_address(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "acme.example",
        "ftp://acme.example",
        "https://",
        "https://acme.example:port",
        "https://[acme",
        "https://ann:s3cret@acme.example",
        "https://acme.example/api?token=s3cret",
        "https://acme.example/api#s3cret",
        "https://acme\x00.example/s3cret",
    ],
)
def test_a_wrong_url_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        base_address(url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("1000", "1000"),
        ("c300", "c300"),
        ("a/b\\c?d", "a%2Fb%5Cc%3Fd"),
        ("..", "%2E%2E"),
        ("a.b", "a.b"),
        ("\ud800", "%ED%A0%80"),
    ],
)
def test_a_segment_leads_nowhere_else(text: str, quoted: str) -> None:
    assert segment(text) == quoted
