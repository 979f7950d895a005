"""The same faults over real HTTP on loopback, as far as they need no waiting."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

import httpx

from tests.fakes import FakeClock
from tests.faults.apply import applied
from tests.faults.fault_plan import FaultPlan
from tests.faults.kinds import Fault, Kind
from tests.soak.faulty_transport import SOAKED, Record, Sent, evidently_damaged
from wbtui.simulator.api import Api, Service
from wbtui.simulator.http_messages import Reply, Request
from wbtui.simulator.http_server import Running

TIMED: Final = frozenset({Kind.HANGS, Kind.DELAY, Kind.DRIP, Kind.ENDLESS_HEAD})
"""The clock of the test stands still while a request is under way; these are for the other soak."""
SERVED: Final = tuple(fault for fault in SOAKED if fault.kind not in TIMED)
DOORS: Final = ("/connect", "/disconnect", "/auth/token")


class Served(Running):
    """The services on loopback under the plan. A log-in is lost or goes well: none is forgotten."""

    def __init__(self, api: Api, clock: FakeClock, plan: FaultPlan) -> None:
        self.met: list[tuple[Service, Fault]] = []
        self._clock = clock
        self._weather = plan
        self._number = 0
        super().__init__(api, clock.now, {})

    def answer(self, service: Service, request: Request) -> Reply:
        """Answer as the fault of the moment has it; raises `ConnectionError` to hang up."""
        self._number += 1
        fault = self._weather.at(service, self._clock.elapsed, self._number)
        if fault is None or (request.path.endswith(DOORS) and not fault.lost):
            return super().answer(service, request)
        self.met.append((service, fault))
        plain = Reply(503) if fault.lost else super().answer(service, request)
        outcome = applied(fault, plain, self._clock.now())
        if outcome.refused or outcome.raw or outcome.cut is not None:
            raise ConnectionError(fault.kind)
        for _ in range(outcome.asked - 1):
            super().answer(service, request)
        return evidently_damaged(outcome.reply) if fault.kind is Kind.GARBLE else outcome.reply


class Wire(httpx.AsyncBaseTransport):
    """Sockets, with a record of what was sent; `busy` while an answer is on its way."""

    def __init__(self, clock: FakeClock, urls: Mapping[Service, str]) -> None:
        self.record = Record()
        self.cut = False
        self.under_way = 0
        self._clock = clock
        self._services = {httpx.URL(url).port: service for service, url in urls.items()}
        self._inner: httpx.AsyncHTTPTransport | None = None

    def busy(self) -> bool:
        """Return whether the clock has to stand still."""
        return self.under_way > 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            raise httpx.ConnectError("the program is dead", request=request)
        self._inner = self._inner or httpx.AsyncHTTPTransport()
        at, status = self._clock.elapsed, 0
        self.under_way += 1
        try:
            response = await self._inner.handle_async_request(request)
            status = response.status_code
        except BaseException:
            self._done()
            raise
        finally:
            service, number = self._services[request.url.port], request.url.params.get("requestid", "")
            self.record.sent.append(
                Sent(at, self.record.run, service, request.method, request.url.path, number, status)
            )
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Counted(response.stream, self._done)
        return response

    def _done(self) -> None:
        self.under_way -= 1

    async def aclose(self) -> None:
        if self._inner is not None:
            await self._inner.aclose()
            self._inner = None


class _Counted(httpx.AsyncByteStream):
    """A body that tells when it is closed."""

    def __init__(self, inner: httpx.AsyncByteStream, closed: Callable[[], None]) -> None:
        self._inner = inner
        self._closed: Callable[[], None] | None = closed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._inner:
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()
        if self._closed is not None:
            self._closed()
            self._closed = None
