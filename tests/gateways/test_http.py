"""The HTTP door: what goes out is exact, what comes back is an answer or an error in our words."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import html
import json
import logging
import re
import socket
import ssl
import traceback
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from tests.gateways.conftest import Serve
from tests.gateways.server import Asked, Reply, ScriptedServer, as_json, unused_port
from wbtui.credentials import Secret
from wbtui.errors import AllowanceUsed, BadAnswer, NoConnection, Rejected, ServiceError, SettingsError
from wbtui.gateways._causes import no_connection, trusted_certificates
from wbtui.gateways._http import Client, Http, Timeouts, base_address, open_client, segment

TOKEN = Secret("t0ken-&+/ü-4711")
HEADER = Secret("hdr-4711")


def echo(asked: Asked) -> Reply:
    return as_json({"target": asked.target, "body": asked.body.decode()})


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


async def test_a_small_body_that_inflates_beyond_the_cap_is_refused(client: Client, serve: Serve) -> None:
    packed = zlib.compress(b"\0" * 3_000_000)
    server = await serve(lambda _: Reply(200, packed, {"Content-Encoding": "deflate"}))
    with pytest.raises(BadAnswer, match="larger than 1 MiB"):
        await Http(client, server.url).request("GET", "x", cap_bytes=1024 * 1024)


async def test_damaged_compression_is_a_bad_answer(client: Client, serve: Serve) -> None:
    server = await serve(lambda _: Reply(200, b"no gzip at all", {"Content-Encoding": "gzip"}))
    with pytest.raises(BadAnswer, match="cannot be decompressed"):
        await Http(client, server.url).request("GET", "x")


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


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b'{"a": 1}', mtime=0)),
        ("x-gzip", gzip.compress(b'{"a"', mtime=0) + gzip.compress(b": 1}", mtime=0)),
        ("deflate", zlib.compress(b'{"a": 1}')),
        ("deflate", zlib.compress(b'{"a": 1}', wbits=-15)),
        ("identity", b'{"a": 1}'),
        ("identity, gzip", gzip.compress(b'{"a": 1}', mtime=0)),
    ],
)
async def test_a_packed_answer_is_unpacked(
    client: Client, serve: Serve, encoding: str, packed: bytes
) -> None:
    server = await serve(lambda _: Reply(200, packed, {"Content-Encoding": encoding}))
    assert (await Http(client, server.url).request("GET", "x")).body == b'{"a": 1}'


@pytest.mark.parametrize(
    ("encoding", "packed", "words"),
    [
        ("gzip", gzip.compress(b"x" * 1000, mtime=0)[:-9], "cut off"),
        ("deflate", zlib.compress(b"x" * 1000)[:-9], "cut off"),
        ("br", b"x", "not asked for"),
    ],
)
async def test_an_answer_that_is_packed_wrongly_is_a_bad_answer(
    client: Client, serve: Serve, encoding: str, packed: bytes, words: str
) -> None:
    server = await serve(lambda _: Reply(200, packed, {"Content-Encoding": encoding}))
    with pytest.raises(BadAnswer, match=words):
        await Http(client, server.url).request("GET", "x")


async def test_an_empty_answer_that_calls_itself_packed_is_empty(client: Client, serve: Serve) -> None:
    server = await serve(lambda _: Reply(204, b"", {"Content-Encoding": "gzip"}))
    assert (await Http(client, server.url).request("GET", "x")).body == b""


async def test_a_bomb_swells_no_further_than_the_cap(client: Client, serve: Serve) -> None:
    bomb = zlib.compress(bytes(40 * 1024 * 1024), 9)
    server = await serve(lambda _: Reply(200, bomb, {"Content-Encoding": "deflate"}))
    tracemalloc.start()
    with pytest.raises(BadAnswer, match="larger than 4 MiB"):
        await Http(client, server.url).request("GET", "x")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * 1024 * 1024


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


class Failing(httpx.AsyncBaseTransport):
    """Fails as networks do."""

    def __init__(self, error: Exception, cause: BaseException | None = None) -> None:
        self.error = error
        self.error.__cause__ = cause

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise self.error


@pytest.mark.parametrize(
    ("error", "cause", "words"),
    [
        (httpx.ConnectTimeout("x"), None, "no connection to acme.example: it does not answer"),
        (httpx.PoolTimeout("x"), None, "acme.example did not answer in time"),
        (httpx.ConnectError("x"), socket.gaierror(-2, "x"), "the name was not found"),
        (httpx.ConnectError("x"), ConnectionRefusedError(111, "x"), "refused"),
        (httpx.ConnectError("x"), OSError(113, "x"), "no route to host"),
        (httpx.ConnectError("x"), ssl.SSLError(1, "x"), "does not speak TLS as wanted"),
        (httpx.ConnectError("x"), OSError("all failed"), "no connection to acme.example"),
        (httpx.ConnectError("x"), None, "no connection to acme.example"),
        (
            httpx.ConnectError("x"),
            ExceptionGroup("all", [ConnectionRefusedError(111, "x"), OSError(101, "y")]),
            "refused",
        ),
        (httpx.ProxyError("x"), None, "the proxy on the way"),
        (httpx.ReadError("x"), None, "the connection to acme.example broke off"),
        (httpx.UnsupportedProtocol("x"), None, "no connection to acme.example"),
        (ConnectionResetError(104, "x"), None, "the connection to acme.example broke off"),
    ],
)
async def test_failures_below_http_have_words(
    error: Exception, cause: BaseException | None, words: str
) -> None:
    client = open_client(transport=Failing(error, cause))
    with pytest.raises(NoConnection) as caught:
        await Http(client, "https://acme.example").request("GET", "x")
    assert words in caught.value.message
    assert caught.value.__context__ is None
    await client.close()


def test_the_search_for_a_cause_ends_in_a_circle() -> None:
    first, second = OSError("a"), OSError("b")
    first.__cause__, second.__cause__ = second, first
    assert no_connection(first, "acme.example").message == "no connection to acme.example"


@pytest.fixture
async def tls(tmp_path: Path) -> AsyncIterator[tuple[ScriptedServer, Path]]:
    pytest.importorskip("cryptography", reason="it makes the certificate")
    from tests.gateways.certificates import Authority

    authority = Authority(tmp_path)
    server = ScriptedServer(echo)
    await server.start(authority.context())
    yield server, authority.file
    await server.stop()


async def test_an_untrusted_certificate_says_so(tls: tuple[ScriptedServer, Path], client: Client) -> None:
    server, _ = tls
    with pytest.raises(NoConnection, match="its certificate is not trusted") as caught:
        await Http(client, server.url).request("GET", "x")
    assert "ca_file" in caught.value.advice


async def test_a_certificate_named_in_the_settings_is_trusted(tls: tuple[ScriptedServer, Path]) -> None:
    server, certificate = tls
    client = open_client(ca_file=str(certificate))
    assert (await Http(client, server.url).request("GET", "x")).status == 200
    await client.close()


def test_certificates_that_cannot_be_used_are_a_settings_error(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    with pytest.raises(SettingsError, match="it holds no certificate"):
        open_client(ca_file=str(empty))
    with pytest.raises(SettingsError, match="no such file"):
        open_client(ca_file=str(tmp_path / "absent.pem"))


def test_a_system_without_certificates_gets_those_of_the_library() -> None:
    none = ssl.DefaultVerifyPaths("", "", "", "", "", "")
    assert len(trusted_certificates(None, none).get_ca_certs()) > 50


async def test_a_proxy_of_the_environment_is_used_but_not_for_loopback(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = await serve(lambda _: Reply(204)), await serve(echo)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    client = open_client()
    assert (await Http(client, "http://acme.example").request("GET", "x")).status == 204
    assert proxy.asked[0].target == "http://acme.example/api/x"
    assert (await Http(client, server.url).request("GET", "x")).status == 200
    assert len(proxy.asked) == 1
    await client.close()


@pytest.mark.parametrize(
    ("spared", "asked"), [("", 1), ("127.0.0.2", 0), ("acme.example", 1), ("*", 0), ("example", 1)]
)
async def test_no_proxy_is_respected(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, spared: str, asked: int
) -> None:
    proxy = await serve(lambda _: Reply(204))
    for name in ("HTTP_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", spared)
    client = open_client()
    with contextlib.suppress(NoConnection):  # without the proxy nobody is there
        await Http(client, f"http://127.0.0.2:{unused_port()}").request("GET", "x")
    assert len(proxy.asked) == asked
    await client.close()


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_a_proxy_for_https_is_told_the_host_and_nothing_else(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    proxy = await serve(lambda _: Reply(403))
    for other in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    client = open_client()
    with pytest.raises(NoConnection, match="the proxy on the way does not let it through"):
        await Http(client, "https://acme.example").request("GET", "x", query={"token": TOKEN})
    assert [(asked.method, asked.target) for asked in proxy.asked] == [("CONNECT", "acme.example:443")]
    assert "4711" not in str(proxy.asked)
    await client.close()


def test_a_proxy_that_cannot_be_used_is_a_settings_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "gopher://127.0.0.1")
    with pytest.raises(SettingsError, match="proxy"):
        open_client()


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
