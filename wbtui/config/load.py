"""From a file to `Settings`: where it lies, what each table may contain, which profile is meant."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar
from urllib.parse import SplitResult, urlsplit

import platformdirs

from wbtui.config.values import (
    BeeboxSettings,
    ComponentMode,
    ConfirmQuit,
    FlexSettings,
    InstantSettings,
    OnNewer,
    Profile,
    Settings,
    TranslatorSettings,
    UiSettings,
)
from wbtui.domain.credentials import Account, profile_in_variables, variable_of
from wbtui.domain.errors import SettingsError, SourceError
from wbtui.domain.model import Metric, ReadOnly
from wbtui.domain.sanitize import sanitize
from wbtui.files.user_files import local_path, no_file, nothing_at, read_file

_KINDS: Final = {
    bool: "true or false",
    int: "a whole number",
    float: "a number with a fraction",
    str: "text",
    list: "a list",
    dict: "a table",
}
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_Choice = TypeVar("_Choice", bound=StrEnum)
_Kind = TypeVar("_Kind")


def quoted(text: str) -> str:
    """Return foreign text between quotes, with everything that a terminal would obey spelled out."""
    return repr(str(text))


def dotted(*names: str) -> str:
    """Return the name of a table as it stands in the file, each part in quotes where TOML wants them."""
    return ".".join(name if _BARE.fullmatch(name) else quoted(name) for name in names)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown word: the nearest known one, or all of them."""
    options = sorted(known)
    close = difflib.get_close_matches(word, options, n=1)
    if close:
        return f"did you mean {quoted(close[0])}?"
    if not options:
        return "there are none yet"
    return f"known: {', '.join(options)}"


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a date or time")


class Faults:
    """What is wrong in one file, in the order in which it was found; of each key only the first thing."""

    def __init__(self, file: Path) -> None:
        self.file: Final = file
        self._found: dict[tuple[str, ...], SettingsError] = {}

    @property
    def found(self) -> tuple[SettingsError, ...]:
        """Return them all."""
        return tuple(self._found.values())

    def add(self, names: tuple[str, ...], key: str, problem: str, advice: str = "") -> None:
        """Note what is wrong with a key of a table; `problem` says itself what it is about."""
        table = f"[{dotted(*names)}] " if names else ""
        error = SettingsError(f"{self.file}: {table}{problem}", advice=advice)
        self._found.setdefault((*names, key), error)


