"""The Instant Translation part of the User API. Source: the API - IT pages of UserAPI."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from wbtui.simulator.http_messages import (
    RefusedReply,
    Reply,
    Request,
    bytes_reply,
    json_reply,
    need,
    not_found,
    parse_zoned,
    whole_number,
)
from wbtui.simulator.instant import (
    SentRequest,
    Translation,
    compression,
    error,
    ids_of,
    packed,
    record,
    unpacked,
)
from wbtui.simulator.media import filled
from wbtui.simulator.recorded_writes import Submission, Upload
from wbtui.simulator.sample_names import SOURCE, title
from wbtui.simulator.sessions import Sessions
from wbtui.simulator.world import World

OPTIONS: Final = ("Default", "Technical")
FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    ".docx": ("Default", "With comments"),
    ".xlsx": ("Default",),
    ".pptx": ("Default", "With speaker notes"),
    ".html": ("Default",),
    ".txt": ("Default",),
    ".xml": ("Default",),
    ".md": ("Default",),
    ".json": ("Default",),
}
"""File types with the titles of their format options; an option is named by its place."""
LEAD_HOURS: Final = 4
LONGEST_COMMENT: Final = 500


def configuration(world: World, request: Request, ui: str) -> Reply:
    """Answer the settings. An invalid option counts as 0. All names but three are guesses."""
    (option,) = need(request, "option")
    known = int(option) if option in {"0", "1"} else 0
    answer: dict[str, Any] = {"option": known, "options": list(OPTIONS), "locales": {}}
    if world.plan.sparse_configuration:
        return json_reply(answer)
    answer["locales"] = {
        "src": [{"v": SOURCE, "t": title(SOURCE, ui)}],
        "trg": [{"v": code, "t": title(code, ui)} for code in world.beebox.locales],
    }
    formats = [
        {
            "extension": ending,
            "options": [{"foption": place, "title": name} for place, name in enumerate(names)],
        }
        for ending, names in FORMATS.items()
    ]
    terms = post_edit_terms(older=world.plan.dialect == "older")
    more = {"maxFileSize": world.plan.largest_upload, "postEdit": {"enabled": True, **terms}}
    return json_reply(answer | {"formats": formats} | more)


def post_edit_terms(*, older: bool) -> dict[str, Any]:
    """Return the terms of a post-edit order, with a deadline only in the older dialect."""
    return {
        "urlTerms": None,
        "deadlineMandatory": older or None,
        "deadlineMinLeadHours": LEAD_HOURS if older else None,
    }


def submit(world: World, request: Request, ui: str, now: datetime) -> Reply:
    """Answer POST `it/requests` with the id of the request; the plan says what a known hash gets."""
    name, src, trg, option, foption, guard = need(
        request, "filename", "src", "trg", "option", "foption", "hash"
    )
    _check(world, {"filename": name, "src": src, "trg": trg, "foption": foption, "hash": guard}, ui)
    sent = SentRequest(name, trg, _option(option, ui), _content(world, request, ui))
    known = [one.request for one in world.writes.submissions if one.hash == guard and one.created]
    if known and world.plan.repeated_hash == "error":
        world.writes.submissions.append(Submission(guard, None, created=False))
        raise RefusedReply(error("BAD_PARAMETERS", ui, "hash"))
    number = known[0] if known else world.instant.submit(sent, now)
    world.writes.submissions.append(Submission(guard, number, created=not known))
    world.writes.uploads.append(Upload("instant", "it", name, sent.content))
    return json_reply({"id": number})


def _check(world: World, given: Mapping[str, str], ui: str) -> None:
    """Refuse values that the configuration does not allow, naming the parameter in `info`."""
    ending = f".{given['filename'].rpartition('.')[2].lower()}"
    options = FORMATS.get(ending, ())
    fine = {
        "filename": bool(options) and not set(given["filename"]) & set("\\/"),
        "src": given["src"] == SOURCE,
        "trg": given["trg"] in world.beebox.locales,
        "foption": given["foption"] in {str(place) for place in range(len(options))},
        "hash": bool(given["hash"].strip()),
    }
    for name, good in fine.items():
        if not good:
            raise RefusedReply(error("BAD_PARAMETERS", ui, name))


def _option(text: str, ui: str) -> int:
    try:
        option = whole_number(text, 0)
    except ValueError:
        raise RefusedReply(error("BAD_PARAMETERS", ui, "option")) from None
    return option if option < len(OPTIONS) else 0


def _content(world: World, request: Request, ui: str) -> bytes:
    form = compression(request, ui)
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise RefusedReply(error("BAD_PARAMETERS", ui, "multipart content is not supported by the Beebox"))
    return unpacked(request.body, form, world.plan.largest_upload, ui)


def order_post_edit(world: World, request: Request, ui: str, now: datetime) -> Reply:
    """Answer POST `it/requests/postedit`; `trmid` is null where the order was made at once."""
    need(request, "ids", "reference")
    if len(request.value("comments") or "") > LONGEST_COMMENT:
        raise RefusedReply(error("BAD_PARAMETERS", ui, "comments"))
    _check_deadline(world, request.value("deadline") or "", ui, now)
    chosen = _chosen(world, request, ui, now)
    if any(not one.ready(now) or one.post_edit_asked(now) for one in chosen):
        raise RefusedReply(error("", ui))
    for one in chosen:
        world.instant.order_post_edit(one, now)
    if len(chosen) == 1:
        return json_reply({"trmid": None, "status": "Finished"})
    return json_reply({"trmid": 70_000 + chosen[0].id, "status": "Waiting"})


def _check_deadline(world: World, text: str, ui: str, now: datetime) -> None:
    older = world.plan.dialect == "older"
    if not text and not older:
        return
    deadline = parse_zoned(text)
    lead = timedelta(hours=LEAD_HOURS if older else 0)
    if deadline is None or deadline < now + lead:
        raise RefusedReply(error("BAD_PARAMETERS", ui, "deadline"))


def cost(world: World, request: Request, ui: str, now: datetime) -> Reply:
    """Answer `it/requests/postedit/cost`: a record per language pair and option; no price is available."""
    need(request, "ids")
    groups: dict[tuple[str, int], list[Translation]] = {}
    for one in _chosen(world, request, ui, now):
        groups.setdefault((one.target, one.option), []).append(one)
    records = [
        {
            "docs": len(group),
            "srct": title(SOURCE, ui),
            "trgt": title(target, ui),
            "mtoption": OPTIONS[option],
            "words": sum(one.counts["words"] for one in group),
            "chars": sum(one.counts["chars"] for one in group),
            "documents": [one.name for one in group],
            "costed": False,
        }
        for (target, option), group in groups.items()
    ]
    return json_reply({"records": records})


def _chosen(world: World, request: Request, ui: str, now: datetime) -> list[Translation]:
    """Return the requests that `ids` names, each once.

    Raises RefusedReply if there are none or one is gone.
    """
    present = world.instant.present(now)
    ids = dict.fromkeys(ids_of(request, ui) or ())
    if not ids or not present.keys() >= ids.keys():
        raise RefusedReply(error("BAD_PARAMETERS", ui, "ids"))
    return [present[number] for number in ids]


LANGUAGES: Final = ("en", "fr", "de", "es", "ja", "nl")
"""Languages of the user interface; texts exist in the first three and are English in the others."""
DOMAIN: Final = "InstantTranslation"
ATTEMPTS: Final = 10
"""Wrong log-ins in a row after which the account is disabled."""


class InstantApi:
    """Answers requests of the User API. Keeps the language of each session and the wrong log-ins in a row."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._languages: dict[str, str] = {}
        self._failures = 0

    @property
    def _sessions(self) -> Sessions:
        return self._world.instant.sessions

    def answer(self, request: Request, now: datetime) -> Reply:
        """Answer one call; raises RefusedReply. Wrong methods get the framework's 404."""
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
                raise RefusedReply(not_found(request))

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
            raise RefusedReply(error("LOGIN_DISABLED", ui))
        if given != right:
            self._failures += 1
            raise RefusedReply(error("LOGIN_FAILED", ui))
        if self._world.plan.instant_login_error:
            raise RefusedReply(error(self._world.plan.instant_login_error, ui))
        self._failures = 0

    def _disconnect(self, request: Request, now: datetime) -> Reply:
        """Answer 204; the older page has GET and 203."""
        token = need(request, "token")[0]
        self._sessions.close(token, now)
        self._languages.pop(token, None)
        return Reply(203 if request.method == "GET" else 204)

    def _session(self, request: Request, now: datetime) -> str:
        """Return the language of an open session; raises RefusedReply."""
        token = need(request, "token")[0]
        if not self._sessions.use(token, now):
            raise RefusedReply(error("SESSION_EXPIRED", self._languages.get(token, "en")))
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
            raise RefusedReply(error("", ui))
        content = filled(self._world.plan, f"it/{one.id}", one.content())
        return bytes_reply(packed(content, form), self._world.born)

    def _post_edit(self, request: Request, now: datetime) -> Reply:
        """Answer the post-edit as gzip, as its page says.

        In the older dialect as raw deflate, as its sample shows.
        """
        ui = self._session(request, now)
        one = self._wanted(request, ui, now)
        if not one.edited(now):
            raise RefusedReply(error("", ui))
        if one.post_edit is not None and one.post_edit.online_only:
            raise RefusedReply(error("PE_FILE_ONLINE_ONLY", ui))
        form = "deflate" if self._world.plan.dialect == "older" else "gzip"
        content = filled(self._world.plan, f"pe/{one.id}", one.content(edited=True))
        return bytes_reply(packed(content, form), self._world.born)

    def _wanted(self, request: Request, ui: str, now: datetime) -> Translation:
        (text,) = need(request, "id")
        try:
            number = whole_number(text, 0)
        except ValueError:
            raise RefusedReply(error("BAD_PARAMETERS", ui, "id")) from None
        found = self._world.instant.present(now).get(number)
        if found is None:
            raise RefusedReply(error("", ui))
        return found
