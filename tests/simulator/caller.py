from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from wbtui.simulator.api import Api
from wbtui.simulator.http_messages import Reply, Request
from wbtui.simulator.plan import Plan
from wbtui.simulator.world import World

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
JSON = {"content-type": "application/json"}


class Caller:
    """A client without a network, whose time stands still until `wait`."""

    def __init__(self, **plan: Any) -> None:
        self.world = World(Plan(**plan), START)
        self.api = Api(self.world)
        self.now = START
        self.extra: dict[str, str] = {}
        """Headers that Beebox and Instant Translation get with every call."""

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def beebox(self, method: str, path: str, body: Any = None, **query: str) -> Reply:
        return self._ask("beebox", method, path, body, JSON | self.extra, query)

    def instant(self, path: str, method: str = "GET", **query: str) -> Reply:
        return self._ask("instant", method, path, None, self.extra, query)

    def submit(self, packed: bytes, **query: str) -> Reply:
        """Send a file to Instant Translation as it is given."""
        kind = {"content-type": "Stream"} | self.extra
        return self._ask("instant", "POST", "/api/it/requests", packed, kind, query)

    def translator(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **query: str
    ) -> Reply:
        return self._ask("translator", method, path, body, JSON | (headers or {}), query)

    def _ask(
        self, service: Any, method: str, path: str, body: Any, headers: dict[str, str], query: dict[str, str]
    ) -> Reply:
        sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        values = {name: [value] for name, value in query.items()}
        return self.api.answer(service, Request(method, path, values, headers, sent), self.now)

    def login(self) -> dict[str, str]:
        """Log in to the Translator and return the headers for further calls."""
        accounts = self.world.accounts
        body = {"accountid": accounts.translator_account, "key": accounts.translator_key}
        token = read(self.translator("POST", "/api/auth/token", body))
        return {"x-auth-token": token, "x-auth-accountid": accounts.translator_account}

    def beebox_login(self, **more: str) -> dict[str, str]:
        accounts = self.world.accounts
        own = {"project": accounts.beebox_project, "login": accounts.beebox_login}
        return own | {"pwd": accounts.beebox_password} | more

    def beebox_token(self) -> str:
        return self.beebox("GET", "/api/connect", **self.beebox_login()).body.decode()

    def instant_login(self, **more: str) -> dict[str, str]:
        accounts = self.world.accounts
        own = {"account": accounts.instant_account, "login": accounts.instant_login}
        return own | {"pwd": accounts.instant_password, "domain": "InstantTranslation"} | more

    def instant_token(self, **more: str) -> str:
        token: str = read(self.instant("/api/connect", **self.instant_login(**more)))["token"]
        return token


def read(reply: Reply) -> Any:
    return json.loads(reply.body)
