"""Errors below HTTP have messages; certificates and proxies come from the system and the settings."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.wordbee.conftest import Serve
from tests.wordbee.minimal_services import TOKEN
from tests.wordbee.scripted_server import Reply, ScriptedServer, echo
from wbtui.domain.errors import NoConnection, SettingsError
from wbtui.wordbee.http import Client, Http, no_connection, open_client, trusted_certificates
from wbtui.wordbee.proxies import proxy_for


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
    from tests.wordbee.certificates import Authority

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


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
async def test_a_variable_that_names_no_certificates_is_said(
    tls: tuple[ScriptedServer, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    server, _ = tls
    monkeypatch.setenv(variable, str(tmp_path / "gone.pem"))
    client = open_client()
    with pytest.raises(NoConnection, match="its certificate is not trusted") as caught:
        await Http(client, server.url).request("GET", "x")
    assert f"{variable} names {tmp_path}/gone.pem, which is not there" in caught.value.advice
    await client.close()


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
    ("spared", "asked"), [("", 1), ("acme.example", 0), ("other.example", 1), ("*", 0), ("ample", 1)]
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
        await Http(client, "http://acme.example").request("GET", "x")
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


SCHEMES = ("http", "https", "all", "no")
PROXIES = [name for scheme in SCHEMES for name in (f"{scheme}_proxy", f"{scheme.upper()}_PROXY")]


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("variable", "address", "words"),
    [
        ("all_proxy", "gopher://127.0.0.1", "the proxy in all_proxy is not of a form that can be used"),
        ("HTTPS_PROXY", "http://proxy:port", "the proxy in HTTPS_PROXY is not of a form that can be used"),
        ("ALL_PROXY", "socks5://127.0.0.1:9", "the proxy in ALL_PROXY speaks SOCKS"),
        ("https_proxy", "http://127.0.0.1:1", "to the proxy in https_proxy: refused"),
    ],
)
async def test_a_proxy_that_cannot_be_used_concerns_the_hosts_behind_it_only(
    serve: Serve, no_proxies: pytest.MonkeyPatch, variable: str, address: str, words: str
) -> None:
    server = await serve(echo)
    no_proxies.setenv(variable, address)
    client = open_client()
    with pytest.raises(NoConnection, match=words) as caught:
        await Http(client, "https://acme.example").request("GET", "x")
    assert variable in caught.value.advice or "socksio" in caught.value.advice
    assert (await Http(client, server.url).request("GET", "x")).status == 200
    await client.close()


async def test_a_proxy_that_wants_a_log_in_says_so_and_where_it_goes(
    serve: Serve, no_proxies: pytest.MonkeyPatch
) -> None:
    proxy = await serve(lambda _: Reply(407))
    no_proxies.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
    client = open_client()
    with pytest.raises(NoConnection, match="asks for credentials of its own") as caught:
        await Http(client, "https://acme.example").request("GET", "x")
    assert "https_proxy, as user:password@host:port" in caught.value.advice
    await client.close()


@pytest.mark.parametrize(
    ("spared", "host", "is_spared"),
    [
        ("localhost,[::1]", "acme.example", False),
        ("fd07:b51a:cc66:f0::/64", "acme.example", False),
        ("fd07:b51a:cc66:f0::/64", "fd07:b51a:cc66:f0::5", True),
        ("[fd07::]/16", "fd07:1::5", True),
        ("fd07::5", "[fd07:0:0::5]", True),
        ("[fd07::5]:443", "fd07::5", True),
        ("[fd07::5]:444", "fd07::5", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/99, ::/x, [, :, //, .", "10.1.2.3", False),
        (".acme.example", "beebox.acme.example", True),
        ("*.acme.example", "beebox.acme.example", True),
        ("acme.example", "beebox.acme.example", True),
        ("acme.example", "notacme.example", False),
        ("ACME.example.", "acme.example", True),
        ("https://acme.example", "acme.example", True),
        ("acme.example:8443", "acme.example", False),
        ("acme.example:443", "acme.example", True),
        ("one.example two.example", "two.example", True),
        ("*", "acme.example", True),
        ("", "127.0.0.9", True),
        ("", "::1", True),
        ("", "localhost", True),
    ],
)
def test_no_proxy_takes_every_form_that_is_in_use(spared: str, host: str, is_spared: bool) -> None:
    found = proxy_for("https", host, None, {"HTTPS_PROXY": "proxy:3128", "NO_PROXY": spared})
    assert (found is None) is is_spared
    assert found is None or (found.url == "http://proxy:3128" and "3128" not in repr(found))
