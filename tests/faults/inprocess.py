"""Faults between the client and the simulated services in one process, on the fake clock of the stage."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import parse_qs, unquote

import httpx

from tests.fakes import FakeClock
from tests.faults.apply import FaultOutcome, applied
from tests.faults.fault_plan import FaultPlan
from tests.faults.kinds import Fault
from tests.world import HOSTS, InProcess
from wbtui.simulator.api import Api, Service
from wbtui.simulator.http_messages import Reply, Request

READ_SECONDS: Final = 20.0
TOTAL_SECONDS: Final = 30.0
"""The time limit of the client, measured here on the fake clock."""
NOTHING: Final = Reply(503)
"""The reply that is altered where a request does not reach the service."""


class Faulty(InProcess):
    """Passes requests to the services with the faults of a plan; `always` sets one fault for a service."""

    def __init__(self, api: Api, clock: FakeClock, plan: FaultPlan | None = None) -> None:
        super().__init__(api, clock)
        self.plan = plan or FaultPlan()
        self.always: dict[Service, Fault] = {}
        self.met: list[tuple[Service, Fault]] = []
        self._number = 0
        self._began = clock.elapsed

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        service = HOSTS[request.url.host]
        asked = await _asked(request)
        self._number += 1
        fault = self._fault(service, asked.path)
        if fault is not None:
            self.met.append((service, fault))
        outcome = self._outcome(service, fault, asked)
        return await self._sent(outcome, request)

    def _fault(self, service: Service, path: str) -> Fault | None:
        constant = self.always.get(service)
        if constant is not None:
            return constant if constant.hits(path) else None
        return self.plan.at(service, self.clock.elapsed - self._began, self._number, path)

    def _outcome(self, service: Service, fault: Fault | None, asked: Request) -> FaultOutcome:
        now = self.clock.now()
        if fault is not None and fault.lost:
            return applied(fault, NOTHING, now)
        outcome = applied(fault, self.api.answer(service, asked, now), now)
        for _ in range(outcome.asked - 1):
            outcome = applied(None, self.api.answer(service, asked, self.clock.now()))
        return outcome

    async def _sent(self, outcome: FaultOutcome, request: httpx.Request) -> httpx.Response:
        if outcome.refused:
            raise httpx.ConnectError("All connection attempts failed", request=request)
        await self._wait(outcome.wait, READ_SECONDS, request)
        if outcome.raw or outcome.head_filler or outcome.cut == -1:
            raise httpx.RemoteProtocolError("no answer", request=request)
        await self._wait(outcome.gap * len(outcome.reply.body), TOTAL_SECONDS, request)
        reply = outcome.reply
        headers = [pair for pair in reply.headers if pair[0].lower() != "content-length"]
        body = _Body(outcome, request)
        return httpx.Response(reply.status, headers=headers, stream=body, request=request)

    async def _wait(self, seconds: float, limit: float, request: httpx.Request) -> None:
        if seconds > 0:
            await self.clock.sleep(min(seconds, limit))
        if math.isinf(seconds) or seconds > limit:
            raise httpx.ReadTimeout("too slow", request=request)


class _Body(httpx.AsyncByteStream):
    """The body of an outcome, possibly cut or endless."""

    def __init__(self, outcome: FaultOutcome, request: httpx.Request) -> None:
        self._outcome = outcome
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._outcome.pieces():
            yield piece
        if self._outcome.cut is not None:
            raise httpx.RemoteProtocolError("cut", request=self._request)


async def _asked(request: httpx.Request) -> Request:
    return Request(
        method=request.method,
        path=unquote(request.url.path),
        query=parse_qs(request.url.query.decode(), keep_blank_values=True),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.aread(),
    )
