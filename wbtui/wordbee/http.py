"""HTTP without any knowledge of Wordbee: the only importer of the HTTP library (besides `http_safety`).

Query strings and headers carry tokens and passwords here, so no address and no error text of the library
leaves this file: each of its errors is translated into one of `domain.errors`, in words a user understands.
"""

from __future__ import annotations

import asyncio
import contextlib
import json as jsontext
import logging
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import quote, urlencode, urlsplit

import httpx

from wbtui import __version__
from wbtui.domain.credentials import Secret
from wbtui.domain.errors import BadAnswer, NoConnection, Rejected, ServiceError, SettingsError, SlowFile
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.ports import KeptPart
from wbtui.domain.sanitize import sanitize
from wbtui.wordbee.error_answers import proxy_wants_credentials
from wbtui.wordbee.http_ranges import is_rest_of, range_headers
from wbtui.wordbee.http_safety import Unpacking, drop_if_more_came, masked, sent_packed
from wbtui.wordbee.proxies import Proxy, proxy_for
from wbtui.wordbee.response import Response

_DEEPEST = 50


def no_connection(error: BaseException, host: str) -> NoConnection:
    """Return the reason why a connection failed, from the chain of causes of this error."""
    causes = list(chain(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = sanitize(cause.verify_message, 120)
            return NoConnection(
                f"no connection to {host}: its certificate is not trusted ({why})",
                unsent=True,
                advice=_missing_trust(os.environ)
                or "If the server has a certificate of your own, name it as ca_file in its section.",
            )
        if isinstance(cause, socket.gaierror):
            return NoConnection(
                f"no connection to {host}: the name was not found",
                unsent=True,
                advice="Check the URL of this service, and the network.",
            )
    for cause in causes:
        if isinstance(cause, ConnectionRefusedError):
            return NoConnection(f"no connection to {host}: refused", unsent=True)
        if isinstance(cause, ssl.SSLError):
            return NoConnection(f"no connection to {host}: it does not speak TLS as wanted", unsent=True)
        if isinstance(cause, OSError) and cause.errno:
            return NoConnection(f"no connection to {host}: {os.strerror(cause.errno).lower()}", unsent=True)
    return NoConnection(f"no connection to {host}", unsent=True)


def _missing_trust(environ: Mapping[str, str]) -> str:
    """Return which variable names missing certificates, which the TLS library does not report."""
    for variable, there in (("SSL_CERT_FILE", os.path.isfile), ("SSL_CERT_DIR", os.path.isdir)):
        if environ.get(variable) and not there(environ[variable]):
            named = sanitize(environ[variable], 120)
            return f"{variable} names {named}, which is not there: correct or unset it."
    return ""


def trusted_certificates(
    ca_file: str | None = None, paths: ssl.DefaultVerifyPaths | None = None
) -> ssl.SSLContext:
    """Return the system's trust, with the certificates of `ca_file` added.

    If the system has none (`paths`), those of certifi are used. Raises `SettingsError` if that file cannot be
    read or holds no certificate.
    """
    context = ssl.create_default_context()
    paths = paths or ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath):
        import certifi  # noqa: PLC0415 - a start pays 3 ms for what few systems need

        context.load_verify_locations(cafile=certifi.where())
    if ca_file is None:
        return context
    try:
        context.load_verify_locations(cafile=ca_file)
    except OSError as error:
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else _reason(error)
    else:
        return context
    raise SettingsError(f"the certificates in {sanitize(ca_file)} cannot be used: {why}")


def _reason(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno else "it cannot be read"


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes, the nearest first."""
    waiting: list[BaseException | None] = [error]
    seen = 0
    while waiting and seen < _DEEPEST:
        found = waiting.pop(0)
        if found is None:
            continue
        seen += 1
        yield found
        waiting.append(found.__cause__ or found.__context__)
        if isinstance(found, BaseExceptionGroup):
            waiting.extend(found.exceptions)


Value = str | int | Secret

MIB = 1024 * 1024
CAP = 32 * MIB
"""Bytes of a list, the largest answer that is read whole."""
SMALL_CAP = 4 * MIB
"""Bytes of an answer about one item, or about the items that were named."""
TOKEN_CAP = 64 * 1024
"""Bytes of an answer to a log-in or a log-out."""
MEDIA_CAP = 256 * MIB
AT_ONCE = 8
"""Requests in flight: the library's pool becomes slow beyond that."""

PARTIAL = 206
NO_SUCH_RANGE = 416

FILE_SECONDS = 120.0
"""Seconds until the first byte of a file: a server may have to create the file first."""

KEEP_SECONDS = 30.0
"""Seconds that an idle connection is kept, so that looks every few seconds share one."""

_EXPECTED: tuple[type[Exception], ...] = (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError)
"""All errors of the library, sockets, TLS and the decoders of bodies; `ssl.SSLError` is an `OSError`."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for each part of an exchange, and for the whole of it if the answer is read whole."""

    connect: float = 5.0
    read: float = 20.0
    write: float = 20.0
    pool: float = 10.0
    total: float = 30.0


class Client:
    """One connection pool and one TLS context, shared by all gateways."""

    def __init__(self, library: httpx.AsyncClient, timeouts: Timeouts) -> None:
        self.library = library
        self.timeouts = timeouts
        self.slots = asyncio.Semaphore(AT_ONCE)

    async def close(self) -> None:
        """Close all connections."""
        await self.library.aclose()


def open_client(
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    ca_file: str | None = None,
    certificates: ssl.SSLContext | None = None,
    timeouts: Timeouts | None = None,
) -> Client:
    """Return a client that follows no redirects and uses the environment's proxies, except for loopback.

    `ca_file` names certificates to trust besides the system's; `certificates` are all of them, already
    loaded. Raises `SettingsError` if that file cannot be used. An unusable proxy affects only the hosts
    behind it, so it is reported when one of them is called. Silences the library's log, which contains
    addresses.
    """
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    timeouts = timeouts or Timeouts()
    certificates = certificates or trusted_certificates(ca_file)
    return Client(_library(transport or _Routes(certificates, os.environ), timeouts), timeouts)


class _Routes(httpx.AsyncBaseTransport):
    """Sends each request directly or through the proxy that the environment names for its host."""

    def __init__(self, certificates: ssl.SSLContext, environ: Mapping[str, str]) -> None:
        self._certificates = certificates
        self._environ = environ
        self._ways: dict[Proxy | None, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; raises `NoConnection` if its proxy cannot be used or reached."""
        url = request.url
        proxy = proxy_for(url.scheme, url.host, url.port, self._environ)
        try:
            return await self._way(proxy).handle_async_request(request)
        except (httpx.ConnectError, httpx.ProxyError) as error:
            failure = None if proxy is None else _of_proxy(error, proxy)
            if failure is None:
                raise
        raise failure

    def _way(self, proxy: Proxy | None) -> httpx.AsyncHTTPTransport:
        if proxy in self._ways:
            return self._ways[proxy]
        try:
            way = httpx.AsyncHTTPTransport(
                verify=self._certificates,
                trust_env=False,
                proxy=proxy.url if proxy else None,
                limits=httpx.Limits(
                    max_connections=4 * AT_ONCE,
                    max_keepalive_connections=AT_ONCE,
                    keepalive_expiry=KEEP_SECONDS,
                ),
            )
        except (ValueError, ImportError, httpx.InvalidURL) as error:
            failure = _unusable(error, proxy.variable if proxy else "")
        else:
            self._ways[proxy] = way
            return way
        raise failure

    async def aclose(self) -> None:
        """Close all connections."""
        for way in self._ways.values():
            await way.aclose()


def _unusable(error: Exception, variable: str) -> NoConnection:
    """Return why a proxy's address cannot be used, without the address: it may hold a password."""
    if isinstance(error, ImportError):
        return NoConnection(
            f"the proxy in {variable} speaks SOCKS, and the package for that is not installed",
            unsent=True,
            advice="Install the package socksio into the environment of wbtui, or name an HTTP proxy.",
        )
    return NoConnection(
        f"the proxy in {variable} is not of a form that can be used",
        unsent=True,
        advice=f"Set {variable} to host:port, with http or socks5 and :// before it, or unset it.",
    )


def _of_proxy(error: httpx.TransportError, proxy: Proxy) -> NoConnection | None:
    """Return the error of the proxy itself, or None if the host behind it failed."""
    if isinstance(error, httpx.ProxyError) and str(error).startswith("407"):
        return proxy_wants_credentials(proxy.variable)
    if isinstance(error, httpx.ProxyError) or any(isinstance(e, ssl.SSLError) for e in chain(error)):
        return None
    failure = no_connection(error, f"the proxy in {proxy.variable}")
    return NoConnection(failure.message, unsent=True, advice=f"Check {proxy.variable}, or unset it.")


def _library(transport: httpx.AsyncBaseTransport, timeouts: Timeouts) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(
            connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.pool
        ),
        headers={
            "User-Agent": f"wbtui/{__version__}",
            "Accept": "application/json, */*;q=0.8",
            "Accept-Encoding": "gzip, deflate",
        },
    )


def base_address(url: str) -> str:
    """Return the base address of a service, which ends in `/api`; it is added if the URL lacks it.

    Raises `SettingsError` without quoting the URL, which may hold a password.
    """
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018 - reading it checks it
        httpx.URL(url.strip())
    except (ValueError, httpx.InvalidURL):
        parts = urlsplit("")
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise SettingsError("the URL is not of the form https://host/api")
    if parts.username is not None or parts.query or parts.fragment:
        raise SettingsError("the URL must hold neither credentials nor a query nor a fragment")
    path = parts.path.rstrip("/")
    if path.rpartition("/")[2].lower() != "api":
        path += "/api"
    return f"{parts.scheme.lower()}://{parts.netloc}{path}"


def segment(text: str) -> str:
    """Quote a text as one segment of a path, so that it cannot change the path."""
    quoted = quote(text, safe="", errors="surrogatepass")
    return quoted.replace(".", "%2E") if not text.strip(".") else quoted


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A body that is sent in chunks. `chunks` starts over each time, since a call may be repeated."""

    length: int
    chunks: Callable[[], AsyncIterator[bytes]]
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Incoming:
    """An answer whose body is still being received."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


class Http:
    """One service on a shared client.

    `counter` is called before each counted request, and stops it by raising an error.
    `file_seconds` is the time until the first byte of a file, which the server may have to create first.
    Every method raises `NoConnection`, `BadAnswer` or `Rejected`; the caller judges the statuses.
    """

    def __init__(
        self,
        client: Client,
        base_url: str,
        *,
        counter: Callable[[], None] | None = None,
        file_seconds: float = FILE_SECONDS,
    ) -> None:
        self._client = client
        self._base = base_address(base_url)
        self._counter = counter
        self._file_seconds = file_seconds
        self.host = sanitize(urlsplit(self._base).netloc, 120)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Value] | None = None,
        headers: Mapping[str, Value] | None = None,
        json: Mapping[str, object] | None = None,
        body: Outgoing | None = None,
        cap_bytes: int = SMALL_CAP,
        seconds: float | None = None,
        counted: bool = True,
    ) -> Response:
        """Return the whole answer, at most `cap_bytes` long and within `seconds` of its start."""
        limit = self._client.timeouts.total if seconds is None else seconds
        reading = self.stream(
            method,
            path,
            query=query,
            headers=headers,
            json=json,
            body=body,
            counted=counted,
        )
        async with self._client.slots:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limit), reading as incoming:
                    whole = await self._whole(incoming, cap_bytes)
                    shown = masked(incoming.status, whole, query, headers, json)
                    return Response(incoming.status, incoming.headers, shown)
        raise NoConnection(f"{self.host} did not answer within {limit:g} s")

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Value] | None = None,
        headers: Mapping[str, Value] | None = None,
        json: Mapping[str, object] | None = None,
        body: Outgoing | None = None,
        counted: bool = True,
        first_byte: float | None = None,
    ) -> AsyncIterator[Incoming]:
        """Send a request and yield the answer, whose body is a stream of chunks.

        `first_byte` limits the seconds until the headers, and then until the first chunk; None: the usual
        limit. If it is given and passes, raises `SlowFile`.
        """
        if counted and self._counter is not None:
            self._counter()
        sent_headers = {name: _unwrapped(value) for name, value in (headers or {}).items()}
        sent_headers |= _content_headers(json, body)
        content = body.chunks() if body else _json_content(json)
        response = await self._send(method, f"{path}{_query(query or {})}", sent_headers, content, first_byte)
        try:
            names = {name.lower(): value for name, value in response.headers.items()}
            yield Incoming(response.status_code, names, self._chunks(response, first_byte))
        finally:
            with contextlib.suppress(*_EXPECTED):
                await response.aclose()

    @asynccontextmanager
    async def fetch(
        self,
        path: str,
        *,
        query: Mapping[str, Value] | None = None,
        headers: Mapping[str, Value] | None = None,
        first_byte: float | None = None,
        kept: KeptPart | None = None,
    ) -> AsyncIterator[Incoming | Response]:
        """Yield a file as a stream, or an unsuccessful answer read whole.

        `first_byte` limits the seconds until the first byte, at most to `file_seconds`. What follows on a
        `kept` part comes as 206, where the server has just that; otherwise the whole file as 200.
        """
        wait = self._file_seconds if first_byte is None else min(first_byte, self._file_seconds)
        sent = dict(headers or {}) | (range_headers(kept) if kept else {})
        if kept is not None and kept.size:
            async with self._file(path, query, sent, wait) as answer:
                follows = answer.status == PARTIAL and is_rest_of(kept, answer.headers)
                if follows or answer.status not in {PARTIAL, NO_SUCH_RANGE}:
                    yield answer
                    return
            del sent["Range"], sent["If-Range"]
        async with self._file(path, query, sent, wait) as answer:
            if answer.status == PARTIAL:
                raise BadAnswer(f"{self.host} sent a part of the file, and all of it was asked for")
            yield answer

    @asynccontextmanager
    async def _file(
        self, path: str, query: Mapping[str, Value] | None, headers: Mapping[str, Value], wait: float
    ) -> AsyncIterator[Incoming | Response]:
        async with self.stream("GET", path, query=query, headers=headers, first_byte=wait) as incoming:
            if 200 <= incoming.status < 300:
                yield incoming
                return
            whole = await self._whole(incoming, MIB)
            yield Response(incoming.status, incoming.headers, masked(incoming.status, whole, query, headers))

    async def _send(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        content: AsyncIterator[bytes] | bytes | None,
        first_byte: float | None,
    ) -> httpx.Response:
        try:
            request = self._client.library.build_request(
                method,
                f"{self._base}/{target}",
                headers={name.encode(): value.encode() for name, value in headers.items()},
                content=content,
                timeout=httpx.USE_CLIENT_DEFAULT if first_byte is None else self._patient(first_byte),
            )
            return await self._client.library.send(request, stream=True)
        except _EXPECTED as error:
            late = first_byte is not None and isinstance(error, httpx.ReadTimeout)
            failure = self._slow(first_byte) if late else _in_our_words(error, self.host)
        # Raised outside of the handler, so that it does not carry the library's error with its address.
        raise failure

    def _patient(self, first_byte: float) -> httpx.Timeout:
        usual = self._client.timeouts
        return httpx.Timeout(connect=usual.connect, read=first_byte, write=usual.write, pool=usual.pool)

    def _slow(self, first_byte: float | None) -> SlowFile:
        return SlowFile(
            f"{self.host} sent nothing of the file within {first_byte:g} s",
            advice="If it needs longer than that, set file_seconds in the profile.",
        )

    async def _chunks(self, response: httpx.Response, first_byte: float | None) -> AsyncIterator[bytes]:
        """Yield the body, decompressed here: the library may expand a piece to a thousand times its size."""
        encoding = response.headers.get("content-encoding", "")
        raw = _raw(response)
        if first_byte is not None:
            raw = _never_idle(raw, first_byte, self._client.timeouts.read)
        begun = False
        try:
            async for piece in _unpacked(raw, encoding):
                begun = True
                yield piece
            await drop_if_more_came(response.stream, response.extensions.get("network_stream"))
        except BadAnswer as error:
            failure: ServiceError = BadAnswer(
                f"the answer of {self.host} cannot be decompressed: {error.message}"
            )
        except _EXPECTED as error:
            late = (
                first_byte is not None and not begun and isinstance(error, TimeoutError | httpx.ReadTimeout)
            )
            failure = self._slow(first_byte) if late else _in_our_words(error, self.host)
        else:
            return
        raise failure

    async def _whole(self, incoming: Incoming, cap: int) -> bytes:
        body = bytearray()
        async for chunk in incoming.chunks:
            body += chunk
            if len(body) > cap:
                raise BadAnswer(f"the answer of {self.host} is larger than {_size(cap)}")
        return bytes(body)


