"""The configuration file on disk: written whole or not at all, readable for its user alone."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from wbtui.config import load, loads, read_text
from wbtui.config.table import dotted
from wbtui.domain.credentials import Account
from wbtui.domain.errors import SettingsError
from wbtui.domain.setup import Draft
from wbtui.files.user_files import nothing_at, why_not

_API: Final = "api"
_WORDBEE: Final = "wordbee-translator.com"
"""The domain of the platforms that Wordbee runs."""
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def full_url(typed: str, account: Account) -> str:
    """Return an address as it stands in the configuration, from any form in which people write it.

    Without a scheme it becomes https, and what follows `/api` is cut off. The translator's address ends in
    `/api`, the others' do not (`/api` is added with each request). For the translator the address of a page
    will do: on a platform of Wordbee, and wherever `?` or `#` show that it is a page, the API lies at `/api`
    of the host (Translator API 2, base URL). A page does not tell where the API of another service lies: such
    an address is returned as it is, and refused when the file is read.
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
        for question in draft.account.questions:
            value = draft.answers.get(question.key, "").strip()
            if question.key == "url":
                value = full_url(value, draft.account)
            lines.append(f"{question.key} = {quoted_text(value)}")
        lines.append("")
    return "\n".join(lines)


def quoted_text(value: str) -> str:
    """Return a basic string of TOML: JSON's syntax is valid TOML, except that DEL has to be escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def write_profile(path: Path, profile: str, drafts: Sequence[Draft], *, add: bool) -> Path:
    """Write a profile into the configuration file, and return where the file lies, links followed.

    The present text is kept byte for byte. Raises `SettingsError` if the file exists and `add` is not given,
    if it has that profile, if it would have a fault, or if it cannot be written.
    """
    path = _target(path)
    if nothing_at(path):
        text = _heading() + text_of(profile, drafts, default=True)
        loads(text, path)
        _write(path, text, new=True)
        return path
    if not add:
        raise SettingsError(
            f"{path}: exists already, and is not overwritten",
            advice="To add the profile to it, use --add; or name another file with --config.",
        )
    _write(path, _added(path, profile, drafts), new=False)
    return path


def _target(path: Path) -> Path:
    """Return where a path leads, following symbolic links: people keep such files elsewhere."""
    try:
        return path.resolve()
    except RuntimeError:
        raise SettingsError(f"{path}: is a symbolic link to itself") from None
    except OSError as error:
        raise SettingsError(f"{path}: {why_not(error)}") from None


def _added(path: Path, profile: str, drafts: Sequence[Draft]) -> str:
    present = load(path)
    if profile in present.profiles:
        raise SettingsError(
            f"{path}: has a profile {profile} already", advice="Choose another name with --profile."
        )
    default = not present.default_profile and not present.profiles
    before = read_text(path)
    text = f"{before.rstrip()}\n\n{text_of(profile, drafts, default=False)}"
    if default:
        text = f'default_profile = "{profile}"\n{text}'
    loads(text, path)
    return text


def _heading() -> str:
    return "# wbtui: secrets do not belong into this file; wbtui login stores them.\n"


def _write(path: Path, text: str, *, new: bool) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # has mode 600
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _put(Path(name), path, new=new)
    except FileExistsError:
        raise SettingsError(f"{path}: somebody else has just written it; it is not overwritten") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)


def _put(written: Path, path: Path, *, new: bool) -> None:
    """Give the file its name: a link fails where a rename would overwrite what came in the meantime."""
    if new:
        with contextlib.suppress(PermissionError, NotImplementedError):  # no hard links here
            os.link(written, path)
            return
        if not nothing_at(path):
            raise FileExistsError
    written.replace(path)
