"""What the answers of the User API share: errors by language, id lists, compressed content."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from typing import Final

from wbtui.simulator.http_messages import Refused, Reply, Request, json_reply, whole_number

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
    """Return the numbers of the parameter `ids`, or None without one; raises Refused."""
    text = request.value("ids")
    if text is None or not text.strip():
        return None
    try:
        return [whole_number(part.strip(), 0) for part in text.split(",")]
    except ValueError:
        raise Refused(error("BAD_PARAMETERS", ui, "ids")) from None


def packed(content: bytes, form: str) -> bytes:
    """Compress as the .NET streams do: gzip, or DEFLATE without a zlib header."""
    if form == "gzip":
        return gzip.compress(content, mtime=0)
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def unpacked(content: bytes, form: str, most: int, ui: str) -> bytes:
    """Undo `packed`; raises Refused if the bytes are something else, or more than `most`."""
    bits = 16 + zlib.MAX_WBITS if form == "gzip" else -zlib.MAX_WBITS
    inflater = zlib.decompressobj(wbits=bits)
    try:
        plain = inflater.decompress(content, most + 1)
    except zlib.error:
        raise Refused(error("BAD_PARAMETERS", ui, f"the body is not {form}")) from None
    if len(plain) > most:
        raise Refused(error("BAD_PARAMETERS", ui, "the file is too large"))
    if not inflater.eof or inflater.unused_data:
        raise Refused(error("BAD_PARAMETERS", ui, f"the body is not complete {form}"))
    return plain


def compression(request: Request, ui: str) -> str:
    """Return `deflate` or `gzip`, as the parameter `compress` says; raises Refused."""
    form = (request.value("compress") or "deflate").lower()
    if form not in {"deflate", "gzip"}:
        raise Refused(error("BAD_PARAMETERS", ui, "compress"))
    return form
