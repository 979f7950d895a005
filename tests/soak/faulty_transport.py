"""The transport of a soak: faults of a plan, a connection that can be cut, and a record of requests."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Final

import httpx

from tests.fakes import FakeClock
from tests.faults.apply import FaultOutcome
from tests.faults.fault_plan import FaultPlan
from tests.faults.inprocess import Faulty
from tests.faults.kinds import FAULTS, TLS, Fault, Kind
from wbtui.simulator.api import Api, Service
from wbtui.simulator.http_messages import Reply, Request

COSTLY: Final = frozenset({Kind.HUGE, Kind.ENDLESS, Kind.BOMB})
"""Each has a test of its own; here they would take most of the time."""
SOAKED: Final = tuple(fault for fault in FAULTS.values() if fault.kind not in TLS | COSTLY)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as the client sent it, whatever became of it."""

    at: float
    """Simulated seconds since the start."""
    run: int
    """Which run of the program sent it."""
    service: Service
    method: str
    path: str
    id: str
    status: int
    """What was answered; 0 if nothing was."""


@dataclass
class Record:
    """All that was sent."""

    sent: list[Sent] = field(default_factory=list)
    run: int = 0


class FaultyTransport(Faulty):
    """Hands requests on as the plan lets it, and writes down each; with `cut` nothing gets through."""

    def __init__(self, api: Api, clock: FakeClock, plan: FaultPlan) -> None:
        super().__init__(api, clock, plan)
        self.record = Record()
        self.cut = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            raise httpx.ConnectError("the program is dead", request=request)
        at, status = self.clock.elapsed, 0
        try:
            response = await super().handle_async_request(request)
            status = response.status_code
            return response
        finally:
            service, path = request.url.host.split(".")[0], request.url.path
            number = request.url.params.get("requestid", "")
            entry = Sent(at, self.record.run, service, request.method, path, number, status)  # type: ignore[arg-type]
            self.record.sent.append(entry)

    def _outcome(self, service: Service, fault: Fault | None, asked: Request) -> FaultOutcome:
        outcome = super()._outcome(service, fault, asked)
        if fault is not None and fault.kind is Kind.GARBLE:
            return replace(outcome, reply=evidently_damaged(outcome.reply))
        return outcome


def evidently_damaged(reply: Reply) -> Reply:
    """Return a damaged answer that shows it: what still is JSON nobody could tell from the truth."""
    try:
        json.loads(reply.body)
    except ValueError:
        return reply
    return replace(reply, body=reply.body[:-1] + b"\x00")
