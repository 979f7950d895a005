"""The User API's Instant Translation part (instant-translation page)."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from wbtui.demo.exchange import (
    Refused,
    Reply,
    Request,
    bytes_reply,
    json_reply,
    need,
    not_found,
    whole_number,
)
from wbtui.demo.instant import Translation, record
from wbtui.demo.names import SOURCE, title
from wbtui.demo.sessions import Sessions
from wbtui.demo.world import World

LANGUAGES: Final = ("en", "fr", "de", "es", "ja", "nl")
"""Languages of the user interface; texts exist in the first three and are English in the others."""
DOMAIN: Final = "InstantTranslation"
ATTEMPTS: Final = 10
"""Wrong log-ins in a row after which the account is disabled."""
MESSAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "LOGIN_FAILED": {
        "en": "The login or password is not correct.",
        "fr": "L'identifiant ou le mot de passe est incorrect.",
        "de": "Benutzername oder Passwort ist falsch.",
    },
    "LOGIN_DISABLED": {
        "en": "Your account is disabled.",
        "fr": "Votre compte est désactivé.",
        "de": "Ihr Konto ist gesperrt.",
    },
    "LOGIN_EXPIRED": {
        "en": "Your password has expired. Please renew it online.",
        "fr": "Votre mot de passe a expiré. Veuillez le renouveler en ligne.",
        "de": "Ihr Passwort ist abgelaufen. Bitte erneuern Sie es online.",
    },
    "LOGIN_BADIP": {
        "en": "Your address is not allowed to connect.",
        "fr": "Votre adresse n'est pas autorisée.",
        "de": "Ihre Adresse ist nicht zugelassen.",
    },
    "LOGIN_NOACCESS_DOMAIN": {
        "en": "You have no access to this functionality.",
        "fr": "Vous n'avez pas accès à cette fonctionnalité.",
        "de": "Sie haben keinen Zugang zu dieser Funktion.",
    },
    "SESSION_EXPIRED": {
        "en": "Your session has ended.",
        "fr": "Votre session est terminée.",
        "de": "Ihre Sitzung ist beendet.",
    },
    "BAD_PARAMETERS": {
        "en": "A parameter is not correct.",
        "fr": "Un paramètre est incorrect.",
        "de": "Ein Parameter ist falsch.",
    },
    "PE_FILE_ONLINE_ONLY": {
        "en": "The post edit can only be downloaded online.",
        "fr": "La post-édition ne peut être téléchargée qu'en ligne.",
        "de": "Die Nachbearbeitung kann nur online heruntergeladen werden.",
    },
    "": {
        "en": "The translation is not available.",
        "fr": "La traduction n'est pas disponible.",
        "de": "Die Übersetzung ist nicht verfügbar.",
    },
}
"""Error id to message by language; the last one is an error without an id."""


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
                return self._configuration(request, now)
            case ("GET", "/api/it/requests"):
                return self._requests(request, now)
            case ("GET", "/api/it/requests/file"):
                return self._file(request, now)
            case ("GET", "/api/it/requests/postedit/file"):
                return self._post_edit(request, now)
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
        terms = {
            "InstantTranslation": {"urlTerms": None, "deadlineMandatory": True, "deadlineMinLeadHours": 4}
        }
        return json_reply({"token": token} | names | (terms if self._world.plan.dialect == "older" else {}))

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

    def _configuration(self, request: Request, now: datetime) -> Reply:
        """Answer the settings; an invalid option silently means 0."""
        ui = self._session(request, now)
        (option,) = need(request, "option")
        pairs = {code: title(code, ui) for code in (SOURCE, *self._world.beebox.locales)}
        known = option if option in {"0", "1"} else "0"
        return json_reply({"option": int(known), "options": ["Default", "Technical"], "locales": pairs})

    def _requests(self, request: Request, now: datetime) -> Reply:
        ui = self._session(request, now)
        present = self._world.instant.present(now)
        ids = _ids(request, ui)
        found = present.values() if ids is None else [present[one] for one in ids if one in present]
        return json_reply({"requests": [record(one, now, ui) for one in found]})

    def _file(self, request: Request, now: datetime) -> Reply:
        ui = self._session(request, now)
        one = self._wanted(request, ui, now)
        form = (request.value("compress") or "deflate").lower()
        if form not in {"deflate", "gzip"}:
            raise Refused(error("BAD_PARAMETERS", ui, "compress"))
        if not one.ready(now):
            raise Refused(error("", ui))
        return bytes_reply(_packed(one.content(), form))

    def _post_edit(self, request: Request, now: datetime) -> Reply:
        """Answer the post-edit as gzip, which its page names; raw deflate, which it samples, if older."""
        ui = self._session(request, now)
        one = self._wanted(request, ui, now)
        if not one.edited(now):
            raise Refused(error("", ui))
        if one.post_edit is not None and one.post_edit.online_only:
            raise Refused(error("PE_FILE_ONLINE_ONLY", ui))
        form = "deflate" if self._world.plan.dialect == "older" else "gzip"
        return bytes_reply(_packed(one.content(edited=True), form))

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


def error(error_id: str, ui: str, info: str | None = None) -> Reply:
    """Return the error object, with the message in the language of the user interface."""
    texts = MESSAGES[error_id]
    body = {
        "id": error_id or None,
        "message": texts.get(ui, texts["en"]),
        "info": info,
        "failed": True,
    }
    return json_reply(body, 400)


def _ids(request: Request, ui: str) -> list[int] | None:
    text = request.value("ids")
    if text is None or not text.strip():
        return None
    try:
        return [whole_number(part.strip(), 0) for part in text.split(",")]
    except ValueError:
        raise Refused(error("BAD_PARAMETERS", ui, "ids")) from None


def _packed(content: bytes, form: str) -> bytes:
    """Compress as the .NET streams do: gzip, or DEFLATE without a zlib header."""
    if form == "gzip":
        return gzip.compress(content, mtime=0)
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()
