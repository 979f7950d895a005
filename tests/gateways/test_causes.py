"""Failures below HTTP have words; certificates and proxies are those of the system and the settings."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.gateways.conftest import Serve
from tests.gateways.server import Reply, ScriptedServer, echo, unused_port
from tests.gateways.services import TOKEN
from wbtui.errors import NoConnection, SettingsError
from wbtui.gateways._causes import no_connection, trusted_certificates
from wbtui.gateways._http import Client, Http, open_client


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