class Table:
    """One table of the file; what is wrong goes into `faults`, and reading goes on with a default instead.

    `names` is the way to the table from the top of the file. `known` are the keys it may have; None leaves
    them free (names of profiles, ids of actions).
    """

    def __init__(
        self,
        faults: Faults,
        names: tuple[str, ...],
        data: Mapping[str, object],
        known: Sequence[str] | None,
    ) -> None:
        self._faults: Final = faults
        self.names: Final = names
        self.data: Final = data
        for key in data:
            if known is not None and key not in known:
                what = "unknown table" if isinstance(data[key], dict) else "unknown key"
                faults.add(names, key, f"{what} {quoted(key)}; {nearest(key, known)}")

    def fail(self, key: str, problem: str, advice: str = "") -> None:
        """Note what is wrong with the value of a key."""
        self._faults.add(self.names, key, f"{key}: {problem}", advice)

    def refuse_name(self, key: str, problem: str) -> None:
        """Note what is wrong with the name of a key."""
        self._faults.add(self.names, key, f"{quoted(key)}: {problem}")

    def _given(self, key: str, kind: type[_Kind]) -> _Kind | None:
        """Return what stands there; None if nothing does, or something of another kind."""
        if key not in self.data:
            return None
        value = self.data[key]
        if type(value) is not kind:
            self.fail(key, f"expected {_KINDS[kind]}, found {_kind(value)}")
            return None
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return a true or false."""
        given = self._given(key, bool)
        return default if given is None else given

    def number(self, key: str, default: int, low: int, high: int) -> int:
        """Return a whole number between two bounds, both included."""
        value = self._given(key, int)
        if value is None:
            return default
        if not low <= value <= high:
            self.fail(key, f"must be between {low} and {high}, not {value}")
            return default
        return value

    def text(self, key: str, default: str = "") -> str:
        """Return a text, or the default if there is none."""
        value = self._given(key, str)
        if value is None:
            return default
        if not value.isprintable():
            self.fail(key, "contains characters that cannot be printed")
            return default
        return value

    def needed(self, key: str) -> str:
        """Return a text that must be there and must not be empty."""
        value = self.text(key)
        if not value.strip():
            problem = f"{key} is missing" if key not in self.data else f"{key} is empty"
            self._faults.add(self.names, key, problem)
        return value

    def choice(self, key: str, default: _Choice) -> _Choice:
        """Return one of an enumeration's values."""
        word = self.text(key, default.value)
        options = [option.value for option in type(default)]
        if word not in options:
            self.fail(key, f"{quoted(word)} is not one of {', '.join(options)}")
            return default
        return type(default)(word)

    def texts(self, key: str, example: str, most: int) -> tuple[str, ...]:
        """Return a list of texts, at most so many; `example` shows how one is written."""
        values: list[object] = self._given(key, list) or []
        for value in values:
            if not isinstance(value, str):
                self.fail(key, f"expected texts such as {example}, found {_kind(value)}")
            elif not value or not value.isprintable():
                self.fail(key, "contains an empty text or characters that cannot be printed")
        if len(values) > most:
            self.fail(key, f"has {len(values)} entries, at most {most} are possible")
        return tuple(value for value in values if isinstance(value, str))

    def table(self, key: str, known: Sequence[str] | None) -> Table | None:
        """Return the table of that name, or None if there is none."""
        value: dict[str, object] | None = self._given(key, dict)
        return None if value is None else Table(self._faults, (*self.names, key), value, known)

    def place(self, key: str, default: str = "") -> Path | None:
        """Return a file or folder, or None if the text is empty.

        `~` is the home folder, and a relative one starts at the folder of the configuration file.
        """
        text = self.text(key, default)
        if not text:
            return None
        try:
            return self._faults.file.parent / local_path(text)
        except SourceError as error:
            self.fail(key, error.message, f"Set HOME, or write {key} as a path that begins with /.")
            return None

    def readable(self, key: str) -> str:
        """Return the path of a file that exists, or an empty text if none was named."""
        found = self.place(key)
        if found is None:
            return ""
        if problem := no_file(found):
            self.fail(key, f"{quoted(str(found))}: {problem}")
        return str(found)

    def command(self, key: str) -> str:
        """Return a command line that can be split into words as a shell would, or an empty text."""
        line = self.text(key)
        try:
            shlex.split(line)
        except ValueError as error:
            self.fail(key, f"cannot be split into words: {error}")
        return line

    def regex(self, key: str) -> str:
        """Return a regular expression that compiles, or an empty text."""
        pattern = self.text(key)
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            advice = r"Use single quotes, and write a backslash of a path as \\."
            self.fail(key, f"is no regular expression: {error}", advice)
        return pattern

    def url(self, key: str, *, allow_http: bool) -> str:
        """Return the address of a service without a slash at the end; its text is never shown."""
        address = self.needed(key).strip()
        parts = self._split(key, address) if address else None
        if parts is None:
            return ""
        if parts.username is not None or parts.password is not None:
            self.fail(key, "must not contain a user name or password", _SECRETS_ELSEWHERE)
        if parts.query or parts.fragment:
            self.fail(key, "must end before any '?' or '#'", _SECRETS_ELSEWHERE)
        if parts.scheme == "http" and not allow_http and not _is_loopback(parts.hostname or ""):
            self.fail(
                key,
                "http:// would send log-ins in clear; use https://",
                "If the network is trusted, put allow_http = true into this table.",
            )
        return address.rstrip("/")

    def _split(self, key: str, address: str) -> SplitResult | None:
        parts = None
        with contextlib.suppress(ValueError):  # also where the port is no number
            found = urlsplit(address)
            if found.scheme in ("https", "http") and found.hostname and found.port != 0:
                parts = found
        if parts is None or " " in address or "\\" in address:
            self.fail(key, "is no web address; one looks like https://host.example/api")
            return None
        return parts


_SECRETS_ELSEWHERE: Final = "Log-ins have keys of their own, and secrets are kept by wbtui login."


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


LARGEST: Final = 32 * 1024 * 1024
"""Bytes of a configuration: `paths` may name 100 000 files."""