def _raw(response: httpx.Response) -> AsyncIterator[bytes]:
    """Return the body as received. `aiter_raw` would release the connection before it can be checked."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    return aiter(response.stream)


async def _never_idle(chunks: AsyncIterator[bytes], first: float, between: float) -> AsyncIterator[bytes]:
    """Yield chunks. The first one may take longer than the others. Raises `TimeoutError`."""
    seconds = first
    while True:
        async with asyncio.timeout(seconds):
            chunk = await anext(chunks, None)
        if chunk is None:
            return
        yield chunk
        seconds = between


async def _unpacked(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    unpacking: Unpacking | None = None
    begun = False
    async for chunk in chunks:
        if not begun:
            begun, unpacking = True, sent_packed(encoding, chunk)
        for piece in unpacking.feed(chunk) if unpacking else (chunk,):
            yield piece
    if unpacking is not None:
        yield unpacking.end()


def _size(cap: int) -> str:
    return f"{cap / MIB:g} MiB" if cap >= MIB else f"{cap // 1024} KiB"


def _json_content(json: Mapping[str, object] | None) -> bytes | None:
    return None if json is None else jsontext.dumps(json, default=_unwrapped).encode()


def _content_headers(json: Mapping[str, object] | None, body: Outgoing | None) -> dict[str, str]:
    if body is not None:
        # with a Content-Length the body is not sent in HTTP chunks, which not every server accepts
        return {"Content-Type": body.media_type, "Content-Length": str(body.length)}
    return {} if json is None else {"Content-Type": "application/json"}


def _in_our_words(error: Exception, host: str) -> ServiceError:
    if isinstance(error, httpx.ConnectTimeout):
        return NoConnection(f"no connection to {host}: it does not answer", unsent=True)
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return NoConnection(f"{host} did not answer in time", unsent=isinstance(error, httpx.PoolTimeout))
    if isinstance(error, httpx.ProxyError):
        return NoConnection(
            f"no connection to {host}: the proxy on the way does not let it through", unsent=True
        )
    if isinstance(error, httpx.LocalProtocolError | httpx.InvalidURL | UnicodeError):
        return Rejected(f"this request cannot be put into a form that {host} understands", status=0)
    if isinstance(error, httpx.ConnectError | httpx.UnsupportedProtocol):
        return no_connection(error, host)
    return NoConnection(f"the connection to {host} broke off")


def _unwrapped(value: object) -> str:
    return value.reveal() if isinstance(value, Secret) else str(value)


def _query(values: Mapping[str, Value]) -> str:
    pairs = [(name, _unwrapped(value)) for name, value in values.items()]
    return "?" + urlencode(pairs, quote_via=quote, safe="", errors="surrogatepass") if pairs else ""
