"""`wbtui config path|show|check|init`: where the configuration lies, what it says, and a new one."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any

from wbtui.cli.context import choice_for, named_profile, path_for, settings_for
from wbtui.cli.output import Exit, complain, data, document, error_to_json
from wbtui.config import Profile, Settings, faults_of, others_who_may_write, store_path
from wbtui.config.load import dotted
from wbtui.domain.errors import SettingsError
from wbtui.domain.model import ReadOnly
from wbtui.files.user_files import nothing_at
from wbtui.store.lock import PollerLock


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Do one of the four."""
    if arguments.action == "init":
        from wbtui.cli.config_init import init

        return init(arguments, env)
    if arguments.action == "check":
        return _check(arguments, env)
    {"path": _path, "show": _show}[arguments.action](arguments, env)
    return Exit.OK


def _path(arguments: argparse.Namespace, env: Mapping[str, str]) -> None:
    path = path_for(arguments, env)
    if not arguments.json:
        data(str(path))
        return
    exists = not nothing_at(path)
    states = _states(settings_for(arguments, env), named_profile(arguments, env)) if exists else {}
    document({"config": str(path), "exists": exists, "profiles": states})


def _states(settings: Settings, chosen: str) -> dict[str, dict[str, str]]:
    names = [name for name in settings.profiles if chosen in ("", name)]
    return {
        name: {"state": str(store_path(name)), "lock": str(PollerLock(store_path(name)).path)}
        for name in names
    }


def _check(arguments: argparse.Namespace, env: Mapping[str, str]) -> Exit:
    """Name all faults of the file, and who else may write it, which is a warning only."""
    path = path_for(arguments, env)
    warnings = others_who_may_write(path)
    for warning in warnings:
        complain(warning)
    if faults := faults_of(path):
        _tell_faults(path, faults, warnings, as_json=arguments.json)
        return Exit.USAGE
    settings = settings_for(arguments, env)
    if named_profile(arguments, env):
        choice_for(settings, arguments, env)
    found = {name: [account.value for account in p.accounts()] for name, p in settings.profiles.items()}
    if arguments.json:
        shapes = _shapes(warnings, Exit.OK)
        document({"config": str(settings.path), "ok": True, "profiles": found, "warnings": shapes})
        return Exit.OK
    data(f"{settings.path}: ok")
    for name, accounts in found.items():
        default = " (default)" if name == settings.default_profile else ""
        data(f"profile {name}{default}: {', '.join(accounts) or 'no service yet'}")
    return Exit.OK


def _tell_faults(
    path: Path, faults: Sequence[SettingsError], warnings: Sequence[SettingsError], *, as_json: bool
) -> None:
    for fault in faults:
        complain(fault)
    if as_json:
        shapes = _shapes(faults, Exit.USAGE)
        told = _shapes(warnings, Exit.OK)
        document({"config": str(path), "ok": False, "error": shapes[0], "faults": shapes, "warnings": told})


def _shapes(errors: Sequence[SettingsError], code: Exit) -> list[dict[str, str | int]]:
    return [error_to_json(error, code) for error in errors]


def _show(arguments: argparse.Namespace, env: Mapping[str, str]) -> None:
    settings = settings_for(arguments, env)
    named = named_profile(arguments, env)
    profiles = [choice_for(settings, arguments, env)] if named else list(settings.profiles.values())
    tables = tables_of(settings, profiles)
    if arguments.json:
        document(nested(tables))
        return
    data("\n\n".join(_toml(names, values) for names, values in tables.items()))


def tables_of(settings: Settings, profiles: list[Profile]) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return all settings by the tables of the file, with defaults filled in and nothing secret."""
    found: dict[tuple[str, ...], dict[str, Any]] = {(): {"default_profile": settings.default_profile}}
    ui = _values(settings.ui)
    found["ui",] = {key: value for key, value in ui.items() if key != "keys"}
    if settings.ui.keys:
        found["ui", "keys"] = dict(settings.ui.keys)
    for profile in profiles:
        place = ("profiles", profile.name)
        sections = {account.value: profile.section(account) for account in profile.accounts()}
        own = _values(profile)
        found[place] = {
            key: own[key] for key in ("read_only", "danger", "downloads", "on_newer", "file_seconds", "color")
        }
        for name, section in sections.items():
            values = _values(section)
            flex = values.pop("flex", None)
            found[*place, name] = values
            if flex is not None:
                found[*place, name, "flex"] = _flex(flex)
    return found


def _values(section: Any) -> dict[str, Any]:
    return {field.name: _shown(field.name, getattr(section, field.name)) for field in fields(section)}


def _shown(name: str, value: Any) -> Any:
    if name == "secret_command" and value:
        return f"{value.split()[0]} ..."  # its arguments may hold what must not be seen
    if isinstance(value, ReadOnly):
        return bool(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    if value is None or isinstance(value, Path):
        return str(value or "")
    return value


def _flex(flex: Any) -> dict[str, Any]:
    values = _values(flex)
    seconds = values.pop("changed_seconds")
    values["changed"] = f"{seconds // 3600}h"
    values["component"] = {"value": values.pop("component_value"), "mode": values.pop("component_mode")}
    return values


def nested(tables: Mapping[tuple[str, ...], Mapping[str, Any]]) -> dict[str, Any]:
    """Return tables as one object within the other."""
    whole: dict[str, Any] = {}
    for names, values in tables.items():
        place = whole
        for name in names:
            place = place.setdefault(name, {})
        place.update(values)
    return whole


def _toml(names: tuple[str, ...], values: Mapping[str, Any]) -> str:
    head = [f"[{dotted(*names)}]"] if names else []
    return "\n".join([*head, *(f"{dotted(key)} = {_literal(value)}" for key, value in values.items())])


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(_literal(each) for each in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_literal(each)}' for key, each in value.items())} }}"
    from wbtui.config.write import quoted_text

    return quoted_text(str(value))
