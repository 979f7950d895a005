"""The token in the answer to a log-in, in each of the forms that services and their documents show."""

from __future__ import annotations

import json
import re

from wbtui.domain.credentials import Secret
from wbtui.domain.errors import BadAnswer, NotTheService
from wbtui.wordbee.wire import Node

_DEEPEST = 2
"""A JSON string may hold JSON once more."""
_TOKEN = re.compile(r"[!-~]{1,4096}", re.ASCII)


def decode_token(body: bytes) -> Secret:
    """Return the token of a JSON string, of plain text, or of an object with a `token` member.

    Raises `BadAnswer`, which quotes nothing of the body. Source: api2/authentication, beebox api-connect,
    UserAPI/pages/709122 Connect.
    """
    token = body.decode("utf-8", "replace").lstrip("\ufeff \t\r\n").strip()
    if token.startswith("<"):
        raise NotTheService("a web page came in the place of the log-in's answer, and no token")
    for _ in range(_DEEPEST):
        token = _unwrapped(token)
    if _TOKEN.fullmatch(token) is None or token[0] in '<{["':
        raise BadAnswer("the service took the log-in, but its answer holds no token")
    return Secret(token)


def _unwrapped(text: str) -> str:
    if text[:1] not in {'"', "{"}:
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if isinstance(value, str):
        return value.strip()
    token = Node(value).get("token").value
    return token.strip() if isinstance(token, str) else ""
