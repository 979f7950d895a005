"""Instant Translation requests: queued, translated by machine, post-edited, removed."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from wbtui.simulator.http_messages import RefusedReply, Reply, Request, iso, json_reply, whole_number
from wbtui.simulator.plan import Plan
from wbtui.simulator.sample_names import SOURCE, base_name, file_names, targets, title
from wbtui.simulator.sessions import Sessions

IDLE: Final = timedelta(minutes=10)
PURGE: Final = timedelta(days=30)
FIRST_ID: Final = 39
POST_EDIT_TEXTS: Final = ("Requested", "In progress", "Post-edit completed")


@dataclass(frozen=True, slots=True)
class PostEdit:
    """An ordered post-edit with its times. `url` is None if the platform hides it."""

    asked: datetime
    started: datetime
    done: datetime
    url: str | None
    order: int | str | None
    online_only: bool


@dataclass(frozen=True, slots=True)
class Translation:
    """One request with its whole future: its visible state depends on the time alone."""

    id: int
    name: str
    target: str
    sent: datetime
    starts: datetime
    ends: datetime
    gone: datetime
    failed: bool
    counts: Mapping[str, int]
    before: Literal["zero", "null", "absent"]
    """The form of the counts before the request is ready, which is not documented."""
    post_edit: PostEdit | None
    option: int = 0
    source: bytes | None = None
    """The file that a client sent, or None for a request that came in through the web interface."""

    def status(self, now: datetime) -> str:
        """Return the status word at that time."""
        if now < self.starts:
            return "Waiting"
        if now < self.ends:
            return "Executing"
        return "Failed" if self.failed else "Finished"

    def ready(self, now: datetime) -> bool:
        """Return whether the translation can be downloaded."""
        return self.status(now) == "Finished"

    def post_edit_asked(self, now: datetime) -> bool:
        """Return whether a post-edit was ordered by then."""
        return self.post_edit is not None and self.post_edit.asked <= now

    def edited(self, now: datetime) -> bool:
        """Return whether the post-edit can be downloaded."""
        return self.post_edit is not None and self.post_edit.done <= now

    def content(self, *, edited: bool = False) -> bytes:
        """Return the translated file, or its post-edited form."""
        hand = "post-edited" if edited else "machine"
        line = f"[{self.target}, {hand}] {self.name}\n".encode()
        return line * 30 if self.source is None else line + self.source


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A file that a client submits, with the target language and the translation option."""

    name: str
    target: str
    option: int
    content: bytes


class Instant:
    """The requests of one user, and the sessions of the User API."""

    def __init__(self, plan: Plan, now: datetime) -> None:
        self._plan = plan
        chance = plan.chance("instant tokens")
        self.sessions = Sessions(IDLE, lambda: f"{chance.getrandbits(160):040x}", now)
        self._names = file_names(max(200, plan.requests), plan.chance("instant names"))
        self._all = [self._at_start(FIRST_ID + number, now) for number in range(plan.requests)]
        self._arrivals = plan.chance("instant arrivals")
        self._next = self._after(now)

    def next_event(self) -> datetime | None:
        """Return when the next request arrives, or None if none does."""
        return self._next if self._plan.request_seconds else None

    def step(self, at: datetime) -> None:
        """Add one request from the web interface."""
        self._all.append(self._draw(FIRST_ID + len(self._all), at, at, working=True))
        self._next = self._after(at)

    def present(self, now: datetime) -> dict[int, Translation]:
        """Return the requests that are not removed and younger than 30 days, by id."""
        return {one.id: one for one in self._all if now < one.gone}

    def truth(self, now: datetime) -> dict[str, Mapping[str, Any]]:
        """Return, by wbtui's key, the records in the wire's own terms."""
        return {f"it:{one.id}": record(one, now) for one in self.present(now).values()}

    def submit(self, sent: SentRequest, now: datetime) -> int:
        """Add a request and return its id. A file without text fails."""
        number = FIRST_ID + len(self._all)
        drawn = self._draw(number, now, now, working=True)
        words = len(sent.content.split())
        made = replace(
            drawn,
            name=sent.name,
            target=sent.target,
            failed=drawn.failed or not words,
            counts=_counts(words, self._plan.chance(f"instant words/{number}")),
            post_edit=None,
            option=sent.option,
            source=sent.content,
        )
        self._all.append(made)
        return number

    def order_post_edit(self, one: Translation, now: datetime) -> None:
        """Have a request post-edited by people."""
        chance = self._plan.chance(f"post-edit/{one.id}")
        drawn = self._post_edit(one.id, now, chance, certain=True)
        assert drawn is not None
        self._all[one.id - FIRST_ID] = replace(one, post_edit=replace(drawn, asked=now))

    def _after(self, at: datetime) -> datetime:
        return at + timedelta(
            seconds=max(0.05, self._plan.request_seconds * self._arrivals.uniform(0.6, 1.4))
        )

    def _at_start(self, number: int, now: datetime) -> Translation:
        chance = self._plan.chance(f"instant age/{number}")
        working = chance.random() < 0.35
        age = timedelta(seconds=chance.uniform(0, 30)) if working else PURGE * chance.uniform(0.001, 0.98)
        if number == FIRST_ID + 1:
            working, age = False, PURGE - timedelta(minutes=5)
        return self._draw(number, now - age, now, working=working)

    def _draw(self, number: int, sent: datetime, now: datetime, *, working: bool) -> Translation:
        chance = self._plan.chance(f"instant/{number}")
        base = now if working else sent
        starts = base + self._plan.work(chance.uniform(-40, 80))
        ends = max(starts, base) + self._plan.work(chance.uniform(4, 60))
        failed = chance.random() < self._plan.failed_share
        gone = sent + PURGE
        if chance.random() < self._plan.removal_share:
            gone = min(gone, now + timedelta(seconds=chance.uniform(60, 900)))
        words = chance.randint(3, 12000)
        recent = max(ends, now - self._plan.work(chance.uniform(0, 1500)))
        post_edit = self._post_edit(number, chance.choice((ends, recent)), chance)
        return Translation(
            id=number,
            name=base_name(chance.choice(self._names)),
            target=chance.choice(targets(self._plan.locales)),
            sent=sent,
            starts=starts,
            ends=ends,
            gone=gone,
            failed=failed,
            counts=_counts(words, chance),
            before=chance.choice(("zero", "null", "absent")),
            post_edit=None if failed else post_edit,
        )

    def _post_edit(
        self, number: int, ends: datetime, chance: random.Random, *, certain: bool = False
    ) -> PostEdit | None:
        wanted, hidden = chance.random() < 0.35, chance.random() < 0.25
        asked = ends + self._plan.work(chance.uniform(5, 60))
        started = asked + self._plan.work(chance.uniform(30, 300))
        done = started + self._plan.work(chance.uniform(120, 3000))
        order = chance.choice((None, 4100 + number, str(4100 + number)))
        online_only = chance.random() < 0.25
        if not (wanted or certain):
            return None
        url = None if hidden else f"https://acme.example/a/it/postedit/{number}"
        return PostEdit(asked, started, done, url, order, online_only)


