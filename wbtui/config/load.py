"""From a file to `Settings`: where it lies, who may write it, what it may hold, which profile is meant."""

from __future__ import annotations

import grp
import os
import pwd
import re
import shlex
import stat
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from wbtui.config.decode import decode
from wbtui.config.table import Faults, Table, dotted, nearest, quoted
from wbtui.config.values import Profile, Settings
from wbtui.domain.credentials import Account, profile_in_variables, variable_of
from wbtui.domain.errors import SettingsError, SourceError
from wbtui.domain.snapshot import ReadOnly
from wbtui.files.user_files import nothing_at, read_file


def others_who_may_write(path: Path) -> tuple[SettingsError, ...]:
    """Return what lets others write a configuration, or put another one in its place; never raises.

    The file and its folder have to belong to the user or to the system, and neither they nor a folder above
    may be open to others, unless files there can be replaced by their owners alone (mode 1777). A group in
    which nobody but the user is does not count.
    """
    found: list[SettingsError] = []
    try:
        real = path.resolve()
        _look_at(real, found)
        # a symbolic link can be replaced in the folder where it lies
        for folder in dict.fromkeys((*real.parents, *path.absolute().parents)):
            _look_at(folder, found, near=folder in (real.parent, path.absolute().parent))
    except (OSError, RuntimeError):  # it was there a moment ago
        return tuple(found)
    return tuple(found)


def _look_at(path: Path, found: list[SettingsError], *, near: bool = True) -> None:
    facts = path.stat()
    folder = stat.S_ISDIR(facts.st_mode)
    what = "folder" if folder else "configuration"
    if near and facts.st_uid not in (os.getuid(), 0):
        words = f"{path}: this {what} belongs to {_user(facts.st_uid)}, who may write what wbtui does"
        found.append(SettingsError(words, advice="Keep the configuration in a folder of your own."))
    if folder and facts.st_mode & stat.S_ISVTX:
        return
    if open_to := " and ".join(_open_to(facts)):
        words = f"{path}: {open_to} may write this {what}, and with it what wbtui does"
        found.append(
            SettingsError(words, advice=f"Take that right away: chmod go-w {shlex.quote(str(path))}")
        )


def _open_to(facts: os.stat_result) -> Iterator[str]:
    if facts.st_mode & stat.S_IWGRP and not _alone(facts.st_gid):
        yield f"the group {_group(facts.st_gid)}"
    if facts.st_mode & stat.S_IWOTH:
        yield "everybody"


def _alone(group: int) -> bool:
    """Return whether a group is the private one of this user, as many systems make one for each."""
    try:
        user, entry = pwd.getpwuid(os.getuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return user.pw_gid == group and entry.gr_name == user.pw_name and set(entry.gr_mem) <= {user.pw_name}


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


LARGEST: Final = 32 * 1024 * 1024
"""Bytes of a configuration: `paths` may name 100 000 files."""

_DEEP_KEY: Final = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){100}""", re.ASCII
)
_PROFILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SECRET_KEYS: Final = frozenset(
    ("key", "apikey", "privatekey", "password", "passwd", "pwd", "secret", "token")
)  # as they read without hyphens and underscores


def load(path: Path) -> Settings:
    """Read a configuration file; raises `SettingsError` naming file, table and key of the first fault."""
    return loads(read_text(path), path)


def loads(text: str, path: Path) -> Settings:
    """Return the settings in a text; `path` is the file that it comes from or will be written to.

    Raises `SettingsError` for the first fault; its advice says how many more there are.
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
    """Return everything that is wrong with a configuration file, each fault with its table and key.

    With `text`, check that in place of what the file holds. A file that is no TOML has one fault: the place
    where reading ends.
    """
    faults = Faults(path)
    try:
        _settings(_parse(read_text(path) if text is None else text, faults), faults)
    except SettingsError as error:
        return (error,)
    return faults.found


def _settings(data: Mapping[str, object], faults: Faults) -> Settings:
    """Return the settings in the tables, with defaults where something is wrong, which is noted."""
    top = Table(faults, (), data)
    settings = decode(Settings, top, path=faults.file)
    assert settings is not None
    written = data.get("profiles")
    tables = written if isinstance(written, dict) else {}
    for name in tables:
        if not _PROFILE_NAME.fullmatch(name):
            problem = f"{quoted(name)}: a profile's name has letters, digits, '.', '-' and '_' only"
            faults.add(("profiles",), name, problem)
    _refuse_equal_names(faults, tables)
    default = settings.default_profile
    if default and default not in tables:
        top.fail("default_profile", f"no profile {quoted(default)}; {nearest(default, tables)}")
    profiles = {
        name: replace(profile, read_only=ReadOnly.PROD)
        if name.lower() == "prod" and "read_only" not in tables[name]
        else profile
        for name, profile in settings.profiles.items()
    }
    return replace(settings, profiles=MappingProxyType(profiles))


def as_started(settings: Settings, *, named: str, read_only: bool) -> Settings:
    """Return the settings for one run of the program, in which any of the profiles may be opened.

    `named` is the profile that the command line or WBTUI_PROFILE names, or empty; `read_only` is whether the
    command line asks for that.
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
    """Note each pair of profiles that would take their secrets from the same variables."""
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
    """Return the text of a configuration file; raises `SettingsError` if it cannot be read."""
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
