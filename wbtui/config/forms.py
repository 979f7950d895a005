"""Settings that the file holds as a text or flag and the program as something else; values name them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from wbtui.config.table import Table, quoted
from wbtui.domain.errors import SourceError
from wbtui.domain.snapshot import ReadOnly
from wbtui.files.user_files import no_file, typed_path


class FormError(Exception):
    """What is wrong with a value, in words that follow its key, and what to do about it."""

    def __init__(self, problem: str, advice: str = "") -> None:
        super().__init__(problem)
        self.problem: Final = problem
        self.advice: Final = advice


class Form(NamedTuple):
    """How a setting is read from what stands in the file, and shown again.

    `read` gets a value of the type `wire` and the table that it stands in, and raises `FormError`. Where the
    file has nothing, `absent` is read instead, if it is given, and the default of the field taken otherwise.
    """

    read: Callable[[Any, Table], Any]
    """`{key}` in the advice of what it raises stands for the key."""
    wire: type = str
    show: Callable[[Any], Any] = str
    absent: object = None


_SECRETS_ELSEWHERE: Final = "Log-ins have keys of their own, and secrets are kept by wbtui login."
_WINDOW: Final = re.compile(r"([0-9]{1,4})([hd])")


def _command(line: str, _table: Table) -> str:
    try:
        shlex.split(line)
    except ValueError as error:
        raise FormError(f"cannot be split into words: {error}") from None
    return line


def _without_arguments(line: str) -> str:
    return f"{line.split(maxsplit=1)[0]} ..." if line.strip() else ""


def _pattern(pattern: str, _table: Table) -> str:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        advice = r"Use single quotes, and write a backslash of a path as \\."
        raise FormError(f"is no regular expression: {error}", advice) from None
    return pattern


def _path(text: str, table: Table) -> Path | None:
    if not text:
        return None
    try:
        return table.folder / typed_path(text)
    except SourceError as error:
        advice = "Set HOME, or write {key} as a path that begins with /."
        raise FormError(error.message, advice) from None


def _folder(text: str, table: Table) -> Path:
    found = _path(text, table)
    if found is None:
        raise FormError("is empty")
    return found


def _file(text: str, table: Table) -> str:
    found = _path(text, table)
    if found is None:
        return ""
    if problem := no_file(found):
        raise FormError(f"{quoted(str(found))}: {problem}")
    return str(found)


def _window(text: str, _table: Table) -> timedelta:
    found = _WINDOW.fullmatch(text)
    window = timedelta(hours=int(found[1]) * (1 if found[2] == "h" else 24)) if found else timedelta()
    if not timedelta(hours=1) <= window <= timedelta(days=7):
        raise FormError(f'{quoted(text)} is no time from "1h" to "7d"')
    return window


def _address(text: str, table: Table) -> str:
    address = text.strip()
    parts = _split(address)
    if parts.username is not None or parts.password is not None:
        raise FormError("must not contain a user name or password", _SECRETS_ELSEWHERE)
    if parts.query or parts.fragment:
        raise FormError("must end before any '?' or '#'", _SECRETS_ELSEWHERE)
    allowed = table.data.get("allow_http") is True or _is_loopback(parts.hostname or "")
    if parts.scheme == "http" and not allowed:
        raise FormError(
            "http:// would send log-ins in clear; use https://",
            "If the network is trusted, put allow_http = true into this table.",
        )
    return address.rstrip("/")


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:  # also where the port is no number
        good = False
    if not good or " " in address or "\\" in address:
        raise FormError("is no web address; one looks like https://host.example/api")
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _api_address(text: str, table: Table) -> str:
    address = _address(text, table)
    return address if address.endswith("/api") else f"{address}/api"


COMMAND: Final = Form(_command)
"""A command line that can be split into words as a shell would, or an empty text."""
SECRET_COMMAND: Final = Form(_command, show=_without_arguments)
"""The same, of which the arguments may hold what must not be seen."""
PATTERN: Final = Form(_pattern)
"""A regular expression that compiles, or an empty text."""
PATH: Final = Form(_path, show=lambda path: str(path or ""))
"""A file or folder, or None if the text is empty; `~` is the home folder, relative: to the file's folder."""
DOWNLOADS: Final = Form(_folder, absent="~/wordbee")
"""The same, and not empty."""
FILE: Final = Form(_file)
"""The path of a file that exists, or an empty text."""
WINDOW: Final = Form(_window, show=lambda window: f"{window // timedelta(hours=1)}h")
"""A span of hours (`24h`) or days (`7d`)."""
ADDRESS: Final = Form(_address)
"""The address of a service without a slash at the end; its text is in no message."""
API_ADDRESS: Final = Form(_api_address)
"""The same, with `/api` at the end."""
READ_ONLY: Final = Form(lambda on, _table: ReadOnly.WRITTEN if on else ReadOnly.NO, wire=bool, show=bool)
"""Whether the file keeps the profile from changing anything on a server."""
