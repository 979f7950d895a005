"""`wbtui config show|check`, and `path --json`: what the configuration says."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from wbtui.cli.chosen import choice_for, named_profile, settings_for
from wbtui.cli.exit_codes import Exit
from wbtui.cli.output import complain, data, document, error_to_json
from wbtui.cli.paths import path_for
from wbtui.config import Settings, faults_of, others_who_may_write
from wbtui.config.decode import written
from wbtui.config.table import dotted
from wbtui.domain.errors import SettingsError
from wbtui.files.places import store_path
from wbtui.files.user_files import nothing_at
from wbtui.store.lock import PollerLock

_INLINE: Final = ("component",)
"""Tables that are shown as a value of the one they are in."""


def describe_path(arguments: argparse.Namespace, env: Mapping[str, str]) -> None:
    """Say as JSON where the file and the state files lie."""
    path = path_for(arguments, env)
    exists = not nothing_at(path)
    states = _states(settings_for(arguments, env), named_profile(arguments, env)) if exists else {}
    document({"config": str(path), "exists": exists, "profiles": states})


def _states(settings: Settings, chosen: str) -> dict[str, dict[str, str]]:
    names = [name for name in settings.profiles if chosen in ("", name)]
    return {
        name: {"state": str(store_path(name)), "lock": str(PollerLock(store_path(name)).path)}
        for name in names
    }


def check(arguments: argparse.Namespace, env: Mapping[str, str]) -> Exit:
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


def show(arguments: argparse.Namespace, env: Mapping[str, str]) -> None:
    """Print the settings as they are meant, as TOML or JSON."""
    settings = settings_for(arguments, env)
    if named_profile(arguments, env):
        chosen = choice_for(settings, arguments, env)
        settings = replace(settings, profiles={chosen.name: chosen})
    tables = written(settings)
    if not settings.ui.keys:
        del tables["ui"]["keys"]
    if arguments.json:
        document(tables)
        return
    data("\n\n".join(_toml((), tables)))


def _toml(names: tuple[str, ...], values: Mapping[str, Any]) -> Iterator[str]:
    """Return a table as TOML, then those within it."""
    inner = {key for key, value in values.items() if isinstance(value, dict) and key not in _INLINE}
    lines = [f"[{dotted(*names)}]"] if names else []
    lines += [f"{dotted(key)} = {_literal(value)}" for key, value in values.items() if key not in inner]
    if names != ("profiles",):  # which holds nothing but tables
        yield "\n".join(lines)
    for key in values:
        if key in inner:
            yield from _toml((*names, key), values[key])


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
