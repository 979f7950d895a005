"""The minimum of each service for a gateway: log-in, log-out, and an answer that the test chooses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.wordbee.scripted_server import Asked, Reply, as_json
from wbtui.domain.credentials import BeeboxLogin, InstantLogin, Secret, TranslatorLogin

KEY = "key-4711-secret"
PASSWORD = "pass word&4711"
TOKEN = Secret("t0ken-&+/ü-4711")

TRANSLATOR_LOGIN = TranslatorLogin(account="acme", key=Secret(KEY))
BEEBOX_LOGIN = BeeboxLogin(project="0f7c-project", login="monitor", password=Secret(PASSWORD))
INSTANT_LOGIN = InstantLogin(account="acme", login="ann", password=Secret(PASSWORD))

Work = Callable[[Asked], Reply | Awaitable[Reply]]

EXPIRED = {
    "error": {"operation": None, "title": "Token invalid or expired.", "details": "x"},
    "reason": "Not authenticated - session could not be built from token",
}


def nothing(_asked: Asked) -> Reply:
    """Answer a call that a test does not expect."""
    return as_json({"error": {"title": "unexpected call"}, "reason": "unexpected call"}, 500)


class Translator:
    """Gives tokens for the right key; only the newest token is good."""

    def __init__(self, work: Work = nothing, expired: Reply | None = None) -> None:
        self.work = work
        self.expired = expired or as_json(EXPIRED, 400)
        self.given = 0
        self.living: set[str] = set()

    def __call__(self, asked: Asked) -> Reply | Awaitable[Reply]:
        token = asked.headers.get("x-auth-token", "")
        if asked.call == "POST auth/token":
            return self._log_in(asked)
        if token not in self.living or asked.headers.get("x-auth-accountid") != "acme":
            return self.expired
        if asked.call == "DELETE auth/token":
            self.living.clear()
            return Reply(204)
        return self.work(asked)

    def expire(self) -> None:
        """Let half an hour pass."""
        self.living.clear()

    def _log_in(self, asked: Asked) -> Reply:
        if asked.json != {"accountid": "acme", "key": KEY}:
            return as_json(
                {"error": {"title": "Invalid private key."}, "reason": "Invalid private key."}, 400
            )
        self.given += 1
        self.living = {f"TOKEN-4711-{self.given}"}
        return as_json(f"TOKEN-4711-{self.given}")


class Sessions:
    """The Beebox or the User API: tokens in the query, sessions that are counted."""

    def __init__(self, work: Work = nothing, *, expired: str = "LOGGEDOUT", token: str = "plain") -> None:
        self.work = work
        self.expired = expired
        self.form = token
        self.given = 0
        self.living: set[str] = set()

    def __call__(self, asked: Asked) -> Reply | Awaitable[Reply]:
        in_body = asked.body and asked.headers.get("content-type") == "application/json"
        parameters = asked.json if in_body else asked.query
        if asked.path == "connect":
            return self.connect(parameters)
        if asked.path == "disconnect":
            self.living.discard(parameters["token"])
            return Reply(204)
        if parameters.get("token") not in self.living:
            return as_json({"type": "x", "id": self.expired, "message": "ended", "failed": True}, 400)
        return self.work(asked)

    def connect(self, parameters: dict[str, str]) -> Reply:
        """Check the password and open a session."""
        if parameters["pwd"] != PASSWORD:
            return as_json({"id": "LOGIN_FAILED", "message": "Wrong login", "failed": True}, 400)
        self.given += 1
        token = f"TOKEN-4711-{self.given}"
        self.living.add(token)
        forms = {"plain": Reply(200, f" {token}\r\n".encode()), "string": as_json(token)}
        return forms.get(self.form) or as_json({"token": token, "platform": "Alpha", "ui": "en"})

    def expire(self) -> None:
        """Let a quarter of an hour pass."""
        self.living.clear()