def _counts(words: int, chance: random.Random) -> dict[str, int]:
    machine = round(words * chance.uniform(0.1, 1.0))
    memory = words - machine
    identical = round(memory * chance.uniform(0, 1))
    context = round((memory - identical) * chance.uniform(0, 1))
    return {
        "segs": words // 9 + 1,
        "words": words,
        "chars": words * 6,
        "wordsMT": machine,
        "wordsTM100": identical,
        "wordsTM110": context,
        "wordsTMFuzzy": memory - identical - context,
    }


def record(one: Translation, now: datetime, ui: str = "en") -> dict[str, Any]:
    """Return the record of `it/requests`, with language titles in the session's language."""
    answer: dict[str, Any] = {
        "id": one.id,
        "ready": one.ready(now),
        "status": one.status(now),
        "fname": one.name,
        "src": SOURCE,
        "srct": title(SOURCE, ui),
        "trg": one.target,
        "trgt": title(one.target, ui),
        "dt": iso(one.sent, 2),
    }
    return answer | _seen_counts(one, now) | _post_edit(one.post_edit, now)


def _seen_counts(one: Translation, now: datetime) -> dict[str, int | None]:
    if one.ready(now):
        return dict(one.counts)
    match one.before:
        case "zero":
            return dict.fromkeys(one.counts, 0)
        case "null":
            return dict.fromkeys(one.counts)
        case "absent":
            return {}


def _post_edit(post_edit: PostEdit | None, now: datetime) -> dict[str, Any]:
    if post_edit is None or now < post_edit.asked:
        return {"pe_status": None, "pe_ready": False, "pe_url": None}
    times = (post_edit.started, post_edit.done)
    answer: dict[str, Any] = {
        "pe_status": POST_EDIT_TEXTS[sum(at <= now for at in times)],
        "pe_ready": post_edit.done <= now,
        "pe_url": post_edit.url,
    }
    return answer if post_edit.order is None else answer | {"pe_orderid": post_edit.order}


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


def ids_of(request: Request, ui: str) -> list[int] | None:
    """Return the numbers of the parameter `ids`, or None without one; raises RefusedReply."""
    text = request.value("ids")
    if text is None or not text.strip():
        return None
    try:
        return [whole_number(part.strip(), 0) for part in text.split(",")]
    except ValueError:
        raise RefusedReply(error("BAD_PARAMETERS", ui, "ids")) from None


def packed(content: bytes, form: str) -> bytes:
    """Compress as the .NET streams do: gzip, or DEFLATE without a zlib header."""
    if form == "gzip":
        return gzip.compress(content, mtime=0)
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def unpacked(content: bytes, form: str, most: int, ui: str) -> bytes:
    """Decompress; raises RefusedReply if the bytes are invalid, or more than `most`."""
    bits = 16 + zlib.MAX_WBITS if form == "gzip" else -zlib.MAX_WBITS
    inflater = zlib.decompressobj(wbits=bits)
    try:
        plain = inflater.decompress(content, most + 1)
    except zlib.error:
        raise RefusedReply(error("BAD_PARAMETERS", ui, f"the body is not {form}")) from None
    if len(plain) > most:
        raise RefusedReply(error("BAD_PARAMETERS", ui, "the file is too large"))
    if not inflater.eof or inflater.unused_data:
        raise RefusedReply(error("BAD_PARAMETERS", ui, f"the body is not complete {form}"))
    return plain


def compression(request: Request, ui: str) -> str:
    """Return `deflate` or `gzip`, as the parameter `compress` says; raises RefusedReply."""
    form = (request.value("compress") or "deflate").lower()
    if form not in {"deflate", "gzip"}:
        raise RefusedReply(error("BAD_PARAMETERS", ui, "compress"))
    return form
