"""From what a user typed to the text of a profile; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, urlsplit

from wbtui.config.table import dotted
from wbtui.domain.credentials import Account
from wbtui.domain.setup_ports import QUESTIONS, Draft

_API: Final = "api"
_WORDBEE: Final = "wordbee-translator.com"
"""The domain of the platforms that Wordbee runs."""
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def full_url(typed: str, account: Account) -> str:
    """Return an address as it stands in the configuration, from any form in which people write it.

    Without a scheme it is https, and what follows `/api` goes. The translator's ends in `/api`, the others'
    do not (`/api` is added to them with each request). Of the translator the address of a page will do: on a
    platform of Wordbee, and wherever `?` or `#` say that this is a page, its API lies at `/api` of the host
    (Translator API 2, base URL). Where that of the other services lies nobody can say of a page: such an
    address stays as it is, and is refused.
    """
    url = typed.strip()
    if url and not _SCHEME.match(url):
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return url
    names = _base(host, parts, account) if host else None
    if names is None:
        return url
    if account is Account.TRANSLATOR:
        names = [*names, _API]
    return "/".join((f"{parts.scheme}://{parts.netloc}", *names))


def _base(host: str, parts: SplitResult, account: Account) -> list[str] | None:
    """Return the parts of the path before `/api`, or None if that cannot be known."""
    translator = account is Account.TRANSLATOR
    names = [name for name in parts.path.split("/") if name]
    if translator and (host == _WORDBEE or host.endswith(f".{_WORDBEE}")):
        return []
    lower = [name.lower() for name in names]
    if _API in lower:
        return names[: len(lower) - 1 - lower[::-1].index(_API)]
    if parts.query or parts.fragment:
        return [] if translator else None
    return names


def text_of(profile: str, drafts: Iterable[Draft], *, default: bool) -> str:
    """Return a profile as TOML; with `default` it is the one that is opened without `--profile`."""
    lines = [f"default_profile = {quoted_text(profile)}", ""] if default else []
    for draft in drafts:
        lines.append(f"[profiles.{dotted(profile)}.{draft.account}]")
        for question in QUESTIONS[draft.account]:
            value = draft.answers.get(question.key, "").strip()
            if question.key == "url":
                value = full_url(value, draft.account)
            lines.append(f"{question.key} = {quoted_text(value)}")
        lines.append("")
    return "\n".join(lines)


def quoted_text(value: str) -> str:
    """Return a basic string of TOML, of which JSON's are a part but for DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
