"""What the command line and the environment choose: configuration, settings, profile."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from wbtui.cli.paths import path_for
from wbtui.config import Profile, Settings, as_started, choose_profile, load
from wbtui.domain.errors import SettingsError

VARIABLE = "WBTUI_PROFILE"
"""The environment variable that names the profile where the command line does not."""


def named_profile(arguments: argparse.Namespace, env: Mapping[str, str]) -> str:
    """Return the profile that is named for this run, by `--profile` or by the environment; or nothing."""
    return arguments.profile or env.get(VARIABLE, "").strip()


def settings_for(arguments: argparse.Namespace, env: Mapping[str, str]) -> Settings:
    """Return the settings for this run; raises `SettingsError`."""
    return as_started(
        load(path_for(arguments, env)),
        named=named_profile(arguments, env),
        read_only=arguments.read_only,
    )


def choice_for(settings: Settings, arguments: argparse.Namespace, env: Mapping[str, str]) -> Profile:
    """Return the profile of this run; raises `SettingsError`, and says so if the environment named it."""
    try:
        return choose_profile(settings, named_profile(arguments, env) or None)
    except SettingsError as error:
        if arguments.profile or not named_profile(arguments, env):
            raise
        failure = SettingsError(error.message, advice=f"{VARIABLE} names it; --profile goes before that.")
    raise failure


def profile_for(arguments: argparse.Namespace, env: Mapping[str, str]) -> tuple[Settings, Profile]:
    """Return settings and profile; raises `SettingsError` for a profile without any service."""
    settings = settings_for(arguments, env)
    profile = choice_for(settings, arguments, env)
    if not profile.services():
        raise SettingsError(
            f"{settings.path}: profile {profile.name} has no service",
            advice=f"Add [profiles.{profile.name}.translator], .beebox or .instant.",
        )
    return settings, profile
