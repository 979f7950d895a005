"""Paths on a command line: what can be none, or leads to no file, is said before anything is done."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from wbtui.domain.errors import SettingsError, SourceError
from wbtui.files.places import config_path
from wbtui.files.user_files import named, no_file, typed_path


def path_of(word: str) -> Path:
    """Return the path that a word means; raises `SettingsError`."""
    try:
        return typed_path(word)
    except SourceError as error:
        raise SettingsError(f"{named(word)}: {error.message}") from None


def file_of(word: str) -> Path:
    """Return the path of a regular file; raises `SettingsError` for anything else."""
    path = path_of(word)
    if problem := no_file(path):
        raise SettingsError(f"{named(word)}: {problem}")
    return path


def path_for(arguments: argparse.Namespace, env: Mapping[str, str]) -> Path:
    """Return where the configuration lies: `--config`, the environment, or the default place."""
    return config_path(arguments.config, env)