_DAY: Final = 86_400
_DEEP_KEY: Final = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){100}""", re.ASCII
)
_PROFILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DOCUMENT: Final = re.compile(r"[cC]?[0-9]{1,18}")
_WINDOW: Final = re.compile(r"([0-9]{1,4})([hd])")
_COLORS: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_SECRET_KEYS: Final = frozenset(
    ("key", "apikey", "privatekey", "password", "passwd", "pwd", "secret", "token")
)  # as they read without hyphens and underscores
_ACCESS: Final = ("allow_http", "secret_command", "ca_file")
_UI: Final = ("theme", "keys", "remember_view", "details_lines", "confirm_quit", "bell", "on_done")
_PROFILE: Final = ("read_only", "danger", "downloads", "file_seconds", "on_newer", "color", *Account)
_TRANSLATOR: Final = ("url", "account", "calls_per_hour", "poll_seconds", "flex", *_ACCESS)
_FLEX: Final = ("documents", "metric", "changed", "locales", "components", "component")
_BEEBOX: Final = (
    *("url", "project", "login", "poll_seconds", "locales", "pattern", "paths", "source_dir"),
    *_ACCESS,
)
_INSTANT: Final = ("url", "account", "login", "poll_seconds", "list_minutes", "purge_days", *_ACCESS)


def config_path(override: str | None, env: Mapping[str, str]) -> Path:
    """Return where the configuration lies: `--config`, else `WBTUI_CONFIG`, else the user's own folder.

    Raises `SettingsError` where no home folder is known.
    """
    named = override or env.get("WBTUI_CONFIG", "")
    if named:
        try:
            return local_path(named)
        except SourceError as error:
            advice = "Set HOME, or write the path as one that begins with /."
            raise SettingsError(f"{sanitize(named, 300)}: {error.message}", advice=advice) from None
    try:
        folder = platformdirs.user_config_path("wbtui", appauthor=False)
    except RuntimeError:
        folder = Path("~")
    if folder.parts[0].startswith("~"):
        raise SettingsError(
            "no home folder is known, so there is no place for the configuration",
            advice="Set HOME, or name the file with --config or WBTUI_CONFIG.",
        )
    return folder / "config.toml"


def store_path(profile: str) -> Path:
    """Return where the state of a profile lies; the name is that of a `Profile`, so it is safe in a path.

    Without a home folder it is a place where nothing can lie: no folder named `~` is made in the present one.
    """
    try:
        folder = platformdirs.user_state_path("wbtui", appauthor=False)
    except RuntimeError:  # older versions return a path that begins with ~
        folder = Path("~")
    if folder.parts[0].startswith("~"):
        folder = Path(os.devnull) / "wbtui"
    return folder / f"{profile}.sqlite3"


def load(path: Path) -> Settings:
    """Read a configuration file; raises `SettingsError` naming file, table and key of the first fault."""
    return loads(read_text(path), path)


def loads(text: str, path: Path) -> Settings:
    """Return the settings that a text stands for; `path` is the file it comes from or is to become.

    Raises `SettingsError` of the first fault, which says how many more there are.
    """
    faults = Faults(path)
    settings = _settings(_parse(text, faults), faults)
    if not faults.found:
        return settings
    first, more = faults.found[0], len(faults.found) - 1
    if not more:
        raise first
    told = f"{more} more fault{'s' if more > 1 else ''}; to see all: wbtui config check"
    raise SettingsError(first.message, advice=f"{first.advice}\n{told}".strip())


def faults_of(path: Path, text: str | None = None) -> tuple[SettingsError, ...]:
    """Return all that is wrong with a configuration file, each thing with table and key; empty if nothing is.

    With `text` that is what the file is to become. What cannot be read as TOML has one fault: nobody knows
    what stands behind it.
    """
    faults = Faults(path)
    try:
        _settings(_parse(read_text(path) if text is None else text, faults), faults)
    except SettingsError as error:
        return (error,)
    return faults.found


def _settings(data: Mapping[str, object], faults: Faults) -> Settings:
    """Return what the tables say, as far as that can be told where there are faults."""
    top = Table(faults, (), data, ("default_profile", "ui", "profiles"))
    ui = top.table("ui", _UI)
    tables = top.table("profiles", None)
    names = list(tables.data) if tables else []
    found = [profile for name in names if tables and (profile := _profile(tables, name))]
    _refuse_equal_names(faults, names)
    default = top.text("default_profile")
    if default and default not in names:
        top.fail("default_profile", f"no profile {quoted(default)}; {nearest(default, names)}")
    profiles = MappingProxyType({profile.name: profile for profile in found})
    return Settings(faults.file, default, _ui(ui) if ui else UiSettings(), profiles)


def as_started(settings: Settings, *, named: str, read_only: bool) -> Settings:
    """Return the settings for one run of the program, whichever of the profiles it turns to.

    `named` is the profile that the command line or WBTUI_PROFILE names, or empty; `read_only` whether the
    run was started so.
    """
    default = settings.default_profile or (
        next(iter(settings.profiles)) if len(settings.profiles) == 1 else ""
    )
    started = ReadOnly.STARTED if read_only else ReadOnly.NO
    profiles = {
        name: replace(
            profile, read_only=profile.read_only | started, short_names=name == default and name != named
        )
        for name, profile in settings.profiles.items()
    }
    return replace(settings, profiles=MappingProxyType(profiles))


def choose_profile(settings: Settings, name: str | None) -> Profile:
    """Return the named profile, else the default one, else the only one; raises `SettingsError`."""
    wanted = name or settings.default_profile
    if not wanted and len(settings.profiles) == 1:
        return next(iter(settings.profiles.values()))
    if not settings.profiles:
        raise SettingsError(f"{settings.path}: has no profile", advice="Add one with: wbtui config init")
    known = ", ".join(sorted(settings.profiles))
    if not wanted:
        raise SettingsError(
            f"{settings.path}: several profiles and no default_profile; known: {known}",
            advice="Name one with --profile.",
        )
    if wanted not in settings.profiles:
        raise SettingsError(f"{settings.path}: no profile {quoted(wanted)}; known: {known}")
    return settings.profiles[wanted]


def _refuse_equal_names(faults: Faults, names: Iterable[str]) -> None:
    """Note two profiles that would take their secrets from the same variables."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(profile_in_variables(name), name)
        if other != name:
            variable = variable_of(name, Account.TRANSLATOR)
            faults.add(
                (),
                f"variables of {name}",
                f"profiles {quoted(other)} and {quoted(name)} would share the variable {variable}",
                "Rename one: capitals, '.', '-' and '_' make no difference in the names of variables.",
            )


