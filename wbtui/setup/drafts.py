"""From what a user typed to the text of a profile; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from wbtui.credentials import Account
from wbtui.ports_setup import QUESTIONS, Draft
from wbtui.settings.table import dotted

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def full_url(typed: str, account: Account) -> str:
    """Return an address as it stands in the configuration, from any form in which people write it.

    Without a scheme it is https; a slash at the end goes; the translator's ends in `/api`, the others' does
    not (`/api` is added to them with each request).
    """
    url = typed.strip()
    if url and not _SCHEME.match(url):
        url = f"https://{url}"
    url = url.rstrip("/")
    bare = url[:-4].rstrip("/") if url.lower().endswith("/api") else url
    return f"{bare}/api" if account is Account.TRANSLATOR and bare else bare


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
