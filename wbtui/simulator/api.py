"""The simulated services as one function from request to reply, with a log of the requests."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from wbtui.simulator import api_beebox, api_translator
from wbtui.simulator.api_instant import InstantApi
from wbtui.simulator.byte_ranges import ranged
from wbtui.simulator.http_messages import RefusedReply, Reply, Request, parsed
from wbtui.simulator.world import World

Service = Literal["translator", "beebox", "instant"]
SERVICES: Final[tuple[Service, ...]] = ("translator", "beebox", "instant")
SECRET: Final = frozenset({"token", "pwd", "key"})
MASK: Final = "***"
KEPT: Final = 100_000
"""Log entries that are kept; older ones are dropped."""


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One entry of the log. Tokens, passwords and keys are masked in query and body."""

    at: datetime
    service: Service
    method: str
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any]
    """The JSON object that was sent; `{"bytes": length}` if it was something else; empty if nothing."""
    status: int


class Api:
    """Answers requests for a world. A reply in `broken` replaces every reply of that service."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.log: deque[LoggedCall] = deque(maxlen=KEPT)
        self.broken: dict[Service, Reply] = {}
        self._instant = InstantApi(world)

    def answer(self, service: Service, request: Request, now: datetime) -> Reply:
        """Advance the world to `now`, answer the request and log it."""
        self.world.advance(now)
        reply = self.broken.get(service) or ranged(
            self.world.plan.byte_ranges, request, self._reply(service, request, now), now
        )
        query = {name: values[0] for name, values in request.query.items() if values}
        entry = LoggedCall(
            now, service, request.method, request.path, _masked(query), _masked(_sent(request)), reply.status
        )
        self.log.append(entry)
        return reply

    def _reply(self, service: Service, request: Request, now: datetime) -> Reply:
        try:
            match service:
                case "translator":
                    return api_translator.answer(self.world, request, now)
                case "beebox":
                    return api_beebox.answer(self.world, request, now)
                case "instant":
                    return self._instant.answer(request, now)
        except RefusedReply as refusal:
            return refusal.reply


def _masked(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _hidden(name, value) for name, value in values.items()}


def _hidden(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _masked(value)
    if isinstance(value, list):
        return [_hidden(name, item) for item in value]
    return MASK if name.lower() in SECRET else value


def _sent(request: Request) -> Mapping[str, Any]:
    """Return the logged form of a body. A file may be large, so its first byte is checked first."""
    if not request.body:
        return {}
    try:
        body = parsed(request.body) if request.body.lstrip()[:1] == b"{" else None
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"bytes": len(request.body)}
