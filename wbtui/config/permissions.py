"""Who else than its user may write a configuration: it names programs that are run, and where secrets go."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from wbtui.domain.errors import SettingsError


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
