"""The User API's Instant Translation part (instant-translation page)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from wbtui.simulator.face_instant_writing import configuration, cost, order_post_edit, post_edit_terms, submit
from wbtui.simulator.http_messages import (
    Refused,
    Reply,
    Request,
    bytes_reply,
    json_reply,
    need,
    not_found,
    whole_number,
)
from wbtui.simulator.instant import Translation, record
from wbtui.simulator.instant_wire import compression, error, ids_of, packed
from wbtui.simulator.media import filled
from wbtui.simulator.sessions import Sessions
from wbtui.simulator.world import World

LANGUAGES: Final = ("en", "fr", "de", "es", "ja", "nl")
"""Languages of the user interface; texts exist in the first three and are English in the others."""
DOMAIN: Final = "InstantTranslation"
ATTEMPTS: Final = 10
"""Wrong log-ins in a row after which the account is disabled."""


class InstantFace:
    """Answers for the User API; remembers the language of each session and the wrong log-ins in a row."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._languages: dict[str, str] = {}
        self._failures = 0

    @property
    def _sessions(self) -> Sessions:
        return self._world.instant.sessions

    def answer(self, request: Request, now: datetime) -> Reply:
        """Answer one call; raises Refused. Wrong methods get the framework's 404."""
        older = self._world.plan.dialect == "older"
        match (request.method, request.path):
            case ("GET", "/api/connect"):
                return self._connect(request, now)
            case ("GET" | "PUT", "/api/disconnect") if (request.method == "GET") == older:
                return self._disconnect(request, now)
            case ("GET", "/api/it/configuration"):
                return configuration(self._world, request, self._session(request, now))
            case ("GET", "/api/it/requests"):
                return self._requests(request, now)
            case ("GET", "/api/it/requests/file"):
                return self._file(request, now)
            case ("GET", "/api/it/requests/postedit/file"):
                return self._post_edit(request, now)
            case ("POST", "/api/it/requests"):
                return submit(self._world, request, self._session(request, now), now)
            case ("POST", "/api/it/requests/postedit"):
                return order_post_edit(self._world, request, self._session(request, now), now)
            case ("GET", "/api/it/requests/postedit/cost"):
                return cost(self._world, request, self._session(request, now), now)
            case _:
                raise Refused(not_found(request))

    def _connect(self, request: Request, now: datetime) -> Reply:
        given = tuple(need(request, "account", "login", "pwd", "domain"))
        asked = request.value("ui")
        ui = asked if asked in LANGUAGES else "en"
        self._check_login(given, ui)
        token = self._sessions.open(now)
        self._languages[token] = ui
        names = {"platform": "Alpha", "company": "Acme", "user": "Ann Lee", "ui": ui}
        older = self._world.plan.dialect == "older"
        terms = {"InstantTranslation": post_edit_terms(older=True)} if older else {}
        return json_reply({"token": token} | names | terms)

    def _check_login(self, given: tuple[str, ...], ui: str) -> None:
        accounts = self._world.accounts
        right = (accounts.instant_account, accounts.instant_login, accounts.instant_password, DOMAIN)
        if self._failures >= ATTEMPTS:
            raise Refused(error("LOGIN_DISABLED", ui))
        if given != right:
            self._failures += 1
            raise Refused(error("LOGIN_FAILED", ui))
        if self._world.plan.instant_login_error:
            raise Refused(error(self._world.plan.instant_login_error, ui))
        self._failures = 0

    def _disconnect(self, request: Request, now: datetime) -> Reply:
        """Answer 204; the older page has GET and 203."""
        token = need(request, "token")[0]
        self._sessions.close(token, now)
        self._languages.pop(token, None)
        return Reply(203 if request.method == "GET" else 204)

    def _session(self, request: Request, now: datetime) -> str:
        """Return the language of a living session; raises Refused."""
        token = need(request, "token")[0]
        if not self._sessions.use(token, now):
            raise Refused(error("SESSION_EXPIRED", self._languages.get(token, "en")))
        return self._languages[token]

    def _requests(self, request: Request, now: datetime) -> Reply:
        ui = self._session(request, now)
        present = self._world.instant.present(now)
        ids = ids_of(request, ui)
        found = present.values() if ids is None else [present[one] for one in ids if one in present]
        return json_reply({"requests": [record(one, now, ui) for one in found]})

    def _file(self, request: Request, now: datetime) -> Reply:
        ui = self._session(request, now)
        one = self._wanted(request, ui, now)
        form = compression(request, ui)
        if not one.ready(now):
            raise Refused(error("", ui))
        return bytes_reply(packed(filled(self._world.plan, f"it/{one.id}", one.content()), form))

    def _post_edit(self, request: Request, now: datetime) -> Reply:
        """Answer the post-edit as gzip, which its page names; raw deflate, which it samples, if older."""
        ui = self._session(request, now)
        one = self._wanted(request, ui, now)
        if not one.edited(now):
            raise Refused(error("", ui))
        if one.post_edit is not None and one.post_edit.online_only:
            raise Refused(error("PE_FILE_ONLINE_ONLY", ui))
        form = "deflate" if self._world.plan.dialect == "older" else "gzip"
        return bytes_reply(packed(filled(self._world.plan, f"pe/{one.id}", one.content(edited=True)), form))

    def _wanted(self, request: Request, ui: str, now: datetime) -> Translation:
        (text,) = need(request, "id")
        try:
            number = whole_number(text, 0)
        except ValueError:
            raise Refused(error("BAD_PARAMETERS", ui, "id")) from None
        found = self._world.instant.present(now).get(number)
        if found is None:
            raise Refused(error("", ui))
        return found