def read_text(path: Path) -> str:
    """Return what a configuration file says; raises `SettingsError` if it cannot be read."""
    try:
        return read_file(path, LARGEST).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except SourceError as error:
        advice = "Write one with: wbtui config init; or look around first with: wbtui demo"
        raise SettingsError(error.message, advice=advice if nothing_at(path) else "") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}: line {line} is not UTF-8") from None


def _parse(text: str, faults: Faults) -> dict[str, object]:
    path = faults.file
    try:
        if _DEEP_KEY.search(text):  # for which the parser takes seconds, or all the memory
            raise RecursionError
        data = tomllib.loads(text)
        _refuse_secrets(faults, data)
    except RecursionError:
        raise SettingsError(f"{path}: is nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, and numbers of thousands of digits
        raise SettingsError(f"{path}: is not valid TOML: {error}") from None
    return data


def _refuse_secrets(faults: Faults, table: Mapping[str, object], *outer: str) -> None:
    for key, value in table.items():
        if isinstance(value, dict):
            _refuse_secrets(faults, value, *outer, key)
        elif re.sub("[-_]", "", key).lower() in _SECRET_KEYS:
            advice = f"Take it out, and store it with: {_login_command(outer)}"
            faults.add(outer, key, f"{key}: secrets do not belong into this file", advice)


def _login_command(outer: tuple[str, ...]) -> str:
    profile = f" --profile {dotted(outer[1])}" if len(outer) > 1 and outer[0] == "profiles" else ""
    account = f" {outer[2]}" if len(outer) > 2 and outer[2] in list(Account) else ""
    return f"wbtui login{account}{profile}"


def _ui(table: Table) -> UiSettings:
    keys = table.table("keys", None)
    return UiSettings(
        theme=table.text("theme", "auto"),
        keys=MappingProxyType({action: keys.needed(action) for action in keys.data} if keys else {}),
        remember_view=table.flag("remember_view", True),
        details_lines=table.number("details_lines", 2, 0, 20),
        confirm_quit=table.choice("confirm_quit", ConfirmQuit.DOWNLOADS),
        bell=table.flag("bell", True),
        on_done=table.command("on_done"),
    )


def _profile(tables: Table, name: str) -> Profile | None:
    if not _PROFILE_NAME.fullmatch(name):
        tables.refuse_name(name, "a profile's name has letters, digits, '.', '-' and '_' only")
    table = tables.table(name, _PROFILE)
    if table is None:
        return None
    color = table.text("color")
    if color and color not in _COLORS:
        table.fail("color", f"{quoted(color)} is not one of {', '.join(_COLORS)}")
    downloads = table.place("downloads", "~/wordbee")
    if downloads is None:
        table.fail("downloads", "is empty")
    translator = table.table(Account.TRANSLATOR, _TRANSLATOR)
    beebox = table.table(Account.BEEBOX, _BEEBOX)
    instant = table.table(Account.INSTANT, _INSTANT)
    return Profile(
        name=name,
        read_only=_read_only(table, name),
        danger=table.flag("danger", False),
        downloads=downloads or Path(),
        on_newer=table.choice("on_newer", OnNewer.KEEP_BOTH),
        file_seconds=table.number("file_seconds", 120, 5, 3600),
        translator=_translator(translator) if translator else None,
        beebox=_beebox(beebox) if beebox else None,
        instant=_instant(instant) if instant else None,
        color=color,
    )


def _read_only(table: Table, name: str) -> ReadOnly:
    if table.flag("read_only", False):
        return ReadOnly.WRITTEN
    return ReadOnly.PROD if name.lower() == "prod" and "read_only" not in table.data else ReadOnly.NO


def _translator(table: Table) -> TranslatorSettings:
    allow_http = table.flag("allow_http", False)
    url = table.url("url", allow_http=allow_http)
    flex = table.table("flex", _FLEX)
    return TranslatorSettings(
        url=url if url.endswith("/api") else f"{url}/api",
        account=table.needed("account"),
        # 50 calls of each hour are kept for the user's own actions: fewer than 60 leave next to nothing
        calls_per_hour=table.number("calls_per_hour", 500, 60, 1_000_000),
        poll_seconds=table.number("poll_seconds", 5, 2, _DAY),
        allow_http=allow_http,
        secret_command=table.command("secret_command"),
        ca_file=table.readable("ca_file"),
        flex=_flex(flex) if flex else FlexSettings(),
    )


def _flex(table: Table) -> FlexSettings:
    documents = table.texts("documents", '"1000" or "c300"', 500)
    for document in documents:
        if not _DOCUMENT.fullmatch(document):
            table.fail("documents", f'{quoted(document)} is no id; one looks like "1000" or "c300"')
    component = table.table("component", ("value", "mode"))
    return FlexSettings(
        documents=documents,
        metric=table.choice("metric", Metric.NO_ERRORS),
        changed_seconds=_window(table),
        locales=table.texts("locales", '"fr"', 500),
        components=table.texts("components", '"app.login"', 500),
        component_value=component.text("value") if component else "",
        component_mode=component.choice("mode", ComponentMode.PREFIX) if component else ComponentMode.PREFIX,
    )


def _window(table: Table) -> int:
    text = table.text("changed", "24h")
    found = _WINDOW.fullmatch(text)
    seconds = int(found[1]) * (3600 if found[2] == "h" else _DAY) if found else 0
    if not 3600 <= seconds <= 7 * _DAY:
        table.fail("changed", f'{quoted(text)} is no time from "1h" to "7d"')
    return seconds


def _beebox(table: Table) -> BeeboxSettings:
    allow_http = table.flag("allow_http", False)
    return BeeboxSettings(
        url=table.url("url", allow_http=allow_http),
        project=table.needed("project"),
        login=table.needed("login"),
        poll_seconds=table.number("poll_seconds", 60, 5, _DAY),
        locales=table.texts("locales", '"fr"', 500),
        pattern=table.regex("pattern"),
        paths=table.texts("paths", "'batch-7\\intro.docx'", 100_000),
        source_dir=table.place("source_dir"),
        allow_http=allow_http,
        secret_command=table.command("secret_command"),
        ca_file=table.readable("ca_file"),
    )


def _instant(table: Table) -> InstantSettings:
    allow_http = table.flag("allow_http", False)
    return InstantSettings(
        url=table.url("url", allow_http=allow_http),
        account=table.needed("account"),
        login=table.needed("login"),
        poll_seconds=table.number("poll_seconds", 15, 5, _DAY),
        list_minutes=table.number("list_minutes", 60, 0, 10_080),
        purge_days=table.number("purge_days", 30, 1, 3650),
        allow_http=allow_http,
        secret_command=table.command("secret_command"),
        ca_file=table.readable("ca_file"),
    )
